import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.gate import CannotTell, Gate
from api.settings import SignIn
from api.visitors import COOKIE, Visitor
from jobs import JobNotFound, LeaseLost, NotOnShelf, Progress
from tests.api.conftest import cookie_by, cookie_given

ORDER = {"prompt": "castle underwater", "email": "visitor@example.com"}
ANN = {"Authorization": "Bearer ann"}


def verify(token, fresh):
    return {"uid": f"uid-{token}", "firebase": {"sign_in_provider": "google.com"}}


@pytest.fixture
def removed():
    """The accounts that were deleted."""
    return []


@pytest.fixture
def signing_in(settings, queue, shelf, removed):
    gate = Gate(verify=verify, delete=removed.append, sign_in=frozenset({SignIn.GOOGLE}))
    return TestClient(create_app(settings, queue, shelf, gate=gate))


def own(client, headers=None, **query):
    answer = client.get("/api/me/jobs", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_browser_is_known_once_it_has_ordered(client):
    assert client.get("/api/me").json() == {"account": False, "known": False}
    client.post("/api/jobs", json=ORDER)
    assert client.get("/api/me").json() == {"account": False, "known": True}


def test_who_signed_in_has_an_account(signing_in):
    assert signing_in.get("/api/me", headers=ANN).json() == {"account": True, "known": True}


def test_ones_own_jobs_are_listed_newest_first_page_by_page_private_ones_too(client):
    ordered = [client.post("/api/jobs", json=ORDER | {"public": public}).json() for public in (True, False, False)]
    first = own(client, limit=2)
    second = own(client, limit=2, before=first["next"])
    assert [job["id"] for job in first["jobs"] + second["jobs"]] == [job["id"] for job in ordered[::-1]]
    assert second["next"] is None
    assert first["jobs"][0] == ordered[2] | {"mine": True}


def test_nobody_sees_anothers_jobs(client, signing_in, studio):
    client.post("/api/jobs", json=ORDER)
    studio.order("uid-ann")
    assert own(TestClient(client.app)) == {"jobs": [], "next": None}
    assert own(signing_in) == {"jobs": [], "next": None}
    assert len(own(signing_in, ANN)["jobs"]) == 1


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 49}, {"before": "x"}, {"before": "0001-01-01T00:00:00+14:00"}]
)
def test_a_bad_query_is_refused_by_field(client, query):
    answer = client.get("/api/me/jobs", params=query)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["detail"]] == list(query)


# being forgotten


def test_who_wants_to_be_forgotten_leaves_nothing_behind(client, studio, queue, shelf):
    start = f"{'s' * 22}/start.png"
    shelf.put(start, b"somebody's face")
    picture, others = studio.painted(public=True), studio.painted()
    client.post(f"/api/gallery/{picture.id}/like")
    client.post(f"/api/gallery/{picture.id}/report", json={"reason": "other"})
    done = client.post("/api/jobs", json=ORDER | {"start_image": start, "public": True}).json()["id"]
    files = studio.finish(studio.begin()).files
    running = client.post("/api/jobs", json=ORDER).json()["id"]
    claim = studio.begin()

    answer = client.delete("/api/me")

    assert (answer.status_code, answer.content) == (204, b"")
    for job_id in (done, running):
        with pytest.raises(JobNotFound):
            queue.get(job_id)
    for key in (start, files.picture, files.film):
        with pytest.raises(NotOnShelf):
            shelf.get(key)
    with pytest.raises(JobNotFound):
        queue.gallery.exhibit(done)
    with pytest.raises(LeaseLost):
        queue.heartbeat(claim, 60, Progress(step=1, of=2, score=0.1))
    assert queue.gallery.exhibit(picture.id).likes == 0
    assert queue.gallery.reports(10) == []
    assert queue.get(others.id) == others
    assert COOKIE not in client.cookies
    assert client.get("/api/me").json() == {"account": False, "known": False}


def test_an_account_is_deleted_after_its_jobs(signing_in, studio, queue, removed):
    job = studio.painted("uid-ann")
    assert signing_in.delete("/api/me", headers=ANN).status_code == 204
    assert removed == ["uid-ann"]
    with pytest.raises(JobNotFound):
        queue.get(job.id)


def test_where_the_account_cannot_be_deleted_one_is_told_and_may_try_again(settings, queue, shelf):
    def delete(uid):
        raise CannotTell

    gate = Gate(verify=verify, delete=delete, sign_in=frozenset({SignIn.GOOGLE}))
    client = TestClient(create_app(settings, queue, shelf, gate=gate))
    answer = client.delete("/api/me", headers=ANN)
    assert (answer.status_code, "set-cookie" in answer.headers) == (503, False)


def test_a_browser_of_before_is_known_again_when_its_account_is_deleted(signing_in, studio):
    cookies = signing_in.app.state.cookies
    browser = Visitor(f"browser:{'k' * 22}")
    mine, accounts = studio.painted(browser.id), studio.painted("uid-ann")
    signing_in.cookies.set(COOKIE, cookie_by(cookies.set_account, "uid-ann", browser))
    assert [job["id"] for job in own(signing_in)["jobs"]] == [accounts.id]
    answer = signing_in.delete("/api/me")
    assert cookies.visitor(cookie_given(answer)) == browser
    assert [job["id"] for job in own(signing_in)["jobs"]] == [mine.id]


def test_a_stranger_has_nothing_to_be_forgotten(client, studio, queue):
    job = studio.painted(public=True)
    answer = client.delete("/api/me")
    assert (answer.status_code, "set-cookie" in answer.headers) == (204, False)
    assert queue.get(job.id) == job
