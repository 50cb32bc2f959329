"""Where orders and files are kept, from the environment, and the queue and the shelf that this means."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import FilePath, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from jobs.folder import FolderShelf
from jobs.queue import Queue
from jobs.shelf import Shelf
from jobs.sqlite import SqliteQueue

if TYPE_CHECKING:
    from firebase_admin import App


class StoreSettings(BaseSettings):
    """Read from the environment: `TEXT2ART_DATA` and so on. API and worker must be given the same.

    With a Firebase project, orders are kept in its Firestore and files in a bucket; without one, both in a folder.
    """

    model_config = SettingsConfigDict(env_prefix="TEXT2ART_", frozen=True, env_ignore_empty=True)

    data: Path = Path("text2art-data")  # the folder for everything that must survive

    firebase_project: str | None = None  # the project's id; taken from the credentials where they are a file
    firebase_credentials: FilePath | None = None  # a service account's key file; None: Application Default Credentials
    firestore_database: str = "(default)"
    storage_bucket: str | None = None  # like my-project.firebasestorage.app

    log_format: Literal["text", "json"] = "text"  # json for a collector, as Cloud Run's
    development: bool = False  # emulators and defaults that would be unsafe in public are accepted

    @property
    def on_firebase(self) -> bool:
        return self.firebase_project is not None or self.firebase_credentials is not None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.on_firebase and self.storage_bucket is None:
            raise ValueError("TEXT2ART_STORAGE_BUCKET is needed beside a Firebase project: it is where the files go")
        if self.storage_bucket is not None and not self.on_firebase:
            raise ValueError("TEXT2ART_STORAGE_BUCKET needs TEXT2ART_FIREBASE_CREDENTIALS or TEXT2ART_FIREBASE_PROJECT")
        return self


@dataclass(frozen=True)
class Store:
    """What API and worker share; `firebase` is None where everything lies in a folder."""

    queue: Queue
    shelf: Shelf
    firebase: "App | None" = None


@contextmanager
def open_store(settings: StoreSettings, environment: Mapping[str, str] = os.environ) -> Iterator[Store]:
    """The queue and the shelf of this installation, closed at the end. Raises ValueError for unsafe settings."""
    refuse_emulators(settings, environment)
    if settings.on_firebase:
        with _open_firebase(settings) as store:
            yield store
    else:
        folder = _private(settings.data)
        with closing(SqliteQueue(folder / "queue.sqlite3")) as queue:
            yield Store(queue, FolderShelf(folder / "shelf"))


def refuse_emulators(settings: StoreSettings, environment: Mapping[str, str]) -> None:
    """An emulator believes every token and forgets every job: raise ValueError where one is set outside development."""
    found = sorted(name for name in environment if name.endswith("EMULATOR_HOST"))
    if found and not settings.development:
        raise ValueError(f"{', '.join(found)} is set: remove it, or set TEXT2ART_DEVELOPMENT=1 on a machine for trials")


@contextmanager
def _open_firebase(settings: StoreSettings) -> Iterator[Store]:
    # Imported here because it takes a second, which a machine without Firebase need not wait.
    from jobs import firebase
    from jobs.bucket import BucketShelf
    from jobs.firestore import FirestoreQueue

    with firebase.connect(settings) as app:
        client = firebase.firestore_client(app, settings.firestore_database)
        yield Store(FirestoreQueue(client), BucketShelf(firebase.bucket(app)), app)


def _private(folder: Path) -> Path:
    """The folder, made for its owner alone when missing: it holds addresses and unpublished pictures."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
