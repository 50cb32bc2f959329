"""My pictures and signing in, in a real browser, with script and without it."""

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from api.app import create_app
from api.gate import open_gate
from api.settings import ApiSettings
from jobs.folder import FolderShelf
from jobs.memory import MemoryQueue
from tests.browser import Visitor
from tests.emulators import free_port
from tests.frontend.conftest import Studio, served
from tests.google_keys import firebase_app
from tests.google_sign_in import CLIENT, SECRET, google_sign_in

ORDER = {"prompt": "a kite over the sea", "email": "visitor@example.com", "make_video": False}
SCRIPTLESS = {"java_script_enabled": False}
NARROW = {"viewport": {"width": 320, "height": 640}}


@pytest.fixture
def google():
    with google_sign_in() as google:
        yield google


@pytest.fixture
def studio(auth_emulator, google, request, monkeypatch, tmp_path):
    """A site where visitors sign in."""
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", auth_emulator.host)
    port = free_port()
    settings = ApiSettings(
        auth="optional",
        firebase_api_key="any",
        google_client_id=CLIENT,
        google_client_secret=SECRET,
        public_url=f"http://127.0.0.1:{port}",
    )
    queue, shelf = MemoryQueue(), FolderShelf(tmp_path / "shelf")
    with firebase_app(request.node.name) as firebase:
        gate = open_gate(settings, firebase)
        ends = {"authorize_url": f"{google.url}/auth", "token_url": f"{google.url}/token"}
        gate = replace(gate, google=replace(gate.google, **ends))
        with served(create_app(settings, queue, shelf, gate=gate), port) as url:
            yield Studio(url, queue, shelf, settings)


@pytest.fixture
def arrive_anywhere(arrive, auth_emulator, google):
    """As `arrive`, for who also goes to Firebase's page and to Google's."""

    def arrive_anywhere(path: str, **options: object) -> Visitor:
        visitor = arrive(path, **options)
        visitor.friends |= {f"http://{auth_emulator.host}", google.url}
        return visitor

    return arrive_anywhere


def order(page: Page, studio: Studio, **changes: object) -> str:
    """As the page does, with its cookie."""
    answer = page.request.post(f"{studio.url}/api/jobs", data={**ORDER, **changes})
    assert answer.status == 202, answer.text()
    return answer.json()["id"]


def cards(page: Page):
    return page.locator(".wall > li")


def heading(page: Page, words: str):
    return page.get_by_role("heading", name=words, level=1)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def assert_well(page: Page) -> None:
    """Nothing that axe-core finds, and nothing that scrolls sideways."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def ask_for_link(page: Page, email: str) -> None:
    follow(page, "Sign in")
    page.get_by_label("E-mail").fill(email)
    press(page, "Send me a link")
    expect(heading(page, "Look into your mail.")).to_be_visible()


@pytest.mark.parametrize("options", [{}, SCRIPTLESS], ids=["with script", "without script"])
def test_by_mail_from_the_first_picture_to_the_last(arrive_anywhere, studio, auth_emulator, options):
    page = arrive_anywhere("/mine", **options).page
    ask_for_link(page, "ann.mail@example.com")
    page.goto(auth_emulator.links_to("ann.mail@example.com")[-1])
    expect(page.get_by_text("You asked for this link here.")).to_be_visible()
    press(page, "Sign in")
    expect(heading(page, "My pictures")).to_be_visible()
    expect(page.get_by_text("They are with your account.")).to_be_visible()

    order(page, studio, public=True)
    studio.finish(studio.claim())
    order(page, studio, prompt="a letter to nobody")
    page.reload()
    expect(cards(page)).to_have_count(2)
    expect(cards(page).first).to_contain_text("Waiting")
    expect(cards(page).first).to_contain_text("Private")
    expect(cards(page).last).to_contain_text("Public")

    press(page, "Sign out")
    expect(page.get_by_text("They are kept on this device by a cookie.")).to_be_visible()
    expect(cards(page)).to_have_count(0)


def test_on_another_device_the_address_is_typed_again(arrive_anywhere, auth_emulator):
    desk, phone = arrive_anywhere("/mine").page, arrive_anywhere("/sign-in", **NARROW).page
    ask_for_link(desk, "ben.mail@example.com")
    phone.goto(auth_emulator.links_to("ben.mail@example.com")[-1])
    phone.get_by_label("E-mail").press_sequentially("ben.mail@example.com")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("They are with your account.")).to_be_visible()


def test_by_google_there_and_back(arrive_anywhere, google):
    google.email = "carla@example.com"
    page = arrive_anywhere("/sign-in").page
    follow(page, "Sign in with Google")
    expect(page.get_by_text("They are with your account.")).to_be_visible()
    page.goto(page.url.replace("/mine", "/sign-in"))
    expect(heading(page, "You are signed in.")).to_be_visible()


def test_who_thinks_better_of_it_at_google_can_try_again(arrive_anywhere, google):
    google.consents = False
    visitor = arrive_anywhere("/sign-in")
    visitor.refusals.add(403)
    follow(visitor.page, "Sign in with Google")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Google did not sign you in.")
    assert_well(visitor.page)
    follow(visitor.page, "Try again")
    expect(visitor.page.get_by_label("E-mail")).to_be_visible()


@pytest.mark.parametrize("options", [{}, SCRIPTLESS], ids=["with script", "without script"])
def test_one_picture_is_deleted_after_a_question_and_then_all(arrive, studio, options):
    page = arrive("/mine", **options).page
    gone, kept = order(page, studio, public=True), order(page, studio, prompt="a letter")
    studio.finish(studio.claim())
    page.reload()
    cards(page).filter(has_text="a kite").get_by_role("link", name="Delete").click()
    expect(heading(page, "Delete this picture?")).to_be_visible()
    follow(page, "Keep it")
    expect(cards(page)).to_have_count(2)
    cards(page).filter(has_text="a kite").get_by_role("link", name="Delete").click()
    press(page, "Delete for good")
    expect(cards(page)).to_have_count(1)
    assert page.request.get(f"{studio.url}/api/jobs/{gone}").status == 404

    follow(page, "Delete everything")
    press(page, "Delete everything")
    expect(heading(page, "Everything is gone.")).to_be_visible()
    assert page.request.get(f"{studio.url}/api/jobs/{kept}").status == 404
    assert page.context.cookies() == []


def test_a_form_on_another_site_neither_signs_out_nor_deletes(arrive, studio, browser):
    visitor = arrive("/mine")
    page = visitor.page
    job = order(page, studio)
    visitor.friends.add("http://localhost")
    visitor.refusals.add(403)
    evil = f"<form method=post action='{studio.url}/mine/delete'></form><script>document.forms[0].submit()</script>"
    page.route("http://localhost:1/", lambda route: route.fulfill(body=evil, content_type="text/html"))
    page.goto("http://localhost:1/")
    expect(page.get_by_text("Please do this on our own page.")).to_be_visible()
    assert studio.queue.get(job)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [{}, NARROW], ids=["desk", "narrow"])
def test_the_pages_are_well_at_every_width_and_in_every_light(arrive, studio, auth_emulator, options, scheme):
    page = arrive("/mine", color_scheme=scheme, reduced_motion="reduce", **options).page
    for _ in range(13):
        order(page, studio, prompt="a kite that has a name with quite some words in it, more than go on two lines")
    studio.finish(studio.claim())
    studio.paint(studio.claim(), 3)
    studio.queue.fail(studio.claim(), "The memory ran out.")
    for path in ("/mine", "/mine/delete", "/sign-in", "/sign-in/link?oobCode=x"):
        page.goto(studio.url + path)
        assert_well(page)
    page.goto(f"{studio.url}/mine")
    follow(page, "Older pictures")
    expect(cards(page)).to_have_count(1)
    assert_well(page)
