"""Google's key server, played on this machine: tokens signed here are real to whoever fetches the keys from it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler
from typing import Any

import firebase_admin
import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from firebase_admin import App
from jwt.algorithms import RSAAlgorithm

from jobs.firebase import EmulatorCredential
from tests.web import web

PROJECT = "demo-text2art"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Google:
    """Signs as Google does. `down` makes the server of its keys answer 500, `page` something else than keys.

    A claim or a part of the header that is None is left out.
    """

    url: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    down: bool = False
    page: bytes | None = None

    def id_token(
        self, key: rsa.RSAPrivateKey | None = None, /, header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """A signed-in visitor's."""
        now = int(time.time())
        usual = {
            "iss": f"https://securetoken.google.com/{PROJECT}",
            "aud": PROJECT,
            "sub": "visitor",
            "iat": now - 60,
            "exp": now + 3000,
            "auth_time": now - 60,
            "firebase": {"identities": {}, "sign_in_provider": "anonymous"},
        }
        return self._sign({**usual, **claims}, key, header)

    def app_check_token(
        self, key: rsa.RSAPrivateKey | None = None, /, header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """Our page's."""
        now = int(time.time())
        usual = {
            "iss": "https://firebaseappcheck.googleapis.com/123456789",
            "aud": ["projects/123456789", f"projects/{PROJECT}"],
            "sub": "1:123456789:web:0123456789abcdef",
            "iat": now - 60,
            "exp": now + 3000,
        }
        return self._sign({**usual, **claims}, key, header)

    @cached_property
    def certificate(self) -> bytes:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "securetoken")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(name, name, self.key.public_key(), x509.random_serial_number())
        signed = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        return signed.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def keys(self, path: str) -> object:
        """What lies at `/certs`, for ID tokens, and at `/jwks`, for App Check's."""
        if path == "/certs":
            return {"ours": self.certificate.decode()}
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": "ours", "use": "sig", "alg": "RS256"}]}

    def _sign(self, claims: dict[str, Any], key: rsa.RSAPrivateKey | None, header: dict[str, Any] | None) -> str:
        header = {"kid": "ours", **(header or {})}
        return jwt.encode(_given(claims), key or self.key, "RS256", _given(header))


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


@contextmanager
def google_keys() -> Iterator[Google]:
    """The server, until the block ends."""
    google = Google()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(google.keys(self.path)).encode() if google.page is None else google.page
            self.send_response(500 if google.down else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Silent."""

    with web(Handler) as google.url:
        yield google


@contextmanager
def firebase_app(name: str) -> Iterator[App]:
    """A project without credentials, which checking signatures does not need."""
    app = firebase_admin.initialize_app(EmulatorCredential(), {"projectId": PROJECT, "httpTimeout": 10}, name)
    try:
        yield app
    finally:
        firebase_admin.delete_app(app)
