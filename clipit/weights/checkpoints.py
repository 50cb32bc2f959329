"""Weights as safetensors: the models that ship with the package, and any file of the same form.

A file's metadata says how to build the model (`kind`, `config`) and, for a CLIP, the merges of its tokenizer and the
mean and deviation of its pictures. Values are stored in bfloat16, a sketcher's words in float8.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from clipit.errors import ClipitError
from clipit.models.clip import CLIP, CLIPConfig
from clipit.models.sketcher import Sketcher, SketcherConfig
from clipit.models.tokenizer import Tokenizer
from clipit.models.vqgan import VQGAN, VQGANConfig

Config = TypeVar("Config", VQGANConfig, CLIPConfig, SketcherConfig)

WEIGHTS = Path(__file__).with_name("weights")


def shipped(kind: str) -> list[str]:
    """Names of the models of this kind (`clip`, `vqgan` or `sketcher`) that are in the package."""
    return sorted(path.stem.removeprefix(f"{kind}-") for path in WEIGHTS.glob(f"{kind}-*.safetensors"))


def find(kind: str, name: str) -> Path:
    """The file of a shipped model, or the path itself where `name` ends in .safetensors. Raises ClipitError."""
    path = Path(name) if name.endswith(".safetensors") else WEIGHTS / f"{kind}-{name}.safetensors"
    if not path.is_file():
        accepted = ", ".join(map(repr, shipped(kind)))
        raise ClipitError(
            f"there is no {kind} model {name!r}; accepted: {accepted}, or the path of a .safetensors file"
        )
    return path


def digest(path: Path) -> str:
    """SHA-256 of the file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _save(path: Path, kind: str, model: nn.Module, eight_bits: tuple[str, ...] = (), **metadata: object) -> None:
    tensors = {
        name: tensor.detach().cpu().to(torch.float8_e4m3fn if name in eight_bits else torch.bfloat16).contiguous()
        for name, tensor in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    values = {"kind": kind, "config": asdict(model.config), **metadata}
    save_file(tensors, path, {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()})


def save_clip(
    path: Path, model: CLIP, merges: list[tuple[str, str]], mean: tuple[float, ...], deviation: tuple[float, ...]
) -> None:
    """Write a CLIP with what feeds it: `merges` of its tokenizer, `mean` and `deviation` of its pictures."""
    _save(path, "clip", model, merges=merges, mean=mean, deviation=deviation)


def save_vqgan(path: Path, model: VQGAN) -> None:
    """Write a VQGAN."""
    _save(path, "vqgan", model)


def save_sketcher(path: Path, model: Sketcher) -> None:
    """Write a sketcher; its words, two thirds of it, in eight bits, which is enough for a rough picture."""
    _save(path, "sketcher", model, eight_bits=("words.weight",))


def _read(path: Path, kind: str, *needed: str) -> tuple[dict, dict[str, torch.Tensor]]:
    try:
        with safe_open(path, "pt") as file:
            metadata = {name: json.loads(value) for name, value in (file.metadata() or {}).items()}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, json.JSONDecodeError) as error:
        raise ClipitError(f"{path.name} is not a model of ours: {error}") from error
    if metadata.get("kind") != kind:
        raise ClipitError(f"{path.name} holds a {metadata.get('kind', 'model without a kind')}, not a {kind}")
    if lacking := [name for name in needed if name not in metadata]:
        raise ClipitError(f"{path.name} does not say its {', '.join(lacking)}")
    return metadata, tensors


def _config(kind: type[Config], values: dict[str, object], path: Path) -> Config:
    try:
        return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
    except TypeError as error:
        raise ClipitError(f"{path.name} has a configuration of another kind: {error}") from error


def _fill(model: nn.Module, tensors: dict[str, torch.Tensor], path: Path) -> None:
    counters = {name: value for name, value in model.state_dict().items() if name.endswith("num_batches_tracked")}
    try:
        model.load_state_dict({**counters, **tensors})
    except RuntimeError as error:
        raise ClipitError(f"{path.name} does not fit its own configuration: {error}") from error
    model.eval().requires_grad_(False)


def load_vqgan(path: Path) -> VQGAN:
    """A VQGAN in float32, for drawing only. Raises ClipitError for a file that is none."""
    metadata, tensors = _read(path, "vqgan", "config")
    model = VQGAN(_config(VQGANConfig, metadata["config"], path))
    _fill(model, tensors, path)
    return model


def load_sketcher(path: Path) -> Sketcher:
    """A sketcher in float32, for drawing only. Raises ClipitError for a file that is none."""
    metadata, tensors = _read(path, "sketcher", "config")
    model = Sketcher(_config(SketcherConfig, metadata["config"], path))
    _fill(model, tensors, path)
    return model


def load_clip(path: Path) -> tuple[CLIP, Tokenizer, tuple[float, ...], tuple[float, ...]]:
    """A CLIP in float32, for judging only, its tokenizer, mean and deviation of its pictures. Raises ClipitError."""
    metadata, tensors = _read(path, "clip", "config", "merges", "mean", "deviation")
    model = CLIP(_config(CLIPConfig, metadata["config"], path))
    _fill(model, tensors, path)
    return model, Tokenizer(metadata["merges"]), tuple(metadata["mean"]), tuple(metadata["deviation"])
