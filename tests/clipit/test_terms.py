"""Each term pulls, through a whole drawing; what the losses are is shown in test_losses."""

from dataclasses import replace

import pytest
import torch
from PIL import Image

from clipit import stream
from clipit.aesthetic import AestheticHead
from clipit.losses.holds import HOLDS, spherical
from clipit.losses.palette import palette_loss
from clipit.losses.pictures import edge, saturation, smoothness, symmetry, total_variation
from clipit.palettes import parse_palette
from clipit.starts import image_picture

SIZE = (24, 16)
SLOPE = Image.linear_gradient("L").resize(SIZE).convert("RGB")
BLUE = Image.new("RGB", SIZE, "blue")


def drawn(tiny, models, drawer="fft", steps=8, **changes):
    """Frames of a drawing that cares for little but its terms."""
    settings = tiny.settings("castle:0.001", drawer=drawer, iterations=steps, **{"learning_rate": 0.1} | changes)
    return list(stream(settings, models))


def pixels(image):
    return image_picture(image, *SIZE)[0][None]


@pytest.mark.parametrize("drawer", ["fft", "pixel"])
@pytest.mark.parametrize(
    ("losses", "measured"),
    [
        ("smoothness:5", smoothness),
        ("smoothness:5:clipped", lambda pictures: smoothness(pictures, "clipped")),
        ("smoothness:5:log:blur=1", lambda pictures: smoothness(pictures, "log", 1.0)),
        ("saturation:9", saturation),
        ("symmetry:9", symmetry),
        ("edge:9:colour=black", lambda pictures: edge(pictures, colour=(0, 0, 0))),
        ("total_variation:9", total_variation),
    ],
)
def test_a_loss_is_lowered_by_a_few_steps(tiny, models, drawer, losses, measured):
    changes = {"drawer_options": {"colours": None}} if drawer == "pixel" else {}
    first, *_, last = drawn(tiny, models, drawer, losses=losses, start="snow", **changes)
    assert measured(last.images).item() < measured(first.images).item() - 1e-4


def test_a_loss_reaches_the_latents_through_the_decoder(tiny, models):
    first, *_, last = drawn(tiny, models, "vqgan", losses="total_variation:9", start="snow")
    assert total_variation(last.images).item() < total_variation(first.images).item() - 1e-3


def test_a_negative_weight_raises_a_loss(tiny, models):
    first, *_, last = drawn(tiny, models, losses="smoothness:-5", start="noise")
    assert smoothness(last.images).item() > smoothness(first.images).item() + 1e-4


def test_several_losses_pull_together(tiny, models):
    first, *_, last = drawn(tiny, models, losses="symmetry:5, saturation:20", start="snow")
    assert symmetry(last.images) < symmetry(first.images) and saturation(last.images) < saturation(first.images)


def test_a_palette_pulls_towards_its_colours(tiny, models):
    colours = torch.tensor(parse_palette("[black, white]"))
    first, *_, last = drawn(tiny, models, palette="[black, white]", palette_weight=5.0, start="noise")
    assert palette_loss(last.images, colours) < palette_loss(first.images, colours) - 0.02


def test_a_palette_pulls_the_more_the_longer_where_its_weight_grows(tiny, models):
    colours, settings = torch.tensor(parse_palette("[black, white]")), {"palette": "[black, white]", "start": "noise"}

    def pulls(palette_over):
        drawing = stream(tiny.settings(drawer="fft", iterations=5, palette_over=palette_over, **settings), models)
        pictures = torch.rand(1, 3, 16, 24)
        (term,) = drawing._terms
        return [(term(pictures, step) / palette_loss(pictures, colours)).item() for step in range(5)]

    assert pulls(4) == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert pulls(None) == pytest.approx([1] * 5)


def test_terms_grow_with_the_steps_from_none(tiny, models):
    (term,) = stream(tiny.settings(losses="symmetry:2:over=4"), models)._terms
    pictures = torch.rand(1, 3, 16, 24)
    grown = [(term(pictures, step) / symmetry(pictures)).item() for step in (0, 1, 4)]
    assert grown == pytest.approx([0, 0.5, 2])


@pytest.mark.parametrize(
    ("drawer", "kind"),
    [*(("fft", kind) for kind in HOLDS), *(("vqgan", kind) for kind in HOLDS if kind != "pixel")],
)
def test_holding_keeps_a_drawing_near_its_start(tiny, models, drawer, kind):
    """Towards blue, held or not. What is held is the latents where there are some."""
    away = {"target_images": (BLUE,), "target_weight": 1.0, "start_image": SLOPE, "learning_rate": 0.1}

    def moved(losses):
        settings = tiny.settings("castle:0.001", drawer=drawer, iterations=8, losses=losses, **away)
        drawing = stream(settings, models)

        def held():
            return (drawing._drawer.image() if drawer == "fft" else drawing._drawer.latents).detach().clone()

        start = held()
        list(drawing)
        return HOLDS[kind](held(), start).item()

    assert moved(f"hold:100:{kind}") < 0.7 * moved("")


def test_latents_are_held_where_there_are_some(tiny, models):
    drawing = stream(tiny.settings(losses="hold:spherical", start_image=SLOPE), models)
    (term,) = drawing._terms
    latents = drawing._drawer.tensors["latents"]
    anything = torch.rand(1, 3, 16, 24)
    assert term(anything, 1).item() < 1e-6  # pictures do not matter
    with torch.no_grad():
        latents.neg_()
    start = drawing._made_from(drawing._start).tensors["latents"].detach()
    torch.testing.assert_close(term(anything, 1), spherical(latents, start))


def test_pixels_are_held_where_that_is_said_or_there_are_no_latents(tiny, models):
    for settings in (tiny.settings(losses="hold:pixel"), tiny.settings(losses="hold", drawer="fft")):
        drawing = stream(settings, models)
        (term,) = drawing._terms
        start = drawing._start
        assert term(start, 1).item() < 1e-6 < term(1 - start, 1).item()


@pytest.mark.parametrize(
    ("drawer", "wish"),
    [
        ("fft", {"target_images": (BLUE,), "target_weight": 5.0}),
        ("fft", {"target_images": (BLUE,), "target_weight": 0.0, "target_pixel_weight": 5.0}),
        ("fft", {"image_labels": (BLUE,), "image_label_weight": 5.0}),
        ("vqgan", {"target_images": (BLUE,), "target_weight": 5.0}),
        ("vqgan", {"image_labels": (BLUE,), "image_label_weight": 5.0}),
    ],
)
def test_targets_draw_the_picture_to_them(tiny, models, drawer, wish):
    settings = tiny.settings("castle:0.001", drawer=drawer, iterations=15, start="snow", learning_rate=0.1, **wish)
    drawing = stream(settings, models)
    (term,) = drawing._terms
    distances = [term(drawing._drawer.image(), 1).item() for _ in drawing]
    assert distances[-1] < 0.96 * distances[0]


def test_each_target_pulls_and_image_labels_pull_to_their_mean(tiny, models):
    red = Image.new("RGB", SIZE, "red")
    base = {"drawer": "fft", "target_weight": 2.0, "target_pixel_weight": 3.0, "image_label_weight": 4.0}
    terms = stream(tiny.settings(**base, target_images=(red, BLUE), image_labels=(red, BLUE)), models)._terms
    pictures, (one, other) = torch.rand(1, 3, 16, 24), (pixels(red), pixels(BLUE))
    expected = 4 * spherical(pictures, (one + other) / 2)
    for goal in (one, other):
        expected = expected + 2 * spherical(pictures, goal) + 3 * (pictures - goal).abs().mean()
    assert len(terms) == 5
    torch.testing.assert_close(sum(term(pictures, 1) for term in terms), expected)


def test_terms_that_weigh_nothing_are_not_asked(tiny, models):
    settings = tiny.settings(target_images=(BLUE,), target_weight=0.0, losses="symmetry:0")
    assert stream(settings, models)._terms == []


def test_targets_cover_every_picture_of_a_batch(tiny, models):
    batch = [tiny.settings(seed=seed, drawer="fft", target_images=(BLUE,), losses="hold") for seed in (1, 2)]
    for term in stream(batch, models)._terms:
        assert term(torch.rand(2, 3, 16, 24), 2).shape == (2,)


@pytest.mark.parametrize("drawer", ["fft", "pixel"])
def test_terms_go_on_pulling_when_the_drawing_grows(tiny, models, drawer):
    away = {"target_images": (BLUE,), "image_labels": (SLOPE,), "losses": "hold:0.1, edge, symmetry", "palette": "red"}
    options = {"drawer_options": {"cells": (12, 8)}} if drawer == "pixel" else {}
    settings = {"progressive": 0.5, "start": "snow", "size": (48, 32), "target_pixel_weight": 9.0}
    frames = drawn(tiny, models, drawer, steps=16, **away, **settings, **options)
    blue = image_picture(BLUE, 48, 32)[0]
    distances = [(frame.images - blue).abs().mean().item() for frame in frames]
    grown = distances[8:]
    assert distances[7] < distances[0] and max(grown) < distances[0]
    assert min(grown) < max(grown[0], 0.001)  # cells of few colours are there at once


def test_beauty_is_no_term_of_the_pictures_but_pulls_through_the_critic(tiny, models):
    width = models.perceptors[0].width
    head = AestheticHead(torch.linspace(-20, 20, width), torch.tensor(5.0))
    with_head = replace(models, heads={"head.pth": head}, digests={**models.digests, "head": {"head.pth": "0"}})
    settings = tiny.settings(
        "castle:0.001", drawer="fft", losses="aesthetic:50", aesthetic_head="head.pth", iterations=20, cuts=8
    )
    drawing = stream(settings, with_head)
    assert drawing._terms == []
    assert drawing.weights["head.pth"] == "0"
    eye = models.perceptors[0]
    rated = []
    for frame in drawing:
        small = torch.nn.functional.interpolate(frame.images, (eye.resolution, eye.resolution), mode="area")
        rated.append(head.ratings(eye.embed_pictures(small)).item())
    assert sum(rated[-5:]) > sum(rated[:5])
