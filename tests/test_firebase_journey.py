"""The whole of Text2Art on Firebase: a browser, the API, Firestore, two workers, Cloud Storage and Mailgun.

Google's Firestore emulator and stand-ins for Storage and Mailgun take the place of the services; everything of ours
runs as in production, each in a process of its own.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import av
import httpx2
import pytest
from google.cloud.firestore import Client
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import Visitor, assert_plays, open_browser
from tests.firestore_emulator import FirestoreEmulator, new_project
from tests.installation import PATIENCE_S, Installation, installed
from tests.mailgun import Mailgun, report, standing_in
from tests.storage_emulator import new_bucket

SIGNING_KEY = "canary-signing-key"
PROMPT = "castle underwater"
ADDRESSES = ("canary.one@example.com", "canary.two@example.com")


@dataclass
class Site:
    """An installation whose API runs, and what its operators could look at."""

    installation: Installation
    storage: str
    firestore: Client
    mailgun: Mailgun


@pytest.fixture
def site(tmp_path: Path, emulator: FirestoreEmulator, storage_url: str) -> Iterator[Site]:
    with standing_in() as mailgun, emulator.client(project=new_project()) as client:
        bucket = new_bucket(storage_url, f"{client.project}.firebasestorage.app")
        emulators = {"FIRESTORE_EMULATOR_HOST": emulator.host, "STORAGE_EMULATOR_HOST": storage_url}
        with installed(tmp_path, emulators) as installation:
            write_settings(tmp_path / ".env", client.project, bucket.name, mailgun, installation.url)
            installation.start_api()
            yield Site(installation, storage_url, client, mailgun)


def write_settings(file: Path, project: str, bucket: str, mailgun: Mailgun, url: str) -> None:
    """What an operator writes, and what says that it is for trials."""
    settings = {
        "FIREBASE_PROJECT": project,
        "STORAGE_BUCKET": bucket,
        "MAILGUN_KEY": mailgun.key,
        "MAILGUN_DOMAIN": mailgun.domain,
        "MAILGUN_URL": mailgun.url,
        "MAILGUN_SIGNING_KEY": SIGNING_KEY,
        "PUBLIC_URL": url,
        "DEVELOPMENT": "1",
        "LEASE_S": "6",
    }
    file.write_text("".join(f"TEXT2ART_{name}={value}\n" for name, value in settings.items()))


def order(page: Page, address: str, iterations: int) -> None:
    """Fill in the form as a visitor does, and send it."""
    page.get_by_label("What would you like to see?").fill(PROMPT)
    page.get_by_label("E-mail").fill(address)
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_label("Iterations").fill(str(iterations))
    page.get_by_label("Hang it in the public gallery").check()
    page.get_by_role("button", name="Generate").click()


@pytest.mark.slow
def test_two_visitors_get_their_pictures_from_two_workers_and_nothing_is_told_to_anyone_else(site: Site) -> None:
    site.installation.start_workers(2)
    url, logs = site.installation.url, site.installation.logs

    with open_browser() as browser:
        visitors = [Visitor(browser.new_context().new_page(), url, {site.storage}) for _ in ADDRESSES]
        for visitor, address in zip(visitors, ADDRESSES, strict=True):
            visitor.page.goto(url)
            order(visitor.page, address, iterations=30)
        for visitor in visitors:
            picture = visitor.page.get_by_alt_text(PROMPT, exact=True).first
            expect(picture).to_be_visible(timeout=PATIENCE_S * 1000)
            assert picture.evaluate("image => image.naturalWidth") >= 32
            assert_plays(visitor.page.get_by_label("The film of the painting"))
            assert visitor.complaints == []

    jobs = [snapshot.to_dict() | {"id": snapshot.id} for snapshot in site.firestore.collection("queue").stream()]
    assert sorted(job["email"] for job in jobs) == sorted(ADDRESSES)
    assert {job["status"] for job in jobs} == {"done"}
    assert len({job["worker"] for job in jobs}) == 2

    site.installation.eventually(lambda: len(site.mailgun.messages) == 2, "both mails are sent")
    assert sorted(message.to for message in site.mailgun.messages) == sorted(ADDRESSES)
    for message in site.mailgun.messages:
        assert Image.open(BytesIO(message.attachments["text2art.png"])).format == "PNG"
        with av.open(BytesIO(message.attachments["text2art.mp4"])) as film:
            assert sum(1 for _ in film.decode(video=0)) >= 30

    told = httpx2.get(f"{url}/api/gallery", trust_env=False).text + "".join(
        str(snapshot.to_dict()) for snapshot in site.firestore.collection("gallery").stream()
    )
    assert told.count(PROMPT) == 4
    for secret in ("canary", site.mailgun.key):
        assert secret not in told and secret not in logs()
    assert PROMPT not in logs()


@pytest.mark.slow
def test_a_job_outlives_its_worker_its_links_can_be_revoked_and_who_says_stop_is_not_mailed_again(site: Site) -> None:
    installation = site.installation
    with installation.client() as client:
        victim = installation.start("worker")
        body = {"prompt": PROMPT, "email": ADDRESSES[0], "size": [64, 64], "iterations": 2000, "seed": 3}
        job_id = client.post("/api/jobs", json=body).raise_for_status().json()["id"]

        def job() -> dict:
            return client.get(f"/api/jobs/{job_id}").json()

        installation.eventually(lambda: job()["progress"], "it is being painted")
        victim.kill()
        victim.wait()
        site.firestore.collection("queue").document(job_id).update({"iterations": 6})
        installation.start("worker")
        installation.eventually(lambda: job()["status"] == "done", "another worker has painted it")
        assert job()["attempt"] == 2

        picture = job()["links"]["picture"]
        link = client.get(picture, follow_redirects=False)
        assert link.status_code == 302
        assert "X-Goog-Signature" in link.headers["location"]
        assert httpx2.get(link.headers["location"], trust_env=False).content.startswith(b"\x89PNG")
        installation.eventually(lambda: len(site.mailgun.messages) == 1, "its mail is sent")

        assert installation.start("jobs", "revoke", job_id).wait(PATIENCE_S) == 0
        assert client.get(picture).status_code == 410

        unsubscribe = urlsplit(site.mailgun.messages[0].headers["List-Unsubscribe"].strip("<>")).path
        assert client.post(unsubscribe, data={"List-Unsubscribe": "One-Click"}).is_success
        assert client.post("/api/jobs", json=body).status_code == 422
        bounced = report(SIGNING_KEY, "failed", ADDRESSES[1], at=time.time(), severity="permanent")
        assert client.post("/webhooks/mailgun", json=bounced).is_success
        assert client.post("/api/jobs", json=body | {"email": ADDRESSES[1]}).status_code == 422
