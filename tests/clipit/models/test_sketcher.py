import pytest
import torch

from clipit.models.sketcher import Sketcher, SketcherConfig

SMALL = SketcherConfig(embed_dim=8, vocab_size=10, word_side=2, widths=(8, 8, 8), enlarge=2)


@pytest.fixture
def sketcher():
    torch.manual_seed(0)
    return Sketcher(SMALL)


def test_a_sketch_has_the_side_that_the_configuration_says(sketcher):
    assert SketcherConfig().side == 128
    sketch = sketcher(torch.randn(2, 3, 2, 2), torch.randn(2, 8), torch.full((2, 6), 0.5))
    assert sketch.shape == (2, 3, SMALL.side, SMALL.side)


def test_words_text_and_pose_each_change_the_sketch(sketcher):
    wish = torch.randn(1, 3, 2, 2), torch.randn(1, 8), torch.full((1, 6), 0.5)
    for index in range(3):
        other = [part + 0.2 * (place == index) for place, part in enumerate(wish)]
        assert not torch.allclose(sketcher(*wish), sketcher(*other))


def test_start_end_and_padding_are_not_read(sketcher):
    short, padded = torch.tensor([[8, 3, 4, 9]]), torch.tensor([[8, 3, 4, 9, 0, 0]])
    assert torch.equal(sketcher.read(short), sketcher.read(padded))
    assert torch.allclose(sketcher.read(short)[0].flatten(), sketcher.words.weight[3] + sketcher.words.weight[4])


def test_what_a_word_shows_lies_where_the_pose_puts_it(sketcher):
    words, text = torch.full((1, 3, 2, 2), 9.0), torch.zeros(1, 8)
    left, right = (torch.tensor([[0.3, x, 0.5, 0.5, 0.5, 0.5]]) for x in (0.2, 0.8))
    for pose, side in ((left, 0), (right, 1)):
        change = (sketcher(words, text, pose) - sketcher(0 * words, text, pose)).abs().sum((0, 1, 2))
        halves = change.unflatten(0, (2, -1)).sum(1)
        assert halves[side] > halves[1 - side]
