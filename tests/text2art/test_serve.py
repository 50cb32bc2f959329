import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


def is_well(url):
    try:
        return httpx2.get(f"{url}/healthz", trust_env=False).is_success
    except httpx2.TransportError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_api_that_is_asked_to_end_does_all_that_is_to_be_done_at_the_end(folder, number):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    # What is opened around the server is closed after it, as a tunnel would have to be.
    script = (
        "import contextlib, text2art.serve as serve\n"
        "opened = serve.opened_store\n"
        "@contextlib.contextmanager\n"
        "def watched():\n"
        "    with opened() as store:\n"
        "        try: yield store\n"
        "        finally: print('closed', flush=True)\n"
        "serve.opened_store = watched\n"
        "from text2art.__main__ import main; main()\n"
    )
    command = [sys.executable, "-c", script, "api", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE) as process:
        until = time.monotonic() + PATIENCE_S
        while not is_well(f"http://127.0.0.1:{port}"):
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE_S)
    assert b"closed" in output
    assert process.returncode == 0 or number == signal.SIGINT
