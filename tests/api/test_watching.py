import asyncio
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest

from api.views import look_up
from api.watching import changes, pause_s

ROOT = Path(__file__).parents[2]
UNKNOWN = "k" * 22


def test_a_job_is_told_as_it_is(client, studio):
    job = client.get(f"/api/jobs/{studio.order().id}").json()
    assert (job["status"], job["position"], job["created_at"]) == ("queued", 0, "2030-01-01T00:00:00Z")


@pytest.mark.parametrize("name", [UNKNOWN, "x", "..%2f..%2fetc", "%00", "<script>", "🦊"])
def test_an_unknown_job_is_not_found_on_any_route(client, name):
    for answer in (
        client.get(f"/api/jobs/{name}"),
        client.post(f"/api/jobs/{name}/cancel"),
        client.get(f"/api/jobs/{name}/events"),
    ):
        assert answer.status_code == 404
        assert answer.json()["detail"]


def test_a_waiting_and_a_running_job_can_be_taken_back(client, studio):
    running, waiting = studio.order(), studio.order()
    studio.begin()
    for job in (running, waiting):
        assert client.post(f"/api/jobs/{job.id}/cancel").json()["status"] == "cancelled"


def test_a_finished_job_stays_finished(client, studio):
    job = studio.painted()
    assert client.post(f"/api/jobs/{job.id}/cancel").json()["status"] == "done"


def test_a_stream_tells_position_progress_preview_and_result_and_then_ends(studio, queue):
    before, job = studio.order(), studio.order()

    async def watch():
        told = changes(queue, look_up(queue, job.id))
        yield await anext(told)
        queue.cancel(before.id)
        yield await anext(told)
        claim = studio.begin()
        yield await anext(told)
        for step in (10, 20):
            studio.report(claim, step)
            yield await anext(told)
        studio.finish(claim)
        async for seen in told:
            yield seen

    async def collect():
        return [seen async for seen in watch()]

    seen = asyncio.run(collect())
    assert [(job.status, job.position) for job in seen[:3]] == [("queued", 1), ("queued", 0), ("running", 0)]
    assert [job.progress.step for job in seen[3:5]] == [10, 20]
    assert seen[3].links.preview != seen[4].links.preview
    assert [job.status for job in seen[5:]] == ["done"]
    assert seen[5].links.picture


def test_a_stream_stays_quiet_while_nothing_changes(studio, queue):
    job = studio.order()
    looks = []

    class Counted:
        poll_s = report_s = 0.0

        def get(self, job_id):
            looks.append(job_id)
            if len(looks) == 5:
                queue.cancel(job_id)
            return queue.get(job_id)

        position = staticmethod(queue.position)

    async def collect():
        return [seen.status async for seen in changes(Counted(), look_up(queue, job.id))]

    assert asyncio.run(collect()) == ["queued", "cancelled"]
    assert len(looks) == 5


def test_the_stream_of_a_finished_job_is_one_event(client, studio):
    job = studio.painted()
    answer = client.get(f"/api/jobs/{job.id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    event, data = answer.text.strip().splitlines()
    assert event == "event: job"
    assert json.loads(data.removeprefix("data: ")) == client.get(f"/api/jobs/{job.id}").json()


def test_a_stream_ends_when_the_visitor_leaves(app, studio):
    sent = []
    begun = asyncio.Event()

    async def receive():
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        if message.get("body"):
            begun.set()

    path = f"/api/jobs/{studio.order().id}/events"
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    asyncio.run(asyncio.wait_for(app(scope, receive, send), timeout=60))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


SERVER = """
import sys
from pathlib import Path
import uvicorn
from api.app import create_app
from api.settings import ApiSettings
from jobs import Order
from jobs.folder import FolderShelf
from jobs.memory import MemoryQueue

queue = MemoryQueue()
app = create_app(ApiSettings(keepalive_s=0.05), queue, FolderShelf(Path(sys.argv[2])))
print(queue.put(Order(prompt="castle", email="visitor@example.com")).id, flush=True)
uvicorn.run(app, fd=int(sys.argv[1]), log_level="warning")
"""


@pytest.fixture
def server(tmp_path):
    """A real server on a socket that listens already, so that nothing must be waited for; with one waiting job."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [sys.executable, "-c", SERVER, str(listening.fileno()), str(tmp_path)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, pass_fds=[listening.fileno()])
        with process:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            yield process, url, process.stdout.readline().strip()
            process.kill()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_an_open_stream_is_kept_alive_and_does_not_hold_up_the_shutdown(server, sign):
    process, url, job_id = server
    with urllib.request.urlopen(f"{url}/api/jobs/{job_id}/events", timeout=60) as stream:
        assert stream.readline() == b"event: job\r\n"
        assert json.loads(stream.readline().removeprefix(b"data: "))["status"] == "queued"
        assert stream.readline() == b"\r\n"
        assert stream.readline().startswith(b": ping")
        process.send_signal(sign)
        while stream.readline():
            pass
    process.wait(timeout=60)


@pytest.mark.parametrize(
    ("age_s", "pause"),
    [(0, 2.0), (24, 2.0), (60, 5.0), (180, 15.0), (100_000, 15.0), (-5, 2.0)],
)
def test_looks_get_rarer_with_the_age_of_a_job_where_they_cost_money(queue, age_s, pause):
    queue.report_s, queue.poll_s = 2.0, 15.0
    assert pause_s(queue, timedelta(seconds=age_s)) == pause


def test_looks_that_cost_nothing_stay_frequent(queue):
    queue.report_s = queue.poll_s = 0.5
    assert pause_s(queue, timedelta(hours=1)) == 0.5
