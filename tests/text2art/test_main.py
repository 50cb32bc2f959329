import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_command_is_listed(invoke):
    listed = invoke("--help").output
    for name in ("up", "api", "worker", "jobs", "deploy-check", "gradio"):
        assert f" {name} " in listed


def test_settings_in_a_file_in_the_working_folder_count_but_the_environment_wins(folder, invoke):
    os.environ["TEXT2ART_DATA"] = "from-environment"
    (folder / ".env").write_text("TEXT2ART_DATA=from-file\nTEXT2ART_MAX_QUEUE=7\nTEXT2ART_SMTP_PASSWORD=a$HOME${x}\n")
    assert invoke("jobs", "list").exit_code == 0
    assert (folder / "from-environment").is_dir() and not (folder / "from-file").exists()
    assert os.environ["TEXT2ART_MAX_QUEUE"] == "7"  # for child processes too
    assert os.environ["TEXT2ART_SMTP_PASSWORD"] == "a$HOME${x}"


def test_a_file_of_settings_that_is_no_text_is_refused_by_name(folder, invoke):
    (folder / ".env").write_bytes(b"TEXT2ART_DATA=\xff\xfe")
    result = invoke("jobs", "list")
    assert (result.exit_code, ".env cannot be read" in result.output) == (2, True)


def test_the_commands_of_a_machine_without_an_engine_import_none(tmp_path):
    without = "import sys; sys.modules |= dict.fromkeys(('torch', 'clipit', 'numpy', 'av'))"
    script = f"{without}; import text2art.__main__, api.app, api.settings"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment).returncode == 0


@pytest.mark.parametrize("command", [["up"], ["api"], ["worker"], ["jobs", "list"]])
def test_bad_settings_are_told_by_name_without_traceback_and_without_their_value(command, folder):
    bad = {"TEXT2ART_STORAGE_BUCKET": "canary"}  # without a project
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | bad
    result = subprocess.run(
        [sys.executable, "-m", "text2art", *command], env=environment, cwd=folder, capture_output=True, text=True
    )
    assert result.returncode == 2
    assert "text2art: TEXT2ART_STORAGE_BUCKET" in result.stderr
    assert "Traceback" not in result.stderr and "canary" not in result.stderr + result.stdout
