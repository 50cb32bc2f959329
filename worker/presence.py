"""Telling the queue that a painter is there: again and again, from a thread of its own, since paintings take long."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jobs import Queue
from jobs.logs import where
from jobs.painter import Painter

LONGEST_FAREWELL_S = 3  # for a store that does not answer; without a farewell one is soon taken for gone anyway

log = logging.getLogger(__name__)


@contextmanager
def present(queue: Queue, painter: Callable[[], Painter]) -> Iterator[None]:
    """While the block runs `painter`, asked anew each time, is told of every `queue.presence_s`; at its end it leaves.

    A store that does not answer is asked again at the next time.
    """
    over = threading.Event()
    thread = threading.Thread(target=_tell, args=(queue, painter, over), name="presence", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(LONGEST_FAREWELL_S)


def _tell(queue: Queue, painter: Callable[[], Painter], over: threading.Event) -> None:
    while not over.is_set():
        _try(lambda: queue.check_in(painter()))
        over.wait(queue.presence_s)
    _try(lambda: queue.check_out(painter().name))


def _try(tell: Callable[[], None]) -> None:
    try:
        tell()
    except Exception as error:  # whatever the store's trouble is, the next time is soon
        log.warning("presence-untold", extra={"error": where(error)})
