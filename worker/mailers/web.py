"""HTTP as a mailer needs it: limited patience, no redirects, small answers.

Whatever the line does is CannotSend, and Unsure where the mailer may have got the letter.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3

from worker.errors import CannotSend, Unsure

PATIENCE_S = (5, 30)  # for a connection, and for each part of an answer
LARGEST_ANSWER = 1_000_000  # bytes
UNSURE_S = 120  # whether a letter was taken shows after a while: until then it is not sent again
LONGEST_PAUSE_S = 3600  # a mailer may ask for a pause, not for a holiday


@dataclass(frozen=True)
class Answer:
    """What a mailer answered; header names are of any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def fields(self) -> dict[str, Any]:
        """The JSON object in the body; empty when there is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def ask(session: requests.Session, method: str, url: str, **request: Any) -> Answer:
    """Send a request, as `requests` takes it. Raises Unsure when there is no whole answer, and CannotSend when there
    was no line to send it over."""
    try:
        with session.request(
            method, url, timeout=PATIENCE_S, allow_redirects=False, stream=True, **request
        ) as response:
            body = response.raw.read(LARGEST_ANSWER, decode_content=True)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        kind = CannotSend if _had_no_line(error) else Unsure
        raise kind("no answer", after_s=UNSURE_S) from error
    return Answer(response.status_code, response.headers, body)


def trouble(answer: Answer, now: datetime) -> CannotSend:
    """What an answer means that promises nothing: a strange success or a fault may hide that the letter was taken."""
    if answer.status == 429:
        return CannotSend("answer 429", after_s=_pause_s(answer.headers.get("Retry-After", ""), now))
    kind = CannotSend if 300 <= answer.status < 500 else Unsure
    return kind(f"answer {answer.status}", after_s=UNSURE_S)


def _had_no_line(error: Exception) -> bool:
    """Whether nothing was sent: for want of a line, and for nothing else here, urllib3 says that it tried enough."""
    return bool(error.args) and isinstance(error.args[0], urllib3.exceptions.MaxRetryError)


def _pause_s(header: str, now: datetime) -> float | None:
    """The seconds that `Retry-After` asks for, as RFC 9110, 10.2.3 writes them; None when it does not say."""
    try:
        wanted = float(header) if header.isdecimal() else (_in_utc(parsedate_to_datetime(header)) - now).total_seconds()
    except ValueError:
        return None
    return min(max(wanted, 0), LONGEST_PAUSE_S)


def _in_utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
