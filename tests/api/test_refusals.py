"""What stands on a page when something is refused there."""

import pytest

from api.gate import Gate, NotSignedIn
from jobs import Unavailable
from tests.api.conftest import ADDRESS

NOBODY = "A" * 22


def assert_page(answer, status, words):
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert words in answer.text and '{"detail"' not in answer.text


@pytest.fixture
def silent(queue, monkeypatch):
    """The queue's store does not answer."""

    def silence(*args):
        raise Unavailable("no route to /secret/path")

    for where, name in ((queue, "get"), (queue, "suppress"), (queue.gallery, "page"), (queue.gallery, "exhibit")):
        monkeypatch.setattr(where, name, silence)


@pytest.mark.parametrize(
    "path", ["/gallery", f"/a/{NOBODY}", f"/mine/{NOBODY}/delete", f"/delete/{NOBODY}/k", f"/unsubscribe/{NOBODY}/k"]
)
def test_a_store_that_does_not_answer_is_told_on_a_page_and_to_the_operator(client, silent, caplog, path):
    answer = client.get(path)
    assert_page(answer, 503, "not available just now")
    assert int(answer.headers["retry-after"]) > 0
    assert "secret" not in answer.text and "unavailable" in caplog.messages


def test_a_button_that_is_refused_says_so_on_a_page(client, studio):
    job = studio.painted(public=True)
    form = {"liked": "true", "back": "/gallery"}
    answer = client.post(f"/a/{job.id}/like", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert_page(answer, 403, "our own page")
    assert ADDRESS not in answer.text


@pytest.mark.parametrize("path", [f"/gallery?q={'x' * 201}", f"/a/{NOBODY}?reported=<b>"])
def test_an_ill_formed_question_is_not_repeated_on_the_page(client, path):
    answer = client.get(path)
    assert_page(answer, 422, "not as it must be")
    assert "<b>" not in answer.text and "x" * 201 not in answer.text


def test_one_who_is_to_sign_in_is_not_asked_for_a_password_by_the_browser(client, studio, monkeypatch):
    """401 would have the browser ask."""

    def refuse(token, fresh):
        raise NotSignedIn("Please sign in again.")

    monkeypatch.setattr(client.app.state, "gate", Gate(verify=refuse))
    answer = client.get("/gallery", headers={"Authorization": "Bearer x"})
    assert_page(answer, 403, "Please sign in again.")
    assert "www-authenticate" not in answer.headers
