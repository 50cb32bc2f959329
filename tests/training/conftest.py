from collections import defaultdict

import pytest
import torch
from safetensors.torch import save_file

from clipit.sketching.lexicon import lexicon


@pytest.fixture
def shown(tmp_path):
    """The folder of an album without the font: every word is a square of one colour, small and half covered."""
    side = 64
    numbers = defaultdict(lambda: torch.Generator().manual_seed(0))
    words = lexicon()
    pictures = {
        f"{kind}/{name}": torch.randint(0, 100, (2, 4, 1, 1), generator=numbers[kind]).expand(2, 4, side, side)
        for kind in ("things", "places", "times", "weathers")
        for name in getattr(words, kind)
    }
    folder = tmp_path / "album"
    folder.mkdir()
    save_file(
        {name: each.to(torch.uint8).contiguous() for name, each in pictures.items()}, folder / "album.safetensors"
    )
    return folder
