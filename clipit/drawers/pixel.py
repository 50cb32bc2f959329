"""The `pixel` drawer: a grid of coloured cells, after clipit's and pixray's pixel drawers.

Every pixel looks up the colour of its cell, so edges are crisp whatever the shape of the cells.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from clipit.drawers.cells import cell_map, grid, snapped_size
from clipit.drawers.few_colours import indexed_png, palettes, snap, thresholds, toned
from clipit.drawers.options import PixelOptions

OWN = 0.2  # share of a cell in its gradient; the rest is the mean of those around it
AROUND = 0.5  # share of those around it in which of few named colours a cell shows: fewer lone dots
NAMED_PACE = 0.5  # of the rate is a cell's where colours are named: from one to the next is a leap


class PixelDrawer:
    """Draws with cells (B, 3, rows, columns) in 0..1; mono with greys, (B, 1, rows, columns).

    With a palette a cell shows the colour nearest to its own. The gradient passes straight through to it, and to the
    palette's colour where that is learnt.
    """

    Options = PixelOptions
    rate = 0.008

    @staticmethod
    def size(width: int, height: int, options: PixelOptions, model: nn.Module | None = None) -> tuple[int, int]:
        """Near to it, all cells equally large and of whole pixels."""
        return snapped_size(width, height, options)

    def __init__(
        self,
        start: Tensor,
        options: PixelOptions,
        generators: Sequence[torch.Generator],
        model: nn.Module | None = None,
    ) -> None:
        height, width = start.shape[-2:]
        columns, rows = grid(width, height, options)
        cells = cell_map(width, height, columns, rows, options.shape)
        self._map = torch.from_numpy(cells).to(start.device)
        self._members = torch.from_numpy(_members(cells, rows * columns)).to(start.device)

        seen = self._averages(start).unflatten(2, (rows, columns)).clamp(0, 1)
        self.palette = palettes(seen, options)
        self._named = options.mono or options.palette is not None
        if self._named:
            seen = toned(seen, self.palette)
        self.cells = (seen[:, :1] if options.mono else seen).clone().requires_grad_()
        if self.palette is not None:
            dither = options.dither or ("bayer" if options.mono else "none")
            self.palette.requires_grad_(not self._named)
            self.thresholds = thresholds(self.palette.detach(), rows, columns, dither, generators)
            self._around = AROUND if self._named and dither == "none" else 0.0

    @property
    def tensors(self) -> dict[str, Tensor]:
        few = {} if self.palette is None else {"palette": self.palette, "thresholds": self.thresholds}
        return {"cells": self.cells, **few}

    def groups(self, rate: float) -> list[dict[str, Any]]:
        if self._named:
            return [{"params": [self.cells], "lr": rate * NAMED_PACE}]
        return [{"params": [tensor for tensor in (self.cells, self.palette) if tensor is not None], "lr": rate}]

    def image(self) -> Tensor:
        return _Paint.apply(self._colours(), self._map, self._members)

    @torch.no_grad()
    def constrain(self) -> None:
        self.cells.clamp_(0, 1)
        if self.palette is not None:
            self.palette.clamp_(0, 1)

    def exports(self, index: int) -> dict[str, bytes]:
        """`1x.png`: one pixel for every cell, indexed."""
        picture = self._colours()[index].unflatten(1, self.cells.shape[2:])
        return {"1x.png": indexed_png(picture, None if self.palette is None else self.palette[index])}

    def _colours(self) -> Tensor:
        """(B, 3, cells)"""
        own = _Together.apply(self.cells).flatten(2).expand(-1, 3, -1)
        if self.palette is None:
            return own
        around = (_blurred(self.cells.detach()) - self.cells.detach()).flatten(2).mT
        return snap(own.mT, self.palette, self.thresholds + self._around * around).mT

    def _averages(self, pictures: Tensor) -> Tensor:
        counts = (self._members < self._map.numel()).sum(1).clamp(min=1)
        return _sums(pictures, self._members) / counts


def _members(cells: np.ndarray, count: int) -> np.ndarray:
    """The pixels of every cell, (count, most), filled up with the number of pixels: one beyond the last."""
    flat = cells.ravel()
    sizes = np.bincount(flat, minlength=count)
    order = np.argsort(flat, kind="stable")
    first = np.cumsum(sizes) - sizes
    members = np.full((count, sizes.max()), flat.size)
    members[flat[order], np.arange(flat.size) - first[flat[order]]] = order
    return members


def _sums(pictures: Tensor, members: Tensor) -> Tensor:
    """(B, C, H, W) added up in every cell, (B, C, cells), always in one order, unlike scatter_add on a GPU."""
    return F.pad(pictures.flatten(2), (0, 1))[..., members].sum(-1)


def _blurred(cells: Tensor) -> Tensor:
    """The mean of each cell and those that it touches, (B, C, rows, columns)."""
    return F.avg_pool2d(F.pad(cells, (1, 1, 1, 1), mode="replicate"), 3, 1)


class _Together(torch.autograd.Function):
    """Cells as they are; of the gradient a cell gets mostly its neighbourhood's, so that shapes move and not grains."""

    @staticmethod
    def forward(ctx, cells: Tensor) -> Tensor:
        return cells.view_as(cells)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        return _blurred(_blurred(gradient)).lerp(gradient, OWN)


class _Paint(torch.autograd.Function):
    """Colours (B, C, cells) to pictures (B, C, H, W)."""

    @staticmethod
    def forward(ctx, colours: Tensor, cells: Tensor, members: Tensor) -> Tensor:
        ctx.save_for_backward(members)
        return colours[..., cells]

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:
        return _sums(gradient, *ctx.saved_tensors), None, None
