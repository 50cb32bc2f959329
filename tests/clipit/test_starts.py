import pytest
import torch
from PIL import Image

from clipit.models.sketcher import Sketcher, SketcherConfig
from clipit.starts import image_picture, noise_pictures, random_poses, sketch_pictures, start_pictures


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


@pytest.fixture
def sketcher():
    torch.manual_seed(0)
    return Sketcher(SketcherConfig(embed_dim=8, vocab_size=10, word_side=2, widths=(8, 8, 8), enlarge=2))


class Reader:
    """A perceptor that reads every text alike."""

    def tokens(self, texts):
        return TOKENS.expand(len(texts), -1)

    def embed_texts(self, texts):
        return torch.ones(len(texts), 8)


TOKENS = torch.tensor([[8, 3, 4, 9, 0]])


def test_noise_is_decided_by_the_generator():
    one, two, other = noise_pictures(20, 12, generators(1, 1, 2))
    assert one.shape == (3, 12, 20)
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert 0 <= one.min() <= one.max() <= 1


def test_poses_lie_inside_the_picture():
    poses = random_poses(generators(*range(50)))
    size, x, y = poses[:, 0], poses[:, 1], poses[:, 2]
    assert ((x - size / 2 > 0) & (x + size / 2 < 1) & (y - size / 2 > 0) & (y + size / 2 < 1)).all()


@pytest.mark.parametrize(("width", "height"), [(32, 32), (64, 32), (32, 80)])
def test_a_sketch_stands_in_the_middle_and_its_edges_are_drawn_out(sketcher, width, height):
    sketch = sketch_pictures(sketcher, TOKENS, torch.randn(1, 8), width, height, generators(3))
    assert sketch.shape == (1, 3, height, width)
    assert torch.equal(sketch[..., 0, 0], sketch[..., (height - 32) // 2, (width - 32) // 2])


def test_an_image_covers_the_picture_without_being_squeezed():
    image = Image.new("RGB", (40, 20), "red")
    image.paste("blue", (10, 0, 30, 20))
    assert torch.equal(image_picture(image, 20, 20), torch.tensor([0.0, 0.0, 1.0])[:, None, None].expand(3, 20, 20))


def test_an_image_wins_over_a_sketch_and_a_sketch_over_noise(sketcher):
    white = Image.new("RGB", (8, 8), "white")
    first, second = start_pictures([white, None], ["a", "b"], 16, 16, generators(1, 2), Reader(), sketcher)
    (noise,) = start_pictures([None], ["b"], 16, 16, generators(2), Reader(), None)
    assert (first == 1).all()
    assert torch.equal(noise, noise_pictures(16, 16, generators(2))[0])
    assert not torch.allclose(second, noise)
