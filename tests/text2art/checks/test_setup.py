import os
from pathlib import Path

import pytest

from text2art.checks import NotHere, Problem
from text2art.checks.setup import are_kept, are_known

EXAMPLE = Path(__file__).parents[3] / ".env.example"


def test_a_misspelled_setting_is_told():
    with pytest.raises(Problem, match="TEXT2ART_MAILGUN_KYE"):
        are_known({"TEXT2ART_MAILGUN_KYE": "x", "PATH": "/bin", "TEXT2ART_DATA": "."})


def test_every_setting_that_the_example_shows_is_known():
    lines = [line.lstrip("# ") for line in EXAMPLE.read_text().splitlines()]
    shown = [line.partition("=")[0] for line in lines if line.startswith("TEXT2ART_")]
    assert are_known(dict.fromkeys(shown, "")) == f"{len(shown)} are set"


@pytest.mark.skipif(os.name != "posix", reason="files have no modes here")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_with_secrets_that_others_can_read_is_told(folder, mode):
    (folder / "key.json").touch(0o600)
    (folder / ".env").touch()
    (folder / ".env").chmod(mode)
    with pytest.raises(Problem, match=r"chmod 600 .env$"):
        are_kept(Path(".env"), {"TEXT2ART_FIREBASE_CREDENTIALS": "key.json"})


def test_files_with_secrets_for_their_owner_alone_are_well(folder):
    for name in (".env", "key.json"):
        (folder / name).touch(0o600)
    assert "key.json" in are_kept(Path(".env"), {"TEXT2ART_FIREBASE_CREDENTIALS": "key.json"})


def test_without_such_files_there_is_nothing_to_look_at(folder):
    with pytest.raises(NotHere):
        are_kept(Path(".env"), {})
