import json
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from tests.clipit.files.films import RECIPE, seen, shades, shot


@pytest.fixture
def path(tmp_path):
    return tmp_path / "film.mp4"


def test_every_player_can_show_it(path):
    with av.open(str(shot(path, shades(5)))) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.average_rate) == ("h264", "yuv420p", 10)
        colours = stream.codec_context
        tags = colours.colorspace, colours.color_primaries, colours.color_trc, colours.color_range
        assert tags == (1, 1, 1, 1)  # BT.709, limited range


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (12, 200, 160)])
def test_colours_are_converted_as_the_file_says(path, colour):
    shot(path, [np.full((32, 32, 3), colour, np.uint8)] * 3)
    with av.open(str(path)) as container:
        *_, last = container.decode(video=0)
    found = [np.frombuffer(plane, np.uint8)[0] for plane in last.planes]
    red, green, blue = np.array(colour) / 255
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    bt709 = 16 + 219 * light, 128 + 224 * (blue - light) / 1.8556, 128 + 224 * (red - light) / 1.5748
    assert found == pytest.approx(bt709, abs=1.5)


@pytest.mark.parametrize(
    ("size", "even"), [((33, 25), (34, 26)), ((1, 8), (2, 8)), ((3, 1), (4, 2)), ((64, 32), (64, 32))]
)
def test_an_odd_side_has_its_last_row_twice_and_loses_nothing(path, size, even):
    frame = np.zeros((size[1], size[0], 3), np.uint8)
    frame[:, -1] = frame[-1] = 255
    _, pixels = seen(shot(path, [frame] * 3))[-1]
    assert pixels.shape == (even[1], even[0], 3)
    assert pixels[:, size[0] - 1 :].min() > 220 and pixels[size[1] - 1 :].min() > 220


def test_browsers_play_it_while_it_loads(path):
    data = shot(path, shades(5)).read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")
    assert b"moof" not in data  # fragments, which not every player takes


def test_the_finished_picture_is_its_cover(path):
    finished = np.full((24, 32, 3), (200, 90, 40), np.uint8)
    with av.open(str(shot(path, [*shades(5), finished]))) as container:
        film, cover = container.streams.video
        assert "attached_pic" in cover.disposition.name and "attached_pic" not in film.disposition.name
        (packet,) = (packet for packet in container.demux(cover) if packet.size)
    with Image.open(BytesIO(bytes(packet))) as image:
        assert (image.format, image.size) == ("JPEG", (32, 24))
        assert np.abs(np.array(image).astype(int) - finished).max() < 5


def test_it_says_what_it_is_and_nothing_of_the_hour_or_the_machine(path):
    with av.open(str(shot(path, shades(5), recipe=RECIPE))) as container:
        told = container.metadata
    assert (told["title"], told["artist"], json.loads(told["comment"])) == (RECIPE["prompts"], "clipit", RECIPE)
    assert not {"creation_time", "encoder"} & told.keys()


def test_without_a_recipe_it_has_no_comment(path):
    with av.open(str(shot(path, shades(5)))) as container:
        assert not {"title", "comment"} & container.metadata.keys()
