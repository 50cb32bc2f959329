"""Firebase Hosting's own server, with our firebase.json, in front of an API."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.emulators import missing

TOOLS = Path(__file__).parent / "firebase-tools"
HOW = "install node 20 and run `npm install` in tests/firebase-tools (`.ci/run` does)"


@contextmanager
def hosting(api_url: str, *, streams: bool = False) -> Iterator[str]:
    """The URL of the site whose rewrites lead to `api_url`. Answers arrive whole, as they do behind Firebase Hosting;
    with `streams` they arrive as they are written, as they do behind Cloud Run alone."""
    node = shutil.which("node")
    if node is None or not (TOOLS / "node_modules" / "superstatic").is_dir():
        missing(f"Firebase's hosting server is missing: {HOW}")
    command = [node, str(TOOLS / "hosting.mjs"), f"--api={api_url}", *(["--streams"] if streams else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        port = server.stdout.readline().strip()
        assert port, "the hosting server ended before it listened"
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.stdin.close()
