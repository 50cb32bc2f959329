import logging
from email.message import EmailMessage
from functools import partial

import pytest

from jobs import Files
from tests.fakes import Mailbox, an_order
from worker.post import deliver

LEASE_S = 60


@pytest.fixture
def ended(queue):
    """Put a job, and end it."""

    def end(**order):
        job = queue.put(an_order(**order))
        files = Files(picture=f"{job.id}/picture.png", thumbnail=f"{job.id}/thumbnail.webp")
        return queue.finish(queue.claim("worker", 60), files)

    return end


def compose(job):
    message = EmailMessage()
    message["To"] = job.order.email
    message.set_content(job.order.prompt)
    return message


@pytest.fixture
def turn(queue):
    return partial(deliver, queue, compose, lease_s=LEASE_S)


def test_without_a_letter_the_turn_is_idle(turn):
    mailbox = Mailbox()
    assert turn(mailbox) is False
    assert mailbox.letters == []


def test_a_letter_is_sent_once_under_its_jobs_id(turn, ended, clock):
    mailbox = Mailbox()
    job = ended()
    assert turn(mailbox) is True
    clock.now += 10 * LEASE_S
    assert turn(mailbox) is False
    assert [letter_id for letter_id, _ in mailbox.letters] == [job.id]


def test_letters_leave_in_the_order_the_jobs_ended(turn, ended):
    mailbox = Mailbox()
    jobs = [ended(), ended()]
    while turn(mailbox):
        pass
    assert [letter_id for letter_id, _ in mailbox.letters] == [job.id for job in jobs]


def test_a_refused_letter_waits_out_its_lease_while_others_are_tried(turn, ended, clock):
    mailbox = Mailbox(refusals=1)
    refused, other = ended(), ended()
    assert turn(mailbox) is False
    assert turn(mailbox) is True
    assert turn(mailbox) is False
    clock.now += LEASE_S + 1
    assert turn(mailbox) is True
    assert [letter_id for letter_id, _ in mailbox.letters] == [other.id, refused.id]


def test_a_letter_that_another_sender_took_meanwhile_is_left_to_them(queue, turn, ended, clock, caplog):
    ended()

    def slow(letter_id, message):
        clock.now += LEASE_S + 1
        assert queue.take_letter(LEASE_S) is not None

    assert turn(slow) is True
    assert "action=letter-lost" in caplog.text
    assert queue.take_letter(LEASE_S) is None


def test_the_log_names_the_job_and_neither_address_nor_prompt(turn, ended, caplog):
    caplog.set_level(logging.DEBUG)
    job = ended(prompt="canary prompt", email="canary@example.com")
    mailbox = Mailbox(refusals=1)
    turn(mailbox)
    other = ended(prompt="canary prompt", email="canary@example.com")
    turn(mailbox)
    assert job.id in caplog.text and other.id in caplog.text
    assert "canary" not in caplog.text
