import sqlite3

import pytest
from starlette.testclient import TestClient

from api.errors import STATUS
from jobs import JobsError, LeaseLost


@pytest.mark.parametrize("error", [*STATUS, sqlite3.OperationalError, PermissionError])
def test_what_goes_wrong_below_has_its_status_and_a_reason(client, queue, monkeypatch, error):
    def broken(job_id):
        raise error("the disk is full at /secret/path")

    monkeypatch.setattr(queue, "get", broken)
    answer = client.get("/api/jobs/x")
    assert answer.status_code == next(status for kind, status in STATUS.items() if issubclass(error, kind))
    assert answer.json()["detail"]
    if answer.status_code == 503:
        assert "secret" not in answer.text
        assert int(answer.headers["retry-after"]) > 0


def test_every_child_of_the_root_exception_has_a_status():
    assert {error for error in JobsError.__subclasses__()} <= set(STATUS)
    assert STATUS[LeaseLost] == 409


def test_a_broken_queue_is_logged_for_the_operator(client, queue, monkeypatch, caplog):
    def broken(job_id):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(queue, "get", broken)
    assert client.get("/api/jobs/x").status_code == 503
    assert "disk I/O error" in caplog.text


def test_a_fault_of_our_own_is_told_without_details(app, queue, monkeypatch):
    def broken(job_id):
        raise RuntimeError("secret")

    monkeypatch.setattr(queue, "get", broken)
    answer = TestClient(app, raise_server_exceptions=False).get("/api/jobs/x")
    assert answer.status_code == 500
    assert "try again" in answer.json()["detail"]
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


def test_an_unknown_route_and_a_wrong_method_are_told_as_json(client):
    assert client.get("/api/nothing").json() == {"detail": "Not Found"}
    assert client.delete("/api/jobs").status_code == 405
