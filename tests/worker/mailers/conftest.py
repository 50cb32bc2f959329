from datetime import UTC, datetime

import pytest
import requests

from jobs import Files, Letter, Status
from tests.fakes import an_order
from tests.mailgun import standing_in
from worker.mail import NOTHING, Enclosed, render

ENDED = datetime(2030, 1, 1, 12, tzinfo=UTC)
SENDER = {"sender": "Text2Art <art@example.com>", "public_url": "https://art.example.com/", "link_days": 30}
FILES = Enclosed(b"\x89PNG picture", b"film")


@pytest.fixture
def a_letter(a_job):
    """A letter about a finished job; about a failed one with `error`."""

    def make(token=1, error=None, **order):
        status = Status.FAILED if error else Status.DONE
        job = a_job(an_order(**order), status=status, error=error, finished_at=ENDED)
        keys = {kind: f"{job.id}/t1-{kind}.{end}" for kind, end in (("picture", "png"), ("thumbnail", "webp"))}
        files = None if error else Files(**keys, film=f"{job.id}/t1-film.mp4")
        return Letter(job=job.model_copy(update={"files": files}), token=token)

    return make


@pytest.fixture
def written():
    """A letter, written."""

    def write(letter, files=FILES, **sender):
        return render(letter, files if letter.job.files else NOTHING, **SENDER | sender)

    return write


@pytest.fixture
def session():
    with requests.Session() as session:
        yield session


@pytest.fixture(scope="session")
def mailgun_server():
    with standing_in() as mailgun:
        yield mailgun


@pytest.fixture
def mailgun(mailgun_server):
    """The stand-in, as if nobody had used it yet."""
    for kept in (mailgun_server.messages, mailgun_server.requests, mailgun_server.plan):
        kept.clear()
    mailgun_server.clock = lambda: ENDED.timestamp() + 5
    return mailgun_server
