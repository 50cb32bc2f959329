"""The page in Chinese: every text that a visitor may see has its translation, and no English flashes up before it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from api.errors import _WORDS
from api.exhibits import REASONS
from api.pages import frontend_folder
from jobs.life import GAVE_UP
from jobs.mail_links import deletion_path, unsubscribe_path
from tests.browser import Visitor
from tests.frontend.conftest import Studio
from worker.loop import SORRY

STATIC = frontend_folder() / "static"
ZH = json.loads((STATIC / "i18n" / "zh.json").read_text())
MODULES = sorted((STATIC / "js").glob("*.js"))
CHINESE = {"locale": "zh-CN"}

# What is the same in every language: formats, an address, English words to search for, the other language's name.
ALIKE = {"PNG", "MP4", "SVG", "you@example.org", "castle, night", "English"}

UNTRANSLATED = r"""() => {
  const left = "[translate=no], .notranslate, script, style, noscript";
  const names = ["placeholder", "aria-label", "aria-valuetext", "alt", "title"];
  const isLatin = (text) => /\p{Script=Latin}{2}/u.test(text.replaceAll("Text2Art", ""));
  const isForeign = (text) => isLatin(text) && !/\p{Script=Han}/u.test(text) && !/^[\d.]+ [kM]B$/.test(text);
  const texts = [...document.querySelectorAll("*")].filter((element) => !element.closest(left)).flatMap((element) => [
    ...names.map((name) => element.getAttribute(name) ?? ""),
    ...[...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()),
  ]);
  return [...new Set(texts.filter(isForeign))];
}"""


def blanks(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


# --- every text has its translation ---


def home(studio: Studio, page: Page) -> str:
    return "/"


def ordering(studio: Studio, page: Page) -> str:
    studio.employ(painting_s=100)
    return "/"


def waiting(studio: Studio, page: Page) -> str:
    studio.order()
    return f"/?job={studio.order(style='painting').id}"


def painting(studio: Studio, page: Page) -> str:
    job = studio.order()
    studio.paint(studio.claim(), 3)
    return f"/?job={job.id}"


def finished(studio: Studio, page: Page) -> str:
    return f"/?job={studio.finished(style='pixel art', palette='neon').id}"


def failed(studio: Studio, page: Page) -> str:
    job = studio.order()
    studio.queue.fail(studio.claim(), SORRY)
    return f"/?job={job.id}"


def cancelled(studio: Studio, page: Page) -> str:
    return f"/?job={studio.queue.cancel(studio.order().id).id}"


def gone(studio: Studio, page: Page) -> str:
    return "/?job=AAAAAAAAAAAAAAAAAAAAAA"


def gallery(studio: Studio, page: Page) -> str:
    for number in range(14):
        studio.finished(prompt=f"kite number {number}", public=True)
    return "/gallery"


def no_gallery(studio: Studio, page: Page) -> str:
    return "/gallery?q=nothing"


def permalink(studio: Studio, page: Page) -> str:
    return f"/a/{studio.finished(public=True, style='painting').id}"


def mine(studio: Studio, page: Page) -> str:
    order = {"prompt": "kite", "email": "visitor@example.com"}
    for _ in range(2):
        page.request.post(f"{studio.url}/api/jobs", data=order, headers={"Origin": studio.url})
    studio.paint(studio.claim(), 3)
    return "/mine"


def forget_all(studio: Studio, page: Page) -> str:
    return "/mine/delete"


def sign_in(studio: Studio, page: Page) -> str:
    return "/sign-in"


def forget(studio: Studio, page: Page) -> str:
    return deletion_path(studio.finished())


def forget_unknown(studio: Studio, page: Page) -> str:
    return deletion_path(studio.order())[:-4]


def unsubscribe(studio: Studio, page: Page) -> str:
    return unsubscribe_path(studio.order())


def lost(studio: Studio, page: Page) -> str:
    return "/a/AAAAAAAAAAAAAAAAAAAAAA"


STATES = [home, ordering, waiting, painting, finished, failed, cancelled, gone, gallery, no_gallery, permalink, mine]
STATES += [forget_all, sign_in, forget, forget_unknown, unsubscribe, lost]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_no_text_is_left_in_english(
    arrive: Callable[..., Visitor], studio: Studio, state: Callable[[Studio, Page], str]
) -> None:
    visitor = arrive("/static/favicon.svg", **CHINESE)
    visitor.refusals = {403, 404}
    page = visitor.page
    page.goto(studio.url + state(studio, page))
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.wait_for_load_state("networkidle") if "job=" not in page.url else page.wait_for_timeout(500)
    assert untranslated(page) == []


def untranslated(page: Page) -> list[str]:
    return [text for text in page.evaluate(UNTRANSLATED) if text not in ALIKE]


def test_what_is_said_of_a_wrong_form_is_chinese(arrive: Callable[..., Visitor], studio: Studio) -> None:
    page = arrive(**CHINESE).page
    page.locator("#prompt").fill("castle | gold:0,5 | people:-1")
    page.locator("summary").click()
    for name in ("width", "seed", "iterations", "email"):
        page.locator(f"#order [name={name}]").fill("x")
    page.locator("#start_image").set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": b"no picture"})
    page.locator("[data-hook=generate]").click()
    expect(page.locator("[data-error]:not(:empty)")).to_have_count(6)
    assert untranslated(page) == []
    expect(page.locator("#prompt")).to_have_value("castle | gold:0,5 | people:-1")
    expect(page.locator(".wish-text").last).to_have_text("people")
    page.locator("[data-hook=clear]").click()
    assert untranslated(page) == []


def test_words_of_the_server_are_chinese_at_their_field(arrive: Callable[..., Visitor], studio: Studio) -> None:
    visitor = arrive(**CHINESE)
    visitor.refusals = {422}
    page = visitor.page
    page.locator("#prompt").fill("castle")
    page.locator("#email").fill("somebody@example.invalid-")
    page.locator("[data-hook=generate]").click()
    expect(page.locator("#email-error")).to_have_text("不是有效的邮箱地址")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_every_text_of_a_module_is_in_the_dictionary(module: Path) -> None:
    texts = re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)*)"', module.read_text())
    assert [text for text in texts if text not in ZH] == []


def test_the_servers_words_are_in_the_dictionary() -> None:
    words = {*_WORDS.values(), *REASONS.values(), GAVE_UP, SORRY}
    assert [text for text in words if text not in ZH] == []


def test_translations_have_the_blanks_of_their_originals() -> None:
    assert {text: said for text, said in ZH.items() if not blanks(said) <= blanks(text)} == {}
    assert all(said.strip() for said in ZH.values())


# --- which language ---


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hans"), ("en-GB", "en"), ("de-DE", "en")]
)
def test_the_browser_says_which_language(arrive: Callable[..., Visitor], locale: str, language: str) -> None:
    visitor = arrive(locale=locale)
    expect(visitor.page.locator("html")).to_have_attribute("lang", language)
    expect(visitor.page.locator("html")).not_to_have_attribute("data-translating", "")
    assert any(url.endswith("zh.json") for url in visitor.loaded) == (language == "zh-Hans")


@pytest.mark.parametrize("path", ["/", "/gallery"])
def test_the_button_changes_the_language_for_good(arrive: Callable[..., Visitor], studio: Studio, path: str) -> None:
    page = arrive(path, locale="en-GB").page
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page).to_have_title(re.compile("画"))
    page.goto(f"{studio.url}/mine")
    expect(page.get_by_role("link", name="画廊")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("link", name="Gallery")).to_be_visible()


def test_what_one_wrote_outlives_a_change_of_language(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("Gallery")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="开始作画")).to_be_visible()
    expect(page.locator("#prompt")).to_have_value("Gallery")


def test_a_prompt_is_never_translated(arrive: Callable[..., Visitor], studio: Studio) -> None:
    job = studio.finished(prompt="Gallery", public=True)
    page = arrive(f"/?job={job.id}", **CHINESE).page
    expect(page.locator("[data-hook=title]")).to_have_text("Gallery")
    page.goto(f"{studio.url}/a/{job.id}")
    expect(page).to_have_title("Gallery | Text2Art")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gallery")
    expect(page.get_by_alt_text("Gallery")).to_be_visible()


# --- no English first ---


def test_nothing_is_shown_before_the_dictionary_is_there(arrive: Callable[..., Visitor], studio: Studio) -> None:
    page = arrive("/static/favicon.svg", **CHINESE).page
    held: list[Route] = []
    page.route("**/zh.json", lambda route: held.append(route))
    page.goto(studio.url, wait_until="commit")
    headline = page.get_by_role("heading", level=1, include_hidden=True)
    expect(headline).to_have_text("Write a sentence, watch it being painted.")
    assert page.evaluate("getComputedStyle(document.body).visibility") == "hidden"
    expect(headline).to_be_visible()  # later: a dictionary that hangs does not hide the page for ever
    held[0].continue_()
    expect(headline).to_have_text(ZH["Write a sentence, watch it being painted."])


@pytest.mark.parametrize(("status", "body"), [(503, "no"), (200, '{"Generate": ')])
def test_without_its_dictionary_the_page_is_english(
    arrive: Callable[..., Visitor], studio: Studio, status: int, body: str
) -> None:
    visitor = arrive("/static/favicon.svg", **CHINESE)
    visitor.refusals = {503}
    visitor.page.route("**/zh.json", lambda route: route.fulfill(status=status, body=body))
    visitor.page.goto(studio.url)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Write a sentence, watch it being painted.")
    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
