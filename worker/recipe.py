"""What to paint, as clipit understands it: the product's words (style, quality) become settings. Pure."""

from PIL import Image

import clipit
from jobs import Job, Style

DRAWERS = {Style.IMAGE: "vqgan", Style.PAINTING: "strokes", Style.PIXEL_ART: "pixel"}


def settings_of(job: Job, start_image: Image.Image | None = None) -> clipit.Settings:
    """The settings for a job. Raises ClipitError, naming the accepted choices, when it cannot be painted."""
    order = job.order
    return clipit.Settings(
        prompts=order.prompt,
        quality=str(order.quality),
        aspect=str(order.aspect),
        drawer=DRAWERS[order.style],
        size=order.size,
        scale=order.scale,
        iterations=order.iterations,
        seed=job.seed,
        start_image=start_image,
    )
