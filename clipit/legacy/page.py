"""docs/options.md, made of the table: `python -m clipit.legacy.page > docs/options.md`. README holds a part of it."""

import sys
from collections.abc import Sequence

from clipit.legacy.options import ORIGINAL, OURS, PIXRAY, Option
from clipit.settings import Settings

HEAD = """\
# Options

`clipit` keeps the options of [clipit](https://github.com/mfrashad/clipit): `clipit.add_settings(quality="draft")` in
Python, `clipit -p "underwater city" -qua draft` on the command line. Each works, or is refused with the reason; one
that does nothing beside the others is named in a warning. An unknown name, quality, aspect or size ends in an
exception, never in `exit`.

Where clipit's own models (its default CLIPs and VQGAN) are not on this machine, and none are named, the small models
that ship draw: in their own way, but at clipit's size, for as many steps and with as many cuts. A warning says so, and
which `clipit models download ...` brings the others. A model that is named must be there.

`clipit "underwater city"`, the prompt by itself, is our own command: the options are the same, but what is not given
follows from our preset, not from the defaults below. A switch, such as `--video`, may stand alone or before one of
true, yes, on, 1, false, no, off and 0; in clipit every word meant true, "False" too. A `-` may be written for a `_`.

What differs on purpose: N iterations are N looks at the drawing and N - 1 moves of the optimiser, as the last step only
looks at the finished picture, where clipit makes N + 1 moves; views have the shape of the picture, also of a portrait;
smoothness and saturation are taken over the whole picture, where clipit takes them over the views; start images are
cropped, not squeezed; the seed decides the first noise too; nothing but the output is written into the working folder.
"""

PIXRAY_HEAD = """\
## pixray's

`clipit.run(prompts, drawer, **settings)`, `clipit.get_settings()` and `clipit.do_run(settings, return_display=True)`
are [pixray](https://github.com/pixray/pixray)'s. Sizes, steps and cuts stay clipit's; there is no quality `supreme`.
"""

OURS_HEAD = """\
## Ours

The engine's own, on the command line and in `add_settings`; with `preset` what is not given follows from that preset.
`clipit --help` tells of `--recipe`, `--verify`, `--resume` and `--checkpoint`.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(option: Option) -> object:
    return getattr(Settings, option.field, None) if option in OURS else option.default


def _row(option: Option) -> str:
    becomes = option.said
    if option.needs:
        becomes += f"; needs {' or '.join(f'`{name}`' for name in option.needs)}"
    if option.drawer:
        becomes += f"; of the drawer `{option.drawer}`"
    if option.views:
        becomes += f"; of the views `{option.views}`"
    if option.loss:
        becomes += f"; of the loss `{option.loss}`"
    flags = ", ".join(f"`{flag}`" for flag in option.flags.split())
    return f"| `{option.name}` | {flags} | `{_default(option)!r}` | {_cell(becomes)} |"


def _rows(options: Sequence[Option]) -> str:
    return "\n".join(["| name | flags | default | what it does |", "|---|---|---|---|", *map(_row, options), ""])


def originals() -> str:
    """The sixty options of clipit, as a table in Markdown."""
    return _rows(ORIGINAL)


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([HEAD, "## clipit's", "", originals(), PIXRAY_HEAD, _rows(PIXRAY), OURS_HEAD, _rows(OURS)])


if __name__ == "__main__":
    sys.stdout.write(page())
