"""Where the layers of a scene lie: every thing gets a square, a share of the picture's own square, back to front."""

import random
from dataclasses import replace
from typing import NamedTuple

from clipit.sketching.scene import MOST_COUNTED, Scene, Thing

FLOATING = frozenset(("sky", "space", "underwater", "coral reef"))  # places without a floor to stand on
FLOOR = 0.85  # where things stand, from the top
BEHIND = "hills"  # lies behind a time of day or a weather without a place

# Centres and sides of as many squares in free arrangement; a picture's square is 0..1 both ways.
_ROWS = {
    2: ([0.27, 0.73], [0.5], 0.46),
    3: ([0.2, 0.5, 0.8], [0.5], 0.34),
    4: ([0.28, 0.72], [0.28, 0.74], 0.42),
    5: ([0.19, 0.5, 0.81], [0.3, 0.72], 0.32),
    6: ([0.19, 0.5, 0.81], [0.3, 0.72], 0.32),
}


class Laid(NamedTuple):
    """One thing (its count is 1) in a square: the centre, the side, and whether it is mirrored and casts a shadow."""

    thing: Thing
    x: float
    y: float
    side: float
    mirrored: bool = False
    stands: bool = False


def lay_out(scene: Scene, lot: random.Random) -> list[Laid]:
    """The things of a scene from back to front. What the scene leaves open is decided by lot."""
    single = [replace(thing, count=1) for thing in scene.things for _ in range(min(thing.count, MOST_COUNTED))]
    stands = scene.place not in (None, *FLOATING) or (scene.place is None and bool(scene.time or scene.weather))
    if len(single) == 1:
        laid = [_alone(single[0], lot, stands)]
    elif len(single) == 2 == len(scene.things) and scene.relation not in ("and", "next to"):
        laid = _related(*single, scene.relation, lot, stands)
    else:
        laid = _in_rows(single[:MOST_COUNTED], lot, stands)
    return [each._replace(mirrored=lot.random() < 0.5) for each in laid]


def _alone(thing: Thing, lot: random.Random, stands: bool) -> Laid:
    side = lot.uniform(0.6, 0.74) if stands else lot.uniform(0.62, 0.8)
    return Laid(thing, 0.5 + lot.uniform(-0.06, 0.06), _height(side, lot, stands), side, stands=stands)


def _height(side: float, lot: random.Random, stands: bool) -> float:
    return FLOOR + lot.uniform(-0.02, 0.03) - side / 2 if stands else 0.5 + lot.uniform(-0.04, 0.04)


def _related(first: Thing, second: Thing, relation: str, lot: random.Random, stands: bool) -> list[Laid]:
    """Two things, of which the first stands to the second as the relation says."""
    x, low = 0.5 + lot.uniform(-0.05, 0.05), FLOOR + lot.uniform(-0.01, 0.05)
    upper, lower = (first, second) if relation in ("on", "above") else (second, first)
    if relation in ("on", "above", "under"):
        small, large = (0.42, 0.46) if relation == "on" else (0.4, 0.4)
        overlap = 0.05 if relation == "on" else -0.02
        below = Laid(lower, x, low - large / 2, large, stands=stands)
        return [below, Laid(upper, x + lot.uniform(-0.03, 0.03), low - large + overlap - small / 2, small)]
    aside = lot.choice((-0.2, 0.2))
    if relation == "in":
        around = _alone(second, lot, stands)
        return [around, Laid(first, around.x, around.y + 0.04, around.side * 0.5)]
    front, back = (first, second) if relation == "in front of" else (second, first)
    return [
        Laid(back, 0.5 - aside / 2, low - 0.08 - 0.31, 0.62, stands=stands),
        Laid(front, 0.5 + aside, low + 0.04 - 0.21, 0.42, stands=stands),
    ]


def _in_rows(things: list[Thing], lot: random.Random, stands: bool) -> list[Laid]:
    if not things:
        return []
    columns, rows, side = _ROWS[len(things)]
    sink = FLOOR + 0.03 - rows[-1] - side / 2 if stands else 0  # the last row stands on the floor
    spots = [(x, y + sink) for y in rows for x in columns][: len(things)]
    if len(things) == 5:  # the two of the second row between the three of the first
        spots[3:] = [(0.35, spots[3][1]), (0.65, spots[4][1])]
    wobble = [(lot.uniform(-0.02, 0.02), lot.uniform(-0.02, 0.02), lot.uniform(0.94, 1.04)) for _ in things]
    return [
        Laid(thing, x + dx, y + dy, side * scale, stands=stands)
        for thing, (x, y), (dx, dy, scale) in zip(things, spots, wobble, strict=True)
    ]
