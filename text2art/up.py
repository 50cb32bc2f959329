"""`text2art up`: the whole service with one command, as a parent of the API and of one worker."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
import webbrowser
from contextlib import ExitStack
from types import FrameType
from typing import Annotated

import typer

from text2art.addresses import Host, Port, check_free, has_display, reachable, url
from text2art.environment import check_settings, need
from text2art.tunnel import Tunnel, announce, open_tunnel

LONGEST_BACK_OFF_S = 30.0
SETTLED_S = 60.0  # a worker that lived this long was well: the next one starts after the shortest rest
GRACE_S = 15.0  # for the halves to end by themselves
LOOK_EVERY_S = 0.2


def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    open_page: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the page; by default where there is a display.")
    ] = None,
    tunnel: Tunnel = False,
) -> None:
    """Run the page, the API and one worker, until Ctrl-C."""
    need("torch", extra="worker")
    check_free(host, port)
    os.environ.setdefault("TEXT2ART_PUBLIC_URL", url(host, port))
    stop = _stop_on_signal()
    with ExitStack() as stack:
        if tunnel:
            announce(stack.enter_context(open_tunnel(reachable(host), port)))
        check_settings()
        _serve(host, port, has_display() if open_page is None else open_page, stop)


def _serve(host: str, port: int, open_page: bool, stop: threading.Event) -> None:
    """Run both halves until `stop`; end the command when the API ends before it."""
    api = _start("api", "--host", host, "--port", str(port))
    worker = threading.Thread(target=_keep_a_worker, args=(stop,))
    worker.start()
    try:
        if _wait_until_healthy(api, host, port, stop):
            typer.echo(f"Text2Art is on {url(host, port)}")
            if open_page:
                webbrowser.open(url(host, port))
        while api.poll() is None and not stop.wait(LOOK_EVERY_S):
            pass
        asked = stop.is_set()
    finally:
        stop.set()
        _end(api)
        worker.join()
    if not asked:
        typer.echo(f"The API ended with status {api.returncode}, so Text2Art ends too.", err=True)
        raise typer.Exit(1)


def _keep_a_worker(stop: threading.Event) -> None:
    """Run a worker until `stop`; one that dies is replaced, after an ever longer rest if it never lived long."""
    rest_s = 0.5
    while not stop.is_set():
        started_at = time.monotonic()
        worker = _start("worker")
        while worker.poll() is None and not stop.wait(LOOK_EVERY_S):
            pass
        if stop.is_set():
            _end(worker)
            return
        rest_s = 1.0 if time.monotonic() - started_at > SETTLED_S else min(2 * rest_s, LONGEST_BACK_OFF_S)
        typer.echo(f"The worker ended with status {worker.returncode}; another starts in {rest_s:.0f} s.", err=True)
        stop.wait(rest_s)


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    # A process group of its own, so that Ctrl-C reaches only the parent, which then tells each child once.
    return subprocess.Popen([sys.executable, "-m", "text2art", *arguments], process_group=0)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end, and end it when it does not."""
    process.terminate()
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handle)
    return stop


def _wait_until_healthy(api: subprocess.Popen[bytes], host: str, port: int, stop: threading.Event) -> bool:
    """Wait for /readyz to say ok; False when the API died or a signal came before."""
    while api.poll() is None and not stop.wait(LOOK_EVERY_S):
        connection = http.client.HTTPConnection(reachable(host), port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.client.OK:
                return True
        except (OSError, http.client.HTTPException):
            continue  # not listening yet
        finally:
            connection.close()
    return False
