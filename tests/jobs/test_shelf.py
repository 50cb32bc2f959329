"""One suite for every shelf."""

import pytest

from jobs import BadKey, NotOnShelf, Shelf
from jobs.folder import FolderShelf

ID = "0123456789abcdefABC_-0"
KEY = f"{ID}/picture.png"


@pytest.fixture(params=["folder"])
def shelf(tmp_path) -> Shelf:
    return FolderShelf(tmp_path / "shelf")


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\x00", bytes(range(256)) * 4096])
def test_bytes_put_on_the_shelf_come_back_as_they_were(shelf, data):
    shelf.put(KEY, data)

    assert shelf.get(KEY) == data


def test_second_put_replaces_the_first(shelf):
    shelf.put(KEY, b"a long first picture")
    shelf.put(KEY, b"short")

    assert shelf.get(KEY) == b"short"


def test_files_of_one_job_lie_side_by_side(shelf):
    shelf.put(f"{ID}/picture.png", b"picture")
    shelf.put(f"{ID}/film.mp4", b"film")

    assert shelf.get(f"{ID}/picture.png") == b"picture"
    assert shelf.get(f"{ID}/film.mp4") == b"film"


def test_unknown_key_is_not_on_the_shelf(shelf):
    with pytest.raises(NotOnShelf):
        shelf.get(KEY)
    shelf.put(KEY, b"picture")
    with pytest.raises(NotOnShelf):
        shelf.get(f"{ID}/thumbnail.webp")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "picture.png",
        f"{ID}/",
        f"{ID}/../picture.png",
        f"../{ID}/picture.png",
        f"/{ID}/picture.png",
        f"{ID}//picture.png",
        f"{ID}/sub/picture.png",
        f"{ID}\\picture.png",
        f"{ID}/.picture.png",
        f"{ID}/Picture.PNG",
        f"{ID}/picture.svg",
        f"{ID}/picture.png.html",
        f"{ID}/picture.png\n",
        f"{ID}/picture.png\x00",
        f"{ID}x/picture.png",
        f"{ID[:-1]}/picture.png",
        f"{ID[:-1]}./picture.png",
        f"{ID[:-1]}é/picture.png",
        "../../../../../../../../etc/passwd",
    ],
)
def test_malformed_key_is_refused_by_every_method(shelf, key):
    with pytest.raises(BadKey, match="accepted"):
        shelf.get(key)
    with pytest.raises(BadKey, match="accepted"):
        shelf.put(key, b"picture")
