import re
import socket
import threading
from pathlib import Path

import pytest
import uvicorn

import api.pages
from tests.browser import Visitor, open_browser


@pytest.mark.parametrize("path", ["/", "/docs", "/gallery", "/a/nothing", "/delete/x/y"])
def test_a_page_and_all_that_it_needs_come_from_us_with_nothing_inline(client, path):
    page = client.get(path)
    assert page.headers["content-type"].startswith("text/html")
    needed = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert any(address.endswith(".js") for address in needed)
    for address in needed:
        assert address.startswith(("/", "data:"))
        if address.startswith("/static") or address.startswith("/docs"):
            assert client.get(address).status_code == 200
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page.text) == []


def test_the_page_for_lost_visitors_has_the_head_and_foot_of_all_pages(client):
    lost, rendered = client.get("/a/nothing"), client.get("/gallery?q=nothing")
    assert (lost.status_code, lost.headers["cache-control"]) == (404, "no-store")
    for part in ("header", "footer"):
        ours, theirs = (re.search(f"<{part}.*</{part}>", page.text, re.DOTALL)[0] for page in (lost, rendered))
        assert ours == theirs.replace(' aria-current="page"', "")


def test_a_page_can_be_asked_for_by_head(client):
    assert client.head("/").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/static/index.html", "/static/../index.html", "/static/%2e%2e/index.html", "/static/..%2f..%2fpyproject.toml"],
)
def test_nothing_outside_the_static_files_is_served(client, path):
    assert client.get(path).status_code == 404


def test_the_frontend_inside_the_package_wins_over_the_one_beside_it(monkeypatch, tmp_path):
    monkeypatch.setattr(api.pages, "HERE", tmp_path / "api")
    assert api.pages.frontend_folder() == tmp_path / "frontend"
    (tmp_path / "api" / "frontend").mkdir(parents=True)
    assert api.pages.frontend_folder() == tmp_path / "api" / "frontend"


def test_the_licence_of_swagger_ui_lies_beside_it():
    folder = Path(api.pages.__file__).parent / "static" / "swagger-ui"
    assert "Apache License" in (folder / "LICENSE").read_text()
    assert "SmartBear" in (folder / "NOTICE").read_text()


class Server(uvicorn.Server):
    """A server in a thread of the test."""

    def __init__(self, app):
        super().__init__(uvicorn.Config(app, log_level="warning"))
        self.socket = socket.create_server(("127.0.0.1", 0))  # listens at once, so that nothing must be waited for
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.run, args=([self.socket],))
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.should_exit = True
        self.thread.join()
        self.socket.close()


@pytest.mark.slow
def test_the_articles_form_can_be_sent_from_the_docs_without_breaking_our_own_policy(app, queue):
    with Server(app) as server, open_browser() as browser:
        page = browser.new_page()
        visitor = Visitor(page, server.url)
        page.goto(f"{server.url}/docs")
        page.get_by_text("/generate", exact=True).click()
        with page.expect_response("**/generate") as answer:
            page.get_by_text("Execute", exact=True).click()
        accepted = answer.value.json()
        page.locator(".live-responses-table").get_by_text(accepted["id"]).wait_for()
    assert visitor.complaints == []
    ordered = queue.get(accepted["id"]).order
    assert (ordered.prompt, ordered.scale, ordered.seed, ordered.iterations) == ("Underwater City", 2.5, None, None)
