"""Styles: a filter over a batch of pictures for each style of the lexicon."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor

from clipit.sketching.styles.drawn import blueprint, charcoal_drawing, crayon_drawing, line_art, pastel, pencil_sketch
from clipit.sketching.styles.lit import artstation, black_and_white, neon, render_3d, vintage_photo
from clipit.sketching.styles.painted import impressionism, oil_painting, watercolour
from clipit.sketching.styles.printed import cartoon_sticker, comic_book, pop_art, ukiyo_e
from clipit.sketching.styles.tiled import low_poly, mosaic, pixel_art, stained_glass

Filter = Callable[[Tensor, Sequence[torch.Generator]], Tensor]

FILTERS: dict[str, Filter] = {
    "pixel art": pixel_art,
    "pencil sketch": pencil_sketch,
    "watercolour": watercolour,
    "oil painting": oil_painting,
    "low poly": low_poly,
    "charcoal drawing": charcoal_drawing,
    "neon": neon,
    "3d render": render_3d,
    "trending on artstation": artstation,
    "black and white": black_and_white,
    "ukiyo-e": ukiyo_e,
    "stained glass": stained_glass,
    "line art": line_art,
    "pop art": pop_art,
    "mosaic": mosaic,
    "pastel": pastel,
    "vintage photo": vintage_photo,
    "comic book": comic_book,
    "blueprint": blueprint,
    "impressionism": impressionism,
    "cartoon sticker": cartoon_sticker,
    "crayon drawing": crayon_drawing,
}

# Each takes pictures (B, 3, H, W; float32, 0..1) with a CPU generator for each, and gives as many of the same size.
STYLES: Mapping[str, Filter] = MappingProxyType({name: torch.no_grad()(paint) for name, paint in FILTERS.items()})


@torch.no_grad()
def styled(pictures: Tensor, styles: Sequence[str | None], generators: Sequence[torch.Generator]) -> Tensor:
    """Each of the pictures (B, 3, H, W; 0..1) in its own style; None leaves it as it is. KeyError for other names."""
    result = pictures.clone()
    for style in sorted({style for style in styles if style is not None}):
        chosen = [at for at, name in enumerate(styles) if name == style]
        result[chosen] = STYLES[style](pictures[chosen], [generators[at] for at in chosen])
    return result
