import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import ApiSettings
from tests.fakes import everything_logged

ROOT = Path(__file__).parents[2]
METHODS = {"get", "post", "put", "delete", "patch"}


def test_the_api_knows_neither_torch_nor_the_engine_nor_the_worker():
    code = "import sys, api.app; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(answer.stdout.split())
    assert {"api", "jobs"} <= loaded
    assert not loaded & {"torch", "clipit", "worker"}


def references(part):
    if isinstance(part, dict):
        yield from ([part["$ref"]] if "$ref" in part else [])
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_the_openapi_document_holds_together(client):
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    assert {f"{method} {path}" for path, method, _ in operations} == {
        "post /generate",
        "post /api/jobs",
        "get /api/choices",
        "post /api/start-images",
        "get /api/jobs/{job_id}",
        "post /api/jobs/{job_id}/cancel",
        "post /api/jobs/{job_id}/retry",
        "post /api/jobs/{job_id}/start-image",
        "delete /api/jobs/{job_id}",
        "get /api/jobs/{job_id}/events",
        "get /api/gallery",
        "post /api/gallery/{job_id}/like",
        "delete /api/gallery/{job_id}/like",
        "post /api/gallery/{job_id}/report",
        "get /api/me",
        "get /api/me/jobs",
        "delete /api/me",
        "get /r/{job_id}/{name}",
        "get /healthz",
        "get /readyz",
    }
    assert len({operation["operationId"] for _, _, operation in operations}) == len(operations)
    assert all(len(operation["description"]) > 15 for _, _, operation in operations)
    for path, _, operation in operations:
        named = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"}
        assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}
    for reference in references(document):
        target = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_the_documented_examples_are_orders_that_are_taken(client):
    body = client.get("/openapi.json").json()["paths"]["/api/jobs"]["post"]["requestBody"]
    examples = body["content"]["application/json"]["examples"].values()
    assert [client.post("/api/jobs", json=example["value"]).status_code for example in examples] == [202, 202]


@pytest.fixture
def answers(client, studio):
    """What every route says about jobs in each state, ordered by the canary address."""
    done = studio.painted(public=True)
    studio.order(prompt="a failure")
    failed = studio.queue.fail(studio.begin(), "The painter stumbled.")
    waiting = studio.order()
    posted = client.post("/api/jobs", json={"prompt": "fox", "email": studio.queue.get(done.id).order.email})
    cancelled = client.post(f"/api/jobs/{posted.json()['id']}/cancel")
    jobs = [client.get(f"/api/jobs/{job.id}") for job in (done, failed, waiting)]
    streams = [client.get(f"/api/jobs/{job.id}/events") for job in (done, failed)]
    form = client.post("/generate", data={"email": done.order.email})
    paths = ("/api/gallery", "/api/choices", "/api/me", "/api/me/jobs", "/healthz", "/openapi.json", "/", "/docs")
    others = [client.get(path) for path in paths]
    picture = f"/api/gallery/{done.id}"
    said = [
        client.post(f"{picture}/like"),
        client.delete(f"{picture}/like"),
        client.post(f"{picture}/report", json={"reason": "other"}),
    ]
    again = client.post(f"/api/jobs/{posted.json()['id']}/retry")
    start = client.post(f"/api/jobs/{done.id}/start-image")
    refused = [client.delete(f"/api/jobs/{job.id}") for job in (done, waiting)]
    return [posted, cancelled, form, *jobs, *streams, *others, *said, again, start, *refused, client.delete("/api/me")]


def test_no_answer_ever_tells_an_address(answers):
    assert {answer.status_code for answer in answers} == {200, 201, 202, 204, 403}
    told = "".join(answer.text + json.dumps(dict(answer.headers)) for answer in answers)
    assert "castle underwater" in told
    assert "canary" not in told


def test_neither_prompt_nor_address_is_logged(client, studio, caplog):
    caplog.set_level(logging.DEBUG)
    order = {"prompt": "secret castle", "email": "canary.address@example.com"}
    job = client.post("/api/jobs", json=order).json()
    client.post("/api/jobs", json=order | {"quality": "great", "email": "canary"})
    client.post("/generate", data={"email": order["email"], "prompts": order["prompt"]})
    client.get(f"/api/jobs/{job['id']}")
    client.get("/api/me/jobs")
    client.get("/api/gallery", params={"q": "secret castle"})
    client.delete("/api/me")
    logged = everything_logged(caplog)
    assert "secret castle" not in logged
    assert "canary" not in logged


def test_only_origins_that_were_set_may_call_from_their_pages(queue, shelf):
    client = TestClient(create_app(ApiSettings(cors_origins="https://art.example"), queue, shelf))
    ours = client.get("/api/choices", headers={"Origin": "https://art.example"})
    assert ours.headers["access-control-allow-origin"] == "https://art.example"
    assert "access-control-allow-credentials" not in ours.headers
    theirs = client.get("/api/choices", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in theirs.headers
    asked = {"Origin": "https://art.example", "Access-Control-Request-Method": "POST"}
    assert client.options("/api/jobs", headers=asked | {"Access-Control-Request-Headers": "content-type"}).is_success
    assert client.options("/api/jobs", headers=asked | {"Origin": "https://evil.example"}).status_code == 400


def test_without_a_setting_no_other_origin_may_call(client):
    answer = client.get("/api/choices", headers={"Origin": "https://art.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_any_origin_may_be_allowed_but_never_with_credentials(queue, shelf):
    client = TestClient(create_app(ApiSettings(cors_origins="*"), queue, shelf))
    answer = client.get("/api/choices", headers={"Origin": "https://art.example", "Cookie": "a=b"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_a_page_of_another_origin_can_read_why_it_was_refused(queue, shelf):
    client = TestClient(create_app(ApiSettings(cors_origins="https://art.example"), queue, shelf))
    for body in ({}, {"prompt": "x" * 70_000}):
        answer = client.post("/api/jobs", json=body, headers={"Origin": "https://art.example"})
        assert answer.status_code in (413, 422)
        assert answer.headers["access-control-allow-origin"] == "https://art.example"
