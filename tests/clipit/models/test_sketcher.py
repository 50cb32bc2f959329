import torch

from clipit.models.sketcher import Sketcher, SketcherConfig

SMALL = SketcherConfig(embed_dim=8, widths=(8, 8, 8), enlarge=2)


def sketch(texts, pose):
    torch.manual_seed(0)
    return Sketcher(SMALL)(texts, pose)


def test_a_sketch_has_the_side_that_the_configuration_says():
    assert SketcherConfig().side == 128
    assert sketch(torch.randn(2, 8), torch.full((2, 6), 0.5)).shape == (2, 3, SMALL.side, SMALL.side)


def test_text_and_pose_both_change_the_sketch():
    text, other = torch.randn(2, 1, 8)
    pose = torch.full((1, 6), 0.5)
    moved = pose.clone()
    moved[0, 1] = 0.8
    assert not torch.allclose(sketch(text, pose), sketch(other, pose))
    assert not torch.allclose(sketch(text, pose), sketch(text, moved))
