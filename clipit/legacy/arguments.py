"""Options as clipit resolves them, and the Settings that they stand for."""

import secrets
from collections.abc import Mapping
from copy import copy
from types import SimpleNamespace
from typing import Any

from clipit.drawers.options import one_of
from clipit.errors import ClipitError
from clipit.legacy.fields import EZSIZES, drawer_of, fields_of, without_effect
from clipit.legacy.options import ORIGINAL, TABLE
from clipit.palettes import parse_palette
from clipit.presets import PRESETS
from clipit.settings import Settings

# What the small models have ways of their own for: taken from clipit's defaults for its own models only.
GUIDANCE = ("init_noise", "learning_rate")


def converted(given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the kinds that the table says. Raises ValueError for unknown names, ClipitError for other kinds."""
    for name, value in given.items():
        if name not in TABLE:
            raise ValueError(f"Requested setting not found, aborting: {name}={value}")
    return {name: TABLE[name].kind.read(name, value) for name, value in given.items()}


class Arguments(SimpleNamespace):
    """All options by name, as clipit resolves them; they may be changed until `do_init`.

    Where `preset` is given, what else is not given follows from that preset; else all is as in clipit. Raises as
    `converted` does, and ClipitError for an unknown quality, aspect or ezsize.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = converted(given)
        super().__init__(**{name: copy(option.default) for name, option in TABLE.items()} | self._given)
        self._resolve()
        self._resolved = {name: copy(getattr(self, name)) for name in TABLE}

    def _resolve(self) -> None:
        qualities, aspects = PRESETS["clipit"].qualities, PRESETS["clipit"].aspects
        one_of("quality", self.quality, tuple(qualities))
        one_of("aspect", self.aspect, tuple(aspects))
        if self.ezsize is not None:
            one_of("ezsize", self.ezsize, tuple(EZSIZES))
        quality = qualities[self.quality]
        self.clip_models = self.clip_models or list(quality.clip_models)
        self.iterations = quality.iterations if self.iterations is None else self.iterations
        self.num_cuts = quality.cuts if self.num_cuts is None else self.num_cuts
        if self.ezsize is None and self.scale is None:
            self.scale = quality.scale
        if self.size is None:
            scale = EZSIZES[self.ezsize] if self.scale is None else self.scale
            self.size = [int(scale * side) for side in aspects[self.aspect]]
        self.init_noise = None if self.init_noise.lower() == "none" else self.init_noise
        self.overlay_every = self.overlay_every if (self.overlay_every or 0) > 0 else None
        if self.target_palette is not None:
            self.target_palette = [list(colour) for colour in parse_palette(self.target_palette)]

    def engine(self) -> Settings:
        """The picture. Raises ClipitError for what cannot be drawn."""
        values = self._values(self._now_given())
        idle = without_effect(values)
        return Settings(**fields_of({name: value for name, value in values.items() if name not in idle}))

    def film_format(self) -> str | None:
        """Of the film that is asked for, if one is."""
        return self.video_format or ("mp4" if self.make_video else None)

    def said(self) -> list[str]:
        """What somebody who gave these options should be told: a sentence each."""
        given = self._now_given()
        idle = without_effect(self._values(given))
        told = [idle[name] for name, value in given.items() if name in idle and value != TABLE[name].default]
        if "preset" not in given and (lacking := self._lacking(given)):
            names = ", ".join(lacking)
            told.append(
                f"drawing with the small models that ship: {names} not found on this machine;"
                f" `clipit models download {' '.join(lacking)}` brings what clipit draws with"
            )
        return told + _caveats(self.engine())

    def _now_given(self) -> dict[str, Any]:
        """The options that were given, or changed since."""
        now = {name: getattr(self, name) for name in TABLE}
        return {name: value for name, value in now.items() if name in self._given or value != self._resolved[name]}

    def _values(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """All that decides the picture."""
        return given if "preset" in given else self._as_clipit(given)

    def _as_clipit(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Clipit's defaults beside the given options, but for those of models that are not on this machine."""
        values = {option.name: getattr(self, option.name) for option in ORIGINAL} | dict(given)
        own = ["scale"]  # all that matters of it is the size
        if drawer_of(values) != "vqgan" and "learning_rate" not in given:
            own.append("learning_rate")
        if self.seed is None:
            values["seed"] = secrets.randbelow(2**32)
        lacking = self._lacking(given)
        own += lacking.values()
        if lacking:
            own += [name for name in GUIDANCE if name not in given]
            if "learning_rate" in given and drawer_of(values) == "vqgan":  # in clipit's unit
                values["drawer_options"] = {"relative_rate": False} | (given.get("drawer_options") or {})
        kept = {name: value for name, value in values.items() if name not in own}
        return kept | {"preset": "text2art" if lacking else "clipit"}

    def _lacking(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Models that no one named and that are not on this machine, each with the option that would name it."""
        wanted = {} if "clip_models" in given else dict.fromkeys(self.clip_models, "clip_models")
        if drawer_of(vars(self)) == "vqgan" and not {"vqgan_model", "vqgan_checkpoint"} & given.keys():
            wanted[self.vqgan_model] = "vqgan_model"
        return {name: option for name, option in wanted.items() if not _here(option, name)}


def _caveats(settings: Settings) -> list[str]:
    from clipit.sketching.caveat import caveat  # here, as it waits for torch

    return [sentence] if (sentence := caveat(settings)) else []


def _here(option: str, name: str) -> bool:
    from clipit.weights.checkpoints import find  # here, so that options do not wait for torch

    try:
        find({"clip_models": "clip", "vqgan_model": "vqgan"}[option], name)
    except ClipitError:
        return False
    return True
