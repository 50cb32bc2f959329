"""Makes the small models again: VQGAN, sketcher and guide for the package, the judge for the benchmark.

    python -m training [FOLDER]      (Debian package fonts-noto-color-emoji; a night on a CPU, minutes on a GPU)

Whatever is finished in the folder is kept, and what was stopped goes on where it was.
"""

import shutil
import sys
from pathlib import Path

from clipit.weights.checkpoints import load_vqgan, save_sketcher
from training import clip, dataset, sketcher, vqgan
from training.album import album
from training.scenes import WORK

ROOT = Path(__file__).parents[1]
TARGETS = {
    "vqgan": "clipit/weights/vqgan-small.safetensors",
    "guide": "clipit/weights/clip-small.safetensors",
    "sketcher": "clipit/weights/sketcher-small.safetensors",
    "judge": "benchmarks/judge.safetensors",
}
SETS = {"large": (6000, 7, 160), "guide": (100_000, 1, 80), "judge": (60_000, 3, 80)}  # scenes, seed, pixels a side


def main() -> None:
    work = Path(sys.argv[1]) if len(sys.argv) > 1 else WORK
    for name, (count, seed, side) in SETS.items():
        dataset.build(work / name, work / "album", count, seed, side)
    vqgan.train(work / "vqgan.safetensors", work / "large", work / "album")
    remembered = sketcher.remember(album(work / "album").pictures, load_vqgan(work / "vqgan.safetensors"))
    save_sketcher(work / "sketcher.safetensors", remembered)
    for name, seed in (("guide", 1), ("judge", 2)):
        clip.train(clip.PLANS[name], work / f"{name}.safetensors", work / name, seed)
    for name, target in TARGETS.items():
        shutil.copyfile(work / f"{name}.safetensors", ROOT / target)


if __name__ == "__main__":
    main()
