"""clipit: settings in, frames out. Pictures from text by VQGAN+CLIP.

>>> import clipit
>>> clipit.draw("underwater city", quality="draft", seed=1).image.save("city.png")
"""

from importlib import import_module
from typing import TYPE_CHECKING

from clipit.errors import ClipitError
from clipit.presets import PRESETS
from clipit.settings import ImagePrompt, Settings

if TYPE_CHECKING:
    from clipit.drawing import Drawing, Frame, Picture, draw, resume, stream
    from clipit.files.inscriptions import read_recipe
    from clipit.files.png import save_png
    from clipit.files.video import film, frame_rate
    from clipit.legacy.facade import add_settings, apply_settings, do_init, do_run, get_settings, reset_settings, run
    from clipit.loading import Models, load_models
    from clipit.recipes import recipe
    from clipit.sketching.caveat import caveat

# Loaded when first asked for, so that settings and recipes do not wait for torch.
_LATER = {
    **dict.fromkeys(("Drawing", "Frame", "Picture", "draw", "resume", "stream"), "clipit.drawing"),
    **dict.fromkeys(
        ("add_settings", "apply_settings", "do_init", "do_run", "get_settings", "reset_settings", "run"),
        "clipit.legacy.facade",
    ),
    **dict.fromkeys(("Models", "load_models"), "clipit.loading"),
    **dict.fromkeys(("recipe",), "clipit.recipes"),
    **dict.fromkeys(("caveat",), "clipit.sketching.caveat"),
    **dict.fromkeys(("film", "frame_rate"), "clipit.files.video"),
    "read_recipe": "clipit.files.inscriptions",
    "save_png": "clipit.files.png",
}

__all__ = [
    "PRESETS",
    "ClipitError",
    "Drawing",
    "Frame",
    "ImagePrompt",
    "Models",
    "Picture",
    "Settings",
    "add_settings",
    "apply_settings",
    "caveat",
    "do_init",
    "do_run",
    "draw",
    "film",
    "frame_rate",
    "get_settings",
    "load_models",
    "read_recipe",
    "recipe",
    "reset_settings",
    "resume",
    "run",
    "save_png",
    "stream",
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'clipit' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
