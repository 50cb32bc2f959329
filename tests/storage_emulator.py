"""A stand-in for Cloud Storage, and the one promise it does not keep: to create an object only where there is none."""

import importlib.util
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, quote, urlsplit

import requests
from google.cloud.storage import Bucket, Client
from requests.adapters import HTTPAdapter

from jobs.firebase import EmulatorCredential
from tests.emulators import free_port, missing


@contextmanager
def storage_emulator() -> Iterator[str]:
    """The URL of gcp-storage-emulator, as STORAGE_EMULATOR_HOST takes it; it keeps everything in memory."""
    if importlib.util.find_spec("gcp_storage_emulator") is None:
        missing("Cloud Storage's stand-in is missing: pip install gcp-storage-emulator")
    port = free_port()
    command = ["gcp_storage_emulator", "start", "--host", "127.0.0.1", "--port", str(port), "--in-memory", "--quiet"]
    process = subprocess.Popen([sys.executable, "-m", *command])
    try:
        while not _is_listening(port):
            assert process.poll() is None, "the storage emulator ended before it listened"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def new_bucket(url: str, name: str) -> Bucket:
    """An empty bucket that keeps the promise."""
    client = Client(
        project="demo-text2art",
        credentials=EmulatorCredential().get_credential(),
        client_options={"api_endpoint": url},
    )
    client._http.mount(url, _CreateOnly())
    return client.create_bucket(name)


class _CreateOnly(HTTPAdapter):
    """Answers an upload with `ifGenerationMatch=0` as the real service does where the object exists: with 412."""

    def __init__(self) -> None:
        super().__init__()
        self._one_at_a_time = threading.Lock()

    def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:
        wanted = parse_qs(urlsplit(request.url).query).get("ifGenerationMatch")
        if request.method != "POST" or wanted != ["0"]:
            return super().send(request, **options)
        with self._one_at_a_time:
            if self._exists(request, options):
                return answer(request, 412, {"error": {"code": 412, "message": "conditionNotMet"}})
            return super().send(request, **options)

    def _exists(self, upload: requests.PreparedRequest, options: dict[str, object]) -> bool:
        body = upload.body.encode() if isinstance(upload.body, str) else upload.body
        name = re.search(rb'"name": "([^"]+)"', body)[1].decode()
        address = upload.url.partition("?")[0].replace("/upload/storage/", "/storage/")
        question = requests.Request("GET", f"{address}/{quote(name, safe='')}").prepare()
        return super().send(question, **options).ok


def answer(request: requests.PreparedRequest, status: int, body: object) -> requests.Response:
    """What a server would answer."""
    response = requests.Response()
    response.status_code, response.request, response.url = status, request, request.url
    response.headers["Content-Type"] = "application/json"
    response._content = json.dumps(body).encode()
    return response


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
