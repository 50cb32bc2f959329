import io
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from api import decoding
from api.decoding import BadPicture, as_plain_png

ROOT = str(Path(__file__).parents[2])
RED = Image.new("RGB", (40, 30), (200, 0, 0))


def encoded(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def decoded(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_metadata_is_left_behind():
    exif = Image.Exif()
    exif[0x010E] = "canary place"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "canary comment")
    for data in (
        encoded(RED, "PNG", pnginfo=text, exif=exif, icc_profile=b"canary profile"),
        encoded(RED, "JPEG", exif=exif, icc_profile=b"canary profile", comment="canary comment"),
        encoded(RED, "WEBP", exif=exif, icc_profile=b"canary profile"),
    ):
        assert b"canary" in data or zlib.compress(b"canary profile") in data
        plain = as_plain_png(data)
        assert b"canary" not in plain
        assert decoded(plain).info == {}


def test_a_picture_taken_sideways_is_put_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by a quarter
    picture = decoded(as_plain_png(encoded(RED, "JPEG", exif=exif)))
    assert picture.size == (30, 40)


def test_a_large_picture_is_shrunk_in_proportion():
    assert decoded(as_plain_png(encoded(Image.new("RGB", (3000, 1500))))).size == (1024, 512)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_rgb(mode):
    assert decoded(as_plain_png(encoded(Image.new(mode, (9, 7))))).mode == "RGB"


def test_sixteen_bits_of_grey_are_scaled_not_clipped():
    assert decoded(as_plain_png(encoded(Image.new("I;16", (9, 7), 0x8080)))).getpixel((0, 0)) == (0x80,) * 3


def test_what_is_transparent_becomes_white():
    clear = Image.new("RGBA", (9, 7), (255, 0, 0, 0))
    assert decoded(as_plain_png(encoded(clear))).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_of_a_moving_picture_the_first_frame_is_taken(form):
    frames = [Image.new("RGB", (9, 7), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
    picture = decoded(as_plain_png(data))
    red, _, blue = picture.getpixel((4, 3))
    assert red > 200 > 50 > blue
    assert getattr(picture, "n_frames", 1) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="limits are the operating system's")
@pytest.mark.parametrize(
    ("greed", "death"),
    [
        ("bytearray(2**28)", "MemoryError"),
        ("while True: pass", ""),
        ("import os; os.write(os.open('file', os.O_CREAT | os.O_WRONLY), b'text')", "File too large"),
    ],
    ids=["memory", "time", "file"],
)
def test_a_decoder_has_little_memory_little_time_and_no_files(tmp_path, greed, death):
    code = f"from api import decoding\ndecoding.limit_this_process(2**28, 1)\n{greed}"
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": ROOT}, capture_output=True)
    assert ended.returncode != 0
    assert death in ended.stderr.decode()


def test_a_file_that_passes_for_a_text_bomb_is_refused():
    text = PngImagePlugin.PngInfo()
    text.add_text("bomb", "0" * 20_000_000, zip=True)
    with pytest.raises(BadPicture):
        as_plain_png(encoded(RED, pnginfo=text))


noise = Image.effect_noise((24, 16), 80).convert("RGB")
samples = [encoded(noise, form) for form in ("PNG", "JPEG", "WEBP")] + [
    encoded(noise.convert("P"), "PNG"),
    encoded(noise, "PNG", save_all=True, append_images=[RED]),
]


@pytest.mark.filterwarnings("ignore:Invalid APNG")
@settings(max_examples=300, deadline=None)
@given(
    data=st.sampled_from(samples),
    changes=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=8),
    end=st.integers(1, 2000),
)
def test_a_damaged_picture_is_either_read_or_refused(data, changes, end):
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    with suppress(BadPicture):
        assert decoded(as_plain_png(bytes(damaged[:end]))).mode == "RGB"


def decode(data):
    return subprocess.run([sys.executable, "-P", decoding.__file__], input=data, capture_output=True)


def test_the_process_gives_the_picture():
    ended = decode(encoded(RED))
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert decoded(ended.stdout).getpixel((0, 0)) == (200, 0, 0)


def test_the_process_says_why_it_gives_none():
    ended = decode(b"GIF89a")
    assert (ended.returncode, ended.stderr) == (decoding.REFUSED, b"")
    assert b"PNG, JPEG, WebP" in ended.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="limits are the operating system's")
def test_the_process_limits_itself_before_it_decodes():
    greed = "decoding.as_plain_png = lambda data: bytes(2 * decoding.MEMORY_BYTES)[:1]"
    code = f"import sys\nfrom api import decoding\n{greed}\nsys.exit(decoding.main())"
    ended = subprocess.run([sys.executable, "-c", code], input=b"", env={"PYTHONPATH": ROOT}, capture_output=True)
    assert ended.returncode == 1
    assert b"MemoryError" in ended.stderr
