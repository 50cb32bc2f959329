"""The postman: takes a letter from the outbox, sends it, marks it sent. Has its own thread, so painting never waits."""

import logging
from collections.abc import Callable
from email.message import EmailMessage

from jobs import Job, LeaseLost, Queue
from worker.errors import CannotSend, where

log = logging.getLogger(__name__)

# Takes a letter's id, always the same for the same letter, and the message. Raises CannotSend to be tried again.
Mailer = Callable[[str, EmailMessage], None]


def deliver(queue: Queue, compose: Callable[[Job], EmailMessage], mailer: Mailer, *, lease_s: float) -> bool:
    """Send the oldest letter; False when none was sent.

    A letter that could not be sent stays leased for the rest of `lease_s` seconds, which is its back-off.
    """
    letter = queue.take_letter(lease_s)
    if letter is None:
        return False
    job = letter.job
    try:
        mailer(job.id, compose(job))
        queue.letter_sent(letter)
    except CannotSend as error:
        log.warning("action=send-failed job=%s %s", job.id, where(error))
        return False
    except LeaseLost:
        log.warning("action=letter-lost job=%s", job.id)
    else:
        log.info("action=sent job=%s", job.id)
    return True
