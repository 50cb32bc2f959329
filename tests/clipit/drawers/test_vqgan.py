from types import SimpleNamespace

import pytest
import torch

from clipit import ClipitError
from clipit.drawers.options import VQGANOptions
from clipit.drawers.vqgan import VQGANDrawer, _ClampWithGradient
from tests.clipit.weights.published import F16, taming, yaml_of


@pytest.fixture
def options(tiny):
    return tiny.settings().checked_options()


@pytest.fixture
def network(models, tiny):
    return models.network(tiny.settings())


def drawer(network, options, batch=2, seed=0):
    start = torch.rand(batch, 3, 16, 24, generator=torch.Generator().manual_seed(seed))
    return VQGANDrawer(start, options, [], network)


def test_it_draws_pictures_of_the_size_of_its_start(network, options):
    drawn = drawer(network, options)
    pictures = drawn.image()
    assert (pictures.shape, pictures.dtype) == ((2, 3, 16, 24), torch.float32)
    assert 0 <= pictures.min() <= pictures.max() <= 1
    assert drawn.exports(0) == {}


def test_its_pictures_are_decoded_from_entries_of_the_codebook(network, options):
    drawn = drawer(network, options)
    codes = network.quantize.codes.float()
    latents = drawn.latents.detach().permute(0, 2, 3, 1)
    nearest = codes[(latents[..., None, :] - codes).square().sum(-1).argmin(-1)].permute(0, 3, 1, 2)
    dtype = network.decoder.conv_in.weight.dtype
    torch.testing.assert_close(drawn.image(), network.decode(nearest.to(dtype)).float().clamp(0, 1), atol=1e-2, rtol=0)


def test_all_that_decides_the_pictures_are_its_latents(network, options):
    one, other = drawer(network, options), drawer(network, options, seed=1)
    assert not torch.equal(one.image(), other.image())
    with torch.no_grad():
        for name, tensor in one.tensors.items():
            other.tensors[name].copy_(tensor)
    assert torch.equal(one.image(), other.image())


def test_pictures_of_a_batch_do_not_know_of_each_other(network, options):
    drawn = drawer(network, options)
    drawn.image()[0].sum().backward()
    assert (drawn.latents.grad[0] != 0).any() and (drawn.latents.grad[1] == 0).all()


def test_latents_stay_within_the_codebook(network, options):
    drawn = drawer(network, options)
    low, high = network.latent_range()
    assert (drawn.latents >= low).all() and (drawn.latents <= high).all()
    with torch.no_grad():
        drawn.latents.add_(100)
    drawn.constrain()
    assert torch.equal(drawn.latents, high.float().expand_as(drawn.latents))
    assert (low < high).all()


def test_a_relative_rate_counts_in_deviations_of_the_codebook(network, tiny):
    options = [
        tiny.settings(drawer_options={"relative_rate": relative}).checked_options() for relative in (True, False)
    ]
    (relative,), (absolute,) = (drawer(network, each).groups(0.2) for each in options)
    assert absolute["lr"] == 0.2
    assert relative["lr"] == pytest.approx(0.2 * network.quantize.codes.float().std().item())
    assert [parameter.shape for parameter in relative["params"]] == [drawer(network, options[0]).latents.shape]


@pytest.mark.parametrize(
    ("factor", "size", "drawn"),
    [
        (16, (150, 150), (144, 144)), (16, (64, 15), (64, 32)), (16, (1, 1), (32, 32)), (16, (800, 200), (800, 192)),
        (16, (31, 47), (32, 32)), (8, (150, 90), (144, 88)), (1, (7, 9), (7, 9)),
    ],
)  # fmt: skip
def test_sizes_are_rounded_down_to_the_factor_but_not_to_a_single_latent(options, factor, size, drawn):
    model = SimpleNamespace(config=SimpleNamespace(factor=factor))
    assert VQGANDrawer.size(*size, options, model) == drawn
    assert VQGANDrawer.size(*drawn, options, model) == drawn


def test_its_weights_are_the_file_of_the_model(tiny, options):
    assert VQGANDrawer.weights(options) == [tiny.vqgan]


def test_what_describes_a_published_model_is_among_its_weights(tmp_path):
    path, beside = tmp_path / "last.ckpt", tmp_path / "last.yaml"
    taming(path, F16)
    assert VQGANDrawer.weights(VQGANOptions(model=str(path))) == [path, beside]
    other = tmp_path / "other.yaml"
    other.write_text(beside.read_text())
    named = VQGANOptions(model=str(path), config=str(other))
    assert VQGANDrawer.weights(named) == [path, other]
    assert VQGANDrawer.load(named, torch.device("cpu"), torch.float32).config == F16
    beside.unlink()
    assert VQGANDrawer.weights(VQGANOptions(model=str(path))) == [path]


def test_a_yaml_beside_a_model_of_our_form_is_none_of_its_weights(tiny, tmp_path):
    path = tmp_path / "ours.safetensors"
    path.write_bytes(tiny.vqgan.read_bytes())
    path.with_suffix(".yaml").write_text(yaml_of(F16))
    assert VQGANDrawer.weights(VQGANOptions(model=str(path))) == [path]


@pytest.mark.parametrize("config", ["/dev/zero", "/nonexistent.yaml", "/", "a\0b", "a" * 5000])
def test_a_config_that_is_no_file_is_refused(tiny, config):
    options = VQGANOptions(model=str(tiny.vqgan), config=config)
    with pytest.raises(ClipitError, match="there is no config"):
        VQGANDrawer.weights(options)


def test_a_config_for_a_model_of_our_form_is_refused(tiny, tmp_path):
    (tmp_path / "other.yaml").write_text(yaml_of(F16))
    options = VQGANOptions(model=str(tiny.vqgan), config=str(tmp_path / "other.yaml"))
    with pytest.raises(ClipitError, match="says itself how it is built"):
        VQGANDrawer.load(options, torch.device("cpu"), torch.float32)


def test_an_unknown_model_is_answered_with_the_known_ones(tiny):
    options = tiny.settings(drawer_options={"model": "huge"}).checked_options()
    with pytest.raises(ClipitError, match="'small'"):
        VQGANDrawer.load(options, torch.device("cpu"), torch.float32)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_pictures_and_latents_are_float32_whatever_the_network_computes_in(options, dtype):
    network = VQGANDrawer.load(options, torch.device("cpu"), dtype)
    drawn = drawer(network, options, batch=1)
    drawn.image().sum().backward()
    assert {drawn.latents.dtype, drawn.latents.grad.dtype, drawn.image().dtype} == {torch.float32}
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_colours_out_of_range_may_only_come_back():
    x = torch.tensor([-1.0, -1.0, 0.5, 2.0, 2.0], requires_grad=True)
    clamped = _ClampWithGradient.apply(x)
    clamped.backward(torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0]))  # descending moves against the sign
    assert clamped.tolist() == [0, 0, 0.5, 1, 1]
    assert x.grad.tolist() == [0, -1, 1, 1, 0]


def test_latents_may_begin_on_the_codebook_as_the_originals_do(network, tiny):
    near, on = (
        drawer(network, tiny.settings(drawer_options={"from_codes": from_codes}).checked_options())
        for from_codes in (False, True)
    )
    codes = network.quantize.codes.float()
    begun = on.latents.detach().permute(0, 2, 3, 1)
    assert (begun[..., None, :] - codes).abs().amax(-1).amin(-1).max() < 1e-6
    assert not torch.equal(near.latents, on.latents)
    assert torch.equal(near.image(), on.image())
