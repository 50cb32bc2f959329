"""Checks of the page where visitors are sent."""

import requests

from text2art.checks import Check, NotHere, Problem
from text2art.checks.shelf import PATIENCE_S


def page(public_url: str | None, session: requests.Session) -> Check:
    """`public_url` is None where none is given."""
    return Check("page", lambda: answers(public_url, session))


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
