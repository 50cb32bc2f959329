from datetime import timedelta

import jwt
import pytest
from fastapi import Response
from fastapi.responses import RedirectResponse
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.deps import KnownDep
from api.gate import Gate
from api.settings import ApiSettings, SignIn
from api.visitors import BROWSER_LIFE, COOKIE, Cookies, Visitor
from jobs.life import utc_now
from tests.api.conftest import cookie_by

ORDER = {"prompt": "castle underwater", "email": "visitor@example.com"}
ID = f"browser:{'k' * 22}"
PEOPLE = {"ann": {}, "boss": {"admin": True}}


def verify(token, fresh):
    return {"uid": f"uid-{token}", "firebase": {"sign_in_provider": "google.com"}, **PEOPLE[token]}


@pytest.fixture
def signing_in(settings, queue, shelf):
    gate = Gate(verify=verify, sign_in=frozenset({SignIn.GOOGLE}), admins=frozenset({"uid-boss"}))
    return TestClient(create_app(settings, queue, shelf, gate=gate))


@pytest.fixture
def cookies(queue):
    return Cookies(queue, secure=False)


def shown(cookie, **headers):
    """Headers of a request that brings this cookie."""
    return {"Cookie": f"{COOKIE}={cookie}", **headers}


def order(client, **headers):
    return client.post("/api/jobs", json=ORDER, headers=headers)


# browsers


def test_who_merely_looks_is_given_no_cookie(client, studio):
    job = studio.painted(public=True)
    paths = ["/", "/api/choices", "/api/gallery", "/api/me", "/api/me/jobs", f"/api/jobs/{job.id}"]
    answers = [client.get(path) for path in paths] + [client.delete(f"/api/gallery/{job.id}/like")]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_who_orders_is_given_a_cookie_once_and_owns_what_he_orders(client, queue):
    first, second = order(client), client.post("/generate", data={"email": "a@example.com"})
    attributes = {part.strip().lower() for part in first.headers["set-cookie"].split(";")[1:]}
    assert attributes == {"httponly", "samesite=lax", "path=/", f"max-age={int(BROWSER_LIFE.total_seconds())}"}
    assert "set-cookie" not in second.headers
    owners = {queue.get(answer.json()["id"]).owner for answer in (first, second)}
    assert len(owners) == 1 and owners.pop().startswith("browser:")


def test_two_browsers_are_two_visitors(app, queue):
    jobs = [queue.get(order(TestClient(app)).json()["id"]) for _ in range(2)]
    assert jobs[0].owner != jobs[1].owner


def test_who_likes_or_reports_is_given_a_cookie(app, studio):
    picture = f"/api/gallery/{studio.painted(public=True).id}"
    assert "set-cookie" in TestClient(app).post(f"{picture}/like").headers
    assert "set-cookie" in TestClient(app).post(f"{picture}/report", json={"reason": "other"}).headers


def test_a_refusal_brings_no_cookie(client, studio):
    answers = [client.post("/api/jobs", json={}), client.post(f"/api/gallery/{'k' * 22}/like")]
    assert [answer.status_code for answer in answers] == [422, 404]
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_an_answer_of_any_kind_brings_the_cookie(app):
    def like(visitor: KnownDep) -> RedirectResponse:
        return RedirectResponse("/gallery", 303)

    app.add_api_route("/form", like, methods=["POST"])
    assert COOKIE in TestClient(app, follow_redirects=False).post("/form").headers["set-cookie"]


@pytest.mark.parametrize(("url", "secure"), [("https://art.example.com", True), ("http://localhost:8000", False)])
def test_where_the_page_is_reached_by_https_the_cookie_goes_over_nothing_else(queue, shelf, url, secure):
    client = TestClient(create_app(ApiSettings(public_url=url), queue, shelf))
    assert ("; Secure" in order(client).headers["set-cookie"]) is secure


@pytest.mark.parametrize(
    ("site", "said", "secure"),
    [
        ("https://testserver", None, True),
        ("http://testserver", "https", True),  # as Cloud Run says it
        ("http://testserver", "https, http", True),
        ("http://testserver", "http", False),
        ("http://testserver", None, False),
    ],
)
def test_a_cookie_that_came_by_https_goes_over_nothing_else_whatever_is_set(app, cookies, site, said, secure):
    client = TestClient(app, base_url=site, headers={"X-Forwarded-Proto": said} if said else {})
    gone = client.delete("/api/me", headers=shown(cookie_by(cookies.set_browser, ID)))
    for answer in (order(client), gone):
        assert ("; Secure" in answer.headers["set-cookie"]) is secure


# accounts


def test_an_account_is_known_by_its_cookie(signing_in, cookies, queue):
    cookie = cookie_by(cookies.set_account, "uid-ann")
    assert signing_in.get("/api/me", headers=shown(cookie)).json() == {"account": True, "known": True}
    assert queue.get(order(signing_in, **shown(cookie)).json()["id"]).owner == "uid-ann"


def test_a_token_says_more_than_a_cookie(signing_in, cookies, queue):
    cookie = cookie_by(cookies.set_account, "uid-ann")
    job = order(signing_in, **shown(cookie, Authorization="Bearer boss")).json()
    assert queue.get(job["id"]).owner == "uid-boss"


def test_no_cookie_makes_an_administrator(signing_in, cookies):
    cookie = cookie_by(cookies.set_account, "uid-boss")
    assert signing_in.get("/api/admin/jobs", headers={"Authorization": "Bearer boss"}).status_code == 200
    assert signing_in.get("/api/admin/jobs", headers=shown(cookie)).status_code == 403


def test_where_nobody_signs_in_an_accounts_cookie_means_nothing(client, cookies):
    cookie = cookie_by(cookies.set_account, "uid-ann")
    assert client.get("/api/me", headers=shown(cookie)).json() == {"account": False, "known": False}


def test_a_browsers_cookie_does_not_sign_in(settings, queue, shelf, cookies):
    client = TestClient(create_app(settings, queue, shelf, gate=Gate(verify=verify, required=True)))
    cookie = cookie_by(cookies.set_browser, ID)
    assert order(client, **shown(cookie)).status_code == 401
    assert client.post("/api/start-images", headers=shown(cookie)).status_code == 401


def test_who_signs_out_is_the_browser_that_he_was_before(cookies):
    signed_in = cookies.visitor(cookie_by(cookies.set_account, "uid-ann", Visitor(ID)))
    again = cookies.visitor(cookie_by(cookies.set_account, "uid-ben", signed_in))
    assert (again.id, again.by_cookie) == ("uid-ben", True)
    assert cookies.visitor(cookie_by(cookies.sign_out, again)) == Visitor(ID)


@pytest.mark.parametrize("uid", ["", "browser:", ID])
def test_a_browser_is_no_account_and_an_account_no_browser(cookies, uid):
    with pytest.raises(ValueError):
        cookies.set_account(Response(), uid)
    with pytest.raises(ValueError):
        cookies.set_browser(Response(), "uid-ann")


def test_a_cleared_cookie_is_forgotten_by_the_browser(cookies):
    answer = Response()
    cookies.clear(answer)
    assert answer.headers["set-cookie"].startswith(f'{COOKIE}=""; ')
    assert "Max-Age=0" in answer.headers["set-cookie"] and "Path=/" in answer.headers["set-cookie"]


# hostile cookies


def signed(key, **changes):
    claims = {"sub": ID, "kind": "browser", "exp": utc_now() + timedelta(days=1), **changes}
    return jwt.encode({name: each for name, each in claims.items() if each is not None}, key, "HS256")


def test_a_cookie_is_believed_because_of_its_key_alone(cookies, queue):
    assert cookies.visitor(signed(queue.secret("cookie"))) == Visitor(ID)
    assert cookies.visitor(signed(queue.secret("another"))) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": utc_now() - timedelta(seconds=1)},
        {"exp": None},
        {"sub": None},
        {"kind": None},
        {"kind": "admin"},
        {"kind": "account"},
        {"kind": ["browser"]},
        {"sub": "uid-ann"},
        {"sub": f"{ID}k"},
        {"sub": "", "kind": "account"},
        {"sub": "k" * 2000, "kind": "account"},
    ],
    ids=str,
)
def test_a_cookie_that_we_would_not_write_is_none_even_with_our_key(cookies, queue, changes):
    assert cookies.visitor(signed(queue.secret("cookie"), **changes)) is None


def test_a_cookie_that_says_it_needs_no_signature_is_none(cookies):
    claims = {"sub": ID, "kind": "browser", "exp": utc_now() + timedelta(days=1)}
    assert cookies.visitor(jwt.encode(claims, None, "none")) is None


def test_what_was_before_an_account_is_a_browser_or_nothing(cookies, queue):
    cookie = signed(queue.secret("cookie"), sub="uid-ann", kind="account", browser="uid-boss")
    assert cookies.visitor(cookie).browser is None


BRACKETS = "W1tb" * 150  # "[[[" and so on, where a header should be


@examples(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=800) | st.text("abcW10=-_.", max_size=800) | st.just(f"{BRACKETS}.{BRACKETS}.x"))
def test_no_text_whatsoever_is_anybodys_cookie(cookies, text):
    assert cookies.visitor(text) is None


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", f"{BRACKETS}.a.b", "x" * 60_000, "é", '"', "\\303"])
def test_who_shows_a_hostile_cookie_is_given_one_of_ours(client, cookie):
    headers = {"Cookie": f"{COOKIE}={cookie}".encode()}
    assert client.get("/api/me", headers=headers).json() == {"account": False, "known": False}
    answer = client.post("/api/jobs", json=ORDER, headers=headers)
    assert (answer.status_code, COOKIE in answer.headers["set-cookie"]) == (202, True)


def test_the_key_is_read_once(cookies, queue, monkeypatch):
    cookie = cookie_by(cookies.set_browser, ID)
    monkeypatch.setattr(queue, "secret", None)
    assert cookies.visitor(cookie) == Visitor(ID)


def test_without_a_cookie_the_key_is_not_read(client, queue, monkeypatch):
    monkeypatch.setattr(queue, "secret", None)
    assert client.get("/api/gallery").status_code == 200


# other sites


@pytest.mark.parametrize("site", ["cross-site", "same-site", "another"])
def test_another_sites_form_neither_uses_nor_replaces_the_visitors_cookie(client, queue, cookies, site):
    theirs = shown(cookie_by(cookies.set_browser, ID), **{"Sec-Fetch-Site": site})
    for answer in (order(client, **theirs), client.post("/generate", data={"email": "a@b.org"}, headers=theirs)):
        assert (answer.status_code, "set-cookie" in answer.headers) == (202, False)
        assert queue.get(answer.json()["id"]).owner is None
        assert "mine" not in answer.json() or answer.json()["mine"] is False


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_changes_nothing_in_a_visitors_name(client, studio, queue, cookies, site):
    job = studio.painted(ID, public=True)
    theirs = shown(cookie_by(cookies.set_browser, ID), **{"Sec-Fetch-Site": site})
    calls = [
        ("POST", f"/api/gallery/{job.id}/like"),
        ("POST", f"/api/jobs/{job.id}/retry"),
        ("DELETE", f"/api/jobs/{job.id}"),
        ("DELETE", "/api/me"),
    ]
    answers = [client.request(method, path, headers=theirs) for method, path in calls]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 204]
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert queue.get(job.id) == job
    assert queue.gallery.exhibit(job.id).likes == 0


def test_who_follows_a_link_from_another_site_is_known(client, cookies):
    link = shown(cookie_by(cookies.set_browser, ID), **{"Sec-Fetch-Site": "cross-site"})
    assert client.get("/api/me", headers=link).json()["known"] is True


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_page_changes_what_it_likes(client, site, studio):
    picture = f"/api/gallery/{studio.painted(public=True).id}"
    assert client.post(f"{picture}/like", headers={"Sec-Fetch-Site": site}).status_code == 200


def test_a_token_may_come_from_anywhere(signing_in, queue):
    headers = {"Authorization": "Bearer ann", "Sec-Fetch-Site": "cross-site"}
    assert queue.get(order(signing_in, **headers).json()["id"]).owner == "uid-ann"
