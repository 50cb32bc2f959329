import socket
import urllib.request

import pytest

import clipit
from jobs.painter import expected_s
from jobs.settings import Store
from tests.fakes import Clock, an_order, draws
from worker.pace import COSTS, LEAST_STEPS
from worker.recipe import DRAWERS
from worker.run import Worker, _tried, _watched
from worker.settings import WorkerSettings

A_DRAFT = clipit.Settings(prompts="castle")
STEPS = A_DRAFT.resolved().iterations


@pytest.fixture
def worker(queue, shelf):
    worker = Worker(WorkerSettings(worker="here"), Store(queue, shelf), Clock())
    worker.factors = dict.fromkeys(COSTS, 1.0)
    return worker


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
    assert [frame.step for frame in worker.watched(A_DRAFT, draws(3)(A_DRAFT))] == [1, 2, 3]
    assert worker.registry.get_sample_value("text2art_iterations_total") == 3


def painted(worker, steps, step_s, first_s=0.0):
    """Let it paint with steps that take so long, the first of them longer by `first_s`."""
    worker._clock.now += first_s
    for _ in worker.watched(A_DRAFT, draws(steps)(A_DRAFT)):
        worker._clock.now += step_s


def expected(worker):
    return expected_s(worker.painter().paces, an_order())


def test_a_painting_teaches_how_long_the_next_one_takes(worker):
    for _ in range(20):
        painted(worker, STEPS, 2.0, first_s=100)
    assert expected(worker) == pytest.approx(STEPS * 2.0, rel=0.01)
    assert worker.painter().name == "here"


def test_a_worker_tells_which_models_judge(worker):
    assert worker.painter().models == ()
    worker.models = ("small",)
    assert worker.painter().models == ("small",)


def test_a_few_steps_teach_nothing(worker):
    before = expected(worker)
    painted(worker, LEAST_STEPS, 2.0)
    assert expected(worker) == before
    painted(worker, LEAST_STEPS + 1, 2.0)
    assert expected(worker) > before


def test_a_painting_that_was_broken_off_teaches_nothing(worker):
    before, frames = expected(worker), worker.watched(A_DRAFT, draws(STEPS)(A_DRAFT))
    for _ in range(50):
        next(frames)
        worker._clock.now += 2.0
    frames.close()
    assert expected(worker) == before


@pytest.mark.parametrize("drawer", DRAWERS.values())
def test_every_drawer_is_tried_out(models, drawer):
    assert 0.02 < _tried(drawer, models) < 200  # of a fast GPU, and of a busy machine


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
