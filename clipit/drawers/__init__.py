"""Drawers: what can be optimised into a picture. Named here, loaded when first drawn with; no torch until then.

`vqgan` decodes latents, `strokes` paints curves, `pixel` colours a grid, `fft` adds up waves. A drawer from outside is
an entry point in the group `clipit.drawers`: a class that is a `Drawer` and has its `Options`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from clipit.annotations import check
from clipit.drawers.options import FFTOptions, Options, PixelOptions, StrokesOptions, VQGANOptions
from clipit.errors import ClipitError

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

GROUP = "clipit.drawers"

OPTIONS: Mapping[str, type[Options]] = {
    "vqgan": VQGANOptions,
    "strokes": StrokesOptions,
    "pixel": PixelOptions,
    "fft": FFTOptions,
}
_CLASSES = {
    "vqgan": "clipit.drawers.vqgan:VQGANDrawer",
    "strokes": "clipit.drawers.strokes:StrokesDrawer",
    "pixel": "clipit.drawers.pixel:PixelDrawer",
    "fft": "clipit.drawers.fft:FFTDrawer",
}


class Drawer(Protocol):
    """Tensors that an optimiser moves, and the pictures that they stand for. B pictures at once.

    A class that is one has `Options`, a frozen dataclass that refuses what it cannot draw (ClipitError), and `rate`,
    the learning rate that suits it. Where it draws with a network, `load(options, device, dtype)` gives that, and
    `weights(options)` the paths of the files that it is read from.
    """

    Options: ClassVar[type[Options]]
    rate: ClassVar[float]

    def __init__(
        self, start: "Tensor", options: Any, generators: "Sequence[torch.Generator]", model: "nn.Module | None" = None
    ) -> None:
        """Begin at the pictures `start`, (B, 3, H, W) in 0..1 on the device to draw on; one generator per picture."""

    @staticmethod
    def size(width: int, height: int, options: Any, model: "nn.Module | None" = None) -> tuple[int, int]:
        """The width and height in pixels that it draws where these are wanted."""

    @property
    def tensors(self) -> "dict[str, Tensor]":
        """All that decides the pictures, each with a leading batch; a checkpoint copies them out and back in place."""

    def groups(self, rate: float) -> "list[dict[str, Any]]":
        """Parameter groups for an optimiser; `rate` multiplies the drawer's own step sizes."""

    def image(self) -> "Tensor":
        """The pictures (B, 3, H, W) in 0..1, float32, differentiable."""

    def constrain(self) -> None:
        """Called after every step, to bring back what has left its range."""

    def exports(self, index: int) -> dict[str, bytes]:
        """Files of one picture beside the PNG by their ending, for example {"svg": ...}; mostly none."""


def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def names() -> list[str]:
    """The drawers that are installed: ours, then those from outside."""
    return [*OPTIONS, *sorted(_plugins().keys() - OPTIONS.keys())]


def drawer_class(name: str) -> type[Drawer]:
    """The class of a drawer. Raises ClipitError, naming those that are installed, where there is none."""
    if name in _CLASSES:
        module, _, attribute = _CLASSES[name].partition(":")
        return getattr(import_module(module), attribute)
    if name in (plugins := _plugins()):
        return plugins[name].load()
    raise ClipitError(f"there is no drawer {name!r}; accepted: {', '.join(map(repr, names()))}")


def options_of(name: str, given: Mapping[str, object]) -> Options:
    """A drawer's checked options. Raises ClipitError for unknown ones, naming the accepted ones, and for bad values."""
    kind = OPTIONS.get(name) or drawer_class(name).Options
    accepted = [field.name for field in fields(kind)]
    if unknown := [option for option in given if option not in accepted]:
        raise ClipitError(
            f"the drawer {name!r} has no option {unknown[0]!r}; accepted: {', '.join(map(repr, accepted)) or 'none'}"
        )
    # JSON knows lists only.
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    check(kind, values)
    return kind(**values)
