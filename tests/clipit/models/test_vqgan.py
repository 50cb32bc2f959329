import pytest
import torch

from clipit.models.vqgan import VQGAN, AttnBlock, Codebook, GumbelCodebook, VQGANConfig
from clipit.weights.checkpoints import load_vqgan

PUBLISHED = {  # of imagenet_f16_16384's state dict
    "encoder.conv_in.weight": (128, 3, 3, 3),
    "encoder.down.0.downsample.conv.weight": (128, 128, 3, 3),
    "encoder.down.2.block.0.nin_shortcut.weight": (256, 128, 1, 1),
    "encoder.down.4.block.0.nin_shortcut.weight": (512, 256, 1, 1),
    "encoder.down.4.attn.1.proj_out.weight": (512, 512, 1, 1),
    "encoder.mid.attn_1.q.bias": (512,),
    "encoder.conv_out.weight": (256, 512, 3, 3),
    "decoder.conv_in.weight": (512, 256, 3, 3),
    "decoder.mid.block_2.norm2.weight": (512,),
    "decoder.up.4.attn.2.norm.weight": (512,),
    "decoder.up.4.upsample.conv.weight": (512, 512, 3, 3),
    "decoder.up.3.block.0.nin_shortcut.weight": (256, 512, 1, 1),
    "decoder.up.1.block.0.nin_shortcut.weight": (128, 256, 1, 1),
    "decoder.up.1.upsample.conv.weight": (128, 128, 3, 3),
    "decoder.up.0.block.2.conv2.weight": (128, 128, 3, 3),
    "decoder.norm_out.weight": (128,),
    "decoder.conv_out.weight": (3, 128, 3, 3),
    "quantize.embedding.weight": (16384, 256),
    "quant_conv.weight": (256, 256, 1, 1),
    "post_quant_conv.bias": (256,),
}
ABSENT = (
    "encoder.down.4.downsample.conv.weight",
    "encoder.down.3.attn.0.q.weight",
    "decoder.up.0.upsample.conv.weight",
    "decoder.up.2.block.0.nin_shortcut.weight",
    "decoder.up.4.block.3.conv1.weight",
)


@pytest.fixture(scope="module")
def published():
    with torch.device("meta"):
        return VQGAN(VQGANConfig())


@pytest.mark.parametrize(("name", "shape"), PUBLISHED.items())
def test_the_published_parameters_have_a_place(published, name, shape):
    assert tuple(published.state_dict()[name].shape) == shape


@pytest.mark.parametrize("name", ABSENT)
def test_there_is_no_parameter_that_was_not_published(published, name):
    assert name not in published.state_dict()


@pytest.mark.parametrize(("mults", "factor"), [((1,), 1), ((1, 2), 2), ((1, 1, 2, 2, 4), 16)])
def test_each_further_level_halves_the_latents(mults, factor):
    assert VQGANConfig(ch_mult=mults).factor == factor


@pytest.mark.parametrize("size", [(8, 8), (6, 14), (20, 4)])
def test_pictures_of_any_shape_go_through(tiny, size):
    vqgan = load_vqgan(tiny.vqgan)
    pictures = torch.rand(2, 3, *size)
    latents = vqgan.encode(pictures)
    assert latents.shape == (2, 4, size[0] // 2, size[1] // 2)
    assert vqgan.decode(vqgan.quantize(latents)).shape == pictures.shape


def test_the_nearest_entry_is_that_of_brute_force():
    codebook, latents = Codebook(50, 6), torch.randn(2, 6, 5, 3) / 50
    distances = (latents[:, None] - codebook.embedding.weight[None, :, :, None, None]).square().sum(2)
    assert torch.equal(codebook.nearest(latents), distances.argmin(1))


def test_quantised_latents_are_entries_of_the_codebook():
    codebook, latents = Codebook(16, 4), torch.randn(1, 4, 3, 3)
    torch.testing.assert_close(codebook(latents), codebook.look_up(codebook.nearest(latents)))


def test_the_gradient_passes_the_codebook_unchanged():
    latents, gradient = torch.randn(1, 4, 3, 3, requires_grad=True), torch.randn(1, 4, 3, 3)
    Codebook(16, 4)(latents).backward(gradient)
    assert torch.equal(latents.grad, gradient)


def test_a_gumbel_vqgan_encodes_to_the_entries_that_have_the_highest_logits():
    torch.manual_seed(0)
    vqgan = VQGAN(VQGANConfig(8, (1, 2), 1, (), z_channels=4, n_embed=16, embed_dim=4, groups=4, gumbel=True))
    pictures = torch.rand(2, 3, 8, 12)
    logits = vqgan.quantize.proj(vqgan.quant_conv(vqgan.encoder(pictures * 2 - 1)))  # B, N, h, w
    expected = vqgan.quantize.embed.weight[logits.argmax(1)].permute(0, 3, 1, 2)
    assert torch.equal(vqgan.encode(pictures), expected)
    torch.testing.assert_close(vqgan.quantize(vqgan.encode(pictures)), expected)


@pytest.mark.parametrize("kind", [Codebook, GumbelCodebook])
def test_the_entries_of_a_codebook_have_one_name_in_either_kind(kind):
    codebook = kind(16, 4)
    [published] = [value for name, value in codebook.named_parameters() if "embed" in name]
    assert codebook.codes is published and published.shape == (16, 4)


def test_attention_is_that_of_the_paper():
    block, x = AttnBlock(8, 4), torch.randn(2, 8, 3, 5)
    hidden = block.norm(x)
    q, k, v = (layer(hidden).flatten(2) for layer in (block.q, block.k, block.v))
    weights = (q.transpose(1, 2) @ k * 8**-0.5).softmax(2)
    torch.testing.assert_close(block(x), x + block.proj_out((v @ weights.transpose(1, 2)).view_as(x)))


def test_the_latent_range_is_that_of_the_codebook(tiny):
    vqgan = load_vqgan(tiny.vqgan)
    low, high = vqgan.latent_range()
    codes = vqgan.quantize.embedding.weight
    assert torch.equal(low.flatten(), codes.min(0).values)
    assert torch.equal(high.flatten(), codes.max(0).values)
