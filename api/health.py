"""Whether the service lives, and whether what it stands on answers."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel

from api.errors import documented
from jobs import JobsError, Queue, Shelf, Status

PROBE = "readyz________________/probe.png"
FRESH_S = 5.0  # anybody may ask, and an answer costs a write to the bucket

router = APIRouter(tags=["service"])
log = logging.getLogger(__name__)


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness:
    """What of queue and shelf does not answer, looked at anew when the last look is FRESH_S seconds old."""

    def __init__(self, queue: Queue, shelf: Shelf, clock: Callable[[], float] = time.monotonic) -> None:
        self._checks = {"queue": lambda: queue.count(Status.QUEUED), "shelf": lambda: _try(shelf)}
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at: float | None = None
        self._silent: list[str] = []

    def silent(self) -> list[str]:
        if self._lock.acquire(blocking=self._looked_at is None):  # who comes while another looks hears the last answer
            try:
                if self._looked_at is None or self._clock() - self._looked_at >= FRESH_S:
                    self._silent = [name for name, check in self._checks.items() if not _answers(name, check)]
                    self._looked_at = self._clock()
            finally:
                self._lock.release()
        return self._silent


def _try(shelf: Shelf) -> None:
    shelf.put(PROBE, b"ok", replace=True)
    shelf.get(PROBE)


def _answers(name: str, check: Callable[[], object]) -> bool:
    try:
        check()
    except (JobsError, sqlite3.Error, OSError) as error:
        log.error("unavailable", extra={"part": name}, exc_info=error)
        return False
    return True


def _readiness(request: Request) -> Readiness:
    return cast(Readiness, request.app.state.readiness)


@router.get("/healthz")
async def healthz() -> Health:
    """Answers for as long as the process does: an outage of the store is no reason to start it anew."""
    return Health()


@router.get("/readyz", responses=documented(503, "The queue or the shelf does not answer."))
def readyz(readiness: Annotated[Readiness, Depends(_readiness)]) -> Health:
    """Answers ok when jobs can be counted and a file can be written and read back."""
    if silent := readiness.silent():
        raise HTTPException(503, f"Does not answer: {', '.join(silent)}.", {"Retry-After": f"{FRESH_S:.0f}"})
    return Health()
