"""Signing in on our page: with Firebase's own Auth emulator, and Google played by a stand-in."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
import pytest
import requests
from firebase_admin import auth
from starlette.testclient import TestClient

from api.app import create_app
from api.gate import open_gate
from api.providers import Toolkit
from api.settings import ApiSettings
from tests.fakes import everything_logged
from tests.google_keys import firebase_app
from tests.google_sign_in import CLIENT, SECRET, google_sign_in

SITE = "http://testserver"
FOREIGN = {"Sec-Fetch-Site": "cross-site"}
BOTH_WAYS = {
    "auth": "optional",
    "public_url": SITE,
    "firebase_api_key": "any",
    "google_client_id": CLIENT,
    "google_client_secret": SECRET,
}


@pytest.fixture
def people(auth_emulator, monkeypatch):
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", auth_emulator.host)
    return auth_emulator


@pytest.fixture
def google():
    with google_sign_in() as google:
        yield google


@pytest.fixture
def firebase(request):
    with firebase_app(request.node.name) as app:
        yield app


class Moving:
    """A clock that goes when it is told to."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def moving():
    return Moving()


@pytest.fixture
def open_site(people, google, firebase, queue, shelf, moving):
    """The API with these settings; each call of what it gives is another browser."""

    def open_site(toolkit=None, **settings):
        settings = ApiSettings(**(BOTH_WAYS | settings))
        gate = open_gate(settings, firebase)
        if gate is not None and gate.google is not None:
            ends = {"authorize_url": f"{google.url}/auth", "token_url": f"{google.url}/token"}
            gate = replace(gate, google=replace(gate.google, **ends))
        if toolkit is not None:
            gate = replace(gate, toolkit=toolkit)
        app = create_app(settings, queue, shelf, gate=gate, clock=moving)
        return lambda: TestClient(app, follow_redirects=False)

    return open_site


@pytest.fixture
def browser(open_site):
    return open_site()()


def ask_for_link(browser, email):
    return browser.post("/sign-in/email", data={"email": email})


def open_link(browser, link):
    """Follow a mailed link by way of Firebase's own page; gives the answer of ours."""
    sent = requests.get(link, allow_redirects=False, timeout=10)
    assert sent.headers["Location"].startswith(f"{SITE}/sign-in/link?")
    return browser.get(sent.headers["Location"].removeprefix(SITE))


def ticket_in(link):
    (leading_to,) = parse_qs(urlsplit(link).query)["continueUrl"]
    (ticket,) = parse_qs(urlsplit(leading_to).query)["ticket"]
    return ticket


def form(page):
    """What the page's hidden fields would send."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))


def by_mail(browser, people, email):
    assert ask_for_link(browser, email).status_code == 200
    page = open_link(browser, people.links_to(email)[-1])
    return browser.post("/sign-in/link", data=form(page))


def to_google(browser):
    """Where Google sends the browser back to, as a path."""
    sent = browser.get("/sign-in/google")
    assert sent.status_code == 302, sent.text
    back = requests.get(sent.headers["Location"], allow_redirects=False, timeout=10).headers["Location"]
    assert back.startswith(f"{SITE}/sign-in/google/return?")
    return back.removeprefix(SITE)


def by_google(browser):
    return browser.get(to_google(browser))


def whose(browser):
    return browser.get("/api/me").json()


def uid(browser):
    return jwt.decode(browser.cookies["__session"], options={"verify_signature": False})["sub"]


def email_of(browser, firebase):
    return auth.get_user(uid(browser), firebase).email


def assert_in(answer):
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mine"), answer.text


def assert_refused(answer, words, status=403):
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "You are not signed in." in answer.text
    assert words in answer.text


# by a mailed link


def test_who_opens_the_link_and_presses_the_button_is_signed_in(browser, people, firebase):
    assert ask_for_link(browser, " Eve@Example.com ").status_code == 200
    page = open_link(browser, people.links_to("eve@example.com")[-1])
    assert whose(browser)["account"] is False, "a mail program that follows links signs nobody in"
    assert "@" not in page.text.replace("you@example.org", "")
    assert_in(browser.post("/sign-in/link", data=form(page)))
    assert whose(browser) == {"account": True, "known": True}
    assert email_of(browser, firebase) == "eve@example.com"


def test_on_another_device_the_address_is_asked_for(open_site, people, firebase):
    site = open_site()
    ask_for_link(site(), "fay@example.com")
    other = site()
    page = open_link(other, people.links_to("fay@example.com")[-1])
    assert 'type="email"' in page.text
    again = other.post("/sign-in/link", data=form(page))
    assert again.status_code == 422 and "one whole address" in again.text
    assert_in(other.post("/sign-in/link", data={**form(again), "email": "fay@example.com"}))
    assert email_of(other, firebase) == "fay@example.com"


def test_a_strangers_link_signs_nobody_in_as_the_stranger(open_site, people):
    site = open_site()
    ask_for_link(site(), "mallory@example.com")
    victim = site()
    page = open_link(victim, people.links_to("mallory@example.com")[-1])
    assert victim.post("/sign-in/link", data=form(page)).status_code == 422
    assert_refused(
        victim.post("/sign-in/link", data={**form(page), "email": "vic@example.com"}), "not sent to that address"
    )
    assert whose(victim)["account"] is False


def test_the_link_works_once(browser, people):
    ask_for_link(browser, "gus@example.com")
    page = open_link(browser, people.links_to("gus@example.com")[-1])
    assert_in(browser.post("/sign-in/link", data=form(page)))
    browser.post("/sign-out")
    answer = browser.post("/sign-in/link", data={**form(page), "email": "gus@example.com"})
    assert_refused(answer, "used already, or it is too old")


def test_after_an_hour_the_address_is_asked_for_again(browser, people, moving):
    ask_for_link(browser, "hal@example.com")
    moving.now += timedelta(hours=1, seconds=5)
    page = open_link(browser, people.links_to("hal@example.com")[-1])
    assert 'type="email"' in page.text


def test_nobody_is_told_whether_there_is_an_account(browser, people, firebase):
    people.sign_in_by_link("known@example.com")
    disabled = auth.get_user_by_email("known@example.com", firebase).uid
    answers = [ask_for_link(browser, email) for email in ("known@example.com", "unknown@example.com")]
    auth.update_user(disabled, disabled=True, app=firebase)
    answers.append(ask_for_link(browser, "known@example.com"))
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}


@pytest.mark.parametrize("code", ["USER_DISABLED", "EMAIL_NOT_FOUND", "ADMIN_ONLY_OPERATION"])
def test_what_firebase_says_of_an_account_is_not_passed_on_to_who_asks_for_a_link(open_site, google, code):
    google.answer = (400, b'{"error": {"message": "%s"}}' % code.encode())
    browser = open_site(toolkit=Toolkit("any", google.url))()
    assert "Look into your mail." in ask_for_link(browser, "canary@example.com").text


def test_a_disabled_account_is_told_so_once_its_owner_opened_the_link(browser, people, firebase):
    people.sign_in_by_link("ida@example.com")
    auth.update_user(auth.get_user_by_email("ida@example.com", firebase).uid, disabled=True, app=firebase)
    assert_refused(by_mail(browser, people, "ida@example.com"), "disabled")


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", "x" * 300 + "@example.com", "<script>@example.com"])
def test_what_is_no_address_is_told_in_place_and_not_repeated(browser, people, email):
    answer = ask_for_link(browser, email)
    assert answer.status_code == 422
    assert "one whole address" in answer.text
    assert not email or email not in answer.text
    assert "__session" not in browser.cookies


def test_a_link_that_is_not_whole_is_told(browser):
    assert_refused(browser.get("/sign-in/link"), "not whole", 400)
    assert_refused(browser.post("/sign-in/link", data={"email": "a@example.com"}), "not whole", 400)


# at Google


def test_who_consents_at_google_is_signed_in(browser, google, firebase):
    google.email = "ann@example.com"
    assert_in(by_google(browser))
    assert whose(browser) == {"account": True, "known": True}
    assert email_of(browser, firebase) == "ann@example.com"


def test_both_ways_lead_to_one_account(browser, people, google):
    google.email = "kim@example.com"
    by_google(browser)
    by_googles_word = uid(browser)
    browser.post("/sign-out")
    assert_in(by_mail(browser, people, "kim@example.com"))
    assert uid(browser) == by_googles_word


def test_google_is_told_digests_and_no_secrets(browser):
    query = dict(parse_qsl(urlsplit(browser.get("/sign-in/google").headers["Location"]).query))
    assert query["redirect_uri"] == f"{SITE}/sign-in/google/return"
    assert SECRET not in str(query)
    again = dict(parse_qsl(urlsplit(browser.get("/sign-in/google").headers["Location"]).query))
    assert all(query[name] != again[name] for name in ("state", "nonce", "code_challenge"))


def test_who_does_not_consent_is_not_signed_in(browser, google):
    google.consents = False
    assert_refused(by_google(browser), "Google did not sign you in")
    assert whose(browser)["account"] is False


@pytest.mark.parametrize("state", ["", "forged", "gAAAAA" + "A" * 90, "é", None])
def test_a_state_that_is_not_ours_is_refused_before_google_is_asked(browser, google, state):
    query = parse_qs(urlsplit(to_google(browser)).query)
    query["state"] = [state] if state is not None else []
    assert_refused(browser.get(f"/sign-in/google/return?{urlencode(query, doseq=True)}"), "another browser")
    assert google.granted, "the code was not used"


def test_the_state_of_another_browser_is_refused(open_site, google):
    site = open_site()
    mallory, victim = site(), site()
    victim.get("/sign-in/google")
    assert_refused(victim.get(to_google(mallory)), "another browser")
    assert_refused(site().get(to_google(mallory)), "another browser")
    assert whose(victim)["account"] is False
    assert len(google.granted) == 2, "no code was used"


def test_a_mails_ticket_is_no_state(browser, people):
    ask_for_link(browser, "lea@example.com")
    ticket = parse_qs(
        urlsplit(parse_qs(urlsplit(people.links_to("lea@example.com")[-1]).query)["continueUrl"][0]).query
    )
    query = urlencode({"state": ticket["ticket"][0], "code": "4/x"})
    assert_refused(browser.get(f"/sign-in/google/return?{query}"), "another browser")


def test_who_takes_too_long_begins_again(browser, moving):
    back = to_google(browser)
    moving.now += timedelta(hours=1, seconds=5)
    assert_refused(browser.get(back), "too long ago")


def test_a_code_works_once(browser):
    back = to_google(browser)
    assert_in(browser.get(back))
    browser.post("/sign-out")
    assert_refused(browser.get(back), "used already, or it is too old")
    assert whose(browser)["account"] is False


def test_a_code_is_of_use_only_with_the_state_that_it_was_given_for(browser, google):
    """As when somebody slips his own code into a visitor's return."""
    query = dict(parse_qsl(urlsplit(to_google(browser)).query))
    other = dict(parse_qsl(urlsplit(to_google(browser)).query))
    mixed = urlencode({**query, "code": other["code"]})
    assert_refused(browser.get(f"/sign-in/google/return?{mixed}"), "used already, or it is too old")


@pytest.mark.parametrize(
    "lies", [{"nonce": "theirs"}, {"nonce": None}, {"aud": "another client"}, {"iss": "https://evil.example"}], ids=str
)
def test_an_id_token_that_was_not_made_for_this_attempt_is_refused(browser, google, lies):
    google.lies = lies
    assert_refused(by_google(browser), "not valid here")
    assert whose(browser)["account"] is False


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"),
        (302, b"{}"),
        (200, b"<html>"),
        (200, b"[" * 60_000),
        (200, b'{"id_token": 1}'),
        (200, b'"' + b"x" * 70_000 + b'"'),
        (400, b'{"error": "redirect_uri_mismatch"}'),
        (401, b'{"error": "invalid_client"}'),
    ],
    ids=lambda answer: f"{answer[0]} {answer[1][:30]!r}",
)
def test_when_google_answers_otherwise_the_visitor_may_try_again(browser, google, caplog, answer):
    google.answer = answer
    refusal = by_google(browser)
    assert_refused(refusal, "cannot be checked just now", 503)
    assert refusal.headers["Retry-After"] == "10"
    assert [record.message for record in caplog.records if record.name == "api.providers"] == ["sign-in-unavailable"]


def test_an_id_token_that_is_none_is_refused(browser, google):
    google.answer = (200, b'{"id_token": "canary"}')
    assert_refused(by_google(browser), "not valid here")


def test_the_client_secret_is_what_google_knows(open_site):
    assert_refused(by_google(open_site(google_client_secret="guessed")()), "cannot be checked just now", 503)


# what is not configured


@pytest.mark.parametrize(
    ("settings", "offered"),
    [
        ({}, {"google", "email"}),
        ({"google_client_id": None, "google_client_secret": None}, {"email"}),
        ({"sign_in": "google"}, {"google"}),
        ({"sign_in": "email,anonymous"}, {"email"}),
        ({"firebase_api_key": None}, set()),
        ({"auth": "off"}, set()),
    ],
    ids=str,
)
def test_the_page_offers_the_ways_that_are_configured_and_no_other_works(open_site, settings, offered):
    browser = open_site(**settings)()
    page = browser.get("/sign-in")
    assert page.status_code == (200 if offered else 404)
    assert ('action="/sign-in/email"' in page.text, 'href="/sign-in/google"' in page.text) == (
        "email" in offered,
        "google" in offered,
    )
    said = browser.get("/api/choices").json()["sign_in"]
    assert (set(said["ways"]) if said else set()) == offered
    assert ask_for_link(browser, "moe@example.com").status_code == (200 if "email" in offered else 404)
    assert browser.get("/sign-in/link?oobCode=x").status_code == (200 if "email" in offered else 404)
    google = 302 if "google" in offered else 404
    assert browser.get("/sign-in/google").status_code == google
    assert browser.get("/sign-in/google/return").status_code == (403 if "google" in offered else 404)


def test_when_firebase_does_not_answer_the_visitor_may_try_again(open_site):
    browser = open_site(toolkit=Toolkit("any", "http://127.0.0.1:9"))()
    refusal = ask_for_link(browser, "ned@example.com")
    assert_refused(refusal, "cannot be checked just now", 503)
    assert "__session" not in browser.cookies


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        ("TOO_MANY_ATTEMPTS_TRY_LATER : Many.", "Too many people", 503),
        ("OPERATION_NOT_ALLOWED : no link sign-in", "cannot be checked just now", 503),
        ("UNAUTHORIZED_DOMAIN : Domain not whitelisted", "cannot be checked just now", 503),
        ("INVALID_EMAIL", "not sent to that address", 403),
    ],
)
def test_what_firebase_refuses_is_told_in_our_words(open_site, google, caplog, code, words, status):
    google.answer = (400, b'{"error": {"code": 400, "message": "%s"}}' % code.encode())
    browser = open_site(toolkit=Toolkit("any", google.url))()
    refusal = ask_for_link(browser, "canary@example.com")
    assert_refused(refusal, words, status)
    assert ("Retry-After" in refusal.headers) is (status == 503)
    assert "canary" not in everything_logged(caplog)


def test_an_account_that_needs_more_than_this_is_not_signed_in(open_site, google):
    """As one with a second factor, for which Firebase gives no ID token yet."""
    google.answer = (200, b'{"mfaPendingCredential": "x"}')
    browser = open_site(toolkit=Toolkit("any", google.url))()
    answer = browser.post("/sign-in/link", data={"code": "x", "email": "a@example.com"})
    assert_refused(answer, "cannot be checked just now", 503)


# whoever is in


def test_where_signing_in_is_required_an_order_without_it_is_refused_in_words(open_site, people, queue):
    browser = open_site(auth="required")()
    order = {"prompt": "castle underwater", "email": "canary@example.com"}
    refused = browser.post("/api/jobs", json=order)
    assert (refused.status_code, refused.json()) == (401, {"detail": "Please sign in first."})
    assert browser.get("/api/choices").json()["sign_in"] == {"ways": ["google", "email"], "required": True}
    assert_in(by_mail(browser, people, "ola@example.com"))
    job = browser.post("/api/jobs", json=order)
    assert job.status_code == 202, job.text
    assert queue.get(job.json()["id"]).owner == uid(browser)


def test_signing_out_gives_back_the_browser_that_was_there_before(browser, people):
    ask_for_link(browser, "pam@example.com")
    before = uid(browser)
    assert before.startswith("browser:")
    by_mail(browser, people, "pam@example.com")
    assert uid(browser) != before
    assert browser.get("/sign-in").text.count("/sign-out") == 1
    assert_in(browser.post("/sign-out"))
    assert uid(browser) == before


def test_an_administrator_is_none_by_cookie(open_site, people, firebase):
    people.sign_in_by_link("boss@example.com")
    boss = auth.get_user_by_email("boss@example.com", firebase).uid
    auth.set_custom_user_claims(boss, {"admin": True}, firebase)
    browser = open_site(admins=boss)()
    assert_in(by_mail(browser, people, "boss@example.com"))
    assert browser.get("/api/admin/counts").status_code == 403
    token = people.sign_in_by_link("boss@example.com")
    assert browser.get("/api/admin/counts", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    auth.delete_user(boss, firebase)


def test_deleting_my_data_deletes_the_account_and_signs_out(browser, people, firebase, queue):
    by_mail(browser, people, "quin@example.com")
    account = uid(browser)
    browser.post("/api/jobs", json={"prompt": "a kite", "email": "quin@example.com"})
    assert browser.delete("/api/me").status_code == 204
    with pytest.raises(auth.UserNotFoundError):
        auth.get_user(account, firebase)
    assert queue.list_owned(account, 1) == []
    assert whose(browser)["account"] is False


def test_the_cookie_of_a_deleted_account_orders_nothing_and_is_taken_away(browser, people, firebase, queue):
    by_mail(browser, people, "ray@example.com")
    auth.delete_user(uid(browser), firebase)
    refused = browser.post("/api/jobs", json={"prompt": "a kite", "email": "ray@example.com"})
    assert (refused.status_code, refused.json()["detail"]) == (
        401,
        "Your account is no longer there; please sign in again.",
    )
    assert queue.list_jobs(1) == []
    page = browser.get("/mine")
    assert page.status_code == 403 and "Your account is closed." in page.text
    assert whose(browser)["account"] is False
    assert browser.get("/mine").status_code == 200


def test_who_was_deleted_signs_in_again_without_signing_out(browser, people, firebase):
    by_mail(browser, people, "sue@example.com")
    old = uid(browser)
    auth.delete_user(old, firebase)
    assert_in(by_mail(browser, people, "sue@example.com"))
    assert uid(browser) != old


# other sites


@pytest.mark.parametrize("path", ["/sign-in/email", "/sign-in/link", "/sign-out", "/mine/delete"])
def test_a_form_on_another_site_does_nothing(browser, people, path):
    by_mail(browser, people, "tim@example.com")
    before = browser.cookies["__session"]
    sent = len(people.links_to("ursel@example.com"))
    answer = browser.post(path, data={"email": "ursel@example.com"}, headers=FOREIGN)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert browser.cookies["__session"] == before
    assert len(people.links_to("ursel@example.com")) == sent


def test_nobody_gets_a_cookie_for_looking(browser):
    for path in ("/sign-in", "/sign-in/link?oobCode=x", "/mine", "/mine/delete"):
        assert browser.get(path).status_code == 200
    assert "__session" not in browser.cookies


def test_pages_are_not_kept_and_hold_no_address(browser, people):
    for path in ("/sign-in", "/sign-in/link?oobCode=x&ticket=y"):
        assert browser.get(path).headers["Cache-Control"] == "no-store"
    assert "canary" not in ask_for_link(browser, "canary@example.com").text
    assert "canary" not in ticket_in(people.links_to("canary@example.com")[-1])


def test_a_link_that_holds_a_page_shows_it_as_text(browser):
    page = browser.get("/sign-in/link", params={"oobCode": '"><script>alert(1)</script>', "ticket": "'><b>"})
    assert "<script>alert" not in page.text and "<b>" not in page.text
