"""What every folder of tests shares: tests marked `gpu` are skipped, and counted, where there is no GPU."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and not _has_gpu():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no NVIDIA GPU here"))


def _has_gpu() -> bool:
    import torch  # takes seconds: only for runs that contain such a test

    return torch.cuda.is_available()
