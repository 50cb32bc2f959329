"""Faults on the way between a Firestore client and its server."""

import threading
from collections.abc import Callable
from typing import Any, NoReturn, Self

import grpc
from google.cloud.firestore_v1.types import TargetChange


class Broken(grpc.RpcError):
    """A call that ended with this status, and what it raises; its words quote an address, as a server's may."""

    def __init__(self, status: grpc.StatusCode) -> None:
        self._status = status

    def code(self) -> grpc.StatusCode:
        return self._status

    def details(self) -> str:
        return "the document of visitor@example.com"

    def trailing_metadata(self) -> None:
        return None

    def result(self) -> NoReturn:
        raise self

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> NoReturn:
        raise self


class Wire(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Carries calls out and answers back, but for as many as it was told not to."""

    def __init__(self) -> None:
        self.calls: list[Any] = []  # each call's details
        self._lost = self._refused = self._refused_then = 0
        self._status = grpc.StatusCode.UNAVAILABLE
        self._between: dict[int, Callable[[], object]] = {}
        self._after: Callable[[], object] = bool

    def lose_answers(self, count: int = 1, *, then_refuse: int = 0) -> None:
        """The next commits are applied, and nobody is told; so many calls after them do not arrive."""
        self._lost, self._refused_then = count, then_refuse

    def refuse(self, status: grpc.StatusCode, count: int = 1) -> None:
        """The next calls do not arrive and end with this status."""
        self._status, self._refused = status, count

    def do_before_commit(self, number: int, what: Callable[[], object]) -> None:
        """Let this happen between the last look and the next commit, or before the second one, and so on."""
        self._between[number] = what

    def do_after_next_commit(self, what: Callable[[], object]) -> None:
        """Let this happen before its answer is heard."""
        self._after = what

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        self.calls.append(details)
        if self._is_refused():
            return Broken(self._status)
        self._between = {number - 1: what for number, what in self._between.items()}
        self._between.pop(0, lambda: None)()
        call = continuation(details, request)
        after, self._after = self._after, bool
        after()
        if self._lost:
            self._lost -= 1
            call.result()
            self._refused = self._refused_then
            return Broken(grpc.StatusCode.UNAVAILABLE)
        return call

    def intercept_unary_stream(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        self.calls.append(details)
        return Broken(self._status) if self._is_refused() else continuation(details, request)

    def _is_refused(self) -> bool:
        refused = self._refused > 0
        self._refused -= refused
        return refused


class Streams(grpc.StreamStreamClientInterceptor):
    """Gives these streams in turn for the first ones that are opened; then the server's own.

    `current` is set once one of the server's has told all that it had to tell. What is written while it is being opened
    the emulator forgets to tell of now and then (once in 400 times).
    """

    def __init__(self, *first: Any) -> None:
        self._first = list(first)
        self.opened = 0
        self.current = threading.Event()

    def intercept_stream_stream(self, continuation: Callable[..., Any], details: Any, requests: Any) -> Any:
        self.opened += 1
        return self._first.pop(0) if self._first else _Overheard(continuation(details, requests), self.current)


class _Overheard:
    def __init__(self, stream: Any, current: threading.Event) -> None:
        self._stream, self._current = stream, current

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        answer = next(self._stream)
        if answer.target_change.target_change_type == TargetChange.TargetChangeType.CURRENT:
            self._current.set()
        return answer

    def cancel(self) -> None:
        self._stream.cancel()


class Answers:
    """A stream that gives these answers and ends, with an error if one is among them."""

    def __init__(self, *answers: Any) -> None:
        self._answers = iter(answers)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def cancel(self) -> None:
        """It ends by itself."""


class Silence:
    """A stream that says nothing until it is broken off."""

    def __init__(self) -> None:
        self._broken_off = threading.Event()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> NoReturn:
        self._broken_off.wait()
        raise Broken(grpc.StatusCode.CANCELLED)

    def cancel(self) -> None:
        self._broken_off.set()
