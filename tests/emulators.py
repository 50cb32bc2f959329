"""What tests do where an emulator is not installed: skip and say so, or fail where CI promises that it is."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip for `reason`, which tells how to get the emulator; fail with TEXT2ART_REQUIRE_EMULATORS=1."""
    if os.environ.get("TEXT2ART_REQUIRE_EMULATORS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
