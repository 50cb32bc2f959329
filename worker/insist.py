"""Telling the queue how something ended, again where it does not answer: what was done is worth some patience."""

from collections.abc import Callable

from jobs import Unavailable

PAUSES_S = (1.0, 4.0, 10.0)  # between the tries


def insist(settle: Callable[[], object], rest: Callable[[float], None]) -> None:
    """Call `settle` until the queue answers, resting in between; raises Unavailable where it never does."""
    for pause_s in PAUSES_S:
        try:
            settle()
            return
        except Unavailable:
            rest(pause_s)
    settle()
