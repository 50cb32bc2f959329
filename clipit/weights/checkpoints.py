"""Weights as safetensors: the models that ship with the package, converted ones, and any file of the same form.

A file's metadata says how to build the model (`kind`, `config`) and, for a CLIP, the merges of its tokenizer and the
mean and deviation of its pictures; of a converted file also its `source` and the digest of its `contents`. Values of
the models that ship are stored in bfloat16, a sketcher's tokens as they are; those of published ones as published.
"""

import hashlib
import json
from dataclasses import asdict
from os.path import expanduser, isfile  # of names that are too long as well, unlike pathlib's
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from clipit.errors import ClipitError
from clipit.files.whole import whole
from clipit.models.clip import CLIP
from clipit.models.sketcher import Sketcher
from clipit.models.tokenizer import Tokenizer
from clipit.models.vqgan import VQGAN
from clipit.weights import cache
from clipit.weights.archives import open_tensors
from clipit.weights.catalogue import CATALOGUE, look_up
from clipit.weights.digests import digest
from clipit.weights.formats import SUFFIXES, Published, read_published, yaml_beside
from clipit.weights.networks import CONFIGS, Config, build, fill

WEIGHTS = Path(__file__).parent


def shipped(kind: str) -> list[str]:
    """Names of the models of this kind (`clip`, `vqgan` or `sketcher`) that are in the package."""
    return sorted(path.stem.removeprefix(f"{kind}-") for path in WEIGHTS.glob(f"{kind}-*.safetensors"))


def find(kind: str, name: str) -> Path:
    """The file of a model that ships, of a downloaded one, or of a path, ours or as published. Raises ClipitError."""
    if isfile(path := WEIGHTS / f"{kind}-{name}.safetensors"):
        return path
    if (entry := look_up(name)) and entry.kind == kind:
        return cache.brought(entry)
    if name.endswith(SUFFIXES) and isfile(path := expanduser(name)):
        return Path(path)
    accepted = ", ".join([*map(repr, shipped(kind)), *(each for each, its in CATALOGUE.items() if its.kind == kind)])
    raise ClipitError(
        f"there is no {kind} model {name[:100]!r}; accepted: {accepted}, or the path of a file ({', '.join(SUFFIXES)})"
    )


def _contents(metadata: dict[str, str], tensors: dict[str, Tensor]) -> str:
    """SHA-256 of what a file says and holds."""
    found = hashlib.sha256(json.dumps(sorted(metadata.items())).encode())
    for name, tensor in sorted(tensors.items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(tensor.contiguous().flatten().view(torch.uint8).numpy())
    return found.hexdigest()


def _save(path: Path, kind: str, config: Config, tensors: dict[str, Tensor], **metadata: object) -> None:
    values = {"kind": kind, "config": asdict(config), **metadata}
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    if "source" in metadata:
        texts["contents"] = json.dumps(_contents(texts, tensors))
    try:
        with whole(path) as partial:
            save_file(tensors, partial, texts)
    except (OSError, SafetensorError) as error:
        raise ClipitError(f"{path} cannot be written: {error}") from error


def _small(model: nn.Module) -> dict[str, Tensor]:
    """The tensors of a model that we train, in two bytes a number."""
    return {
        name: tensor.detach().cpu().to(torch.bfloat16 if tensor.is_floating_point() else tensor.dtype).contiguous()
        for name, tensor in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def save_clip(
    path: Path, model: CLIP, merges: list[tuple[str, str]], mean: tuple[float, ...], deviation: tuple[float, ...]
) -> None:
    """Write a CLIP of the small world with its tokenizer's `merges`, and `mean` and `deviation` of its pictures."""
    said = {"merges": merges, "mean": mean, "deviation": deviation}
    _save(path, "clip", model.config, _small(model), **said, small_world=True)


def save_vqgan(path: Path, model: VQGAN) -> None:
    """Write a VQGAN."""
    _save(path, "vqgan", model.config, _small(model))


def save_sketcher(path: Path, model: Sketcher) -> None:
    """Write a sketcher."""
    _save(path, "sketcher", model.config, _small(model))


def save_published(path: Path, model: Published, source: dict[str, object], half: bool = False) -> None:
    """Write a published model in our form and in its own precision, or in float16; `source` says what it was.

    Raises ClipitError.
    """
    tensors = {name: (value.half() if half else value).contiguous() for name, value in model.tensors.items()}
    _save(path, model.kind, model.config, tensors, **model.metadata, source=source)


def _metadata(path: Path) -> dict[str, str]:
    """What a .safetensors file says of itself; nothing for another file. Raises ClipitError."""
    if path.suffix != ".safetensors":
        return {}
    try:
        with safe_open(path, "pt") as file:
            return file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ClipitError(f"{path.name} is not a model of ours: {error}") from error


def _parsed(path: Path, texts: dict[str, str]) -> dict[str, object]:
    try:
        return {name: json.loads(value) for name, value in texts.items()}
    except (ValueError, RecursionError) as error:
        raise ClipitError(f"{path.name} is not a model of ours: {error}") from error


def _config(kind: str, values: object, path: Path) -> Config:
    try:
        return CONFIGS[kind](
            **{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        )
    except (TypeError, AttributeError) as error:
        raise ClipitError(f"{path.name} has a configuration of another kind: {error}") from error


def _ours(path: Path, texts: dict[str, str], kind: str) -> Published:
    """A file of our form. Raises ClipitError where it is of another kind, or does not say what it must."""
    metadata = _parsed(path, texts)
    if metadata.get("kind") != kind:
        raise ClipitError(f"{path.name} holds a {metadata.get('kind')}, not a {kind}")
    needed = ("config", "merges", "mean", "deviation") if kind == "clip" else ("config",)
    if lacking := [name for name in needed if name not in metadata]:
        raise ClipitError(f"{path.name} does not say its {', '.join(lacking)}")
    with open_tensors(path) as (shapes, read):
        tensors = {name: read(name) for name in shapes}
    return Published(kind, _config(kind, metadata["config"], path), tensors, metadata)


def _load(path: Path, kind: str, described: Path | None = None) -> Published:
    texts = _metadata(path)
    if "kind" in texts:
        if described is not None:
            raise ClipitError(f"{path.name} says itself how it is built, {described.name} would be left unread")
        return _ours(path, texts, kind)
    model = read_published(path, described)
    if model.kind != kind:
        raise ClipitError(f"{path.name} holds a {model.kind}, not a {kind}")
    return model


def _network(model: Published, path: Path) -> nn.Module:
    shapes = {name: tuple(value.shape) for name, value in model.tensors.items()}
    return fill(build(model.config, shapes, path.name), model.tensors)


def description(path: Path) -> Path | None:
    """The .yaml beside a published checkpoint, which says how it is built; a file of our form has none.

    Raises ClipitError.
    """
    return None if "kind" in _metadata(path) else yaml_beside(path)


def load_vqgan(path: Path, described: Path | None = None) -> VQGAN:
    """A VQGAN in float32, for drawing only; `described` is a published one's .yaml, if it does not lie beside it.

    Raises ClipitError for a file that is none, and for one of our form with a .yaml, as it needs none.
    """
    return _network(_load(path, "vqgan", described), path)


def load_sketcher(path: Path) -> Sketcher:
    """A sketcher. Raises ClipitError for a file that is none."""
    return _network(_load(path, "sketcher"), path)


def load_clip(path: Path) -> tuple[CLIP, Tokenizer, tuple[float, ...], tuple[float, ...]]:
    """A CLIP in float32, for judging only, its tokenizer, mean and deviation of its pictures. Raises ClipitError."""
    model = _load(path, "clip")
    said = model.metadata
    try:
        tokenizer = Tokenizer(said["merges"])
        mean, deviation = (tuple(float(value) for value in said[name]) for name in ("mean", "deviation"))
    except (TypeError, ValueError) as error:
        raise ClipitError(f"{path.name} does not say its merges, mean and deviation: {error}") from error
    return _network(model, path), tokenizer, mean, deviation


def is_small_world(path: Path) -> bool:
    """Whether a CLIP learned the words of `clipit.sketching.lexicon`, and no others. Raises ClipitError."""
    return bool(_parsed(path, {"said": _metadata(path).get("small_world", "false")})["said"])


def source_of(path: Path) -> dict[str, object]:
    """What a converted file was converted from; nothing for any other file of our form. Raises ClipitError."""
    source = _parsed(path, _metadata(path)).get("source")
    return source if isinstance(source, dict) else {}


def verify(path: Path) -> str:
    """What can be said for a file, in a few words. Raises ClipitError where it is damaged or fits no network."""
    texts = _metadata(path)
    if "kind" not in texts:
        model = read_published(path)
        return f"a {model.kind} as published, SHA-256 {digest(path)}"
    kind = str(_parsed(path, texts)["kind"])
    if kind not in CONFIGS:
        raise ClipitError(f"{path.name} holds a {kind}; accepted: {', '.join(CONFIGS)}")
    model = _ours(path, texts, kind)
    _network(model, path)
    stated = model.metadata.get("contents")
    if stated is None:
        return f"a {kind} that fits its configuration, SHA-256 {digest(path)}"
    if stated != _contents({name: text for name, text in texts.items() if name != "contents"}, model.tensors):
        raise ClipitError(f"{path.name} is damaged: it does not hold what was written into it")
    return f"a {kind}, as it was converted"
