"""The command line: `clipit "castle underwater" -o castle.png --video`."""

import logging
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image, ImageOps
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import clipit

DEFAULTS = {name: field.default for name, field in clipit.Settings.__dataclass_fields__.items()}
Quality = StrEnum("Quality", {name: name for name in clipit.QUALITIES})
Aspect = StrEnum("Aspect", {name: name for name in clipit.ASPECTS})
DEFAULT_QUALITY, DEFAULT_ASPECT = Quality(DEFAULTS["quality"]), Aspect(DEFAULTS["aspect"])


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise typer.BadParameter(f"{text!r} is no size; accepted: WIDTHxHEIGHT in pixels, for example 800x200")
    return int(width), int(height)


def _start_image(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            return ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:  # what PIL raises for bytes it cannot read
        raise typer.BadParameter(f"{path} cannot be read as a picture: {error}") from None


def _check_output(path: Path, video: bool) -> None:
    """Refuse, before painting, a file that could not be written after it."""
    if not path.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.parent} to write {path.name} into")
    if video and path.suffix == ".mp4":
        raise typer.BadParameter(
            f"{path} names the picture; accepted: another ending than .mp4, which the film will have"
        )


def _paint(settings: clipit.Settings, output: Path, video: bool) -> None:
    """Draw under a progress bar; write the PNG and, while painting, the film."""
    models = clipit.load_models(settings)
    size = settings.rounded_size(models.vqgan.config.factor)
    if size != settings.wanted_size():
        typer.echo(f"Drawing {size[0]} x {size[1]}: the decoder works in steps of {models.vqgan.config.factor} pixels.")
    columns = (
        TextColumn("painting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("score {task.fields[score]:.3f}"),
        TimeRemainingColumn(),
    )
    with ExitStack() as stack:
        bar = stack.enter_context(Progress(*columns))
        film = None
        if video:
            path = output.with_suffix(".mp4")
            film = stack.enter_context(clipit.film(path, settings.steps, size, comment=settings.prompts))
        task = bar.add_task("painting", total=settings.steps, score=0.0)
        for frame in clipit.stream(settings, models):
            if film:
                film.add(frame.pixels())
            bar.update(task, completed=frame.step, score=frame.score)
    with output.open("wb") as file:
        clipit.save_png(frame.picture(), file, clipit.recipe(settings, models))


def paint(
    prompt: Annotated[str, typer.Argument(help="What to draw; parts separated by | may carry a :weight.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The PNG to write.")] = Path("output.png"),
    video: Annotated[bool, typer.Option("--video", help="Also write the film of the painting, as .mp4.")] = False,
    quality: Annotated[Quality, typer.Option(help="How large and how long.")] = DEFAULT_QUALITY,
    aspect: Annotated[Aspect, typer.Option(help="The shape.")] = DEFAULT_ASPECT,
    size: Annotated[str | None, typer.Option(help="WIDTHxHEIGHT in pixels, instead of quality and aspect.")] = None,
    scale: Annotated[float | None, typer.Option(help="Times the aspect's base size.")] = None,
    iterations: Annotated[int | None, typer.Option(help="Steps of the optimiser.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed paints the same picture.")] = DEFAULTS["seed"],
    start_image: Annotated[Path | None, typer.Option(help="A picture to start from.")] = None,
) -> None:
    """Paint a picture from a text."""
    logging.basicConfig(format="%(message)s")
    try:
        _check_output(output, video)
        settings = clipit.Settings(
            prompts=prompt,
            start_image=None if start_image is None else _start_image(start_image),
            quality=quality.value,
            aspect=aspect.value,
            size=None if size is None else _size(size),
            scale=scale,
            iterations=iterations,
            seed=seed,
        )
        _paint(settings, output, video)
    except (clipit.ClipitError, OSError) as error:
        typer.secho(f"clipit: {error}", err=True, fg="red")
        raise typer.Exit(1) from None
    typer.echo(f"{output}" + (f" and {output.with_suffix('.mp4')}" if video else ""))


def main() -> None:
    typer.run(paint)


if __name__ == "__main__":
    main()
