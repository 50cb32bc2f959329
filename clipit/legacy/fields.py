"""What options become in `Settings`. Any of them may be lacking: then its field is left to its default."""

from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageOps

from clipit.drawers.options import one_of
from clipit.errors import ClipitError
from clipit.legacy.images import open_image, open_images
from clipit.legacy.options import TABLE
from clipit.palettes import Colour, listed
from clipit.presets import PRESETS
from clipit.prompts import number, parse_images
from clipit.settings import OPTIMISERS, ImagePrompt, Settings, plain

Values = Mapping[str, Any]
Fields = dict[str, Any]

DRAWERS = {"clipdraw": "strokes", "fast_pixel": "pixel"}  # pixray's names
EZSIZES = {"small": 1, "medium": 2, "large": 4}  # scales
NAMING = ("drawer", "use_clipdraw", "use_pixeldraw")  # options that name the drawer
RIVALS = (("drawer", "use_clipdraw"), ("drawer", "use_pixeldraw"), ("palette", "target_palette"))
NOT_IN_TORCH = ("DiffGrad", "AdamP")
SATURATION = 10  # our `saturation`, like pixray's, is a tenth of clipit's


def fields_of(values: Values) -> Fields:
    """The fields of Settings that these options, by their names, decide. Raises ClipitError."""
    _check(values)
    fields = {TABLE[name].field: value for name, value in values.items() if TABLE[name].field and value is not None}
    for part in (_wishes, _images, _start, _overlay, _losses, _palette, _size, _drawer):
        fields |= part(values)
    return fields


def drawer_of(values: Values) -> str:
    """The drawer's name. As in clipit, strokes win over pixels."""
    if values.get("use_clipdraw"):
        return "strokes"
    if values.get("use_pixeldraw"):
        return "pixel"
    name = str(values.get("drawer") or "vqgan")
    return DRAWERS.get(name, name)


def names_drawer(values: Values) -> bool:
    """Whether one of these options says which drawer draws."""
    return any(values.get(name) for name in NAMING)


def without_effect(values: Values) -> dict[str, str]:
    """Those options that do nothing beside the others, each with a sentence that says so. Raises ClipitError."""
    drawer, views, losses = drawer_of(values), _views_of(values), [_name(term) for term in _written(values)]
    said = {}
    for name in values:
        option = TABLE[name]
        if option.needs and not any(values.get(other) for other in option.needs):
            said[name] = f"{name} does nothing without {' or '.join(option.needs)}"
        elif option.drawer and option.drawer != drawer:
            said[name] = f"{name} does nothing with the drawer {drawer!r}"
        elif option.views and option.views != views:
            said[name] = f"{name} does nothing with the views {views!r}"
        elif option.loss and option.loss not in losses:
            said[name] = f"{name} does nothing without the loss {option.loss!r}"
    return said


def of_recipe(recipe: Values) -> dict[str, Any]:
    """What a recipe has, under the names of the options that others need: for `without_effect`."""
    same = ("drawer", "preset", "views", "palette", "spot_prompts", "spot_prompts_off", "target_images", "image_labels")
    told = {name: recipe.get(name) for name in same}
    return told | {"losses": str(recipe.get("losses") or ""), "init_image": recipe.get("start_image")}


def _views_of(values: Values) -> str:
    preset = values.get("preset") or Settings.preset
    one_of("preset", preset, tuple(PRESETS))
    return values.get("views") or PRESETS[preset].views


def _check(values: Values) -> None:
    for name, value in values.items():
        option = TABLE[name]
        if option.refused and value != option.default:
            raise ClipitError(f"{name} is refused: {option.refused}")
    for one, other in RIVALS:
        if values.get(one) and values.get(other):
            raise ClipitError(f"{one} and {other} say the same in two ways; accepted: one of them")
    if values.get("optimiser") in NOT_IN_TORCH:
        raise ClipitError(
            f"the optimiser {values['optimiser']} is refused, as PyTorch has none of that name;"
            f" accepted: {', '.join(OPTIMISERS)}"
        )


def _wishes(values: Values) -> Fields:
    texts = ("prompts", "labels", "spot_prompts", "spot_prompts_off")
    fields: Fields = {name: " | ".join(values[name]) for name in texts if values.get(name)}
    if values.get("noise_prompt_seeds"):
        weights = values.get("noise_prompt_weights") or []
        fields["noise_prompts"] = tuple(zip(values["noise_prompt_seeds"], weights, strict=False))
    if "clip_models" in values:
        fields["clip_models"] = tuple(values["clip_models"])
    return fields


def _images(values: Values) -> Fields:
    fields: Fields = {}
    if values.get("image_prompts"):
        factor = values.get("image_prompt_weight")
        fields["image_prompts"] = tuple(
            ImagePrompt(open_image(prompt.text), prompt.weight * (1.0 if factor is None else factor), prompt.stop)
            for prompt in parse_images(values["image_prompts"])
        )
    fields |= {name: open_images(values[name]) for name in ("target_images", "image_labels") if values.get(name)}
    if values.get("spot_file"):
        fields["spot_mask"] = spot_mask(open_image(values["spot_file"]))
    return fields


def spot_mask(image: Image.Image) -> Image.Image:
    """clipit's spot files are dark where the spot is, ours light."""
    return ImageOps.invert(plain(image).convert("RGB"))


def _start(values: Values) -> Fields:
    fields: Fields = {}
    if values.get("init_image"):
        fields["start_image"] = open_image(values["init_image"])
    if "init_image_alpha" in values:
        alpha = values["init_image_alpha"]
        fields["start_alpha"] = alpha if alpha > 0 else 255
    if "init_noise" in values:
        fields["start"] = (values["init_noise"] or "none").lower()
    return fields


def _overlay(values: Values) -> Fields:
    fields: Fields = {}
    if (values.get("overlay_every") or 0) > 0:
        fields["overlay_every"] = values["overlay_every"] + values.get("overlay_offset", 0)
        fields["overlay_alpha"] = values.get("overlay_alpha") or 255
        if values.get("overlay_image"):
            fields["overlay_image"] = open_image(values["overlay_image"])
    return fields


def _losses(values: Values) -> Fields:
    terms = [term for term in _written(values) if _name(term) != "palette"]
    if over := values.get("enforce_smoothness"):
        terms.append(f"smoothness:kind={values.get('enforce_smoothness_type', 'default')}:over={over}")
    if over := values.get("enforce_saturation"):
        terms.append(f"saturation:{SATURATION}:over={over}")
    holds = {"": "spherical", "_dist": "distance", "_cos": "cosine", "_pix": "pixel"}
    for ending, kind in holds.items():
        if weight := values.get(f"init_weight{ending}"):
            terms.append(f"hold:{weight}:kind={kind}")
    return {"losses": ", ".join(terms)} if terms else {}


def _written(values: Values) -> list[str]:
    """The terms of `losses` and of `custom_loss`, as they are written."""
    texts = [values.get(name) or "" for name in ("losses", "custom_loss")]
    return [term.strip() for text in texts for term in text.split(",") if term.strip()]


def _name(term: str) -> str:
    return term.partition(":")[0].strip()


def _palette(values: Values) -> Fields:
    return {name: value for name, value in _originals_palette(values).items() if values.get(name) is None}


def _originals_palette(values: Values) -> Fields:
    """clipit and pixray multiply this pull by the cuts, pixray a tenth of it."""
    cuts = values.get("num_cuts") or PRESETS["clipit"].qualities["normal"].cuts
    if values.get("target_palette"):
        over = values.get("enforce_palette_annealing", TABLE["enforce_palette_annealing"].default)
        text = palette_text(values["target_palette"])
        return {"palette": text, "palette_weight": float(cuts), "palette_over": over} if over else {}
    terms = [term for term in _written(values) if _name(term) == "palette"]
    if terms and not values.get("palette"):
        raise ClipitError("the loss 'palette' needs the colours to keep to; accepted: palette beside it")
    return {"palette_weight": sum(map(_weight, terms)) * cuts / 10} if terms else {}


def _weight(term: str) -> float:
    weight = number(term.partition(":")[2] or "1")
    if weight is None:
        raise ClipitError(f"the loss {term!r} has no such weight; accepted: for example palette:0.5")
    return weight


def palette_text(palette: str | Sequence[Colour]) -> str:
    """A palette as it is written, or the list of its colours written again."""
    return palette if isinstance(palette, str) else listed(palette)


def _size(values: Values) -> Fields:
    if values.get("size"):
        return {"size": tuple(values["size"])}
    if values.get("ezsize") and values.get("scale") is None:
        return {"scale": EZSIZES[values["ezsize"]]}
    return {}


def _drawer(values: Values) -> Fields:
    drawer = drawer_of(values)
    told: Mapping[str, object] = {
        "vqgan": {
            "model": values.get("vqgan_checkpoint") or values.get("vqgan_model"),
            "config": values.get("vqgan_config"),
        },
        "strokes": {"strokes": values.get("strokes")},
        "pixel": {
            "cells": tuple(values["pixel_size"]) if values.get("pixel_size") else None,
            "scale": values.get("pixel_scale"),
            "mono": values.get("do_mono"),
            "shape": values.get("pixel_type"),
        },
    }.get(drawer, {})
    options = {name: value for name, value in told.items() if value is not None}
    options |= values.get("drawer_options") or {}
    return ({"drawer": drawer} if names_drawer(values) else {}) | ({"drawer_options": options} if options else {})
