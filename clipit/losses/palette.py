"""How far pictures are from a palette."""

from torch import Tensor


def nearest(colours: Tensor, palette: Tensor) -> Tensor:
    """Which of the palette's (..., P, 3) colours is nearest to each of (..., N, 3): indices (..., N)."""
    # |c - p|^2 less |c|^2, which is the same for every p
    return (palette.square().sum(-1).unsqueeze(-2) - 2 * colours @ palette.mT).argmin(-1)


def palette_loss(pictures: Tensor, palette: Tensor) -> Tensor:
    """How far the pictures (B, 3, H, W) are from the palette (P, 3): the mean distance in RGB to its nearest, (B,).

    The distance and not its square, as in clipit: the pull does not slacken near a colour.
    """
    pixels = pictures.flatten(2).mT  # (B, N, 3)
    return (pixels - palette[nearest(pixels.detach(), palette)]).norm(dim=-1).mean(-1)
