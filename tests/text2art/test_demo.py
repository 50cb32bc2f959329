"""The page in Gradio, by its API and in Chromium. What needs Gradio itself is skipped where it is not installed."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock, patch

import av
import pytest
from PIL import Image
from playwright.sync_api import expect
from pydantic import ValidationError

from tests.browser import Visitor, assert_plays, open_browser
from tests.fakes import draws
from text2art.demo import IN_LINE, PREVIEWS, painted, settings_of

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


def test_every_step_is_told_and_the_picture_is_seen_coming(folder):
    steps = 3 * PREVIEWS
    shown = list(painted(draws(steps), settings_of("castle", "draft", "image", "square")))
    assert [(each.step, each.of) for each in shown] == [(step, steps) for step in range(1, steps + 1)]
    assert [each.step for each in shown if each.picture] == list(range(3, steps + 1, 3))
    assert shown[-1].picture.size == (64, 48)


def test_the_film_comes_with_the_last_picture_and_is_not_kept(folder):
    lengths = []
    for shown in painted(draws(7), settings_of("castle", "draft", "image", "square")):
        assert (shown.film is None) == (shown.step < 7)
        if shown.film:  # a page takes it before it asks for more
            with av.open(shown.film) as video:
                lengths.append(sum(1 for _ in video.decode(video=0)))
    assert lengths == [7 + 10]  # the last is held for a second
    assert not Path(shown.film).exists()


# In processes of their own: Gradio leaves sockets and event loops to be collected whenever.
VISIT = """
import json, sys
from gradio_client import Client
import clipit
from tests.fakes import draws, fails
from text2art.demo import interface, launch

draw = draws(5) if sys.argv[1] == "draws" else fails(clipit.ClipitError("accepted: less"))
_, url, _ = launch(interface(draw), server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)
try:
    print(json.dumps(Client(url, verbose=False).predict(*sys.argv[2:], api_name="/paint")))
except Exception as error:
    print(json.dumps(str(error)))
"""
SERVE = """
import sys, time
from dataclasses import replace
from pathlib import Path
import clipit
from text2art.demo import interface, launch

models = clipit.load_models(clipit.Settings(prompts="a trial"))

def draw(settings):  # small, and up to step 3 until it may go on
    for frame in clipit.stream(replace(settings, size=(48, 48), iterations=8), models):
        while frame.step > 3 and not Path("go-on").exists():
            time.sleep(0.05)
        yield frame

_, url, _ = launch(interface(draw), server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)
print(url, flush=True)
sys.stdin.read()
"""


def started(script, folder, *arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GRADIO_ANALYTICS_ENABLED": "False", "NO_PROXY": "*"}
    command = [sys.executable, "-c", script, *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, **pipes)


def visit(folder, *arguments):
    """Open the page around an engine, and send its form as a browser does; gives what it shows."""
    with started(VISIT, folder, *arguments) as process:
        told, complaints = process.communicate()
    assert process.returncode == 0, complaints
    return json.loads(told.splitlines()[-1])


@needs_gradio
@pytest.mark.slow
def test_a_form_becomes_a_picture_and_a_film(folder):
    picture, film, bar = visit(folder, "draws", "castle underwater", "draft", "image", "square")
    assert "step 5 of 5" in bar
    with Image.open(picture) as image:
        assert image.size == (64, 48)
    with av.open(film["video"] if isinstance(film, dict) else film) as video:
        assert sum(1 for _ in video.decode(video=0)) == 5 + 10


@needs_gradio
@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "prompt", "told"), [("draws", "  ", "prompt: "), ("fails", "castle", "accepted: less")]
)
def test_what_cannot_be_painted_is_told(folder, engine, prompt, told):
    assert told in visit(folder, engine, prompt, "draft", "image", "square")


@needs_gradio
@pytest.mark.parametrize(("asked", "shared"), [([], False), (["--share"], True)])
def test_the_page_has_one_painting_at_a_time_and_a_public_address_where_it_is_asked_for(invoke, asked, shared):
    page = Mock()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with patch("text2art.demo.interface", return_value=page):
        done = invoke("gradio", "--port", str(port), *asked)
    assert done.exit_code == 0, done.output
    page.queue.assert_called_once_with(max_size=IN_LINE, default_concurrency_limit=1)
    assert page.launch.call_args.kwargs["share"] is shared
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"


@pytest.fixture
def gradio_page(folder):
    """The address of a running page with the real engine, whose paintings stop at step 3 until `go-on` is there."""
    with started(SERVE, folder) as process:
        yield process.stdout.readline().strip()
        process.communicate()


@pytest.fixture
def browser():
    with open_browser() as browser:
        yield browser


@needs_gradio
@pytest.mark.slow
def test_visitors_see_every_style_painted_one_after_the_other(gradio_page, browser, folder):
    first, second, third = (a_visitor(browser, gradio_page) for _ in range(3))
    ask(first, "painting")
    expect(first.page.get_by_label("step 3 of 8").and_(first.page.get_by_role("progressbar"))).to_be_visible()
    assert width(picture_of(first)) == 48  # as it is by then
    ask(second, "pixel art")
    expect(second.page.get_by_text("queue: 1/1")).to_be_visible()
    ask(third, "image")
    expect(third.page.get_by_text("queue: 2/2")).to_be_visible()
    Path(folder, "go-on").touch()
    for visitor in (first, second, third):
        assert_plays(visitor.page.locator("video"))
        assert width(picture_of(visitor)) >= 40
        assert [each for each in visitor.complaints if "svelte-i18n" not in each] == []  # Gradio's own


def a_visitor(browser, url):
    """Somebody who complains of whatever the page asks of others."""
    visitor = Visitor(browser.new_page(), url)
    visitor.page.goto(url)
    return visitor


def ask(visitor, style):
    visitor.page.get_by_label("Text Prompt").fill("castle underwater")
    visitor.page.get_by_label(style, exact=True).check()
    visitor.page.get_by_role("button", name="Generate").click()


def picture_of(visitor):
    picture = visitor.page.locator(".work img")
    expect(picture).to_be_visible()
    return picture


def width(picture):
    return picture.evaluate("async image => { await image.decode(); return image.naturalWidth }")
