"""Firebase's Auth emulator, and people who sign in at it as their browsers would."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from tests.emulators import free_ports, missing

TOOLS = Path(__file__).parent / "firebase-tools"
COMMAND = TOOLS / "node_modules" / "firebase-tools" / "lib" / "bin" / "firebase.js"
PROJECT = "demo-text2art"  # `demo-`: nothing outside this machine is asked
TIMEOUT_S = 60


@dataclass(frozen=True)
class AuthEmulator:
    """`host` is as FIREBASE_AUTH_EMULATOR_HOST takes it. What signs in gives an ID token."""

    host: str

    def sign_in_anonymously(self) -> str:
        return self._sign_in("accounts:signUp", {})

    def sign_in_with_google(self, email: str) -> str:
        return self._sign_in_with("google.com", {"sub": email, "email": email, "email_verified": True})

    def sign_in_by_link(self, email: str) -> str:
        """Have the link sent, read it in the emulator's post, and open it."""
        self._post("accounts:sendOobCode", {"requestType": "EMAIL_SIGNIN", "email": email})
        code = self._posted(email)[-1]["oobCode"]
        return self._sign_in("accounts:signInWithEmailLink", {"email": email, "oobCode": code})

    def links_to(self, email: str) -> list[str]:
        """What was mailed to this address and not used yet, the newest last."""
        return [code["oobLink"] for code in self._posted(email)]

    def sign_up_with_password(self, email: str) -> str:
        """An account whose address nobody has confirmed."""
        return self._sign_in("accounts:signUp", {"email": email, "password": "correct horse"})

    def sign_in_with_custom_token(self, token: str) -> str:
        return self._sign_in("accounts:signInWithCustomToken", {"token": token})

    def _posted(self, email: str) -> list[dict[str, str]]:
        url = f"http://{self.host}/emulator/v1/projects/{PROJECT}/oobCodes"
        codes = requests.get(url, timeout=TIMEOUT_S).json()["oobCodes"]
        return [code for code in codes if code["email"] == email]

    def _sign_in_with(self, provider: str, claims: dict[str, Any]) -> str:
        body = f"providerId={provider}&id_token={json.dumps(claims)}"
        return self._sign_in("accounts:signInWithIdp", {"postBody": body, "requestUri": "http://localhost"})

    def _sign_in(self, method: str, body: dict[str, Any]) -> str:
        token: str = self._post(method, {**body, "returnSecureToken": True})["idToken"]
        return token

    def _post(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        url = f"http://{self.host}/identitytoolkit.googleapis.com/v1/{method}?key=any"
        answer = requests.post(url, json=body, timeout=TIMEOUT_S)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def auth_emulator() -> Iterator[AuthEmulator]:
    """The emulator of the Firebase command line; up after ten seconds."""
    node = shutil.which("node")
    if node is None or not COMMAND.is_file():
        missing("Firebase's Auth emulator is missing: install node 20 and run `npm install` in tests/firebase-tools")
    with TemporaryDirectory() as home, ExitStack() as stack:
        auth, hub, logging = free_ports(3)
        ports = {"auth": auth, "hub": hub, "logging": logging}
        emulators = {name: {"host": "127.0.0.1", "port": port} for name, port in ports.items()}
        config = Path(home, "firebase.json")
        config.write_text(json.dumps({"emulators": {**emulators, "ui": {"enabled": False}}}))
        command = [node, str(COMMAND), "emulators:start", "--only", "auth", "--project", PROJECT]
        process = subprocess.Popen(
            [*command, "--config", str(config)],
            cwd=home,
            env={"PATH": os.environ["PATH"], "HOME": home, "CI": "1"},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        stack.callback(_end, process)
        emulator = AuthEmulator(f"127.0.0.1:{auth}")
        while not _is_up(emulator.host):
            assert process.poll() is None, "the Auth emulator ended before it listened"
            time.sleep(0.1)
        yield emulator


def _is_up(host: str) -> bool:
    try:
        return bool(requests.get(f"http://{host}/", timeout=TIMEOUT_S).json()["authEmulator"]["ready"])
    except requests.ConnectionError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
