import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from google.cloud.storage import Client
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import ApiSettings
from jobs import Files, Progress, Style
from jobs.bucket import BucketShelf
from jobs.firebase import EmulatorCredential
from jobs.memory import MemoryQueue
from tests.api.conftest import EXTRA, Studio
from tests.storage_emulator import new_bucket

FILM = bytes(range(100))
NAMES = ("picture.png", "thumbnail.webp", "film.mp4", "preview.webp")


@pytest.fixture
def film(studio):
    job = studio.painted()
    studio.shelf.put(job.files.film, FILM, replace=True)
    return f"/r/{job.id}/film.mp4"


class HandClock:
    """For the queue and the application."""

    def __init__(self):
        self.now = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(microseconds=1)
        return self.now


@pytest.fixture
def hand_clock():
    return HandClock()


@pytest.fixture
def dated(hand_clock, shelf):
    """A studio by a clock that is moved by hand, and a client that comes later."""
    queue = MemoryQueue(hand_clock)
    client = TestClient(create_app(ApiSettings(link_days=30), queue, shelf, clock=hand_clock))
    return Studio(queue, shelf), client


@pytest.mark.parametrize(
    ("name", "kind"), [("picture.png", "image/png"), ("thumbnail.webp", "image/webp"), ("film.mp4", "video/mp4")]
)
def test_a_file_is_sent_with_its_kind_to_be_shown(client, studio, name, kind):
    job = studio.painted()
    answer = client.get(f"/r/{job.id}/{name}")
    assert answer.content == studio.shelf.get(f"{job.id}/t1-{name}")
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == f'inline; filename="text2art-{name}"'
    assert answer.headers["cache-control"].startswith("private")


def test_a_file_can_be_asked_for_to_be_saved(client, film):
    assert client.get(f"{film}?download=1").headers["content-disposition"].startswith("attachment;")


def test_every_link_of_a_job_leads_to_a_file(client, studio):
    jobs = [studio.painted(style=style, public=True) for style in Style]
    links = [client.get(f"/api/jobs/{job.id}").json()["links"] for job in jobs]
    found = {kind: link for each in links for kind, link in each.items() if link}
    assert set(found) == {"preview", "picture", "film", "thumbnail", "vector", "pixels", "page"}
    assert [client.get(link).status_code for kind, link in found.items() if kind != "page"] == [200] * 6


@pytest.mark.parametrize("query", ["", "?download=1", "?download=0"])
def test_strokes_are_always_saved_and_may_do_nothing_where_they_are_opened(client, studio, query):
    job = studio.painted(style=Style.PAINTING)
    answer = client.get(f"/r/{job.id}/vector.svg{query}")
    assert answer.content == studio.shelf.get(job.files.vector)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["content-disposition"] == 'attachment; filename="text2art-vector.svg"'
    policy = answer.headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_pixel_art_is_sent_with_one_pixel_a_cell(client, studio):
    job = studio.painted(style=Style.PIXEL_ART)
    answer = client.get(f"/r/{job.id}/pixels.png")
    assert (answer.content, answer.headers["content-type"]) == (studio.shelf.get(job.files.pixels), "image/png")
    assert client.get(f"/r/{job.id}/vector.svg").status_code == 404


def test_a_preview_is_not_kept_because_the_next_one_has_its_name(client, studio):
    preview = client.get(f"/api/jobs/{studio.painted().id}").json()["links"]["preview"]
    assert client.get(preview).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", FILM[:10]),
        ("bytes=90-", FILM[90:]),
        ("bytes=90-5000", FILM[90:]),
        ("bytes=-5", FILM[-5:]),
        ("bytes=-5000", FILM),
        ("bytes=99-99", FILM[99:]),
    ],
)
def test_a_part_of_a_film_is_sent_so_that_it_can_be_wound(client, film, asked, part):
    answer = client.get(film, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, part)
    start = FILM.index(part)
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(part) - 1}/100"
    assert answer.headers["content-length"] == str(len(part))
    assert answer.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_beyond_the_end_is_refused(client, film, asked):
    answer = client.get(film, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */100"


@pytest.mark.parametrize(
    "asked",
    ["bytes=-", "bytes=9-1", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=" + "9" * 5000 + "-", "bytes=٣-"],
)
def test_a_range_that_cannot_be_met_simply_is_answered_with_the_whole(client, film, asked):
    answer = client.get(film, headers={"Range": asked.encode()})
    assert (answer.status_code, answer.content) == (200, FILM)


def test_a_part_of_another_edition_is_not_sent(client, film):
    edition = client.get(film).headers["etag"]
    asked = {"Range": "bytes=0-9"}
    assert client.get(film, headers=asked | {"If-Range": edition}).status_code == 206
    assert client.get(film, headers=asked | {"If-Range": '"another"'}).content == FILM


@pytest.mark.parametrize(
    "path",
    [
        "{id}/other.png",
        "{id}/picture.php",
        "{id}/.picture.png",
        "{id}/PICTURE.PNG",
        "{id}/start.png",
        "{id}/t1-picture.png",
        "{id}/",
        "{id}/picture.png%0d%0aSet-Cookie:a=b",
        "{id}/picture.png%00",
        "{id}/%2e%2e%2f%2e%2e%2fqueue.sqlite3",
        "%2e%2e/picture.png",
        "..%2f..%2f..%2fetc/passwd",
        "%2fetc/passwd",
        "{id}%2f..%2f{id}/picture.png",
        "kkkkkkkkkkkkkkkkkkkkkk/picture.png",
    ],
)
def test_nothing_but_a_job_and_one_of_its_names_leads_to_a_file(client, studio, path):
    answer = client.get("/r/" + path.format(id=studio.painted().id))
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-type"] == "application/json"


def test_files_that_the_job_does_not_have_yet_are_not_found(client, studio):
    job = studio.order()
    assert [client.get(f"/r/{job.id}/{name}").status_code for name in NAMES] == [404] * 4
    studio.report(studio.begin(), 10)
    assert [client.get(f"/r/{job.id}/{name}").status_code for name in NAMES] == [404, 404, 404, 200]


def test_a_job_without_a_film_has_none(client, studio):
    job = studio.order(make_video=False)
    claim = studio.begin()
    files = Files(picture=f"{job.id}/t1-picture.png", thumbnail=f"{job.id}/t1-thumbnail.webp")
    studio.shelf.put(files.picture, b"picture")
    studio.queue.finish(claim, files)
    assert client.get(f"/r/{job.id}/film.mp4").status_code == 404
    assert client.get(f"/r/{job.id}/picture.png").content == b"picture"


def test_a_start_image_is_never_sent(client, studio):
    key = f"{secrets.token_urlsafe(16)}/start.png"
    studio.shelf.put(key, b"somebody's face")
    job = studio.painted(start_image=key)
    for path in (f"/r/{key}", f"/r/{job.id}/start.png", f"/files/{key}"):
        assert client.get(path).status_code == 404


def test_the_preview_is_the_one_that_was_reported_last(client, studio):
    job = studio.order()
    claim = studio.begin()
    for step in (10, 20):
        studio.report(claim, step)
        assert client.get(f"/r/{job.id}/preview.webp").content == b"preview %d" % step


def test_the_preview_of_a_finished_job_is_what_its_last_report_named(client, studio):
    job = studio.order()
    claim = studio.begin()
    studio.report(claim, 50)
    thumbnail = f"{job.id}/t1-thumbnail.webp"
    studio.queue.heartbeat(claim, 60, Progress(step=100, of=100, score=0.3, preview=thumbnail))
    studio.finish(claim)
    studio.shelf.remove(f"{job.id}/t1-preview.webp")
    assert client.get(f"/r/{job.id}/preview.webp").content == studio.shelf.get(thumbnail)


def test_head_tells_what_get_would_without_the_bytes(client, film):
    told, sent = client.head(film), client.get(film)
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers == sent.headers
    assert told.headers["content-length"] == "100"
    assert client.head(film.replace("film.mp4", "other.mp4")).status_code == 404


def test_a_revoked_job_shows_nothing_even_a_public_one(client, studio):
    job = studio.painted(public=True)
    studio.queue.revoke(job.id)
    for name in NAMES:
        answer = client.get(f"/r/{job.id}/{name}")
        assert (answer.status_code, answer.headers["cache-control"]) == (410, "no-store")
        assert "no longer" in answer.json()["detail"]


def test_a_revoked_job_shows_no_preview_while_it_is_painted(client, studio):
    job = studio.order()
    studio.report(studio.begin(), 10)
    studio.queue.revoke(job.id)
    assert client.get(f"/r/{job.id}/preview.webp").status_code == 410


def test_files_are_shown_for_as_long_as_is_set_and_public_ones_for_ever(dated, hand_clock):
    studio, client = dated
    private, public = studio.painted(), studio.painted(public=True)
    hand_clock.now = private.finished_at + timedelta(days=30) - timedelta(seconds=1)
    assert [client.get(f"/r/{private.id}/{name}").status_code for name in NAMES] == [200] * 4
    hand_clock.now = private.finished_at + timedelta(days=30)
    assert [client.get(f"/r/{private.id}/{name}").status_code for name in NAMES] == [410] * 4
    hand_clock.now += timedelta(days=5000)
    assert [client.get(f"/r/{public.id}/{name}").status_code for name in NAMES] == [200] * 4


def test_a_preview_of_a_failed_job_ends_with_it(dated, hand_clock):
    studio, client = dated
    job = studio.order()
    claim = studio.begin()
    studio.report(claim, 10)
    studio.queue.fail(claim, "The painter stumbled.")
    assert client.get(f"/r/{job.id}/preview.webp").status_code == 200
    hand_clock.now += timedelta(days=30)
    assert client.get(f"/r/{job.id}/preview.webp").status_code == 410


class LinkedStudio(Studio):
    """Paints for a shelf that gives links, without putting anything there."""

    def report(self, claim, step):
        preview = f"{claim.job.id}/t{claim.token}-preview.webp"
        self.queue.heartbeat(claim, 60, Progress(step=step, of=100, score=0.25, preview=preview))

    def finish(self, claim):
        names = {"picture": "picture.png", "thumbnail": "thumbnail.webp", "film": "film.mp4"}
        names |= EXTRA.get(claim.job.order.style, {})
        return self.queue.finish(claim, Files(**{kind: f"{claim.job.id}/t1-{name}" for kind, name in names.items()}))


@pytest.fixture
def linked(queue, settings, clock):
    """A studio and a client whose files lie in a bucket of the real service, to which no request may go."""
    credentials = EmulatorCredential().get_credential()
    shelf = BucketShelf(Client(project="art", credentials=credentials).bucket("art"))
    client = TestClient(create_app(settings, queue, shelf, clock=clock), follow_redirects=False)
    return LinkedStudio(queue, shelf), client


@pytest.mark.parametrize(
    ("name", "kind", "cache"),
    [
        ("picture.png", "image/png", "private, max-age=600"),
        ("thumbnail.webp", "image/webp", "private, max-age=600"),
        ("film.mp4", "video/mp4", "private, max-age=600"),
        ("preview.webp", "image/webp", "no-store"),
    ],
)
def test_where_the_shelf_has_links_the_browser_is_sent_there_for_a_quarter_of_an_hour(linked, name, kind, cache):
    studio, client = linked
    job = studio.painted()
    answer = client.get(f"/r/{job.id}/{name}")
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["cache-control"] == cache
    link = urlsplit(answer.headers["location"])
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"https://storage.googleapis.com/art/{job.id}/t1-{name}"
    query = parse_qs(link.query)
    assert (query["X-Goog-Expires"], query["response-content-type"]) == (["900"], [kind])
    assert "response-content-disposition" not in query


def test_a_link_outlives_every_use_of_a_kept_redirect():
    from api.results import LINK_LIFETIME_S, REDIRECT_AGE_S

    assert LINK_LIFETIME_S - REDIRECT_AGE_S >= 300


def test_a_link_to_save_names_the_file(linked):
    studio, client = linked
    answer = client.get(f"/r/{studio.painted().id}/film.mp4?download=1")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["response-content-disposition"] == ['attachment; filename="text2art-film.mp4"']


def test_a_link_to_strokes_always_saves_them(linked):
    studio, client = linked
    answer = client.get(f"/r/{studio.painted(style=Style.PAINTING).id}/vector.svg")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["response-content-disposition"] == ['attachment; filename="text2art-vector.svg"']
    assert answer.headers["content-security-policy"].endswith("sandbox")


def test_head_is_sent_there_too(linked):
    studio, client = linked
    assert client.head(f"/r/{studio.painted().id}/picture.png").status_code == 302


def test_no_link_is_given_for_what_is_not_shown(linked):
    studio, client = linked
    job, waiting = studio.painted(), studio.order()
    studio.queue.revoke(job.id)
    paths = [f"{job.id}/picture.png", f"{waiting.id}/picture.png", f"{'k' * 22}/picture.png", f"{job.id}/start.png"]
    answers = [client.get(f"/r/{path}") for path in paths]
    assert [answer.status_code for answer in answers] == [410, 404, 404, 410]
    assert not any("location" in answer.headers for answer in answers)


def test_a_link_leads_to_the_file_in_the_bucket(queue, settings, clock, storage_url):
    shelf = BucketShelf(new_bucket(storage_url, f"results-{secrets.token_hex(8)}"))
    client = TestClient(create_app(settings, queue, shelf, clock=clock), follow_redirects=False)
    job = Studio(queue, shelf).painted()
    for name in NAMES:
        sent = requests.get(client.get(f"/r/{job.id}/{name}").headers["location"], timeout=10)
        assert sent.content == shelf.get(f"{job.id}/t1-{name}")
