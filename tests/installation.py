"""Text2Art as its operator runs it, in processes of its own: what the journeys share."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.emulators import free_port

ROOT = Path(__file__).parent.parent
PATIENCE_S = 400  # models load and paint on whatever this machine has


@dataclass
class Installation:
    """A folder to run in, and the settings of everything that is started there."""

    folder: Path
    settings: dict[str, str]
    port: int
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`text2art` with these arguments; it is killed at the end if it has not ended by itself."""
        command = [sys.executable, "-m", "text2art", *arguments]
        outside = {name: value for name, value in os.environ.items() if not name.startswith("TEXT2ART_")}
        # One thread each: several workers on a few cores would only wait for each other.
        environment = outside | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | self.settings
        with open(self.folder / f"{time.monotonic_ns()}-{arguments[0]}.log", "wb") as log:
            process = subprocess.Popen(command, env=environment, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def logs(self) -> str:
        return "".join(file.read_text() for file in self.folder.glob("*.log"))

    def start_api(self) -> None:
        """The page and the API, ready."""
        api = self.start("api", "--port", str(self.port))
        self.eventually(lambda: api.poll() is not None or is_ready(self.url), "the API answers")
        assert api.poll() is None, self.logs()

    def start_workers(self, number: int) -> list[subprocess.Popen[bytes]]:
        """Workers that have loaded their models."""
        ready = self.logs().count("event=ready") + number
        workers = [self.start("worker") for _ in range(number)]
        self.eventually(lambda: self.logs().count("event=ready") == ready, "the workers are ready")
        return workers

    def eventually(self, question: Callable[[], object], what: str) -> object:
        """Ask until the answer is true; it is the outcome that is tested, not how soon it comes."""
        deadline = time.monotonic() + PATIENCE_S
        while not (answer := question()):
            assert time.monotonic() < deadline, f"gave up waiting until {what}\n{self.logs()}"
            time.sleep(0.05)
        return answer

    @contextmanager
    def client(self) -> Iterator[httpx2.Client]:
        with httpx2.Client(base_url=self.url, trust_env=False, timeout=30, follow_redirects=True) as client:
            yield client


@contextmanager
def installed(folder: Path, settings: dict[str, str]) -> Iterator[Installation]:
    """An installation of which nothing is left running at the end."""
    installation = Installation(folder, settings, free_port())
    with installation.stack:
        yield installation


def is_ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/readyz", trust_env=False).is_success
    except httpx2.TransportError:
        return False
