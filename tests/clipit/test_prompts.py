import pytest

from clipit import ClipitError
from clipit.prompts import parse_prompt, parse_prompts, wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("castle underwater", ("castle underwater", 1.0)),
        ("gold:0.5", ("gold", 0.5)),
        (" blurry : -2 ", ("blurry", -2.0)),
        ("Star Wars: A New Hope", ("Star Wars: A New Hope", 1.0)),
        ("Star Wars: A New Hope:3", ("Star Wars: A New Hope", 3.0)),
        ("a: nan", ("a: nan", 1.0)),
        ("a:inf", ("a:inf", 1.0)),
        ("a:1e9", ("a:1e9", 1.0)),
        ("colon:", ("colon:", 1.0)),
        ("城堡:0.5", ("城堡", 0.5)),
    ],
)
def test_a_weight_is_a_number_at_the_right_end(text, expected):
    assert parse_prompt(text) == expected


def test_prompts_are_parted_by_bars_and_empty_ones_left_out():
    assert parse_prompts(" castle || gold:0.5 | nothing:0 | :3 |") == (("castle", 1.0), ("gold", 0.5))


@pytest.mark.parametrize("text", ["", "  ", "|", ":1", "castle:0"])
def test_without_a_prompt_there_is_nothing_to_draw(text):
    with pytest.raises(ClipitError, match="for example"):
        parse_prompts(text)


def test_something_must_be_wished_for():
    with pytest.raises(ClipitError, match="at least one"):
        parse_prompts("fog:-1 | rain:-0.5")


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(ClipitError, match="UTF-8"):
        parse_prompts("castle \udcff")


def test_what_is_wanted_is_one_text_without_what_is_to_be_avoided():
    assert wanted("castle | rain:-1 | moon:0.5") == "castle and moon"
