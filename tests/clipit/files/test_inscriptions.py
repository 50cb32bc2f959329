import json
import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import MAX_TEXT_CHUNK, PngInfo

from clipit import ClipitError, read_recipe, save_png
from clipit.files.inscriptions import LIMIT, as_text
from tests.clipit.files.films import RECIPE, shades, shot

KINDS = ["png", "mp4", "gif", "webp"]


def written(folder, kind, recipe=RECIPE):
    path = folder / f"painted.{kind}"
    if kind == "png":
        save_png(Image.new("RGB", (32, 24), "red"), str(path), recipe)
        return path
    return shot(path, shades(3), recipe=recipe)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def a_png(*chunks):
    """A PNG of one pixel with these chunks before its data."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def saying(text):
    return a_png(chunk(b"iTXt", b"recipe\0\0\0\0\0" + text.encode()))


@pytest.mark.parametrize("kind", KINDS)
def test_the_recipe_comes_back(tmp_path, kind):
    path = written(tmp_path, kind)
    assert read_recipe(path) == RECIPE
    assert read_recipe(str(path)) == RECIPE
    file = BytesIO(path.read_bytes())
    file.seek(7)
    assert read_recipe(file) == RECIPE


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_recipe_comes_back(tmp_path, kind):
    long = RECIPE | {"prompts": "城" * 100_000, "palette": [f"#{colour:06x}" for colour in range(20_000)]}
    assert read_recipe(written(tmp_path, kind, long)) == long


@pytest.mark.parametrize("kind", KINDS)
def test_what_kind_of_file_it_is_does_not_depend_on_its_name(tmp_path, kind):
    path = written(tmp_path, kind)
    assert read_recipe(path.rename(tmp_path / "painted.txt")) == RECIPE


@pytest.mark.parametrize("kind", KINDS)
def test_the_pictures_are_not_decoded(tmp_path, kind):
    """Whatever is in them: only what lies around them is read."""
    data = bytearray(written(tmp_path, kind).read_bytes())
    place = data.index({"png": b"IDAT", "mp4": b"mdat", "gif": b"!\xf9", "webp": b"VP8 "}[kind]) + 40
    data[place : place + 8] = b"\xff" * 8
    assert read_recipe(BytesIO(data)) == RECIPE


@pytest.mark.parametrize("kind", ["mp4", "gif", "webp"])
def test_a_film_without_a_recipe_has_none(tmp_path, kind):
    with pytest.raises(ClipitError, match="no recipe"):
        read_recipe(shot(tmp_path / f"film.{kind}", shades(3)))


@pytest.mark.parametrize("data", [b"", b"\x89PN", b"castle", b"RIFF", b"\0\0\0\x20ftyp", b"<svg/>", b"GIF89a"])
def test_what_is_no_picture_has_none(data):
    with pytest.raises(ClipitError, match="accepted: a PNG, MP4, GIF or WebP"):
        read_recipe(BytesIO(data))


def test_a_path_that_is_not_there_is_told_as_such(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_recipe(tmp_path / "nothing.png")


@pytest.mark.parametrize("text", [
    "", "two eggs", "null", "3", '"castle"', '["castle"]', "{", '{"prompts": "castle"} and more', "{1: 2}",
    '{"scale": NaN}', '{"scale": 1e999}', '{"prompts": "\\ud83c"}', '{"seed": ' + "9" * 5000 + "}",
    '{"a":' * 100_000 + "1" + "}" * 100_000, json.dumps({"prompts": "x" * LIMIT}),
    '{"prompts": "castle"' + " " * LIMIT + "}",
])  # fmt: skip
def test_a_text_that_clipit_would_not_have_written_is_no_recipe(text):
    with pytest.raises(ClipitError, match="no recipe"):
        read_recipe(BytesIO(saying(text)))


@pytest.mark.parametrize("name", [b"iTXt", b"zTXt"])
def test_a_text_that_grows_when_it_is_unpacked_is_refused(name):
    bomb = zlib.compress(b"{" + b" " * 50 * MAX_TEXT_CHUNK + b"}")
    data = {b"iTXt": b"recipe\0\1\0\0\0" + bomb, b"zTXt": b"recipe\0\0" + bomb}[name]
    with pytest.raises(ClipitError):
        read_recipe(BytesIO(a_png(chunk(name, data))))


def test_a_picture_that_grows_when_it_is_unpacked_is_not_unpacked():
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0))
    with pytest.raises(ClipitError, match="damaged"):
        read_recipe(BytesIO(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"") + chunk(b"IEND", b"")))


def test_a_png_of_another_painter_has_none():
    file, info = BytesIO(), PngInfo()
    info.add_text("Comment", "castle")
    Image.new("RGB", (2, 2)).save(file, "PNG", pnginfo=info)
    with pytest.raises(ClipitError, match="no recipe"):
        read_recipe(file)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's
@pytest.mark.parametrize("exif", [b"II*", b"II*\0", b"MM\0*\0\0\0\x08", b"castle", b"II+\0\x08\0\0\0"])
def test_a_webp_with_broken_exif_has_none(tmp_path, exif):
    whole = written(tmp_path, "webp").read_bytes()
    data = whole[: whole.index(b"EXIF")] + b"EXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) % 2)
    with pytest.raises(ClipitError):
        read_recipe(BytesIO(data[:4] + struct.pack("<I", len(data) - 8) + data[8:]))


@pytest.mark.filterwarnings("ignore")  # Pillow's, of what it finds broken or too large
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_gives_a_recipe_or_a_refusal(tmp_path, kind):
    whole, random = written(tmp_path, kind).read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        data = np.frombuffer(whole, np.uint8).copy()
        places = random.integers(0, min(len(data), 2500), random.integers(1, 12))
        data[places] = random.integers(0, 256, len(places))
        try:
            assert isinstance(read_recipe(BytesIO(data[: random.integers(1, 2 * len(data))].tobytes())), dict)
        except ClipitError:
            refused += 1
    assert refused > 50


@pytest.mark.parametrize("recipe", [{"scale": float("nan")}, {"prompts": "\ud83c"}, {"prompts": "x" * LIMIT}])
def test_what_could_not_be_read_back_is_not_written(recipe):
    with pytest.raises(ClipitError, match="recipe"):
        as_text(recipe)
