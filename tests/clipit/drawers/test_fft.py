import pytest
import torch

from clipit import ClipitError
from clipit.drawers import options_of
from clipit.drawers.fft import FFTDrawer
from tests.clipit.drawers.descent import losses_of


def starts(batch=2, height=18, width=25, seed=0):
    return torch.rand(batch, 3, height, width, generator=torch.Generator().manual_seed(seed))


def drawer(start, **options):
    return FFTDrawer(start, options_of("fft", options), [])


@pytest.mark.parametrize("size", [(18, 24), (17, 25), (1, 1), (1, 9), (32, 2)])
@pytest.mark.parametrize("decay", [0.0, 1.0, 1.5])
def test_it_begins_at_the_start_picture(size, decay):
    start = starts(2, *size)
    torch.testing.assert_close(drawer(start, decay=decay).image().detach(), start, atol=1e-4, rtol=0)


def test_black_and_white_are_begun_at_as_well():
    start = torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).expand(2, 3, 16, 16)
    pictures = drawer(start).image().detach()
    torch.testing.assert_close(pictures, start, atol=1e-4, rtol=0)
    assert 0 <= pictures.min() <= pictures.max() <= 1


def test_it_draws_any_size():
    assert FFTDrawer.size(801, 203, options_of("fft", {})) == (801, 203)


@pytest.mark.parametrize("target", [0.0, 0.5, 1.0])
def test_five_steps_lower_a_loss(target):
    drawn = drawer(starts())
    losses = losses_of(drawn, lambda pictures: (pictures - target).square().mean(), rate=FFTDrawer.rate)
    assert losses == sorted(losses, reverse=True)


def test_pictures_leave_black_again():
    drawn = drawer(torch.zeros(1, 3, 8, 8))
    drawn.image().sum().backward()
    assert (drawn.spectrum.grad[0, :, 0, 0] != 0).any()


def test_a_batch_draws_what_each_would_alone():
    together, alone = drawer(starts()), drawer(starts()[1:])
    for drawn in (together, alone):
        optimiser = torch.optim.Adam(drawn.groups(0.1))
        drawn.image().square().mean((1, 2, 3)).sum().backward()
        optimiser.step()
    torch.testing.assert_close(together.image()[1:], alone.image(), atol=1e-5, rtol=0)


def test_its_tensors_decide_its_pictures():
    one, other = drawer(starts(seed=1)), drawer(starts(seed=2))
    with torch.no_grad():
        for name, tensor in one.tensors.items():
            assert len(tensor) == 2
            other.tensors[name].copy_(tensor)
    assert torch.equal(one.image(), other.image())
    assert torch.equal(one.image(), one.image())


def test_a_step_moves_large_shapes_further_than_grain():
    """White noise on the spectrum is a natural picture: neighbours are alike."""
    drawn = drawer(torch.full((1, 3, 64, 64), 0.5))
    with torch.no_grad():
        drawn.spectrum.add_(0.1 * torch.randn(drawn.spectrum.shape, generator=torch.Generator().manual_seed(0)))
    picture = drawn.image().detach() - 0.5
    neighbours = (picture[..., 1:] * picture[..., :-1]).mean() / picture.square().mean()
    assert neighbours > 0.6


def test_waves_cannot_be_damped_the_wrong_way():
    with pytest.raises(ClipitError, match="decay is -1"):
        options_of("fft", {"decay": -1.0})
