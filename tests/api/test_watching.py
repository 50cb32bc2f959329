import asyncio
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from api.painters import Roster
from api.views import Onlooker, view
from api.visitors import COOKIE
from api.watching import changes, is_news, pause_s
from jobs import JobNotFound, NotOnShelf, Unavailable
from tests.api.conftest import a_painter, cookie_by

ROOT = Path(__file__).parents[2]
UNKNOWN = "k" * 22


@pytest.fixture
def onlooker(queue, clock):
    return Onlooker(queue, Roster(queue), clock)


@pytest.fixture
def me(app, client):
    """The id of who asks by `client`."""
    id = f"browser:{'m' * 22}"
    client.cookies.set(COOKIE, cookie_by(app.state.cookies.set_browser, id))
    return id


def test_a_job_is_told_as_it_is(client, studio):
    job = client.get(f"/api/jobs/{studio.order().id}").json()
    assert (job["status"], job["position"], job["created_at"]) == ("queued", 0, "2030-01-01T00:00:00Z")


@pytest.mark.parametrize("name", [UNKNOWN, "x", "..%2f..%2fetc", "%00", "<script>", "🦊"])
def test_an_unknown_job_is_not_found_on_any_route(client, name):
    for answer in (
        client.get(f"/api/jobs/{name}"),
        client.post(f"/api/jobs/{name}/cancel"),
        client.get(f"/api/jobs/{name}/events"),
        client.post(f"/api/jobs/{name}/retry"),
        client.post(f"/api/jobs/{name}/start-image"),
        client.delete(f"/api/jobs/{name}"),
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


# what is one's own


@pytest.mark.parametrize("again", [True, False])
def test_who_ordered_a_job_has_it_tried_again(client, me, studio, queue, again):
    job = studio.order(me)
    failed = studio.fail() if again else queue.cancel(job.id)
    answer = client.post(f"/api/jobs/{failed.id}/retry").json()
    assert (answer["status"], answer["error"], answer["mine"]) == ("queued", None, True)


def test_a_finished_job_is_not_tried_again(client, me, studio):
    assert client.post(f"/api/jobs/{studio.painted(me).id}/retry").json()["status"] == "done"


def test_when_the_queue_is_full_nothing_is_tried_again(app, client, me, studio, monkeypatch):
    studio.order(me)
    failed = studio.fail()
    studio.order()
    monkeypatch.setattr(app.state, "settings", app.state.settings.model_copy(update={"max_queue": 1}))
    answer = client.post(f"/api/jobs/{failed.id}/retry")
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


def test_who_ordered_a_job_deletes_it_with_its_files_once_it_has_ended(client, me, studio, queue, shelf):
    studio.order(me)
    claim = studio.begin()
    assert client.delete(f"/api/jobs/{claim.job.id}").status_code == 409
    job = studio.finish(claim)
    assert client.delete(f"/api/jobs/{job.id}").status_code == 204
    with pytest.raises(JobNotFound):
        queue.get(job.id)
    with pytest.raises(NotOnShelf):
        shelf.get(job.files.picture)


@pytest.mark.parametrize("owner", [None, "browser:another", "uid-ann"])
def test_what_another_ordered_is_neither_tried_again_nor_deleted_by_who_knows_it(client, me, studio, queue, owner):
    studio.order(owner)
    job = studio.fail()
    for stranger in (client, TestClient(client.app)):
        assert stranger.post(f"/api/jobs/{job.id}/retry").status_code == 403
        assert stranger.delete(f"/api/jobs/{job.id}").status_code == 403
    assert queue.get(job.id) == job


def test_what_a_browser_ordered_is_taken_back_by_who_knows_it(client, studio):
    assert client.post(f"/api/jobs/{studio.order('browser:another').id}/cancel").json()["status"] == "cancelled"


def test_a_job_is_told_as_mine_to_who_ordered_it_and_to_nobody_else(client, me, studio):
    job = studio.painted(me)
    stranger = TestClient(client.app)
    for path in (f"/api/jobs/{job.id}", f"/api/jobs/{job.id}/events"):
        assert '"mine":true' in client.get(path).text
        assert '"mine":false' in stranger.get(path).text


# streams


def test_a_stream_tells_position_progress_preview_and_result_and_then_ends(studio, queue, onlooker):
    before, job = studio.order(), studio.order()

    async def watch():
        told = changes(onlooker, onlooker.look_up(job.id))
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


def test_a_stream_stays_quiet_while_nothing_changes(studio, queue, onlooker):
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
        counted = replace(onlooker, jobs=Counted())
        return [seen.status async for seen in changes(counted, onlooker.look_up(job.id))]

    assert asyncio.run(collect()) == ["queued", "cancelled"]
    assert len(looks) == 5


@pytest.mark.parametrize(
    ("told", "now", "news"),
    [
        (None, None, False),
        (None, 60, True),
        (60, None, True),
        (60, 59, False),
        (60, 74, False),
        (60, 76, True),
        (60, 44, True),
        (8, 4, False),
        (8, 2, True),
        (0, 6, True),
    ],
)
def test_an_eta_alone_is_news_when_it_comes_goes_or_jumps(studio, told, now, news):
    job = view(studio.order())
    at = [job.model_copy(update={"eta_s": eta_s}) for eta_s in (now, told)]
    assert is_news(*at) is news


def test_a_stream_tells_when_a_painter_comes(studio, queue, onlooker, monkeypatch):
    monkeypatch.setattr(queue, "presence_s", 0.01)
    monkeypatch.setattr(queue, "painters", lambda: [])
    job = studio.order()

    async def watch():
        told = changes(onlooker, onlooker.look_up(job.id))
        yield (await anext(told)).eta_s
        monkeypatch.setattr(queue, "painters", lambda: [a_painter()])
        yield (await anext(told)).eta_s

    async def collect():
        return [eta_s async for eta_s in watch()]

    assert asyncio.run(collect()) == [None, 11]


def test_a_stream_that_drifts_slowly_is_measured_by_what_was_told(studio, queue, onlooker):
    first = view(studio.order(), eta_s=100)
    drift = iter([*range(101, 160), 160])

    def look_up(job_id):
        eta_s = next(drift)
        return view(queue.cancel(job_id)) if eta_s == 160 else first.model_copy(update={"eta_s": eta_s})

    drifting = SimpleNamespace(clock=onlooker.clock, jobs=queue, look_up=look_up)

    async def collect():
        return [seen.eta_s async for seen in changes(drifting, first)]

    assert asyncio.run(collect()) == [100, 126, 158, None]


def test_the_stream_of_a_finished_job_is_one_event(client, studio):
    job = studio.painted()
    answer = client.get(f"/api/jobs/{job.id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    event, data = answer.text.strip().splitlines()
    assert event == "event: job"
    assert json.loads(data.removeprefix("data: ")) == client.get(f"/api/jobs/{job.id}").json()


@pytest.mark.parametrize(("error", "status"), [(JobNotFound, 404), (Unavailable, 503)])
def test_a_stream_that_has_nothing_more_to_tell_ends_and_who_asks_again_is_told_why(
    client, studio, queue, monkeypatch, error, status
):
    job = studio.order()
    looks = iter([queue.get(job.id)])

    def get(job_id):
        for seen in looks:
            return seen
        raise error

    monkeypatch.setattr(queue, "get", get)
    assert client.get(f"/api/jobs/{job.id}/events").text.count("event: job") == 1
    assert client.get(f"/api/jobs/{job.id}/events").status_code == status


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
from types import SimpleNamespace
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
