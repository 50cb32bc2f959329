"""`text2art gradio`: the article's first page. It has no jobs and no mails: who asks watches the painting.

The page itself loads from here alone, fonts too (`tests/text2art/test_demo.py` counts in Chromium what it asks for).
Its footer links to Gradio's site, and `--share` fetches a program of Gradio's and leads visitors through gradio.live.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

import clipit
from jobs import Aspect, Quality, Style, Wish
from jobs.order import MAX_PROMPT
from worker.recipe import DRAWERS
from worker.studio import filmed

if TYPE_CHECKING:
    from gradio import Blocks
    from PIL.Image import Image

Draw = Callable[[clipit.Settings], Iterator[clipit.Frame]]

PREVIEWS = 25  # while painting; each is sent to the browser whole
IN_LINE = 20  # visitors waiting; the next are asked to come back
KEPT_S = 3600  # how long a picture and its film stay to be saved
TALL = 400  # pixels, of picture and film side by side
CSS = """
.work img, .work video { width: 100%; height: 100%; object-fit: contain } /* a draft is small */
.steps progress { appearance: none; width: 100%; height: 6px; border: 0; background: var(--border-color-primary) }
.steps progress::-webkit-progress-bar { background: var(--border-color-primary) }
.steps progress::-webkit-progress-value { background: var(--color-accent) }
.steps progress::-moz-progress-bar { background: var(--color-accent) }
"""


class Shown(NamedTuple):
    """What is to be seen after a step: the picture where it is to be shown anew, and at the end where its film is."""

    step: int
    of: int
    picture: "Image | None" = None
    film: str | None = None


def serve(host: str, port: int, share: bool) -> None:
    """Load the models and serve the page until Ctrl-C; with `share`, through gradio.live too."""
    draw = partial(clipit.stream, models=clipit.load_models(clipit.Settings(prompts="a trial")))
    launch(interface(draw), server_name=host, server_port=port, share=share)


def launch(page: "Blocks", **options: Any) -> Any:
    """Serve the page, one painting at a time and the others in line; `options` and answer are Gradio's."""
    import gradio as gr

    serif = [gr.themes.Font(name) for name in ("Palatino", "Palatino Linotype", "Georgia", "serif")]
    theme = gr.themes.Base(primary_hue="indigo", neutral_hue="stone", radius_size="sm", font=serif)
    page.queue(max_size=IN_LINE, default_concurrency_limit=1)
    # Its history of runs would keep prompts in the browser.
    return page.launch(theme=theme, css=CSS, run_history=False, **options)


def interface(draw: Draw) -> "Blocks":
    """The page around a drawing function: prompt, quality, style and aspect become a picture and a film."""
    import gradio as gr

    def paint(prompt: str, quality: str, style: str, aspect: str) -> Iterator[tuple[object, str | None, str]]:
        try:
            for shown in painted(draw, settings_of(prompt, quality, style, aspect)):
                yield shown.picture or gr.skip(), shown.film, bar(shown.step, shown.of)
        except clipit.ClipitError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except ValidationError as error:
            words = "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
            raise gr.Error(words, print_exception=False) from None

    with gr.Blocks(title="Text2Art", analytics_enabled=False, delete_cache=(KEPT_S, KEPT_S)) as page:
        gr.Markdown("# Text2Art\nWrite a sentence and watch it being painted.")
        with gr.Row():
            with gr.Column(scale=2, min_width=280):
                prompt = gr.Textbox("Underwater city", label="Text Prompt", max_length=MAX_PROMPT)
                choices = [
                    gr.Radio([str(name) for name in names], value=str(names[0]), label=label)
                    for label, names in (("Quality", tuple(Quality)), ("Type", tuple(Style)), ("Size", tuple(Aspect)))
                ]
                generate = gr.Button("Generate", variant="primary")
                # gr.Progress would vanish whenever a picture is shown on the way.
                steps = gr.HTML(elem_classes="steps")
            with gr.Column(scale=3, min_width=280), gr.Row():
                shown: dict[str, Any] = {"height": TALL, "min_width": 240, "elem_classes": "work"}
                picture = gr.Image(label="Picture", format="png", buttons=["download", "fullscreen"], **shown)
                film = gr.Video(label="Film", autoplay=True, **shown)
        gr.on(
            [generate.click, prompt.submit],
            paint,
            inputs=[prompt, *choices],
            outputs=[picture, film, steps],
            show_progress_on=film,  # the place in line; the picture is seen coming
            api_name="paint",
        )
    return page


def settings_of(prompt: str, quality: str, style: str, aspect: str) -> clipit.Settings:
    """What to paint, with a seed of the moment. Raises ValidationError or ClipitError for what cannot be painted."""
    wish = Wish.model_validate({"prompt": prompt, "quality": quality, "style": style, "aspect": aspect})
    return clipit.Settings(
        prompts=wish.prompt,
        quality=str(wish.quality),
        aspect=str(wish.aspect),
        drawer=DRAWERS[wish.style],
        seed=secrets.randbits(32),
    )


def painted(draw: Draw, settings: clipit.Settings) -> Iterator[Shown]:
    """Every step; at some the picture is shown, at the end its film too, which must be taken before asking again."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "text2art.mp4")
        with closing(filmed(draw(settings), path, settings.as_dict())) as frames:
            for frame in frames:
                if frame.step < frame.of:
                    is_shown = frame.step % max(frame.of // PREVIEWS, 1) == 0
                    yield Shown(frame.step, frame.of, frame.picture() if is_shown else None)
        yield Shown(frame.step, frame.of, frame.picture(), str(path))


def bar(step: int, of: int) -> str:
    """How far the painting is, as HTML."""
    return f'<label>step {step} of {of} <progress max="{of}" value="{step}"></progress></label>'
