"""Firebase's word on a token or an account: what it says, or a refusal in plain words that quote nothing of it."""

import json
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from fastapi import HTTPException
from firebase_admin import App, app_check, auth
from firebase_admin.exceptions import FirebaseError
from google.auth.exceptions import GoogleAuthError
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError, PyJWKSetError

from api.gate import CannotTell, Claims, NotOurPage, NotSignedIn

CLOCK_SKEW_S = 10  # between Google's clock and ours
REMEMBERED_S = 300  # a disabled account may go on for this long
MOST_REMEMBERED = 10_000  # accounts

_INVALID = "Your sign-in is not valid here; please sign in again."
_FOREIGN = "This page is not known here; please load it anew and try again."

# the narrower before the wider; an error that is not here is no fault of the token
_WORDS: dict[type[Exception], str] = {
    auth.ExpiredIdTokenError: "Your sign-in has expired; please sign in again.",
    auth.RevokedIdTokenError: "Your sign-in was ended; please sign in again.",
    auth.UserDisabledError: "Your account has been disabled.",
    auth.UserNotFoundError: "Your account has been deleted.",
    auth.InvalidIdTokenError: _INVALID,
    ValueError: _INVALID,
    RecursionError: _INVALID,  # JSON that is nothing but brackets
}

_log = logging.getLogger(__name__)


def claims(app: App, token: str, fresh: bool) -> Claims:
    """What an ID token of this project says. With `fresh`, Firebase is asked over the network whether its account
    still stands and has not ended the session. Raises NotSignedIn and CannotTell."""
    try:
        found: Claims = auth.verify_id_token(token, app, check_revoked=fresh, clock_skew_seconds=CLOCK_SKEW_S)
    except (FirebaseError, GoogleAuthError, ValueError, RecursionError) as error:
        raise _refusal(error) from error
    return found


def attest(app: App, token: str) -> None:
    """Check that an App Check token is from one of this project's pages. Raises NotOurPage and CannotTell.

    It shows what sent the request, not that a person did, and it is accepted again and again until it expires: that
    it was used before only Firebase's server could tell, which is not asked.
    """
    try:
        app_check.verify_token(token, app)
    except (PyJWKClientConnectionError, PyJWKSetError, json.JSONDecodeError) as error:
        raise _silence(error) from error
    except (PyJWKClientError, ValueError) as error:
        raise NotOurPage(_FOREIGN) from error


class Standing:
    """Whether an account is there and not disabled: asked anew after REMEMBERED_S at most, as `seconds` counts them.

    Raises CannotTell.
    """

    def __init__(self, app: App, seconds: Callable[[], float] = time.monotonic) -> None:
        self._app, self._seconds = app, seconds
        self._asked: OrderedDict[str, float] = OrderedDict()  # uids that stood, and when, the oldest first
        self._lock = Lock()

    def __call__(self, uid: str) -> bool:
        now = self._seconds()
        with self._lock:
            if now - self._asked.get(uid, -math.inf) < REMEMBERED_S:
                return True
        if stands := self._ask(uid):
            self._remember(uid, now)
        return stands

    def _ask(self, uid: str) -> bool:
        try:
            return not auth.get_user(uid, self._app).disabled
        except (auth.UserNotFoundError, ValueError):
            return False
        except (FirebaseError, GoogleAuthError) as error:
            raise _silence(error) from error

    def _remember(self, uid: str, now: float) -> None:
        with self._lock:
            self._asked[uid] = now
            self._asked.move_to_end(uid)
            if len(self._asked) > MOST_REMEMBERED:
                self._asked.popitem(last=False)


def delete(app: App, uid: str) -> None:
    """Delete an account; that there is none is no error. Raises CannotTell."""
    try:
        auth.delete_user(uid, app)
    except auth.UserNotFoundError:
        return
    except (FirebaseError, GoogleAuthError) as error:
        raise _silence(error) from error


def _refusal(error: Exception) -> HTTPException:
    if isinstance(error, FirebaseError) and isinstance(error.cause, json.JSONDecodeError):
        return _silence(error)  # something else than certificates lies where they should be
    words = next((words for kind, words in _WORDS.items() if isinstance(error, kind)), None)
    return NotSignedIn(words) if words else _silence(error)


def _silence(error: Exception) -> CannotTell:
    _log.error("token-unverified", extra={"error": type(error).__name__})
    return CannotTell()
