import random

import numpy as np
import pytest
from PIL import Image

from clipit.sketching.lexicon import lexicon
from training.painters.painting import SIDE
from training.veils import TIMES, WEATHERS

VEILS = {**{f"time {name}": paint for name, paint in TIMES.items()}, **WEATHERS}
MIDDLE = slice(SIDE // 4, SIDE * 3 // 4)


def painted(name: str, seed: int) -> np.ndarray:
    return np.asarray(VEILS[name](random.Random(seed)))


def over(name: str, colour: tuple[int, int, int]) -> np.ndarray:
    ground = Image.new("RGBA", (SIDE, SIDE), (*colour, 255))
    ground.alpha_composite(VEILS[name](random.Random(2)))
    return np.asarray(ground.convert("RGB"), float)


def test_there_is_a_painter_for_every_time_and_weather_of_the_lexicon():
    assert set(TIMES) == set(lexicon().times)
    assert set(WEATHERS) == set(lexicon().weathers)


@pytest.mark.parametrize("name", VEILS)
def test_a_veil_is_translucent_and_fills_the_side(name):
    veil = VEILS[name](random.Random(0))
    assert (veil.mode, veil.size) == ("RGBA", (SIDE, SIDE))
    assert painted(name, 0)[..., 3].min() < 180


@pytest.mark.parametrize("name", VEILS)
def test_the_same_seed_paints_the_same_veil_and_another_seed_another(name):
    assert np.array_equal(painted(name, 1), painted(name, 1))
    assert not np.array_equal(painted(name, 1), painted(name, 2))


@pytest.mark.parametrize("name", VEILS)
@pytest.mark.parametrize("seed", range(3))
def test_a_veil_leaves_the_middle_visible(name, seed):
    opacity = painted(name, seed)[MIDDLE, MIDDLE, 3] / 255
    assert opacity.mean() < 0.67
    assert (opacity > 0.9).mean() < 0.12


@pytest.mark.parametrize("name", VEILS)
def test_a_veil_changes_the_picture_at_a_glance(name):
    changed = np.abs(over(name, (120, 170, 120)) - np.array([120, 170, 120]))
    assert changed.mean() > 8


def test_night_is_dark_and_noon_is_bright():
    ground = (150, 170, 150)
    assert over("time night", ground)[MIDDLE, MIDDLE].mean() < 100
    assert over("time noon", ground).mean() > np.mean(ground) + 5


def test_fog_is_thicker_at_the_bottom_and_a_storm_is_darkest_at_the_top():
    fog, storm = painted("fog", 0)[..., 3], over("storm", (200, 200, 200)).mean(-1)
    assert fog[-SIDE // 8 :].mean() > fog[: SIDE // 2].mean() + 50
    assert storm[: SIDE // 5].mean() < storm[SIDE // 2 :].mean()
