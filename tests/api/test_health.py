import shutil

from starlette.testclient import TestClient

from api.app import create_app
from api.settings import ApiSettings
from jobs import NotOnShelf
from jobs.sqlite import SqliteQueue


def test_all_is_well_while_queue_and_shelf_answer(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_it_is_told_when_the_shelf_is_gone(client, tmp_path):
    shutil.rmtree(tmp_path / "shelf")
    assert client.get("/healthz").status_code == 503


def test_it_is_told_when_the_shelf_loses_what_it_is_given(client, shelf, monkeypatch):
    monkeypatch.setattr(shelf, "put", lambda key, data: None)

    def lost(key):
        raise NotOnShelf

    monkeypatch.setattr(shelf, "get", lost)
    assert client.get("/healthz").status_code == 503


def test_it_is_told_when_the_queue_is_closed(tmp_path, shelf):
    queue = SqliteQueue(tmp_path / "queue.sqlite3")
    client = TestClient(create_app(ApiSettings(), queue, shelf))
    assert client.get("/healthz").status_code == 200
    queue.close()
    assert client.get("/healthz").status_code == 503
