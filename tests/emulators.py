"""What the emulators share: what tests do where one is not installed, and ports for them to listen at."""

import os
import socket
from contextlib import ExitStack
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip for `reason`, which tells how to get the emulator; fail with REQUIRE_EMULATORS=1."""
    if os.environ.get("REQUIRE_EMULATORS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A port of this machine where nobody listens."""
    [port] = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """Different ones."""
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in servers]
