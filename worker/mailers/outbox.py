"""The mailer of a machine without a mail account: letters are laid into a folder as `.eml` files."""

import os
import tempfile
from email.message import EmailMessage
from pathlib import Path

from jobs import Letter
from worker.errors import CannotSend


def send(letter: Letter, message: EmailMessage, *, folder: Path) -> str:
    """Lay `{letter.id}.eml`, whole, durable and for its owner's eyes; the same letter again replaces it.

    Gives "", because nobody takes the letter yet. Raises CannotSend.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _lay(folder, f"{letter.id}.eml", message.as_bytes())
    except OSError as error:
        raise CannotSend from error
    return ""


def _lay(folder: Path, name: str, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=".tmp", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, folder / name)
        except OSError:
            os.unlink(file.name)
            raise
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
