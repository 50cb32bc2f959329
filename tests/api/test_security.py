import pytest
from google.cloud.storage import Client
from starlette.testclient import TestClient

from api.app import create_app
from jobs.bucket import BucketShelf
from jobs.firebase import EmulatorCredential


@pytest.mark.parametrize(
    "path",
    ["/", "/docs", "/static/style.css", "/api/choices", "/api/gallery?limit=0", "/api/jobs/x", "/r/x/picture.png"],
)
def test_every_answer_carries_the_headers(client, path):
    headers = client.get(path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["img-src"] == "'self' data: blob:"
    assert policy["media-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/docs", "/static/index.html", "/api/choices", "/api/gallery", "/api/jobs/x"])
def test_pages_and_answers_about_jobs_are_not_kept(client, path):
    assert client.get(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/static/style.css", "/docs/static/swagger-ui/swagger-ui.css"])
def test_static_files_are_kept_and_asked_about_again(client, path):
    first = client.get(path)
    assert first.headers["cache-control"] == "no-cache"
    assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_pictures_and_films_may_come_from_where_the_shelfs_links_lead_and_nothing_else_may(settings, queue):
    bucket = Client(project="art", credentials=EmulatorCredential().get_credential()).bucket("art")
    client = TestClient(create_app(settings, queue, BucketShelf(bucket)))
    policy = dict(rule.split(" ", 1) for rule in client.get("/").headers["content-security-policy"].split("; "))
    assert policy["img-src"] == "'self' data: blob: https://storage.googleapis.com"
    assert policy["media-src"] == "'self' https://storage.googleapis.com"
    assert [rule for rule, sources in policy.items() if "googleapis" in sources] == ["img-src", "media-src"]
