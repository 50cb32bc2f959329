"""Published checkpoints of CLIP and VQGAN: what they hold, under our networks' names, and the configuration it fits.

Read are OpenAI's CLIP (TorchScript archives), OpenCLIP's (safetensors and state dicts), taming-transformers' VQModel,
GumbelVQ and Net2NetTransformer (Lightning checkpoints with a .yaml beside them). Names are checked, and shapes, before
any number is read.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from os.path import isfile  # of names that are too long as well, unlike Path.is_file
from pathlib import Path
from typing import NamedTuple

import yaml
from torch import Tensor

from clipit.errors import ClipitError
from clipit.models.clip import CLIPConfig
from clipit.models.tokenizer import VOCABULARY, load_merges
from clipit.models.vqgan import VQGANConfig
from clipit.weights.archives import open_tensors
from clipit.weights.catalogue import DEVIATION, MEAN
from clipit.weights.networks import UNNEEDED, Shapes, build

SUFFIXES = (".pt", ".pth", ".bin", ".ckpt", ".safetensors")
# What training or wrapping puts before the names; the first that fits is taken off.
PREFIXES = ("", "module.", "model.", "first_stage_model.", "module.first_stage_model.")
SIGNS = {"clip": "visual.conv1.weight", "vqgan": "decoder.conv_in.weight"}
# What the networks begin with. Discriminator, perceptual loss, transformer and optimiser are left behind.
PARTS = {
    "clip": ("visual", "transformer", "token_embedding", "positional_embedding", "ln_final", "text_projection",
             "logit_scale"),
    "vqgan": ("encoder", "decoder", "quantize", "quant_conv", "post_quant_conv"),
}  # fmt: skip
# Heads of OpenCLIP's ViTs whose width is not 64, by the width of the tower (its model_configs).
HEADS = {1280: 16, 1408: 16, 1664: 16}
TARGETS = {"VQModel": False, "GumbelVQ": True}  # taming's class: whether it is a GumbelVQ
MOST_YAML = 2**16  # characters


class Published(NamedTuple):
    """A published model under our names, in the precision it was published in."""

    kind: str
    config: CLIPConfig | VQGANConfig
    tensors: dict[str, Tensor]
    metadata: dict[str, object]  # of a CLIP: merges, mean and deviation


@dataclass(frozen=True)
class Trained:
    """How a CLIP was trained, which its file does not say. None: OpenAI's archives approximate GELU, others do not."""

    quick_gelu: bool | None = None
    mean: tuple[float, ...] = MEAN
    deviation: tuple[float, ...] = DEVIATION


UNTOLD = Trained()


def _recognised(shapes: Shapes, path: Path) -> tuple[str, dict[str, str]]:
    """Its kind, and its names by ours. Raises ClipitError."""
    for prefix in PREFIXES:
        for kind, sign in SIGNS.items():
            if prefix + sign in shapes:
                ours = {name.removeprefix(prefix): name for name in shapes if name.startswith(prefix)}
                parts = PARTS[kind]
                kept = {name for name in ours if name.split(".")[0] in parts and not UNNEEDED.search(name)}
                return kind, {name: ours[name] for name in kept}
    layout = "the layout of transformers" if any(name.startswith("text_model.") for name in shapes) else "another one"
    raise ClipitError(
        f"{path.name} holds no CLIP and no VQGAN in their authors' layout, but {layout}; accepted: OpenAI's and"
        " OpenCLIP's CLIP (ViT or ResNet), taming-transformers' VQModel, GumbelVQ and Net2NetTransformer"
    )


def _count(shapes: Mapping[str, object], pattern: str) -> int:
    """How many different numbers the names have where the pattern has its group."""
    return len({match[1] for name in shapes if (match := re.match(pattern, name))})


def clip_config(shapes: Shapes, quick_gelu: bool) -> CLIPConfig:
    """The configuration that the shapes of a CLIP's tensors show, as `build_model` of openai/CLIP reads it off them.

    Raises KeyError or IndexError where a tensor lacks.
    """
    context, width = shapes["positional_embedding"]
    embed_dim = shapes["text_projection"][1]
    if "visual.proj" in shapes:
        vision_width, _, _, patch = shapes["visual.conv1.weight"]
        side = math.isqrt(shapes["visual.positional_embedding"][0] - 1)
        hidden = shapes["visual.transformer.resblocks.0.mlp.c_fc.weight"][0]
        vision: dict[str, object] = {
            "image_resolution": side * patch,
            "vision_layers": _count(shapes, r"visual\.transformer\.resblocks\.(\d+)\."),
            "vision_width": vision_width,
            "vision_patch_size": patch,
            "vision_heads": HEADS.get(vision_width),
            "vision_mlp": None if hidden == 4 * vision_width else hidden,
        }
    else:
        vision = {
            "image_resolution": math.isqrt(shapes["visual.attnpool.positional_embedding"][0] - 1) * 32,
            "vision_layers": tuple(_count(shapes, rf"visual\.layer{stage}\.(\d+)\.") for stage in (1, 2, 3, 4)),
            "vision_width": shapes["visual.layer1.0.conv1.weight"][0],
            "vision_patch_size": None,
        }
    return CLIPConfig(
        embed_dim=embed_dim,
        context_length=context,
        vocab_size=shapes["token_embedding.weight"][0],
        transformer_width=width,
        transformer_heads=width // 64,
        transformer_layers=_count(shapes, r"transformer\.resblocks\.(\d+)\."),
        quick_gelu=quick_gelu,
        **vision,
    )


def vqgan_config(shapes: Shapes) -> VQGANConfig:
    """The configuration that the shapes of a VQGAN's tensors show; of the training size only what matters is known.

    Raises KeyError or IndexError where a tensor lacks.
    """
    ch, levels = shapes["encoder.conv_in.weight"][0], _count(shapes, r"encoder\.down\.(\d+)\.")
    widths = [shapes[f"encoder.down.{level}.block.0.conv1.weight"][0] for level in range(levels)]
    attending = {int(match[1]) for name in shapes if (match := re.match(r"encoder\.down\.(\d{1,2})\.attn\.", name))}
    gumbel = "quantize.embed.weight" in shapes
    entries, embed_dim = shapes["quantize.embed.weight" if gumbel else "quantize.embedding.weight"]
    return VQGANConfig(
        ch=ch,
        ch_mult=tuple(width // ch for width in widths),
        num_res_blocks=_count(shapes, r"encoder\.down\.0\.block\.(\d+)\."),
        attn_resolutions=tuple(VQGANConfig.resolution // 2**level for level in sorted(attending)),
        z_channels=shapes["decoder.conv_in.weight"][1],
        n_embed=entries,
        embed_dim=embed_dim,
        gumbel=gumbel,
    )


def _inner(values: object, *names: str) -> object:
    """What lies under these names, one in the other; None where a name lacks."""
    for name in names:
        values = values.get(name) if isinstance(values, dict) else None
    return values


def _natural(values: object, name: str) -> int:
    value = _inner(values, name)
    if type(value) is not int or not 1 <= value <= 2**20:
        raise ClipitError(f"its {name} is {value!r:.80}; accepted: a whole number from 1 on")
    return value


def _naturals(values: object, name: str) -> tuple[int, ...]:
    numbers = _inner(values, name)
    if not isinstance(numbers, list) or len(numbers) > 16:
        raise ClipitError(f"its {name} is no list of at most 16 numbers")
    return tuple(_natural({name: number}, name) for number in numbers)


def _described(model: object, nested: bool = False) -> VQGANConfig:
    target, params = str(_inner(model, "target")).rpartition(".")[2], _inner(model, "params")
    if target == "Net2NetTransformer" and not nested:
        return _described(_inner(params, "first_stage_config"), nested=True)
    if target not in TARGETS:
        raise ClipitError(f"it describes a {target!r:.80}; accepted: {', '.join(TARGETS)} or Net2NetTransformer")
    network = _inner(params, "ddconfig")
    for name, needed in (("double_z", False), ("in_channels", 3), ("out_ch", 3)):
        if (found := _inner(network, name)) != needed:
            raise ClipitError(f"its {name} is {found!r:.80}; accepted: {needed}")
    return VQGANConfig(
        **{name: _natural(network, name) for name in ("ch", "num_res_blocks", "resolution", "z_channels")},
        **{name: _naturals(network, name) for name in ("ch_mult", "attn_resolutions")},
        **{name: _natural(params, name) for name in ("n_embed", "embed_dim")},
        gumbel=TARGETS[target],
    )


def read_yaml(text: str) -> VQGANConfig:
    """The configuration in the .yaml beside a checkpoint of taming-transformers. Raises ClipitError."""
    try:
        return _described(_inner(yaml.safe_load(text), "model"))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, ClipitError):
            raise
        raise ClipitError("it is not YAML") from error


def yaml_beside(path: Path) -> Path | None:
    """The .yaml of the same name in the same folder."""
    return next((beside for suffix in (".yaml", ".yml") if isfile(beside := path.with_suffix(suffix))), None)


def _from_yaml(path: Path) -> VQGANConfig:
    try:
        with path.open(encoding="utf8") as file:
            return read_yaml(file.read(MOST_YAML))
    except (OSError, UnicodeDecodeError) as error:
        raise ClipitError(f"{path.name} cannot be read: {error}") from error
    except ClipitError as error:
        raise ClipitError(f"{path.name} describes no VQGAN that can be drawn with: {error}") from error


def _from_shapes(kind: str, shapes: Shapes, quick_gelu: bool, path: Path) -> CLIPConfig | VQGANConfig:
    try:
        return clip_config(shapes, quick_gelu) if kind == "clip" else vqgan_config(shapes)
    except (KeyError, IndexError, ValueError, ZeroDivisionError) as error:
        raise ClipitError(f"{path.name} is no whole {kind}: it lacks {error}, or has it in another shape") from error


def _clip_metadata(config: CLIPConfig, trained: Trained, path: Path) -> dict[str, object]:
    if config.vocab_size != VOCABULARY:
        raise ClipitError(f"{path.name} knows {config.vocab_size} tokens; accepted: the {VOCABULARY} of CLIP")
    return {"merges": load_merges(), "mean": trained.mean, "deviation": trained.deviation}


def read_published(path: Path, described: Path | None = None, trained: Trained = UNTOLD) -> Published:
    """What a published checkpoint holds; `described` is its .yaml, if not beside it. Raises ClipitError."""
    with open_tensors(path) as (found, read):
        kind, names = _recognised(found, path)
        shapes = {ours: found[theirs] for ours, theirs in names.items()}
        described = described or yaml_beside(path)
        if kind == "vqgan" and described is not None:
            config: CLIPConfig | VQGANConfig = _from_yaml(described)
        else:
            openai = any(name.endswith("input_resolution") for name in found)  # their archives keep it as a tensor
            config = _from_shapes(kind, shapes, openai if trained.quick_gelu is None else trained.quick_gelu, path)
        metadata = _clip_metadata(config, trained, path) if isinstance(config, CLIPConfig) else {}
        build(config, shapes, path.name)
        return Published(kind, config, {ours: read(theirs) for ours, theirs in names.items()}, metadata)
