import pytest


def gallery(client, **query):
    answer = client.get("/api/gallery", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_only_finished_public_jobs_are_shown_newest_first(client, studio):
    first = studio.painted(public=True, prompt="first")
    studio.painted(prompt="private")
    second = studio.painted(public=True, prompt="second")
    studio.order(public=True, prompt="waiting")
    shown = gallery(client)
    assert [job["id"] for job in shown["jobs"]] == [second.id, first.id]
    assert shown["next"] is None


def test_a_picture_is_shown_with_its_files_and_no_state_of_a_job(client, studio):
    job = studio.painted(public=True)
    (shown,) = gallery(client)["jobs"]
    assert set(shown) == {
        "id",
        "prompt",
        "style",
        "quality",
        "aspect",
        "links",
        "created_at",
        "started_at",
        "finished_at",
    }
    links = {kind: link for kind, link in shown["links"].items() if link}
    assert links == {
        "picture": f"/r/{job.id}/picture.png",
        "thumbnail": f"/r/{job.id}/thumbnail.webp",
        "film": f"/r/{job.id}/film.mp4",
    }
    assert [client.get(link).status_code for link in links.values()] == [200] * 3


def test_a_revoked_picture_leaves_the_gallery(client, studio):
    revoked, kept = studio.painted(public=True), studio.painted(public=True)
    studio.queue.revoke(revoked.id)
    assert [job["id"] for job in gallery(client)["jobs"]] == [kept.id]


def test_the_pages_together_show_every_picture_once(client, studio):
    painted = [studio.painted(public=True).id for _ in range(5)]
    seen, before = [], {}
    for size in (2, 2, 1):
        page = gallery(client, limit=2, **before)
        assert len(page["jobs"]) == size
        seen += [job["id"] for job in page["jobs"]]
        before = {"before": page["next"]}
    assert page["next"] is None
    assert seen == painted[::-1]


def test_a_last_page_that_is_just_full_has_no_next(client, studio):
    for _ in range(2):
        studio.painted(public=True)
    assert gallery(client, limit=2)["next"] is None


def test_an_empty_gallery_is_empty(client):
    assert gallery(client) == {"jobs": [], "next": None}


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 49},
        {"limit": "x"},
        {"before": "yesterday"},
        {"before": "2030-01-01T00:00:00"},
        {"before": "0001-01-01T00:00:00+14:00"},
        {"before": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_a_bad_query_is_refused_by_field(client, query):
    answer = client.get("/api/gallery", params=query)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["detail"]] == list(query)
