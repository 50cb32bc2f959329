import socket
import urllib.request

import pytest

from jobs.settings import Store
from tests.fakes import an_order
from worker.run import Worker, _watched
from worker.settings import WorkerSettings


@pytest.fixture
def worker(queue, shelf):
    return Worker(WorkerSettings(), Store(queue, shelf))


def test_a_worker_is_ready_once_a_turn_went_well_and_until_it_is_asked_to_end(worker):
    assert not worker.is_ready()
    worker.painted(went_well=False)
    assert not worker.is_ready()
    worker.painted(went_well=True)
    assert worker.is_ready()
    worker.end()
    assert not worker.is_ready()


def test_a_worker_is_healthy_while_both_its_loops_turn_however_they_fare(worker):
    worker.painted(went_well=False)
    assert not worker.is_healthy()
    worker.posted(went_well=False)
    assert worker.is_healthy()


def test_a_heartbeat_that_the_queue_took_keeps_a_painting_worker_ready(worker, queue):
    queue.put(an_order())
    with worker.hold(queue.claim("worker", 60)) as held:
        held._beat()
    assert worker.is_ready()
    assert worker.registry.get_sample_value("text2art_heartbeats_total", {"outcome": "ok"}) == 1


def test_frames_are_counted_on_their_way(worker):
    assert list(worker.watched(iter("abc"))) == ["a", "b", "c"]
    assert worker.registry.get_sample_value("text2art_iterations_total") == 3


def test_a_worker_whose_port_is_taken_works_on_unwatched(worker, caplog):
    with socket.create_server(("127.0.0.1", 0)) as other, _watched(worker, "127.0.0.1", other.getsockname()[1]):
        assert [record.message for record in caplog.records] == ["unwatched"]


def test_a_watched_worker_tells_its_metrics(worker):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with _watched(worker, "127.0.0.1", port), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert b"text2art_iterations_total" in answer.read()


def test_asked_to_end_both_loops_stop_resting(worker):
    worker.end()
    assert worker.stop.is_set()
    worker.jobs.rest(60)
    worker.letters.rest(60)
