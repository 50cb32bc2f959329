import numpy as np
from PIL import Image

from training import dataset


def checker(rng, pose=None):
    """A scene without the font."""
    return Image.new("RGB", (8, 8), (rng.randrange(256), 0, 0)), f"scene {rng.randrange(1000)}"


def test_a_set_comes_back_with_its_captions(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "random_scene", checker)
    dataset.build(tmp_path / "set", 5, 1, 4)
    images, captions = dataset.load(tmp_path / "set")
    assert images.shape == (5, 4, 4, 3) and images.dtype == np.uint8
    assert len(set(captions)) == 5


def test_the_same_seed_gives_the_same_set_and_a_finished_one_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "random_scene", checker)
    for name, seed in (("first", 1), ("again", 1), ("other", 2), ("first", 2)):
        dataset.build(tmp_path / name, 5, seed, 4)
    first, again, other = (dataset.load(tmp_path / name) for name in ("first", "again", "other"))
    assert np.array_equal(first[0], again[0]) and first[1] == again[1]
    assert first[1] != other[1]


def test_a_posed_set_has_a_pose_for_each_scene(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "random_scene", checker)
    dataset.build(tmp_path, 3, 1, 4, posed=True)
    poses = np.load(tmp_path / "poses.npy")
    assert poses.shape == (3, 6) and (poses >= 0).all() and (poses <= 1).all()
