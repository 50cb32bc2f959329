"""From the form to the mail through real processes, on one machine and on Firebase: uvicorn, workers, HTTP, the store,
an `.eml` file."""

import email
import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import av
import httpx2
import pytest
from PIL import Image

import clipit
from tests.firestore_emulator import FirestoreEmulator, new_project
from tests.installation import PATIENCE_S, Installation, installed
from tests.storage_emulator import new_bucket

ORDER = {
    "prompt": "castle underwater <script>alert('水')</script> 🏰",
    "email": "canary@example.com",
    "size": [64, 64],
    "iterations": 6,
    "seed": 3,
    "public": True,
}
ENDLESS = {**ORDER, "iterations": 2000}  # long enough to be in the midst of it


@dataclass
class Place:
    """Where orders are kept: the settings for it, and a way to make the orders there small, so that a job caught in the
    midst of painting can also be seen to end."""

    settings: dict[str, str]
    shorten: Callable[[int], None]


@pytest.fixture
def laptop(tmp_path: Path) -> Place:
    def shorten(iterations: int) -> None:
        with sqlite3.connect(tmp_path / "data" / "queue.sqlite3", timeout=30) as database:
            database.execute("UPDATE jobs SET order_json = json_set(order_json, '$.iterations', ?)", (iterations,))
        database.close()

    return Place({}, shorten)


@pytest.fixture
def firebase(emulator: FirestoreEmulator, storage_url: str) -> Iterator[Place]:
    with emulator.client(project=new_project()) as client:

        def shorten(iterations: int) -> None:
            for document in client.collection("queue").list_documents():
                document.update({"iterations": iterations})

        settings = {
            "FIRESTORE_EMULATOR_HOST": emulator.host,
            "STORAGE_EMULATOR_HOST": storage_url,
            "TEXT2ART_FIREBASE_PROJECT": client.project,
            "TEXT2ART_STORAGE_BUCKET": new_bucket(storage_url, f"{client.project}.firebasestorage.app").name,
            "TEXT2ART_DEVELOPMENT": "1",
        }
        yield Place(settings, shorten)


@pytest.fixture(params=["laptop", "firebase"])
def place(request: pytest.FixtureRequest) -> Place:
    return request.getfixturevalue(request.param)


@pytest.fixture
def installation(place: Place, tmp_path: Path) -> Iterator[Installation]:
    settings = {"TEXT2ART_DATA": str(tmp_path / "data"), "TEXT2ART_LEASE_S": "6"}
    with installed(tmp_path, settings | place.settings) as installation:
        yield installation


@pytest.fixture
def site(installation: Installation) -> Iterator[httpx2.Client]:
    """A client of a running API."""
    installation.start_api()
    with installation.client() as client:
        yield client


def submit(site: httpx2.Client, order: dict) -> str:
    answer = site.post("/api/jobs", json=order)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def wait_for(installation: Installation, site: httpx2.Client, job_id: str, status: str) -> dict:
    def is_there() -> dict | None:
        job = site.get(f"/api/jobs/{job_id}").json()
        assert job["status"] == status or job["status"] not in ("done", "failed", "cancelled"), job
        return job if job["status"] == status else None

    return installation.eventually(is_there, f"the job is {status}")


def wait_for_preview(installation: Installation, site: httpx2.Client, job_id: str) -> None:
    def is_painting() -> bool:
        progress = site.get(f"/api/jobs/{job_id}").json()["progress"]
        return progress is not None and progress["step"] > 1

    installation.eventually(is_painting, "a frame is told")


def wait_for_mails(installation: Installation, number: int = 1) -> list[EmailMessage]:
    outbox = installation.folder / "data" / "outbox"
    installation.eventually(lambda: len(list(outbox.glob("*.eml"))) >= number, "the mails are there")
    letters = [email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in outbox.glob("*.eml")]
    assert len(letters) == number
    return letters


@pytest.mark.slow
def test_a_prompt_becomes_a_picture_a_film_and_a_mail(installation, site):
    installation.start("worker")
    job_id = submit(site, ORDER)
    job = wait_for(installation, site, job_id, "done")
    assert "email" not in job and "canary@example.com" not in str(job)

    picture = Image.open(BytesIO(site.get(job["links"]["picture"]).raise_for_status().content))
    assert (picture.format, picture.size) == ("PNG", (64, 64))
    assert len(picture.convert("RGB").getcolors(64 * 64)) > 1
    film = site.get(job["links"]["film"]).raise_for_status()
    with av.open(BytesIO(film.content)) as video:
        assert sum(1 for _ in video.decode(video=0)) >= ORDER["iterations"]
    assert [shown["id"] for shown in site.get("/api/gallery").json()["jobs"]] == [job_id]

    (mail,) = wait_for_mails(installation)
    assert mail["To"] == "canary@example.com"
    attached = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert attached["text2art.png"] == site.get(job["links"]["picture"]).content
    assert attached["text2art.mp4"] == film.content
    assert ORDER["prompt"] in mail.get_body(("plain",)).get_content()
    assert "<script" not in mail.get_body(("html",)).get_content()
    assert "event=done" in installation.logs()
    assert "canary" not in installation.logs() and "castle" not in installation.logs()


@pytest.mark.slow
def test_every_style_is_painted_by_one_worker_also_from_a_start_image(installation, site):
    installation.start("worker")
    file = BytesIO()
    Image.linear_gradient("L").convert("RGB").save(file, "PNG")
    uploaded = site.post("/api/start-images", files={"file": ("start.png", file.getvalue())}).raise_for_status().json()
    short = {**ORDER, "iterations": 2, "size": [80, 80], "make_video": False}
    wanted = [
        {**short, "style": style, "start_image": start}
        for style in ("image", "painting", "pixel art")
        for start in (None, uploaded["start_image"])
    ]
    jobs = [wait_for(installation, site, submit(site, order), "done") for order in wanted]
    files = [site.get(job["links"]["picture"]).raise_for_status().content for job in jobs]
    recipes = [clipit.read_recipe(BytesIO(file)) for file in files]
    assert [recipe["drawer"] for recipe in recipes] == ["vqgan"] * 2 + ["strokes"] * 2 + ["pixel"] * 2
    assert [recipe["start_image"] is not None for recipe in recipes] == [False, True] * 3
    assert len(set(files)) == 6


@pytest.mark.slow
def test_a_worker_killed_while_painting_costs_an_attempt_and_no_second_mail(installation, site, place):
    victim = installation.start("worker")
    job_id = submit(site, ENDLESS)
    wait_for_preview(installation, site, job_id)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    place.shorten(6)

    installation.start("worker")
    assert wait_for(installation, site, job_id, "done")["attempt"] == 2
    wait_for_mails(installation)

    wait_for(installation, site, submit(site, {**ORDER, "email": "another@example.com"}), "done")
    letters = wait_for_mails(installation, 2)
    assert sorted(letter["To"] for letter in letters) == ["another@example.com", "canary@example.com"]


@pytest.mark.slow
def test_a_worker_asked_to_stop_gives_its_job_back_uncounted(installation, site, place):
    leaving = installation.start("worker")
    job_id = submit(site, ENDLESS)
    wait_for_preview(installation, site, job_id)
    leaving.terminate()
    assert leaving.wait(PATIENCE_S) == 0
    job = site.get(f"/api/jobs/{job_id}").json()
    assert (job["status"], job["attempt"]) == ("queued", 0)

    place.shorten(6)
    installation.start("worker")
    assert wait_for(installation, site, job_id, "done")["attempt"] == 1


@pytest.mark.slow
def test_a_cancelled_job_is_dropped_and_the_worker_takes_the_next(installation, site):
    installation.start("worker")
    cancelled = submit(site, ENDLESS)
    wait_for_preview(installation, site, cancelled)
    assert site.post(f"/api/jobs/{cancelled}/cancel").json()["status"] == "cancelled"
    wait_for(installation, site, submit(site, ORDER), "done")
    wait_for_mails(installation)
    assert site.get(f"/api/jobs/{cancelled}").json()["links"]["picture"] is None


@pytest.mark.slow
def test_four_workers_share_the_jobs_and_each_is_painted_once_and_mailed_once(installation, site):
    installation.start_workers(4)
    jobs = [submit(site, {**ORDER, "email": f"visitor.{number}@example.com"}) for number in range(8)]
    for job_id in jobs:
        assert wait_for(installation, site, job_id, "done")["attempt"] == 1
    letters = wait_for_mails(installation, 8)
    assert sorted(letter["To"] for letter in letters) == [f"visitor.{number}@example.com" for number in range(8)]
    assert installation.logs().count("event=claimed") == 8


@pytest.mark.slow
def test_up_serves_page_and_worker_replaces_a_dead_worker_and_ends_with_one_signal(installation):
    parent = installation.start("up", "--port", str(installation.port), "--no-open")
    installation.eventually(lambda: f"Text2Art is on {installation.url}" in installation.logs(), "the address is told")
    installation.eventually(lambda: "event=ready" in installation.logs(), "the worker is ready")
    os.kill(worker_of(parent), signal.SIGKILL)
    with installation.client() as site:
        wait_for(installation, site, submit(site, ORDER), "done")
    (letter,) = wait_for_mails(installation)
    assert f"{installation.url}/?job=" in letter.get_body(("plain",)).get_content()
    parent.send_signal(signal.SIGINT)
    assert parent.wait(PATIENCE_S) == 0
    assert "another starts in" in installation.logs()
    assert not is_listening(installation.port)


def worker_of(parent):
    """The process id of the worker that `up` has started."""
    children = Path(f"/proc/{parent.pid}/task").glob("*/children")
    for child in " ".join(file.read_text() for file in children).split():
        if b"worker" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
            return int(child)
    raise AssertionError("no worker is running")


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
