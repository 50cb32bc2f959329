"""The drawer from outside that docs/drawers.md shows, as it is written there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from clipit import ClipitError
from clipit.drawers import names
from tests.clipit.drawers.descent import losses_of

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs/drawers.md").read_text("utf-8")
DRAW = """
import sys
import clipit
from clipit.drawers import names
from tests.clipit.drawers.descent import losses_of

assert names() == ["vqgan", "strokes", "pixel", "fft", "blobs"], names()
settings = clipit.Settings(
    prompts="castle underwater", drawer="blobs", drawer_options={"blobs": 40}, clip_models=(sys.argv[1],),
    size=(48, 32), iterations=4, cuts=2,
)
frames = [frame.picture() for frame in clipit.stream(settings)]
frames[0].save(sys.argv[2])
frames[-1].save(sys.argv[3])
try:
    clipit.Settings(prompts="castle", drawer="blobs", drawer_options={"blobs": 0})
except clipit.ClipitError as refused:
    print(refused)
"""


def block(kind, holding):
    """The one block of the document in this language with these words in it."""
    (found,) = [text for text in re.findall(rf"```{kind}\n(.*?)```", DOCUMENT, re.DOTALL) if holding in text]
    return found


@pytest.fixture(scope="module")
def shown():
    """What the document's module defines."""
    module = {}
    exec(block("python", "class BlobDrawer"), module)
    return module


def test_the_shown_drawer_begins_near_the_start_and_five_steps_lower_a_loss(shown):
    start = torch.linspace(0.2, 0.9, 40).expand(2, 3, 30, 40)
    generators = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    drawn = shown["BlobDrawer"](start, shown["BlobOptions"](blobs=300), generators)
    assert (drawn.image() - start).abs().mean() < 0.05
    losses = losses_of(drawn, lambda pictures: pictures.square().mean(), rate=0.01)
    assert losses == sorted(losses, reverse=True)
    assert drawn.image().min() >= 0 and drawn.image().max() <= 1


def test_it_refuses_what_it_cannot_draw(shown):
    with pytest.raises(ClipitError, match="1 to 5000"):
        shown["BlobOptions"](blobs=0)


@pytest.mark.slow
def test_an_installed_package_brings_a_drawer(tmp_path, tiny):
    package, installed = tmp_path / "package", tmp_path / "installed"
    package.mkdir()
    (package / "clipit_blobs.py").write_text(block("python", "class BlobDrawer"), "utf-8")
    (package / "pyproject.toml").write_text(block("toml", "clipit-blobs"), "utf-8")
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    install = [sys.executable, "-m", "pip", "install", "--quiet", *offline, "--target", str(installed), str(package)]
    subprocess.run(install, check=True)

    assert "blobs" not in names()
    path = os.pathsep.join([str(installed), str(ROOT)])
    first, last = tmp_path / "first.png", tmp_path / "last.png"
    drawn = subprocess.run(
        [sys.executable, "-c", DRAW, str(tiny.vit), str(first), str(last)],
        env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    assert "blobs is 0; accepted: 1 to 5000" in drawn.stdout
    assert first.read_bytes() != last.read_bytes()
