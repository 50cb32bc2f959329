import logging

import pytest

import clipit
from clipit import Settings, caveat
from clipit.sketching.caveat import unknown_words

CHIMERA = "These models do not know 'giraffe dragon chimera'; nearest: giraffe, dragon"


def words(prompts, **settings):
    return [unknown.words for unknown in unknown_words(Settings(prompts=prompts, **settings))]


def test_what_the_models_do_not_know_is_said_with_what_is_nearest():
    assert caveat(Settings(prompts="a giraffe dragon chimera")) == CHIMERA
    assert caveat(Settings(prompts="a cat on a box, watercolour")) is None


def test_all_that_is_unknown_is_said_in_one_sentence():
    said = caveat(Settings(prompts="a giraffe dragon chimera | xyzzy ^ the dragon chimera"))
    assert (
        said == "These models do not know 'giraffe dragon chimera', 'xyzzy', 'dragon chimera'; nearest: giraffe, dragon"
    )
    assert caveat(Settings(prompts="qwxyz | xyzzy")) == "These models do not know 'qwxyz', 'xyzzy', and nothing near it"


def test_every_text_to_approach_is_read_once_and_none_to_avoid():
    assert words("xyzzy ^ qwxyz | plugh:-1 | xyzzy:0.5 | frotz:0") == ["xyzzy", "qwxyz"]
    spots = {"spot_prompts": "xyzzy | qwxyz:-1", "spot_prompts_off": "plugh"}
    assert words("a castle", **spots) == ["xyzzy", "plugh"]
    assert words("", noise_prompts=((1, 1.0),), **spots) == ["xyzzy", "plugh"]


def test_of_other_models_nobody_can_tell_what_they_know():
    assert words("xyzzy", clip_models=("small",)) == ["xyzzy"]
    assert words("xyzzy", clip_models=("ViT-B/32", "small")) == []


@pytest.mark.parametrize(
    "prompts", ["100% xyzzy", "xyzzy %s", "{xyzzy}", "'xyzzy'; nearest: all", "猫", "🦄" * 9, "x" * 9999]
)
def test_no_text_is_too_strange_to_be_said(prompts, caplog):
    clipit.reset_settings()
    clipit.add_settings(prompts=prompts)
    clipit.apply_settings()
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [sentence for sentence in said if sentence.startswith("These models")] == [
        sentence for sentence in [caveat(Settings(prompts=prompts))] if sentence
    ]
    clipit.reset_settings()


def test_the_facade_says_it_before_anything_is_loaded(caplog):
    clipit.reset_settings()
    clipit.add_settings(prompts="a giraffe dragon chimera")
    clipit.apply_settings()
    assert caplog.messages[-1] == CHIMERA
    clipit.reset_settings()
