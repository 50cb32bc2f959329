"""The originals, each loaded from its own file, so that what the rest of its package imports does not matter."""

import sys
from collections.abc import Sequence
from functools import cache
from importlib import metadata, util
from types import ModuleType
from typing import NoReturn
from unittest import mock

import packaging.version
from PIL import Image
from torch import nn

from tests.emulators import missing

CLIP, TAMING = "clip-anytorch", "taming-transformers-rom1504"


def _missing(error: ImportError) -> NoReturn:
    missing(f"{error}; .venv/bin/python -m pip install --no-deps -r tests/oracles/requirements.txt")


def _load(distribution: str, path: str, needed: Sequence[ModuleType] = ()) -> ModuleType:
    """The module that a distribution keeps at `path`, under a name that is no package's; it finds what it needs."""
    name = "original." + path.removesuffix(".py").replace("/", ".")
    try:
        spec = util.spec_from_file_location(name, metadata.distribution(distribution).locate_file(path))
        module = util.module_from_spec(spec)
        with mock.patch.dict(sys.modules, {other.__name__: other for other in needed}):
            spec.loader.exec_module(module)
    except ImportError as error:
        _missing(error)
    return module


def _stand_in(name: str, **contents: object) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(contents)
    return module


@cache
def clip_model() -> ModuleType:
    """OpenAI's `clip/model.py`."""
    return _load(CLIP, "clip/model.py")


@cache
def clip() -> ModuleType:
    """OpenAI's `clip/clip.py`; what prepares pictures, and asks torch for its version, is left out."""
    transforms = dict.fromkeys(("Compose", "Resize", "CenterCrop", "ToTensor", "Normalize", "InterpolationMode"))
    needed = [
        _stand_in("pkg_resources", packaging=packaging),
        _stand_in("torchvision.transforms", **{**transforms, "InterpolationMode": Image.Resampling}),
        clip_model(),
        _load(CLIP, "clip/simple_tokenizer.py"),
    ]
    return _load(CLIP, "clip/clip.py", needed)


@cache
def taming_vqgan() -> ModuleType:
    """taming's `taming/models/vqgan.py`, whose models here are plain modules without a loss and a temperature."""
    networks = _load(TAMING, "taming/modules/diffusionmodules/model.py")
    quantisers = _load(TAMING, "taming/modules/vqvae/quantize.py")
    needed = [
        _stand_in("pytorch_lightning", LightningModule=nn.Module),
        _stand_in("taming.main", instantiate_from_config=lambda config: nn.Identity()),
        _stand_in("taming.modules.diffusionmodules.model", **vars(networks)),
        _stand_in("taming.modules.vqvae.quantize", **vars(quantisers)),
    ]
    return _load(TAMING, "taming/models/vqgan.py", needed)


@cache
def hugging_face() -> ModuleType:
    """transformers, of which only `CLIPModel` and `CLIPConfig` are asked for."""
    try:
        import transformers
    except ImportError as error:
        _missing(error)
    return transformers
