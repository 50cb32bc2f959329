"""Some steps of an optimiser, and what they lower."""

from collections.abc import Callable

import torch
from torch import Tensor

from clipit.drawers import Drawer


def losses_of(drawer: Drawer, loss: Callable[[Tensor], Tensor], rate: float, steps: int = 6) -> list[float]:
    """The loss, a scalar, of the pictures before each step."""
    optimiser, losses = torch.optim.Adam(drawer.groups(rate)), []
    for _ in range(steps):
        lost = loss(drawer.image())
        losses.append(float(lost.detach()))
        optimiser.zero_grad()
        lost.backward()
        optimiser.step()
        drawer.constrain()
    return losses
