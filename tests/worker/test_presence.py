import sqlite3
import threading
from datetime import UTC, datetime

import pytest

from jobs import Unavailable
from jobs.memory import MemoryQueue
from jobs.painter import Painter
from worker import presence
from worker.presence import present

PATIENCE_S = 20
NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Watched(MemoryQueue):
    """A queue that is told often, tells of it, and is in trouble as often as planned. For its clock no time goes by."""

    presence_s = 0.01

    def __init__(self, trouble=()):
        super().__init__(clock=lambda: NOW)
        self.trouble, self.names = list(trouble), []
        self.told = threading.Semaphore(0)

    def check_in(self, painter):
        self.names.append(painter.name)
        self.told.release()
        if self.trouble:
            raise self.trouble.pop()
        super().check_in(painter)

    def wait(self, times):
        for _ in range(times):
            assert self.told.acquire(timeout=PATIENCE_S)


def a_painter(name="worker"):
    return Painter(name=name, paces={})


def test_a_painter_is_there_while_it_is_and_no_longer():
    queue = Watched()
    with present(queue, a_painter):
        queue.wait(2)  # the second asks once the first was answered
        assert [painter.name for painter in queue.painters()] == ["worker"]
    assert queue.painters() == []


def test_it_is_told_again_and_again_as_it_is_by_then():
    queue, names = Watched(), iter("abc")
    with present(queue, lambda: a_painter(next(names, "z"))):
        queue.wait(4)
    assert queue.names[:4] == ["a", "b", "c", "z"]


@pytest.mark.parametrize("error", [Unavailable(), sqlite3.OperationalError("locked")])
def test_a_store_in_trouble_is_told_at_the_next_time(error, caplog):
    queue = Watched([error, error])
    with present(queue, a_painter):
        queue.wait(4)
        assert len(queue.painters()) == 1
    assert [record.message for record in caplog.records] == ["presence-untold"] * 2


def test_one_is_gone_even_if_the_painting_failed():
    queue = Watched()
    with pytest.raises(ZeroDivisionError), present(queue, a_painter):
        queue.wait(2)
        raise ZeroDivisionError
    assert queue.painters() == []


def test_a_store_that_hangs_does_not_keep_the_worker(monkeypatch):
    monkeypatch.setattr(presence, "LONGEST_FAREWELL_S", 0.05)
    queue, hang = Watched(), threading.Event()
    queue.check_out = lambda name: hang.wait(PATIENCE_S)
    with present(queue, a_painter):
        queue.wait(1)
    assert not hang.is_set()
    hang.set()
