import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from worker.metrics import WorkerMetrics
from worker.monitor import Pulse, answer, served


@pytest.fixture
def state():
    return {"healthy": True, "ready": True}


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def ask(state, registry):
    app = answer(registry, lambda: state["healthy"], lambda: state["ready"])
    with served(app, "127.0.0.1", 0) as port:

        def get(path):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as reply:
                    return reply.status, reply.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read().decode()

        yield get


def test_a_worker_that_is_well_says_so(ask):
    assert ask("/healthz")[0] == ask("/readyz")[0] == 200


def test_health_and_readiness_are_told_apart(ask, state):
    state["ready"] = False
    assert (ask("/healthz")[0], ask("/readyz")[0]) == (200, 503)
    state.update(healthy=False, ready=True)
    assert (ask("/healthz")[0], ask("/readyz")[0]) == (503, 200)


@pytest.mark.parametrize("path", ["/", "/jobs", "/healthz/", "/../etc/passwd", "/metrics/x"])
def test_there_is_nothing_else_to_see(ask, path):
    assert ask(path)[0] == 404


def test_metrics_are_those_of_the_registry(ask, registry):
    metrics = WorkerMetrics(registry)
    for _ in range(3):
        metrics.drew()
    metrics.beat("lost")

    status, text = ask("/metrics")

    assert status == 200
    assert "text2art_iterations_total 3.0" in text
    assert 'text2art_heartbeats_total{outcome="lost"} 1.0' in text
    assert 'text2art_slo_seconds{slo="mail_delay_p95"} 60.0' in text


def test_a_pulse_is_young_for_as_long_as_asked(clock):
    pulse = Pulse(clock)
    assert not pulse.is_younger(1e9)
    pulse.beat()
    clock.now += 30
    assert pulse.is_younger(31) and not pulse.is_younger(30)
