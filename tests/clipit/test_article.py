"""The code of the article, "How I built an AI Text-to-Art Generator" (M. F. Rashad, 2021), as it is written there.

It runs with the models that ship. Only the steps are fewer, and the two words that the article misspells are given.
"""

import sys
from types import SimpleNamespace

import pytest
from PIL import Image

import clipit
from clipit import read_recipe

SNIPPET = """
import sys
sys.path.append("clipit")
import clipit

# To reset settings to default
clipit.reset_settings()

# You can use "|" to separate multiple prompts
prompts = "underwater city"

# You can trade off speed for quality: draft, normal, better, best
quality = "normal"

# Aspect ratio: widescreen, square
aspect = "widescreen"

# Add settings
clipit.add_settings(prompts=prompts, quality=quality, aspect=aspect)
{more}
# Apply these settings and run
settings = clipit.apply_settings()
clipit.do_init(settings)
cliptit.do_run(settings)
"""

GRADIO = """
import torch
import clipit

# Define the main function
def generate(prompt, quality, style, aspect):
    torch.cuda.empty_cache()
    clipit.reset_settings()

    use_pixeldraw = (style == 'pixel art')
    use_clipdraw = (style == 'painting')
    clipit.add_settings(prompts=prompt,
                        aspect=aspect,
                        quality=quality,
                        use_pixeldraw=use_pixeldraw,
                        use_clipdraw=use_clipdraw,
                        make_video=True)

    settings = clipit.apply_settings()
    clipit.do_init(settings)
    clipit.do_run(settings)

    return 'output.png', 'output.mp4'
"""

SERVER = """
# define function to be run as background tasks
def generate(email, settings):
    clipit.do_init(settings)
    clipit.do_run(settings)

    prompt = " | ".join(settings.prompts)

    email_results_mailgun(email, prompt)
"""

WORKER = """
def generate(doc_id, prompt, quality, style, aspect, email):
    torch.cuda.empty_cache()
    clipit.reset_settings()

    use_pixeldraw = (style == 'pixel art')
    use_clipdraw = (style == 'painting')
    clipit.add_settings(prompts=prompt,
                        seed=seed,
                        aspect=aspect,
                        quality=quality,
                        use_pixeldraw=use_pixeldraw,
                        use_clipdraw=use_clipdraw,
                        make_video=True)

    settings = clipit.apply_settings()
    clipit.do_init(settings)
    clipit.do_run(settings)
"""


@pytest.fixture
def article(monkeypatch, tmp_path):
    """Runs code in an empty folder; what it asks for is noted in `asked` before it is given two steps and few views."""
    monkeypatch.setenv("CLIPIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    apply, asked = clipit.apply_settings, []

    def quick():
        asked.append(apply())
        clipit.add_settings(iterations=2, num_cuts=6)
        return apply()

    monkeypatch.setattr(clipit, "apply_settings", quick)

    def run(code, **names):
        scope = {"cliptit": clipit, **names}
        exec(code, scope)
        return SimpleNamespace(**scope)

    yield SimpleNamespace(run=run, asked=asked, folder=tmp_path / "here")
    clipit.reset_settings()


def written(article):
    """The names of the files in the folder, and the size of the picture."""
    with Image.open("output.png") as image:
        return {path.name for path in article.folder.iterdir()}, image.size


def test_generating_art(article):
    article.run(SNIPPET.format(more=""))
    assert written(article) == ({"output.png"}, (320, 180))
    (asked,) = article.asked
    assert (asked.iterations, asked.num_cuts, asked.clip_models) == (350, 40, ["ViT-B/32", "ViT-B/16"])
    assert read_recipe("output.png")["prompts"] == "underwater city"


def test_longer_iterations(article):
    article.run(SNIPPET.format(more="clipit.add_settings(iterations=500)"))
    assert article.asked[0].iterations == 500
    assert written(article)[0] == {"output.png"}


def test_generating_video(article):
    article.run(SNIPPET.format(more="clipit.add_settings(make_video=True)"))
    assert written(article)[0] == {"output.png", "output.mp4"}


def test_customizing_image_size(article):
    article.run(SNIPPET.format(more="clipit.add_settings(size=(800, 200))"))
    assert article.asked[0].size == [800, 200]
    assert written(article) == ({"output.png"}, (800, 200))


def test_generating_pixel_arts(article):
    article.run(SNIPPET.format(more="clipit.add_settings(use_pixeldraw=True)"))
    names, (width, height) = written(article)
    assert names == {"output.png", "output.1x.png"}
    assert width / height == pytest.approx(16 / 9, rel=0.05)


@pytest.mark.parametrize(
    ("style", "drawer", "beside"),
    [("image", "vqgan", set()), ("painting", "strokes", {"output.svg"}), ("pixel art", "pixel", {"output.1x.png"})],
)
def test_building_a_ui_with_gradio(article, style, drawer, beside):
    generate = article.run(GRADIO).generate
    assert generate("underwater city", "draft", style, "square") == ("output.png", "output.mp4")
    assert written(article)[0] == {"output.png", "output.mp4"} | beside
    assert read_recipe("output.png")["drawer"] == drawer


def test_serving_with_fastapi_and_mailing_the_result(article):
    mails = []
    server = article.run(SERVER, clipit=clipit, email_results_mailgun=lambda *mail: mails.append(mail))
    clipit.reset_settings()
    clipit.add_settings(prompts="a castle | gold", quality="draft", aspect="square", scale=2.5, make_video=False)
    server.generate("somebody@example.org", clipit.apply_settings())
    assert mails == [("somebody@example.org", "a castle | gold")]
    assert article.asked[0].size == [375, 375]
    assert written(article) == ({"output.png"}, (372, 372))


def test_the_worker_of_the_queue(article):
    import torch

    worker = article.run(WORKER, clipit=clipit, torch=torch, seed=7)
    worker.generate("a1", "underwater city", "draft", "image", "portrait", "somebody@example.org")
    assert written(article)[0] == {"output.png", "output.mp4"}
    assert read_recipe("output.png")["seed"] == 7
