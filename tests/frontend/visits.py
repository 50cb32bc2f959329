"""What a visitor does at the page, and sees there."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

ADDRESS = "visitor@example.com"
HOSTILE = """<img src=x onerror=alert(1)><script>alert(2)</script>"'&amp; ${alert(3)} 水 🏰"""
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def hook(page: Page, name: str) -> Locator:
    return page.locator(f"[data-hook={name}]")


def write(page: Page, prompt: str = "castle underwater", email: str = ADDRESS) -> None:
    page.get_by_label("What would you like to see?").fill(prompt)
    page.get_by_label("E-mail").fill(email)


def generate(page: Page, **words: str) -> str:
    """Order a picture and give its id, as the page's address tells it."""
    write(page, **words)
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/?job=*")
    return parse_qs(urlsplit(page.url).query)["job"][0]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def on_canvas(page: Page) -> Locator:
    return hook(page, "pictures").locator("img").last


def expect_on_canvas(page: Page, file: str) -> None:
    expect(on_canvas(page)).to_have_attribute("src", re.compile(re.escape(file)))
    assert on_canvas(page).evaluate("image => image.naturalWidth") > 0


def expect_form(page: Page, prompt: str) -> None:
    expect(page.get_by_label("What would you like to see?")).to_have_value(prompt)


def easels(page: Page) -> Locator:
    return hook(page, "easels").get_by_role("button")
