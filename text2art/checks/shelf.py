"""Checks of the shelf, under an id of their own."""

import requests

from jobs import AlreadyOnShelf, NotOnShelf, Shelf
from text2art.checks import Check, Group, NotHere, Problem

PATIENCE_S = (5, 30)  # to connect, and for each part of an answer
DATA, OTHER = b"deploy-check", b"something else"
LINK_S = 60
LINK_HINT = "Without a key file, this account signs links only with roles/iam.serviceAccountTokenCreator for itself."


def group(
    shelf: Shelf, id: str, session: requests.Session, *more: Check, hint: str = "", emulated: bool = False
) -> Group:
    """Whatever the service does with files; `more` is tried while there is one under the id."""
    key = f"{id}/picture.png"
    return Group(
        [
            Check("shelf", lambda: keeps(shelf, key), hint, vital=True),
            Check("shelf: overwrites nothing", lambda: overwrites_nothing(shelf, key, emulated)),
            Check("shelf: link", lambda: links(shelf, key, session), LINK_HINT),
            *more,
        ],
        Check("shelf: cleaned up", lambda: removes(shelf, id, key)),
    )


def keeps(shelf: Shelf, key: str) -> str:
    """What is put is what is got."""
    shelf.put(key, DATA)
    if shelf.get(key) != DATA:
        raise Problem("what was put is not what is got")
    return "put and got"


def overwrites_nothing(shelf: Shelf, key: str, emulated: bool = False) -> str:
    """Other bytes under the same key are refused, the same are not."""
    if emulated:
        raise NotHere("the emulator overwrites")
    shelf.put(key, DATA)
    try:
        shelf.put(key, OTHER)
    except AlreadyOnShelf:
        return "other bytes under the same key are refused"
    raise Problem("a file can be overwritten, so a worker that was given up could spoil another's picture")


def links(shelf: Shelf, key: str, session: requests.Session) -> str:
    """A link gives the file to whoever has it."""
    link = shelf.link(key, lifetime_s=LINK_S)
    if link is None:
        raise NotHere("the API sends the files itself")
    answer = fetch(session, link)
    if not answer.ok or answer.content != DATA:
        raise Problem(f"a signed link is answered with {answer.status_code}: {answer.text[:200]}")
    return "signed, and the file fetched"


def removes(shelf: Shelf, id: str, key: str) -> str:
    """What was put is gone."""
    shelf.clear(id)
    try:
        shelf.get(key)
    except NotOnShelf:
        return "what was put is gone"
    raise Problem(f"{id}/ could not be removed from the shelf; remove it by hand")


def fetch(session: requests.Session, link: str) -> requests.Response:
    """GET without credentials. An error does not quote the link: it opens the file."""
    try:
        return session.get(link, timeout=PATIENCE_S, allow_redirects=False)
    except requests.RequestException as error:
        raise Problem(f"a link cannot be fetched: {type(error).__name__}") from None
