"""The notebook for Colab: what needs no GPU and no account is run, and what needs an account with stand-ins for it."""

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from tests.firestore_emulator import firestore_emulator, new_project
from tests.mailgun import standing_in
from tests.storage_emulator import new_bucket, storage_emulator
from tests.text2art.conftest import RULES, set_rules

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "notebooks" / "worker.ipynb"
NEEDS = {"gpu", "account", "network"}
TIMEOUT_S = 300


@pytest.fixture
def notebook() -> NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """That of the kernel: ours, without our settings, and with this Python first."""
    with patch.dict(os.environ):
        for name in [name for name in os.environ if name.startswith("TEXT2ART_") or name.endswith("EMULATOR_HOST")]:
            del os.environ[name]
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        os.environ |= {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path / "ipython")}
        yield os.environ


def run(notebook: NotebookNode, folder: Path, given: set[str]) -> str:
    """Run the cells that need nothing but what is given; what they show."""
    notebook.cells = [cell for cell in notebook.cells if not (needs(cell) - given)]
    NotebookClient(notebook, timeout=TIMEOUT_S, resources={"metadata": {"path": str(folder)}}).execute()
    return json.dumps([cell.outputs for cell in notebook.cells if cell.cell_type == "code"])


def needs(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", [])) & NEEDS


def test_the_notebook_is_well_formed_and_holds_no_outputs_and_nobodys_settings(notebook):
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)
    assert all(set(cell.metadata) <= {"tags"} for cell in cells)
    assert {tag for cell in cells for tag in cell.metadata.get("tags", [])} == NEEDS


@pytest.mark.slow
def test_what_needs_neither_gpu_nor_account_runs(notebook, environment, tmp_path):
    shown = run(notebook, tmp_path, set())
    assert "Run one worker alone" in shown
    assert list(tmp_path.glob("*.json")) == [] and not (tmp_path / ".env").exists()


@pytest.mark.slow
def test_an_account_is_written_down_for_its_owner_alone_and_checked_and_not_shown(notebook, environment, tmp_path):
    with ExitStack() as stack:
        firestore, storage = stack.enter_context(firestore_emulator()), stack.enter_context(storage_emulator())
        mailgun = stack.enter_context(standing_in())
        project = new_project()
        environment |= {
            "FIRESTORE_EMULATOR_HOST": firestore.host,
            "STORAGE_EMULATOR_HOST": storage,
            "TEXT2ART_DEVELOPMENT": "1",
            "TEXT2ART_FIREBASE_PROJECT": project,
            "TEXT2ART_STORAGE_BUCKET": new_bucket(storage, f"{project}.firebasestorage.app").name,
            "TEXT2ART_PUBLIC_URL": "https://art.example.com",
            "TEXT2ART_MAILGUN_URL": mailgun.url,
            "TEXT2ART_MAILGUN_DOMAIN": mailgun.domain,
            "TEXT2ART_MAILGUN_KEY": mailgun.key,
        }
        set_rules(firestore.host, project, RULES.read_text())
        shown = run(notebook, tmp_path, {"account"})
    assert "FAILED" not in shown and "Mailgun took a letter in test mode" in shown
    assert mailgun.key not in shown
    settings = tmp_path / ".env"
    assert f"TEXT2ART_MAILGUN_KEY={mailgun.key}\n" in settings.read_text()
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600


@pytest.mark.slow
def test_an_account_that_does_not_work_stops_the_notebook(notebook, environment, tmp_path):
    environment |= {
        "TEXT2ART_FIREBASE_PROJECT": "demo-x",
        "TEXT2ART_STORAGE_BUCKET": "demo-x",
        "TEXT2ART_PUBLIC_URL": "nowhere",
        "TEXT2ART_MAILGUN_DOMAIN": "mg.example.com",
        "TEXT2ART_MAILGUN_KEY": "a-canary-key",
    }
    with pytest.raises(CellExecutionError, match="not yet: see the lines that begin with FAILED"):
        run(notebook, tmp_path, {"account"})
    assert "a-canary-key" not in json.dumps(notebook)
