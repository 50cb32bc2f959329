import shutil

from starlette.testclient import TestClient

from api.app import create_app
from api.health import FRESH_S, Readiness
from api.settings import ApiSettings
from jobs import NotOnShelf, Unavailable
from jobs.sqlite import SqliteQueue
from tests.fakes import Clock


def test_all_is_well_while_queue_and_shelf_answer(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_it_can_be_asked_again_and_again_and_keeps_one_file(client, tmp_path):
    assert [client.get("/readyz").status_code for _ in range(3)] == [200] * 3
    assert len([path for path in (tmp_path / "shelf").rglob("*") if path.is_file()]) == 1


def test_it_is_told_when_the_store_is_unavailable(client, shelf, monkeypatch):
    def unavailable(key, data, replace):
        raise Unavailable

    monkeypatch.setattr(shelf, "put", unavailable)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json() == {"detail": "Does not answer: shelf."}


def test_it_is_told_when_the_shelf_is_gone(client, tmp_path):
    shutil.rmtree(tmp_path / "shelf")
    assert client.get("/readyz").status_code == 503


def test_it_is_told_when_the_shelf_loses_what_it_is_given(client, shelf, monkeypatch):
    monkeypatch.setattr(shelf, "put", lambda key, data, replace: None)

    def lost(key):
        raise NotOnShelf

    monkeypatch.setattr(shelf, "get", lost)
    assert client.get("/readyz").status_code == 503


def test_it_is_told_when_the_queue_is_closed(tmp_path, shelf):
    queue = SqliteQueue(tmp_path / "queue.sqlite3")
    queue.close()
    client = TestClient(create_app(ApiSettings(), queue, shelf))
    assert client.get("/readyz").json() == {"detail": "Does not answer: queue."}


def test_life_does_not_depend_on_the_store(client, tmp_path):
    shutil.rmtree(tmp_path / "shelf")
    assert client.get("/healthz").status_code == 200


def test_however_often_it_is_asked_the_store_is_looked_at_every_few_seconds(queue, shelf, monkeypatch):
    clock, looks = Clock(now=0.0), []
    readiness = Readiness(queue, shelf, clock)
    monkeypatch.setattr(shelf, "put", lambda key, data, replace: looks.append(clock.now))
    monkeypatch.setattr(shelf, "get", lambda key: b"ok")
    for clock.now in (0.0, 1.0, FRESH_S - 0.1, FRESH_S, 2 * FRESH_S - 0.1):
        assert readiness.silent() == []
    assert looks == [0.0, FRESH_S]


def test_who_asks_while_another_looks_hears_the_last_answer_and_does_not_wait(queue, shelf, monkeypatch):
    clock, heard = Clock(now=0.0), []
    readiness = Readiness(queue, shelf, clock)
    assert readiness.silent() == []
    clock.now = FRESH_S
    monkeypatch.setattr(shelf, "put", lambda key, data, replace: heard.append(readiness.silent()))
    readiness.silent()
    assert heard == [[]]
