"""Ours against taming's `VQModel` and `GumbelVQ`, with the same random weights."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from clipit.models.vqgan import VQGAN, VQGANConfig
from tests.oracles.comparison import assert_same, assert_same_gradients, randomise
from tests.oracles.originals import taming_vqgan

# taming's norms have 32 groups, so that no width can be smaller.
VQ = VQGANConfig(32, (1, 1, 2, 2, 4), 2, (16,), resolution=64, z_channels=64, n_embed=200, embed_dim=48)
GUMBEL = VQGANConfig(
    32, (1, 1, 2, 4), 2, (32,), resolution=256, z_channels=64, n_embed=200, embed_dim=64, gumbel=True
)  # openimages_f8_gumbel's form
# 42, 21 and 10 pixels a side on the way down, 10, 20 and 40 on the way up: each attends at another level.
ODD = VQGANConfig(32, (1, 2, 2), 1, (21, 40), resolution=42, z_channels=3, n_embed=64, embed_dim=5)
CONFIGS = {"vq": VQ, "gumbel": GUMBEL, "odd": ODD}
PUBLISHED = {
    "imagenet_f16_16384": VQGANConfig(),
    "imagenet_f16_1024": VQGANConfig(n_embed=1024),
    "openimages_f8_gumbel": VQGANConfig(ch_mult=(1, 1, 2, 4), attn_resolutions=(32,), n_embed=8192, gumbel=True),
}


def original(config: VQGANConfig) -> nn.Module:
    """taming's model, built from what a published `.yaml` says under `model.params`."""
    sizes = {
        "double_z": False,
        "z_channels": config.z_channels,
        "resolution": config.resolution,
        "in_channels": 3,
        "out_ch": 3,
        "ch": config.ch,
        "ch_mult": list(config.ch_mult),
        "num_res_blocks": config.num_res_blocks,
        "attn_resolutions": list(config.attn_resolutions),
        "dropout": 0.0,
    }
    given = {"ddconfig": sizes, "lossconfig": None, "n_embed": config.n_embed, "embed_dim": config.embed_dim}
    if config.gumbel:
        return taming_vqgan().GumbelVQ(**given, temperature_scheduler_config=None, kl_weight=1e-8)
    return taming_vqgan().VQModel(**given)


def pair(config: VQGANConfig) -> tuple[VQGAN, nn.Module]:
    """Ours and theirs with the same weights, our state dict in theirs as it is."""
    ours, theirs = VQGAN(config), original(config)
    randomise(ours)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs.eval().requires_grad_(False)


@pytest.fixture(scope="module", params=CONFIGS.values(), ids=CONFIGS)
def models(request) -> tuple[VQGAN, nn.Module]:
    return pair(request.param)


def pictures(count: int = 2, width: int = 48, height: int = 32) -> Tensor:
    """In 0..1, as ours takes them; theirs takes them in -1..1."""
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(1))


def latents(model: VQGAN, count: int = 2) -> Tensor:
    return torch.randn(count, model.config.embed_dim, 4, 6, generator=torch.Generator().manual_seed(1))


def codes(theirs: nn.Module) -> Tensor:
    """The codebook, where clipit's drawer finds it."""
    quantize = theirs.quantize
    return quantize.embed.weight if hasattr(quantize, "embed") else quantize.embedding.weight


@pytest.mark.parametrize("config", PUBLISHED.values(), ids=PUBLISHED)
def test_every_published_vqgan_has_the_names_and_shapes_of_ours(config):
    with torch.device("meta"):
        ours, theirs = VQGAN(config).state_dict(), original(config).state_dict()
    assert {name: value.shape for name, value in ours.items()} == {name: value.shape for name, value in theirs.items()}


def test_what_the_encoder_says_is_what_the_original_says(models):
    ours, theirs = models
    seen = pictures()
    assert_same(ours.quant_conv(ours.encoder(seen * 2 - 1)), theirs.quant_conv(theirs.encoder(seen * 2 - 1)))


@pytest.mark.parametrize("config", [VQ, ODD], ids=["vq", "odd"])
def test_an_encoded_and_quantised_picture_is_that_of_the_original(config):
    ours, theirs = pair(config)
    assert_same(ours.quantize(ours.encode(pictures())), theirs.encode(pictures() * 2 - 1)[0])


def test_the_logits_of_a_gumbel_codebook_are_those_of_the_original():
    ours, theirs = pair(GUMBEL)
    hidden = latents(ours)
    assert_same(ours.quantize.proj(hidden), theirs.quantize(hidden, return_logits=True)[3])


def test_where_the_lot_cannot_change_the_choice_a_gumbel_picture_is_encoded_as_in_the_original():
    ours, theirs = pair(GUMBEL)
    for model in (ours, theirs):
        model.quantize.proj.weight.mul_(1e8)
        model.quantize.proj.bias.mul_(1e8)
    quantised, _, (_, _, chosen) = theirs.encode(pictures() * 2 - 1)
    assert len(chosen.unique()) > 5
    assert_same(ours.encode(pictures()), quantised)


def test_latents_are_snapped_as_clipits_drawer_does_it(models):
    ours, theirs = models
    z, book = latents(ours), codes(theirs)
    flat = z.movedim(1, 3)
    distances = flat.pow(2).sum(-1, keepdim=True) + book.pow(2).sum(1) - 2 * flat @ book.T
    expected = F.one_hot(distances.argmin(-1), len(book)).float() @ book
    assert len(expected.flatten(0, 2).unique(dim=0)) > 5
    assert_same(ours.quantize(z), expected.movedim(3, 1))


def test_latents_are_held_in_the_range_of_the_originals_codebook(models):
    ours, theirs = models
    low, high = ours.latent_range()
    assert torch.equal(low, codes(theirs).min(0).values[None, :, None, None])
    assert torch.equal(high, codes(theirs).max(0).values[None, :, None, None])


def test_decoded_latents_are_those_of_the_original(models):
    ours, theirs = models
    z = latents(ours)
    assert_same(ours.decode(z), theirs.decode(z).add(1).div(2))


def test_gradients_through_the_decoder_are_those_of_the_original(models):
    ours, theirs = models
    assert_same_gradients(ours.decode, lambda z: theirs.decode(z).add(1).div(2), latents(ours))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["imagenet_f16_16384", "openimages_f8_gumbel"])
def test_the_published_size_draws_as_the_original(name):
    ours, theirs = pair(PUBLISHED[name])
    seen, z = pictures(1, 64, 64), latents(ours, 1)
    assert_same(ours.quant_conv(ours.encoder(seen * 2 - 1)), theirs.quant_conv(theirs.encoder(seen * 2 - 1)))
    assert_same(ours.decode(z), theirs.decode(z).add(1).div(2))
