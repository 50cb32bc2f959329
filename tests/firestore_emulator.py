"""Google's Firestore emulator: a process of its own, clients to it, and what passes between them."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import Client
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from tests.emulators import free_port, missing

HOW = (
    "Google's Firestore emulator is missing: `gcloud components install cloud-firestore-emulator` and Java 17, "
    "or FIRESTORE_EMULATOR_JAR=/path/to/cloud-firestore-emulator.jar"
)
START_S = 60.0
# A small heap and little compiling: ready in a second, 350 MB at most.
JAVA = ("java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp")
MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"


class FirestoreEmulator:
    """An emulator at `host` ("127.0.0.1:port"), which forgets everything when it is stopped."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, again perhaps, and wait until it answers."""
        command = [*JAVA, str(_jar()), MAIN, "--host", "127.0.0.1", "--port", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_S
        while not _answers(self._port):
            assert self._process.poll() is None, "the Firestore emulator ended while it started"
            assert time.monotonic() < until, "the Firestore emulator did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it at once, as a machine that loses its power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def client(self, *interceptors: object, project: str | None = None) -> Iterator[Client]:
        """A client of a project that nobody else uses, or of this one, whose calls pass the interceptors."""
        with patch.dict(os.environ, FIRESTORE_EMULATOR_HOST=self.host):
            client = Client(project=project or new_project(), credentials=AnonymousCredentials())
        channel = grpc.intercept_channel(client._emulator_channel(FirestoreGrpcTransport), *interceptors)
        transport = FirestoreGrpcTransport(host=self.host, channel=channel)
        client._firestore_api_internal = FirestoreClient(transport=transport)
        try:
            yield client
        finally:
            transport.close()


@contextmanager
def firestore_emulator() -> Iterator[FirestoreEmulator]:
    """An emulator on a free port; the test is skipped where it is not installed."""
    _jar()
    emulator = FirestoreEmulator(free_port())
    emulator.start()
    try:
        yield emulator
    finally:
        emulator.stop()


def new_project() -> str:
    """Projects do not see each other: with one of its own, a test finds nothing and leaves nothing behind."""
    return f"demo-{secrets.token_hex(6)}"


def _jar() -> Path:
    told = os.environ.get("FIRESTORE_EMULATOR_JAR")
    gcloud = shutil.which("gcloud")
    if told is not None:
        jar = Path(told)
    elif gcloud is not None:
        sdk = Path(gcloud).resolve().parents[1]
        jar = sdk / "platform" / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar"
    else:
        missing(HOW)
    if shutil.which("java") is None or not jar.is_file():
        missing(HOW)
    return jar


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
