import pytest
import torch

from clipit.sketching.reading import read
from clipit.sketching.scene import Scene, Thing
from clipit.sketching.sketch import sketches

COLOURS = {"things": (0.9, 0.8, 0.1), "places": (0.1, 0.6, 0.1), "times": (0.0, 0.0, 0.2), "weathers": (0.5, 0.5, 0.5)}


class Album:
    """Everything is a square of its kind's colour; veils cover half. It notes what was asked for."""

    def __init__(self):
        self.asked = []

    def show(self, kind, name, lot):
        self.asked.append((kind, name))
        cover = 0.5 if kind in ("times", "weathers") else 1.0
        return torch.tensor([*(cover * value for value in COLOURS[kind]), cover])[:, None, None].expand(4, 16, 16)


def sketch(scene, seed=0, width=48, height=48, album=None):
    (picture,) = sketches([scene], album or Album(), width, height, [torch.Generator().manual_seed(seed)])
    return picture


def middle(picture):
    return picture[:, picture.shape[1] // 2, picture.shape[2] // 2]


@pytest.mark.parametrize(("width", "height"), [(48, 48), (80, 45), (40, 64), (33, 47)])
def test_a_thing_lies_in_the_middle_of_its_place(width, height):
    picture = sketch(Scene((Thing("cat"),), place="forest"), width=width, height=height)
    assert picture.shape == (3, height, width)
    torch.testing.assert_close(middle(picture), torch.tensor(COLOURS["things"]))
    torch.testing.assert_close(picture[:, 1, 1], torch.tensor(COLOURS["places"]))


def test_a_wish_of_everything_asks_for_everything_once():
    album = Album()
    sketch(read("two cats in the city at night in the rain").scene, album=album)
    assert album.asked == [
        ("places", "city"), ("times", "night"), ("things", "cat"), ("things", "cat"), ("weathers", "rain"),
    ]  # fmt: skip


def test_a_time_without_a_place_has_a_landscape_behind_it():
    album = Album()
    sketch(Scene(time="night"), album=album)
    assert album.asked == [("places", "hills"), ("times", "night")]


def test_night_darkens_the_things_but_less_than_what_is_behind_them():
    plain, night = (sketch(Scene((Thing("cat"),), place="forest", time=time)) for time in (None, "night"))
    things, places = (part(night).sum() / part(plain).sum() for part in (middle, lambda picture: picture[:, 1, 1]))
    assert places < things < 0.95


def test_colours_are_the_things_own_or_those_that_are_asked_for():
    blue = middle(sketch(Scene((Thing("cat", "blue"),))))
    assert blue.argmax() == 2
    ground = sketch(Scene((Thing("cat"),), ground="red"))[:, 2, 2]
    assert ground.argmax() == 0 and ground[0] > 0.7 and ground[1:].max() < 0.3


def test_a_style_is_laid_over_all():
    grey = sketch(Scene((Thing("cat"),), place="forest", style="black and white"))
    torch.testing.assert_close(grey[0], grey[2])


def test_each_of_a_batch_is_as_it_is_alone():
    scenes = [Scene((Thing("cat"),), style="mosaic"), Scene(place="city"), Scene((Thing("dog"),), style="mosaic")]
    together = sketches(scenes, Album(), 48, 48, [torch.Generator().manual_seed(seed) for seed in range(3)])
    for seed, scene in enumerate(scenes):
        torch.testing.assert_close(together[seed], sketch(scene, seed), atol=1e-3, rtol=0)


def test_the_same_generator_sketches_the_same_and_another_otherwise():
    scene = Scene((Thing("cat"),))
    assert torch.equal(sketch(scene, 1), sketch(scene, 1))
    assert not torch.equal(sketch(scene, 1), sketch(scene, 2))
