import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from clipit import ClipitError
from clipit.losses.holds import HOLDS, TARGETS
from clipit.losses.pictures import (
    LOSSES,
    edge,
    picture_loss,
    saturation,
    smoothness,
    symmetry,
    total_variation,
)
from clipit.losses.terms import HOLDS as HOLD_NAMES
from clipit.losses.terms import OPTIONS, SMOOTHNESS, Term, parse_losses

WRITTEN = (
    "smoothness", "smoothness:1:clipped", "smoothness:1:log", "smoothness:1:blur=1.5", "saturation", "symmetry", "edge",
    "edge:1:30/0/10/0:black:0", "total_variation",
)  # fmt: skip


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(3)


def loss_of(written):
    (term,) = parse_losses(written)
    return picture_loss(term)


def lowered(loss, pictures):
    """Losses (B,) of pictures before and after five steps of Adam."""
    moved = pictures.clone().requires_grad_()
    adam = torch.optim.Adam([moved], 0.02)
    first = loss(moved).detach()
    for _ in range(5):
        adam.zero_grad()
        loss(moved).sum().backward()
        adam.step()
    return first, loss(moved).detach()


# The grammar


def test_losses_are_names_with_weights_and_options():
    assert parse_losses("smoothness:0.5:log, symmetry ,, edge:2:10:black, saturation:0") == (
        Term("smoothness", 0.5, (("kind", "log"),)),
        Term("symmetry"),
        Term("edge", 2.0, (("thickness", (10, 10, 10, 10)), ("colour", (0, 0, 0)))),
    )


def test_options_are_written_in_order_or_by_name():
    (ordered,) = parse_losses("smoothness:log:2")
    (named,) = parse_losses("smoothness:1: blur = 2 :log")
    assert dict(ordered.options) == dict(named.options) == {"kind": "log", "blur": 2.0}


def test_margins_may_differ():
    (term,) = parse_losses("edge:1:thickness=1/2/3/4")
    assert term.options == (("thickness", (1, 2, 3, 4)),)


@pytest.mark.parametrize("text", ["", " ", ",", "edge:0"])
def test_no_losses_are_none(text):
    assert parse_losses(text) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("style", "there is no loss 'style'; accepted: 'smoothness', 'saturation'"),
        ("symmetry:1:2", "'symmetry' takes no option '2'"),
        ("symmetry:1:axis=2", "'symmetry' takes no option 'axis'"),
        ("smoothness:gaussian", "no kind of smoothness 'gaussian'; accepted: 'default', 'clipped', 'log'"),
        ("smoothness:log:kind=log", "once each"),
        ("smoothness:blur=51", "blur of smoothness is 51.0; accepted: 0 to 50"),
        ("smoothness:blur=nan", "accepted: 0 to 50"),
        ("edge:1:1/2/3", "left/right/top/bottom"),
        ("edge:1:colour=nosuch", "no colour 'nosuch'"),
        ("edge:1:over=0", "over of edge is 0.0"),
        ("hold:1:dist", "'spherical', 'cosine', 'pixel', 'distance'"),
        (":1", "there is no loss ''"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_is_accepted(text, said):
    with pytest.raises(ClipitError) as refused:
        parse_losses(text)
    assert said in str(refused.value)


@given(
    st.text() | st.lists(st.sampled_from([*OPTIONS, *":,=/", "0.5", "-1", "log", "over", "black", " "])).map("".join)
)
def test_whatever_is_written_is_read_or_refused(text):
    try:
        terms = parse_losses(text)
    except ClipitError:
        return
    assert all(term.name in OPTIONS and term.weight and math.isfinite(term.weight) for term in terms)


@given(
    st.lists(
        st.builds(
            Term,
            st.just("smoothness"),
            st.floats(-1000, 1000).filter(bool),
            st.tuples(
                st.tuples(st.just("kind"), st.sampled_from(SMOOTHNESS)),
                st.tuples(st.just("blur"), st.floats(0, 50)),
            ),
            st.none() | st.floats(1, 10_000),
        )
    )
)
def test_losses_that_were_written_out_are_read_back(terms):
    written = []
    for term in terms:
        options = [*term.options, *([("over", term.over)] if term.over else [])]
        written.append(":".join([term.name, repr(term.weight), *(f"{name}={value}" for name, value in options)]))
    assert parse_losses(", ".join(written)) == tuple(terms)


def test_an_annealed_weight_grows_with_the_steps():
    (term,) = parse_losses("smoothness:2:over=100")
    assert [term.weight_at(step) for step in (0, 25, 100, 200)] == [0, 0.5, 2, 4]
    assert parse_losses("smoothness:2")[0].weight_at(1) == 2


def test_every_named_loss_is_there():
    assert set(OPTIONS) == {*LOSSES, "hold", "aesthetic"}
    assert set(HOLD_NAMES) == set(HOLDS)


# The losses of pictures


@pytest.mark.parametrize("written", WRITTEN)
def test_a_loss_is_one_number_for_each_picture_whatever_the_others_are(written, generator):
    pictures = torch.rand(3, 3, 12, 20, generator=generator)
    losses = loss_of(written)(pictures)
    assert losses.shape == (3,)
    alone = torch.cat([loss_of(written)(picture[None]) for picture in pictures])
    assert torch.allclose(losses, alone, atol=1e-7)
    assert len(losses.unique()) == 3


@pytest.mark.parametrize("written", WRITTEN)
def test_five_steps_lower_it(written, generator):
    first, last = lowered(loss_of(written), torch.rand(2, 3, 12, 20, generator=generator))
    assert (last < first).all()


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 2), (9, 7)])
@pytest.mark.parametrize("written", WRITTEN)
def test_a_picture_of_one_colour_has_a_gradient(written, size, value):
    pictures = torch.full((2, 3, *size), value, requires_grad=True)
    losses = loss_of(written)(pictures)
    losses.sum().backward()
    assert losses.isfinite().all() and pictures.grad.isfinite().all()


def originals_smoothness(picture, kind):
    """As in clipit.py, for one picture."""
    gradients = [torch.gradient(channel) for channel in picture]
    sharpness = torch.sqrt(sum(down**2 + across**2 for down, across in gradients))
    if kind == "clipped":
        sharpness = sharpness.clamp(max=0.5)
    if kind == "log":
        sharpness = torch.log(1 + sharpness)
    return sharpness.mean()


@pytest.mark.parametrize("kind", SMOOTHNESS)
def test_smoothness_is_the_originals(kind, generator):
    picture = torch.rand(3, 9, 14, generator=generator)
    assert torch.allclose(smoothness(picture[None], kind)[0], originals_smoothness(picture, kind), atol=1e-6)


def test_a_blur_leaves_even_slopes_and_flattens_noise(generator):
    slope = torch.linspace(0, 1, 60).expand(1, 3, 40, 60)
    noise = torch.rand(1, 3, 40, 60, generator=generator)
    assert smoothness(slope, blur=1.0) == pytest.approx(smoothness(slope).item(), rel=0.05)
    assert smoothness(noise, blur=2.0) < smoothness(noise) / 5


def test_saturation_is_the_originals(generator):
    picture = torch.rand(3, 9, 14, generator=generator)
    red, green, blue = picture.flatten(1)
    (spread_1, mean_1), (spread_2, mean_2) = (torch.std_mean(x) for x in (red - green, 0.5 * (red + green) - blue))
    colourful = torch.sqrt(spread_1**2 + spread_2**2) + 0.3 * torch.sqrt(mean_1**2 + mean_2**2)
    assert torch.allclose(saturation(picture[None])[0], -colourful)
    assert torch.allclose(loss_of("saturation")(picture[None])[0], -colourful / 10)  # pixray's


def test_symmetry_and_variation_are_mean_squares():
    picture = torch.zeros(1, 3, 2, 4)
    picture[..., 0] = 1
    assert symmetry(picture).item() == 0.5
    assert total_variation(picture).item() == 0.25
    assert total_variation(picture.mT) == total_variation(picture)
    assert symmetry(picture.roll(1, 3) + picture.roll(2, 3)).item() == 0


def test_edge_is_pixrays(generator):
    picture, white = torch.rand(1, 3, 20, 40, generator=generator), torch.ones(1, 3, 20, 40)
    parts = [
        (..., slice(0, 4)),
        (..., slice(36, 40)),
        (..., slice(0, 2), slice(4, 36)),
        (..., slice(18, 20), slice(4, 36)),
    ]
    expected = 0.1 * (sum(F.mse_loss(picture[part], white[part]) for part in parts) + 0.05 * F.mse_loss(picture, white))
    assert torch.allclose(edge(picture, (10, 10, 10, 10))[0], expected)


def test_an_edge_moves_only_its_margins():
    pictures = torch.zeros(1, 3, 20, 20, requires_grad=True)
    edge(pictures, (10, 0, 0, 50), (1.0, 0.0, 0.0), overall=0).sum().backward()
    moved = pictures.grad != 0
    assert moved[0, 0, :, :2].all() and moved[0, 0, 10:].all()
    assert not moved[0, 0, :10, 2:].any() and not moved[0, 1:].any()


# Holding to a start, drawing to a goal

DISTANCES = [*HOLDS.values(), *TARGETS.values()]


@pytest.mark.parametrize("shape", [(3, 6, 5), (7,), (3, 4, 2, 2)])
@pytest.mark.parametrize("distance", DISTANCES)
def test_distances_are_one_number_for_each_tensor_whatever_the_others_are(distance, shape, generator):
    start, moved = torch.randn(2, 3, *shape, generator=generator)
    distances = distance(moved, start)
    assert distances.shape == (3,)
    alone = [distance(one[None], other[None])[0] for one, other in zip(moved, start, strict=True)]
    assert torch.allclose(distances, torch.stack(alone))
    assert torch.allclose(distance(moved, start[:1])[0], distances[0])  # one goal for all


@pytest.mark.parametrize("distance", DISTANCES)
def test_five_steps_bring_it_nearer(distance, generator):
    start, moved = torch.rand(2, 2, 3, 6, 8, generator=generator)
    first, last = lowered(lambda now: distance(now, start), moved)
    assert (last < first).all()


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("start", [0.0, 0.5])
@pytest.mark.parametrize("now", [0.0, 0.5, -0.5])
def test_what_has_not_moved_or_is_black_has_a_gradient(distance, start, now):
    moved = torch.full((2, 3, 4, 5), now, requires_grad=True)
    distances = distance(moved, torch.full((2, 3, 4, 5), start))
    distances.sum().backward()
    assert distances.isfinite().all()
    assert moved.grad.abs().max() < 1e5


@pytest.mark.parametrize("distance", DISTANCES)
def test_what_has_not_moved_costs_nothing(distance, generator):
    start = torch.rand(2, 3, 6, 8, generator=generator)
    assert distance(start, start).abs().max() < 1e-6


def test_distances_are_the_originals(generator):
    start, moved = torch.rand(2, 1, 3, 6, 8, generator=generator)
    flat, other = moved.flatten(1), start.flatten(1)
    apart = (F.normalize(flat) - F.normalize(other)).norm(dim=-1)
    expected = {
        "spherical": apart.div(2).arcsin().pow(2).mul(2)[0],
        "cosine": F.cosine_embedding_loss(flat, other, torch.ones(1)),
        "pixel": F.l1_loss(moved, start) / 2,
        "distance": F.mse_loss(moved, start) / 2,
    }
    assert {kind: HOLDS[kind](moved, start).item() for kind in HOLDS} == pytest.approx(
        {kind: value.item() for kind, value in expected.items()}, rel=1e-4
    )
    assert TARGETS["pixel"](moved, start).item() == pytest.approx(F.l1_loss(moved, start).item())
