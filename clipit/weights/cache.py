"""Where downloaded models lie: CLIPIT_CACHE, or the folder for caches that the platform has."""

import os
from pathlib import Path

from platformdirs import user_cache_path

from clipit.errors import ClipitError
from clipit.weights.catalogue import Entry, suffix


def folder() -> Path:
    """For example ~/.cache/clipit. It need not exist."""
    named = os.environ.get("CLIPIT_CACHE")
    return Path(named).expanduser() if named else user_cache_path("clipit", appauthor=False)


def converted(entry: Entry) -> Path:
    """The file of a published model in our form, there or not."""
    return folder() / f"{entry.stem}.safetensors"


def brought(entry: Entry) -> Path:
    """The file of a published model in our form. Raises ClipitError where it is not there."""
    if not (path := converted(entry)).is_file():
        raise ClipitError(f"{entry.name} is not on this machine; `clipit models download {entry.name}` brings it")
    return path


def published(entry: Entry, address: str) -> Path:
    """What lies at the address, as long as it is needed."""
    return folder() / "published" / f"{entry.stem}{suffix(address)}"
