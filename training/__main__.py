"""Makes the small models again: guide, VQGAN and sketcher for the package, the judge for the benchmark.

python -m training [FOLDER]      (Debian package fonts-noto-color-emoji; hours on a CPU)
"""

import shutil
import sys
from pathlib import Path

from training import clip, dataset, sketcher, vqgan

ROOT = Path(__file__).parents[1]


TARGETS = {
    "vqgan": "clipit/weights/vqgan-small.safetensors",
    "guide": "clipit/weights/clip-small.safetensors",
    "sketcher": "clipit/weights/sketcher-small.safetensors",
    "judge": "benchmarks/judge.safetensors",
}
SETS = {
    "large": (14000, 7, 128), "guide-1": (40000, 1, 80), "guide-2": (50000, 2, 80),
    "judge-1": (30000, 3, 80), "judge-2": (30000, 4, 80), "posed": (60000, 9, 128),
}  # fmt: skip


def main() -> None:
    work = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "training-data"
    for name, (count, seed, side) in SETS.items():
        dataset.build(work / name, count, seed, side, posed=name == "posed")
    vqgan.train(work / "vqgan.safetensors", work / "large")
    clip.train(work / "guide.safetensors", [work / "guide-1", work / "guide-2"])
    sketcher.train(work / "sketcher.safetensors", work / "posed", work / "guide.safetensors")
    clip.train(work / "judge.safetensors", [work / "judge-1", work / "judge-2"], seed=2, steps=1300, radius=0)
    for name, target in TARGETS.items():
        shutil.copyfile(work / f"{name}.safetensors", ROOT / target)


if __name__ == "__main__":
    main()
