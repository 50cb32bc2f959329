"""Being told of queued jobs: Firestore's Listen stream, kept open by a thread.

It is the stream that the SDK's `on_snapshot` reads, without `on_snapshot`: while the server is away that one opens the
stream again thousands of times a second, and when it is closed meanwhile, its thread may go on so for ever, on a whole
core (google-cloud-firestore 2.34.1); a filter mismatch, or an error that it takes for final, ends
it without a word. Whoever only wants to be woken needs no copy of what the query finds either.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from types import TracebackType
from typing import Self

import grpc
from google.cloud.firestore import Client
from google.cloud.firestore_v1.types import ListenRequest, ListenResponse, StructuredQuery, Target, TargetChange, Value

log = logging.getLogger(__name__)

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0  # before a stream that ended is opened again
LIFE_S = 600.0  # of a stream: for so long may a connection that died in silence stay unnoticed
LATE_S = 5.0  # a job that has waited longer ought to have been told of

# `status == queued order by place limit 1`: whoever waits for jobs has nothing to do until this is another one.
OLDEST_QUEUED = StructuredQuery(
    from_=[StructuredQuery.CollectionSelector(collection_id="queue")],
    where=StructuredQuery.Filter(
        field_filter=StructuredQuery.FieldFilter(
            field=StructuredQuery.FieldReference(field_path="status"),
            op=StructuredQuery.FieldFilter.Operator.EQUAL,
            value=Value(string_value="queued"),
        )
    ),
    order_by=[
        StructuredQuery.Order(
            field=StructuredQuery.FieldReference(field_path="place"), direction=StructuredQuery.Direction.ASCENDING
        )
    ],
    limit=1,
)


class Watch:
    """Calls `wake`, from a thread of its own, when another job becomes the oldest queued one, while the `with` block
    runs. Costs a read for each such job, and one whenever a stream is opened."""

    def __init__(self, client: Client, wake: Callable[[], None]) -> None:
        self._client, self._wake = client, wake
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._stream: grpc.Call | None = None
        self._heard_at = time.monotonic()
        self._thread = threading.Thread(target=self._keep_listening, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        self._break_off()
        self._thread.join()

    def found(self, waited: timedelta) -> None:
        """Hear of a job that was found after it had waited so long: if the stream has said nothing since well before
        it came, it is deaf, and is opened again."""
        silent_s = time.monotonic() - self._heard_at
        if LATE_S < waited.total_seconds() < silent_s - LATE_S:
            log.warning("watch-deaf", extra={"silent_s": silent_s})
            self._break_off()

    def _keep_listening(self) -> None:
        pause_s = SHORTEST_PAUSE_S
        while not self._closing.is_set():
            began = time.monotonic()
            try:
                self._listen()
            except Exception as error:  # the outermost loop: were this thread to end, the worker would sleep on
                if not self._closing.is_set():
                    log.info("watch-ended", extra={"reason": _reason(error)})
            pause_s = SHORTEST_PAUSE_S if self._heard_at > began else min(2 * pause_s, LONGEST_PAUSE_S)
            self._closing.wait(pause_s)

    def _listen(self) -> None:
        """Read one stream to its end."""
        over = threading.Event()
        try:
            for answer in self._open(over):
                self._hear(answer)
        finally:
            over.set()

    def _hear(self, answer: ListenResponse) -> None:
        change = answer.target_change.target_change_type
        if "target_change" in answer and change == TargetChange.TargetChangeType.REMOVE:
            raise _Removed(answer.target_change.cause.code)
        # Other changes of the target tell only that the connection lives.
        if "target_change" not in answer or change == TargetChange.TargetChangeType.CURRENT:
            self._heard_at = time.monotonic()
        if "document_change" in answer:
            self._wake()

    def _open(self, over: threading.Event) -> Iterable[ListenResponse]:
        # The stub itself, as the SDK's own watch calls it: the client's method around it waits for the first answer,
        # and nothing could break that off.
        listen = self._client._firestore_api.transport.listen
        with self._lock:
            if self._closing.is_set():
                return ()
            self._stream = listen(self._requests(over), timeout=LIFE_S, metadata=self._client._rpc_metadata)
            return self._stream

    def _requests(self, over: threading.Event) -> Iterator[ListenRequest]:
        """What to listen to. The server ends the stream when there is nothing more to ask."""
        database = self._client._database_string
        target = Target.QueryTarget(parent=f"{database}/documents", structured_query=OLDEST_QUEUED)
        yield ListenRequest(database=database, add_target=Target(query=target, target_id=1))
        over.wait()

    def _break_off(self) -> None:
        with self._lock:
            if self._stream is not None:
                self._stream.cancel()


class _Removed(Exception):
    """The server has stopped listening to the query; the argument is its reason, the number of a gRPC status."""


def _reason(error: Exception) -> str:
    return error.code().name if isinstance(error, grpc.Call) else repr(error)
