"""From a configuration and tensors to a network, once they are known to fit."""

import re

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from clipit.errors import ClipitError
from clipit.models.clip import CLIP, CLIPConfig
from clipit.models.sketcher import Sketcher, SketcherConfig
from clipit.models.vqgan import VQGAN, VQGANConfig

Config = CLIPConfig | VQGANConfig | SketcherConfig
Shapes = dict[str, tuple[int, ...]]

CONFIGS = {"clip": CLIPConfig, "vqgan": VQGANConfig, "sketcher": SketcherConfig}
NETWORKS = {"clip": CLIP, "vqgan": VQGAN, "sketcher": Sketcher}
# Counters of training and constants that some files keep and drawing does not need.
UNNEEDED = re.compile(r"(^|\.)(num_batches_tracked|attn_mask)$")


# How the networks draw and scale their first numbers. Without numbers PyTorch does these in Python, and to begin with
# it would load its compiler, which takes longer than the weights.
FIRST_NUMBERS = {
    *(function for name, function in vars(nn.init).items() if name.endswith("_") and not name.startswith("_")),
    *(Tensor.mul, Tensor.__mul__, Tensor.__rmul__, Tensor.div, Tensor.__truediv__),
}


class _WithoutNumbers(TorchFunctionMode):
    """Leaves first numbers out."""

    def __torch_function__(self, function, types, arguments=(), keywords=None):
        keywords = keywords or {}
        if function in FIRST_NUMBERS:  # the tensor as it is
            return next(value for value in (*arguments, *keywords.values()) if isinstance(value, Tensor))
        return (torch.empty if function is torch.randn else function)(*arguments, **keywords)


def _blocks(config: Config) -> int:
    """How many blocks it asks for, at least."""
    if isinstance(config, VQGANConfig):
        return config.num_res_blocks * len(config.ch_mult)
    if isinstance(config, SketcherConfig):
        return 1
    layers = config.vision_layers
    return config.transformer_layers + (layers if isinstance(layers, int) else sum(layers))


def outline(config: Config) -> nn.Module:
    """The network of a configuration, without numbers: nothing is allocated."""
    network = next(NETWORKS[kind] for kind, its in CONFIGS.items() if isinstance(config, its))
    with torch.device("meta"), _WithoutNumbers():
        return network(config)


def build(config: Config, shapes: Shapes, name: str) -> nn.Module:
    """The network of a configuration, without numbers, that tensors of these shapes fit. Raises ClipitError."""
    try:
        if not 0 < _blocks(config) <= len(shapes):
            raise ClipitError(
                f"{name} does not fit its configuration: it has {_blocks(config)} blocks and {len(shapes)} tensors"
            )
        network = outline(config)
    except (TypeError, RuntimeError, ZeroDivisionError, OverflowError, ValueError) as error:
        if isinstance(error, ClipitError):
            raise
        raise ClipitError(f"{name} has a configuration of no network: {error}") from error
    wanted = {key: tuple(value.shape) for key, value in network.state_dict().items() if not UNNEEDED.search(key)}
    for key in sorted(wanted.keys() | shapes.keys()):
        if wanted.get(key) != shapes.get(key):
            ours, theirs = wanted.get(key, "absent"), shapes.get(key, "absent")
            raise ClipitError(f"{name} does not fit its configuration: {key[:200]!r} is {theirs}, and should be {ours}")
    return network


def fill(network: nn.Module, tensors: dict[str, Tensor]) -> nn.Module:
    """The network with its numbers, in float32, for drawing only."""
    unneeded = {key: torch.zeros(value.shape, dtype=value.dtype) for key, value in network.state_dict().items()
                if UNNEEDED.search(key)}  # fmt: skip
    numbers = {key: value.float() if value.is_floating_point() else value for key, value in tensors.items()}
    network.load_state_dict({**unneeded, **numbers}, assign=True)
    return network.eval().requires_grad_(False)
