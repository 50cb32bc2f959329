"""Small films, and what is seen in them."""

from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from PIL import Image, ImageSequence

from clipit import film

RECIPE = {"prompts": "castle 🏰 | 海底城堡:0.5", "size": [64, 32], "scale": None, "quotes": "\"'<script>\n"}


def shades(count, size=(32, 24)):
    """Frames that brighten evenly, from 0 to 200."""
    width, height = size
    return [np.full((height, width, 3), 200 * index // max(count - 1, 1), np.uint8) for index in range(count)]


def shot(path: Path, frames, of=None, recipe=None, **options) -> Path:
    height, width, _ = frames[0].shape
    with film(path, of or len(frames), (width, height), recipe, **options) as reel:
        for frame in frames:
            reel.add(frame)
    return path


def seen(path: Path) -> list[tuple[float, np.ndarray]]:
    """Every picture of a film and the seconds that it is shown."""
    if path.suffix == ".mp4":
        with av.open(str(path)) as container:
            convert, frames = VideoReformatter(), container.decode(video=0)
            return [
                (float(f.duration * f.time_base), convert.reformat(f, format="rgb24", threads=1).to_ndarray())
                for f in frames
            ]
    with Image.open(path) as image:
        pictures = ((np.array(still.convert("RGB")), still.info) for still in ImageSequence.Iterator(image))
        return [(info["duration"] / 1000, pixels) for pixels, info in pictures]


def light(path: Path) -> list[float]:
    return [float(pixels.mean()) for _, pixels in seen(path)]


def lasts(path: Path) -> float:
    return sum(seconds for seconds, _ in seen(path))
