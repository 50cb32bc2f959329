"""The page on Firebase Hosting, by our firebase.json, and the API behind its rewrites."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from starlette.routing import Mount, Route

import api.security
from api.app import create_app
from api.settings import ApiSettings
from jobs.folder import FolderShelf
from jobs.memory import MemoryQueue
from tests.browser import Visitor, assert_plays, open_browser
from tests.frontend.conftest import Studio, served
from tests.hosting import hosting

ROOT = Path(__file__).parent.parent
CONFIG = json.loads((ROOT / "firebase.json").read_text())["hosting"]
NOT_HOSTED = {"/", "/static", "/metrics"}  # Hosting has its own copy of the page; numbers are for whoever runs the API


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    shelf = FolderShelf(tmp_path_factory.mktemp("shelf"))
    return create_app(ApiSettings(), MemoryQueue(), shelf)


@pytest.fixture(scope="module")
def studio(app: FastAPI) -> Iterator[Studio]:
    with served(app) as url:
        yield Studio(url, app.state.queue, app.state.shelf)


@pytest.fixture(scope="module")
def site(studio: Studio) -> Iterator[str]:
    with hosting(studio.url) as url:
        yield url


@pytest.fixture
def client(site: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=site, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """visit(site, path) opens a window; whatever the visitor complains about fails the test."""
    visitors: list[Visitor] = []

    def open_window(site: str, path: str = "/", refusals: frozenset[int] = frozenset()) -> Visitor:
        visitor = Visitor(browser.new_context().new_page(), site, refusals=set(refusals))
        visitors.append(visitor)
        visitor.page.goto(site + path)
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.page.context.close()
    assert [visitor.complaints for visitor in visitors] == [[] for _ in visitors]


def configured(source: str) -> dict[str, str]:
    """The headers that firebase.json gives to `source`."""
    return {
        header["key"]: header["value"]
        for rule in CONFIG["headers"]
        if rule["source"] == source
        for header in rule["headers"]
    }


def addresses(app: FastAPI) -> list[str]:
    """An address under every route, with `x` where the route has a parameter."""
    paths = {route.path for route in app.routes if isinstance(route, Route | Mount)} - NOT_HOSTED
    return sorted(re.sub(r"\{[^}]*\}", "x", path) for path in paths)


def test_every_route_of_the_api_is_reached_through_hosting(app, studio, client):
    for address in addresses(app):
        direct = httpx2.get(studio.url + address, trust_env=False)
        hosted = client.get(address)
        assert (hosted.status_code, hosted.content) == (direct.status_code, direct.content), address


@pytest.mark.parametrize("path", ["/metrics", "/nothing/here", "/.env", "/static/nothing.css", "/static/"])
def test_what_hosting_does_not_know_is_answered_with_the_page_that_says_so(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.text == (ROOT / "frontend" / "404.html").read_text()


@pytest.mark.parametrize(
    "path", ["/", "/static/style.css", "/nothing", "/docs", "/api/choices", "/api/jobs/x", "/index.html"]
)
def test_every_answer_carries_the_headers(client, path):
    answer = client.get(path)
    for name, value in configured("**").items():
        assert answer.headers.get_list(name) == [value]


def test_the_headers_are_those_of_the_api_where_files_have_links():
    policy = api.security.policy("https://storage.googleapis.com")
    over_tls = {"Strict-Transport-Security": "max-age=31536000"}
    assert configured("**") == {**api.security.HEADERS, "Content-Security-Policy": policy, **over_tls}


def test_the_page_has_one_address(client):
    moved = client.get("/index.html")
    assert (moved.status_code, moved.headers["location"]) == (301, "/")
    assert client.get("/").text == (ROOT / "frontend" / "index.html").read_text()


@pytest.mark.parametrize("path", ["/", "/nothing", "/docs", "/gallery", "/a/x", "/mine", "/api/choices", "/api/jobs/x"])
def test_pages_and_answers_about_jobs_are_not_kept(client, path):
    assert client.get(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/static/style.css", "/static/js/app.js", "/docs/static/docs.js"])
def test_static_files_are_kept_and_asked_about_again(client, path):
    headers = client.get(path).headers
    assert headers["cache-control"] == "no-cache"
    assert headers["etag"]


def test_all_rewrites_lead_to_one_service():
    services = {(rewrite["run"]["serviceId"], rewrite["run"]["region"]) for rewrite in CONFIG["rewrites"]}
    assert services == {("text2art-api", "us-central1")}


@pytest.mark.parametrize("streams", [False, True], ids=["answers arrive whole", "answers arrive as they are written"])
def test_a_picture_is_ordered_and_followed_through_hosting(studio, visit, streams):
    with hosting(studio.url, streams=streams) as site:
        visitor = visit(site)
        page = visitor.page
        job_id = order(page, "a kite over the sea")

        claim = studio.claim()
        assert claim.job.id == job_id
        studio.paint(claim, 3)
        expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "3")
        studio.finish(claim)

        expect(page.get_by_alt_text("a kite over the sea", exact=True).first).to_be_visible()
        assert_plays(page.get_by_label("The film of the painting"))
        assert asked_again(visitor, job_id) is not streams


def order(page: Page, prompt: str) -> str:
    page.get_by_label("What would you like to see?").fill(prompt)
    page.get_by_label("E-mail").fill("visitor@example.com")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/?job=*")
    return parse_qs(urlsplit(page.url).query)["job"][0]


def asked_again(visitor: Visitor, job_id: str) -> bool:
    """Whether the page had to ask for the job more than once, since its event stream did not come through."""
    return sum(urlsplit(url).path == f"/api/jobs/{job_id}" for url in visitor.loaded) > 1


def test_all_that_the_page_for_lost_visitors_needs_is_there(client):
    needed = re.findall(r'(?:src|href)="([^"]+)"', client.get("/nothing").text)
    assert needed
    assert {address: client.get(address).status_code for address in needed} == dict.fromkeys(needed, 200)


def test_the_docs_work_behind_hosting(site, visit):
    page = visit(site, "/docs").page
    expect(page.get_by_text("/generate", exact=True)).to_be_visible()


def test_the_gallery_is_seen_and_liked_through_hosting(studio, site, visit):
    job = studio.finished(prompt="a kite over the hill", public=True)
    page = visit(site, "/").page
    page.locator("#gallery").scroll_into_view_if_needed()
    page.get_by_role("link", name="a kite over the hill").click()
    page.wait_for_url(f"**/a/{job.id}")
    with page.expect_response("**/like"):
        page.get_by_role("button", name="Like 0").click()
    expect(page.get_by_role("button", name="Like 1")).to_have_attribute("aria-pressed", "true")
    page.reload()  # Hosting lets the cookie through
    expect(page.get_by_role("button", name="Like 1")).to_have_attribute("aria-pressed", "true")


def test_a_drawing_that_could_hold_scripts_stays_harmless_behind_hosting(studio, client):
    job = studio.finished(style="painting")
    answer = client.get(f"/r/{job.id}/vector.svg")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers.get_list("content-security-policy") == [api.security.SANDBOX]


def test_a_lost_visitor_finds_the_studio(site, visit):
    page = visit(site, "/no/such/page", refusals=frozenset({404})).page
    page.get_by_role("link", name="To the studio").click()
    expect(page.get_by_role("button", name="Generate")).to_be_visible()
