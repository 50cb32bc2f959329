"""Stand-ins for the world around the worker: engines that draw, fail or stall, a clock, a mailbox, an order."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage

import numpy as np
import pytest
from PIL import Image

from jobs import Letter, Order
from worker.errors import CannotSend

Stream = Callable[[object], "FakeDrawing"]


@dataclass(frozen=True)
class FakeFrame:
    """A frame 64 wide and 48 high, brighter with each step."""

    step: int
    of: int
    score: float = 0.25

    def pixels(self) -> np.ndarray:
        return np.full((48, 64, 3), 255 * self.step // self.of, np.uint8)

    def picture(self) -> Image.Image:
        return Image.fromarray(self.pixels())


@dataclass
class FakeDrawing(Iterator[FakeFrame]):
    """Frames, and files of the picture that can be had once they have all passed."""

    frames: Iterator[FakeFrame]
    files: Mapping[str, bytes] = field(default_factory=dict)
    finished: bool = False

    def __next__(self) -> FakeFrame:
        frame = next(self.frames)
        self.finished = frame.step == frame.of
        return frame

    def exports(self, index: int) -> dict[str, bytes]:
        assert self.finished and index == 0
        return dict(self.files)


def draws(frames: int = 5, files: Mapping[str, bytes] | None = None) -> Stream:
    """An engine that draws this many frames, and has these files beside the picture."""
    return lambda settings: FakeDrawing((FakeFrame(step, frames) for step in range(1, frames + 1)), files or {})


def fails(error: Exception, after: int = 2) -> Stream:
    """An engine that raises in the midst of drawing."""

    def frames() -> Iterator[FakeFrame]:
        yield from (FakeFrame(step, after + 1) for step in range(1, after + 1))
        raise error

    return lambda settings: FakeDrawing(frames())


def stalls(until: threading.Event, frames: int = 5) -> Stream:
    """An engine that draws one frame and then hangs until the event."""

    def drawn() -> Iterator[FakeFrame]:
        for step in range(1, frames + 1):
            yield FakeFrame(step, frames)
            until.wait()

    return lambda settings: FakeDrawing(drawn())


@dataclass
class Clock:
    """Seconds that pass only when told to, or by `tick` with every look."""

    now: float = 1000.0
    tick: float = 0.0

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


@dataclass
class Mailbox:
    """A mailer that keeps what it gets, after refusing as often as told."""

    refusals: int = 0
    letters: list[tuple[Letter, EmailMessage]] = field(default_factory=list)

    def __call__(self, letter: Letter, message: EmailMessage) -> str:
        if self.refusals:
            self.refusals -= 1
            raise CannotSend
        self.letters.append((letter, message))
        return f"<receipt-{len(self.letters)}>"


def an_order(**changes: object) -> Order:
    return Order.model_validate({"prompt": "castle underwater", "email": "visitor@example.com", **changes})


def everything_logged(caplog: pytest.LogCaptureFixture) -> str:
    """Messages and fields alike, for tests that look for what must not be there."""
    return "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
