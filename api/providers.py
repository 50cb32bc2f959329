"""Firebase's Identity Toolkit and Google's OAuth, by which a mailed link or a consent becomes an ID token.

This server asks them, so that the page loads nothing of theirs. Origins: the REST references of Identity Platform
(cloud.google.com/identity-platform/docs/use-rest-api) and of OpenID Connect at Google
(developers.google.com/identity/openid-connect/openid-connect).
"""

import base64
import hashlib
import json
import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

import jwt
import requests
import urllib3
from fastapi import HTTPException
from pydantic import SecretStr

from api.gate import CannotTell, NotSignedIn
from api.settings import ApiSettings

PATIENCE_S = (5, 10)  # for a connection, and for each part of an answer
LARGEST_ANSWER = 64 * 1024  # bytes
ISSUERS = {"https://accounts.google.com", "accounts.google.com"}  # Google signs with both

_STALE = "This link has been used already, or it is too old; please ask for a new one."
_INVALID = "Google's answer is not valid here; please sign in again."

# The service's word for why not, and ours. A word that is not here is the operator's business: it is logged.
_WORDS = {
    "INVALID_OOB_CODE": _STALE,
    "EXPIRED_OOB_CODE": _STALE,
    "INVALID_EMAIL": "This link was not sent to that address.",
    "USER_DISABLED": "Your account has been disabled.",
    "ADMIN_ONLY_OPERATION": "No new accounts are opened here.",
    "INVALID_IDP_RESPONSE": _INVALID,
    "MISSING_OR_INVALID_NONCE": _INVALID,
    "FEDERATED_USER_ID_ALREADY_LINKED": "Your address has another account here; please sign in by mail.",
    "invalid_grant": "Google's answer has been used already, or it is too old; please sign in again.",
}
_TELLING = {"USER_DISABLED", "EMAIL_NOT_FOUND", "ADMIN_ONLY_OPERATION"}  # whether there is an account
_BUSY = {"TOO_MANY_ATTEMPTS_TRY_LATER", "QUOTA_EXCEEDED"}

_log = logging.getLogger(__name__)


class Refused(Exception):
    """The service said no; `code` is its word for why, the message all that it says."""

    def __init__(self, says: str) -> None:
        super().__init__(says)
        match = re.match(r"[A-Za-z_]{1,60}", says)
        self.code = match[0] if match else "unknown"


@dataclass(frozen=True)
class Toolkit:
    """Identity Toolkit, for the project of this web API key. What signs in gives an ID token of Firebase.

    Methods raise NotSignedIn and CannotTell.
    """

    key: str
    url: str = "https://identitytoolkit.googleapis.com/v1"

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Goog-Api-Key": self.key}

    def send_link(self, address: str, leading_to: str) -> None:
        """Have a link mailed, which leads to this URL with `oobCode` added. Whether there is an account is not told."""
        body = {"requestType": "EMAIL_SIGNIN", "email": address, "continueUrl": leading_to, "canHandleCodeInApp": True}
        try:
            self._ask("accounts:sendOobCode", body)
        except Refused as refusal:
            if refusal.code not in _TELLING:
                raise _told(refusal) from refusal

    def by_link(self, address: str, code: str) -> str:
        """Sign in by the code of a link that was mailed to the address."""
        return self._sign_in("accounts:signInWithEmailLink", {"email": address, "oobCode": code})

    def by_google(self, token: str, nonce: str, at: str) -> str:
        """Sign in by an ID token of Google that was asked for at this URL with the nonce's digest."""
        body = urlencode({"id_token": token, "providerId": "google.com", "nonce": nonce})
        return self._sign_in("accounts:signInWithIdp", {"postBody": body, "requestUri": at})

    def _sign_in(self, method: str, body: dict[str, Any]) -> str:
        try:
            answer = self._ask(method, {**body, "returnSecureToken": True})
        except Refused as refusal:
            raise _told(refusal) from refusal
        return _text(answer, "idToken")  # none where a second factor or a confirmation is asked for

    def _ask(self, method: str, body: dict[str, Any]) -> Mapping[str, Any]:
        return ask(f"{self.url}/{method}", json=body, headers=self.headers)


@dataclass(frozen=True)
class Attempt:
    """One visitor's way to Google and back: secrets that show that both ends are the same."""

    verifier: str  # PKCE's (RFC 7636)
    nonce: str

    @classmethod
    def new(cls) -> Self:
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    @property
    def nonce_digest(self) -> str:
        """What Google is told: Firebase compares the SHA-256 of what it is told with what Google signed."""
        return hashlib.sha256(self.nonce.encode()).hexdigest()


@dataclass(frozen=True)
class Google:
    """Google's OAuth, for a client of the kind *web application*."""

    client_id: str
    client_secret: SecretStr
    authorize_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url: str = "https://oauth2.googleapis.com/token"

    def consent_url(self, attempt: Attempt, state: str, return_to: str) -> str:
        """Where the visitor says yes or no. `select_account`: nobody signs in without having clicked there."""
        query = {
            "client_id": self.client_id,
            "redirect_uri": return_to,
            "response_type": "code",
            "scope": "openid email",
            "state": state,
            "nonce": attempt.nonce_digest,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
            "prompt": "select_account",
        }
        return f"{self.authorize_url}?{urlencode(query)}"

    def redeem(self, code: str, attempt: Attempt, return_to: str) -> str:
        """The ID token for a code that came back to `return_to`. Raises NotSignedIn and CannotTell."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": attempt.verifier,
            "client_id": self.client_id,
            "client_secret": self.client_secret.get_secret_value(),
            "redirect_uri": return_to,
        }
        try:
            token = _text(ask(self.token_url, data=form), "id_token")
        except Refused as refusal:
            raise _told(refusal) from refusal
        self._check(token, attempt)
        return token

    def _check(self, token: str, attempt: Attempt) -> None:
        """Meant for us, and for this attempt. The signature Firebase checks; the token came from Google's own server,
        which is enough by OpenID Connect Core 3.1.3.7, 6."""
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
            raise NotSignedIn(_INVALID) from error
        ours = claims.get("iss") in ISSUERS and claims.get("aud") == self.client_id
        if not ours or claims.get("nonce") != attempt.nonce_digest:
            raise NotSignedIn(_INVALID)


def toolkit(settings: ApiSettings, environment: Mapping[str, str]) -> Toolkit | None:
    """Where visitors of our page sign in; None where they do not."""
    if settings.firebase_api_key is None:
        return None
    emulator = environment.get("FIREBASE_AUTH_EMULATOR_HOST")  # refused in production: jobs.settings.refuse_emulators
    if emulator:
        return Toolkit(settings.firebase_api_key, f"http://{emulator}/identitytoolkit.googleapis.com/v1")
    return Toolkit(settings.firebase_api_key)


def google(settings: ApiSettings) -> Google | None:
    """Where visitors of our page show that they are somebody at Google; None where they cannot."""
    if settings.google_client_id is None or settings.google_client_secret is None:
        return None
    return Google(settings.google_client_id, settings.google_client_secret)


def ask(url: str, method: str = "POST", **request: Any) -> Mapping[str, Any]:
    """Send a request as `requests` takes it, follow no redirect, and read a JSON object of moderate size. Raises
    Refused and CannotTell."""
    try:
        with requests.request(
            method, url, timeout=PATIENCE_S, allow_redirects=False, stream=True, auth=_as_it_is, **request
        ) as answer:
            found = json.loads(answer.raw.read(LARGEST_ANSWER, decode_content=True))
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, RecursionError) as error:
        raise _silence(type(error).__name__) from error
    if not isinstance(found, dict):
        raise _silence("no object")
    if answer.status_code == 200:
        return found
    raise Refused(_words(found)) if 400 <= answer.status_code < 500 else _silence(f"answer {answer.status_code}")


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No credentials but ours, not even those in a `.netrc`."""
    return request


def _words(answer: Mapping[str, Any]) -> str:
    """`{"error": {"message": "INVALID_EMAIL : ..."}}` at Firebase, `{"error": "invalid_grant"}` at OAuth's servers."""
    error = answer.get("error")
    says = error.get("message") if isinstance(error, dict) else error
    return says if isinstance(says, str) else "unknown"


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str):
        raise _silence(f"no {name}")
    return value


def _told(refusal: Refused) -> HTTPException:
    """In our words what the visitor can do about it, or that he can do nothing."""
    if refusal.code in _WORDS:
        return NotSignedIn(_WORDS[refusal.code])
    if refusal.code in _BUSY:
        return HTTPException(503, "Too many people sign in just now; please try again later.", {"Retry-After": "600"})
    return _silence(refusal.code)


def _silence(why: str) -> CannotTell:
    _log.error("sign-in-unavailable", extra={"error": why})
    return CannotTell()
