"""A shelf in a folder: one folder per id, one file per name, readable by their owner alone.

Everything is opened relative to the root's descriptor and without following links, so no key and no planted link
leads outside. A file appears under its name only once its bytes are on the disk.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jobs.errors import NotOnShelf
from jobs.shelf import check_key

_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class FolderShelf:
    """A `Shelf` under `root`, which is made when missing. Raises OSError when disk or folder fail."""

    def __init__(self, root: Path) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = root

    def put(self, key: str, data: bytes) -> None:
        folder, name = check_key(key).split("/")
        with _opened(self._root) as root:
            _make_folder(root, folder)
            with _opened(folder, root) as inside:
                _write(inside, name, data)

    def get(self, key: str) -> bytes:
        folder, name = check_key(key).split("/")
        try:
            with _opened(self._root) as root, _opened(folder, root) as inside:
                return _read(inside, name)
        except FileNotFoundError:
            raise NotOnShelf from None


@contextmanager
def _opened(folder: Path | str, parent: int | None = None) -> Iterator[int]:
    """A descriptor of the folder. The root may be a link that its owner set; nothing below it may."""
    descriptor = os.open(folder, _FOLDER if parent is None else _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _make_folder(parent: int, name: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=parent)
        os.fsync(parent)


def _write(folder: int, name: str, data: bytes) -> None:
    """Write beside the name, then rename: readers see the old bytes or the new ones, a crash leaves no half file."""
    draft = f".{name}.{secrets.token_hex(8)}"
    try:
        with open(os.open(draft, _NEW_FILE, 0o600, dir_fd=folder), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=folder)
        raise
    os.fsync(folder)


def _read(folder: int, name: str) -> bytes:
    with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb") as file:
        return file.read()
