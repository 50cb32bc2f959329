import pytest
from pydantic import ValidationError

from jobs import Aspect, Order, Quality, Style
from jobs.order import masked

KEY = "0123456789abcdefABC_-0/start.png"


def order(**fields):
    return Order(**{"prompt": "castle underwater", "email": "visitor@example.com"} | fields)


def refusal(**fields):
    with pytest.raises(ValidationError) as refused:
        order(**fields)
    (error,) = refused.value.errors()
    return error


def test_order_with_prompt_and_address_gets_the_defaults():
    plain = order()

    assert (plain.style, plain.quality, plain.aspect) == (Style.IMAGE, Quality.DRAFT, Aspect.SQUARE)
    assert (plain.size, plain.scale, plain.iterations, plain.seed, plain.start_image) == (None,) * 5
    assert plain.make_video
    assert not plain.public


@pytest.mark.parametrize(
    "prompt",
    [
        "x",
        "x" * 500,
        "水下的城堡",
        "قلعة تحت الماء",
        "a family 👨‍👩‍👧‍👦 at the beach 🏖️",
        "می‌خواهم",  # Persian, with the zero-width non-joiner it is spelled with
        "<script>alert('hi')</script>",
        "\"quotes\" & 'apostrophes' | weighted:2 | %recipient% {{braces}} ../../etc/passwd",
    ],
)
def test_prompt_that_is_text_is_kept_letter_by_letter(prompt):
    assert order(prompt=prompt).prompt == prompt


def test_prompt_loses_the_space_around_it():
    assert order(prompt="  a castle \t\r\n").prompt == "a castle"


def test_prompt_of_500_characters_and_spaces_around_is_accepted():
    assert len(order(prompt=" " + "水" * 500 + " ").prompt) == 500


def test_prompt_of_501_characters_is_refused_with_the_limit():
    error = refusal(prompt="x" * 501)

    assert error["loc"] == ("prompt",)
    assert "500" in error["msg"]


@pytest.mark.parametrize("prompt", ["", "   ", "\t\r\n", "\u3000\u00a0"])
def test_prompt_without_a_visible_character_is_refused(prompt):
    assert refusal(prompt=prompt)["type"] == "string_too_short"


@pytest.mark.parametrize(
    "character",
    ["\x00", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ufeff", "\u200b", "\u2028", "\u2029"],
)
def test_prompt_with_a_control_character_is_refused_naming_it(character):
    error = refusal(prompt=f"a{character}castle")

    assert error["loc"] == ("prompt",)
    assert f"U+{ord(character):04X}" in error["msg"]


def test_prompt_with_half_a_character_is_refused():
    assert refusal(prompt="a\ud83dcastle")["loc"] == ("prompt",)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "visitor",
        "visitor@",
        "@example.com",
        "visitor@example",
        "a@example.com,b@example.com",
        "a@example.com b@example.com",
        "visitor@example.com\nBcc: all@example.com",
        "visitor@example.com\r\nBcc: all@example.com",
        "visitor\r\n@example.com",
        "visitor@exam\nple.com",
        "visitor@[127.0.0.1]",
        "visitor@example.com\x00",
        "a" * 300 + "@example.com",
    ],
)
def test_address_that_is_not_one_address_is_refused(email):
    assert refusal(email=email)["loc"] == ("email",)


def test_address_with_a_name_keeps_only_the_address():
    assert order(email="Visitor <visitor+art@example.com>").email == "visitor+art@example.com"


@pytest.mark.parametrize(
    ("field", "accepted"),
    [
        ("style", ["image", "painting", "pixel art"]),
        ("quality", ["draft", "normal", "better", "best"]),
        ("aspect", ["square", "widescreen", "portrait"]),
    ],
)
def test_unknown_choice_is_refused_naming_the_choices(field, accepted):
    error = refusal(**{field: "sculpture"})

    assert error["loc"] == (field,)
    assert all(f"'{choice}'" in error["msg"] for choice in accepted)


@pytest.mark.parametrize("size", [(32, 32), (1024, 1024), (333, 517)])
def test_size_within_the_limits_is_accepted(size):
    assert order(size=size).size == size


@pytest.mark.parametrize(
    "size", [(0, 64), (64, 0), (31, 64), (64, 1025), (-64, 64), (9000, 64), (64.5, 64), (64,), (64, 64, 64), "64x64"]
)
def test_size_outside_the_limits_is_refused(size):
    assert refusal(size=size)["loc"][0] == "size"


@pytest.mark.parametrize("size", [(0, 0), (9000, 9000)])
def test_size_with_both_sides_wrong_is_refused_for_both(size):
    with pytest.raises(ValidationError) as refused:
        order(size=size)

    assert [error["loc"] for error in refused.value.errors()] == [("size", 0), ("size", 1)]
    assert all("32" in error["msg"] or "1024" in error["msg"] for error in refused.value.errors())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("iterations", 0),
        ("iterations", 2001),
        ("seed", -1),
        ("seed", 2**32),
        ("scale", 0),
        ("scale", 6.1),
        ("scale", float("nan")),
        ("scale", float("inf")),
        ("make_video", "perhaps"),
        ("start_image", "../../etc/passwd"),
        ("start_image", "https://example.com/picture.png"),
        ("status", "done"),  # not a field of an order
    ],
)
def test_field_outside_its_limits_is_refused_by_name(field, value):
    assert refusal(**{field: value})["loc"] == (field,)


@pytest.mark.parametrize(
    ("field", "value"),
    [("iterations", 1), ("iterations", 2000), ("seed", 0), ("seed", 2**32 - 1), ("scale", 6.0), ("start_image", KEY)],
)
def test_field_at_its_limit_is_accepted(field, value):
    assert getattr(order(**{field: value}), field) == value


def test_order_survives_json():
    full = order(prompt='城 👩‍🎨 "x"', size=(64, 96), scale=2.5, seed=7, start_image=KEY, public=True)

    assert Order.model_validate_json(full.model_dump_json()) == full


def test_order_cannot_be_changed():
    with pytest.raises(ValidationError):
        order().prompt = "another"


@pytest.mark.parametrize("address", ["a@b.de", "visitor@example.com", "ü@bücher.example"])
def test_a_masked_address_gives_neither_name_nor_host(address):
    name, _, host = address.partition("@")
    assert name == name[:1] or name not in masked(address)
    assert host not in masked(address)
