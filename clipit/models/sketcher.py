"""Sketcher: what a VQGAN remembers of words, as tokens of its codebook: a picture for each, and how much it covers."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class SketcherConfig:
    """Names are `kind/name`, once for each picture of a word; `layers` have a cover, `grounds` fill the picture."""

    layers: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    layer_cells: int = 32  # tokens a side
    ground_cells: int = 48


class Sketcher(nn.Module):
    """Tokens (n, cells, cells), int16: `pictures` of layers on grey, their `covers` as grey, and `grounds`."""

    def __init__(self, config: SketcherConfig) -> None:
        super().__init__()
        self.config = config
        layer, ground = (config.layer_cells,) * 2, (config.ground_cells,) * 2
        shapes = {
            "pictures": (len(config.layers), *layer),
            "covers": (len(config.layers), *layer),
            "grounds": (len(config.grounds), *ground),
        }
        for name, shape in shapes.items():
            self.register_buffer(name, torch.empty(shape, dtype=torch.int16))

    def tokens(self, name: str) -> tuple[Tensor, Tensor | None]:
        """Pictures (n, cells, cells) of this name and their covers, which grounds have none of. Raises KeyError."""
        for names, pictures, covers in (
            (self.config.layers, self.pictures, self.covers),
            (self.config.grounds, self.grounds, None),
        ):
            found = [index for index, each in enumerate(names) if each == name]
            if found:
                return pictures[found], None if covers is None else covers[found]
        raise KeyError(name)
