import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from api.start_images import MAX_BYTES, BadPicture, as_plain_png


def encoded(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def decoded(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def send(client, data, name="start.png"):
    return client.post("/api/start-images", files={"file": (name, data)})


def message(answer):
    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["detail"]
    assert problem["field"] == "file"
    return problem["message"]


RED = Image.new("RGB", (40, 30), (200, 0, 0))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_put_on_the_shelf_as_png_and_can_be_ordered_with(client, shelf, form):
    answer = send(client, encoded(RED, form), name="../../evil.php")
    assert answer.status_code == 201
    key = answer.json()["start_image"]
    stored = decoded(shelf.get(key))
    assert (stored.format, stored.mode, stored.size) == ("PNG", "RGB", (40, 30))
    assert stored.getpixel((20, 15)) == pytest.approx((200, 0, 0), abs=3)
    order = {"prompt": "castle", "email": "visitor@example.com", "start_image": key}
    assert client.post("/api/jobs", json=order).status_code == 202


def test_each_picture_has_a_key_of_its_own(client):
    assert len({send(client, encoded(RED)).json()["start_image"] for _ in range(3)}) == 3


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


def png_of(width, height):
    """A PNG whose header promises this size; there is little behind it."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(4001, 4000), (16_000_001, 1), (1, 16_000_001)])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(client, size):
    assert "16 megapixels" in message(send(client, png_of(*size)))


@pytest.mark.parametrize("size", [(10_000, 10_000), (65_535, 65_535), (0, 5), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused(client, size):
    assert message(send(client, png_of(*size)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 100,
        encoded(RED, "GIF"),
        encoded(RED, "BMP"),
        encoded(RED, "TIFF"),
        encoded(RED, "PNG")[:-30],
        encoded(RED, "JPEG")[:-200],
        encoded(RED, "WEBP")[:-20],
        png_of(100, 100),
    ],
    ids=["empty", "svg", "broken gif", "gif", "bmp", "tiff", "cut png", "cut jpeg", "cut webp", "empty png"],
)
def test_what_is_no_whole_png_jpeg_or_webp_is_refused(client, data):
    assert "PNG, JPEG, WebP" in message(send(client, data))


def test_a_file_of_more_than_5_mb_is_refused(client):
    answer = send(client, b"\0" * (MAX_BYTES + 1))
    assert answer.status_code == 413
    assert "5 MB" in answer.json()["detail"]
    assert send(client, b"\0" * (MAX_BYTES + 200_000)).status_code == 413


def test_a_request_without_a_file_is_refused(client):
    assert message(client.post("/api/start-images")) == "is required"
    assert client.post("/api/start-images", data={"file": "text"}).status_code == 422


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
