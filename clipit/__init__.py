"""clipit: settings in, frames out. Pictures from text by VQGAN+CLIP.

>>> import clipit
>>> clipit.draw("underwater city", quality="draft", seed=1).image.save("city.png")
"""

from importlib import import_module
from typing import TYPE_CHECKING

from clipit.errors import ClipitError
from clipit.settings import ASPECTS, QUALITIES, Settings

if TYPE_CHECKING:
    from clipit.drawing import Frame, Models, Picture, draw, load_models, recipe, stream
    from clipit.png import read_recipe, save_png
    from clipit.video import film, frame_rate

# Loaded when first asked for, so that settings and recipes do not wait for torch.
_LATER = {
    **dict.fromkeys(("Frame", "Models", "Picture", "draw", "load_models", "recipe", "stream"), "clipit.drawing"),
    **dict.fromkeys(("film", "frame_rate"), "clipit.video"),
    **dict.fromkeys(("read_recipe", "save_png"), "clipit.png"),
}

__all__ = [
    "ASPECTS",
    "QUALITIES",
    "ClipitError",
    "Frame",
    "Models",
    "Picture",
    "Settings",
    "draw",
    "film",
    "frame_rate",
    "load_models",
    "read_recipe",
    "recipe",
    "save_png",
    "stream",
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'clipit' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
