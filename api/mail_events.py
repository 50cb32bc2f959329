"""What Mailgun tells about mails: an address that bounces, complains or unsubscribes is not mailed again.

https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks

Each API process remembers the tokens it has heard; a report that is replayed to another one, within the five minutes
that it is fresh, changes nothing there: an address that is suppressed twice is suppressed.
"""

import hmac
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, cast

from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from api.deps import ClockDep, QueueDep, SettingsDep

FRESH = timedelta(minutes=5)  # and as far in the future, since clocks differ
MOST_TOKENS = 100_000
REASONS = {"failed": "bounced", "complained": "complained", "unsubscribed": "unsubscribed"}

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)


class Tokens:
    """The tokens of reports heard lately; of more than `most`, the oldest are forgotten."""

    def __init__(self, clock: Callable[[], datetime], most: int = MOST_TOKENS) -> None:
        self._clock, self._most = clock, most
        self._heard: OrderedDict[str, datetime] = OrderedDict()
        self._lock = threading.Lock()

    def __contains__(self, token: str) -> bool:
        return token in self._heard

    def add(self, token: str) -> None:
        now = self._clock()
        with self._lock:
            self._heard[token] = now
            while len(self._heard) > self._most or next(iter(self._heard.values())) < now - 3 * FRESH:
                self._heard.popitem(last=False)


class Signature(BaseModel):
    """Mailgun's proof that a report is its own."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    timestamp: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,11}$")]  # seconds
    token: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    signature: Annotated[str, StringConstraints(max_length=100)]


class Event(BaseModel):
    """What of an event matters here; Mailgun tells much more."""

    event: str
    severity: str | None = None
    recipient: str | None = None


class Report(BaseModel):
    """The body of a webhook."""

    signature: Signature
    event_data: Annotated[Event, Field(alias="event-data")]


def _tokens(request: Request) -> Tokens:
    return cast(Tokens, request.app.state.mail_tokens)


@router.post("/webhooks/mailgun")
def hear(
    report: Report, queue: QueueDep, settings: SettingsDep, clock: ClockDep, tokens: Annotated[Tokens, Depends(_tokens)]
) -> Response:
    """Heard (200), not to be sent again (406), or to be sent again later (anything else), as Mailgun understands it."""
    assert settings.mailgun_signing_key is not None, "the route is there only with a key"
    _check(report.signature, settings.mailgun_signing_key, clock())
    if report.signature.token in tokens:
        raise HTTPException(406, "This report has been heard.")
    reason, address = _reason(report.event_data), _address(report.event_data)
    if reason is not None and address is not None:
        queue.suppress(address, reason)
        log.info("suppressed", extra={"reason": reason})
    tokens.add(report.signature.token)  # not before: what the queue could not take is to be told again
    return Response(status_code=200)


def _check(signature: Signature, key: SecretStr, now: datetime) -> None:
    """Refuse with 401: a key or a clock may be repaired before Mailgun gives up, after eight hours."""
    signed = f"{signature.timestamp}{signature.token}".encode()
    expected = hmac.new(key.get_secret_value().encode(), signed, "sha256").hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.signature.encode()):
        raise HTTPException(401, "The signature is not right.")
    if abs(now - datetime.fromtimestamp(int(signature.timestamp), UTC)) > FRESH:
        raise HTTPException(401, "The report is too old, or from the future.")


def _reason(event: Event) -> str | None:
    """Why not to mail the recipient again; None where the event is no reason."""
    if event.event == "failed" and event.severity != "permanent":
        return None
    return REASONS.get(event.event)


def _address(event: Event) -> str | None:
    """The recipient as orders write it; None when there is none."""
    try:
        return validate_email(event.recipient or "", check_deliverability=False).normalized
    except EmailNotValidError:
        return None
