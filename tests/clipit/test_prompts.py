import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clipit import ClipitError
from clipit.prompts import (
    FADE,
    Prompt,
    parse_extras,
    parse_images,
    parse_prompt,
    parse_story,
    wanted,
)

NEVER = float("-inf")
weights = st.floats(-999_999, 999_999)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("castle underwater", ("castle underwater", 1.0)),
        ("gold:0.5", ("gold", 0.5)),
        (" blurry : -2 ", ("blurry", -2.0)),
        ("Star Wars: A New Hope", ("Star Wars: A New Hope", 1.0)),
        ("Star Wars: A New Hope:3", ("Star Wars: A New Hope", 3.0)),
        ("Star Wars: A New Hope:3:0.2", ("Star Wars: A New Hope", 3.0, 0.2)),
        ("castle:2:0.7", ("castle", 2.0, 0.7)),
        ("castle:-2:-0.7", ("castle", -2.0, -0.7)),
        ("castle:2:-inf", ("castle", 2.0)),
        ("castle:-inf", ("castle:-inf", 1.0)),
        ("1:2:3:4", ("1:2", 3.0, 4.0)),
        ("12:30", ("12", 30.0)),
        ("7", ("7", 1.0)),
        ("http://host:80/a.png:0.5", ("http://host:80/a.png", 0.5)),
        ("http://host:80/a.png", ("http://host:80/a.png", 1.0)),
        ("a: nan", ("a: nan", 1.0)),
        ("a:1:nan", ("a:1:nan", 1.0)),
        ("a:inf", ("a:inf", 1.0)),
        ("a:1e9", ("a:1e9", 1.0)),
        ("a:1e9:2", ("a:1e9", 2.0)),
        ("colon:", ("colon:", 1.0)),
        ("城堡:0.5", ("城堡", 0.5)),
    ],
)
def test_at_most_two_numbers_at_the_right_end_are_a_weight_and_a_stop(text, expected):
    assert parse_prompt(text) == Prompt(*expected)


@given(st.text(), weights, weights | st.just(NEVER))
def test_a_prompt_that_was_written_out_is_read_back(text, weight, stop):
    assert parse_prompt(f"{text}:{weight!r}:{stop!r}") == Prompt(text.strip(), weight, stop)


def test_prompts_are_parted_by_bars_and_empty_ones_left_out():
    assert parse_story(" castle || gold:0.5 | nothing:0 | :3 |").prompts == (Prompt("castle"), Prompt("gold", 0.5))


@pytest.mark.parametrize("text", ["", "  ", "|", ":1", "castle:0", "castle ^ ", "^", "castle ^ fog:0 ^ ruins"])
def test_without_a_prompt_there_is_nothing_to_draw(text):
    with pytest.raises(ClipitError, match="for example"):
        parse_story(text)


@pytest.mark.parametrize("text", ["fog:-1 | rain:-0.5", "castle ^ fog:-1"])
def test_something_must_be_wished_for_in_every_scene(text):
    with pytest.raises(ClipitError, match="at least one"):
        parse_story(text)


@pytest.mark.parametrize("parse", [parse_story, parse_extras, parse_images])
def test_bytes_that_are_no_text_are_refused(parse):
    with pytest.raises(ClipitError, match="UTF-8"):
        parse("castle \udcff")


def test_what_is_wanted_is_one_text_without_what_is_to_be_avoided():
    assert wanted("castle | rain:-1 | moon:0.5 ^ ruins") == "castle and moon"


def test_a_plain_prompt_is_a_story_of_one_scene_that_never_changes():
    story = parse_story("castle | gold:0.3")
    assert (story.scenes, story.scene) == (1, (0, 0))
    assert all(story.shares(progress) == (1.0, 1.0) for progress in (0, 0.3, 1))


def test_a_story_has_prompts_of_several_scenes():
    story = parse_story("castle | gold:0.3 ^ castle at night ^ ruins")
    assert story.prompts == (Prompt("castle"), Prompt("gold", 0.3), Prompt("castle at night"), Prompt("ruins"))
    assert (story.scene, story.scenes) == ((0, 0, 1, 2), 3)


@pytest.mark.parametrize("text", ["x^2", "cat ^_^", "a^b", "^_^"])
def test_a_caret_within_a_word_changes_no_scene(text):
    assert parse_story(text).prompts == (Prompt(text),)


def test_a_story_is_refused_where_one_scene_is_asked_for():
    with pytest.raises(ClipitError, match="one scene"):
        parse_extras("castle ^ ruins")


@pytest.mark.parametrize(
    ("progress", "shares"),
    [(0, (1, 0)), (0.44, (1, 0)), (0.475, (0.75, 0.25)), (0.5, (0.5, 0.5)), (0.55, (0, 1)), (1, (0, 1))],
)
def test_one_scene_fades_into_the_next(progress, shares):
    assert parse_story("castle ^ ruins").shares(progress) == pytest.approx(shares)


@given(st.integers(1, 12), st.floats(0, 1))
def test_the_shares_of_the_scenes_are_one_in_all(scenes, progress):
    shares = parse_story(" ^ ".join("abcdefghijkl"[:scenes])).shares(progress)
    assert len(shares) == scenes
    assert sum(shares) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in shares)
    assert sum(share > 0 for share in shares) <= 2


@given(st.floats(0, 1), st.floats(0, 0.01))
def test_shares_never_jump(progress, further):
    story = parse_story("castle ^ forest ^ ruins")
    before, after = story.shares(progress), story.shares(min(progress + further, 1))
    change = further * story.scenes / FADE
    assert all(abs(one - other) <= change + 1e-9 for one, other in zip(before, after, strict=True))


def test_prompts_beside_the_main_ones_may_be_none_or_only_be_avoided():
    assert parse_extras("") == ()
    assert parse_extras("fog:-1 | rain:0") == (Prompt("fog", -1.0),)


@pytest.mark.parametrize("items", ["a.png:0.5 | b.jpg:2:0.1 |", ["a.png:0.5", "b.jpg:2:0.1", "c.png:0"]])
def test_image_prompts_are_paths_with_weights(items):
    assert parse_images(items) == (Prompt("a.png", 0.5), Prompt("b.jpg", 2.0, 0.1))


def test_images_on_the_web_are_refused():
    address = "HTTPS://example.org:80/cat.png"
    with pytest.raises(ClipitError, match=r"does not fetch .*cat\.png"):
        parse_images(f"a.png | {address}:0.5")


@given(st.text(st.characters()) | st.text("ab|:^ 0123456789.-einf\udc80"))
def test_whatever_is_written_is_read_or_refused(text):
    for parse in (lambda text: parse_story(text).prompts, parse_extras, parse_images):
        try:
            prompts = parse(text)
        except ClipitError:
            continue
        assert all(prompt.text and prompt.weight and math.isfinite(prompt.weight) for prompt in prompts)


@given(st.lists(st.lists(st.text("ab ", min_size=1), min_size=1, max_size=3), min_size=1, max_size=4))
def test_a_story_that_was_written_out_is_read_back(scenes):
    assume(all(any(text.strip() for text in scene) for scene in scenes))
    story = parse_story(" ^ ".join(" | ".join(scene) for scene in scenes))
    expected = [(text.strip(), index) for index, scene in enumerate(scenes) for text in scene if text.strip()]
    assert [(prompt.text, scene) for prompt, scene in zip(story.prompts, story.scene, strict=True)] == expected
    assert story.scenes == len(scenes)
