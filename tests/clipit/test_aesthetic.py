import os

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from clipit import ClipitError
from clipit.aesthetic import AestheticHead, load_head


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def published_chain(width: int) -> nn.Sequential:
    """The layers of the improved predictor."""
    return nn.Sequential(
        nn.Linear(width, 1024), nn.Dropout(0.2), nn.Linear(1024, 128), nn.Dropout(0.2), nn.Linear(128, 64),
        nn.Dropout(0.1), nn.Linear(64, 16), nn.Linear(16, 1),
    ).eval()  # fmt: skip


@pytest.mark.parametrize("width", [512, 768])
@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_a_published_head_rates_as_its_layer_does(tmp_path, width, ending):
    layer, path = nn.Linear(width, 1), tmp_path / f"head.{ending}"
    torch.save(layer.state_dict(), path) if ending == "pth" else save_file(layer.state_dict(), path)
    head = load_head(path)
    embeddings = F.normalize(torch.randn(2, 3, width), dim=2)
    assert head.width == width
    assert torch.allclose(head.ratings(embeddings), layer(embeddings)[..., 0], atol=1e-6)


def test_layers_with_nothing_between_them_are_one(tmp_path):
    chain, path = published_chain(768), tmp_path / "head.pth"
    torch.save({f"layers.{name}": tensor for name, tensor in chain.state_dict().items()}, path)
    embeddings = F.normalize(torch.randn(5, 768), dim=1)
    assert torch.allclose(load_head(path).ratings(embeddings), chain(embeddings)[:, 0], atol=1e-6)


@pytest.mark.parametrize(
    "tensors",
    [
        {},
        {"weight": torch.zeros(1, 4)},
        {"weight": torch.zeros(2, 4), "bias": torch.zeros(2)},
        {"weight": torch.zeros(4), "bias": torch.zeros(1)},
        {"weight": torch.zeros(1, 4), "bias": torch.zeros(4)},
        {"weight": torch.full((1, 4), torch.nan), "bias": torch.zeros(1)},
        {
            f"layers.{index}.{part}": torch.zeros(1) for index in (0, 3, 6, 9, 11) for part in ("weight", "bias")
        },  # ReLUs
        {f"layers.{index}.{part}": torch.zeros(1) for index in (0, 2, 4, 6, 7) for part in ("weight", "bias")},
        {f"layers.{name}": tensor for name, tensor in published_chain(8).state_dict().items()}
        | {"layers.2.weight": torch.zeros(128, 1000)},
        {"weight": "castle", "bias": 1},
        ["weight", "bias"],
    ],
)
def test_files_without_a_head_are_refused(tmp_path, tensors):
    torch.save(tensors, tmp_path / "head.pth")
    with pytest.raises(ClipitError, match=r"^head\.pth is no aesthetic head"):
        load_head(tmp_path / "head.pth")


class Trap:
    def __reduce__(self):
        return os.mkdir, ("trapped",)


def test_nothing_that_a_file_asks_for_is_done(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"weight": Trap(), "bias": torch.zeros(1)}, tmp_path / "head.pth")
    with pytest.raises(ClipitError, match="no aesthetic head"):
        load_head(tmp_path / "head.pth")
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize("name", ["head.pth", "head.safetensors"])
def test_spoilt_files_are_refused(tmp_path, name):
    path = tmp_path / name
    layer = nn.Linear(8, 1).state_dict()
    torch.save(layer, path) if name.endswith("pth") else save_file(layer, path)
    whole = path.read_bytes()
    for spoilt in (b"", b"castle", whole[:40], whole[: len(whole) // 2], bytes(len(whole))):
        path.write_bytes(spoilt)
        with pytest.raises(ClipitError, match=f"^{name} "):
            load_head(path)


def test_five_steps_raise_the_rating_of_the_embeddings():
    head = AestheticHead(torch.randn(16), torch.tensor(3.0))
    views = torch.randn(2, 4, 16, requires_grad=True)
    adam = torch.optim.Adam([views], 0.05)
    losses = []
    for _ in range(6):
        loss = head.loss(F.normalize(views, dim=2))
        losses.append(loss.detach())
        adam.zero_grad()
        loss.sum().backward()
        adam.step()
    assert losses[0].shape == (2,)
    assert (losses[-1] < losses[0]).all()


def test_the_loss_is_pixrays():
    head = AestheticHead(torch.tensor([1.0, 0.0]), torch.tensor(4.0))
    assert torch.allclose(head.loss(torch.eye(2)[None], target=6), torch.tensor([0.02 * (1 + 4) / 2]))
