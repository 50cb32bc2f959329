"""What the API counts, for Prometheus, and how the queue stands whenever it is asked."""

import hmac
import time
from collections.abc import Iterator

from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jobs import Queue, Status
from jobs.life import utc_now

LATENCIES_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH")
UP = "Whether the queue answers"
LOOPBACK = ("127.0.0.1", "::1")

# What the service aims at; alert rules compare them with the histogram.
SLO = {"submit_availability": 0.9995, "submit_p99_seconds": 0.25, "status_p99_seconds": 0.1}


class QueueState(Collector):
    """Depth and age of the queue, read when Prometheus asks; a queue that does not answer is told as down."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            depth, since = self._queue.count(Status.QUEUED), self._queue.waiting_since()
        except Exception:  # whatever the store raises: the other metrics are to be read all the same
            yield GaugeMetricFamily("text2art_queue_up", UP, 0)
            return
        age = 0.0 if since is None else max((utc_now() - since).total_seconds(), 0.0)
        yield GaugeMetricFamily("text2art_queue_up", UP, 1)
        yield GaugeMetricFamily("text2art_queue_depth", "Jobs that wait for a worker", depth)
        yield GaugeMetricFamily("text2art_queue_age_seconds", "How long the oldest of them has waited", age)


def count_requests(app: ASGIApp, registry: CollectorRegistry) -> ASGIApp:
    """Time every request, by the route's template: paths hold ids, and who knows a job's id may see the job."""
    latency = Histogram(
        "text2art_http_request_seconds",
        "Until the answer began",
        ["method", "route", "status"],
        buckets=LATENCIES_S,
        registry=registry,
    )

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        began_at = time.perf_counter()

        def count(status: int) -> None:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in METHODS else "other"
            latency.labels(method, route, status).observe(time.perf_counter() - began_at)

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                count(message["status"])
            await send(message)

        try:
            await app(scope, receive, send_counted)
        except Exception:
            count(500)  # which Starlette answers outside all middleware
            raise

    return counted


def add_metrics(app: FastAPI, queue: Queue, registry: CollectorRegistry, token: SecretStr | None) -> None:
    """Serve `/metrics`: to who shows the token, or, where none is set, to this machine alone."""
    registry.register(QueueState(queue))
    targets = Gauge("text2art_slo", "What the service aims at", ["slo"], registry=registry)
    for name, target in SLO.items():
        targets.labels(name).set(target)

    def metrics(request: Request) -> Response:
        if not may_read(request, token):
            raise HTTPException(404)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    app.add_api_route("/metrics", metrics, include_in_schema=False)


def may_read(request: Request, token: SecretStr | None) -> bool:
    if token is None:
        local = request.client is not None and request.client.host in LOOPBACK
        return local and "X-Forwarded-For" not in request.headers  # a proxy on this machine speaks for the world
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(shown.encode(), token.get_secret_value().encode())
