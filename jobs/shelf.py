"""The shelf: where pictures and films lie, under keys that nobody can guess."""

import re
from typing import Protocol

from jobs.errors import BadKey

_KEY = re.compile(r"[A-Za-z0-9_-]{22}/[a-z][a-z0-9_-]{0,40}\.(png|webp|mp4)")


def check_key(key: str) -> str:
    """Return the key unchanged. Raises BadKey (a ValueError too) for anything but `{id}/{name}.{png|webp|mp4}`."""
    if not _KEY.fullmatch(key):
        raise BadKey(
            f"not a shelf key: {key!r}; accepted: 22 URL-safe characters, a slash, a name ending in .png, .webp or .mp4"
        )
    return key


class Shelf(Protocol):
    """Bytes by key. Every method raises BadKey for a malformed key."""

    def put(self, key: str, data: bytes) -> None:
        """Store the bytes whole or not at all, replacing what was there."""

    def get(self, key: str) -> bytes:
        """The bytes. Raises NotOnShelf."""
