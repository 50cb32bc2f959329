"""Commands run in a folder of their own, with no settings but those that the test makes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
import requests
from click.testing import Result
from typer.testing import CliRunner

from jobs.queue import Queue
from jobs.settings import Store, StoreSettings, open_store
from tests.firestore_emulator import FirestoreEmulator, new_project
from text2art.__main__ import app

Invoke = Callable[..., Result]
BUCKET = "demo-deployment"
RULES = Path(__file__).parents[2] / "firestore.rules"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder; what a command adds to the environment goes with the test."""
    monkeypatch.chdir(tmp_path)
    with patch.dict(os.environ):
        for name in [name for name in os.environ if name.startswith("TEXT2ART_") or name.endswith("EMULATOR_HOST")]:
            del os.environ[name]
        yield tmp_path


@pytest.fixture
def invoke() -> Invoke:
    return lambda *arguments, **options: CliRunner().invoke(app, arguments, **options)


@pytest.fixture
def on_firebase(folder: Path, emulator: FirestoreEmulator, storage_url: str) -> str:
    """Settings of an installation on the emulators, with our rules in force; gives the project."""
    project = new_project()
    os.environ |= {
        "FIRESTORE_EMULATOR_HOST": emulator.host,
        "STORAGE_EMULATOR_HOST": storage_url,
        "TEXT2ART_DEVELOPMENT": "1",
        "TEXT2ART_FIREBASE_PROJECT": project,
        "TEXT2ART_STORAGE_BUCKET": BUCKET,
    }
    requests.post(f"{storage_url}/storage/v1/b", json={"name": BUCKET}, timeout=10)  # where it is there, it stays
    set_rules(emulator.host, project, RULES.read_text())
    return project


def set_rules(host: str, project: str, text: str) -> None:
    """Put security rules in force at the emulator."""
    answer = requests.put(
        f"http://{host}/emulator/v1/projects/{project}:securityRules",
        json={"rules": {"files": [{"name": "firestore.rules", "content": text}]}},
        timeout=10,
    )
    assert answer.ok, answer.text


@pytest.fixture(params=["in a folder", "on Firebase"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The store of the installation that commands will open, of either kind."""
    if request.param == "on Firebase":
        request.getfixturevalue("on_firebase")
    with open_store(StoreSettings()) as store:
        yield store


@pytest.fixture
def queue(store: Store) -> Queue:
    return store.queue
