import pytest

from api import recent
from api.recent import FRESH_S, Recent
from jobs import JobNotFound, Progress
from tests.fakes import Clock


@pytest.fixture
def seconds():
    return Clock()


@pytest.fixture
def jobs(queue, seconds):
    return Recent(queue, seconds)


def test_a_job_just_looked_at_is_recalled_without_another_look(studio, queue, jobs, monkeypatch):
    job = jobs.get(studio.order().id)
    monkeypatch.setattr(queue, "get", None)
    assert jobs.recall(job.id) == job


def test_a_job_looked_at_some_seconds_ago_is_looked_at_again(studio, queue, jobs, seconds):
    before = jobs.get(studio.order().id)
    queue.heartbeat(studio.begin(), 60, Progress(step=1, of=2, score=0.1))
    assert jobs.recall(before.id) == before
    seconds.now += FRESH_S
    assert jobs.recall(before.id) == queue.get(before.id) != before


def test_a_job_that_nobody_has_looked_at_is_looked_at(studio, jobs):
    job = studio.order()
    assert jobs.recall(job.id) == job
    with pytest.raises(JobNotFound):
        jobs.recall("k" * 22)


def test_only_the_latest_jobs_are_remembered(studio, queue, jobs, monkeypatch):
    monkeypatch.setattr(recent, "MOST", 2)
    ids = [studio.order().id for _ in range(3)]
    for job_id in ids:
        jobs.get(job_id)
    looks = []
    monkeypatch.setattr(queue, "get", lambda job_id: looks.append(job_id))
    for job_id in ids[1:]:
        jobs.recall(job_id)
    assert looks == []
    jobs.recall(ids[0])
    assert looks == ids[:1]
