"""How close two networks are, with weights and inputs that leave no difference hidden."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

TOLERANCE = 1e-4  # the largest difference in float32 between values of about 1


@torch.no_grad()
def randomise(model: nn.Module, seed: int = 0) -> None:
    """Every weight and statistic by chance: no norm is 1 and no bias 0, as untrained ones are; values stay small."""
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            continue
        noise = torch.randn(tensor.shape, generator=generator)
        if name.endswith("running_var"):
            noise = 0.5 + noise.abs()
        elif tensor.ndim > 1:
            noise *= tensor[0].numel() ** -0.5
        else:
            noise = 0.3 * noise + name.endswith("weight")
        tensor.copy_(noise)
    model.eval().requires_grad_(False)


def assert_same(ours: Tensor, theirs: Tensor) -> None:
    """That no value differs by more than the tolerance; values must be large enough for it to mean something."""
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype == torch.float32
    assert theirs.std() > 0.1
    difference = (ours - theirs).detach().abs().max().item()
    assert difference <= TOLERANCE, f"largest difference {difference:.2e}"


def assert_same_gradients(ours: Callable[[Tensor], Tensor], theirs: Callable[[Tensor], Tensor], given: Tensor) -> None:
    """The same of how the sum of squares changes with what is given, in deviations of theirs."""
    gradients = []
    for compute in (ours, theirs):
        x = given.detach().clone().requires_grad_()
        compute(x).square().sum().backward()
        gradients.append(x.grad)
    scale = gradients[1].std()
    assert_same(gradients[0] / scale, gradients[1] / scale)
