"""The page in Gradio. What needs Gradio itself is skipped where it is not installed."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import av
import pytest
from PIL import Image
from pydantic import ValidationError

from tests.fakes import draws
from text2art.demo import PREVIEWS, painted, settings_of

ROOT = Path(__file__).parents[2]
needs_gradio = pytest.mark.skipif(
    importlib.util.find_spec("gradio") is None, reason="Gradio is not installed: pip install 'text2art[gradio]'"
)


def test_choices_become_settings_with_another_seed_each_time():
    first, second = (settings_of(" castle ", "better", "image", "portrait") for _ in range(2))
    assert (first.prompts, first.quality, first.aspect, first.drawer) == ("castle", "better", "portrait", "vqgan")
    assert first.seed != second.seed


@pytest.mark.parametrize(
    "choices", [("", "draft", "image", "square"), ("x", "perfect", "image", "square"), ("x", "draft", "image", "round")]
)
def test_choices_that_nobody_offered_are_refused(choices):
    with pytest.raises(ValidationError):
        settings_of(*choices)


def test_the_picture_is_seen_coming_and_the_film_comes_with_the_last(folder):
    told = []

    def progress(steps, desc, unit):
        told.append(steps)

    frames = 3 * PREVIEWS
    shown = list(watched(painted(draws(frames), settings_of("castle", "draft", "image", "square"), progress)))
    assert told == [(step, frames) for step in range(1, frames + 1)]
    assert [film for _, film in shown[:-1]] == [None] * (PREVIEWS - 1)
    assert shown[-1][1] == frames + 10  # the last is held for a second
    assert shown[-1][0].size == (64, 48)


def watched(shown):
    """What a page does: it takes each film before it asks for more."""
    for picture, film in shown:
        if film is None:
            yield picture, None
        else:
            with av.open(film) as video:
                yield picture, sum(1 for _ in video.decode(video=0))


def test_a_film_that_was_taken_is_not_kept():
    *_, (_, film) = painted(draws(2), settings_of("castle", "draft", "image", "square"), lambda *a, **b: None)
    assert not Path(film).exists()


# In a process of its own: Gradio leaves sockets and event loops to be collected whenever.
VISIT = """
import json, sys
from gradio_client import Client
import clipit
from tests.fakes import draws, fails
from text2art.demo import interface

draw = draws(5) if sys.argv[1] == "draws" else fails(clipit.ClipitError("accepted: less"))
_, url, _ = interface(draw).queue().launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)
try:
    print(json.dumps(Client(url, verbose=False).predict(*sys.argv[2:], api_name="/paint")))
except Exception as error:
    print(json.dumps(str(error)))
"""


def visit(folder, *arguments):
    """Open the page around an engine, and send its form as a browser does; gives what it shows."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GRADIO_ANALYTICS_ENABLED": "False", "NO_PROXY": "*"}
    command = [sys.executable, "-c", VISIT, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@needs_gradio
@pytest.mark.slow
def test_a_form_becomes_a_picture_and_a_film(folder):
    picture, film = visit(folder, "draws", "castle underwater", "draft", "image", "square")
    with Image.open(picture) as image:
        assert image.size == (64, 48)
    with av.open(film["video"] if isinstance(film, dict) else film) as video:
        assert sum(1 for _ in video.decode(video=0)) == 5


@needs_gradio
@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "prompt", "told"), [("draws", "  ", "prompt: "), ("fails", "castle", "accepted: less")]
)
def test_what_cannot_be_painted_is_told(folder, engine, prompt, told):
    assert told in visit(folder, engine, prompt, "draft", "image", "square")
