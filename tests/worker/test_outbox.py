import email
import os
import stat
from email import policy
from email.message import EmailMessage

import pytest

from worker.errors import CannotSend
from worker.outbox import OutboxFolder


@pytest.fixture
def letter():
    message = EmailMessage()
    message["Subject"] = "Your Artwork is ready!"
    message.set_content("水下城堡 🏰\n")
    return message


def test_a_letter_is_one_file_that_reads_back(tmp_path, letter):
    OutboxFolder(tmp_path / "mail" / "outbox")("job", letter)
    (file,) = (tmp_path / "mail" / "outbox").iterdir()
    assert file.name == "job.eml"
    read = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert read["Subject"] == "Your Artwork is ready!"
    assert read.get_content() == "水下城堡 🏰\n"


def test_the_same_letter_twice_leaves_one_mail(tmp_path, letter):
    outbox = OutboxFolder(tmp_path)
    outbox("job", letter)
    outbox("job", letter)
    assert [file.name for file in tmp_path.iterdir()] == ["job.eml"]


def test_a_mail_is_readable_by_its_owner_only(tmp_path, letter):
    OutboxFolder(tmp_path)("job", letter)
    assert stat.S_IMODE((tmp_path / "job.eml").stat().st_mode) == 0o600


def test_a_letter_that_cannot_be_laid_raises_and_leaves_nothing(tmp_path, letter, monkeypatch):
    outbox = OutboxFolder(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotSend):
        outbox("job", letter)
    assert list(tmp_path.iterdir()) == []
