"""A listener wakes whoever waits, whatever becomes of its stream, and costs nothing while the server is away."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import grpc
import pytest
from google.cloud.firestore_v1.types import ExistenceFilter, ListenResponse, TargetChange
from google.rpc.status_pb2 import Status as RpcStatus

from jobs import Order, watch
from jobs.firestore import FirestoreQueue
from tests.firestore_emulator import firestore_emulator
from tests.jobs.wire import Answers, Broken, Silence, Streams

ORDER = Order(prompt="castle underwater", email="visitor@example.com")
PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Neither threads of the listener nor those of its streams."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + PATIENCE_S
    while set(threading.enumerate()) - before and time.monotonic() < until:
        time.sleep(0.02)
    assert set(threading.enumerate()) - before == set()


@pytest.fixture
def restless(monkeypatch):
    monkeypatch.setattr(watch, "SHORTEST_PAUSE_S", 0.01)
    monkeypatch.setattr(watch, "LONGEST_PAUSE_S", 0.5)


class Ear:
    """Counts its wakings."""

    def __init__(self):
        self._heard = threading.Semaphore(0)

    def wake(self):
        self._heard.release()

    def hears(self, within_s=PATIENCE_S):
        return self._heard.acquire(timeout=within_s)

    def forget(self):
        while self._heard.acquire(blocking=False):
            pass


@contextmanager
def listening(emulator, *first):
    """A queue, an ear that listens to it, and its streams, of which these are the first ones."""
    streams, ear = Streams(*first), Ear()
    with emulator.client(streams) as client:
        queue = FirestoreQueue(client)
        with queue.listen(ear.wake):
            if Silence not in map(type, first):
                assert streams.current.wait(PATIENCE_S)
            yield queue, ear, streams


def test_listener_hears_of_each_queued_job(emulator):
    with listening(emulator) as (queue, ear, _):
        for _ in range(3):
            queue.put(ORDER)
            assert ear.hears()
            queue.claim("worker", 60)


def test_listener_hears_of_a_job_that_waits_already(emulator):
    with listening(emulator) as (queue, ear, _):
        queue.put(ORDER)
        with queue.listen((another := Ear()).wake):
            assert another.hears()
        assert ear.hears()


def test_listener_hears_of_jobs_that_are_given_back_or_started_again(emulator):
    with listening(emulator) as (queue, ear, _):
        job = queue.put(ORDER)
        assert ear.hears()
        claim = queue.claim("worker", 60)
        ear.forget()
        queue.release(claim)
        assert ear.hears()
        queue.cancel(job.id)
        ear.forget()
        queue.retry(job.id)
        assert ear.hears()


def test_listener_hears_of_the_next_job_when_the_first_is_claimed(emulator):
    with listening(emulator) as (queue, ear, _):
        queue.put(ORDER)
        assert ear.hears()
        queue.put(ORDER)
        queue.claim("worker", 60)
        assert ear.hears()


def test_listener_that_ends_is_woken_no_more(emulator):
    with listening(emulator) as (queue, ear, streams):
        queue.put(ORDER)
        assert ear.hears()
    ear.forget()

    assert streams.opened == 1
    assert not ear.hears(within_s=0)


def a_target_change(kind, code=0):
    return ListenResponse(target_change=TargetChange(target_change_type=kind, cause=RpcStatus(code=code)))


KILLERS = {
    "refused": [Broken(grpc.StatusCode.PERMISSION_DENIED)],
    "out of reach": [Broken(grpc.StatusCode.UNAVAILABLE)],
    "ended by the server": [],
    "ended after it was current": [a_target_change(TargetChange.TargetChangeType.CURRENT)],
    "target removed": [a_target_change(TargetChange.TargetChangeType.REMOVE, 8), Broken(grpc.StatusCode.CANCELLED)],
    "reset": [a_target_change(TargetChange.TargetChangeType.RESET), Broken(grpc.StatusCode.ABORTED)],
    "filter mismatch": [ListenResponse(filter=ExistenceFilter(count=7)), Broken(grpc.StatusCode.INTERNAL)],
    "nonsense": [ListenResponse(), TypeError("an answer that nobody understands")],
}


@pytest.mark.parametrize("killer", KILLERS)
def test_listener_outlives_its_streams(emulator, restless, killer):
    with listening(emulator, Answers(*KILLERS[killer]), Answers(*KILLERS[killer])) as (queue, ear, streams):
        queue.put(ORDER)
        assert ear.hears()
    assert streams.opened == 3


def test_listener_whose_wake_fails_listens_on(emulator, restless, caplog):
    ear, failures = Ear(), iter([ValueError("a bug")])

    def wake():
        ear.wake()
        for failure in failures:
            raise failure

    caplog.set_level("INFO")
    with emulator.client() as client:
        queue = FirestoreQueue(client)
        queue.put(ORDER)
        with queue.listen(wake):
            assert ear.hears()  # and fails
            assert ear.hears()  # of the same job, by a new stream
    assert "ValueError('a bug')" in [record.reason for record in caplog.records if record.message == "watch-ended"]


def test_deaf_stream_is_opened_again_when_a_look_finds_a_job_that_waited(emulator, restless, monkeypatch):
    monkeypatch.setattr(watch, "LATE_S", 0.05)
    with listening(emulator, Silence()) as (queue, ear, streams):
        assert not ear.hears(within_s=0.2)
        queue.put(ORDER)
        assert not ear.hears(within_s=0.2)

        assert queue.claim("worker", 60) is not None

        assert streams.current.wait(PATIENCE_S)
        queue.put(ORDER)
        assert ear.hears()
        assert streams.opened == 2


def test_stream_that_spoke_after_the_job_had_come_is_kept(emulator, restless):
    streams, ear = Streams(), Ear()
    with emulator.client(streams) as client:
        FirestoreQueue(client).put(ORDER)
        with watch.Watch(client, ear.wake) as listener:
            assert ear.hears()
            for waited in (timedelta(0), timedelta(hours=1)):
                listener.found(waited)
            assert not ear.hears(within_s=0.2)
    assert streams.opened == 1


def test_stream_lives_for_a_while_and_is_followed_by_another(emulator, restless, monkeypatch):
    monkeypatch.setattr(watch, "LIFE_S", 0.3)
    with listening(emulator) as (queue, ear, streams):
        until = time.monotonic() + PATIENCE_S
        while streams.opened < 3 and time.monotonic() < until:
            time.sleep(0.02)
        ear.forget()
        queue.put(ORDER)
        assert ear.hears()  # by this stream or the next one
    assert streams.opened >= 3


def test_listener_of_a_silent_server_ends_when_asked(emulator):
    with listening(emulator, Silence()) as (_, _, streams):
        until = time.monotonic() + PATIENCE_S
        while not streams.opened and time.monotonic() < until:
            time.sleep(0.01)
    assert streams.opened == 1


def test_pauses_between_streams_grow_while_the_server_is_away(emulator, monkeypatch):
    pauses = []
    monkeypatch.setattr(watch, "SHORTEST_PAUSE_S", 0.001)
    monkeypatch.setattr(watch, "LONGEST_PAUSE_S", 0.01)
    broken = [Answers(Broken(grpc.StatusCode.UNAVAILABLE)) for _ in range(6)]
    with emulator.client(Streams(*broken)) as client:
        ear = Ear()
        listener = watch.Watch(client, ear.wake)
        wait = listener._closing.wait
        monkeypatch.setattr(listener._closing, "wait", lambda pause_s: (pauses.append(pause_s), wait(pause_s)))
        FirestoreQueue(client).put(ORDER)
        with listener:
            assert ear.hears()
    assert pauses[:6] == [0.002, 0.004, 0.008, 0.01, 0.01, 0.01]


def test_listener_costs_next_to_nothing_while_the_server_is_away_and_hears_again_when_it_is_back():
    """The SDK's own listener takes a whole core all the time, and another one when it is closed."""
    outage_s = 5.0
    with firestore_emulator() as emulator, listening(emulator) as (queue, ear, streams):
        queue.put(ORDER)
        assert ear.hears()

        emulator.stop()
        began = time.process_time()
        time.sleep(outage_s)
        assert time.process_time() - began < 0.05 * outage_s
        assert streams.opened < 10
        ear.forget()
        streams.current.clear()

        emulator.start()
        assert streams.current.wait(PATIENCE_S)
        queue.put(ORDER)
        assert ear.hears()


def test_listener_ends_while_the_server_is_away():
    with firestore_emulator() as emulator, listening(emulator) as (queue, ear, _):
        queue.put(ORDER)
        assert ear.hears()
        emulator.stop()
    # what it has left behind is asked after every test
