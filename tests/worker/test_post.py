import logging
from datetime import timedelta
from functools import partial

import pytest

from jobs import Files, Letter, Status
from jobs.errors import Unavailable
from tests.fakes import Mailbox, an_order, everything_logged
from tests.worker.conftest import BORN
from worker.errors import CannotSend, MailerRefuses, TooLarge, Undeliverable, Unsure
from worker.insist import PAUSES_S
from worker.mail import Enclosed
from worker.mailers import MailSettings
from worker.post import ALARM_DELAY_S, LEAST_TRIES, composer, deliver

LEASE_S = 60
DAY_S = 24 * 3600


@pytest.fixture
def ended(queue, shelf):
    """Put a job and end it; its files are on the shelf."""

    def end(**order):
        job = queue.put(an_order(make_video=False, **order))
        files = Files(picture=f"{job.id}/t1-picture.png", thumbnail=f"{job.id}/t1-thumbnail.webp")
        shelf.put(files.picture, b"picture")
        return queue.finish(queue.claim("worker", 60), files)

    return end


@pytest.fixture
def told():
    """What the postman says became of his letters."""
    return []


@pytest.fixture
def turn(queue, shelf, clock, told):
    return partial(
        deliver,
        queue,
        shelf,
        composer(MailSettings()),
        lease_s=LEASE_S,
        clock=lambda: BORN + timedelta(seconds=clock()),
        tell=lambda letter, outcome: told.append(outcome),
    )


@pytest.fixture
def refusals(queue, monkeypatch):
    """The reasons that the queue is given for letters that are sent no more."""
    reasons, original = [], queue.letter_refused
    monkeypatch.setattr(
        queue, "letter_refused", lambda letter, reason: (reasons.append(reason), original(letter, reason))
    )
    return reasons


class Refusing:
    """A mailer that raises the same error for every letter, and keeps how it was written."""

    def __init__(self, error):
        self.error, self.messages = error, []

    def __call__(self, letter, message):
        self.messages.append(message)
        raise self.error


def sent_to(mailbox):
    return [letter.job.id for letter, _ in mailbox.letters]


def attached(message):
    return [part.get_filename() for part in message.iter_attachments()]


def wait(clock, seconds, margin=1):
    clock.now += seconds + margin


def test_without_a_letter_the_turn_is_idle(turn, told):
    mailbox = Mailbox()
    assert turn(mailbox) is False
    assert mailbox.letters == told == []


def test_a_letter_is_sent_once_with_its_files(turn, ended, clock, told):
    mailbox = Mailbox()
    job = ended()
    assert turn(mailbox) is True
    wait(clock, 10 * LEASE_S)
    assert turn(mailbox) is False
    ((letter, message),) = mailbox.letters
    assert letter.job.id == job.id
    assert attached(message) == ["text2art.png"]
    assert told == ["sent"]


def test_the_receipt_is_kept(turn, ended, queue, monkeypatch):
    kept = []
    monkeypatch.setattr(queue, "letter_sent", lambda letter, receipt: kept.append(receipt))
    ended()
    turn(Mailbox())
    assert kept == ["<receipt-1>"]


def test_letters_leave_in_the_order_the_jobs_ended(turn, ended):
    mailbox = Mailbox()
    jobs = [ended(), ended()]
    while turn(mailbox):
        pass
    assert sent_to(mailbox) == [job.id for job in jobs]


# Not now


def test_a_letter_that_cannot_be_sent_waits_while_others_are_tried(turn, ended, clock, told):
    mailbox = Mailbox(refusals=1)
    refused, other = ended(), ended()
    assert turn(mailbox) is False
    assert turn(mailbox) is True
    assert turn(mailbox) is False
    wait(clock, 30)
    assert turn(mailbox) is True
    assert sent_to(mailbox) == [other.id, refused.id]
    assert told == ["delayed", "sent", "sent"]


def test_each_wait_is_longer_but_short_enough_to_be_soon_after_an_outage(turn, ended, clock, queue, monkeypatch):
    asked = []
    original = queue.letter_delayed
    monkeypatch.setattr(
        queue, "letter_delayed", lambda letter, delay_s: (asked.append(delay_s), original(letter, delay_s))
    )
    ended()
    for _ in range(6):
        turn(Refusing(CannotSend()))
        wait(clock, asked[-1])
    assert asked == [30, 60, 120, 240, 240, 240]


@pytest.mark.parametrize(("after_s", "waited"), [(5, 30), (100, 100), (1000, 1000), (None, 30)])
def test_a_mailer_that_says_when_is_not_asked_before(turn, ended, clock, after_s, waited):
    ended()
    turn(Refusing(CannotSend(after_s=after_s)))
    mailbox = Mailbox()
    wait(clock, waited, margin=-1)
    assert turn(mailbox) is False
    wait(clock, 1)
    assert turn(mailbox) is True


def test_after_three_days_of_trying_a_letter_is_given_up(turn, ended, clock, told):
    ended()
    mailer = Refusing(CannotSend())
    for _ in range(LEAST_TRIES):
        turn(mailer)
        wait(clock, DAY_S)
    assert told == ["delayed"] * (LEAST_TRIES - 1) + ["refused"]
    assert turn(Mailbox()) is False


def test_a_letter_that_is_refused_as_we_all_are_is_given_up_as_late_as_any_other(turn, ended, clock, told):
    ended()
    mailer = Refusing(MailerRefuses("spam, says the server, of every letter like this"))
    for _ in range(LEAST_TRIES - 1):
        with pytest.raises(MailerRefuses):
            turn(mailer)
        wait(clock, DAY_S)
    turn(mailer)
    assert told == ["alarm"] * (LEAST_TRIES - 1) + ["refused"]
    assert turn(Mailbox()) is False


def test_an_old_letter_is_tried_several_times_before_it_is_given_up(turn, ended, clock, told):
    ended()
    wait(clock, 10 * DAY_S)
    turn(Refusing(CannotSend()))
    assert told == ["delayed"]


# Perhaps


def test_a_letter_that_may_have_been_sent_is_sent_once_more_at_most(turn, ended, clock, told, refusals):
    ended()
    mailer = Refusing(Unsure("no answer", after_s=120))
    for _ in range(10):
        turn(mailer)
        wait(clock, DAY_S)
    assert len(mailer.messages) == 2
    assert told == ["delayed", "refused"] and refusals == ["perhaps sent: no answer"]


def test_a_letter_that_may_have_been_sent_is_sent_again_when_the_mailer_answers(turn, ended, clock, told):
    ended()
    turn(Refusing(Unsure(after_s=120)))
    wait(clock, 120)
    turn(Mailbox())
    assert told == ["delayed", "sent"]


def test_a_letter_that_was_put_off_before_is_given_up_at_the_first_doubt(turn, ended, clock, told):
    ended()
    for error in (CannotSend(), CannotSend(), Unsure()):
        turn(Refusing(error))
        wait(clock, DAY_S)
    assert told == ["delayed", "delayed", "refused"]
    assert turn(Mailbox()) is False


def test_that_a_letter_was_sent_is_told_a_queue_that_does_not_answer_until_it_does(
    turn, ended, clock, queue, told, monkeypatch
):
    answers, original, rests = iter([Unavailable, Unavailable]), queue.letter_sent, []

    def hesitant(letter, receipt):
        if error := next(answers, None):
            raise error
        original(letter, receipt)

    monkeypatch.setattr(queue, "letter_sent", hesitant)
    ended()
    mailbox = Mailbox()
    assert turn(mailbox, rest=rests.append) is True
    wait(clock, DAY_S)
    assert turn(mailbox) is False
    assert len(mailbox.letters) == 1 and told == ["sent"] and rests == [1, 4]


def test_a_queue_that_never_hears_that_a_letter_was_sent_is_not_called_for_ever(turn, ended, queue, told, monkeypatch):
    def away(letter, receipt):
        raise Unavailable

    monkeypatch.setattr(queue, "letter_sent", away)
    ended()
    rests = []
    with pytest.raises(Unavailable):
        turn(Mailbox(), rest=rests.append)
    assert tuple(rests) == PAUSES_S and told == []


# Never


@pytest.mark.parametrize("reason", ["bounced", "complained", "unsubscribed"])
def test_no_mail_is_sent_to_an_address_that_is_not_to_be_mailed(turn, ended, queue, told, clock, reason):
    mailbox = Mailbox()
    ended()
    queue.suppress("Visitor@Example.com", reason)
    assert turn(mailbox) is True
    wait(clock, DAY_S)
    assert turn(mailbox) is False
    assert mailbox.letters == [] and told == ["suppressed"]


def test_a_revoked_picture_is_not_mailed(turn, ended, queue, told):
    mailbox = Mailbox()
    queue.revoke(ended().id)
    assert turn(mailbox) is True
    assert mailbox.letters == [] and told == ["refused"]


@pytest.mark.parametrize("error", [Undeliverable("no such mailbox"), TooLarge()])
def test_what_will_never_arrive_is_tried_no_more_and_the_reason_is_kept(turn, ended, clock, told, error, refusals):
    ended()
    assert turn(Refusing(error)) is True
    wait(clock, DAY_S)
    assert turn(Mailbox()) is False
    assert told == ["refused"]
    assert refusals == [str(error) if isinstance(error, Undeliverable) else "too large, even without files"]


def test_a_letter_whose_files_are_lost_is_given_up_loudly(turn, ended, shelf, told, caplog):
    mailbox = Mailbox()
    shelf.clear(ended().id)
    assert turn(mailbox) is True
    assert mailbox.letters == [] and told == ["refused"]
    assert "files-lost" in caplog.text


def test_a_letter_that_is_too_large_is_sent_with_links_alone(turn, ended, told):
    messages = []

    def strict(letter, message):
        messages.append(message)
        if len(messages) == 1:
            raise TooLarge
        return ""

    job = ended()
    assert turn(strict) is True
    with_files, with_links = messages
    assert attached(with_files) == ["text2art.png"]
    assert with_links.get_content_type() == "multipart/alternative"
    assert f"/r/{job.id}/picture.png" in with_links.get_body(("plain",)).get_content()
    assert told == ["sent"]


# Not us


def test_a_mailer_that_refuses_us_raises_an_alarm_and_costs_no_letter(turn, ended, clock, told, caplog):
    job = ended()
    mailer = Refusing(MailerRefuses("Mailgun answers 401 to the key"))
    for _ in range(20):
        with pytest.raises(MailerRefuses):  # so that the postman rests ever longer
            turn(mailer)
        wait(clock, ALARM_DELAY_S)
    clock.now += 10 * DAY_S
    mailbox = Mailbox()
    assert turn(mailbox) is True
    assert sent_to(mailbox) == [job.id]
    assert told == ["alarm"] * 20 + ["sent"]
    assert "alarm" in caplog.text and "401 to the key" in everything_logged(caplog)


def test_after_an_alarm_a_letter_waits_for_longer_than_a_lease(turn, ended, clock):
    ended()
    with pytest.raises(MailerRefuses):
        turn(Refusing(MailerRefuses()))
    wait(clock, ALARM_DELAY_S, margin=-1)
    assert turn(Mailbox()) is False
    wait(clock, 1)
    assert turn(Mailbox()) is True


def test_a_letter_that_another_sender_took_meanwhile_is_left_to_them(queue, turn, ended, clock, caplog, told):
    caplog.set_level(logging.INFO)
    ended()

    def slow(letter, message):
        clock.now += LEASE_S + 1
        assert queue.take_letter(LEASE_S).token == 2
        return ""

    assert turn(slow) is True
    assert told == ["lost"]
    assert queue.take_letter(LEASE_S) is None


def test_a_shelf_that_does_not_answer_keeps_the_letter_for_later(turn, ended, shelf, clock, monkeypatch):
    def away(key):
        raise Unavailable

    ended()
    with monkeypatch.context() as patch:
        patch.setattr(shelf, "get", away)
        with pytest.raises(Unavailable):
            turn(Mailbox())
    wait(clock, LEASE_S)
    assert turn(Mailbox()) is True


def test_the_log_names_the_job_and_neither_address_nor_prompt(turn, ended, caplog):
    caplog.set_level(logging.DEBUG)
    canary = {"prompt": "canary prompt", "email": "canary@example.com"}
    job, other = ended(**canary), ended(**canary)
    turn(Mailbox(refusals=1))
    turn(Mailbox())
    assert {job.id, other.id} == {record.job for record in caplog.records}
    assert "canary" not in everything_logged(caplog)


def test_letters_are_written_as_the_settings_say(a_job):
    settings = MailSettings(mail_from="Me <me@example.org>", public_url="https://art.example.org", link_days=7)
    files = Files(picture="p/p.png", thumbnail="p/t.webp")
    job = a_job(an_order(), status=Status.DONE, files=files)
    message = composer(settings)(Letter(job=job, token=1), Enclosed(b"picture"))
    text = message.get_body(("plain",)).get_content()
    assert message["From"] == "Me <me@example.org>"
    assert "https://art.example.org/?job=" in text and "7 days" in text
