import email
import os
import stat
from email import policy

import pytest

from worker.errors import CannotSend
from worker.mailers.outbox import send


@pytest.fixture
def lay(tmp_path, a_letter, written):
    def lay_it(**order):
        letter = a_letter(**order)
        send(letter, written(letter), folder=tmp_path / "mail" / "outbox")
        return letter

    return lay_it


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mail" / "outbox"


def test_a_letter_is_one_file_that_reads_back(lay, folder):
    letter = lay(prompt="水下城堡 🏰")
    (file,) = folder.iterdir()
    assert file.name == f"{letter.id}.eml"
    read = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert read["Subject"] == "Your Artwork is ready!"
    assert "水下城堡 🏰" in read.get_body(("plain",)).get_content()


def test_the_same_letter_twice_leaves_one_mail(lay, folder):
    lay()
    letter = lay()
    assert [file.name for file in folder.iterdir()] == [f"{letter.id}.eml"]


def test_a_mail_is_for_its_owners_eyes(lay, folder):
    lay()
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_letter_that_cannot_be_laid_raises_and_leaves_nothing(lay, folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotSend):
        lay()
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_raises(a_letter, written, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotSend):
        send(a_letter(), written(a_letter()), folder=tmp_path / "file" / "outbox")
