import errno
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from jobs import MAX_ATTEMPTS, Files, LeaseLost, Status
from tests.fakes import an_order
from worker.errors import CannotPaint, Stopping
from worker.loop import SORRY, keep_doing, serve

FILES = Files(picture=f"{'a' * 22}/picture.png", thumbnail=f"{'a' * 22}/thumbnail.webp")


@dataclass
class Stop:
    """A stop flag that is set after so many looks, and rests without sleeping."""

    after: int
    rests: list[float] = field(default_factory=list)

    def is_set(self):
        self.after -= 1
        return self.after < 0

    def wait(self, seconds):
        self.rests.append(seconds)


@contextmanager
def hold(claim):
    class Held:
        @staticmethod
        def report(progress=None):
            return None

    yield Held


@pytest.fixture
def turn(queue):
    def take(make, hold=hold):
        return serve(queue, make, hold, worker="worker", lease_s=60)

    return take


def raising(error):
    def make(job, report):
        raise error

    return make


def letters(queue):
    found = []
    while (letter := queue.take_letter(60)) is not None:
        found.append(letter.job.status)
    return found


def test_an_empty_queue_is_an_idle_turn(turn):
    assert turn(raising(AssertionError())) is False


def test_a_made_job_is_done_with_its_files_and_one_letter(queue, turn):
    job = queue.put(an_order())
    assert turn(lambda job, report: FILES) is True
    assert (queue.get(job.id).status, queue.get(job.id).files) == (Status.DONE, FILES)
    assert letters(queue) == [Status.DONE]


def test_the_oldest_job_is_made_first(queue, turn):
    first, _ = queue.put(an_order()), queue.put(an_order())
    made = []
    turn(lambda job, report: made.append(job.id) or FILES)
    assert made == [first.id]


def test_an_order_that_cannot_be_painted_fails_with_its_reason(queue, turn):
    job = queue.put(an_order())
    assert turn(raising(CannotPaint("the quality 'odd' is unknown; accepted: draft"))) is True
    assert queue.get(job.id).error == "the quality 'odd' is unknown; accepted: draft"
    assert letters(queue) == [Status.FAILED]


def test_an_unexpected_error_fails_the_job_politely_and_is_logged_without_prompt_or_address(queue, turn, caplog):
    caplog.set_level(logging.DEBUG)
    order = an_order(prompt="canary prompt", email="canary@example.com")
    job = queue.put(order)
    turn(raising(RuntimeError(f"cannot paint {order.prompt} for {order.email}")))
    assert queue.get(job.id).error == SORRY
    assert letters(queue) == [Status.FAILED]
    assert job.id in caplog.text and "RuntimeError" in caplog.text and "test_loop.py" in caplog.text
    assert "canary" not in caplog.text


def test_a_stop_request_gives_the_job_back_without_counting_the_attempt(queue, turn):
    job = queue.put(an_order())
    turn(raising(Stopping()))
    assert (queue.get(job.id).status, queue.get(job.id).attempt) == (Status.QUEUED, 0)
    assert letters(queue) == []


def test_a_job_cancelled_while_painted_is_dropped_silently(queue, turn):
    job = queue.put(an_order())

    def make(job, report):
        queue.cancel(job.id)
        raise LeaseLost

    assert turn(make) is True
    assert queue.get(job.id).status == Status.CANCELLED
    assert letters(queue) == []


@pytest.mark.parametrize("ending", [FILES, CannotPaint(), Stopping(), RuntimeError()])
def test_whatever_a_zombie_ends_with_is_refused(queue, turn, clock, ending):
    job = queue.put(an_order())

    def make(job, report):
        clock.now += 61
        queue.claim("another", 60)
        if isinstance(ending, Exception):
            raise ending
        return ending

    assert turn(make) is True
    assert (queue.get(job.id).status, queue.get(job.id).attempt) == (Status.RUNNING, 2)
    assert letters(queue) == []


def test_a_full_disk_gives_the_job_back_and_is_told_to_the_outermost_loop(queue, turn):
    job = queue.put(an_order())
    with pytest.raises(OSError, match="No space left"):
        turn(raising(OSError(errno.ENOSPC, "No space left on device")))
    assert (queue.get(job.id).status, queue.get(job.id).attempt) == (Status.QUEUED, 0)
    assert letters(queue) == []


def test_another_disk_error_fails_the_job(queue, turn):
    job = queue.put(an_order())
    turn(raising(OSError(errno.EIO, "Input/output error")))
    assert queue.get(job.id).status == Status.FAILED


def test_a_job_that_takes_its_workers_down_is_given_up(queue, turn, clock):
    class PowerCut(BaseException):
        pass

    job = queue.put(an_order())
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(PowerCut):
            turn(raising(PowerCut()))
        clock.now += 61
    assert turn(lambda job, report: FILES) is False
    assert queue.get(job.id).status == Status.FAILED
    assert letters(queue) == [Status.FAILED]


def test_busy_turns_follow_each_other_and_idle_ones_rest():
    outcomes = iter([True, True, False, True, False])
    stop = Stop(after=5)
    keep_doing(lambda: next(outcomes), stop, poll_s=0.5)
    assert stop.rests == [0.5, 0.5]


def test_a_set_stop_flag_means_no_turn_at_all():
    keep_doing(raising(AssertionError()), Stop(after=0), poll_s=0.5)


def test_failing_turns_rest_ever_longer_up_to_a_minute_and_a_good_one_forgives(caplog):
    outcomes = iter([OSError("canary")] * 9 + [False, OSError("canary")])

    def turn():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    stop = Stop(after=11)
    keep_doing(turn, stop, poll_s=0.5)
    assert stop.rests == [1, 2, 4, 8, 16, 32, 64, 64, 64, 0.5, 1]
    assert caplog.text.count("action=trouble") == 10
    assert "canary" not in caplog.text
