"""One suite for every shelf."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs import AlreadyOnShelf, BadKey, NotOnShelf, Shelf
from jobs.bucket import BucketShelf
from jobs.folder import FolderShelf
from tests.storage_emulator import new_bucket

ID = "0123456789abcdefABC_-0"
OTHER_ID = "kkkkkkkkkkkkkkkkkkkkkk"
KEY = f"{ID}/picture.png"


@pytest.fixture(params=["folder", "bucket"])
def shelf(request, tmp_path) -> Shelf:
    if request.param == "folder":
        return FolderShelf(tmp_path / "shelf")
    return BucketShelf(new_bucket(request.getfixturevalue("storage_url"), f"shelf-{secrets.token_hex(8)}"))


def is_there(shelf, key):
    try:
        shelf.get(key)
    except NotOnShelf:
        return False
    return True


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG\r\n\x1a\n\x00", bytes(range(256)) * 4096, bytes(range(256)) * 36_000],
    ids=["nothing", "a few", "a megabyte", "nine megabytes"],
)
def test_bytes_put_on_the_shelf_come_back_as_they_were(shelf, data):
    shelf.put(KEY, data)

    assert shelf.get(KEY) == data


def test_put_repeated_with_the_same_bytes_is_no_error(shelf):
    shelf.put(KEY, b"picture")
    shelf.put(KEY, b"picture")

    assert shelf.get(KEY) == b"picture"


@pytest.mark.parametrize("other", [b"another", b""])
def test_put_where_other_bytes_lie_is_refused_and_changes_nothing(shelf, other):
    shelf.put(KEY, b"picture")

    with pytest.raises(AlreadyOnShelf):
        shelf.put(KEY, other)

    assert shelf.get(KEY) == b"picture"


def test_put_that_replaces_overwrites_longer_and_shorter_bytes(shelf):
    for data in (b"a long first preview", b"short", b"the third preview"):
        shelf.put(KEY, data, replace=True)

        assert shelf.get(KEY) == data


def test_of_many_who_put_different_bytes_at_once_one_succeeds(shelf):
    def put(number):
        try:
            shelf.put(KEY, b"picture %d" % number)
        except AlreadyOnShelf:
            return None
        return b"picture %d" % number

    with ThreadPoolExecutor(8) as pool:
        winners = [data for data in pool.map(put, range(16)) if data]

    assert winners == [shelf.get(KEY)]


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


def test_removed_file_is_gone_and_its_neighbour_is_not(shelf):
    shelf.put(KEY, b"picture")
    shelf.put(f"{ID}/film.mp4", b"film")

    shelf.remove(KEY)

    assert not is_there(shelf, KEY)
    assert is_there(shelf, f"{ID}/film.mp4")


def test_key_whose_file_was_removed_can_be_put_again(shelf):
    shelf.put(KEY, b"picture")
    shelf.remove(KEY)
    shelf.put(KEY, b"another")

    assert shelf.get(KEY) == b"another"


def test_cleared_id_has_no_files_and_other_ids_keep_theirs(shelf):
    keys = [f"{ID}/{name}" for name in ("picture.png", "film.mp4", "t2-preview.webp")]
    for key in (*keys, f"{OTHER_ID}/picture.png"):
        shelf.put(key, b"bytes")

    shelf.clear(ID)

    assert not any(is_there(shelf, key) for key in keys)
    assert is_there(shelf, f"{OTHER_ID}/picture.png")


def test_removing_and_clearing_what_is_not_there_is_no_error(shelf):
    shelf.remove(KEY)
    shelf.clear(ID)
    shelf.put(f"{ID}/film.mp4", b"film")
    shelf.remove(KEY)

    assert is_there(shelf, f"{ID}/film.mp4")


def test_links_lead_to_where_the_shelf_says_or_there_are_none(shelf):
    shelf.put(KEY, b"picture")
    link = shelf.link(KEY, lifetime_s=60)

    assert link is None if shelf.link_origin is None else link.startswith(f"{shelf.link_origin}/")


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
        f"{ID}/picture.gif",
        f"{ID}/picture.svgz",
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
    for use in (
        lambda: shelf.get(key),
        lambda: shelf.put(key, b"picture"),
        lambda: shelf.put(key, b"picture", replace=True),
        lambda: shelf.remove(key),
        lambda: shelf.link(key, lifetime_s=60),
    ):
        with pytest.raises(BadKey, match="accepted"):
            use()


@pytest.mark.parametrize("id", ["", ".", "..", "/", ID[:-1], f"{ID}x", f"{ID}/", f"{ID[:-2]}/.", f"{ID}\n"])
def test_malformed_id_is_not_cleared(shelf, id):
    shelf.put(KEY, b"picture")

    with pytest.raises(BadKey, match="accepted"):
        shelf.clear(id)

    assert is_there(shelf, KEY)
