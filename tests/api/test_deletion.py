import logging

import pytest

from jobs import JobNotFound
from jobs.mail_links import deletion_path, unsubscribe_path
from tests.api.conftest import ADDRESS
from tests.fakes import everything_logged


@pytest.fixture
def job(studio):
    return studio.painted(public=True, prompt="a kite <b>")


def button(page):
    return 'method="post"' in page.text


def test_the_page_asks_and_the_button_takes_everything_away(client, queue, job):
    link = deletion_path(job)
    asked = client.get(link)
    assert asked.status_code == 200 and button(asked) and "a kite &lt;b&gt;" in asked.text
    done = client.post(link)
    assert done.status_code == 200 and "It is gone." in done.text and not button(done)
    with pytest.raises(JobNotFound):
        queue.get(job.id)
    assert client.get(f"/r/{job.id}/picture.png").status_code == 404
    assert job.id not in client.get("/gallery").text


@pytest.mark.parametrize("ask", ["get", "head"])
def test_looking_deletes_nothing(client, queue, job, ask):
    assert getattr(client, ask)(deletion_path(job)).status_code == 200
    assert queue.get(job.id) == job


def test_a_picture_that_never_hung_can_be_deleted_too(client, queue, studio):
    job = studio.painted()
    assert client.post(deletion_path(job)).status_code == 200
    with pytest.raises(JobNotFound):
        queue.get(job.id)


def test_wrong_keys_lead_nowhere(client, queue, studio, job):
    other = studio.painted()
    own_key = deletion_path(job).rpartition("/")[2]
    for key in ("x", own_key[:-1], own_key + "A", unsubscribe_path(job).rpartition("/")[2], "%C3%A9"):
        for answer in (client.get(f"/delete/{job.id}/{key}"), client.post(f"/delete/{job.id}/{key}")):
            assert answer.status_code == 404 and not button(answer)
            assert "leads nowhere" in answer.text and "kite" not in answer.text
    assert client.post(f"/delete/{other.id}/{own_key}").status_code == 404
    assert queue.get(job.id) and queue.get(other.id)


@pytest.mark.parametrize("id", ["A" * 22, "x", "..%00", "<script>"])
def test_an_id_of_no_job_leads_nowhere(client, id):
    answer = client.post(f"/delete/{id}/x")
    assert answer.status_code == 404 and "leads nowhere" in answer.text


def test_what_is_still_being_painted_is_left_alone(client, queue, studio):
    job = studio.order()
    asked = client.get(deletion_path(job))
    assert asked.status_code == 200 and not button(asked) and "still being painted" in asked.text
    assert client.post(deletion_path(job)).status_code == 409
    assert queue.get(job.id) == job


def test_pressing_the_button_twice_does_no_harm(client, job):
    link = deletion_path(job)
    assert client.post(link).status_code == 200
    assert client.post(link).status_code == 404


def test_neither_address_nor_key_is_shown_or_logged(client, job, caplog):
    with caplog.at_level(logging.DEBUG):
        for answer in (client.get(deletion_path(job)), client.post(deletion_path(job))):
            assert ADDRESS not in answer.text
            assert "set-cookie" not in answer.headers
    logged = everything_logged(caplog)
    assert ADDRESS not in logged
