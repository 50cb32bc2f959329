"""`text2art`: the whole service with one command (`up`), or its two halves (`api`, `worker`)."""

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from types import FrameType
from typing import Annotated

import typer

LONGEST_BACK_OFF_S = 30.0
SETTLED_S = 60.0  # a worker that lived this long was well: the next one starts after the shortest rest
GRACE_S = 15.0  # for the halves to end by themselves
LOOK_EVERY_S = 0.2

app = typer.Typer(help="Text2Art: a sentence becomes a picture and the film of its making.", no_args_is_help=True)

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]


@app.command()
def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    open_page: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the page; by default where there is a display.")
    ] = None,
) -> None:
    """Run the page, the API and one worker, until Ctrl-C."""
    _check_free(host, port)
    url = _url(host, port)
    os.environ.setdefault("TEXT2ART_PUBLIC_URL", url)
    stop = _stop_on_signal()
    api = _start("api", "--host", host, "--port", str(port))
    worker = threading.Thread(target=_keep_a_worker, args=(stop,))
    worker.start()
    try:
        if _wait_until_healthy(api, host, port, stop):
            typer.echo(f"Text2Art is on {url}")
            if _has_display() if open_page is None else open_page:
                webbrowser.open(url)
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


@app.command("api")
def serve_api(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Run the page and the API alone."""
    import uvicorn

    from api.app import create_app
    from api.settings import ApiSettings
    from jobs.settings import StoreSettings, open_queue, open_shelf

    _check_free(host, port)
    store = StoreSettings()
    queue, shelf = open_queue(store), open_shelf(store)
    try:
        # No access log: its lines hold job ids, and who knows a job's id may see the job.
        uvicorn.run(
            create_app(ApiSettings(), queue, shelf),
            host=host,
            port=port,
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=3,  # seconds; pages hold event streams open for as long as they are shown
        )
    finally:
        queue.close()


@app.command("worker")
def serve_worker() -> None:
    """Run one worker alone; start as many as the machine can bear."""
    from worker.__main__ import main as work

    work()


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
    return subprocess.Popen([sys.executable, __file__, *arguments], process_group=0)


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


def _check_free(host: str, port: int) -> None:
    """Refuse with a clear message when nobody could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be listened on ({error.strerror})"
        typer.echo(f"Port {port} on {host} {reason}. Choose another, for example: text2art up --port 8010", err=True)
        raise typer.Exit(1) from error


def _wait_until_healthy(api: subprocess.Popen[bytes], host: str, port: int, stop: threading.Event) -> bool:
    """Wait for /healthz to say ok; False when the API died or a signal came before."""
    while api.poll() is None and not stop.wait(LOOK_EVERY_S):
        connection = http.client.HTTPConnection(_reachable(host), port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                return True
        except (OSError, http.client.HTTPException):
            continue  # not listening yet
        finally:
            connection.close()
    return False


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _url(host: str, port: int) -> str:
    name = _reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _has_display() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main() -> None:
    app()


if __name__ == "__main__":
    main()
