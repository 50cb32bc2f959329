"""Where orders and files are kept, from the environment, and the queue and the shelf that this means."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from jobs.folder import FolderShelf
from jobs.queue import Queue
from jobs.shelf import Shelf
from jobs.sqlite import SqliteQueue


class StoreSettings(BaseSettings):
    """Read from the environment: TEXT2ART_DATA. API and worker must be given the same."""

    model_config = SettingsConfigDict(env_prefix="TEXT2ART_", frozen=True)

    data: Path = Path("text2art-data")  # the folder for everything that must survive


def open_queue(settings: StoreSettings) -> Queue:
    """The queue of this installation; the caller closes it."""
    return SqliteQueue(_private(settings.data) / "queue.sqlite3")


def open_shelf(settings: StoreSettings) -> Shelf:
    """The shelf of this installation."""
    return FolderShelf(_private(settings.data) / "shelf")


def _private(folder: Path) -> Path:
    """The folder, made for its owner alone when missing: it holds addresses and unpublished pictures."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
