"""Google's consent page and token endpoint, played on this machine."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt

from tests.web import web

CLIENT, SECRET = "text2art.apps.googleusercontent.com", "correct horse"


@dataclass
class GoogleSignIn:
    """Whoever is sent here is `email` and consents, if `consents`. `lies` are claims that the ID token has in place of
    the true ones; `answer` is what the token endpoint says in place of its own words."""

    url: str = ""
    email: str = "ann@example.com"
    consents: bool = True
    lies: dict[str, Any] = field(default_factory=dict)
    answer: tuple[int, bytes] | None = None
    granted: dict[str, dict[str, str]] = field(default_factory=dict)  # by code: what was asked for
    authorizations: list[str | None] = field(default_factory=list)  # the header, as the token endpoint got it

    def consent(self, asked: dict[str, str]) -> str:
        """Where the browser is sent from the consent page."""
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256" and asked["prompt"] == "select_account"
        assert set(asked["scope"].split()) == {"openid", "email"}
        if not self.consents:
            return f"{asked['redirect_uri']}?{urlencode({'state': asked['state'], 'error': 'access_denied'})}"
        code = f"4/{secrets.token_urlsafe(16)}"
        self.granted[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'state': asked['state'], 'code': code, 'scope': 'email openid'})}"

    def token(self, form: dict[str, str]) -> tuple[int, bytes]:
        if self.answer is not None:
            return self.answer
        if (form["client_id"], form["client_secret"]) != (CLIENT, SECRET):
            return 401, b'{"error": "invalid_client", "error_description": "Unauthorized"}'
        asked = self.granted.pop(form["code"], None)
        if asked is None or not _matches(asked, form):
            return 400, b'{"error": "invalid_grant", "error_description": "Bad Request"}'
        claims = {
            "iss": "https://accounts.google.com",
            "aud": CLIENT,
            "sub": self.email,
            "email": self.email,
            "email_verified": True,
            "nonce": asked["nonce"],
            **self.lies,
        }
        return 200, json.dumps({"id_token": jwt.encode(claims, None, "none"), "access_token": "unused"}).encode()


def _matches(asked: dict[str, str], form: dict[str, str]) -> bool:
    digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
    return (digest, form["redirect_uri"]) == (asked["code_challenge"], asked["redirect_uri"])


@contextmanager
def google_sign_in() -> Iterator[GoogleSignIn]:
    """The server, until the block ends."""
    google = GoogleSignIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = google.consent(dict(parse_qsl(urlsplit(self.path).query)))
            self._send(302, b"", {"Location": where})

        def do_POST(self) -> None:
            google.authorizations.append(self.headers["Authorization"])
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._send(*google.token(dict(parse_qsl(body.decode()))), {"Content-Type": "application/json"})

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Silent."""

    with web(Handler) as google.url:
        yield google
