"""The postman: takes a letter from the outbox, sends it, marks it sent. Has its own thread, so painting never waits."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial

from jobs import LeaseLost, Letter, NotOnShelf, Queue, Shelf
from jobs.life import utc_now
from jobs.logs import where
from worker.errors import CannotSend, MailerRefuses, TooLarge, Undeliverable, Unsure
from worker.insist import insist
from worker.mail import NOTHING, Enclosed, enclosed, render
from worker.mailers import Mailer, MailSettings

FIRST_DELAY_S, LONGEST_DELAY_S = 30, 240  # so that after an outage all is tried again within five minutes
ALARM_DELAY_S = 300
PATIENCE = timedelta(days=3)
LEAST_TRIES = 10  # however old the letter
HOPELESS = f"it could not be sent for {PATIENCE.days} days"
# Where nobody can tell whether a letter was sent, it is sent once more at most. Its takings are what is counted:
# one that was put off before, for whatever reason, is given up at the first doubt, for none is better than many.
MOST_UNSURE_TRIES = 2

log = logging.getLogger(__name__)

Compose = Callable[[Letter, Enclosed], EmailMessage]


def composer(settings: MailSettings) -> Compose:
    """How letters of this installation are written."""
    return partial(render, sender=settings.sender, public_url=str(settings.public_url), link_days=settings.link_days)


def deliver(
    queue: Queue,
    shelf: Shelf,
    compose: Compose,
    mailer: Mailer,
    *,
    lease_s: float,
    clock: Callable[[], datetime] = utc_now,
    rest: Callable[[float], None] = time.sleep,
    tell: Callable[[Letter, str], None] = lambda letter, outcome: None,
) -> bool:
    """Take the letter that has been due longest and settle it; False when there is none, or when it has to wait.

    `tell` hears what became of it: sent, suppressed, refused, delayed, alarm or lost. Raises MailerRefuses, so that
    whoever calls rests before the next letter, and whatever the queue or the shelf raises when they do not answer: the
    letter is due again after `lease_s` seconds then.
    """
    letter = queue.take_letter(lease_s)
    if letter is None:
        return False
    try:
        outcome = _settle(queue, letter, partial(_send, letter, shelf, compose, mailer), clock, rest)
    except LeaseLost:
        outcome = "lost"
    except MailerRefuses:
        tell(letter, "alarm")
        raise
    log.info("letter", extra={"job": letter.job.id, "outcome": outcome, "attempt": letter.token})
    tell(letter, outcome)
    return outcome != "delayed"


def _settle(
    queue: Queue,
    letter: Letter,
    send: Callable[[], str],
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
) -> str:
    """Send the letter where it may be sent, and note in the queue what became of it; the same in one word."""
    if reason := queue.suppression(letter.job.order.email):
        queue.letter_refused(letter, f"no mail is sent to this address: {reason}")
        return "suppressed"
    if letter.job.revoked_at is not None:
        queue.letter_refused(letter, "the job was revoked")
        return "refused"
    try:
        receipt = send()
    except Undeliverable as error:
        queue.letter_refused(letter, str(error))
        return "refused"
    except NotOnShelf:
        log.error("files-lost", extra={"job": letter.job.id})
        queue.letter_refused(letter, "the job's files are not on the shelf any more")
        return "refused"
    except MailerRefuses as error:
        log.error("alarm", extra={"job": letter.job.id, "reason": str(error)})
        if _is_hopeless(letter, clock()):
            queue.letter_refused(letter, HOPELESS)
            return "refused"
        queue.letter_delayed(letter, ALARM_DELAY_S)
        raise
    except CannotSend as error:
        log.warning("send-failed", extra={"job": letter.job.id, "reason": str(error), "error": where(error)})
        return _put_off(queue, letter, error, clock())
    insist(lambda: queue.letter_sent(letter, receipt), rest)  # or it is sent again
    return "sent"


def _send(letter: Letter, shelf: Shelf, compose: Compose, mailer: Mailer) -> str:
    """Send the letter with its files, or with links alone where the mailer finds it too large; the receipt."""
    try:
        return mailer(letter, compose(letter, enclosed(letter.job, shelf)))
    except TooLarge:
        log.warning("too-large", extra={"job": letter.job.id})
    try:
        return mailer(letter, compose(letter, NOTHING))
    except TooLarge as error:
        raise Undeliverable("too large, even without files") from error


def _put_off(queue: Queue, letter: Letter, error: CannotSend, now: datetime) -> str:
    """Try again, ever later and not before the mailer says, but not for ever."""
    if isinstance(error, Unsure) and letter.token >= MOST_UNSURE_TRIES:
        queue.letter_refused(letter, f"perhaps sent: {error}")
        return "refused"
    if _is_hopeless(letter, now):
        queue.letter_refused(letter, HOPELESS)
        return "refused"
    doublings = min(letter.token - 1, LONGEST_DELAY_S.bit_length())
    queue.letter_delayed(letter, max(min(FIRST_DELAY_S * 2**doublings, LONGEST_DELAY_S), error.after_s or 0))
    return "delayed"


def _is_hopeless(letter: Letter, now: datetime) -> bool:
    return letter.token >= LEAST_TRIES and now - letter.ended_at > PATIENCE
