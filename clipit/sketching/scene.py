"""A scene: what a wish of the small world asks for, read from words or drawn by lot."""

from dataclasses import dataclass

MOST_THINGS = 3  # kinds of thing in a scene
MOST_COUNTED = 6  # of one kind
RELATIONS = ("and", "next to", "on", "under", "above", "in front of", "behind", "in")


@dataclass(frozen=True)
class Thing:
    """`count` things of one kind. `name` is a name of the lexicon, `colour` one of its colours or None: its own."""

    name: str
    colour: str | None = None
    count: int = 1


@dataclass(frozen=True)
class Scene:
    """Names are those of the lexicon; None where nothing is asked for."""

    things: tuple[Thing, ...] = ()  # the first is the main one
    relation: str = "and"  # how the first stands to the second: "a cat on a box"
    place: str | None = None
    time: str | None = None  # of day
    weather: str | None = None
    style: str | None = None
    ground: str | None = None  # the colour behind things that are in no place
