from pathlib import Path

import pytest
import torch
from PIL import Image

from clipit.sketching.lexicon import lexicon
from training.glyphs import FONT, SIDE, ink, layer, square

WIDEST = 136  # pixels of the font's glyphs

needs_font = pytest.mark.skipif(
    not Path(FONT).exists(), reason=f"no {FONT}: install the Debian package fonts-noto-color-emoji"
)


@needs_font
def test_every_thing_of_the_lexicon_is_a_single_glyph_that_can_be_seen():
    for name, thing in lexicon().things.items():
        for glyph in thing["glyphs"]:
            picture = ink(glyph)
            assert picture.width <= WIDEST, f"{name}: {glyph} is drawn as several"
            assert picture.getchannel("A").getextrema()[1] > 200, f"{name}: {glyph} cannot be seen"


@needs_font
@pytest.mark.parametrize("glyph", ["🐈", "🚗", "✏️", "🗼"])
def test_a_glyph_stands_low_in_its_square_and_fills_it_one_way(glyph):
    picture = square(glyph)
    assert picture.shape == (4, SIDE, SIDE)
    assert (picture[:3] <= picture[3] + 1e-6).all()
    rows, columns = (picture[3].amax(1) > 0.1).nonzero(), (picture[3].amax(0) > 0.1).nonzero()
    assert max(len(rows), len(columns)) >= SIDE - 12
    assert rows.max() >= SIDE * 0.75
    assert abs(int(columns.min() + columns.max()) - SIDE) <= 3


def test_a_layer_has_its_colours_multiplied_by_its_cover():
    (red, green, blue), cover = layer(Image.new("RGBA", (2, 2), (255, 0, 51, 102)))[:, 0, 0].split([3, 1])[0], 0.4
    assert torch.tensor([red, green, blue]).tolist() == pytest.approx([cover, 0, 0.2 * cover])
