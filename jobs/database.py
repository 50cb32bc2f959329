"""Calls to Firestore: each bounded in time, its errors told as ours, its server's time taken note of.

Nothing is left to the SDK's own retries: they go on for a minute where a quota is used up, and a query that breaks off
in the middle would be asked again from a document that it may not have seen.
"""

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from google.api_core.exceptions import (
    Aborted,
    AlreadyExists,
    DeadlineExceeded,
    FailedPrecondition,
    GoogleAPICallError,
    InternalServerError,
    NotFound,
    RetryError,
    ServiceUnavailable,
)
from google.api_core.retry import Retry, if_exception_type
from google.cloud.firestore import Client, CollectionReference, DocumentReference, WriteBatch

from jobs.documents import Snapshot
from jobs.errors import Unavailable

ATTEMPT_S = 10.0  # one call may take this long
PATIENCE_S = 15.0  # a call that fails for a passing reason is tried again for this long
TRIES = 20  # how often a step is tried that others come in between; each time, one of them has got on
FRESH_S = 300.0  # the server is asked for its time when it has not told it for this long

REFUSED = (AlreadyExists, FailedPrecondition, NotFound)  # what a commit says when a document is not as it was thought
_PASSING = (Aborted, DeadlineExceeded, InternalServerError, ServiceUnavailable)
_ONCE = Retry(predicate=if_exception_type())  # None would be no answer to a query's question what to try again

T = TypeVar("T")


class ServerClock:
    """The server's time as it was last told, and what has passed here since: the clocks of machines disagree."""

    def __init__(self, ask: Callable[[], object], elapsed_s: Callable[[], float] = time.monotonic) -> None:
        """`ask` makes the server answer, and whoever hears its answer calls `tell`."""
        self._ask, self._elapsed_s = ask, elapsed_s
        self._told: tuple[datetime, float] | None = None

    def tell(self, moment: datetime) -> None:
        """Note the time that stood in an answer which has just come."""
        self._told = moment, self._elapsed_s()

    def __call__(self) -> datetime:
        if self._told is None or self._elapsed_s() - self._told[1] > FRESH_S:
            self._ask()
        assert self._told is not None, "the server was asked and did not tell its time"
        moment, at = self._told
        return moment + timedelta(seconds=self._elapsed_s() - at)


class Database:
    """A Firestore client's database. Every call raises Unavailable when there is no answer, or none that helps."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.clock = ServerClock(lambda: self.read(self.collection("queue").document("none")))

    def collection(self, name: str) -> CollectionReference:
        return self._client.collection(name)

    def batch(self) -> WriteBatch:
        return self._client.batch()

    def if_at(self, version: Any) -> Any:
        """The condition for a write that the document has not changed since this version."""
        return self._client.write_option(last_update_time=version)

    def if_there(self) -> Any:
        """The condition for a write that there is such a document."""
        return self._client.write_option(exists=True)

    def read(self, document: DocumentReference) -> Snapshot | None:
        """The document; None where there is none."""
        snapshot = _answer(lambda: document.get(retry=None, timeout=ATTEMPT_S))
        self.clock.tell(snapshot.read_time)
        return snapshot if snapshot.exists else None

    def first(self, query: Any, limit: int) -> list[Snapshot]:
        """The first documents that the query finds."""
        return self.find(query.limit(limit)) if limit > 0 else []

    def find(self, query: Any) -> list[Snapshot]:
        """Every document that the query finds."""
        found: list[Snapshot] = _answer(lambda: query.get(retry=_ONCE, timeout=ATTEMPT_S))
        if found:
            self.clock.tell(found[-1].read_time)
        return found

    def count(self, query: Any) -> int:
        """How many documents the query would find."""
        [[counted]] = _answer(lambda: query.count().get(retry=_ONCE, timeout=ATTEMPT_S))
        self.clock.tell(counted.read_time)
        return int(counted.value)

    def commit(self, batch: WriteBatch) -> Any:
        """Write all of the batch or nothing; return the first document's new version.

        Raises one of REFUSED when a document is not as the batch demands. That may be the batch's own doing: where an
        answer is lost it is sent again.
        """
        results = _answer(lambda: batch.commit(retry=None, timeout=ATTEMPT_S), passing_on=REFUSED)
        if batch.commit_time is not None:
            self.clock.tell(batch.commit_time)
        return results[0].update_time

    def committed(self, batch: WriteBatch) -> bool:
        """Whether the batch was taken; False tells to look again, it may have been, without our being told."""
        try:
            self.commit(batch)
        except REFUSED:
            return False
        return True


def new_nonce() -> str:
    """A random mark, by which its writer knows its own step again."""
    return secrets.token_hex(16)


def crowded() -> Unavailable:
    """What is raised after TRIES."""
    return Unavailable("Firestore does not answer: others came in between each time")


def _answer(call: Callable[[], T], passing_on: tuple[type[Exception], ...] = ()) -> T:
    patiently = Retry(predicate=if_exception_type(*_PASSING), initial=0.1, maximum=2.0, timeout=PATIENCE_S)
    try:
        answer: T = patiently(call)()
    except passing_on:
        raise
    except (GoogleAPICallError, RetryError) as error:
        # The server's own words may quote the document, and so an address.
        reason = error.cause if isinstance(error, RetryError) else error
        raise Unavailable(f"Firestore does not answer: {type(reason).__name__}") from error
    return answer
