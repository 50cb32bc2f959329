"""Styles of light: neon, 3d render, trending on artstation, black and white, vintage photo."""

import torch
from torch import Tensor

from clipit.sketching.styles.filtering import (
    colour,
    contrasted,
    edges,
    kuwahara,
    levelled,
    luma,
    margin,
    mixed,
    ramp,
    saturated,
    shifted,
    side,
    slopes,
    soft,
    turned,
    vignette,
)
from clipit.sketching.styles.grain import Generators, clouds, draws, noise, streaks


def neon(pictures: Tensor, generators: Generators) -> Tensor:
    """Glowing tubes along the edges, in the dark."""
    steep = edges(kuwahara(pictures, 0.012), 0.009)
    tube = ramp(steep, 0.1, 0.35)
    local = soft(pictures, 0.012)
    strength = local.amax(1, keepdim=True) - local.amin(1, keepdim=True)
    tint = (local - local.amin(1, keepdim=True)) / (strength + 1e-3)
    lamp = mixed(colour(255, 40, 200), colour(30, 220, 255), ramp(noise(pictures, generators, 4), 0.4, 0.6))
    hue = mixed(lamp, tint, ramp(strength, 0.08, 0.3))
    glow = hue * tube
    bloom = 0.9 * soft(glow, 0.015) + 1.1 * soft(glow, 0.04) + 0.9 * soft(glow, 0.1)
    core = ramp(steep, 0.3, 0.6) * 0.55
    return (colour(6, 4, 16) + glow * 0.9 + bloom + core * tube + 0.05 * local * hue).clamp(0, 1)


def render_3d(pictures: Tensor, generators: Generators) -> Tensor:
    """Shapes blown up between their edges and lit from the upper left: highlights, occlusion, a lens' vignette."""
    smooth = kuwahara(pictures, 0.018)
    steep = ramp(edges(pictures, 0.012), 0.05, 0.45)
    near = sum(weight * soft(steep, share) for share, weight in ((0.015, 0.4), (0.035, 0.4), (0.08, 0.25)))
    height = (-2.2 * near).exp() + 0.3 * soft(luma(smooth), 0.015)
    across, down = slopes(soft(height, 0.01))
    scale = 0.17 * side(pictures)
    across, down = -across * scale, -down * scale
    length = (across.square() + down.square() + 1).rsqrt()
    diffuse = (0.4 * -across + 0.6 * -down + 0.7) * length
    gloss = ((0.28 * -across + 0.42 * -down + 0.86) * length).clamp(min=0)
    occluded = 1 - 0.3 * soft(steep, 0.02).clamp(max=1)
    shadow = 1 - 0.2 * ramp(shifted(soft(steep, 0.03), 0.035, 0.025), 0.1, 0.6)
    shade = (0.5 + 0.78 * diffuse).clamp(min=0.45) * occluded * shadow
    lit = contrasted(saturated(smooth, 1.3), 1.05) * shade + 0.75 * gloss.pow(40) + 0.08 * gloss.pow(6)
    lit = lit + 0.35 * soft((lit - 0.75).clamp(min=0), 0.03)
    return (lit * (1 - 0.5 * vignette(pictures))).clamp(0, 1)


def artstation(pictures: Tensor, generators: Generators) -> Tensor:
    """Concept art: teal shadows and orange lights, shafts of light from above, bloom and dark corners."""
    paint = contrasted(saturated(kuwahara(pictures, 0.014), 1.45), 1.25, 0.5)
    grey = luma(paint)
    graded = paint + 0.16 * (1 - grey) * colour(-90, 50, 110) + 0.18 * ramp(grey, 0.35, 0.95) * colour(255, 110, -60)
    x, y = turned(pictures, 0.0)
    start = 0.15 + 0.7 * draws(generators, 1, 1, 1)
    bearing = torch.atan2(x - start, y + 0.35)
    phases = (6.3 * draws(generators, 3, 1, 1, 1)).unbind(1)
    fan = sum((bearing * rays + phase).sin() for rays, phase in zip((9, 17, 31), phases, strict=True))
    shafts = ramp(fan / 3, -0.2, 0.8) * ramp(y, 1.0, 0.0) * ramp(bearing.abs(), 0.9, 0.2)
    spot = (-((x - start * 0.6 - 0.2).square() + (y - 0.4).square()) / 0.22).exp()
    shaped = graded * (0.62 + 0.55 * spot) + 0.3 * shafts * colour(255, 214, 150)
    shaped = shaped + 0.55 * soft((shaped - 0.62).clamp(min=0), 0.04)
    sharp = shaped + 0.5 * (shaped - soft(shaped, 0.012))
    return (sharp * (1 - 0.75 * vignette(pictures, 0.5))).clamp(0, 1)


def black_and_white(pictures: Tensor, generators: Generators) -> Tensor:
    """A photograph's greys over the whole range, with a fine grain."""
    grey = levelled(luma(pictures))
    toned = mixed(grey, ramp(grey, 0, 1), 0.6) + 0.05 * (noise(pictures, generators, 128) - 0.5)
    return toned.clamp(0, 1).expand_as(pictures).clone()


def vintage_photo(pictures: Tensor, generators: Generators) -> Tensor:
    """Faded sepia with dark corners, stains, scratches and grain, in a worn white border."""
    grey = contrasted(luma(soft(pictures, 0.004)), 0.85)
    sepia = mixed(colour(62, 40, 24), colour(238, 214, 168), grey)
    faded = mixed(sepia, pictures * colour(255, 226, 176), 0.12)
    faded = faded + 0.1 * (noise(pictures, generators, 110) - 0.5) + 0.12 * (clouds(pictures, generators, 3) - 0.5)
    faded = faded * (1 - 0.55 * vignette(pictures, 0.45))
    scratch = ramp(streaks(pictures, generators, 1.55, 90, 0.8), 0.9, 0.97)
    scratch = scratch * ramp(noise(pictures, generators, 4), 0.4, 0.6)
    dust = ramp(noise(pictures, generators, 60), 0.93, 0.97)
    aged = mixed(faded, colour(248, 236, 205), 0.55 * scratch.maximum(dust))
    worn = margin(pictures) + 0.008 * (noise(pictures, generators, 40) - 0.5)
    return mixed(aged, colour(236, 224, 196), ramp(worn, 0.045, 0.038)).clamp(0, 1)
