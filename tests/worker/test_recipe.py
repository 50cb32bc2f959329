import pytest
from PIL import Image

from clipit.palettes import parse_palette
from jobs import Style
from jobs.order import Palette
from tests.fakes import an_order
from worker.recipe import COLOURS, settings_of


def test_an_order_becomes_settings_word_for_word(a_job):
    order = an_order(
        prompt="a red fox", quality="better", aspect="portrait", size=(96, 128), scale=1.5, iterations=7, seed=11
    )
    settings = settings_of(a_job(order))
    assert (settings.prompts, settings.quality, settings.aspect) == ("a red fox", "better", "portrait")
    assert (settings.drawer, settings.seed, settings.iterations) == ("vqgan", 11, 7)
    assert (settings.size, settings.scale) == ((96, 128), 1.5)


def test_an_order_without_a_seed_gets_the_same_one_at_every_attempt(a_job):
    first = a_job(an_order())
    again = first.model_copy(update={"attempt": 2})
    assert settings_of(first).seed == settings_of(again).seed == first.seed


def test_two_jobs_without_a_seed_get_different_ones(a_job):
    first, second = (settings_of(a_job(an_order(), id=letter * 22)) for letter in "ab")
    assert first.seed != second.seed


def test_seed_zero_is_a_seed(a_job):
    assert settings_of(a_job(an_order(seed=0))).seed == 0


def test_the_start_image_is_handed_on(a_job):
    image = Image.new("RGB", (32, 32), "red")
    assert settings_of(a_job(an_order()), image).start_image == image


@pytest.mark.parametrize(("style", "drawer"), [("image", "vqgan"), ("painting", "strokes"), ("pixel art", "pixel")])
def test_every_style_has_its_drawer(a_job, style, drawer):
    assert settings_of(a_job(an_order(style=style))).drawer == drawer


@pytest.mark.parametrize("palette", Palette)
@pytest.mark.parametrize("style", Style)
def test_every_palette_colours_every_style(a_job, style, palette):
    settings = settings_of(a_job(an_order(style=style, palette=palette)))
    kept_to = settings.drawer_options["palette"] if style == Style.PIXEL_ART else settings.palette
    assert len(set(parse_palette(kept_to))) >= 4


def test_no_two_palettes_are_the_same():
    assert set(COLOURS) == set(Palette)
    assert len(set(map(parse_palette, COLOURS.values()))) == len(Palette)


def test_without_a_palette_any_colour_will_do(a_job):
    settings = settings_of(a_job(an_order()))
    assert not settings.palette and not settings.drawer_options
