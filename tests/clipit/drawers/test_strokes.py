import io
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image

from clipit.drawers import drawer_class, options_of
from clipit.drawers.strokes import StrokesDrawer, StrokesOptions
from tests.browser import open_browser

SVG = "{http://www.w3.org/2000/svg}"


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def start(batch=1, width=70, height=50):
    """Grey that brightens to the right, and an orange square in it."""
    pictures = torch.linspace(0.2, 0.6, width).expand(batch, 3, height, width).clone()
    pictures[:, :, 15:35, 25:45] = torch.tensor([0.95, 0.5, 0.1])[:, None, None]
    return pictures


def drawer(batch=1, seeds=(1,), size=(70, 50), **options):
    return StrokesDrawer(start(batch, *size), StrokesOptions(**{"strokes": 120, **options}), generators(*seeds))


def test_it_is_found_by_its_name():
    assert drawer_class("strokes") is StrokesDrawer
    assert options_of("strokes", {"strokes": 7}) == StrokesOptions(strokes=7)


def test_it_begins_as_a_painting_of_the_start_picture():
    picture = drawer().image()
    assert picture.shape == (1, 3, 50, 70)
    assert 0 <= picture.min() <= picture.max() <= 1
    assert (picture - start()).abs().mean() < 0.08
    assert (picture[:, :, 22:28, 32:38].mean((0, 2, 3)) - torch.tensor([0.95, 0.5, 0.1])).abs().max() < 0.1


def test_gaps_show_the_mean_colour_of_the_start_picture():
    picture = drawer(strokes=1).image()
    assert torch.allclose(picture[0, :, -1, -1], start().mean((0, 2, 3)), atol=1e-6)


def test_large_pictures_are_painted_small_and_enlarged():
    large = drawer(size=(700, 500), strokes=300)
    picture = large.image()
    assert picture.shape == (1, 3, 500, 700)
    assert large.tensors["points"].amax((0, 1, 2))[0] > 600
    assert large.tensors["widths"].max() > 10
    assert (picture - start(1, 700, 500)).abs().mean() < 0.08


def test_a_few_steps_bring_it_closer_to_what_is_wanted():
    ours = drawer(batch=2, seeds=(1, 2))
    wanted = start(2).flip(1)
    adam = torch.optim.Adam(ours.groups(1.0))
    losses = []
    for _ in range(8):
        loss = (ours.image() - wanted).square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        ours.constrain()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]


def test_steps_of_points_and_widths_grow_with_the_canvas():
    rates = [group["lr"] for group in drawer(size=(112, 300), strokes=1).groups(2.0)]
    assert rates == pytest.approx([1.0, 0.1, 0.02])


def test_what_left_its_range_is_brought_back():
    ours = drawer()
    with torch.no_grad():
        ours.tensors["widths"][0, :2] = torch.tensor([-3.0, 99.0])
        ours.tensors["colours"][0, 0] = torch.tensor([-1.0, 2.0, 0.5, 1.5])
        ours.tensors["points"][0, 0, 0] = torch.tensor([-1e9, 1e9])
    ours.constrain()
    assert ours.tensors["widths"][0, :2].tolist() == [1, 5]
    assert ours.tensors["colours"][0, 0].tolist() == [0, 1, 0.5, 1]
    assert ours.tensors["points"][0, 0, 0].tolist() == [-70, 100]


def test_its_tensors_are_all_that_decides_the_picture():
    ours, other = drawer(batch=2, seeds=(1, 2)), drawer(batch=2, seeds=(3, 4))
    assert not torch.equal(ours.image(), other.image())
    with torch.no_grad():
        for name, tensor in ours.tensors.items():
            assert len(tensor) == 2
            other.tensors[name].copy_(tensor)
    assert torch.equal(ours.image(), other.image())
    assert ours.exports(1) == other.exports(1)


def test_the_generator_decides_the_strokes():
    assert torch.equal(drawer(seeds=(5,)).image(), drawer(seeds=(5,)).image())
    assert not torch.equal(drawer(seeds=(5,)).image(), drawer(seeds=(6,)).image())


@pytest.mark.parametrize("size", [(150, 150), (160, 90), (1, 7), (800, 200)])
def test_it_draws_any_size(size):
    assert StrokesDrawer.size(*size, StrokesOptions()) == size
    assert drawer(size=size, strokes=30).image().shape == (1, 3, size[1], size[0])


def test_the_svg_has_one_path_per_stroke_in_the_order_of_painting_and_asks_for_nothing():
    ours = drawer(batch=2, seeds=(1, 2))
    svg = ours.exports(1)["svg"]
    root = ElementTree.fromstring(svg)
    ground, group = root
    colours = [tuple(round(255 * value) for value in colour[:3]) for colour in ours.tensors["colours"][1].tolist()]
    assert root.get("viewBox") == "0 0 70 50"
    assert ground.tag == SVG + "rect"
    assert [path.get("stroke") for path in group] == ["#" + bytes(colour).hex() for colour in colours]
    assert [path.get("d").count(" ") for path in group] == (6 * ours.tensors["segments"][1]).tolist()
    assert svg.count(b"http") == 1  # the name of the format
    assert len(svg) < 250 * 120


def test_chromium_paints_the_svg_as_we_do():
    """At one pixel a unit: 0.6/255 apart in the mean, 23/255 where most."""
    ours = drawer(size=(200, 140), strokes=400)
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 200, "height": 140})
        page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{ours.exports(0)['svg'].decode()}")
        theirs = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(float)
    apart = np.abs(theirs - 255 * ours.image()[0].detach().permute(1, 2, 0).numpy())
    assert apart.mean() < 1
    assert apart.max() < 40
