"""A set of scenes on disk: `images.npy` (count, side, side, 3) uint8 and `captions.json`, the same for the same seed.

A posed set also has `poses.npy` (count, 6) float32: what, beside the caption, decides its pictures.

python -m training.dataset FOLDER COUNT SEED SIDE [posed]
"""

import json
import random
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from training.scenes import random_pose, random_scene


def build(folder: Path, count: int, seed: int, side: int, posed: bool = False) -> None:
    """Draw `count` scenes, scaled to `side` pixels. A finished set is kept."""
    if (folder / "captions.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    images = np.lib.format.open_memmap(folder / "images.npy", "w+", np.uint8, (count, side, side, 3))
    captions, poses = [], []
    for index in range(count):
        rng = random.Random(f"{seed}/{index}")
        pose = random_pose(rng) if posed else None
        image, caption = random_scene(rng, pose)
        poses.append(pose)
        images[index] = np.asarray(image.resize((side, side), Image.Resampling.BOX))
        captions.append(caption)
    images.flush()
    if posed:
        np.save(folder / "poses.npy", np.array(poses, np.float32))
    (folder / "captions.json").write_text(json.dumps(captions), encoding="utf8")


def load(folder: Path) -> tuple[np.ndarray, list[str]]:
    """The pictures, memory-mapped, and their captions."""
    return np.load(folder / "images.npy", mmap_mode="c"), json.loads(
        (folder / "captions.json").read_text(encoding="utf8")
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]), *map(int, sys.argv[2:5]), posed="posed" in sys.argv[5:])
