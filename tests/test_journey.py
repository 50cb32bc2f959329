"""From the form to the mail through real processes: uvicorn, a worker, HTTP, SQLite, a folder, an `.eml` file."""

import email
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from email import policy
from io import BytesIO
from pathlib import Path

import av
import httpx2
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
PATIENCE_S = 180  # models load and paint on whatever this machine has
ORDER = {
    "prompt": "castle underwater <script>alert('水')</script> 🏰",
    "email": "canary@example.com",
    "size": [64, 64],
    "iterations": 6,
    "seed": 3,
    "public": True,
}
ENDLESS = {**ORDER, "iterations": 2000}  # long enough to be in the midst of it


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def start(data):
    """Start `text2art` with arguments; everything started is ended with the test."""
    processes = []
    environment = os.environ | {"TEXT2ART_DATA": str(data), "TEXT2ART_LEASE_S": "3", "TEXT2ART_POLL_S": "0.1"}

    def run(*arguments):
        log = open(data.parent / f"{len(processes)}-{arguments[0]}.log", "wb")  # noqa: SIM115
        command = [sys.executable, str(ROOT / "text2art.py"), *arguments]
        process = subprocess.Popen(command, env=environment, cwd=data.parent, stdout=log, stderr=subprocess.STDOUT)
        processes.append((process, log))
        return process

    yield run
    for process, log in processes:
        process.kill()
        process.wait()
        log.close()


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def site(start, port):
    """A client of a running API."""
    api = start("api", "--port", str(port))
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
        eventually(lambda: api.poll() is None and is_healthy(client), "the API answers")
        yield client


def is_healthy(client):
    try:
        return client.get("/healthz").is_success
    except httpx2.TransportError:
        return False


def eventually(question, what):
    """Ask until the answer is true; it is the outcome that is tested, not how soon it comes."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := question()):
        assert time.monotonic() < deadline, f"gave up waiting until {what}"
        time.sleep(0.05)
    return answer


def submit(site, order):
    answer = site.post("/api/jobs", json=order)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def wait_for(site, job_id, status):
    def is_there():
        job = site.get(f"/api/jobs/{job_id}").json()
        assert job["status"] == status or job["status"] not in ("done", "failed", "cancelled"), job
        return job if job["status"] == status else None

    return eventually(is_there, f"the job is {status}")


def wait_for_preview(site, job_id):
    def is_painting():
        progress = site.get(f"/api/jobs/{job_id}").json()["progress"]
        return progress is not None and progress["step"] > 1

    eventually(is_painting, "a frame is told")


def mails(data):
    return list((data / "outbox").glob("*.eml"))


def wait_for_mail(data):
    eventually(lambda: mails(data), "the mail is there")
    (file,) = mails(data)
    return email.message_from_bytes(file.read_bytes(), policy=policy.default)


def shorten(data, iterations):
    """Make the orders in the store small, so that a job caught in the midst of painting can also be seen to end."""
    with sqlite3.connect(data / "queue.sqlite3", timeout=30) as database:
        database.execute("UPDATE jobs SET order_json = json_set(order_json, '$.iterations', ?)", (iterations,))
    database.close()


def logs(data):
    return "".join(file.read_text() for file in data.parent.glob("*.log"))


@pytest.mark.slow
def test_a_prompt_becomes_a_picture_a_film_and_a_mail(site, start, data):
    start("worker")
    job_id = submit(site, ORDER)
    job = wait_for(site, job_id, "done")
    assert "email" not in job and "canary@example.com" not in str(job)

    picture = Image.open(BytesIO(site.get(job["links"]["picture"]).raise_for_status().content))
    assert (picture.format, picture.size) == ("PNG", (64, 64))
    assert len(picture.convert("RGB").getcolors(64 * 64)) > 1
    film = site.get(job["links"]["film"]).raise_for_status()
    with av.open(BytesIO(film.content)) as video:
        assert sum(1 for _ in video.decode(video=0)) >= ORDER["iterations"]
    assert [shown["id"] for shown in site.get("/api/gallery").json()["jobs"]] == [job_id]

    mail = wait_for_mail(data)
    assert mail["To"] == "canary@example.com"
    attached = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert attached["text2art.png"] == site.get(job["links"]["picture"]).content
    assert attached["text2art.mp4"] == film.content
    assert ORDER["prompt"] in mail.get_body(("plain",)).get_content()
    assert "<script" not in mail.get_body(("html",)).get_content()
    assert "action=done" in logs(data)
    assert "canary" not in logs(data) and "castle" not in logs(data)


@pytest.mark.slow
def test_a_worker_killed_while_painting_costs_an_attempt_and_no_second_mail(site, start, data):
    victim = start("worker")
    job_id = submit(site, ENDLESS)
    wait_for_preview(site, job_id)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    shorten(data, 6)

    start("worker")
    job = wait_for(site, job_id, "done")
    assert job["attempt"] == 2
    wait_for_mail(data)

    last = submit(site, {**ORDER, "email": "another@example.com"})
    wait_for(site, last, "done")
    eventually(lambda: len(mails(data)) == 2, "the next job's mail is there")
    letters = [email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in mails(data)]
    assert sorted(letter["To"] for letter in letters) == ["another@example.com", "canary@example.com"]


@pytest.mark.slow
def test_a_worker_asked_to_stop_gives_its_job_back_uncounted(site, start, data):
    leaving = start("worker")
    job_id = submit(site, ENDLESS)
    wait_for_preview(site, job_id)
    leaving.terminate()
    assert leaving.wait(PATIENCE_S) == 0
    job = site.get(f"/api/jobs/{job_id}").json()
    assert (job["status"], job["attempt"]) == ("queued", 0)

    shorten(data, 6)
    start("worker")
    assert wait_for(site, job_id, "done")["attempt"] == 1


@pytest.mark.slow
def test_a_cancelled_job_is_dropped_and_the_worker_takes_the_next(site, start, data):
    start("worker")
    cancelled = submit(site, ENDLESS)
    wait_for_preview(site, cancelled)
    assert site.post(f"/api/jobs/{cancelled}/cancel").json()["status"] == "cancelled"
    wait_for(site, submit(site, ORDER), "done")
    wait_for_mail(data)
    assert site.get(f"/api/jobs/{cancelled}").json()["links"]["picture"] is None


@pytest.mark.slow
def test_up_serves_page_and_worker_replaces_a_dead_worker_and_ends_with_one_signal(start, port, data):
    parent = start("up", "--port", str(port), "--no-open")
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as site:
        eventually(lambda: f"Text2Art is on http://127.0.0.1:{port}" in logs(data), "the address is told")
        eventually(lambda: "action=ready" in logs(data), "the worker is ready")
        os.kill(worker_of(parent), signal.SIGKILL)
        wait_for(site, submit(site, ORDER), "done")
        assert f"http://127.0.0.1:{port}/?job=" in wait_for_mail(data).get_body(("plain",)).get_content()
    parent.send_signal(signal.SIGINT)
    assert parent.wait(PATIENCE_S) == 0
    assert "another starts in" in logs(data)
    assert not is_listening(port)


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
