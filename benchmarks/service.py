"""How long from submit to mail, and how much of it is the service: `text2art up` in a process of its own, over HTTP.

    python -m benchmarks.service

A draft is timed, and the same picture with one iteration, whose time is nearly all not painting: HTTP, queue, claim,
PNG, film, shelf, outbox, mail.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[1]
ORDER = {"prompt": "castle underwater", "email": "bench@example.com", "quality": "draft", "seed": 1}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(what, patience_s: float = 600):
    """The first true value that `what` gives, asked fifty times a second."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.02)
    raise TimeoutError


def is_healthy(client: httpx2.Client) -> bool:
    try:
        return client.get("/readyz").status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


def submit_to_mail(client: httpx2.Client, outbox: Path, **changes: object) -> float:
    """Seconds from the submission of an order to its mail."""
    began = time.perf_counter()
    job = client.post("/api/jobs", json=ORDER | changes).raise_for_status().json()["id"]
    wait_for(lambda: any(outbox.glob(f"{job}.*.eml")))
    return time.perf_counter() - began


def main() -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as data, httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
        began = time.perf_counter()
        command = [sys.executable, "-m", "text2art", "up", "--port", str(port), "--no-open"]
        service = subprocess.Popen(command, env=os.environ | {"TEXT2ART_DATA": data})
        try:
            wait_for(lambda: is_healthy(client))
            print(f"start to healthy: {time.perf_counter() - began:.1f} s")
            outbox = Path(data, "outbox")
            submit_to_mail(client, outbox, iterations=1)  # the worker may still be loading its models
            print(f"draft, submit to mail: {submit_to_mail(client, outbox):.1f} s")
            ones = sorted(submit_to_mail(client, outbox, iterations=1) for _ in range(5))
            print(f"one iteration, submit to mail: {ones[2]:.2f} s (median of 5, {ones[0]:.2f} to {ones[-1]:.2f})")
        finally:
            service.terminate()
            service.wait()


if __name__ == "__main__":
    main()
