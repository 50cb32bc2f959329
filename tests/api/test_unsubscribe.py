import logging
import re

import pytest

from jobs.mail_links import opens_unsubscribe, unsubscribe_path
from tests.api.conftest import ADDRESS
from tests.fakes import everything_logged

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def job(studio):
    return studio.painted(public=True)


@pytest.fixture
def link(job):
    return unsubscribe_path(job)


def form_of(page):
    """Where the page's button leads; None without one."""
    found = re.findall(r'<form method="post" action="([^"]+)">', page.text)
    assert len(found) <= 1
    return found[0] if found else None


def test_looking_at_the_page_changes_nothing(client, link, queue):
    page = client.get(link)
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert form_of(page) == link
    assert queue.suppression(ADDRESS) is None


def test_the_button_stops_the_mails_and_the_next_one_lets_them_come_again(client, link, queue):
    stopped = client.post(form_of(client.get(link)))
    assert stopped.status_code == 200 and "No more mails" in stopped.text
    assert queue.suppression(ADDRESS) == "unsubscribed"
    undone = client.post(form_of(stopped))
    assert form_of(undone) == link
    assert queue.suppression(ADDRESS) is None


@pytest.mark.parametrize("body", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}, {}])
def test_a_mail_program_stops_the_mails_with_one_post_and_no_cookie(client, link, queue, body):
    answer = client.post(link, follow_redirects=False, **body)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert queue.suppression(ADDRESS) == "unsubscribed"


@pytest.mark.parametrize("reason", ["bounced", "complained"])
def test_what_the_reader_did_not_stop_he_cannot_undo(client, link, queue, reason):
    queue.suppress(ADDRESS, reason)
    for page in (client.get(link), client.post(link), client.post(f"{link}/undo")):
        assert page.status_code == 200 and form_of(page) is None
    assert queue.suppression(ADDRESS) == reason


def test_no_page_shows_the_address_or_the_prompt(client, link):
    for page in (client.get(link), client.post(link), client.post(f"{link}/undo")):
        assert ADDRESS not in page.text and "canary" not in page.text and "castle" not in page.text


def test_the_pages_are_our_own_with_nothing_inline_and_are_not_kept(client, link):
    page = client.get(link)
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page.text) == []
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert client.get(address).status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("end", ["", "/undo"])
def test_who_knows_the_id_and_the_address_stops_nothing(client, studio, job, queue, method, end):
    right = job.unsubscribe_key
    for key in ("", "x", "é", studio.order().unsubscribe_key, right[:-1], right.swapcase(), job.id):
        answer = client.request(method, f"/unsubscribe/{job.id}/{key}{end}")
        assert answer.status_code in (404, 405)
    assert queue.suppression(ADDRESS) is None


def test_a_link_of_no_job_leads_nowhere(client, link):
    unknown = client.get(f"/unsubscribe/{'x' * 22}/{'y' * 22}")
    assert unknown.status_code == 404 and form_of(unknown) is None


def test_each_job_has_a_key_of_its_own(studio):
    one, other = studio.order(), studio.order()
    assert opens_unsubscribe(one.unsubscribe_key, one)
    assert not opens_unsubscribe(one.unsubscribe_key, other)


def test_a_job_without_a_key_is_opened_by_none(studio):
    bare = studio.order().model_copy(update={"unsubscribe_key": ""})
    assert not opens_unsubscribe("", bare)


def test_nobody_is_told_the_key_but_the_reader_of_the_mail(client, job, link, queue, caplog):
    caplog.set_level(logging.DEBUG)
    for path in (f"/api/jobs/{job.id}", "/api/gallery", f"/api/jobs/{job.id}/events", "/", "/gallery"):
        assert job.unsubscribe_key not in client.get(path).text
    assert job.unsubscribe_key not in everything_logged(caplog)


def test_a_reader_whose_mails_bounced_after_he_stopped_them_cannot_undo_it(client, link, queue):
    client.post(link)
    queue.suppress(ADDRESS, "bounced")
    assert form_of(client.post(f"{link}/undo")) is None
    assert queue.suppression(ADDRESS) == "bounced"


def test_the_pages_are_not_in_the_docs(client):
    assert not any("unsubscribe" in path for path in client.get("/openapi.json").json()["paths"])


@pytest.mark.parametrize(("path", "field"), [("/api/jobs", "json"), ("/generate", "data")])
def test_an_order_for_a_stopped_address_is_refused_at_its_field(client, link, queue, path, field):
    client.post(link)
    order = {"email": ADDRESS.upper().replace("EXAMPLE.COM", "example.com")}
    answer = client.post(path, **{field: order | ({"prompt": "a fox"} if field == "json" else {})})
    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert problem["field"] == "email" and "gets no mail any more" in problem["message"]
    client.post(f"{link}/undo")
    assert client.post(path, **{field: order | ({"prompt": "a fox"} if field == "json" else {})}).status_code == 202
