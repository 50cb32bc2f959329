"""A set of scenes on disk, the same for the same seed, rendered by several processes.

`images.npy` (N, side, side, 3) uint8; `labels.npy` (N, len(LABELS)) int16, -1 where there is none; `texts.json`, a list
for each scene: two captions of it, and one of a scene that differs in a single respect.

    python -m training.dataset FOLDER ALBUM COUNT SEED SIDE
"""

import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from clipit.sketching.lexicon import lexicon
from clipit.sketching.scene import MOST_COUNTED, MOST_THINGS, Scene
from clipit.sketching.sketch import sketches
from training.album import album
from training.captions import caption
from training.scenes_by_lot import random_scene

LABELS = ("thing", "second", "third", "place", "time", "weather", "style", "colour")
PART = 512  # scenes rendered at a time


def build(folder: Path, shown: Path, count: int, seed: int, side: int) -> None:
    """Draw `count` scenes of `side` pixels out of the album in the folder `shown`. A finished set is kept."""
    if (folder / "texts.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    album(shown)  # rendered once, before many ask for it
    images = np.lib.format.open_memmap(folder / "images.npy", "w+", np.uint8, (count, side, side, 3))
    texts, labels = [], []
    starts = range(0, count, PART)
    render = partial(_part, shown, count, seed, side)
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for start, (pixels, said, numbers) in zip(starts, pool.map(render, starts), strict=True):
            images[start : start + PART] = pixels
            texts += said
            labels += numbers
    images.flush()
    np.save(folder / "labels.npy", np.array(labels, np.int16))
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf8")


def _part(
    shown: Path, count: int, seed: int, side: int, start: int
) -> tuple[np.ndarray, list[list[str]], list[list[int]]]:
    torch.set_num_threads(1)
    lots = [random.Random(f"{seed}/{index}") for index in range(start, min(count, start + PART))]
    scenes = [random_scene(lot) for lot in lots]
    texts = [
        [caption(scene, lot), caption(scene, lot), caption(altered(scene, lot), lot)]
        for scene, lot in zip(scenes, lots, strict=True)
    ]
    generators = [torch.Generator().manual_seed(lot.getrandbits(32)) for lot in lots]
    pictures = sketches(scenes, album(shown), side, side, generators)
    pixels = pictures.mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return pixels, texts, [labelled(scene) for scene in scenes]


def altered(scene: Scene, lot: random.Random) -> Scene:
    """A scene that differs in one respect: what a reader of bags of words would not notice, or a near neighbour.

    Captions of such scenes are the hard negatives of NegCLIP (Yuksekgonul et al., https://arxiv.org/abs/2210.01936).
    """
    return lot.choice(list(_alterations(scene, lot)))


def _alterations(scene: Scene, lot: random.Random) -> Iterator[Scene]:
    words = lexicon()
    for index, thing in enumerate(scene.things):
        others = [replace(thing, name=_other(words.things, thing.name, lot))]
        others += [replace(thing, colour=_other(words.colours, thing.colour, lot))] * (2 if thing.colour else 0)
        if thing.count > 1:
            others += [replace(thing, count=_other(range(2, MOST_COUNTED + 1), thing.count, lot))]
        for other in others:
            yield replace(scene, things=(*scene.things[:index], other, *scene.things[index + 1 :]))
    for respect in ("place", "time", "weather", "style"):
        if (now := getattr(scene, respect)) is not None:
            yield replace(scene, **{respect: _other(getattr(words, f"{respect}s"), now, lot)})
    if scene.style is None and scene.things:
        yield replace(scene, style=lot.choice(list(words.styles)))
    if not scene.things and scene.place is None:
        yield replace(scene, place=lot.choice(list(words.places)))


def _other(names: Sequence | dict, than: object, lot: random.Random) -> object:
    return lot.choice([name for name in names if name != than])


def labelled(scene: Scene) -> list[int]:
    """The numbers of LABELS, counted as the lexicon lists its words."""
    words = lexicon()
    things = [_number(words.things, thing.name) for thing in scene.things]
    things += [-1] * (MOST_THINGS - len(things))
    colour = scene.things[0].colour if scene.things else None
    return [
        *things[:MOST_THINGS],
        *(_number(getattr(words, f"{kind}s"), getattr(scene, kind)) for kind in ("place", "time", "weather", "style")),
        _number(words.colours, colour),
    ]


def _number(names: dict, name: str | None) -> int:
    return -1 if name is None else list(names).index(name)


def load(folder: Path) -> tuple[np.ndarray, list[list[str]], np.ndarray]:
    """The pictures, memory-mapped, their texts and labels."""
    texts = json.loads((folder / "texts.json").read_text(encoding="utf8"))
    return np.load(folder / "images.npy", mmap_mode="c"), texts, np.load(folder / "labels.npy")


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:6]))
