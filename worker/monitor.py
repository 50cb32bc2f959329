"""A worker's window to whoever watches it: /metrics for Prometheus, /healthz and /readyz that tell the truth."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry, make_wsgi_app


class Pulse:
    """When something last went well. Seconds are the clock's."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: float | None = None

    def beat(self) -> None:
        self._at = self._clock()

    def is_younger(self, seconds: float) -> bool:
        return self._at is not None and self._clock() - self._at < seconds


def answer(
    registry: CollectorRegistry, is_healthy: Callable[[], bool], is_ready: Callable[[], bool]
) -> WSGIApplication:
    """The WSGI application: 200 or 503 for the two questions, Prometheus' text for /metrics, else 404."""
    metrics: WSGIApplication = make_wsgi_app(registry)
    questions = {"/healthz": is_healthy, "/readyz": is_ready}

    def app(environment: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environment.get("PATH_INFO", "")
        if path == "/metrics":
            return metrics(environment, start)
        if path not in questions:
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"not found\n"]
        good = questions[path]()
        start("200 OK" if good else "503 Service Unavailable", [("Content-Type", "application/json")])
        return [b'{"status":"ok"}\n' if good else b'{"status":"unavailable"}\n']

    return app


@contextmanager
def served(app: WSGIApplication, host: str, port: int) -> Iterator[int]:
    """Serve from a thread while the block runs; gives the port, which is a free one for 0."""
    with make_server(host, port, app, WSGIServer, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, name="monitor", daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


class _Quiet(WSGIRequestHandler):
    """Prometheus asks every few seconds: nobody wants to read that."""

    timeout = 5  # seconds for a request to arrive, since there is one thread

    def log_message(self, format: str, *args: object) -> None:
        pass
