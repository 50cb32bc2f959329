"""Painters of places: name -> an RGB picture of SIDE x SIDE from a random number generator."""

import random
from collections.abc import Callable

from PIL import Image

from training.painters.painting import SIDE
from training.painters.places_farm import farm
from training.painters.places_gardens import garden, park
from training.painters.places_halls import castle_hall, library, stage
from training.painters.places_heavens import moon, planet, sky, space
from training.painters.places_land import arctic, desert, hills, meadow, mountains, snow
from training.painters.places_roads import bridge, road, street
from training.painters.places_rock import canyon, cave, volcano
from training.painters.places_rooms import bedroom, kitchen, room
from training.painters.places_sea import coral_reef, ocean, underwater
from training.painters.places_shore import beach, island, lake, river, waterfall
from training.painters.places_town import city, village
from training.painters.places_woods import autumn_forest, forest, jungle, swamp

__all__ = ["PLACES", "SIDE"]

# Things stand on the ground at about 0.8 of the side from the top; where there is none, they hover in the middle.
PLACES: dict[str, Callable[[random.Random], Image.Image]] = {
    "meadow": meadow, "forest": forest, "jungle": jungle, "autumn forest": autumn_forest, "desert": desert,
    "canyon": canyon, "snow": snow, "arctic": arctic, "mountains": mountains, "volcano": volcano, "hills": hills,
    "beach": beach, "island": island, "ocean": ocean, "underwater": underwater, "coral reef": coral_reef, "lake": lake,
    "river": river, "waterfall": waterfall, "swamp": swamp, "sky": sky, "space": space, "moon": moon, "planet": planet,
    "city": city, "street": street, "village": village, "castle hall": castle_hall, "garden": garden, "farm": farm,
    "park": park, "road": road, "bridge": bridge, "cave": cave, "library": library, "kitchen": kitchen,
    "bedroom": bedroom, "room": room, "stage": stage,
}  # fmt: skip
