"""SendGrid. https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send

It has no idempotency key, and its events cannot be asked for without a paid extra: a letter that it may have taken, or
whose sender died between sending it and saying so, is sent twice.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import requests
from pydantic import SecretStr

from jobs import Letter
from jobs.life import utc_now
from worker.errors import MailerRefuses, TooLarge, Undeliverable, WorkerError
from worker.mailers import parts
from worker.mailers.web import Answer, ask, trouble

URLS = {"us": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}


@dataclass(frozen=True)
class Account:
    """Whose letters SendGrid sends."""

    url: str
    key: SecretStr

    def auth(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request. As `auth`, because a header alone gives way to a `.netrc` on the machine."""
        request.headers["Authorization"] = f"Bearer {self.key.get_secret_value()}"
        return request


def send(
    letter: Letter,
    message: EmailMessage,
    *,
    account: Account,
    session: requests.Session,
    clock: Callable[[], datetime] = utc_now,
) -> str:
    """Hand the letter to SendGrid; its message id. Raises as every `Mailer` does."""
    answer = ask(session, "POST", f"{account.url}/v3/mail/send", auth=account.auth, json=body(letter, message))
    if answer.status == 202:
        return answer.headers.get("X-Message-Id", "")
    raise _refusal(answer, clock())


def body(letter: Letter, message: EmailMessage) -> dict[str, Any]:
    """The letter as SendGrid's JSON."""
    text, html = parts.texts(message)
    (sender,), (recipient,) = message["From"].addresses, message["To"].addresses
    return {
        "personalizations": [{"to": [{"email": recipient.addr_spec}], "custom_args": parts.marks(letter)}],
        "from": {"email": sender.addr_spec, **({"name": sender.display_name} if sender.display_name else {})},
        "subject": str(message["Subject"]),
        "content": [{"type": "text/plain", "value": text}, {"type": "text/html", "value": html}],
        "headers": {name: str(message[name]) for name in parts.HEADERS if name in message},
        "categories": parts.tags(letter),
        "tracking_settings": {
            kind: {"enable": False} for kind in ("click_tracking", "open_tracking", "subscription_tracking")
        },
        # an empty list is refused
        **({"attachments": files} if (files := [_file(each) for each in parts.enclosures(message)]) else {}),
    }


def _file(each: parts.Enclosure) -> dict[str, str]:
    return {
        "content": b64encode(each.data).decode(),
        "type": each.type,
        "filename": each.name,
        **({"disposition": "inline", "content_id": each.name} if each.inline else {"disposition": "attachment"}),
    }


def _refusal(answer: Answer, now: datetime) -> WorkerError:
    """The error that an answer means: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors"""
    errors = answer.fields().get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    words = parts.without_addresses(str(first.get("message", "no reason")))
    match answer.status:
        case 400 if str(first.get("field", "")).startswith("from"):
            return MailerRefuses(f"SendGrid does not accept TEXT2ART_MAIL_FROM: {words}")
        case 400:
            return Undeliverable(f"SendGrid: {words}")
        case 401 | 402 | 403:
            return MailerRefuses(f"SendGrid answers {answer.status} to the key, or about the account: {words}")
        case 413:
            return TooLarge()
        case _:
            return trouble(answer, now)
