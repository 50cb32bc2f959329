import asyncio
import itertools

import pytest

LIMIT = 64 * 1024


def endless(kilobytes=10_000):
    """A body without a length in its header, as an attacker would send it."""
    return (b"x" * 1024 for _ in range(kilobytes))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/jobs", "application/json"),
        ("/api/jobs", "text/plain"),
        ("/generate", "application/x-www-form-urlencoded"),
        ("/generate", "multipart/form-data; boundary=b"),
        ("/api/start-images", "multipart/form-data; boundary=b"),
    ],
)
def test_a_body_over_the_limit_is_refused_in_words(client, path, kind):
    opening = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' if "b=" in kind else b""
    answer = client.post(path, content=itertools.chain([opening], endless()), headers={"content-type": kind})
    assert answer.status_code == 413
    assert "too large" in answer.json()["detail"]


def test_nothing_more_is_taken_once_a_body_is_too_large(app):
    taken = []

    async def receive():
        taken.append(1024)
        return {"type": "http.request", "body": b"x" * 1024, "more_body": True}

    async def send(message):
        pass

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/api/jobs", "query_string": b"", "headers": headers}
    asyncio.run(app(scope, receive, send))
    assert sum(taken) == LIMIT + 1024


def test_a_body_within_the_limit_is_read(client):
    body = b'{"prompt": "castle", "email": "visitor@example.com"}'.ljust(LIMIT)
    assert client.post("/api/jobs", content=body, headers={"content-type": "application/json"}).status_code == 202
    assert (
        client.post("/api/jobs", content=body + b" ", headers={"content-type": "application/json"}).status_code == 413
    )


def test_a_start_image_has_a_limit_of_its_own(client):
    answer = client.post("/api/start-images", files={"file": ("a.png", b"\0" * 1_000_000)})
    assert answer.status_code == 422
