from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from starlette.testclient import TestClient

from api.settings import ApiSettings
from api.visitors import COOKIE
from jobs import Reason
from tests.api.conftest import ADDRESS

HOSTILE = """</title><img src=x onerror=alert(1)><script>alert(2)</script>"'` {{ 7*7 }} &amp; 水 🏰"""
NOWHERE = "A" * 22


class Page(HTMLParser):
    """What a browser finds on a page: its tags with their attributes, and its text."""

    def __init__(self, answer):
        super().__init__()
        self.tags, self.text, self.title, self._inside = [], "", "", []
        self.feed(answer.text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_endtag(self, tag):
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data):
        self.text += data
        if self._inside[-1:] == ["title"]:
            self.title += data

    def all(self, tag, **wanted):
        return [found for name, found in self.tags if name == tag and wanted.items() <= found.items()]

    def meta(self):
        return {tag.get("property", tag.get("name")): tag.get("content") for tag in self.all("meta")}

    def pictures(self):
        return [tag["id"] for tag in self.all("li") if "id" in tag]

    def link(self, **wanted):
        (found,) = self.all("a", **wanted)
        return found["href"]


@pytest.fixture
def hang(studio, shelf):
    """hang(**fields) is a finished public job with a picture that can be read."""

    def hang(owner=None, *, pixels=(48, 32), **fields):
        job = studio.painted(owner, **{"public": True} | fields)
        png = BytesIO()
        Image.new("RGB", pixels).save(png, "PNG")
        shelf.put(job.files.picture, png.getvalue(), replace=True)
        return job

    return hang


@pytest.fixture
def visit(app):
    """A client for each browser."""
    return lambda: TestClient(app)


def see(client, path, **query):
    answer = client.get(path, params=query or None)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    return Page(answer)


def press_like(client, job, liked="true", back="/gallery"):
    form = {"liked": liked, "back": back}
    return client.post(f"/a/{job.id}/like", data=form, follow_redirects=False)


class TestTheWall:
    def test_shows_twelve_at_a_time_and_a_link_leads_on_until_the_last(self, client, hang):
        hung = [hang(prompt=f"kite {n}").id for n in range(26)]
        found, path = [], "/gallery"
        for expected in (12, 12, 2):
            page = see(client, path)
            assert len(page.pictures()) == expected
            found += page.pictures()
            path = page.link(rel="next") if expected == 12 else None
        assert found == hung[::-1]
        assert page.all("a", rel="next") == []

    def test_search_style_and_sort_are_kept_from_page_to_page(self, client, hang):
        wanted = [hang(prompt=f"blue kite {n}", style="painting") for n in range(14)]
        hang(prompt="red kite", style="painting")
        hang(prompt="blue kite")
        first = see(client, "/gallery", q="kite blue", style="painting", sort="liked")
        assert len(first.pictures()) == 12
        second = see(client, first.link(rel="next"))
        assert {*first.pictures(), *second.pictures()} == {job.id for job in wanted}
        query = parse_qs(urlsplit(second.all("input", name="back")[0]["value"]).query)
        assert (query["q"], query["style"], query["sort"]) == (["kite blue"], ["painting"], ["liked"])

    def test_the_form_shows_what_was_searched_and_the_tabs_keep_it(self, client, hang):
        hang(prompt="kite", style="pixel art")
        page = see(client, "/gallery", q="kite", style="pixel art", sort="liked")
        assert page.all("input", name="q", value="kite") and page.all("input", name="sort", value="liked")
        assert [option["value"] for option in page.all("option") if "selected" in option] == ["pixel art"]
        current = page.all("a", **{"aria-current": "page"})
        assert [link["href"] for link in current] == [
            "/gallery",  # in the header
            "/gallery?q=kite&style=pixel+art&sort=liked",
        ]
        assert page.all("a", href="/gallery?q=kite&style=pixel+art")

    def test_most_liked_come_first_when_asked_for(self, client, visit, hang):
        loved, newer = hang(prompt="old"), hang(prompt="new")
        press_like(visit(), loved)
        assert see(client, "/gallery").pictures() == [newer.id, loved.id]
        assert see(client, "/gallery", sort="liked").pictures() == [loved.id, newer.id]

    def test_bare_walls_and_a_search_without_finds_say_different_things(self, client, hang):
        assert "still bare" in see(client, "/gallery").text
        hang(prompt="kite")
        page = see(client, "/gallery", q="castle")
        assert "No picture here is like that" in page.text and page.pictures() == []

    def test_a_picture_leads_to_its_page_and_keeps_its_place_while_it_loads(self, client, hang):
        shapes = {"square": "320", "widescreen": "180", "portrait": "400"}
        jobs = {hang(aspect=aspect).id: height for aspect, height in shapes.items()}
        jobs[hang(size=(640, 330)).id] = "180"
        page = see(client, "/gallery")
        for job_id, height in jobs.items():
            assert page.all("a", href=f"/a/{job_id}")
            (image,) = page.all("img", src=f"/r/{job_id}/thumbnail.webp")
            assert (image["width"], image["height"], image["loading"]) == ("320", height, "lazy")

    def test_private_waiting_and_revoked_pictures_do_not_hang(self, client, studio, hang, queue):
        studio.painted(public=False)
        queue.revoke(hang().id)
        studio.order(public=True)
        assert see(client, "/gallery").pictures() == []

    def test_an_empty_choice_of_the_form_is_no_choice(self, client, hang):
        job = hang()
        assert see(client, "/gallery", q="", style="", sort="", after="").pictures() == [job.id]

    @pytest.mark.parametrize(
        "query", [{"sort": "oldest"}, {"style": "sculpture"}, {"after": "yesterday"}, {"after": f"1-{'9' * 18}"}]
    )
    def test_an_address_that_no_page_leads_to_shows_the_lost_page(self, client, query):
        answer = client.get("/gallery", params=query)
        assert answer.status_code == 404 and "Nothing hangs here." in answer.text


class TestAPicture:
    def test_tells_all_about_itself(self, client, hang):
        job = hang(prompt="a kite", style="painting", quality="better", aspect="portrait", seed=77, pixels=(40, 50))
        page = see(client, f"/a/{job.id}")
        for said in ("a kite", "Painting", "Better", "Portrait", "77", "40 \N{MULTIPLICATION SIGN} 50", "2030-01-01"):
            assert said in page.text
        (image,) = page.all("img")
        assert (image["width"], image["height"], image["alt"]) == ("40", "50", "a kite")
        assert page.all("video", src=f"/r/{job.id}/film.mp4")
        assert page.title == "a kite | Text2Art"

    def test_leads_on_to_remix_start_and_downloads_that_there_are(self, client, hang):
        files = {
            "image": ["picture.png", "film.mp4"],
            "painting": ["picture.png", "film.mp4", "vector.svg"],
            "pixel art": ["picture.png", "film.mp4", "pixels.png"],
        }
        for style, names in files.items():
            job = hang(style=style)
            page = see(client, f"/a/{job.id}")
            assert page.all("a", href=f"/?remix={job.id}") and page.all("a", href=f"/?start={job.id}")
            downloads = [link["href"] for link in page.all("a") if "download" in link]
            assert downloads == [f"/r/{job.id}/{name}?download=1" for name in names]
            for path in downloads:
                answer = client.get(path)
                assert answer.status_code == 200
                assert answer.headers["content-disposition"].startswith("attachment")

    def test_tells_other_sites_how_to_show_it(self, client, hang):
        job = hang(prompt="a kite", pixels=(48, 32))
        page = see(client, f"/a/{job.id}")
        site, meta = "http://testserver", page.meta()
        assert meta["og:url"] == f"{site}/a/{job.id}" == page.all("link", rel="canonical")[0]["href"]
        assert (meta["og:type"], meta["og:title"], meta["twitter:title"]) == ("article", "a kite", "a kite")
        assert meta["og:image"] == meta["twitter:image"] == f"{site}/r/{job.id}/picture.png"
        assert (meta["og:image:width"], meta["og:image:height"], meta["og:image:alt"]) == ("48", "32", "a kite")
        assert meta["og:video"] == f"{site}/r/{job.id}/film.mp4"
        assert meta["twitter:card"] == "summary_large_image" and meta["og:description"]
        assert "robots" not in meta
        picture = client.get(urlsplit(meta["og:image"]).path)
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")

    def test_hides_nothing_hostile_in_a_prompt_anywhere(self, client, hang):
        job = hang(prompt=HOSTILE)
        for path in ("/gallery", f"/a/{job.id}"):
            page = see(client, path, **({"q": HOSTILE} if path == "/gallery" else {}))
            assert all(tag.get("src", "").startswith("/") for name, tag in page.tags if name in ("img", "script"))
            assert not any(name.startswith("on") for _, tag in page.tags for name in tag)
            assert HOSTILE in page.text and "49" not in page.title
        meta = page.meta()
        assert {meta[name] for name in ("og:title", "og:image:alt", "twitter:title", "twitter:image:alt")} == {HOSTILE}
        assert page.title == f"{HOSTILE} | Text2Art"

    def test_shows_neither_address_nor_owner(self, client, hang):
        job = hang("uid-ann")
        for path in ("/gallery", f"/a/{job.id}"):
            text = client.get(path).text
            assert ADDRESS not in text and "canary" not in text and "uid-ann" not in text

    def test_gives_no_cookie_to_who_only_looks(self, client, hang):
        job = hang()
        for path in ("/gallery", f"/a/{job.id}"):
            assert "set-cookie" not in client.get(path).headers

    @pytest.mark.parametrize("id", [NOWHERE, "x", "a b", "<script>"])
    def test_that_does_not_hang_is_answered_with_the_lost_page(self, client, id):
        for answer in (
            client.get(f"/a/{id}"),
            client.post(f"/a/{id}/like", data={"liked": "true", "back": "/gallery"}),
            client.post(f"/a/{id}/report", data={"reason": "other"}),
        ):
            assert answer.status_code == 404 and "Nothing hangs here." in answer.text

    def test_private_and_revoked_pictures_have_no_page(self, client, studio, hang, queue):
        private, revoked = studio.painted(public=False), hang()
        queue.revoke(revoked.id)
        for job in (private, revoked):
            answer = client.get(f"/a/{job.id}")
            assert answer.status_code == 404 and "Nothing hangs here." in answer.text

    def test_can_be_asked_for_by_head(self, client, hang):
        job = hang()
        for path in ("/gallery", f"/a/{job.id}"):
            assert client.head(path).status_code == 200


class TestBehindAProxy:
    @pytest.fixture
    def settings(self):
        return ApiSettings(public_url="https://art.example.com")

    def test_other_sites_are_told_the_public_address(self, client, hang):
        job = hang()
        meta = see(client, f"/a/{job.id}").meta()
        assert meta["og:url"] == f"https://art.example.com/a/{job.id}"
        assert meta["og:image"] == f"https://art.example.com/r/{job.id}/picture.png"


class TestALike:
    def test_counts_once_for_each_visitor_is_remembered_and_can_be_taken_back(self, visit, hang):
        job, ann, ben = hang(), visit(), visit()
        for visitor in (ann, ann, ben):
            assert press_like(visitor, job).status_code == 303
        assert shown_likes(ann, job) == ("true", "2")
        assert shown_likes(visit(), job) == ("false", "2")
        press_like(ann, job, liked="false")
        assert shown_likes(ann, job) == ("false", "1")
        assert shown_likes(ben, job) == ("true", "1")

    def test_leads_back_to_where_the_button_was(self, client, hang):
        job = hang()
        page = see(client, "/gallery", q="castle underwater", sort="liked")
        back = page.all("input", name="back")[0]["value"]
        assert press_like(client, job, back=back).headers["location"] == back
        assert back == f"/gallery?q=castle+underwater&sort=liked#{job.id}"

    @pytest.mark.parametrize(
        "back",
        [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/gallery\r\nX: y",
            "/gallery?\n",
            "javascript:1",
        ],
    )
    def test_leads_to_no_other_place(self, client, hang, back):
        job = hang()
        answer = press_like(client, job, back=back)
        assert answer.headers["location"] == f"/a/{job.id}" and "x" not in answer.headers

    def test_is_not_given_by_another_site(self, client, hang):
        job = hang()
        answer = client.post(
            f"/a/{job.id}/like", data={"liked": "true", "back": "/"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403 and "set-cookie" not in answer.headers
        assert shown_likes(client, job) == ("false", "0")


def shown_likes(client, job):
    page = see(client, f"/a/{job.id}")
    (button,) = page.all("button", name="liked")
    likes = page.text.partition("Like ")[2].split()[0]
    assert button["value"] == ("false" if button["aria-pressed"] == "true" else "true")
    return button["aria-pressed"], likes


class TestAReport:
    def test_reaches_the_operator_and_is_thanked_for(self, client, hang, queue):
        job = hang()
        assert "Thank you" not in see(client, f"/a/{job.id}").text
        offered = [radio["value"] for radio in see(client, f"/a/{job.id}").all("input", name="reason")]
        assert offered == list(Reason)
        answer = client.post(f"/a/{job.id}/report", data={"reason": "rights"}, follow_redirects=False)
        assert answer.status_code == 303
        assert "Thank you" in see(client, answer.headers["location"]).text
        (report,) = queue.gallery.reports(10)
        assert (report.exhibit.id, report.reasons) == (job.id, {Reason.RIGHTS: 1})

    def test_without_a_reason_is_refused(self, client, hang, queue):
        assert client.post(f"/a/{hang().id}/report", data={"reason": "envy"}).status_code == 422
        assert queue.gallery.reports(10) == []


class TestDeleting:
    @pytest.fixture
    def owner(self, visit, hang, queue):
        """A browser that is known, and the picture that it ordered."""
        browser = visit()
        press_like(browser, hang())
        cookie = browser.cookies[COOKIE]
        visitor = browser.app.state.cookies.visitor(cookie)
        return browser, hang(visitor.id, prompt="mine")

    def test_is_offered_to_the_owner_alone(self, owner, visit):
        browser, job = owner
        liker = visit()
        press_like(liker, job)
        for visitor, offered in ((browser, True), (liker, False), (visit(), False)):
            links = see(visitor, f"/a/{job.id}").all("a", href=f"/mine/{job.id}/delete")
            assert bool(links) == offered

    def test_is_not_offered_where_the_owner_is_not_known(self, owner, hang):
        browser, _ = owner
        job = hang()
        assert see(browser, f"/a/{job.id}").all("a", href=f"/mine/{job.id}/delete") == []
