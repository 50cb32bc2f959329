"""A training that can be stopped and taken up: its state and its curve in files, lots that follow from the step."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import torch


class Stateful(Protocol):
    """What PyTorch's modules and optimisers are."""

    def state_dict(self) -> dict: ...

    def load_state_dict(self, state: dict) -> object: ...


def lots(seed: int, step: int) -> tuple[np.random.Generator, torch.Generator]:
    """What is random in a step depends on the seed and the step alone."""
    mixed = np.random.SeedSequence((seed, step))
    return np.random.default_rng(mixed), torch.Generator().manual_seed(int(mixed.generate_state(1)[0]))


def save(path: Path, step: int, parts: Mapping[str, Stateful]) -> None:
    """Keep where a training is; a file that was begun before does not suffer."""
    partial = path.with_suffix(".partial")
    torch.save({"step": step, **{name: part.state_dict() for name, part in parts.items()}}, partial)
    partial.replace(path)


def take_up(path: Path, parts: Mapping[str, Stateful]) -> int:
    """The step to go on with: 0, or the one after the last that was kept, whose state the parts then have."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return state["step"]


class Curve:
    """Lines of JSON, printed too: what a training measured at which step, and the seconds since it began here."""

    def __init__(self, path: Path) -> None:
        self._path, self._began = path, time.monotonic()

    def add(self, step: int, **figures: float) -> None:
        line = json.dumps({"step": step, **{name: round(value, 4) for name, value in figures.items()},
                           "seconds": round(time.monotonic() - self._began)})  # fmt: skip
        print(line, flush=True)
        with self._path.open("a", encoding="utf8") as file:
            file.write(line + "\n")
