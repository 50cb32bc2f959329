import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.clipit.files.films import RECIPE, light, seen, shades, shot

KINDS = ["gif", "webp"]


@pytest.mark.parametrize("kind", KINDS)
def test_it_repeats_for_ever(tmp_path, kind):
    with Image.open(shot(tmp_path / f"film.{kind}", shades(5))) as image:
        assert image.info["loop"] == 0


@pytest.mark.parametrize(("kind", "size", "shrunk"), [
    ("gif", (640, 320), (320, 160)), ("gif", (2, 960), (1, 320)), ("gif", (320, 7), (320, 7)), ("gif", (1, 1), (1, 1)),
    ("webp", (960, 480), (480, 240)), ("webp", (479, 301), (479, 301)), ("webp", (1, 2), (1, 2)),
])  # fmt: skip
def test_large_pictures_are_shrunk_and_small_ones_are_not_enlarged(tmp_path, kind, size, shrunk):
    with Image.open(shot(tmp_path / f"film.{kind}", shades(2, size))) as image:
        assert image.size == shrunk


@pytest.mark.parametrize(("kind", "of", "stills", "ticks"), [
    ("gif", 100, 90, {100}),  # 10 a second
    ("gif", 350, 39, {100}),  # 23.3 a second, of which 10 are shown
    ("gif", 900, 15, {100}),  # 60 a second
    ("webp", 200, 90, {70, 80}),  # 13.3 a second, in hundredths
    ("webp", 300, 90, {50}),
    ("webp", 900, 38, {40}),  # 60 a second, of which 25 are shown
])  # fmt: skip
def test_fast_films_are_thinned_out_evenly_and_end_with_the_finished_picture(tmp_path, kind, of, stills, ticks):
    path = shot(tmp_path / f"film.{kind}", shades(90, (4, 4)), of=of)
    times = [round(1000 * seconds) for seconds, _ in seen(path)]
    assert len(times) == stills
    assert set(times[:-1]) == ticks
    assert light(path)[-1] == pytest.approx(200, abs=2)
    assert max(np.diff(light(path))) < 3 * 200 / stills


def test_a_gif_has_the_colours_of_the_moment(tmp_path):
    """A palette of the whole film could not do: each half of it has more colours than one palette."""
    ramp = np.linspace(0, 255, 64, dtype=np.uint8)
    red, blue = np.zeros((2, 64, 64, 3), np.uint8)
    red[..., 0], red[..., 1] = ramp[:, None], ramp[None] // 4
    blue[..., 2], blue[..., 1] = ramp[:, None], ramp[None] // 4
    pictures = seen(shot(tmp_path / "film.gif", [red] * 2 + [blue] * 2))
    for painted, (_, shown) in zip([red, red, blue, blue], pictures, strict=True):
        rows = painted.astype(int) - shown
        assert np.abs(rows).mean() < 5
        assert np.abs(rows.reshape(8, 8, 8, 8, 3).mean((1, 3))).mean() < 1  # dithering makes up for what is missing


def test_a_gif_of_few_colours_is_exact(tmp_path):
    palette = np.random.default_rng(0).integers(0, 256, (16, 3), np.uint8)
    frame = palette[np.random.default_rng(1).integers(0, 16, (40, 40))]
    assert (seen(shot(tmp_path / "film.gif", [frame]))[-1][1] == frame).all()


@pytest.mark.parametrize("size", [(31, 17), (64, 64)])
def test_a_webp_is_what_its_header_says(tmp_path, size):
    data = shot(tmp_path / "film.webp", shades(5, size), recipe=RECIPE).read_bytes()
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    names, place = [], 12
    while place < len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        names.append(data[place : place + 4])
        place += 8 + length + length % 2
    assert place == len(data)
    assert names == [b"VP8X", b"ANIM", *[b"ANMF"] * 5, b"EXIF"]
    assert data[20] == 0b1010  # animation and Exif, no alpha


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_recipe_it_says_nothing(tmp_path, kind):
    with Image.open(shot(tmp_path / f"film.{kind}", shades(2))) as image:
        assert "comment" not in image.info and not image.getexif()
        assert sum(1 for _ in ImageSequence.Iterator(image)) == 2
