"""Mailgun. https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages

It has no idempotency key, and at times sends a letter that it answers with an error. So whoever takes a letter that
somebody may have sent already asks Mailgun's events first, which an account's key may, and a domain's sending key not.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Annotated

import requests
from pydantic import AliasPath, BaseModel, Field, SecretStr, ValidationError

from jobs import Letter
from jobs.life import utc_now
from worker.errors import CannotSend, MailerRefuses, TooLarge, Undeliverable, Unsure, WorkerError
from worker.mailers import parts
from worker.mailers.web import UNSURE_S, Answer, ask, trouble

URLS = {"us": "https://api.mailgun.net", "eu": "https://api.eu.mailgun.net"}
MOST_EVENTS = 300  # in one answer, as Mailgun allows
CLOCKS_DIFFER = timedelta(hours=1)  # at most

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Account:
    """Whose letters Mailgun sends: a key for a domain, and the region where both are known."""

    url: str
    domain: str
    key: SecretStr
    test_mode: bool = False

    @property
    def auth(self) -> tuple[str, str]:
        return "api", self.key.get_secret_value()


def send(
    letter: Letter,
    message: EmailMessage,
    *,
    account: Account,
    session: requests.Session,
    clock: Callable[[], datetime] = utc_now,
) -> str:
    """Hand the letter to Mailgun, unless it has it already; its message id. Raises as every `Mailer` does."""
    hand_in = partial(_hand_in, letter, message, account, session, clock)
    if letter.token == 1:
        return hand_in()
    with _asking_next_time():
        receipt = _accepted(letter, message, account, session, clock())
        if receipt is not None:
            return receipt or hand_in()
    return hand_in()


def _hand_in(
    letter: Letter,
    message: EmailMessage,
    account: Account,
    session: requests.Session,
    clock: Callable[[], datetime],
) -> str:
    answer = ask(
        session,
        "POST",
        f"{account.url}/v3/{account.domain}/messages",
        auth=account.auth,
        data=fields(letter, message, test_mode=account.test_mode),
        files=files(message),
    )
    words = answer.fields()
    if answer.status == 200 and words.get("id") and str(words.get("message")).startswith("Queued"):
        return str(words["id"])
    raise _refusal(answer, account, clock())


def fields(letter: Letter, message: EmailMessage, *, test_mode: bool = False) -> list[tuple[str, str]]:
    """The letter as Mailgun's form."""
    text, html = parts.texts(message)
    return [
        ("from", str(message["From"])),
        ("to", str(message["To"])),
        ("subject", literal(str(message["Subject"]))),
        ("text", literal(text)),
        ("html", literal_html(html)),
        *((f"h:{name}", str(message[name])) for name in parts.HEADERS if name in message),
        *(("o:tag", tag) for tag in parts.tags(letter)),
        *((f"v:{name}", value) for name, value in parts.marks(letter).items()),
        ("o:tracking", "no"),
        ("o:require-tls", "yes"),
        *([("o:testmode", "yes")] if test_mode else []),
    ]


def files(message: EmailMessage) -> list[tuple[str, tuple[str, bytes, str]]]:
    """The letter's files as parts of Mailgun's form."""
    return [
        ("inline" if each.inline else "attachment", (each.name, each.data, each.type))
        for each in parts.enclosures(message)
    ]


def literal(text: str) -> str:
    """The text such that Mailgun finds no `%variable%` and no `{{template}}` in it, and that reads the same.

    A zero-width non-joiner comes between: prompts may hold it, so that one copied from a mail can be ordered again.
    """
    return re.sub(r"%(?=\S)|\{(?=\{)", lambda found: f"{found[0]}\u200c", text)


def literal_html(html: str) -> str:
    """As `literal`, letter by letter the same to whoever reads the HTML (which has no scripts and no style sheet)."""
    return html.replace("%", "&#37;").replace("{", "&#123;")


def _accepted(
    letter: Letter, message: EmailMessage, account: Account, session: requests.Session, now: datetime
) -> str | None:
    """Mailgun's id for the letter when it has accepted it before, "" when it has not.

    None when the key may not ask. Then the letter is sent, rather than never, even if it should be twice.
    """
    answer = ask(
        session,
        "GET",
        f"{account.url}/v3/{account.domain}/events",
        auth=account.auth,
        params={
            "event": "accepted",
            "recipient": message["To"].addresses[0].addr_spec,
            "begin": f"{(letter.ended_at - CLOCKS_DIFFER).timestamp():.0f}",
            "ascending": "yes",
            "limit": str(MOST_EVENTS),
        },
    )
    if answer.status in (401, 403):
        log.warning("cannot-ask", extra={"job": letter.job.id, "status": answer.status})
        return None
    if answer.status != 200:
        raise trouble(answer, now) if answer.status == 400 else _refusal(answer, account, now)
    return next((f"<{event.message_id}>" for event in _events(answer) if event.letter_id == letter.id), "")


@contextmanager
def _asking_next_time() -> Iterator[None]:
    """Where whoever tries next can ask, nothing is unsure."""
    try:
        yield
    except Unsure as error:
        raise CannotSend(str(error), after_s=error.after_s) from error


def _events(answer: Answer) -> list["_Event"]:
    try:
        return _Events.model_validate_json(answer.body).items
    except ValidationError as error:
        raise CannotSend("events that cannot be read", after_s=UNSURE_S) from error


class _Event(BaseModel):
    """What of an event matters here. https://documentation.mailgun.com/docs/mailgun/user-manual/events/events"""

    letter_id: Annotated[str | None, Field(validation_alias=AliasPath("user-variables", "letter_id"))] = None
    message_id: Annotated[str, Field(validation_alias=AliasPath("message", "headers", "message-id"))] = ""  # no <>


class _Events(BaseModel):
    items: list[_Event]


def _refusal(answer: Answer, account: Account, now: datetime) -> WorkerError:
    """The error that an answer means: https://documentation.mailgun.com/docs/mailgun/quickstart-guide/responses"""
    words = parts.without_addresses(str(answer.fields().get("message", "no reason")))
    match answer.status:
        case 400 if "'from'" in words:
            return MailerRefuses(f"Mailgun does not accept TEXT2ART_MAIL_FROM: {words}")
        case 400:
            return Undeliverable(f"Mailgun: {words}")
        case 401 | 402 | 403:
            return MailerRefuses(f"Mailgun answers {answer.status} to the key, or about the account: {words}")
        case 404:
            return MailerRefuses(f"Mailgun knows no domain {account.domain} at {account.url}: right region? ({words})")
        case 413:
            return TooLarge()
        case _:
            return trouble(answer, now)
