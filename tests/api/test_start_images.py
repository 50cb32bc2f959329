import logging
import struct
import zlib

import pytest
from PIL import Image

from api import start_images
from api.decoding import FORMATS
from api.start_images import MAX_BYTES, TYPES
from tests.api.test_decoding import decoded, encoded


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


def test_the_types_that_the_page_is_told_are_those_that_are_accepted():
    assert [Image.MIME[form] for form in FORMATS] == TYPES


def test_each_picture_has_a_key_of_its_own(client):
    assert len({send(client, encoded(RED)).json()["start_image"] for _ in range(3)}) == 3


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
    ("mode", "form", "options"),
    [
        ("RGBA", "PNG", {}),
        ("I;16", "PNG", {}),
        ("RGB", "JPEG", {"progressive": True}),
        ("RGBA", "WEBP", {"lossless": True}),
    ],
    ids=["png", "16 bits", "progressive jpeg", "lossless webp"],
)
def test_the_largest_picture_is_decoded_with_the_memory_and_time_there_is(client, shelf, mode, form, options):
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by a quarter, which takes another copy
    data = encoded(Image.new(mode, (4000, 4000)), form, exif=exif, **options)
    answer = send(client, data)
    assert answer.status_code == 201, answer.text
    assert decoded(shelf.get(answer.json()["start_image"])).size == (1024, 1024)


def test_a_finished_jobs_picture_becomes_a_start_image_of_its_own(client, shelf, studio):
    job = studio.painted()
    answers = [client.post(f"/api/jobs/{job.id}/start-image") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    keys = {answer.json()["start_image"] for answer in answers}
    assert len(keys) == 2 and not any(job.id in key for key in keys)
    assert {shelf.get(key) for key in keys} == {shelf.get(job.files.picture)}
    order = {"prompt": "castle", "email": "visitor@example.com", "start_image": keys.pop()}
    assert client.post("/api/jobs", json=order).json()["recipe"]["start_image"] is True


def test_what_has_no_picture_is_no_start_image(client, shelf, studio):
    waiting = studio.order()
    studio.report(studio.begin(), 10)
    assert client.post(f"/api/jobs/{waiting.id}/start-image").status_code == 404


def test_a_picture_that_is_shown_no_longer_is_no_start_image(client, queue, studio):
    job = studio.painted()
    queue.revoke(job.id)
    assert client.post(f"/api/jobs/{job.id}/start-image").status_code == 410


@pytest.mark.parametrize(
    "death", ["import os; os.kill(os.getpid(), 9)", "raise MemoryError", "import sys; sys.exit(1)", "while True: pass"]
)
def test_a_picture_that_a_decoder_dies_of_or_hangs_on_is_refused(client, shelf, tmp_path, monkeypatch, caplog, death):
    caplog.set_level(logging.WARNING)
    (tmp_path / "decoder.py").write_text(death)
    monkeypatch.setattr(start_images, "DECODER", str(tmp_path / "decoder.py"))
    monkeypatch.setattr(start_images, "PATIENCE_S", 2.0)
    assert "PNG, JPEG, WebP" in message(send(client, encoded(RED)))
    assert "decoder-" in caplog.text
    assert list((tmp_path / "shelf").iterdir()) == []


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
