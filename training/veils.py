"""Veils: what a time of day or a weather lays over a place and the things in it.

Each painter gives an RGBA picture of SIDE x SIDE, to be alpha-composited, and leaves the middle of the picture visible.
"""

import random
from collections.abc import Callable

from PIL import Image

from training.painters.veils_times import dawn, night, noon, sunset
from training.painters.veils_weathers import fog, rain, rainbow, snowfall, storm, underwater, wind

TIMES: dict[str, Callable[[random.Random], Image.Image]] = {
    "night": night,
    "sunset": sunset,
    "dawn": dawn,
    "noon": noon,
}
WEATHERS: dict[str, Callable[[random.Random], Image.Image]] = {
    "rain": rain,
    "snowfall": snowfall,
    "storm": storm,
    "fog": fog,
    "rainbow": rainbow,
    "wind": wind,
    "underwater": underwater,
}
