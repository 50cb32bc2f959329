import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.gate import CannotTell, Gate
from api.settings import ApiSettings, SignIn
from api.visitors import COOKIE
from jobs import JobNotFound
from tests.api.conftest import ADDRESS, cookie_by

ME, OTHER = "browser:" + "A" * 22, "browser:" + "B" * 22
HOSTILE = """</title><img src=x onerror=alert(1)><script>alert(2)</script>"'` {{ 7*7 }} 水 🏰"""


def as_browser(app, id):
    return with_cookie(app, cookie_by(app.state.cookies.set_browser, id))


def as_account(app, uid):
    return with_cookie(app, cookie_by(app.state.cookies.set_account, uid))


def with_cookie(app, cookie):
    client = TestClient(app, follow_redirects=False)
    client.cookies.set(COOKIE, cookie, domain="testserver.local", path="/")
    return client


@pytest.fixture
def mine(app):
    return as_browser(app, ME)


@pytest.fixture
def signing_in(queue, shelf):
    """signing_in(**gate) is the application where visitors sign in by mail."""

    def signing_in(**gate):
        settings = ApiSettings(auth="optional", firebase_api_key="key", public_url="http://testserver")
        gate = Gate(verify=lambda token, fresh: {}, sign_in=frozenset({SignIn.EMAIL}), **gate)
        return create_app(settings, queue, shelf, gate=gate)

    return signing_in


def see(client, path="/mine"):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("text/html; charset=utf-8", "no-store")
    assert ADDRESS not in answer.text
    return answer.text


def shown(page):
    return re.findall(r'<li id="([\w-]{22})">', page)


def card(page, job):
    return page.partition(f'<li id="{job.id}">')[2].partition("</li>")[0]


def marks(page, job):
    """What is written on the canvas and below it, but for the prompt and the day."""
    return re.findall(r"\b(Public|Private|Waiting|Being painted|Failed|Taken back|No longer shown)<", card(page, job))


def test_a_stranger_finds_nothing_and_gets_no_cookie(client):
    answer = client.get("/mine")
    assert "Nothing is here yet" in answer.text and "a cookie" in answer.text
    assert "/mine/delete" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_all_that_a_browser_ordered_is_shown_with_how_it_stands(mine, studio, queue):
    studio.painted(OTHER)
    public, private = studio.painted(ME, public=True), studio.painted(ME)
    studio.order(ME)
    failed = studio.fail()
    running = studio.order(ME)
    studio.report(studio.begin(), 40)
    waiting, taken_back = studio.order(ME, public=True), studio.order(ME)
    queue.cancel(taken_back.id)
    page = see(mine)
    assert shown(page) == [job.id for job in (taken_back, waiting, running, failed, private, public)]
    assert [marks(page, job) for job in (public, private, failed, running, waiting, taken_back)] == [
        ["Public"],
        ["Private"],
        ["Failed", "Private"],
        ["Private", "Being painted"],
        ["Waiting", "Public"],
        ["Taken back", "Private"],
    ]
    assert all(f'href="/?job={job.id}"' in card(page, job) for job in (public, waiting, failed))
    assert f'src="/r/{public.id}/thumbnail.webp"' in card(page, public)
    assert f'src="/r/{running.id}/preview.webp?v=40"' in card(page, running)
    assert "<img" not in card(page, waiting)


def test_twelve_are_on_a_page_and_a_link_leads_to_the_older_ones(mine, studio):
    ordered = [studio.order(ME).id for _ in range(26)]
    seen, path = [], "/mine"
    for count in (12, 12, 2):
        page = see(mine, path)
        assert len(shown(page)) == count
        seen += shown(page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = link and link[1]
    assert (seen, path) == (ordered[::-1], None)


def test_a_page_after_the_last_says_so(mine, studio):
    studio.order(ME)
    assert "no older ones" in see(mine, "/mine?before=2000-01-01T00:00:00Z")


@pytest.mark.parametrize("before", ["x", "2030-01-01T00:00:00", "0001-01-01T00:00:00%2B14:00"])
def test_an_address_that_no_page_leads_to_is_lost(mine, before):
    assert mine.get(f"/mine?before={before}").status_code == 404


def test_files_that_are_no_longer_shown_are_not_linked(app, queue, shelf, studio):
    revoked, past = studio.painted(ME), studio.painted(ME)
    queue.revoke(revoked.id)
    later = create_app(ApiSettings(), queue, shelf, clock=lambda: past.finished_at + timedelta(days=31))
    page = see(as_browser(later, ME))
    for job in (revoked, past):
        assert "No longer shown" in card(page, job) and "<img" not in card(page, job)


def test_a_prompt_is_text(mine, studio):
    job = studio.order(ME, prompt=HOSTILE)
    for path in ("/mine", f"/mine/{job.id}/delete"):
        page = see(mine, path)
        assert "<script>alert" not in page and "<img src=x" not in page
        assert "{{ 7*7 }} 水 🏰" in page and 'translate="no"' in page


# deleting one


def test_one_is_deleted_after_a_question(mine, studio, queue, shelf):
    job, kept = studio.painted(ME, public=True), studio.painted(ME)
    assert "Delete for good" in see(mine, f"/mine/{job.id}/delete")
    assert queue.get(job.id), "looking deletes nothing"
    answer = mine.post(f"/mine/{job.id}/delete")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mine")
    assert shown(see(mine)) == [kept.id]
    assert queue.gallery.page(12) == []
    assert mine.get(f"/r/{job.id}/picture.png").status_code == 404
    assert mine.post(f"/mine/{job.id}/delete").status_code == 404


def test_one_that_has_not_ended_is_taken_back_first(mine, studio, queue):
    waiting, running = studio.order(ME), studio.order(ME)
    studio.begin()
    for job in (waiting, running):
        assert "It is taken back" in see(mine, f"/mine/{job.id}/delete")
        assert mine.post(f"/mine/{job.id}/delete").status_code == 303
        with pytest.raises(JobNotFound):
            queue.get(job.id)


def test_nobody_deletes_anothers(app, mine, client, studio, queue):
    theirs, nobodys = studio.painted(OTHER, public=True), studio.painted()
    for visitor in (mine, client):
        for path in (theirs.id, nobodys.id, "A" * 22, "x"):
            assert visitor.get(f"/mine/{path}/delete").status_code == 404
            assert visitor.post(f"/mine/{path}/delete").status_code == 404
    assert queue.get(theirs.id) and queue.get(nobodys.id)


def test_a_form_on_another_site_deletes_nothing(mine, studio, queue):
    job = studio.painted(ME)
    for path in (f"/mine/{job.id}/delete", "/mine/delete"):
        assert mine.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert queue.get(job.id)


# deleting everything


def test_everything_is_deleted_after_a_question(app, mine, studio, queue):
    studio.painted(ME, public=True)
    theirs = studio.painted(OTHER, public=True)
    studio.order(ME)
    queue.gallery.like(theirs.id, ME)
    assert "in this browser" in see(mine, "/mine/delete")
    assert len(queue.list_owned(ME, 3)) == 2, "looking deletes nothing"
    answer = mine.post("/mine/delete")
    assert answer.status_code == 200 and "Everything is gone." in answer.text
    assert COOKIE not in mine.cookies
    assert queue.list_owned(ME, 1) == []
    assert queue.gallery.exhibit(theirs.id).likes == 0
    assert [job.id for job in queue.list_jobs(9)] == [theirs.id]


def test_who_signed_in_deletes_the_account_too(signing_in, studio, queue):
    deleted = []
    app = signing_in(delete=deleted.append, stands=lambda uid: True)
    ann = as_account(app, "uid-ann")
    studio.painted("uid-ann")
    assert "and your account too" in see(ann, "/mine/delete")
    assert "you are signed out" in ann.post("/mine/delete").text
    assert (deleted, queue.list_owned("uid-ann", 1)) == (["uid-ann"], [])
    assert "Sign in" in see(ann)


def test_when_firebase_does_not_answer_the_pictures_go_and_the_account_can_be_deleted_again(signing_in, studio, queue):
    def silent(uid):
        raise CannotTell

    ann = as_account(signing_in(delete=silent, stands=silent), "uid-ann")
    studio.painted("uid-ann")
    assert len(shown(see(ann))) == 1, "who looks does not wait for Firebase"
    answer = ann.post("/mine/delete")
    assert answer.status_code == 503 and "your account is not" in answer.text
    assert queue.list_owned("uid-ann", 1) == []
    assert COOKIE in ann.cookies


# whose they are


def test_where_nobody_signs_in_the_page_says_what_keeps_the_pictures(mine):
    page = see(mine)
    assert "kept on this device by a cookie" in page
    assert "/sign-in" not in page


def test_where_visitors_sign_in_the_page_leads_there_and_back_out(signing_in):
    app = signing_in(stands=lambda uid: True)
    assert 'href="/sign-in"' in see(as_browser(app, ME))
    page = see(as_account(app, "uid-ann"))
    assert 'action="/sign-out"' in page and "before you signed in" in page


def test_an_account_and_its_browser_have_different_pictures(signing_in, studio):
    app = signing_in(stands=lambda uid: True)
    browsers, accounts = studio.order(ME), studio.order("uid-ann")
    assert shown(see(as_browser(app, ME))) == [browsers.id]
    assert shown(see(as_account(app, "uid-ann"))) == [accounts.id]


def test_an_account_that_is_gone_is_told_so_and_signed_out(signing_in, studio):
    studio.order("uid-ann")
    ann = as_account(signing_in(stands=lambda uid: False), "uid-ann")
    answer = ann.get("/mine")
    assert answer.status_code == 403 and "Your account is closed." in answer.text
    assert shown(answer.text) == []
    assert COOKIE not in ann.cookies
