"""What a drawing is pulled by beside its critics: losses, palette, targets, its own start.

The loss `aesthetic` is not here: it judges what a critic sees.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from clipit.drawers import Drawer
from clipit.losses.holds import HOLDS, TARGETS
from clipit.losses.palette import palette_loss
from clipit.losses.pictures import picture_loss
from clipit.losses.terms import Term, parse_losses
from clipit.palettes import parse_palette
from clipit.settings import Settings
from clipit.starts import image_picture

Weighted = Callable[[Tensor, int], Tensor]  # pictures (B, 3, H, W) and the moves before them to losses (B,)
Make = Callable[[Tensor], Drawer]  # a drawer of these settings, begun at pictures (B, 3, H, W)


def terms_of(settings: Settings, drawer: Drawer, start: Tensor, make: Make) -> list[Weighted]:
    """The terms for a drawer that began at `start`, (B, 3, H, W), which is of the size it draws."""
    terms = [_term(term, drawer, start, make) for term in parse_losses(settings.losses) if term.name != "aesthetic"]
    if settings.palette:
        terms.append(_palette(settings, start.device))
    if settings.target_images or settings.image_labels:
        terms += _targets(settings, drawer, start, make)
    return terms


def _term(term: Term, drawer: Drawer, start: Tensor, make: Make) -> Weighted:
    if term.name == "hold":
        kind = dict(term.options).get("kind", "spherical")
        return _weighted(term, _alike(HOLDS[kind], drawer, start, None if kind == "pixel" else make))
    return _weighted(term, picture_loss(term))


def _weighted(term: Term, loss: Callable[[Tensor], Tensor]) -> Weighted:
    return lambda pictures, moves: loss(pictures) * term.weight_at(moves)


def _alike(
    distance: Callable[[Tensor, Tensor], Tensor], drawer: Drawer, goal: Tensor, make: Make | None
) -> Callable[[Tensor], Tensor]:
    """The distance from pictures `goal`, (B, 3, H, W); of the latents where the drawer has some and `make` is given."""
    if make is None or "latents" not in drawer.tensors:
        return lambda pictures: distance(pictures, goal)
    latents = make(goal).tensors["latents"].detach()
    return lambda pictures: distance(drawer.tensors["latents"], latents)


def _palette(settings: Settings, device: torch.device) -> Weighted:
    colours = torch.tensor(parse_palette(settings.palette), device=device)
    term = Term("palette", settings.palette_weight, (), settings.palette_over)
    return _weighted(term, lambda pictures: palette_loss(pictures, colours))


def _targets(settings: Settings, drawer: Drawer, start: Tensor, make: Make) -> list[Weighted]:
    def goal(images: Sequence) -> Tensor:
        height, width = start.shape[-2:]
        pictures = [image_picture(image, width, height)[0] for image in images]
        return torch.stack(pictures).mean(0, keepdim=True).to(start.device).expand_as(start)

    spherical = Term("spherical", settings.target_weight)
    pixel = Term("pixel", settings.target_pixel_weight)
    label = Term("spherical", settings.image_label_weight)
    wanted = [(term, goal([image]), make) for image in settings.target_images for term in (spherical, pixel)]
    if settings.image_labels:
        wanted.append((label, goal(settings.image_labels), make))
    return [
        _weighted(term, _alike(TARGETS[term.name], drawer, pictures, make if term.name == "spherical" else None))
        for term, pictures, make in wanted
        if term.weight
    ]
