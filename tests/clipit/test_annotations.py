from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Optional

import pytest

from clipit import ClipitError
from clipit.annotations import check, fits, said


class Pair(NamedTuple):
    text: str
    weight: float = 1.0


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (3, int), (3, float), (3.5, float), (True, bool), ("a", str), (None, None | int), (2, int | None),
        ("a", Optional[str]), ((), tuple[int, ...]), ((1, 2), tuple[int, ...]),  # noqa: UP045 - others write so
        ((1, 2.0), tuple[int, float]), (((1, 0.5),), tuple[tuple[int, float], ...]),
        ({"a": object}, Mapping[str, object]),
        (Pair("a"), Pair), ((Pair("a", 2),), tuple[Pair, ...]), ([], object),
    ],
)  # fmt: skip
def test_what_fits_its_annotation(value, hint):
    assert fits(value, hint)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (True, int), (True, float), (3.0, int), ("3", int), (1, bool), (None, int), (b"a", str), (1j, float),
        ([1], tuple[int, ...]), ((1, "a"), tuple[int, ...]), ((1,), tuple[int, int]), ((1, 2, 3), tuple[int, int]),
        (("a", 1.0), Pair), (Pair(3), Pair), (Pair("a", "b"), Pair), ({1: 2}, Mapping[str, object]), ([], Mapping),
        ("a", int | float | None),
    ],
)  # fmt: skip
def test_what_does_not(value, hint):
    assert not fits(value, hint)


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (int, "a whole number"), (float | None, "a number or None"), (tuple[int, float], "(a whole number, a number)"),
        (tuple[str, ...] | None, "several, each text or None"), (Mapping[str, object], "a dictionary by names"),
        (Pair, "Pair"),
    ],
)  # fmt: skip
def test_annotations_are_said_in_words(hint, words):
    assert said(hint) == words


@dataclass
class Told:
    count: int
    name: str | None = None


def test_the_first_value_that_does_not_fit_is_named_with_what_is_accepted():
    check(Told, {"count": 3, "other": "no field"})
    with pytest.raises(ClipitError, match=r"^name is 3; accepted: text or None$"):
        check(Told, {"count": 3, "name": 3})


def test_a_long_value_is_cut():
    with pytest.raises(ClipitError) as refused:
        check(Told, {"count": "a" * 9999})
    assert len(str(refused.value)) < 200
