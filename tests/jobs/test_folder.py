import errno
import os
import stat
from pathlib import Path

import pytest

from jobs import AlreadyOnShelf
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
    with pytest.raises(OSError, match="symbolic links"):
        shelf.put(KEY, b"secret")
    assert (root / KEY).is_symlink()
    shelf.put(KEY, b"picture", replace=True)

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
    with pytest.raises(OSError, match=ID):
        shelf.remove(KEY)
    with pytest.raises(OSError, match=ID):
        shelf.clear(ID)

    assert [path.name for path in outside.iterdir()] == ["picture.png"]
    assert (outside / "picture.png").read_bytes() == b"secret"


def test_planted_file_link_is_removed_and_what_it_leads_to_is_not(root, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    shelf = FolderShelf(root)
    (root / ID).mkdir()
    (root / KEY).symlink_to(secret)

    shelf.clear(ID)

    assert not (root / ID).exists()
    assert secret.read_bytes() == b"secret"


@pytest.mark.parametrize("replace", [True, False])
def test_put_on_a_full_disk_raises_and_keeps_the_old_file(root, monkeypatch, replace):
    shelf = FolderShelf(root)
    shelf.put(KEY, b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        shelf.put(KEY, b"new", replace=replace)
    monkeypatch.undo()

    assert shelf.get(KEY) == b"old"
    assert [path.name for path in (root / ID).iterdir()] == ["picture.png"]


def test_refused_put_leaves_nothing_beside_the_file(root):
    shelf = FolderShelf(root)
    shelf.put(KEY, b"old")

    with pytest.raises(AlreadyOnShelf):
        shelf.put(KEY, b"new")

    assert [path.name for path in (root / ID).iterdir()] == ["picture.png"]


@pytest.mark.parametrize(("replace", "naming"), [(True, "rename"), (False, "link")])
def test_bytes_are_on_the_disk_before_the_name_is(root, monkeypatch, replace, naming):
    shelf = FolderShelf(root)
    shelf.put(f"{ID}/film.mp4", b"so that the folder is there")
    steps = []

    def noted(name):
        does = getattr(os, name)
        return lambda *names, **places: (steps.append(name), does(*names, **places))

    for name in ("fsync", "rename", "link"):
        monkeypatch.setattr(os, name, noted(name))
    shelf.put(KEY, b"new", replace=replace)

    assert steps == ["fsync", naming, "fsync"]


def test_draft_that_a_crash_left_is_cleared_with_the_rest(root):
    shelf = FolderShelf(root)
    shelf.put(KEY, b"picture")
    (root / ID / ".film.mp4.0123456789abcdef").write_bytes(b"half a fi")

    shelf.clear(ID)

    assert list(root.iterdir()) == []


def test_missing_root_is_not_taken_for_an_empty_shelf(root):
    shelf = FolderShelf(root)
    root.rmdir()

    for use in (lambda: shelf.put(KEY, b"picture"), lambda: shelf.remove(KEY), lambda: shelf.clear(ID)):
        with pytest.raises(OSError, match="shelf"):
            use()


def test_folder_has_no_links(root):
    shelf = FolderShelf(root)
    shelf.put(KEY, b"picture")

    assert shelf.link(KEY, lifetime_s=60, save_as="picture.png") is None
