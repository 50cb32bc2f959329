"""A drawing and its files: the picture, the film, what a drawer exports. Each appears when it is complete."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from clipit.drawing import Drawing, Frame
from clipit.errors import ClipitError
from clipit.files.png import save_png
from clipit.files.video import film
from clipit.files.whole import whole
from clipit.recipes import recipe


def check_output(output: Path) -> None:
    """Refuse, before painting, a file that could not be written after it. Raises ClipitError."""
    if output.suffix.lower() != ".png":
        raise ClipitError(f"the output {str(output)!r} is a PNG; accepted: a name that ends in .png")
    if not output.parent.is_dir():
        raise ClipitError(f"there is no folder {str(output.parent)!r} to write {output.name!r} into")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that nobody sees half written."""
    with whole(path) as partial:
        partial.write_bytes(content)


def paint(
    drawing: Drawing,
    output: Path,
    film_format: str | None = None,
    save_every: int | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Frame]:
    """Draw on, to the end or until `stop` is set, and write what was asked for; every frame is handed on.

    The film, of the frames from here on, has the name of the output with its format for an ending. A picture that is
    not finished carries in its recipe the `step` that it shows. Raises ClipitError where nothing is left to draw.
    """
    if drawing.step == drawing.shared.iterations:
        raise ClipitError("this drawing is finished; nothing is left to draw")
    told, left = recipe(drawing.batch[0], drawing.models), drawing.shared.iterations - drawing.step
    path = output.with_suffix(f".{film_format}")
    with film(path, left, drawing.size, told) if film_format else nullcontext() as reel:
        for frame in drawing:
            if reel:
                reel.add(frame.pixels())
            if save_every and frame.step % save_every == 0 and frame.step < frame.of:
                _save(frame, output, told)
            yield frame
            if stop and stop.is_set():
                break
    _save(frame, output, told)
    for ending, content in drawing.exports().items():
        write_whole(output.with_suffix(f".{ending}"), content)


def _save(frame: Frame, output: Path, told: dict[str, object]) -> None:
    with whole(output) as partial:
        save_png(frame.picture(), partial, told if frame.step == frame.of else told | {"step": frame.step})


def with_bar(frames: Iterator[Frame], of: int) -> Iterator[Frame]:
    """The frames, under a progress bar where somebody watches."""
    columns = (
        TextColumn("painting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("score {task.fields[score]:.3f}"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("painting", total=of, score=0.0)
        for frame in frames:
            if not bar.disable:
                bar.update(task, completed=frame.step, score=frame.score)
            yield frame


@contextmanager
def ends_on_interrupt(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C sets `stop`, so that the step is finished; a second one raises KeyboardInterrupt as ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)
