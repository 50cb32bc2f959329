"""The networks of a drawing, loaded once and used for any number of drawings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os.path import isfile
from pathlib import Path

import torch
from torch import nn

from clipit.aesthetic import AestheticHead, load_head
from clipit.drawers import drawer_class
from clipit.drawers.options import Options
from clipit.errors import ClipitError
from clipit.perceptor import Perceptor
from clipit.settings import MAX_SIDE, Settings
from clipit.sketching.memory import Memory
from clipit.weights.checkpoints import find, load_sketcher, load_vqgan, shipped
from clipit.weights.digests import digest


@dataclass(frozen=True)
class Models:
    """What judges and, where a drawer needs one, the network that draws, by the drawer's options."""

    networks: Mapping[tuple[str, Options], nn.Module]
    clip_models: tuple[str, ...]
    perceptors: tuple[Perceptor, ...]
    sketcher: Memory | None  # where the first perceptor is one that ships
    heads: Mapping[str, AestheticHead]  # of the first perceptor's pictures, by their files
    digests: Mapping[str, Mapping[str, str]]  # SHA-256 by file name, for "clip", "sketcher", "head" and each drawer
    device: torch.device

    def network(self, settings: Settings) -> nn.Module | None:
        """What the drawer of these settings draws with. Raises ClipitError where it was not loaded."""
        key = settings.drawer, settings.checked_options()
        if hasattr(drawer_class(settings.drawer), "load") and key not in self.networks:
            raise ClipitError(f"these models were not loaded for the drawer {key[0]!r} with {key[1]}")
        return self.networks.get(key)

    def weights(self, settings: Settings) -> dict[str, str]:
        """SHA-256 by name of every file that decides what these settings draw.

        Raises ClipitError where they name other models than were loaded.
        """
        if settings.clip_models != self.clip_models:
            raise ClipitError(
                f"these models were loaded for clip_models {', '.join(self.clip_models)};"
                f" the settings name {', '.join(settings.clip_models)}"
            )
        sketched = self.digests["sketcher"] if settings.start == "sketch" else {}
        rated = self.digests["head"] if settings.aesthetic_head else {}
        return {**self.digests["clip"], **self.digests.get(settings.drawer, {}), **sketched, **rated}

    def head(self, settings: Settings) -> AestheticHead | None:
        """What these settings ask how beautiful a picture is. Raises ClipitError where it was not loaded."""
        if settings.aesthetic_head is None:
            return None
        if settings.aesthetic_head not in self.heads:
            raise ClipitError(f"these models were not loaded for the aesthetic_head {settings.aesthetic_head!r}")
        return self.heads[settings.aesthetic_head]

    def size(self, settings: Settings) -> tuple[int, int]:
        """The width and height in pixels that these settings are drawn with."""
        kind = drawer_class(settings.drawer)
        size = kind.size(*settings.wanted_size(), settings.checked_options(), self.network(settings))
        if max(size) > MAX_SIDE:
            raise ClipitError(f"these options are drawn with {size[0]} x {size[1]}; accepted: up to {MAX_SIDE} pixels")
        return size


def fastest_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the device multiplies it faster than float32, else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    capable = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return torch.bfloat16 if capable.get("amx_bf16") or capable.get("avx512_bf16") else torch.float32


def load_models(settings: Settings, device: torch.device | str | None = None) -> Models:
    """Load what the settings name, onto a GPU where there is one. Raises ClipitError for unknown names."""
    settings = settings.resolved()
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    dtype = fastest_dtype(device)
    kind, options = drawer_class(settings.drawer), settings.checked_options()
    clips = [find("clip", name) for name in settings.clip_models]
    perceptors = tuple(Perceptor(path, device, dtype) for path in clips)
    digests, networks, sketcher = {"clip": _digests(clips), "sketcher": {}, "head": {}}, {}, None
    if hasattr(kind, "load"):
        networks[settings.drawer, options] = kind.load(options, device, dtype)
        digests[settings.drawer] = _digests(kind.weights(options))
    if settings.clip_models[0] in shipped("sketcher"):
        paths = [find(each, settings.clip_models[0]) for each in ("sketcher", "vqgan")]
        sketcher, digests["sketcher"] = Memory(load_sketcher(paths[0]), load_vqgan(paths[1])), _digests(paths)
    heads = {}
    if settings.aesthetic_head:
        path = Path(settings.aesthetic_head)
        heads[settings.aesthetic_head], digests["head"] = _head(path, perceptors[0]), _digests([path])
    files = {item for named in digests.values() for item in named.items()}
    if len({name for name, _ in files}) < len(files) or len(digests["clip"]) < len(set(clips)):
        raise ClipitError("two different files of weights have one name; recipes tell them by their names: rename one")
    return Models(networks, settings.clip_models, perceptors, sketcher, heads, digests, device)


def _head(path: Path, perceptor: Perceptor) -> AestheticHead:
    if not isfile(path):
        raise ClipitError(f"there is no aesthetic_head {str(path)!r}; accepted: the path of a head's file")
    head = load_head(path).to(perceptor.device)
    if head.width != perceptor.width:
        raise ClipitError(
            f"{path.name} rates embeddings of {head.width} numbers, those of the first CLIP have {perceptor.width}"
        )
    return head


def _digests(paths: Iterable[Path]) -> dict[str, str]:
    return {path.name: digest(path) for path in paths}
