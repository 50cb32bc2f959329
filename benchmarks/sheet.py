"""Paints the pictures of the documentation: 32 prompts, each as image, painting and pixel art, on one sheet.

    python -m benchmarks.sheet [--quality normal] [--seed 0] [--most 4] [--sheet docs/pictures.webp] [--keep FOLDER]

It takes hours without a GPU. With --keep, pictures that lie in the folder are taken from there and not painted again,
so that it can be stopped; the folder is for one quality and one set of settings.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

import clipit
from benchmarks.contact import contact_sheet
from benchmarks.quality import BATCH, PROMPTS, options_of, paint

STYLES = {"vqgan": "image", "strokes": "painting", "pixel": "pixel art"}
MOST_BYTES = 1_500_000


def painted(prompts: Sequence[str], seed: int, options: Mapping[str, object], folder: Path) -> list[Image.Image]:
    """A picture of each prompt: those in the folder, and those that are not there yet, which are left there."""
    files = [folder / f"{options['drawer']}-{seed}-{prompt.replace(' ', '-')}.png" for prompt in prompts]
    lacking = [(prompt, file) for prompt, file in zip(prompts, files, strict=True) if not file.exists()]
    for start in range(0, len(lacking), BATCH):
        texts, empty = zip(*lacking[start : start + BATCH], strict=True)
        for picture, file in zip(paint(texts, seed, options), empty, strict=True):
            picture.save(file)
    return [Image.open(file).convert("RGB") for file in files]


def save_small(sheet: Image.Image, path: Path) -> None:
    """Save it in the best quality that stays below MOST_BYTES; a PNG has only one."""
    for quality in (90, 80, 70, 60):
        sheet.save(path, quality=quality)
        if path.stat().st_size <= MOST_BYTES:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quality", default="normal", choices=list(clipit.PRESETS["text2art"].qualities))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, help="prompts, of the 32")
    parser.add_argument("--sheet", type=Path, default=Path("docs/pictures.webp"))
    parser.add_argument("--keep", type=Path, help="folder of the single pictures")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="another setting")
    wish = parser.parse_args()
    prompts = (PROMPTS / "sheet.txt").read_text("utf8").splitlines()[: wish.most]
    options = {"quality": wish.quality, **options_of(wish.set)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = wish.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made = [painted(prompts, wish.seed, {**options, "drawer": drawer}, folder) for drawer in STYLES]
    groups, headings = list(zip(*made, strict=True)), list(STYLES.values())
    save_small(contact_sheet(groups, prompts, columns=2, side=176, size=17, headings=headings), wish.sheet)


if __name__ == "__main__":
    main()
