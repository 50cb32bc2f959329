"""Checks of what is reached over the web: Firebase Authentication, and the page where visitors are sent."""

from typing import TYPE_CHECKING

import requests

from text2art.checks import Check, NotHere, Problem
from text2art.checks.shelf import PATIENCE_S

if TYPE_CHECKING:
    from firebase_admin import App

NOBODY = "text2art-deploy-check"  # an account that does not exist


def sign_in(firebase: "App | None") -> Check:
    """`firebase` is None where nobody signs in."""
    return Check("sign-in", lambda: knows_accounts(firebase))


def page(public_url: str | None, session: requests.Session) -> Check:
    """`public_url` is None where none is given."""
    return Check("page", lambda: answers(public_url, session))


def knows_accounts(firebase: "App | None") -> str:
    """Firebase Authentication answers, and to this account."""
    if firebase is None:
        raise NotHere("nobody signs in (TEXT2ART_AUTH=off)")
    from firebase_admin import auth
    from firebase_admin.exceptions import FirebaseError

    try:
        auth.get_user(NOBODY, firebase)
    except auth.UserNotFoundError:
        return "Firebase Authentication answers"
    except FirebaseError as error:
        raise Problem(
            f"{error.code}: {error}. Is Authentication switched on in the console, and open to this account?"
        ) from error
    raise Problem(f"there is an account {NOBODY!r}, which nobody should have")


def answers(public_url: str | None, session: requests.Session) -> str:
    """The page says that it is well."""
    if public_url is None:
        raise NotHere("TEXT2ART_PUBLIC_URL is not set, so mails lead to this machine")
    url = f"{public_url.rstrip('/')}/readyz"
    try:
        answer = session.get(url, timeout=PATIENCE_S, allow_redirects=False)
    except requests.RequestException as error:
        raise Problem(f"{url} cannot be fetched: {error}. Start the API there, or leave this out: --no-page") from error
    if answer.status_code != 200:
        raise Problem(f"{url} is answered with {answer.status_code}: is this where the API runs, and is it well?")
    return f"{url} is well"
