"""Losses that hold a drawing to its start, or draw it to a goal: (B, ...) and (B or 1, ...) of like shape -> (B,).

The original compares the latents by angle, cosine and distance, the pictures by pixel; any of them does for both.
"""

from collections.abc import Callable, Mapping

from torch import Tensor

from clipit.perceptor import spherical_distance

Distance = Callable[[Tensor, Tensor], Tensor]

TINY = 1e-8  # added to squared lengths: a black picture has a gradient, and no huge one


def _unit(tensor: Tensor) -> Tensor:
    flat = tensor.flatten(1)
    return flat / (flat.square().sum(1, keepdim=True) + TINY).sqrt()


def spherical(tensor: Tensor, other: Tensor) -> Tensor:
    """Half the squared angle (clipit's `init_weight` and `target_image_weight`)."""
    return spherical_distance(_unit(tensor), _unit(other))


def cosine(tensor: Tensor, other: Tensor) -> Tensor:
    """1 less the cosine (clipit's `init_weight_cos`)."""
    return 1 - (_unit(tensor) * _unit(other)).sum(1)


def mean_absolute(tensor: Tensor, other: Tensor) -> Tensor:
    """Mean absolute difference (clipit's `target_weight_pix`, which takes the goal in -1..1 by mistake)."""
    return (tensor - other).abs().flatten(1).mean(1)


def mean_squared(tensor: Tensor, other: Tensor) -> Tensor:
    """Mean squared difference."""
    return (tensor - other).square().flatten(1).mean(1)


def _half(distance: Distance) -> Distance:
    return lambda tensor, other: distance(tensor, other) / 2


HOLDS: Mapping[str, Distance] = {
    "spherical": spherical,
    "cosine": cosine,
    "pixel": _half(mean_absolute),  # init_weight_pix
    "distance": _half(mean_squared),  # init_weight_dist, as it was meant: there it ends in a NameError
}
TARGETS: Mapping[str, Distance] = {"spherical": spherical, "pixel": mean_absolute}
