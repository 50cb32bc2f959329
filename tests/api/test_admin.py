import logging

import pytest
from starlette.testclient import TestClient

from api.admin import router
from api.app import create_app
from api.deps import only_admins
from api.gate import Account, Gate, NotSignedIn
from api.settings import SignIn
from jobs import JobNotFound, NotEnded, NotOnShelf, Status
from tests.fakes import everything_logged

CALLS = [
    ("GET", "/jobs"),
    ("GET", "/counts"),
    ("GET", "/reports"),
    ("POST", "/jobs/{id}/retry"),
    ("POST", "/jobs/{id}/cancel"),
    ("POST", "/jobs/{id}/revoke"),
    ("DELETE", "/jobs/{id}"),
]
PEOPLE = {"boss": Account("uid-boss", is_admin=True), "ann": Account("uid-ann")}


def verify(token, fresh):
    if token not in PEOPLE:
        raise NotSignedIn("Who?")
    account = PEOPLE[token]
    return {"uid": account.uid, "admin": account.is_admin, "firebase": {"sign_in_provider": "google.com"}}


@pytest.fixture
def app(settings, queue, shelf):
    gate = Gate(verify=verify, sign_in=frozenset({SignIn.GOOGLE}), admins=frozenset({"uid-boss"}))
    return create_app(settings, queue, shelf, gate=gate)


@pytest.fixture
def call(app):
    """A call to /api/admin as somebody."""
    client = TestClient(app)

    def call(method, path, name="boss", **options):
        headers = {"Authorization": f"Bearer {name}"} if name else {}
        return client.request(method, f"/api/admin{path}", headers=headers, **options)

    return call


# who may


def test_every_route_of_the_administration_is_tried_here(app):
    paths = TestClient(app).get("/openapi.json").json()["paths"]
    found = {(method.upper(), path) for path, methods in paths.items() if "admin" in path for method in methods}
    assert found == {(method, "/api/admin" + path.replace("{id}", "{job_id}")) for method, path in CALLS}


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(("name", "status"), [(None, 401), ("mallory", 401), ("ann", 403)])
def test_nobody_but_administrators_is_let_in(call, studio, queue, method, path, name, status):
    job = studio.painted()
    answer = call(method, path.format(id=job.id), name)
    assert answer.status_code == status
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert queue.get(job.id) == job


def test_a_route_that_forgets_to_ask_who_calls_is_guarded_by_its_router():
    assert only_admins in [each.dependency for each in router.dependencies]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_without_signing_in_there_is_no_administration(settings, queue, shelf, studio, method, path):
    job = studio.painted()
    for gate in (None, Gate(attest=lambda token: None)):
        client = TestClient(create_app(settings, queue, shelf, gate=gate))
        answer = client.request(method, "/api/admin" + path.format(id=job.id), headers={"Authorization": "Bearer boss"})
        assert answer.status_code == 404


@pytest.mark.parametrize(("method", "path"), CALLS[3:])
@pytest.mark.parametrize("id", ["q6Zr0f3m1hXcW9bT2sLk8A", "none", "a%0Aaction=forged", "..%2F..%2Fetc"])
def test_what_is_no_job_is_not_found_and_forges_no_line_in_the_log(call, caplog, method, path, id):
    caplog.set_level(logging.INFO, logger="api")
    assert call(method, path.format(id=id)).status_code == 404
    assert "forged" not in everything_logged(caplog)


# what they see


def test_all_jobs_are_listed_newest_first_page_by_page_with_the_address_masked(call, queue, studio):
    jobs = [queue.put(studio.order(public=False).order, owner=f"uid-{n}") for n in range(2)]
    first = call("GET", "/jobs?limit=3").json()
    second = call("GET", "/jobs", params={"limit": 3, "before": first["next"]}).json()
    assert [len(first["jobs"]), len(second["jobs"]), second["next"]] == [3, 1, None]
    assert first["jobs"][0]["id"] == jobs[1].id
    assert first["jobs"][0]["owner"] == "uid-1"
    assert not {"position", "eta_s", "mine"} & set(first["jobs"][0])
    assert {job["address"] for job in first["jobs"] + second["jobs"]} == {"c…@e…com"}


def test_jobs_in_one_state_are_listed_alone(call, studio):
    done = studio.painted()
    studio.order()
    assert [job["id"] for job in call("GET", "/jobs?status=done").json()["jobs"]] == [done.id]
    assert call("GET", "/jobs?status=lost").status_code == 422


def test_no_answer_tells_an_address(call, studio):
    done = studio.painted()
    answers = [call(method, path.format(id=done.id)) for method, path in CALLS]
    assert [answer.status_code for answer in answers] == [200] * 6 + [204]
    assert "canary" not in "".join(answer.text for answer in answers)


def test_jobs_are_counted_and_how_long_the_oldest_waits_is_told(call, studio):
    assert call("GET", "/counts").json()["waiting_since"] is None
    studio.painted()
    waiting = studio.order()
    counts = call("GET", "/counts").json()
    assert {status: counts[status] for status in Status} == {**dict.fromkeys(Status, 0), "done": 1, "queued": 1}
    assert counts["waiting_since"] == waiting.created_at.isoformat().replace("+00:00", "Z")


def test_what_visitors_reported_is_told_the_most_reported_first_while_it_hangs(call, queue, studio):
    studio.painted(public=True)
    once, twice, hidden = (studio.painted(public=True) for _ in range(3))
    said = [(once, "ann", "other"), (twice, "ann", "rights"), (twice, "ben", "rights"), (hidden, "ann", "other")]
    for job, visitor, reason in said:
        queue.gallery.report(job.id, visitor, reason)
    queue.revoke(hidden.id)
    answer = call("GET", "/reports")
    told = [(report["picture"]["id"], report["reasons"]) for report in answer.json()["reports"]]
    assert told == [(twice.id, {"rights": 2}), (once.id, {"other": 1})]
    assert "ann" not in answer.text
    assert len(call("GET", "/reports?limit=1").json()["reports"]) == 1


# what they do


def test_a_failed_job_is_queued_again(call, queue, studio):
    studio.order()
    failed = queue.fail(studio.begin(), "The painter stumbled.")
    answer = call("POST", f"/jobs/{failed.id}/retry")
    assert (answer.json()["status"], answer.json()["error"]) == ("queued", None)
    assert queue.get(failed.id).status is Status.QUEUED


def test_a_running_job_is_taken_back(call, queue, studio):
    job = queue.put(studio.order().order, owner="uid-ann")
    assert call("POST", f"/jobs/{job.id}/cancel").json()["status"] == "cancelled"
    assert queue.get(job.id).status is Status.CANCELLED


def test_a_public_picture_is_hidden(call, app, studio):
    job = studio.painted(public=True)
    assert call("POST", f"/jobs/{job.id}/revoke").json()["revoked_at"] is not None
    assert TestClient(app).get("/api/gallery").json()["jobs"] == []


def test_a_job_is_deleted_with_its_files(call, queue, shelf, studio):
    job = studio.painted()
    assert call("DELETE", f"/jobs/{job.id}").status_code == 204
    for key in job.files.model_dump(exclude_none=True).values():
        with pytest.raises(NotOnShelf):
            shelf.get(key)
    with pytest.raises(JobNotFound):
        queue.get(job.id)


def test_a_job_at_work_is_not_deleted_and_keeps_its_files(call, queue, shelf, studio):
    studio.order()
    claim = studio.begin()
    studio.report(claim, 10)
    preview = queue.get(claim.job.id).progress.preview
    answer = call("DELETE", f"/jobs/{claim.job.id}")
    assert (answer.status_code, answer.json()["detail"]) == (409, str(NotEnded()))
    assert shelf.get(preview)


def test_a_job_whose_files_cannot_be_removed_is_not_forgotten(call, queue, shelf, studio, monkeypatch):
    job = studio.painted()

    def clear(id):
        raise OSError("read-only file system")

    monkeypatch.setattr(shelf, "clear", clear)
    assert call("DELETE", f"/jobs/{job.id}").status_code == 503
    assert queue.get(job.id) == job


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_action_is_logged_with_who_did_it_to_what(call, studio, caplog, method, path):
    caplog.set_level(logging.INFO, logger="api.admin")
    job = studio.painted()
    call(method, path.format(id=job.id))
    [record] = [record for record in caplog.records if record.name == "api.admin"]
    assert record.account == "uid-boss"
    assert ("{id}" not in path) or record.job == job.id
    assert "canary" not in everything_logged(caplog) and "castle" not in everything_logged(caplog)
