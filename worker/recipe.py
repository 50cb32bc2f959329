"""What to paint, as clipit understands it: the product's words (style, quality) become settings. Pure."""

import hashlib

from PIL import Image

import clipit
from jobs import Job, Style

DRAWERS = {Style.IMAGE: "vqgan", Style.PAINTING: "strokes", Style.PIXEL_ART: "pixel"}


def seed_of(job: Job) -> int:
    """The seed that was ordered, or one derived from the job's id, so that every attempt paints the same picture."""
    if job.order.seed is not None:
        return job.order.seed
    return int.from_bytes(hashlib.sha256(job.id.encode()).digest()[:4])


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
        seed=seed_of(job),
        start_image=start_image,
    )
