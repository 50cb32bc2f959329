"""How often a judge, a CLIP that never guides, finds the prompt in the picture among 100 distractors of each prompt.

    python -m benchmarks.quality [--kinds things places colours pairs styles] [--drawers vqgan] [--most 8]
    python -m benchmarks.quality --set iterations=1      what the sketch alone reaches
    python -m benchmarks.quality --truth                 what the judge finds in true scenes of the prompts

Every kind is painted by the drawer `vqgan`, things by `strokes` and `pixel` as well. A prompt is found where the judge
likes none of its distractors (`benchmarks.distractors`) as much; a part of it, such as the place, where it likes none
in which that part alone is wrong. Each line of the table has a contact sheet, of its first seed: red is what was not
found.
The judge has another architecture, seed and other scenes than the guide (`training/`); it is not in the package.
"""

import argparse
import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

import clipit
from benchmarks.contact import INK, WRONG, contact_sheet
from benchmarks.distractors import KINDS, Prompt, World, distractors, parse
from benchmarks.truth import true_scene
from benchmarks.world import small_world
from clipit.perceptor import Perceptor

HERE = Path(__file__).parent
JUDGE = HERE / "judge.safetensors"
PROMPTS = HERE / "prompts"
BATCH = 8  # pictures drawn together
DRAWERS, TRUTH = ("vqgan", "strokes", "pixel"), "truth"
GOALS = {
    ("things", "vqgan"): 0.9, ("places", "vqgan"): 0.8, ("colours", "vqgan"): 0.8, ("styles", "vqgan"): 0.8,
    ("things", "strokes"): 0.7, ("things", "pixel"): 0.7,
}  # fmt: skip


def load_judge() -> Perceptor:
    return Perceptor(JUDGE, torch.device("cpu"), torch.float32)


def prompts_of(kind: str, most: int | None = None) -> list[Prompt]:
    """The list of this kind, or so many of it at equal distances."""
    prompts = [parse(kind, line) for line in (PROMPTS / f"{kind}.txt").read_text("utf8").splitlines()]
    count = min(most or len(prompts), len(prompts))
    return [prompts[index * len(prompts) // count] for index in range(count)]


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % confidence interval of a share (Wilson 1927)."""
    share, spread = successes / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return middle - half, middle + half


def paint(prompts: Sequence[str], seed: int, options: Mapping[str, object]) -> list[Image.Image]:
    """A picture of each prompt."""
    pictures, models = [], clipit.load_models(clipit.Settings(prompts=prompts[0], **options))
    for start in range(0, len(prompts), BATCH):
        batch = [clipit.Settings(prompts=prompt, seed=seed, **options) for prompt in prompts[start : start + BATCH]]
        for frame in clipit.stream(batch, models):
            last = frame
        pictures += [last.picture(index) for index in range(len(batch))]
    return pictures


@torch.no_grad()
def likeness(judge: Perceptor, pictures: Sequence[Image.Image], captions: Sequence[str]) -> np.ndarray:
    """Cosines (pictures, captions) between what the judge sees and what it reads."""
    side = judge.resolution
    small = [picture.resize((side, side), Image.Resampling.BOX) for picture in pictures]
    pixels = torch.from_numpy(np.stack([np.asarray(picture) for picture in small]))  # pictures, R, R, 3
    seen = judge.embed_pictures(pixels.permute(0, 3, 1, 2).float() / 255)
    return (seen @ judge.embed_texts(captions).t()).numpy()


class Verdict(NamedTuple):
    """The judge's cosine with the right prompt, and in which ways wrong captions it likes as much: none if found."""

    cosine: float
    mistakes: frozenset[str]

    @property
    def found(self) -> bool:
        return not self.mistakes


def verdict(judge: Perceptor, picture: Image.Image, text: str, wrong: Mapping[str, Sequence[str]]) -> Verdict:
    """What the judge says of a picture of `text` beside wrong captions, by what is wrong in them."""
    captions = [text, *(caption for group in wrong.values() for caption in group)]
    cosines, mistakes, start = likeness(judge, [picture], captions)[0], set(), 1
    for name, group in wrong.items():
        if (cosines[start : start + len(group)] >= cosines[0]).any():
            mistakes.add(name)
        start += len(group)
    return Verdict(float(cosines[0]), frozenset(mistakes))


def judged(judge: Perceptor, pictures: Sequence[Image.Image], prompts: Sequence[Prompt], world: World) -> list[Verdict]:
    """A verdict on each picture beside the distractors of its prompt."""
    return [
        verdict(judge, picture, prompt.text, distractors(prompt, world))
        for picture, prompt in zip(pictures, prompts, strict=True)
    ]


def report(name: str, prompts: Sequence[Prompt], verdicts: Sequence[Verdict], goal: float | None) -> str:
    """A line of the table: how often all is found, its interval and goal, and how often each part is."""
    right, trials = sum(each.found for each in verdicts), len(verdicts)
    low, high = wilson(right, trials)
    parts = list(prompts[0].slots) if len(prompts[0].slots) > 1 else []
    shares = [f"{part} {np.mean([part not in each.mistakes for each in verdicts]):.0%}" for part in parts]
    aim = f"goal {goal:.0%}" if goal else ""
    interval = f"({low:.1%} to {high:.1%})"
    return f"{name:16} {right:3} of {trials:3} {right / trials:6.1%} {interval:17} {aim:8} {', '.join(shares)}".rstrip()


def options_of(entries: Sequence[str]) -> dict[str, object]:
    """Settings written as NAME=VALUE, the values as JSON or, where they are none, as they stand."""
    return {name: _value(text) for name, _, text in (entry.partition("=") for entry in entries)}


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _lines(kinds: Sequence[str], drawers: Sequence[str] | None) -> list[tuple[str, str]]:
    """Each kind with each of its drawers: those asked for, else `vqgan`, for things the others too."""
    own = {kind: drawers or (DRAWERS if kind == "things" else DRAWERS[:1]) for kind in kinds}
    return [(kind, drawer) for kind in kinds for drawer in own[kind]]


def _pictures(
    prompts: Sequence[Prompt], seeds: Sequence[int], drawer: str, options: Mapping[str, object]
) -> list[tuple[Prompt, Image.Image]]:
    """Every prompt's picture with every seed; of true scenes those that can be made."""
    if drawer == TRUTH:
        made = [(prompt, true_scene(prompt, seed)) for seed in seeds for prompt in prompts]
        return [(prompt, scene) for prompt, scene in made if scene is not None]
    texts = [prompt.text for prompt in prompts]
    painted = [picture for seed in seeds for picture in paint(texts, seed, {"drawer": drawer, **options})]
    return list(zip([*prompts] * len(seeds), painted, strict=True))


def _measure(kind: str, drawer: str, wish: argparse.Namespace, judge: Perceptor, world: World) -> None:
    """Print a line of the table and save the contact sheet of its first seed."""
    options, began = {"quality": wish.quality, **options_of(wish.set)}, time.perf_counter()
    made = _pictures(prompts_of(kind, wish.most), wish.seeds, drawer, options)
    if not made:
        return print(f"{kind} {drawer}: none can be made here")
    seconds = (time.perf_counter() - began) / len(made)
    prompts, pictures = zip(*made, strict=True)
    verdicts = judged(judge, pictures, prompts, world)
    print(
        report(f"{kind} {drawer}", prompts, verdicts, GOALS.get((kind, drawer))), f" {seconds:.1f} s each", flush=True
    )
    shown = len(made) // len(wish.seeds)
    captions, inks = [prompt.text for prompt in prompts], [INK if each.found else WRONG for each in verdicts]
    sheet = contact_sheet([[picture] for picture in pictures[:shown]], captions[:shown], inks[:shown])
    sheet.save(wish.sheet.with_stem(f"{wish.sheet.stem}-{kind}-{drawer}"), optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--drawers", nargs="+", choices=DRAWERS)
    parser.add_argument("--quality", default="draft", choices=list(clipit.PRESETS["text2art"].qualities))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--most", type=int, help="prompts of a kind, of its 40")
    parser.add_argument("--truth", action="store_true", help="judge true scenes in the place of paintings")
    parser.add_argument("--sheet", type=Path, default=Path("quality.png"), help="kind and drawer are added to the name")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="another setting")
    wish = parser.parse_args()
    judge, world = load_judge(), small_world()
    for kind, drawer in [(kind, TRUTH) for kind in wish.kinds] if wish.truth else _lines(wish.kinds, wish.drawers):
        _measure(kind, drawer, wish, judge, world)


if __name__ == "__main__":
    main()
