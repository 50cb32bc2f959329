"""Prompts: `castle underwater | gold:0.5` is two texts, the second with half the weight; `^` tells a story in scenes.

text                     one text, weight 1
text:weight              a negative weight is avoided, a weight of 0 left out
text:weight:stop         no longer pursued once its distance is below `stop`
text | text              together
castle ^ castle | night  one scene after the other; a `^` stands alone between spaces, so "x^2" and "^_^" are texts
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from clipit.errors import ClipitError

FADE = 0.2  # share of a scene's length in which it gives way to the next

_CHANGE = re.compile(r"(?<!\S)\^(?!\S)")


class Prompt(NamedTuple):
    """A text, or the path of an image, to approach or, with a negative weight, to avoid.

    Half the squared angle to a view, times the weight's sign, is pulled down while it is above `stop`.
    """

    text: str
    weight: float = 1.0
    stop: float = float("-inf")


@dataclass(frozen=True)
class Story:
    """All prompts of a drawing, `scene` telling for each of them in which of the `scenes`, from 0, it belongs."""

    prompts: tuple[Prompt, ...]
    scene: tuple[int, ...]
    scenes: int

    def shares(self, progress: float) -> tuple[float, ...]:
        """What each prompt's weight is multiplied by at `progress`, 0 at the first step and 1 at the last.

        Scenes are equally long; where two meet, one fades into the other in a straight line. The shares of the scenes
        sum to 1 at any time. nerdyrodent's story mode (https://github.com/nerdyrodent/VQGAN-CLIP) changes at once.
        """
        places = range(1, self.scenes)
        begun = [1.0, *(min(max((progress * self.scenes - place) / FADE + 0.5, 0.0), 1.0) for place in places), 0.0]
        return tuple(begun[scene] - begun[scene + 1] for scene in self.scene)


def number(text: str) -> float | None:
    """The number that a text is, if it is one below a million on either side of 0."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e6 else None  # neither nan nor inf


def parse_prompt(text: str) -> Prompt:
    """Peel at most two numbers from the right, as pixray does: "Star Wars: A New Hope" is all text."""
    head, outer, last = text.rpartition(":")
    before, inner, middle = head.rpartition(":")
    value, weight = number(last), number(middle)
    stop = float("-inf") if last.strip() == "-inf" else value
    if inner and weight is not None and stop is not None:
        return Prompt(before.strip(), weight, stop)
    return Prompt(head.strip(), value) if outer and value is not None else Prompt(text.strip())


def _checked(text: str) -> str:
    if text.encode("utf8", "ignore").decode("utf8") != text:  # lone surrogates: no file could carry it
        raise ClipitError(f"{text!r} is not valid Unicode; accepted: text in UTF-8")
    return text


def _parts(text: str) -> tuple[Prompt, ...]:
    return tuple(prompt for part in text.split("|") if (prompt := parse_prompt(part)).text and prompt.weight)


def _parse_scene(text: str) -> tuple[Prompt, ...]:
    prompts = _parts(text)
    if not prompts:
        raise ClipitError(f"no prompt in {text!r}; write what to draw, for example 'castle underwater | gold:0.5'")
    if all(prompt.weight < 0 for prompt in prompts):
        raise ClipitError(f"every weight in {text!r} is negative; at least one text must say what to draw")
    return prompts


def parse_story(text: str) -> Story:
    """Scenes separated by `^`, in each prompts separated by `|`, empty ones left out.

    Raises ClipitError for a scene without a prompt, or of negative weights alone.
    """
    scenes = [_parse_scene(scene) for scene in _CHANGE.split(_checked(text))]
    belongs = tuple(index for index, prompts in enumerate(scenes) for _ in prompts)
    return Story(tuple(prompt for prompts in scenes for prompt in prompts), belongs, len(scenes))


def parse_extras(text: str) -> tuple[Prompt, ...]:
    """Prompts beside the main ones, such as spots and labels: there may be none, and all may be negative.

    Raises ClipitError for a story of several scenes.
    """
    if _CHANGE.search(_checked(text)):
        raise ClipitError(f"{text!r} tells a story; accepted here: one scene, prompts separated by |")
    return _parts(text)


def parse_images(items: str | Sequence[str]) -> tuple[Prompt, ...]:
    """Image prompts, `path:weight:stop` separated by `|` or in a sequence; nothing is opened here.

    Raises ClipitError for an address on the web.
    """
    parts = items.split("|") if isinstance(items, str) else items
    images = tuple(image for part in parts if (image := parse_prompt(_checked(part))).text and image.weight)
    for image in images:
        if image.text.lower().startswith(("http://", "https://")):
            raise ClipitError(f"clipit does not fetch {image.text!r}; accepted: the path of an image file")
    return images


def wanted(text: str) -> str:
    """All that the first scene wishes for, as one text: `castle | rain:-1 | moon:0.5 ^ ruins` is "castle and moon"."""
    story = parse_story(text)
    first = [prompt for prompt, scene in zip(story.prompts, story.scene, strict=True) if scene == 0]
    return " and ".join(prompt.text for prompt in first if prompt.weight > 0)
