"""`text2art gradio`: the article's first page. It has no jobs and no mails: who asks watches the painting."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

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
Shown = tuple["Image", str | None]  # the picture, and where its film is

PREVIEWS = 25  # while painting; each is sent to the browser whole
IN_LINE = 20  # visitors waiting; the next are asked to come back
KEPT_S = 3600  # how long a picture and its film stay to be saved


def serve(host: str, port: int, share: bool) -> None:
    """Load the models and serve the page until Ctrl-C; with `share`, through gradio.live too."""
    draw = partial(clipit.stream, models=clipit.load_models(clipit.Settings(prompts="a trial")))
    page = interface(draw).queue(max_size=IN_LINE, default_concurrency_limit=1)
    page.launch(server_name=host, server_port=port, share=share)


def interface(draw: Draw) -> "Blocks":
    """The page around a drawing function: prompt, quality, style and aspect become a picture and a film."""
    import gradio as gr

    def paint(prompt: str, quality: str, style: str, aspect: str, progress=gr.Progress()) -> Iterator[Shown]:  # type: ignore[no-untyped-def] # noqa: B008
        try:
            yield from painted(draw, settings_of(prompt, quality, style, aspect), progress)
        except clipit.ClipitError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except ValidationError as error:
            words = "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
            raise gr.Error(words, print_exception=False) from None

    with gr.Blocks(title="Text2Art", analytics_enabled=False, delete_cache=(KEPT_S, KEPT_S)) as page:
        gr.Markdown("# Text2Art\nWrite a sentence and watch it being painted.")
        with gr.Row():
            with gr.Column():
                prompt = gr.Textbox(label="Prompt", placeholder="castle underwater", max_length=MAX_PROMPT)
                choices = [
                    gr.Radio([str(name) for name in names], value=str(names[0]), label=label)
                    for label, names in (
                        ("Quality", tuple(Quality)),
                        ("Style", tuple(Style)),
                        ("Aspect", tuple(Aspect)),
                    )
                ]
                generate = gr.Button("Generate", variant="primary")
            with gr.Column():
                picture = gr.Image(label="Picture", format="png", buttons=["download", "fullscreen"])
                film = gr.Video(label="Film", autoplay=True)
        gr.on(
            [generate.click, prompt.submit],
            paint,
            inputs=[prompt, *choices],
            outputs=[picture, film],
            show_progress_on=film,  # the picture is seen coming
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


def painted(draw: Draw, settings: clipit.Settings, progress: Callable[..., object]) -> Iterator[Shown]:
    """The picture as it comes into being, and at the end its film too, which must be taken before asking again."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "text2art.mp4")
        with closing(filmed(draw(settings), path, settings.as_dict())) as frames:
            for frame in frames:
                progress((frame.step, frame.of), desc="painting", unit="steps")
                if frame.step % max(frame.of // PREVIEWS, 1) == 0 and frame.step < frame.of:
                    yield frame.picture(), None
        yield frame.picture(), str(path)
