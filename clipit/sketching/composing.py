"""Composes the scene that the items of a wish ask for."""

from dataclasses import dataclass, field, replace

from clipit.sketching.colours import is_ground, next_meaning, with_colours_joined
from clipit.sketching.items import Item
from clipit.sketching.phrases import NOUNS
from clipit.sketching.scene import MOST_COUNTED, MOST_THINGS, Scene, Thing

UNCOUNTED = 3  # how many a bare plural draws: "apples"


@dataclass
class Draft:
    """The scene as far as it is read, and what waits for the next noun."""

    things: list[Thing] = field(default_factory=list)
    relation: str = "and"
    named: dict = field(default_factory=dict)  # place, time, weather, style, ground -> name
    wet: bool = False  # under water, be it the place or another place's weather
    count: int | None = None
    colours: tuple[str, ...] = ()
    link: str | None = None  # the relation said last


def compose(items: list[Item]) -> Scene:
    draft, items = Draft(), with_colours_joined(items)
    for index, item in enumerate(items):
        take(draft, items, index, item.meanings)
    if draft.wet:
        draft.named.setdefault("place", "underwater")
        if draft.named["place"] != "underwater":
            draft.named.setdefault("weather", "underwater")
    return Scene(tuple(draft.things), draft.relation if len(draft.things) > 1 else "and", **draft.named)


def take(draft: Draft, items: list[Item], index: int, meanings: dict) -> None:
    """Adds what one item says."""
    if meanings.keys() & {"colour", "colours"} and takes_colour(draft, items, index, meanings):
        return
    if "things" in meanings and (draft.count or not meanings.keys() & {"thing", "place"}):
        add_things(draft, meanings["things"], draft.count or UNCOUNTED)
    elif "thing" in meanings:
        add_things(draft, meanings["thing"], draft.count or 1)
    elif meanings.get("place") == "underwater" or ("place" not in meanings and meanings.get("weather") == "underwater"):
        draft.wet = True
    elif kind := next((kind for kind in ("place", "time", "weather", "style") if kind in meanings), None):
        draft.named.setdefault(kind, meanings[kind])
    elif "relation" in meanings:
        draft.link, draft.count, draft.colours = meanings["relation"], None, ()
    elif "count" in meanings:
        draft.count = min(meanings["count"], MOST_COUNTED) or None
    elif meanings.keys() & {"mark", "articles"}:
        draft.count, draft.colours = None, ()


def add_things(draft: Draft, name: str, count: int) -> None:
    """Of each colour that was said its share: two red and one blue of three "red and blue balloons"."""
    colours = draft.colours[:count] or (None,)
    for index, colour in enumerate(colours):
        add_thing(draft, Thing(name, colour, (count + len(colours) - 1 - index) // len(colours)))
    draft.count, draft.colours, draft.link = None, (), None


def add_thing(draft: Draft, thing: Thing) -> None:
    count = thing.count
    same = next((i for i, other in enumerate(draft.things) if replace(other, count=count) == thing), None)
    if same is not None:
        draft.things[same] = replace(thing, count=min(MOST_COUNTED, draft.things[same].count + count))
    elif len(draft.things) < MOST_THINGS:
        draft.things.append(thing)
        if len(draft.things) == 2:
            draft.relation = draft.link or "and"


def takes_colour(draft: Draft, items: list[Item], index: int, meanings: dict) -> bool:
    """Gives colours to the noun after them, the background or the thing before; False: a noun itself, or a style."""
    colours, following = meanings.get("colours") or (meanings["colour"],), next_meaning(items, index)
    if "style" in meanings and ("place" in following or following.keys().isdisjoint(NOUNS)):
        return False
    if following.keys() & set(NOUNS):
        draft.colours, draft.count = colours, draft.count or meanings.get("count")
    elif "ground" in following or is_ground(items, index):
        draft.named.setdefault("ground", colours[0])
    elif "thing" in meanings:
        return False
    elif draft.things and draft.things[-1].colour is None and following.keys().isdisjoint(("place", "unknown")):
        draft.things[-1] = replace(draft.things[-1], colour=colours[0])
    return True
