import pytest
import torch
import torch.nn.functional as F
from torch import nn

from clipit.perceptor import Perceptor, spherical_distance
from clipit.weights.checkpoints import load_clip


def perceptor(path):
    return Perceptor(path, torch.device("cpu"), torch.float32)


def test_folded_norms_see_what_unfolded_ones_see(tiny):
    folded, (unfolded, _, mean, deviation) = perceptor(tiny.resnet), load_clip(tiny.resnet)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded._model.modules())
    pictures = torch.rand(2, 3, 32, 32)
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (mean, deviation))
    expected = F.normalize(unfolded.encode_image((pictures - mean) / deviation))
    torch.testing.assert_close(folded.embed_pictures(pictures), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["vit", "resnet"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_embeddings_are_unit_vectors_in_float32(tiny, kind, dtype):
    eye = Perceptor(getattr(tiny, kind), torch.device("cpu"), dtype)
    texts = eye.embed_texts(["castle", "🏰 海底城堡", "a" * 500])
    pictures = eye.embed_pictures(torch.rand(2, 3, eye.resolution, eye.resolution))
    for embeddings in (texts, pictures):
        assert embeddings.dtype == torch.float32
        torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(len(embeddings)))


def test_it_tells_its_resolution_and_the_width_of_its_embeddings(tiny):
    eye = perceptor(tiny.resnet)
    assert (eye.resolution, eye.width) == (32, 16) == (32, eye.embed_texts(["castle"]).shape[1])


def test_only_the_pictures_learn(tiny):
    eye, pictures = perceptor(tiny.resnet), torch.rand(1, 3, 32, 32, requires_grad=True)
    eye.embed_pictures(pictures)[0, 0].backward()
    assert (pictures.grad != 0).any()
    assert not any(parameter.requires_grad for parameter in eye._model.parameters())


def test_texts_are_told_apart(tiny):
    one, other = perceptor(tiny.vit).embed_texts(["castle", "rose"])
    assert not torch.allclose(one, other)


@pytest.mark.parametrize("degrees", [0.0, 30.0, 90.0, 170.0])
def test_the_distance_is_half_the_squared_angle(degrees):
    angle = torch.tensor(degrees).deg2rad()
    a, b = torch.tensor([1.0, 0.0]), torch.stack([angle.cos(), angle.sin()])
    torch.testing.assert_close(spherical_distance(a, b), angle.square() / 2, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_gradient_is_finite_where_vectors_coincide_or_oppose(sign):
    a = torch.tensor([0.6, 0.8], requires_grad=True)
    spherical_distance(a, sign * a.detach()).backward()
    assert a.grad.isfinite().all()
