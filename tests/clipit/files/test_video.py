from fractions import Fraction

import av
import numpy as np
import pytest

from clipit import ClipitError, film, frame_rate


def shot(path, count=5, size=(32, 24), comment=""):
    """A film that brightens from frame to frame."""
    width, height = size
    with film(path, count, size, comment) as reel:
        for index in range(count):
            reel.add(np.full((height, width, 3), 40 * index, np.uint8))
    return path


@pytest.mark.parametrize(
    ("frames", "rate"),
    [
        (1, 10),
        (150, 10),
        (200, Fraction(40, 3)),
        (350, Fraction(70, 3)),
        (500, Fraction(100, 3)),
        (900, 60),
        (9000, 60),
    ],
)
def test_a_film_lasts_15_seconds_within_10_to_60_frames_a_second(frames, rate):
    assert frame_rate(frames) == rate


def test_every_player_can_show_it(tmp_path):
    with av.open(str(shot(tmp_path / "film.mp4"))) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == 10


def test_every_frame_is_in_it_in_order(tmp_path):
    with av.open(str(shot(tmp_path / "film.mp4"))) as container:
        light = [frame.to_ndarray(format="rgb24").mean() for frame in container.decode(video=0)]
    assert light == pytest.approx([0, 40, 80, 120, 160], abs=3)


@pytest.mark.parametrize(("size", "even"), [((33, 25), (32, 24)), ((2, 3), (2, 2)), ((64, 32), (64, 32))])
def test_odd_sides_lose_a_row_or_column(tmp_path, size, even):
    with av.open(str(shot(tmp_path / "film.mp4", size=size))) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == even


def test_the_comment_travels(tmp_path):
    comment = 'castle 🏰 | 海底城堡 "<script>"'
    with av.open(str(shot(tmp_path / "film.mp4", comment=comment))) as container:
        assert container.metadata["comment"] == comment


def test_browsers_play_it_while_it_loads(tmp_path):
    data = shot(tmp_path / "film.mp4").read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")
    assert b"moof" not in data  # fragments, which not every player takes


@pytest.mark.parametrize("size", [(1, 8), (8, 1)])
def test_a_film_of_one_pixel_is_refused(tmp_path, size):
    with pytest.raises(ClipitError, match="2 x 2"):
        shot(tmp_path / "film.mp4", size=size)
    assert not (tmp_path / "film.mp4").exists()
