"""What every folder of tests shares: emulators, each started once and only when asked for, and the mark `gpu`.

Tests that are marked so are skipped, and counted, where there is no GPU.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.auth_emulator import AuthEmulator
    from tests.firestore_emulator import FirestoreEmulator


@pytest.fixture(scope="session")
def storage_url() -> Iterator[str]:
    """Where Cloud Storage's stand-in answers."""
    from tests.storage_emulator import storage_emulator  # takes a second

    with storage_emulator() as url:
        yield url


@pytest.fixture(scope="session")
def emulator() -> Iterator["FirestoreEmulator"]:
    """Google's Firestore emulator."""
    from tests.firestore_emulator import firestore_emulator  # takes a second

    with firestore_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="session", name="auth_emulator")
def _auth_emulator() -> Iterator["AuthEmulator"]:
    """Firebase's Auth emulator."""
    from tests.auth_emulator import auth_emulator

    with auth_emulator() as emulator:
        yield emulator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and not _has_gpu():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no NVIDIA GPU here"))


def _has_gpu() -> bool:
    import torch  # takes seconds: only for runs that contain such a test

    return torch.cuda.is_available()
