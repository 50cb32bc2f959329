import pytest

FILM = bytes(range(100))


@pytest.fixture
def film(studio):
    job = studio.painted()
    key = f"{job.id}/film.mp4"
    studio.shelf.put(key, FILM)
    return f"/files/{key}"


@pytest.mark.parametrize(
    ("name", "kind"), [("picture.png", "image/png"), ("thumbnail.webp", "image/webp"), ("film.mp4", "video/mp4")]
)
def test_a_file_is_sent_with_its_kind_to_be_shown(client, studio, name, kind):
    job = studio.painted()
    answer = client.get(f"/files/{job.id}/{name}")
    assert answer.content == studio.shelf.get(f"{job.id}/{name}")
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == f'inline; filename="text2art-{name}"'
    assert answer.headers["cache-control"].startswith("private")


def test_a_file_can_be_asked_for_to_be_saved(client, film):
    assert client.get(f"{film}?download=1").headers["content-disposition"].startswith("attachment;")


def test_every_link_of_a_job_leads_to_a_file(client, studio):
    links = client.get(f"/api/jobs/{studio.painted().id}").json()["links"]
    assert set(links) == {"preview", "picture", "film", "thumbnail"}
    assert [client.get(link).status_code for link in links.values()] == [200] * 4


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
def test_nothing_but_a_key_leads_to_a_file(client, studio, path):
    answer = client.get("/files/" + path.format(id=studio.painted().id))
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-type"] == "application/json"
