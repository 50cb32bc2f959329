import errno
import os
import stat
from pathlib import Path

import pytest

from jobs.folder import FolderShelf

ID = "0123456789abcdefABC_-0"
KEY = f"{ID}/picture.png"


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "shelf"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_and_files_are_for_their_owner_alone(root):
    FolderShelf(root).put(KEY, b"picture")

    assert (mode(root), mode(root / ID), mode(root / KEY)) == (0o700, 0o700, 0o600)


def test_reopened_shelf_has_the_files(root):
    FolderShelf(root).put(KEY, b"picture")

    assert FolderShelf(root).get(KEY) == b"picture"


def test_root_may_be_a_link(root, tmp_path):
    (tmp_path / "large disk").mkdir()
    root.symlink_to(tmp_path / "large disk")

    FolderShelf(root).put(KEY, b"picture")

    assert (tmp_path / "large disk" / KEY).read_bytes() == b"picture"


def test_planted_file_link_is_neither_read_nor_written_through(root, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    shelf = FolderShelf(root)
    (root / ID).mkdir()
    (root / KEY).symlink_to(secret)

    with pytest.raises(OSError, match="symbolic links") as refused:
        shelf.get(KEY)
    assert refused.value.errno == errno.ELOOP
    shelf.put(KEY, b"picture")

    assert secret.read_bytes() == b"secret"
    assert not (root / KEY).is_symlink()
    assert shelf.get(KEY) == b"picture"


def test_planted_folder_link_is_neither_read_nor_written_through(root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "picture.png").write_bytes(b"secret")
    shelf = FolderShelf(root)
    (root / ID).symlink_to(outside)

    with pytest.raises(OSError, match=ID):
        shelf.get(KEY)
    with pytest.raises(OSError, match=ID):
        shelf.put(KEY, b"picture")

    assert [path.name for path in outside.iterdir()] == ["picture.png"]
    assert (outside / "picture.png").read_bytes() == b"secret"


def test_put_on_a_full_disk_raises_and_keeps_the_old_file(root, monkeypatch):
    shelf = FolderShelf(root)
    shelf.put(KEY, b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        shelf.put(KEY, b"new")
    monkeypatch.undo()

    assert shelf.get(KEY) == b"old"
    assert [path.name for path in (root / ID).iterdir()] == ["picture.png"]


def test_bytes_are_on_the_disk_before_the_name_is(root, monkeypatch):
    shelf = FolderShelf(root)
    shelf.put(KEY, b"old")
    steps = []
    fsync, rename = os.fsync, os.rename
    monkeypatch.setattr(os, "fsync", lambda descriptor: (steps.append("fsync"), fsync(descriptor)))
    monkeypatch.setattr(os, "rename", lambda *names, **places: (steps.append("rename"), rename(*names, **places)))

    shelf.put(KEY, b"new")

    assert steps == ["fsync", "rename", "fsync"]
