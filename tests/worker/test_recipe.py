import pytest
from PIL import Image

from tests.fakes import an_order
from worker.recipe import seed_of, settings_of


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
    assert seed_of(first) == seed_of(again)
    assert 0 <= seed_of(first) < 2**32


def test_two_jobs_without_a_seed_get_different_ones(a_job):
    assert seed_of(a_job(an_order(), id="a" * 22)) != seed_of(a_job(an_order(), id="b" * 22))


def test_seed_zero_is_a_seed(a_job):
    assert seed_of(a_job(an_order(seed=0))) == 0


def test_the_start_image_is_handed_on(a_job):
    image = Image.new("RGB", (32, 32), "red")
    assert settings_of(a_job(an_order()), image).start_image == image


@pytest.mark.parametrize(("style", "drawer"), [("image", "vqgan"), ("painting", "strokes"), ("pixel art", "pixel")])
def test_every_style_has_its_drawer(a_job, style, drawer):
    assert settings_of(a_job(an_order(style=style))).drawer == drawer
