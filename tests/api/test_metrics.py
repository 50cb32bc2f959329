import re

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from api.metrics import add_metrics, count_requests
from jobs import Order, Unavailable

ORDER = Order(prompt="castle underwater", email="canary.address@example.com")
JOB_ID = "q6Zr0f3m1hXcW9bT2sLk8A"


def an_app(queue, token=None):
    registry = CollectorRegistry()
    app = FastAPI(middleware=[Middleware(count_requests, registry=registry)])
    add_metrics(app, queue, registry, SecretStr(token) if token else None)
    app.add_api_route("/api/jobs/{job_id}", lambda job_id: {"id": job_id})
    return app


def here(app, host="127.0.0.1"):
    return TestClient(app, client=(host, 1234))


def test_depth_and_age_of_the_queue_are_told_when_asked(queue):
    client = here(an_app(queue))
    assert "text2art_queue_depth 0.0" in client.get("/metrics").text
    queue.put(ORDER)
    queue.put(ORDER)

    text = client.get("/metrics").text

    assert "text2art_queue_up 1.0" in text
    assert "text2art_queue_depth 2.0" in text
    assert re.search(r"^text2art_queue_age_seconds \d", text, re.MULTILINE)


def test_queue_that_does_not_answer_is_told_as_down_beside_everything_else():
    class Away:
        def count(self, status):
            raise Unavailable

    text = here(an_app(Away())).get("/metrics").text

    assert "text2art_queue_up 0.0" in text
    assert "text2art_queue_depth" not in text
    assert 'text2art_slo{slo="submit_p99_seconds"} 0.25' in text


def test_requests_are_counted_by_route_and_never_by_id(queue):
    client = here(an_app(queue))
    client.get(f"/api/jobs/{JOB_ID}")
    client.get(f"/nowhere/{JOB_ID}")
    client.request("BREW", f"/api/jobs/{JOB_ID}")

    text = client.get("/metrics").text

    labels = r'method="GET",route="/api/jobs/{job_id}",status="200"'
    assert f"text2art_http_request_seconds_count{{{labels}}} 1.0" in text
    assert 'route="none",status="404"' in text
    assert 'method="other"' in text
    assert JOB_ID not in text and "BREW" not in text


def test_every_route_is_counted_by_its_whole_template(app, studio):
    """FastAPI tells a router within a router without the outer one's prefix."""
    client = here(app)
    for path in client.get("/openapi.json").json()["paths"]:
        client.get(path.format(job_id=JOB_ID, name="picture.png"))
        client.delete(path.format(job_id=JOB_ID, name="picture.png"))
    counted = set(re.findall(r'route="([^"]*)"', client.get("/metrics").text))
    assert counted - {"none", "/metrics", "/openapi.json"} <= set(client.get("/openapi.json").json()["paths"])


def test_a_fault_of_ours_is_counted_too(queue):
    def broken():
        raise RuntimeError

    app = an_app(queue)
    app.add_api_route("/broken", broken)
    client = TestClient(app, client=("127.0.0.1", 1234), raise_server_exceptions=False)
    assert client.get("/broken").status_code == 500
    assert 'route="/broken",status="500"} 1.0' in client.get("/metrics").text


@pytest.mark.parametrize("host", ["10.0.0.7", "2001:db8::1", "testclient"])
def test_without_a_token_only_this_machine_reads_metrics(queue, host):
    assert here(an_app(queue)).get("/metrics").status_code == 200
    assert here(an_app(queue), host).get("/metrics").status_code == 404


def test_a_proxy_on_this_machine_is_not_this_machine(queue):
    assert here(an_app(queue)).get("/metrics", headers={"X-Forwarded-For": "10.0.0.7"}).status_code == 404


def test_with_a_token_whoever_shows_it_reads_metrics(queue):
    client = here(an_app(queue, "sesame"), "10.0.0.7")
    assert client.get("/metrics", headers={"Authorization": "Bearer sesame"}).status_code == 200
    for shown in ({}, {"Authorization": "Bearer semsem"}, {"Authorization": "Bearer "}, {"Authorization": "sésame"}):
        headers = {name: value.encode() for name, value in shown.items()}
        assert client.get("/metrics", headers=headers).status_code == 404
