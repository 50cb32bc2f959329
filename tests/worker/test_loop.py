import errno
import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry

from jobs import MAX_ATTEMPTS, Files, LeaseLost, Status, Unavailable
from tests.fakes import an_order, everything_logged
from worker.errors import CannotPaint, Stopping
from worker.loop import SORRY, Bell, keep_doing, serve
from worker.metrics import WorkerMetrics

FILES = Files(picture=f"{'a' * 22}/picture.png", thumbnail=f"{'a' * 22}/thumbnail.webp")


@dataclass
class Stop:
    """A stop flag that is set after so many looks."""

    after: int
    waits: list[float] = field(default_factory=list)

    def is_set(self):
        self.after -= 1
        return self.after < 0

    def wait(self, seconds):
        self.waits.append(seconds)


@contextmanager
def hold(claim):
    class Held:
        @staticmethod
        def report(progress=None):
            return None

    yield Held


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def turn(queue, registry):
    metrics = WorkerMetrics(registry)

    def take(make, hold=hold, sweep=lambda job_id: None, **options):
        return serve(queue, make, hold, sweep, worker="worker", lease_s=60, metrics=metrics, **options)

    return take


def raising(error):
    def make(claim, report):
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
    assert turn(lambda claim, report: FILES) is True
    assert (queue.get(job.id).status, queue.get(job.id).files) == (Status.DONE, FILES)
    assert letters(queue) == [Status.DONE]


def test_the_oldest_job_is_made_first(queue, turn):
    first, _ = queue.put(an_order()), queue.put(an_order())
    made = []
    turn(lambda claim, report: made.append(claim.job.id) or FILES)
    assert made == [first.id]


def test_what_makes_the_picture_is_given_the_claim_for_its_keys(queue, turn):
    queue.put(an_order())
    claims = []
    turn(lambda claim, report: claims.append(claim) or FILES)
    assert [claim.token for claim in claims] == [1]


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
    (fault,) = [record for record in caplog.records if record.message == "fault"]
    assert fault.job == job.id and "RuntimeError" in fault.error and "test_loop.py" in fault.error
    assert "canary" not in everything_logged(caplog)


def test_a_stop_request_gives_the_job_back_without_counting_the_attempt(queue, turn):
    job = queue.put(an_order())
    turn(raising(Stopping()))
    assert (queue.get(job.id).status, queue.get(job.id).attempt) == (Status.QUEUED, 0)
    assert letters(queue) == []


def test_a_job_cancelled_while_painted_is_dropped_silently(queue, turn):
    job = queue.put(an_order())

    def make(claim, report):
        queue.cancel(job.id)
        raise LeaseLost

    assert turn(make) is True
    assert queue.get(job.id).status == Status.CANCELLED
    assert letters(queue) == []


def test_only_after_a_job_that_was_lost_it_is_swept(queue, turn):
    swept = []
    lost, _ = queue.put(an_order()), queue.put(an_order())
    turn(raising(LeaseLost()), sweep=swept.append)
    turn(lambda claim, report: FILES, sweep=swept.append)
    assert swept == [lost.id]


@pytest.mark.parametrize("ending", [FILES, CannotPaint(), Stopping(), RuntimeError()])
def test_whatever_a_zombie_ends_with_is_refused(queue, turn, clock, ending):
    job = queue.put(an_order())

    def make(claim, report):
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


def test_a_shelf_that_does_not_answer_gives_the_job_back_and_is_told_to_the_outermost_loop(queue, turn):
    job = queue.put(an_order())
    with pytest.raises(Unavailable):
        turn(raising(Unavailable()))
    assert (queue.get(job.id).status, queue.get(job.id).attempt) == (Status.QUEUED, 0)
    assert letters(queue) == []


@pytest.mark.parametrize("ending", [FILES, CannotPaint("too odd"), RuntimeError("a bug")])
def test_a_queue_that_does_not_answer_at_the_end_is_told_again(queue, turn, monkeypatch, ending):
    job = queue.put(an_order())
    for verb in ("finish", "fail"):
        monkeypatch.setattr(queue, verb, failing_twice(getattr(queue, verb)))
    rests = []

    assert turn(raising(ending) if isinstance(ending, Exception) else lambda claim, report: ending, rest=rests.append)

    assert queue.get(job.id).status.is_terminal
    assert rests == [1, 4]


def failing_twice(verb):
    answers = iter([Unavailable(), Unavailable()])

    def settle(*arguments):
        if (error := next(answers, None)) is not None:
            raise error
        return verb(*arguments)

    return settle


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
    assert turn(lambda claim, report: FILES) is False
    assert queue.get(job.id).status == Status.FAILED
    assert letters(queue) == [Status.FAILED]


def test_busy_turns_follow_each_other_and_idle_ones_rest():
    outcomes = iter([True, True, False, True, False])
    rests = []
    keep_doing(lambda: next(outcomes), Stop(after=5), rests.append, poll_s=0.5)
    assert rests == [0.5, 0.5]


def test_a_set_stop_flag_means_no_turn_at_all():
    keep_doing(raising(AssertionError()), Stop(after=0), raising(AssertionError()), poll_s=0.5)


def test_failing_turns_rest_ever_longer_up_to_half_a_minute_and_a_good_one_forgives(caplog):
    outcomes = iter([OSError("canary")] * 7 + [False, OSError("canary")])

    def turn():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    stop, rests, went_well = Stop(after=9), [], []
    keep_doing(turn, stop, rests.append, poll_s=0.5, tell=went_well.append)
    assert (stop.waits, rests) == ([1, 2, 4, 8, 16, 30, 30, 1], [0.5])
    assert went_well == [False] * 7 + [True, False]
    assert [record.message for record in caplog.records] == ["trouble"] * 8
    assert "canary" not in everything_logged(caplog) + str([record.error for record in caplog.records])


def test_a_loop_outlives_any_number_of_failures(caplog):
    caplog.set_level(logging.CRITICAL)
    stop = Stop(after=2000)
    keep_doing(fail, stop, stop.wait, poll_s=0.5)
    assert stop.waits[-1] == 30


def fail():
    raise OSError("canary")


def test_a_bell_rung_before_or_during_a_rest_ends_it_once():
    bell = Bell()
    bell.ring()
    bell.rest(60)
    threading.Timer(0.01, bell.ring).start()
    bell.rest(60)
    bell.rest(0.001)


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        (FILES, "done"),
        (CannotPaint(), "refused"),
        (Stopping(), "released"),
        (RuntimeError(), "failed"),
        (LeaseLost(), "lost"),
    ],
)
def test_how_a_painting_ended_is_counted(queue, turn, registry, ending, outcome):
    queue.put(an_order())
    turn(raising(ending) if isinstance(ending, Exception) else lambda claim, report: ending)

    assert registry.get_sample_value("text2art_claims_total", {"attempt": "1"}) == 1
    assert registry.get_sample_value("text2art_jobs_ended_total", {"outcome": outcome}) == 1
    assert registry.get_sample_value("text2art_claim_latency_seconds_count") == 1
    assert registry.get_sample_value("text2art_painting_seconds_count") == 1


def test_a_painting_whose_end_could_not_be_told_is_counted_too(queue, turn, registry):
    queue.put(an_order())
    with pytest.raises(Unavailable):
        turn(raising(Unavailable()))
    assert registry.get_sample_value("text2art_jobs_ended_total", {"outcome": "unsettled"}) == 1
