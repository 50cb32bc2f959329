"""How often a judge, a CLIP that never guides, finds the right prompt in a picture. Writes a contact sheet.

    python -m benchmarks.quality [--quality draft] [--seeds 0] [--sheet quality.png]

The judge has the architecture of the guide, another seed and other scenes (`training/`); it is not in the package.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

import clipit
from clipit.perceptor import Perceptor

HERE = Path(__file__).parent
JUDGE = HERE / "judge.safetensors"
PROMPTS = HERE / "prompts.txt"
BATCH = 8  # pictures drawn together


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % confidence interval of a share (Wilson 1927)."""
    share, spread = successes / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return middle - half, middle + half


def paint(prompts: list[str], seed: int, options: dict) -> tuple[list[Image.Image], list[float]]:
    """A picture and its guide's score for each prompt."""
    pictures, scores, models = [], [], clipit.load_models(clipit.Settings(prompts=prompts[0], **options))
    for start in range(0, len(prompts), BATCH):
        batch = [clipit.Settings(prompts=prompt, seed=seed, **options) for prompt in prompts[start : start + BATCH]]
        for frame in clipit.stream(batch, models):
            last = frame
        pictures += [last.picture(index) for index in range(len(batch))]
        scores += last.scores.tolist()
    return pictures, scores


@torch.no_grad()
def likeness(judge: Perceptor, pictures: list[Image.Image], prompts: list[str]) -> torch.Tensor:
    """Cosines (pictures, prompts) between what the judge sees and what it reads."""
    side = judge.resolution
    small = [picture.resize((side, side), Image.Resampling.BOX) for picture in pictures]
    pixels = torch.from_numpy(np.stack([np.asarray(picture) for picture in small]))  # pictures, R, R, 3
    return judge.embed_pictures(pixels.permute(0, 3, 1, 2).float() / 255) @ judge.embed_texts(prompts).t()


def ranks(judge: Perceptor, pictures: list[Image.Image], prompts: list[str]) -> list[int]:
    """For each picture, how many of the prompts the judge finds nearer than the right one."""
    cosines = likeness(judge, pictures, prompts)
    return (cosines > cosines.diagonal()[:, None]).sum(1).tolist()


def contact_sheet(pictures: list[Image.Image], prompts: list[str], places: list[int], columns: int = 8) -> Image.Image:
    """All pictures under their prompts; red where the judge preferred another prompt."""
    side, line = 148, 14
    rows = math.ceil(len(pictures) / columns)
    sheet = Image.new("RGB", (columns * side, rows * (side + line)), "white")
    draw = ImageDraw.Draw(sheet)
    for index, (picture, prompt, place) in enumerate(zip(pictures, prompts, places, strict=True)):
        x, y = index % columns * side, index // columns * (side + line)
        sheet.paste(picture.resize((side - 4, side - 4), Image.Resampling.LANCZOS), (x + 2, y + 2))
        draw.text((x + 3, y + side - 2), prompt[:26], fill="black" if place == 0 else "red")
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quality", default="draft", choices=list(clipit.PRESETS["text2art"].qualities))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--sheet", type=Path, default=Path("quality.png"))
    parser.add_argument("--prompts", type=Path, default=PROMPTS)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="another setting, as JSON")
    options = parser.parse_args()
    prompts = options.prompts.read_text(encoding="utf8").splitlines()
    others = {name: json.loads(value) for name, _, value in (entry.partition("=") for entry in options.set)}

    judge = Perceptor(JUDGE, torch.device("cpu"), torch.float32)
    right, began = 0, time.perf_counter()
    for seed in options.seeds:
        pictures, scores = paint(prompts, seed, {"quality": options.quality, **others})
        places = ranks(judge, pictures, prompts)
        right += places.count(0)
        score = sum(scores) / len(scores)
        print(f"seed {seed}: right prompt first in {places.count(0)} of {len(places)}, mean guide score {score:.3f}")
        contact_sheet(pictures, prompts, places).save(options.sheet.with_stem(f"{options.sheet.stem}-{seed}"))
    trials = len(prompts) * len(options.seeds)
    low, high = wilson(right, trials)
    seconds = (time.perf_counter() - began) / trials
    print(f"rank-1 among {len(prompts)}: {right / trials:.1%} (95 % interval {low:.1%} to {high:.1%})")
    print(f"{seconds:.1f} s a picture, drawn {BATCH} at a time")


if __name__ == "__main__":
    main()
