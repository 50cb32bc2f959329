import pytest
import torch

from clipit.models.sketcher import Sketcher, SketcherConfig


@pytest.fixture
def sketcher():
    sketcher = Sketcher(SketcherConfig(("things/cat", "things/cat", "times/night"), ("places/city",), 2, 3))
    for number, buffer in enumerate((sketcher.pictures, sketcher.covers, sketcher.grounds)):
        buffer.copy_(torch.arange(buffer.numel()).view_as(buffer) + 100 * number)
    return sketcher


def test_a_layer_has_a_cover_for_each_of_its_pictures(sketcher):
    pictures, covers = sketcher.tokens("things/cat")
    assert torch.equal(pictures, sketcher.pictures[:2])
    assert torch.equal(covers, sketcher.covers[:2])


def test_a_ground_fills_the_picture(sketcher):
    pictures, covers = sketcher.tokens("places/city")
    assert torch.equal(pictures, sketcher.grounds)
    assert covers is None


def test_a_word_that_it_does_not_know_is_an_error(sketcher):
    with pytest.raises(KeyError, match="things/dog"):
        sketcher.tokens("things/dog")
