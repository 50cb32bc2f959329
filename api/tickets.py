"""Tickets: what a browser must bring back from a way through other servers, sealed, so that nothing of it is kept here.

Nobody else can read, change or make one, another browser cannot use it, and it ends soon.
"""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken

from api.visitors import Visitor
from jobs import Queue

LIFETIME_S = 3600  # as long as people look for a mail


class Tickets:
    """Tickets sealed by a key that all who share the queue have. Raise what the queue raises when it must be asked."""

    def __init__(self, queue: Queue, clock: Callable[[], datetime]) -> None:
        self._queue, self._clock = queue, clock

    def seal(self, purpose: str, visitor: Visitor, **values: str) -> str:
        """A ticket for this purpose and this visitor, in URL-safe characters."""
        data = json.dumps([purpose, visitor.id, values]).encode()
        return self._fernet.encrypt_at_time(data, self._now()).decode()

    def open(self, ticket: str, purpose: str, visitor: Visitor | None) -> dict[str, str] | None:
        """What was sealed; None when the ticket is forged, too old, another visitor's or for something else."""
        if visitor is None:
            return None
        try:
            data = self._fernet.decrypt_at_time(ticket.encode(), LIFETIME_S, self._now())
        except (InvalidToken, UnicodeEncodeError):
            return None
        values: dict[str, str]
        *of, values = json.loads(data)
        return values if of == [purpose, visitor.id] else None

    @cached_property
    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._queue.secret("ticket")))

    def _now(self) -> int:
        return int(self._clock().timestamp())
