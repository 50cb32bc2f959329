import errno
import json
import random
import shutil
import socket
from collections import namedtuple

import pytest
from filelock import FileLock

from clipit import ClipitError
from clipit.weights.download import CHUNK, WORTH_IT, Patience, fetch
from tests.clipit.weights.shop import breaks_off, hangs_up, ignores_range, open_shop, promises, says, stalls, well

GOODS = random.Random(0).randbytes(4 * CHUNK + 77)
NEVER = "0" * 64


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "model.pt"


class Waits(list):
    """Pauses that are noted instead of waited."""

    @property
    def patience(self):
        return Patience(connect=5, read=5, tries=3, pause=self.append)

    @property
    def short(self):
        return Patience(connect=5, read=0.2, tries=2, pause=self.append)


@pytest.fixture
def waits():
    return Waits()


def there(path):
    """All that lies beside the file, locks aside."""
    return sorted(each.name for each in path.parent.iterdir() if each.suffix != ".lock")


def test_a_file_comes_whole_and_says_its_progress(path, waits):
    steps = []
    with open_shop(GOODS) as shop:
        assert fetch(shop.address, path, shop.sha256, lambda *step: steps.append(step), waits.patience) == shop.sha256
    assert path.read_bytes() == GOODS
    assert there(path) == ["model.pt"]
    assert steps[-1] == (len(GOODS), len(GOODS))
    assert steps == sorted(steps)
    assert waits == []


def test_the_first_digits_of_a_digest_are_enough(path):
    with open_shop(GOODS) as shop:
        assert fetch(shop.address, path, shop.sha256[:8]) == shop.sha256


def test_what_is_there_is_not_asked_for_again(path):
    with open_shop(GOODS) as shop:
        fetch(shop.address, path)
        fetch(shop.address, path, shop.sha256)
        assert len(shop.asked) == 1
        path.write_bytes(b"damaged")
        fetch(shop.address, path, shop.sha256)
    assert path.read_bytes() == GOODS


def test_where_the_line_breaks_it_goes_on(path, waits):
    with open_shop(GOODS, breaks_off(CHUNK), breaks_off(CHUNK), well) as shop:
        assert fetch(shop.address, path, None, patience=waits.patience) == shop.sha256
    assert [each.get("Range") for each in shop.asked] == [None, f"bytes={CHUNK}-", f"bytes={2 * CHUNK}-"]
    assert shop.asked[1]["If-Range"] == '"first"'
    assert waits == [2, 4]


def test_a_later_start_goes_on_too(path, waits):
    with open_shop(GOODS, breaks_off(CHUNK), hangs_up, hangs_up, well) as shop:
        with pytest.raises(ClipitError, match=r"after 3 tries: .*what came is kept, and the next start goes on"):
            fetch(shop.address, path, shop.sha256, patience=waits.patience)
        assert there(path) == ["model.pt.part", "model.pt.part.json"]
        fetch(shop.address, path, shop.sha256, patience=waits.patience)
    assert shop.asked[-1]["Range"] == f"bytes={CHUNK}-"
    assert there(path) == ["model.pt"]


def test_tries_that_bring_much_are_not_counted_as_failures(path, waits):
    goods = random.Random(1).randbytes(6 * WORTH_IT)
    with open_shop(goods, *[breaks_off(WORTH_IT)] * 5, well) as shop:
        fetch(shop.address, path, shop.sha256, patience=waits.patience)
    assert waits == [1] * 5


def test_a_part_that_was_whole_is_only_checked(path):
    with open_shop(GOODS) as shop:
        path.parent.mkdir()
        path.with_name("model.pt.part").write_bytes(GOODS)
        note = {"address": shop.address, "state": '"first"', "total": len(GOODS)}
        path.with_name("model.pt.part.json").write_text(json.dumps(note))
        fetch(shop.address, path, shop.sha256)
        assert shop.asked == []


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"address": "http://elsewhere", "state": "\\"a\\"", "total": 9}'])
def test_a_part_of_something_else_is_not_gone_on_with(path, note):
    with open_shop(GOODS) as shop:
        path.parent.mkdir()
        path.with_name("model.pt.part").write_bytes(b"of another file")
        path.with_name("model.pt.part.json").write_text(note)
        fetch(shop.address, path, shop.sha256)
        assert "Range" not in shop.asked[0]


def test_a_file_that_changes_amid_is_brought_from_the_start(path, waits):
    with open_shop(GOODS, breaks_off(CHUNK), well) as shop:
        changing = waits.patience
        object.__setattr__(changing, "pause", lambda _: setattr(shop, "etag", '"second"'))
        fetch(shop.address, path, shop.sha256, patience=changing)
    assert shop.asked[1]["If-Range"] == '"first"'
    assert path.read_bytes() == GOODS


def test_a_server_that_ignores_the_range_is_believed(path, waits):
    with open_shop(GOODS, breaks_off(CHUNK), ignores_range) as shop:
        fetch(shop.address, path, shop.sha256, patience=waits.patience)
    assert path.read_bytes() == GOODS


@pytest.mark.parametrize("span", ["bytes 5-9/10", f"bytes {CHUNK}-{CHUNK}/263000", "nonsense", ""])
def test_a_rest_of_another_place_or_length_is_not_taken(path, waits, span):
    with open_shop(GOODS, breaks_off(CHUNK), says(206, b"wrong", Content_Range=span), well) as shop:
        fetch(shop.address, path, shop.sha256, patience=waits.patience)
    assert path.read_bytes() == GOODS


def test_a_rest_of_another_state_is_not_taken(path, waits):
    rest = says(206, b"wrong", Content_Range=f"bytes {CHUNK}-{len(GOODS) - 1}/{len(GOODS)}", ETag='"other"')
    with open_shop(GOODS, breaks_off(CHUNK), rest, well) as shop:
        fetch(shop.address, path, shop.sha256, patience=waits.patience)
    assert path.read_bytes() == GOODS


def test_without_a_state_only_a_digest_lets_it_go_on(path, waits):
    for digest, expected in ((True, f"bytes={CHUNK}-"), (False, None)):
        with open_shop(GOODS, breaks_off(CHUNK), well) as shop:
            shop.etag = None
            fetch(shop.address, path, shop.sha256 if digest else None, patience=waits.patience)
            assert shop.asked[1].get("Range") == expected
        path.unlink()


def test_a_range_beyond_the_end_begins_again(path, waits):
    with open_shop(GOODS, breaks_off(CHUNK), says(416, b"<html>", Content_Type="text/html"), well) as shop:
        fetch(shop.address, path, shop.sha256, patience=waits.patience)
    assert path.read_bytes() == GOODS


def test_a_server_that_falls_silent_is_given_up(path, waits):
    with (
        open_shop(GOODS, stalls(CHUNK)) as shop,
        pytest.raises(ClipitError, match=r"127\.0\.0\.1 (said nothing for 0.2 seconds|broke off).*is kept"),
    ):
        fetch(shop.address, path, shop.sha256, patience=waits.short)
    assert there(path) == ["model.pt.part", "model.pt.part.json"]


def test_a_server_that_says_nothing_at_all_is_given_up(path, waits):
    with (
        open_shop(GOODS, lambda visit: visit.shop.closing.wait()) as shop,
        pytest.raises(ClipitError, match=r"gave up .* after 2 tries: 127\.0\.0\.1 said nothing for 0.2 seconds$"),
    ):
        fetch(shop.address, path, shop.sha256, patience=waits.short)


def test_a_server_that_promises_more_than_it_has_is_given_up(path, waits):
    with (
        open_shop(GOODS, promises(9)) as shop,
        pytest.raises(ClipitError, match=r"after 3 tries: .* broke off: .*9 more"),
    ):
        fetch(shop.address, path, shop.sha256, patience=waits.patience)
    assert not path.exists()


def test_a_server_that_promises_less_than_it_has_is_found_out_by_the_digest(path, waits):
    with (
        open_shop(GOODS, says(200, GOODS, Content_Length="1000")) as shop,
        pytest.raises(ClipitError, match="has the SHA-256"),
    ):
        fetch(shop.address, path, shop.sha256, patience=waits.patience)
    assert there(path) == []


def test_a_file_of_unknown_length_is_taken_to_its_end(path):
    def chunked(visit):
        visit.start(200, None, Transfer_Encoding="chunked")
        visit.wfile.write(f"{len(GOODS):x}\r\n".encode() + GOODS + b"\r\n0\r\n\r\n")

    with open_shop(GOODS, chunked) as shop:
        fetch(shop.address, path, shop.sha256)
    assert path.read_bytes() == GOODS


def test_a_file_without_end_is_stopped(path, monkeypatch):
    monkeypatch.setattr("clipit.weights.download.MOST_BYTES", 1000)

    def endless(visit):
        visit.start(200, None, Transfer_Encoding="chunked")
        visit.wfile.write(b"fff\r\n" + bytes(0xFFF) + b"\r\n" + b"0\r\n\r\n")

    with open_shop(GOODS, endless) as shop, pytest.raises(ClipitError, match="sends more than the 1000 bytes"):
        fetch(shop.address, path)
    with open_shop(GOODS) as shop, pytest.raises(ClipitError, match="would be 0 GB; accepted: at most"):
        fetch(shop.address, path)


def test_wrong_bytes_are_removed(path):
    with open_shop(GOODS) as shop:
        for digest in (NEVER, NEVER[:8]):
            with pytest.raises(ClipitError, match=f"has the SHA-256 {shop.sha256}, not {digest}; it was removed"):
                fetch(shop.address, path, digest)
            assert there(path) == []


def test_the_digest_that_hugging_face_states_is_asked_for(path):
    with open_shop(GOODS) as shop:
        shop.answers.insert(0, says(302, Location=shop.address, X_Linked_Etag=f'"{NEVER}"'))
        with pytest.raises(ClipitError, match=f"not {NEVER}"):
            fetch(shop.address, path)
        shop.answers.insert(0, says(302, Location="/elsewhere", X_Linked_Etag=f'"{shop.sha256}"'))
        assert fetch(shop.address, path) == shop.sha256


@pytest.mark.parametrize(
    "page",
    [
        says(200, b"<p>sign in</p>", Content_Type="text/html; charset=utf-8"),
        says(200, b"\n<!DOCTYPE html><html>quota exceeded</html>", Content_Type="application/octet-stream"),
    ],
)
def test_a_web_page_is_no_file(path, page):
    with open_shop(GOODS, page) as shop, pytest.raises(ClipitError, match="answers with a web page instead"):
        fetch(shop.address, path)
    assert not path.exists()


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_file_that_is_not_there_is_said_at_once(path, waits, status):
    with open_shop(GOODS, says(status)) as shop, pytest.raises(ClipitError, match=f"answers {status} .* --as NAME"):
        fetch(shop.address, path, patience=waits.patience)
    assert waits == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_is_asked_again(path, waits, status):
    with open_shop(GOODS, says(status), says(status), well) as shop:
        fetch(shop.address, path, shop.sha256, patience=waits.patience)
    with (
        open_shop(GOODS, says(status)) as shop,
        pytest.raises(ClipitError, match=f"after 3 tries: .* answers {status}"),
    ):
        fetch(shop.address, path.with_name("b.pt"), patience=waits.patience)


def test_a_packed_answer_is_refused(path):
    with open_shop(GOODS, says(200, b"a", Content_Encoding="gzip")) as shop, pytest.raises(ClipitError, match="packed"):
        fetch(shop.address, path)


def test_redirects_end(path):
    with open_shop(GOODS, says(302, Location="/again")) as shop, pytest.raises(ClipitError, match="more than 5 times"):
        fetch(shop.address, path)
    assert len(shop.asked) == 6


@pytest.mark.parametrize("address", ["http://example.org/a.pt", "ftp://127.0.0.1/a", "file:///etc/passwd", "a.pt"])
def test_only_https_is_spoken_with_others(path, address):
    with pytest.raises(ClipitError, match="by https only"):
        fetch(address, path)
    with open_shop(GOODS, says(302, Location=address)) as shop:
        if "/" in address:
            with pytest.raises(ClipitError, match="by https only"):
                fetch(shop.address, path)


def test_without_a_server_it_says_so_at_once(path, waits):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/a.pt"
    with pytest.raises(ClipitError, match=r"127\.0\.0\.1 cannot be reached; is there a network\?"):
        fetch(address, path, patience=waits.patience)
    assert waits == []


def test_a_server_without_certificate_is_not_trusted(path, waits):
    with open_shop(GOODS) as shop, pytest.raises(ClipitError, match="does not prove to be itself"):
        fetch(shop.address.replace("http:", "https:"), path, patience=waits.patience)


def test_a_disk_without_room_is_seen_before(path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 10**6))
    with (
        open_shop(GOODS) as shop,
        pytest.raises(ClipitError, match="has 1 MB free, and 0 MB are to come; CLIPIT_CACHE"),
    ):
        fetch(shop.address, path)


def test_a_disk_that_fills_up_amid_keeps_what_came(path):
    def full(there, total):
        raise OSError(errno.ENOSPC, "No space left on device")

    with open_shop(GOODS) as shop:
        with pytest.raises(ClipitError, match="is full; what came is kept, and the next start goes on"):
            fetch(shop.address, path, progress=full)
        fetch(shop.address, path, shop.sha256)
    assert shop.asked[-1]["Range"] == f"bytes={CHUNK}-"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with open_shop(GOODS) as shop, pytest.raises(ClipitError, match="cannot be written"):
        fetch(shop.address, tmp_path / "file" / "model.pt")


def test_two_do_not_bring_the_same_file_at_once(path):
    path.parent.mkdir()
    with (
        open_shop(GOODS) as shop,
        FileLock(f"{path}.lock"),
        pytest.raises(ClipitError, match=r"model\.pt is being downloaded by another process"),
    ):
        fetch(shop.address, path)
    assert shop.asked == []
