import threading

import pytest

from jobs import LeaseLost, Progress, Status
from tests.fakes import an_order
from worker.errors import Stopping
from worker.lease import Lease

PROGRESS = Progress(step=1, of=5, score=0.2)


class Signal:
    """Waits for something to have happened in the renewing thread."""

    def __init__(self):
        self._event = threading.Event()

    def __call__(self, *_):
        self._event.set()

    def is_seen(self):
        return self._event.wait(10)


class Failing:
    """A queue that is out of reach for the given number of heartbeats."""

    def __init__(self, queue, times):
        self._queue, self._times = queue, times

    def heartbeat(self, *arguments):
        if self._times:
            self._times -= 1
            raise ConnectionError("castle underwater")
        self._queue.heartbeat(*arguments)


@pytest.fixture
def claim(queue):
    queue.put(an_order())
    return queue.claim("worker", 60)


@pytest.fixture
def stop():
    return threading.Event()


@pytest.fixture
def lease(claim, stop, clock):
    def make(queue, lease_s=60.0, stall_s=600.0, abandon=lambda: None):
        return Lease(queue, claim, lease_s, stop, stall_s=stall_s, abandon=abandon, clock=clock)

    return make


def test_a_report_renews_the_lease_and_stores_the_progress(queue, claim, lease, clock):
    with lease(queue) as held:
        clock.now += 50
        held.report(PROGRESS)
    clock.now += 50
    assert queue.claim("another", 60) is None
    assert queue.get(claim.job.id).progress == PROGRESS


def test_the_lease_is_renewed_while_the_painting_is_silent(claim, lease):
    class Heart:
        beats = Signal()

        def heartbeat(self, *_):
            self.beats()

    with lease(Heart(), lease_s=0.03):
        assert Heart.beats.is_seen()


def test_a_painting_that_reports_needs_no_other_heartbeat(claim, lease):
    class Counting:
        beats = 0

        def heartbeat(self, *_):
            self.beats += 1

    counting = Counting()
    with lease(counting, lease_s=30.0) as held:
        for _ in range(5):
            held.report(PROGRESS)
    assert counting.beats == 5


def test_after_the_block_nothing_is_renewed(queue, claim, lease, clock):
    with lease(queue):
        pass
    clock.now += 61
    assert queue.claim("another", 60) is not None


def test_a_report_under_a_cancelled_job_raises(queue, claim, lease):
    with lease(queue) as held:
        queue.cancel(claim.job.id)
        with pytest.raises(LeaseLost):
            held.report(PROGRESS)
        with pytest.raises(LeaseLost):
            held.report()


def test_a_zombie_that_wakes_after_its_lease_asks_before_it_goes_on(queue, claim, lease, clock):
    with lease(queue) as held:
        clock.now += 61
        assert queue.claim("another", 60) is not None
        with pytest.raises(LeaseLost):
            held.report()


def test_a_sleeper_whose_job_nobody_took_goes_on(queue, claim, lease, clock):
    with lease(queue) as held:
        clock.now += 61
        held.report()
    assert queue.claim("another", 60) is None


def test_a_stop_request_ends_the_painting_at_the_next_frame(queue, lease, stop):
    with lease(queue) as held:
        held.report()
        stop.set()
        with pytest.raises(Stopping):
            held.report()


def test_one_failed_heartbeat_is_a_line_in_the_log(queue, lease, caplog):
    with lease(Failing(queue, 1)) as held:
        held.report(PROGRESS)
        held.report(PROGRESS)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "heartbeat-failed" in caplog.text


def test_a_lease_full_of_failed_heartbeats_is_a_lost_lease(queue, claim, lease, clock):
    with lease(Failing(queue, 1000)) as held:
        held.report(PROGRESS)
        clock.now += 61
        with pytest.raises(LeaseLost):
            held.report(PROGRESS)


def test_a_painting_that_stalls_is_abandoned_and_its_job_handed_out(queue, claim, lease, clock):
    abandoned = Signal()
    with lease(queue, lease_s=0.03, stall_s=600, abandon=abandoned) as held:
        clock.now += 601
        assert abandoned.is_seen()
        with pytest.raises(LeaseLost):
            held.report()
    assert queue.claim("another", 60).job.status == Status.RUNNING
