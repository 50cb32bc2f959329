"""The gallery and the pages of its pictures, with script and without it."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from jobs import JobNotFound, Reason
from tests.browser import assert_plays

HOSTILE = """</title><img src=x onerror=alert(1)><script>alert(2)</script>"'&amp; ${alert(3)} 水 🏰"""
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
SCRIPTLESS = {"java_script_enabled": False}


@pytest.fixture
def hang(studio):
    """hang(**order) is a picture in the gallery; it has no film unless one is asked for."""

    def hang(**order):
        return studio.finished(**{"public": True, "make_video": False} | order)

    return hang


def pictures(page: Page):
    return page.locator("[data-hook=wall] > li")


def further(page: Page):
    return page.get_by_role("link", name="Show more")


def like_of(page: Page, prompt: str):
    """The button that belongs to this prompt, as screen readers find it."""
    return pictures(page).filter(has_text=prompt).get_by_role("button", name=re.compile("^Like"))


def expect_likes(button, count: int, *, mine: bool) -> None:
    expect(button.page.locator("form[aria-busy=true]")).to_have_count(0)  # the server knows, too
    expect(button).to_have_attribute("aria-pressed", str(mine).lower())
    expect(button).to_have_text(f"Like {count}")


def on_top_of(page: Page):
    """What has the focus."""
    return page.evaluate("document.activeElement.closest('li')?.id ?? document.activeElement.textContent.trim()")


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_scrolling_hangs_picture_after_picture_until_all_hang(hang, arrive):
    ids = [hang(prompt=f"kite {n}").id for n in range(30)][::-1]
    visitor = arrive("/gallery", **PHONE)
    page = visitor.page
    expect(pictures(page)).to_have_count(12)
    pictures(page).last.scroll_into_view_if_needed()
    expect(pictures(page)).to_have_count(24)
    expect(page.get_by_role("status")).to_have_text("12 more pictures")
    pictures(page).last.scroll_into_view_if_needed()
    expect(pictures(page)).to_have_count(30)
    expect(page.get_by_role("status")).to_have_text("6 more pictures")
    expect(further(page)).to_have_count(0)
    assert [picture.get_attribute("id") for picture in pictures(page).all()] == ids
    assert sum(urlsplit(url).path == "/gallery" for url in visitor.loaded) == 3


def test_a_window_that_shows_all_of_it_is_filled_without_scrolling(hang, arrive):
    for n in range(30):
        hang(prompt=f"kite {n}")
    page = arrive("/gallery", viewport={"width": 1600, "height": 4000}).page
    expect(pictures(page)).to_have_count(30)


def test_who_comes_back_finds_the_wall_as_it_was_left(hang, arrive):
    jobs = [hang(prompt=f"kite {n}.") for n in range(30)]
    page = arrive("/gallery", **PHONE).page
    pictures(page).last.scroll_into_view_if_needed()
    expect(pictures(page)).to_have_count(24)
    chosen = pictures(page).filter(has_text="kite 10.")
    chosen.scroll_into_view_if_needed()
    chosen.get_by_role("link").click()
    page.wait_for_url(f"**/a/{jobs[10].id}")
    page.go_back()
    expect(chosen).to_be_in_viewport()
    page.reload()
    expect(chosen).to_be_in_viewport()


def test_without_script_links_lead_through_the_same_pictures(hang, arrive):
    ids = [hang(prompt=f"kite {n}").id for n in range(30)][::-1]
    page = arrive("/gallery", **SCRIPTLESS).page
    found = []
    for count in (12, 12, 6):
        expect(pictures(page)).to_have_count(count)
        found += [picture.get_attribute("id") for picture in pictures(page).all()]
        if count == 12:
            further(page).click()
    assert found == ids
    expect(further(page)).to_have_count(0)


def test_the_keyboard_hangs_more_and_goes_on_there(hang, arrive):
    ids = [hang(prompt=f"kite {n}").id for n in range(26)][::-1]
    page = arrive("/gallery", viewport={"width": 320, "height": 200}).page
    page.route("**/gallery?*", lambda route: route.abort())  # so that scrolling alone brings nothing
    further(page).focus()
    expect(page.get_by_role("alert")).to_have_text(re.compile("closed for now.*cannot be reached"))
    page.unroute("**/gallery?*")
    page.keyboard.press("Enter")
    expect(pictures(page)).to_have_count(24)
    expect(page.get_by_role("alert")).to_be_hidden()
    page.wait_for_function("id => document.activeElement.closest('li')?.id === id", arg=ids[12])


def test_words_style_and_order_are_chosen_without_script_too(hang, arrive):
    hang(prompt="a red kite", style="painting")
    hang(prompt="a red castle", style="painting")
    loved = hang(prompt="A kite, red as fire")
    hang(prompt="a blue kite")
    for options in ({}, SCRIPTLESS):
        page = arrive("/gallery", **options).page
        page.get_by_label("Words in the prompt").fill("kite RED")
        page.get_by_label("Words in the prompt").press("Enter")
        expect(pictures(page)).to_have_count(2)
        page.get_by_label("Style").select_option("Painting")
        page.get_by_role("button", name="Search").click()
        expect(pictures(page)).to_have_text(re.compile("a red kite"))
        page.get_by_label("Style").select_option("Every style")
        page.get_by_role("button", name="Search").click()
        like_of(page, "red as fire").click()
        expect_likes(like_of(page, "red as fire"), 1 if options == {} else 2, mine=True)
        page.get_by_role("link", name="Most liked").click()
        expect(pictures(page).first).to_have_attribute("id", loved.id)
        expect(page.get_by_label("Words in the prompt")).to_have_value("kite RED")
        page.get_by_label("Words in the prompt").fill("castle on fire")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_text("No picture here is like that.")).to_be_visible()
        page.get_by_role("link", name="See them all").click()
        expect(pictures(page)).to_have_count(4)


@pytest.mark.parametrize("options", [{}, SCRIPTLESS], ids=["script", "no script"])
def test_each_visitor_likes_once_and_can_take_it_back(hang, arrive, options):
    hang(prompt="a kite")
    ann, ben = arrive("/gallery", **options).page, arrive("/gallery").page
    expect_likes(like_of(ann, "a kite"), 0, mine=False)
    like_of(ann, "a kite").click()
    expect_likes(like_of(ann, "a kite"), 1, mine=True)
    like_of(ben, "a kite").click()
    expect_likes(like_of(ben, "a kite"), 1 + 1, mine=True)
    ann.reload()
    expect_likes(like_of(ann, "a kite"), 2, mine=True)
    like_of(ann, "a kite").click()
    expect_likes(like_of(ann, "a kite"), 1, mine=False)
    ann.reload()
    expect_likes(like_of(ann, "a kite"), 1, mine=False)
    assert urlsplit(ann.url).path == "/gallery"


def test_a_like_that_does_not_arrive_is_taken_back_and_said(hang, arrive):
    hang(prompt="a kite")
    page = arrive("/gallery").page
    page.route("**/like", lambda route: route.abort())
    like_of(page, "a kite").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("cannot be reached"))
    expect_likes(like_of(page, "a kite"), 0, mine=False)
    page.unroute("**/like")
    like_of(page, "a kite").click()
    expect_likes(like_of(page, "a kite"), 1, mine=True)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_pictures_keep_their_places_while_they_load(hang, arrive):
    for order in ({"aspect": "square"}, {"aspect": "portrait"}, {"aspect": "widescreen"}, {"size": (320, 64)}):
        hang(**order)
    visitor = arrive("/gallery", **DESK)
    page, held = visitor.page, []
    page.route("**/thumbnail.webp", lambda route: held.append(route))
    page.reload(wait_until="domcontentloaded")  # a picture that is asked for by then holds the load event back
    boxes = "[...document.querySelectorAll('.hung img')].map(image => JSON.stringify(image.getBoundingClientRect()))"
    expect(pictures(page)).to_have_count(4)
    while len(held) < 4:
        page.wait_for_timeout(50)
    empty = page.evaluate(boxes)
    for route in held:
        route.continue_()
    loaded = "() => [...document.querySelectorAll('.hung img')].every(image => image.naturalWidth > 0)"
    page.wait_for_function(loaded)
    assert page.evaluate(boxes) == empty


def test_pixel_art_keeps_its_edges(hang, arrive):
    job = hang(style="pixel art")
    for path in ("/gallery", f"/a/{job.id}"):
        image = arrive(path).page.locator("main img")
        assert image.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"


class TestAPicturesPage:
    def test_shows_picture_and_film_and_leads_on(self, hang, studio, arrive):
        job = hang(prompt="a kite", style="painting", make_video=True)
        page = arrive("/gallery", **DESK).page
        page.get_by_role("link", name="a kite").click()
        page.wait_for_url(f"**/a/{job.id}")
        picture, film = page.get_by_alt_text("a kite"), page.get_by_label("The film of the painting")
        assert_plays(film)
        assert picture.bounding_box()["y"] == film.bounding_box()["y"]  # side by side
        files = {"PNG": job.files.picture, "MP4": job.files.film, "SVG": job.files.vector}
        for name, key in files.items():
            with page.expect_download() as download:
                page.get_by_role("list", name="Downloads").get_by_role("link", name=name).click()
            assert download.value.path().read_bytes() == studio.shelf.get(key)
        expect(page.get_by_role("link", name="Start from this picture")).to_have_attribute("href", f"/?start={job.id}")
        expect(page.get_by_role("link", name="Remix")).to_have_attribute("href", f"/?remix={job.id}")

    def test_copies_its_address_and_says_so(self, hang, studio, arrive):
        job = hang()
        page = arrive(f"/a/{job.id}", permissions=["clipboard-read", "clipboard-write"]).page
        page.evaluate("() => { Object.defineProperty(navigator, 'share', { value: undefined }) }")
        page.get_by_role("button", name="Share").click()
        expect(page.get_by_role("status")).to_have_text("The link is copied.")
        assert page.evaluate("navigator.clipboard.readText()") == f"{studio.url}/a/{job.id}"

    def test_gives_its_address_to_the_devices_own_menu(self, hang, studio, arrive):
        job = hang(prompt="a kite")
        page = arrive(f"/a/{job.id}").page
        page.evaluate("() => { navigator.share = async (link) => { window.shared = link } }")
        page.get_by_role("button", name="Share").click()
        shared = page.wait_for_function("() => window.shared").json_value()
        assert (shared["url"], shared["title"]) == (f"{studio.url}/a/{job.id}", "a kite | Text2Art")

    def test_offers_its_address_where_nothing_may_be_copied(self, hang, studio, arrive):
        job = hang()
        page = arrive(f"/a/{job.id}").page
        page.evaluate(
            """() => {
              Object.defineProperty(navigator, 'share', { value: undefined });
              navigator.clipboard.writeText = () => Promise.reject(new Error('no'));
            }"""
        )
        page.get_by_role("button", name="Share").click()
        expect(page.get_by_label("Link to this picture")).to_have_value(f"{studio.url}/a/{job.id}")
        assert page.evaluate("getSelection().toString()") == f"{studio.url}/a/{job.id}"

    @pytest.mark.parametrize("options", [{}, SCRIPTLESS], ids=["script", "no script"])
    def test_is_liked_and_reported(self, hang, studio, arrive, options):
        job = hang(prompt="a kite")
        page = arrive(f"/a/{job.id}", **options).page
        like = page.get_by_role("button", name=re.compile("^Like"))
        like.click()
        expect_likes(like, 1, mine=True)
        page.get_by_text("Report this picture").click()
        page.get_by_label("It is somebody else's work").check()
        page.get_by_role("button", name="Report").click()
        expect(page.get_by_text("Thank you. Somebody will look at it.")).to_be_in_viewport()
        (report,) = studio.queue.gallery.reports(10)
        assert (report.exhibit.id, report.reasons) == (job.id, {Reason.RIGHTS: 1})

    def test_offers_no_share_button_that_would_do_nothing(self, hang, arrive):
        page = arrive(f"/a/{hang().id}", **SCRIPTLESS).page
        expect(page.get_by_role("button", name="Share")).to_have_count(0)

    @pytest.mark.parametrize("options", [{}, SCRIPTLESS], ids=["script", "no script"])
    def test_is_deleted_by_its_owner_alone(self, studio, arrive, options):
        page = arrive(**options).page
        order = {"prompt": "a kite", "email": "ann@example.com", "public": True, "make_video": False}
        ordered = page.request.post(f"{studio.url}/api/jobs", data=order).json()
        job = studio.finish(studio.claim())
        assert job.id == ordered["id"]
        page.goto(f"{studio.url}/a/{job.id}")
        expect(arrive(f"/a/{job.id}").page.get_by_text("Delete", exact=True)).to_have_count(0)
        page.get_by_text("Delete", exact=True).click()
        page.get_by_role("button", name="Delete for good").click()
        page.wait_for_url("**/mine")
        with pytest.raises(JobNotFound):
            studio.queue.get(job.id)

    def test_that_is_gone_says_so_and_leads_to_the_studio(self, visitor, studio):
        visitor.refusals = {404}
        visitor.page.goto(f"{studio.url}/a/{'A' * 22}")
        expect(visitor.page.get_by_role("heading")).to_have_text("Nothing hangs here.")
        visitor.page.get_by_role("link", name="To the studio").click()
        expect(visitor.page.get_by_label("What would you like to see?")).to_be_visible()


def test_a_hostile_prompt_is_text_everywhere(hang, arrive):
    job = hang(prompt=HOSTILE, make_video=True)
    for options in ({}, SCRIPTLESS):
        page = arrive("/gallery", **options).page
        expect(pictures(page).get_by_role("link")).to_have_text(HOSTILE)
        page.goto(f"{page.url}?q=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
        expect(page.get_by_label("Words in the prompt")).to_have_value('"><script>alert(1)</script>')
        page.goto(page.url.partition("/gallery")[0] + f"/a/{job.id}")
        expect(page.get_by_role("heading")).to_have_text(HOSTILE)
        expect(page.get_by_alt_text(HOSTILE, exact=True)).to_be_visible()
        expect(page).to_have_title(f"{HOSTILE} | Text2Art")
        for name in ("og:title", "og:image:alt", "twitter:title"):
            tag = page.locator(f"meta[property='{name}'], meta[name='{name}']")
            expect(tag).to_have_attribute("content", HOSTILE)
        assert page.locator("img[src=x], script:not([src]), [onerror]").count() == 0


@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_never_scrolls_sideways(hang, arrive, width):
    job = hang(prompt="W" * 120, make_video=True, style="pixel art")
    phone = PHONE | {"viewport": {"width": width, "height": 640}}
    for path in ("/gallery", "/gallery?q=nothing", f"/a/{job.id}"):
        page = arrive(path, **phone).page
        for details in page.locator("details summary").all():
            details.click()
        assert_fits(page)


class TestTheHomePage:
    def test_shows_the_newest_pictures_once_one_comes_near_and_leads_to_all(self, hang, arrive):
        for n in range(14):
            hang(prompt=f"kite {n}")
        visitor = arrive(**DESK)
        page = visitor.page
        page.locator("#gallery").scroll_into_view_if_needed()
        expect(pictures(page)).to_have_count(12)
        expect(pictures(page).first).to_contain_text("kite 13")
        like_of(page, "kite 13").click()
        expect_likes(like_of(page, "kite 13"), 1, mine=True)
        page.get_by_role("link", name="See the whole gallery").click()
        page.wait_for_url("**/gallery")
        expect_likes(like_of(page, "kite 13"), 1, mine=True)

    def test_searches_from_there(self, hang, arrive):
        hang(prompt="a kite")
        hang(prompt="a castle")
        page = arrive(**DESK).page
        page.get_by_label("Words in the prompt").fill("castle")
        page.get_by_label("Words in the prompt").press("Enter")
        page.wait_for_url("**/gallery?q=castle*")
        expect(pictures(page)).to_have_count(1)

    def test_says_that_the_walls_are_bare_and_hangs_what_is_finished(self, studio, arrive):
        page = arrive(viewport={"width": 1280, "height": 3000}).page
        expect(page.get_by_text(re.compile("still bare"))).to_be_visible()
        order = {"prompt": "a kite", "email": "ann@example.com", "public": True, "make_video": False}
        ordered = page.request.post(f"{studio.url}/api/jobs", data=order).json()
        page.goto(f"{studio.url}/?job={ordered['id']}")
        expect(page.get_by_text(re.compile("still bare"))).to_be_visible()
        studio.finish(studio.claim())
        expect(pictures(page)).to_have_count(1)
        expect(page.get_by_text(re.compile("still bare"))).to_be_hidden()

    def test_says_that_the_gallery_does_not_answer(self, arrive):
        visitor = arrive(viewport={"width": 1280, "height": 3000})
        visitor.refusals = {503}
        visitor.page.route("**/gallery", lambda route: route.fulfill(status=503, json={"detail": "Not just now."}))
        visitor.page.reload()
        expect(visitor.page.get_by_text("The gallery is closed for now. Not just now.")).to_be_visible()


def test_a_picture_that_comes_to_the_wall_takes_the_focus_from_no_other(studio, hang, arrive):
    oldest, old = hang(prompt="a castle"), hang(prompt="a red kite")
    new = studio.order(prompt="a blue bird", public=True, make_video=False)
    page = arrive(f"/?job={new.id}").page
    page.get_by_role("link", name="a red kite").focus()
    studio.queue.revoke(oldest.id)
    studio.finish(studio.claim())
    expect(pictures(page).first).to_have_id(new.id)
    assert [picture.get_attribute("id") for picture in pictures(page).all()] == [new.id, old.id]
    assert on_top_of(page) == old.id
