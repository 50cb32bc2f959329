import pytest
from starlette.testclient import TestClient

from jobs import Sort, Style


@pytest.fixture
def visit(app):
    """A client for each browser."""
    return lambda: TestClient(app)


def gallery(client, **query):
    answer = client.get("/api/gallery", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(page):
    return [job["id"] for job in page["jobs"]]


def test_only_finished_public_jobs_are_shown_newest_first(client, studio):
    first = studio.painted(public=True, prompt="first")
    studio.painted(prompt="private")
    second = studio.painted(public=True, prompt="second")
    studio.order(public=True, prompt="waiting")
    shown = gallery(client)
    assert ids(shown) == [second.id, first.id]
    assert shown["next"] is None


def test_a_picture_is_shown_with_its_files_and_no_state_of_a_job(client, studio):
    job = studio.painted("uid-ann", public=True)
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
        "likes",
        "liked",
        "page",
    }
    assert shown["page"] == shown["links"].pop("page") == f"/a/{job.id}"
    links = {kind: link for kind, link in shown["links"].items() if link}
    assert links == {
        "picture": f"/r/{job.id}/picture.png",
        "thumbnail": f"/r/{job.id}/thumbnail.webp",
        "film": f"/r/{job.id}/film.mp4",
    }
    assert [client.get(link).status_code for link in links.values()] == [200] * 3
    assert "uid-ann" not in str(shown)


def test_a_revoked_picture_leaves_the_gallery(client, studio):
    revoked, kept = studio.painted(public=True), studio.painted(public=True)
    studio.queue.revoke(revoked.id)
    assert ids(gallery(client)) == [kept.id]


@pytest.mark.parametrize("sort", Sort)
def test_the_pages_together_show_every_picture_once(client, studio, visit, sort):
    painted = [studio.painted(public=True).id for _ in range(5)]
    visit().post(f"/api/gallery/{painted[1]}/like")
    seen, after = [], {}
    for size in (2, 2, 1):
        page = gallery(client, limit=2, sort=sort, **after)
        assert len(page["jobs"]) == size
        seen += ids(page)
        after = {"after": page["next"]}
    assert page["next"] is None
    assert sorted(seen) == sorted(painted)
    assert seen[0] == (painted[4] if sort is Sort.NEWEST else painted[1])


def test_a_last_page_that_is_just_full_has_no_next(client, studio):
    for _ in range(2):
        studio.painted(public=True)
    assert gallery(client, limit=2)["next"] is None


def test_an_empty_gallery_is_empty(client):
    assert gallery(client) == {"jobs": [], "next": None}


def test_pictures_are_found_by_words_and_style(client, studio):
    castle = studio.painted(public=True, prompt="A Castle, underwater")
    pixels = studio.painted(public=True, prompt="a castle in the sky", style=Style.PIXEL_ART)
    assert ids(gallery(client, q="castle")) == [pixels.id, castle.id]
    assert ids(gallery(client, q="underwater CASTLE!")) == [castle.id]
    assert ids(gallery(client, q="castle", style="pixel art")) == [pixels.id]
    assert ids(gallery(client, q="dragon")) == []


def test_a_search_is_followed_page_by_page(client, studio):
    found = [studio.painted(public=True, prompt="a castle").id for _ in range(3)]
    studio.painted(public=True, prompt="a fox")
    first = gallery(client, q="castle", limit=2)
    second = gallery(client, q="castle", limit=2, after=first["next"])
    assert ids(first) + ids(second) == found[::-1]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 49},
        {"limit": "x"},
        {"after": "yesterday"},
        {"after": "2030-01-01T00:00:00Z"},
        {"after": "1-999999999999999999"},
        {"after": "9" * 5000},
        {"sort": "oldest"},
        {"style": "cubism"},
        {"q": "x" * 501},
    ],
)
def test_a_bad_query_is_refused_by_field(client, query):
    answer = client.get("/api/gallery", params=query)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["detail"]] == list(query)


def test_the_choices_of_a_query_are_named(client):
    detail = client.get("/api/gallery?sort=oldest").json()["detail"]
    assert detail == [{"field": "sort", "message": "must be one of: newest, liked", "accepted": ["newest", "liked"]}]


# likes


def test_a_like_counts_once_for_each_visitor_and_is_shown_to_who_gave_it(studio, visit):
    path = f"/api/gallery/{studio.painted(public=True).id}/like"
    ann, ben, carl = visit(), visit(), visit()
    assert [ann.post(path).json() for _ in range(2)] == [{"likes": 1, "liked": True}] * 2
    assert ben.post(path).json() == {"likes": 2, "liked": True}
    told = [gallery(each)["jobs"][0] for each in (ann, ben, carl)]
    assert [(job["likes"], job["liked"]) for job in told] == [(2, True), (2, True), (2, False)]


def test_a_like_is_taken_back(studio, visit):
    path = f"/api/gallery/{studio.painted(public=True).id}/like"
    ann, ben = visit(), visit()
    ann.post(path)
    assert ben.delete(path).json() == {"likes": 1, "liked": False}
    assert [ann.delete(path).json() for _ in range(2)] == [{"likes": 0, "liked": False}] * 2


def test_who_likes_is_known_by_no_answer(studio, visit, queue):
    ann = visit()
    answer = ann.post(f"/api/gallery/{studio.painted(public=True).id}/like")
    assert "browser:" not in answer.text + str(gallery(ann))


# reports


def test_of_a_visitors_reports_the_newest_counts(studio, visit, queue):
    path = f"/api/gallery/{studio.painted(public=True).id}/report"
    ann, ben = visit(), visit()
    for client, reason in ((ann, "other"), (ann, "rights"), (ben, "rights")):
        assert client.post(path, json={"reason": reason}).status_code == 204
    [report] = queue.gallery.reports(10)
    assert report.reasons == {"rights": 2}


@pytest.mark.parametrize(
    ("body", "field"), [({}, "reason"), ({"reason": "boring"}, "reason"), ({"reason": "other", "text": "x"}, "text")]
)
def test_a_bad_report_is_refused_by_field(client, studio, queue, body, field):
    answer = client.post(f"/api/gallery/{studio.painted(public=True).id}/report", json=body)
    assert [problem["field"] for problem in answer.json()["detail"]] == [field]
    assert queue.gallery.reports(10) == []


def test_a_report_that_any_sites_form_could_send_is_refused(client, studio):
    path = f"/api/gallery/{studio.painted(public=True).id}/report"
    answer = client.post(path, content=b'{"reason": "other"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422


@pytest.mark.parametrize("name", ["k" * 22, "x", "..%2f..%2fetc", "%00", "<script>", "🦊", "private"])
def test_what_does_not_hang_is_neither_liked_nor_reported(client, studio, name):
    path = f"/api/gallery/{studio.painted().id if name == 'private' else name}"
    answers = [
        client.post(f"{path}/like"),
        client.delete(f"{path}/like"),
        client.post(f"{path}/report", json={"reason": "other"}),
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert all(answer.json()["detail"] for answer in answers)
