"""The mailer of a machine without a mail account: letters are laid into a folder as `.eml` files."""

import os
import tempfile
from email.message import EmailMessage
from pathlib import Path

from worker.errors import CannotSend


class OutboxFolder:
    """A folder that holds one file per letter, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def __call__(self, letter_id: str, message: EmailMessage) -> None:
        """Lay `{letter_id}.eml`, whole and durable; the same letter again replaces it. Raises CannotSend."""
        try:
            self._lay(f"{letter_id}.eml", message.as_bytes())
        except OSError as error:
            raise CannotSend from error

    def _lay(self, name: str, data: bytes) -> None:
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".", suffix=".tmp", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                os.replace(file.name, self._folder / name)
            except OSError:
                os.unlink(file.name)
                raise
        _sync_folder(self._folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
