"""The command line's words: the options of the table by their flags, and what stands alone."""

import argparse
import re
from collections.abc import Iterable, Sequence
from typing import NoReturn

from clipit.errors import ClipitError
from clipit.legacy.kinds import ASSIGNMENTS, FLAG
from clipit.legacy.options import ORIGINAL, OURS, PIXRAY, TABLE, Option

GROUPS = {"clipit's options": ORIGINAL, "pixray's": PIXRAY, "ours": OURS}


class Parser(argparse.ArgumentParser):
    """Raises ClipitError where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        raise ClipitError(f"{message}; `clipit --help` tells what is accepted")


BY_FLAG = {flag: option for option in TABLE.values() for flag in option.flags.split()}


def make_parser(epilog: str | None = None) -> Parser:
    """A parser of all options of the table; what is not written has no value."""
    parser = Parser(
        "clipit",
        usage="clipit PROMPT [options]",
        description="Paint a picture from a text.",
        epilog=epilog,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    for title, options in GROUPS.items():
        group = parser.add_argument_group(title)
        for option in options:
            group.add_argument(
                *option.flags.split(),
                dest=option.name,
                metavar=option.kind.shown,
                action="append" if option.kind is ASSIGNMENTS else "store",
                help=option.said.replace("%", "%%"),
            )
    return parser


def parse(words: Sequence[str], parser: argparse.ArgumentParser | None = None) -> dict[str, object]:
    """The values that are written, not yet converted. Raises ClipitError."""
    return vars((parser or make_parser()).parse_intermixed_args(joined(words)))


def joined(words: Iterable[str]) -> list[str]:
    """Every flag as the table has it, of a switch or of several numbers in one word with its values.

    `-s 800 200` is `-s=800,200` and `--video` is `--video=true`: clipit has `--video True`, we had `--video`, and with
    `-nps 1 2 "a castle"` the castle is no seed. `--init-image` is `--init_image`.
    """
    left, done = list(words), []
    while left:
        word, equals, value = left.pop(0).partition("=")
        flag = word if word in BY_FLAG else f"--{word[2:].replace('-', '_')}"
        option = BY_FLAG.get(flag) if word.startswith("-") else None
        if option is None:
            done.append(f"{word}{equals}{value}")
            if word == "--":
                return [*done, *left]
        elif equals:
            done.append(f"{flag}={value}")
        elif option.kind.words:
            values = _values(option, left)
            done.append(f"{flag}={','.join(values)}" if values else flag)
        else:
            done += [flag, *left[:1]]
            del left[:1]
    return done


def _values(option: Option, left: list[str]) -> list[str]:
    """The words that belong to a flag, taken from what is left."""
    count = 0
    while count < min(len(left), option.kind.most) and re.fullmatch(option.kind.words, left[count], re.IGNORECASE):
        count += 1
    taken = left[:count]
    del left[:count]
    return taken or (["true"] if option.kind is FLAG else [])
