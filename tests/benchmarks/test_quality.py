import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import quality
from benchmarks.contact import INK, PAPER, contact_sheet
from benchmarks.distractors import KINDS, parse
from benchmarks.quality import options_of, prompts_of, report, verdict, wilson

WRONG = {"thing": ["a dog in space"], "place": ["a cat in a garden"]}


class Judge:
    """Likes captions by a table; sees nothing."""

    resolution = 8

    def __init__(self, **cosines: float) -> None:
        self._cosines = cosines

    def embed_pictures(self, pictures: torch.Tensor) -> torch.Tensor:
        return torch.ones((len(pictures), 1))

    def embed_texts(self, captions: list[str]) -> torch.Tensor:
        return torch.tensor([[self._cosines[caption.replace(" ", "_")]] for caption in captions])


def judged(right: float, thing: float, place: float) -> quality.Verdict:
    judge = Judge(a_cat_in_space=right, a_dog_in_space=thing, a_cat_in_a_garden=place)
    return verdict(judge, Image.new("RGB", (16, 16)), "a cat in space", WRONG)


def test_a_prompt_is_found_where_no_wrong_caption_is_liked_as_much():
    assert judged(0.9, 0.8, 0.8).found
    assert not judged(0.9, 0.9, 0.8).found


def test_a_verdict_tells_what_was_mistaken():
    assert judged(0.5, 0.4, 0.6).mistakes == {"place"}
    assert judged(0.5, 0.6, 0.4).mistakes == {"thing"}
    assert judged(0.5, 0.4, 0.3).cosine == pytest.approx(0.5)


def test_the_table_counts_wholes_and_parts():
    prompts = [parse("places", "a cat | in space")] * 2
    line = report("places vqgan", prompts, [judged(0.9, 0.1, 0.1), judged(0.5, 0.1, 0.6)], 0.8)
    assert "1 of   2  50.0%" in line and "goal 80%" in line
    assert "thing 100%, place 50%" in line


def test_wilsons_interval_is_the_published_one():
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_40_prompts_and_fewer_are_spread_over_them(kind):
    every = prompts_of(kind)
    assert len({prompt.text for prompt in every}) == 40
    assert [prompt.text for prompt in prompts_of(kind, 4)] == [prompt.text for prompt in every[::10]]


def test_settings_are_read_as_json_or_as_they_stand():
    assert options_of(["iterations=3", "schedule=drop", "size=[64, 64]"]) == {
        "iterations": 3, "schedule": "drop", "size": [64, 64],
    }  # fmt: skip


def test_a_contact_sheet_shows_every_picture_and_caption():
    red, blue = Image.new("RGB", (300, 300), "red"), Image.new("RGB", (20, 20), "blue")
    sheet = contact_sheet([[red, blue]] * 3, ["a cat", "a dog", "an owl"], columns=2, headings=["image", "pixel art"])
    counts = {colour: count for count, colour in sheet.getcolors(1 << 16)}
    assert counts[255, 0, 0] == counts[0, 0, 255] == 3 * 144 * 144
    bare = contact_sheet([[red, blue]] * 3, ["", "", ""], columns=2, headings=["image", "pixel art"])
    assert np.asarray(sheet).sum() < np.asarray(bare).sum()
    assert sheet.getpixel((0, 0)) == Image.new("RGB", (1, 1), PAPER).getpixel((0, 0)) and INK != PAPER


def test_a_long_caption_stays_in_its_column():
    picture = Image.new("RGB", (144, 144), PAPER)
    long = " ".join(["an impressionist painting of a lighthouse"] * 4)
    pixels = np.asarray(contact_sheet([[picture], [picture]], [long, ""], columns=2))
    assert (pixels[:, 12 + 144 + 6 :] == pixels[0, 0]).all()
