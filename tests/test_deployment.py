"""What is deployed: images, units and their settings, as far as they can be checked without a registry or a cloud."""

import importlib
import json
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

import api
import jobs
import worker

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
IMAGES = sorted(DEPLOY.glob("*.Dockerfile"))
UNITS = sorted(DEPLOY.glob("*.service"))
PAGE = (ROOT / "docs" / "deployment.md").read_text()

# The engine's own; the API's image has none of them.
ENGINE = ("torch", "numpy", "av", "safetensors", "ftfy", "regex", "clipit")


def instructions(image: Path) -> list[tuple[str, str]]:
    """(FROM, python:3.11-slim AS build) and so on, in their order."""
    text = re.sub(r"^#.*\n", "", image.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in text.splitlines() if line]


def last(image: Path, name: str) -> str:
    """The instruction that holds in the end."""
    return [argument for instruction, argument in instructions(image) if instruction == name][-1]


def copied(image: Path) -> Iterator[str]:
    """What is copied from the repository."""
    for instruction, argument in instructions(image):
        words = argument.split()
        if instruction == "COPY" and not words[0].startswith("--from"):
            yield from words[:-1]


def test_there_is_an_image_for_each_half():
    assert [image.stem for image in IMAGES] == ["api", "worker"]


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.stem)
def test_an_image_is_made_of_files_that_exist_and_reach_the_builder(image):
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    sources = set(copied(image))
    assert sources <= sent
    assert all((ROOT / source).exists() for source in sources)
    assert "ADD" not in dict(instructions(image))


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.stem)
def test_an_image_runs_as_nobody_special_and_starts_without_a_shell_between(image):
    assert int(last(image, "USER")) > 0
    command = json.loads(last(image, "CMD"))
    assert command[0] == "text2art" or (command[:2] == ["sh", "-c"] and command[2].startswith("exec text2art "))


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.stem)
def test_an_image_carries_no_setting_and_no_secret(image):
    text = image.read_text()
    assert "TEXT2ART_" not in text
    assert "ARG" not in dict(instructions(image))


def test_only_the_image_of_the_worker_has_the_engine():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    engine = set(ENGINE) - {"clipit"}
    assert engine.isdisjoint(names(project["dependencies"]))
    assert engine <= names(project["optional-dependencies"]["worker"])
    assert "clipit" not in set(copied(DEPLOY / "api.Dockerfile"))
    assert "'.[worker]'" in (DEPLOY / "worker.Dockerfile").read_text()


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9_-]", requirement)[0] for requirement in requirements}


def test_the_command_of_the_api_needs_no_engine(tmp_path):
    """As in the image of the API, where none of these can be imported."""
    hidden = "".join(f"sys.modules[{name!r}] = None\n" for name in ENGINE)
    program = f"import sys\n{hidden}import api.app, text2art.__main__\ntext2art.__main__.main()"
    command = [sys.executable, "-c", program, "api", "--help"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert "--port" in re.sub(r"\x1b\[[0-9;]*m", "", ended.stdout)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_accepts_a_unit_and_calls_it_hardened(unit, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/text2art/bin/text2art", sys.executable))
    checked = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    exposure = ["systemd-analyze", "security", "--offline=true", "--threshold=25", copy]  # 25 is 2.5 of 10
    rated = subprocess.run(exposure, capture_output=True, text=True)
    assert rated.returncode == 0, rated.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_exists(unit):
    from text2art.__main__ import app

    started = re.search(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
    program, command, *_ = shlex.split(started[1])
    assert program == "/opt/text2art/bin/text2art"
    assert command in {each.name or each.callback.__name__ for each in app.registered_commands}


def settings() -> set[str]:
    """The variables that API and worker read."""
    for package in (api, jobs, worker):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith("settings"):
                importlib.import_module(module.name)
    ours = [
        each for each in BaseSettings.__subclasses__() if each.__module__.split(".")[0] in ("api", "jobs", "worker")
    ]
    return {f"{each.model_config['env_prefix']}{name}".upper() for each in ours for name in each.model_fields}


def test_the_page_tells_of_every_setting_and_of_no_other():
    table = set(re.findall(r"^\| `(TEXT2ART_[A-Z0-9_]+)`", PAGE, re.MULTILINE))
    assert table == settings()


@pytest.mark.parametrize("file", [".env.example", "docs/deployment.md"])
def test_settings_are_spelt_as_they_are_read(file):
    named = set(re.findall(r"\bTEXT2ART_[A-Z0-9_]*[A-Z0-9]", (ROOT / file).read_text()))
    assert named - settings() <= {"TEXT2ART_NGROK_TOKEN"}  # which the tunnel reads


def test_the_page_deploys_the_service_that_hosting_leads_to():
    hosting = json.loads((ROOT / "firebase.json").read_text())["hosting"]
    service = hosting["rewrites"][0]["run"]
    assert f"gcloud run deploy {service['serviceId']} " in PAGE
    assert f"REGION={service['region']}" in PAGE


def test_every_file_that_the_page_names_exists():
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)\)", PAGE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
