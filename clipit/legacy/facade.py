"""The five calls of clipit, and pixray's `run`.

>>> clipit.reset_settings()
>>> clipit.add_settings(prompts="underwater city", quality="normal", aspect="widescreen")
>>> settings = clipit.apply_settings()
>>> clipit.do_init(settings)
>>> clipit.do_run(settings)
"""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clipit.drawing import Drawing
from clipit.errors import ClipitError
from clipit.legacy.arguments import Arguments
from clipit.legacy.parser import parse
from clipit.loading import load_models
from clipit.painting import check_output, ends_on_interrupt, paint, with_bar

log = logging.getLogger("clipit")

_pending: dict[str, object] = {}


def reset_settings() -> None:
    """Forget all settings."""
    _pending.clear()


def add_settings(**settings: object) -> None:
    """Remember settings for `apply_settings`; None forgets one."""
    for name, value in settings.items():
        if value is None:
            _pending.pop(name, None)
        else:
            _pending[name] = value


def get_settings() -> dict[str, object]:
    """The remembered settings."""
    return dict(_pending)


def apply_settings() -> Arguments:
    """All options, resolved as clipit does; where no setting is remembered, those of the command line.

    Raises ValueError for a setting that there is not, ClipitError for what cannot be drawn, and in a notebook, whose
    command line is its kernel's, where no setting is remembered.
    """
    if not _pending and _notebook():
        raise ClipitError("there are no settings yet; add_settings(...) comes first")
    settings = Arguments(get_settings() or parse(sys.argv[1:]))
    settings.engine()
    for sentence in settings.said():
        log.warning(sentence)
    return settings


def do_init(settings: Arguments) -> None:
    """Load the models and begin the drawing. Raises ClipitError."""
    check_output(Path(settings.output))
    engine = settings.engine()
    settings.drawing = Drawing(engine, load_models(engine))
    settings.stop, settings.shown = threading.Event(), None


def do_run(settings: Arguments, return_display: bool = False) -> bool:
    """Draw to the end, or until Ctrl-C, and write the output; True when that is done.

    With `return_display` it comes back after every `display_every` steps with False, to be called again (pixray).
    """
    if not hasattr(settings, "drawing"):
        raise ClipitError("there is no drawing yet; do_init(settings) comes before do_run(settings)")
    settings.shown = settings.shown or _shown(settings)
    with ends_on_interrupt(settings.stop):
        for _ in settings.shown:
            if return_display:
                return False
    settings.shown = None
    return True


def run(prompts: str | None = None, drawer: str = "vqgan", **settings: object) -> None:
    """All calls in one (pixray)."""
    reset_settings()
    add_settings(prompts=prompts, drawer=drawer, **settings)
    applied = apply_settings()
    do_init(applied)
    do_run(applied)


def _shown(settings: Arguments) -> Iterator[None]:
    """Paint; something comes whenever the output is to be shown."""
    settings.stop.clear()
    drawing, output = settings.drawing, Path(settings.output)
    painted = paint(drawing, output, settings.film_format(), settings.save_every, settings.stop)
    for frame in with_bar(painted, drawing.shared.iterations):
        if settings.display_every > 0 and frame.step % settings.display_every == 0:
            _display(frame.picture())
            yield
    _display(frame.picture())


def _display(picture: object) -> None:
    """Show it where a notebook runs."""
    if ipython := _notebook():
        ipython.display.display(picture)


def _notebook() -> Any:
    """IPython, where that runs this."""
    ipython = sys.modules.get("IPython")
    return ipython if ipython and ipython.get_ipython() else None
