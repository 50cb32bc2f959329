"""The shelf: where pictures and films lie, under keys that nobody can guess. Implementations: `folder`, `bucket`."""

import re
from typing import Protocol

from jobs.errors import BadKey

TYPES = {"png": "image/png", "webp": "image/webp", "mp4": "video/mp4", "svg": "image/svg+xml"}
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_KEY = re.compile(r"[A-Za-z0-9_-]{22}/[a-z][a-z0-9_-]{0,40}\.(png|webp|mp4|svg)")


def check_key(key: str) -> str:
    """Return the key unchanged. Raises BadKey (a ValueError too) for anything but `{id}/{name}.{png|webp|mp4|svg}`."""
    if not _KEY.fullmatch(key):
        raise BadKey(
            f"not a shelf key: {key!r}; accepted: 22 URL-safe characters, a slash, a name ending in one of "
            f"{', '.join(TYPES)}"
        )
    return key


def check_id(id: str) -> str:
    """Return the id unchanged. Raises BadKey for anything but 22 URL-safe characters."""
    if not _ID.fullmatch(id):
        raise BadKey(f"not an id: {id!r}; accepted: 22 URL-safe characters")
    return id


class Shelf(Protocol):
    """Bytes by key. Every method raises BadKey for a malformed key, and Unavailable (`OSError` for a folder) when
    the store does not answer."""

    @property
    def link_origin(self) -> str | None:
        """Where links lead, like https://storage.googleapis.com; None where the shelf gives none."""

    def put(self, key: str, data: bytes, *, replace: bool = False) -> None:
        """Store the bytes whole or not at all. Where other bytes lie already they are replaced, or, without
        `replace`, AlreadyOnShelf is raised; the same bytes are no error, so that a put may be repeated."""

    def get(self, key: str) -> bytes:
        """The bytes. Raises NotOnShelf."""

    def clear(self, id: str) -> None:
        """Remove every file under this id; that there is none is no error."""

    def remove(self, key: str) -> None:
        """Remove one file; that there is none is no error."""

    def link(self, key: str, *, lifetime_s: int, save_as: str | None = None) -> str | None:
        """An address that anybody can read the file at for `lifetime_s` seconds, shown inline or, with `save_as`,
        saved under that name; None where the shelf has no address of its own and the bytes are to be sent instead."""
