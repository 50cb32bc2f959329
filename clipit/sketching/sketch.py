"""A scene as a picture: ground, things, veils and style, out of pictures that somebody remembers or renders."""

import random
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from clipit.sketching.layers import laid_on, scaled, shaded, tinted, veiled
from clipit.sketching.layout import BEHIND, lay_out
from clipit.sketching.lexicon import lexicon
from clipit.sketching.scene import Scene
from clipit.sketching.styles import styled

NEAR = 0.4  # share of a time of day that lies on things too: at night they are still to be seen
PALE = 0.72  # the least of a channel in a ground that nobody asked for


class Album(Protocol):
    """Who can show what a word looks like."""

    def show(self, kind: str, name: str, lot: random.Random) -> Tensor:
        """(4, S, S) in 0..1, of the `things`, `places`, `times` and `weathers` of the lexicon, one of them by lot."""


def lot_of(generator: torch.Generator) -> random.Random:
    """What else than tensors is drawn by lot follows from the same generator."""
    return random.Random(int(torch.randint(2**31, (1,), generator=generator)))


def sketches(
    scenes: Sequence[Scene], album: Album, width: int, height: int, generators: Sequence[torch.Generator]
) -> Tensor:
    """Pictures (B, 3, height, width) in 0..1 of the scenes; what they leave open follows from the generators."""
    drawn = [
        _unstyled(scene, album, width, height, lot_of(generator))
        for scene, generator in zip(scenes, generators, strict=True)
    ]
    return styled(torch.stack(drawn), [scene.style for scene in scenes], generators)


def _unstyled(scene: Scene, album: Album, width: int, height: int, lot: random.Random) -> Tensor:
    canvas = _ground(scene, album, width, height, lot)
    hour = album.show("times", scene.time, lot) if scene.time else None
    canvas = canvas if hour is None else veiled(canvas, hour)
    square = min(width, height)
    left, top = (width - square) / 2, (height - square) / 2
    for laid in lay_out(scene, lot):
        layer = album.show("things", laid.thing.name, lot)
        layer = layer.flip(2) if laid.mirrored else layer
        layer = tinted(layer, _share(laid.thing.colour)) if laid.thing.colour else layer
        x, y, side = left + laid.x * square, top + laid.y * square, laid.side * square
        if laid.stands:
            shaded(canvas, x, y + side / 2, side)
        laid_on(canvas, layer, x - side / 2, y - side / 2, side)
    if scene.weather:
        canvas = veiled(canvas, album.show("weathers", scene.weather, lot))
    return (canvas if hour is None else veiled(canvas, hour * NEAR)).clamp(0, 1)


def _ground(scene: Scene, album: Album, width: int, height: int, lot: random.Random) -> Tensor:
    place = scene.place or (BEHIND if scene.time or scene.weather else None)
    if place:
        return scaled(album.show("places", place, lot)[:3], height, width)
    return _plain(scene.ground, width, height, lot)


def _plain(colour: str | None, width: int, height: int, lot: random.Random) -> Tensor:
    """A ground of one colour, a little lighter at the top than at the bottom; a pale one by lot where none is named."""
    paint = torch.tensor(_share(colour) if colour else [lot.uniform(PALE, 1) for _ in range(3)])[:, None, None]
    return (paint * torch.linspace(1.04, 0.92, height)[None, :, None]).clamp(0, 1).expand(3, height, width).clone()


def _share(colour: str) -> tuple[float, float, float]:
    red, green, blue = lexicon().colours[colour]["rgb"]
    return red / 255, green / 255, blue / 255
