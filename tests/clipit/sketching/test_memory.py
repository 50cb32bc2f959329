import random

import pytest
import torch

from clipit.models.sketcher import Sketcher, SketcherConfig
from clipit.models.vqgan import VQGAN, VQGANConfig
from clipit.sketching.memory import GREY, Memory, sharpened


class Codebook(torch.nn.Module):
    """A VQGAN of two codes, black and white, each the size of a pixel."""

    def __init__(self, vqgan):
        super().__init__()
        self.quantize, self.decoder = vqgan.quantize, vqgan.decoder

    def decode(self, codes):
        return codes[:, :1].expand(-1, 3, -1, -1)


@pytest.fixture
def memory():
    config = VQGANConfig(ch=8, ch_mult=(1,), num_res_blocks=1, z_channels=8, n_embed=2, embed_dim=1, groups=8)
    vqgan = VQGAN(config).requires_grad_(False)
    vqgan.quantize.codes.copy_(torch.tensor([[0.0], [1.0]]))
    sketcher = Sketcher(SketcherConfig(("things/pearl",), ("places/snow",), 2, 3))
    sketcher.pictures.copy_(torch.tensor([[[1, 1], [0, 0]]]))
    sketcher.covers.copy_(torch.tensor([[[1, 0], [1, 0]]]))
    sketcher.grounds.fill_(1)
    return Memory(sketcher, Codebook(vqgan))


def test_a_thing_is_shown_with_its_cover_and_nothing_beside_it(memory):
    layer = memory.show("things", "pearl", random.Random(0))
    assert layer.shape == (4, 2, 2)
    assert layer[3].tolist() == [[1, 0], [1, 0]]
    assert layer[0].tolist() == [[1, 0], [0, 0]]  # white, nothing, black, nothing: never more than the cover


def test_a_place_covers_everything(memory):
    layer = memory.show("places", "snow", random.Random(0))
    assert layer.shape == (4, 3, 3)
    assert (layer == 1).all()


def test_what_is_not_remembered_is_an_error(memory):
    with pytest.raises(KeyError, match="things/giraffe"):
        memory.show("things", "giraffe", random.Random(0))


def test_the_haze_of_a_cover_goes_and_its_middle_stays():
    assert sharpened(torch.tensor([0.0, 0.03, GREY, 0.97, 1.0])).tolist() == [0, 0, 0.5, 1, 1]
