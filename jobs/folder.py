"""A shelf in a folder: one folder per id, one file per name, readable by their owner alone.

Everything is opened relative to the root's descriptor and without following links, so no key and no planted link
leads outside. A file appears under its name only once its bytes are on the disk. The file system must know hard
links, as all but those of memory cards do: only they give a name to a file in one step that fails where it is taken.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jobs.errors import AlreadyOnShelf, NotOnShelf
from jobs.shelf import check_id, check_key

_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class FolderShelf:
    """A `Shelf` under `root`, which is made when missing. Raises OSError when disk or folder fail."""

    link_origin = None

    def __init__(self, root: Path) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = root

    def put(self, key: str, data: bytes, *, replace: bool = False) -> None:
        folder, name = check_key(key).split("/")
        with _opened(self._root) as root:
            _make_folder(root, folder)
            with _opened(folder, root) as inside:
                _write(inside, name, data, replace)

    def get(self, key: str) -> bytes:
        folder, name = check_key(key).split("/")
        try:
            with _opened(self._root) as root, _opened(folder, root) as inside:
                return _read(inside, name)
        except FileNotFoundError:
            raise NotOnShelf from None

    def clear(self, id: str) -> None:
        folder = check_id(id)
        with _opened(self._root) as root, suppress(FileNotFoundError):
            with _opened(folder, root) as inside:
                for name in os.listdir(inside):
                    os.unlink(name, dir_fd=inside)
            os.rmdir(folder, dir_fd=root)
            os.fsync(root)

    def remove(self, key: str) -> None:
        folder, name = check_key(key).split("/")
        with _opened(self._root) as root, suppress(FileNotFoundError), _opened(folder, root) as inside:
            os.unlink(name, dir_fd=inside)
            os.fsync(inside)

    def link(self, key: str, *, lifetime_s: int, save_as: str | None = None) -> None:
        """None, for a folder has no address of its own."""
        check_key(key)


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


def _write(folder: int, name: str, data: bytes, replace: bool) -> None:
    """Write beside the name, then give the name: readers see the old bytes or the new ones, a crash no half file."""
    draft = f".{name}.{secrets.token_hex(8)}"
    try:
        with open(os.open(draft, _NEW_FILE, 0o600, dir_fd=folder), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            _give_new_name(folder, draft, name, data)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=folder)
    os.fsync(folder)


def _give_new_name(folder: int, draft: str, name: str, data: bytes) -> None:
    try:
        os.link(draft, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        if _read(folder, name) != data:
            raise AlreadyOnShelf from None


def _read(folder: int, name: str) -> bytes:
    with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb") as file:
        return file.read()
