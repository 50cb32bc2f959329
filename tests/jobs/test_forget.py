import pytest

from jobs import Files, JobNotFound, LeaseLost, NotEnded, NotOnShelf, Order, Reason, Status
from jobs.folder import FolderShelf
from jobs.forget import AT_ONCE, forget, forget_all, sweep
from jobs.memory import MemoryQueue

START = "0123456789abcdefABC_-0/start.png"
ORDER = Order(prompt="castle underwater", email="visitor@example.com", start_image=START)
LEASE_S = 60.0


@pytest.fixture
def queue():
    return MemoryQueue()


@pytest.fixture
def shelf(tmp_path):
    shelf = FolderShelf(tmp_path)
    shelf.put(START, b"start")
    return shelf


def painting(queue, shelf):
    """A claim whose picture lies on the shelf."""
    queue.put(ORDER)
    claim = queue.claim("worker", LEASE_S)
    shelf.put(f"{claim.job.id}/picture.png", b"picture")
    return claim


def test_a_job_that_has_ended_is_forgotten_with_its_files_and_its_letter(queue, shelf):
    claim = painting(queue, shelf)
    id = claim.job.id
    queue.finish(claim, Files(picture=f"{id}/picture.png", thumbnail=f"{id}/thumbnail.webp"))
    forget(queue, shelf, id)
    with pytest.raises(JobNotFound):
        queue.get(id)
    with pytest.raises(NotOnShelf):
        shelf.get(f"{id}/picture.png")
    assert queue.take_letter(LEASE_S) is None
    assert shelf.get(START) == b"start", "other orders may share it"


def test_a_job_that_has_not_ended_stays_with_its_files(queue, shelf):
    job = painting(queue, shelf).job
    with pytest.raises(NotEnded):
        forget(queue, shelf, job.id)
    assert queue.get(job.id) == job
    assert shelf.get(f"{job.id}/picture.png") == b"picture"


def test_what_is_not_there_cannot_be_forgotten(queue, shelf):
    with pytest.raises(JobNotFound):
        forget(queue, shelf, "A" * 22)


def test_what_a_worker_put_there_too_late_is_swept_away(queue, shelf):
    id = painting(queue, shelf).job.id
    sweep(queue, shelf, id)
    assert shelf.get(f"{id}/picture.png") == b"picture", "the job is still known"
    queue.cancel(id)
    forget(queue, shelf, id)
    shelf.put(f"{id}/picture.png", b"picture")
    sweep(queue, shelf, id)
    with pytest.raises(NotOnShelf):
        shelf.get(f"{id}/picture.png")


# all that somebody ordered


def lies(shelf, key):
    try:
        return bool(shelf.get(key))
    except NotOnShelf:
        return False


def files(job_id):
    return Files(picture=f"{job_id}/picture.png", thumbnail=f"{job_id}/thumbnail.webp")


def test_all_of_an_owner_is_forgotten_and_nothing_of_anybody_else(queue, shelf):
    public = ORDER.model_copy(update={"public": True})
    for owner in ("mine", "other", None):
        queue.put(public, owner)
        claim = queue.claim("worker", LEASE_S)
        shelf.put(f"{claim.job.id}/picture.png", b"picture")
        queue.finish(claim, files(claim.job.id))
    mine, other, _ = reversed(queue.list_jobs(10))
    for visitor in ("mine", "other"):
        queue.gallery.like(other.id, visitor)
        queue.gallery.report(other.id, visitor, Reason.OTHER)
    queue.cancel(queue.put(ORDER, "mine").id)

    forget_all(queue, shelf, "mine")

    assert queue.list_owned("mine", 10) == []
    assert [job.owner for job in queue.list_jobs(10)] == [None, "other"]
    assert not lies(shelf, f"{mine.id}/picture.png") and lies(shelf, f"{other.id}/picture.png")
    assert not lies(shelf, START)
    assert queue.gallery.exhibit(other.id).likes == 1
    assert [report.reasons for report in queue.gallery.reports(10)] == [{Reason.OTHER: 1}]


def test_what_waits_and_what_is_painted_is_cancelled_and_forgotten(queue, shelf):
    running, waiting = queue.put(ORDER, "mine"), queue.put(ORDER, "mine")
    claim = queue.claim("worker", LEASE_S)

    forget_all(queue, shelf, "mine")

    for job in (running, waiting):
        with pytest.raises(JobNotFound):
            queue.get(job.id)
    with pytest.raises(LeaseLost):
        queue.finish(claim, files(running.id))


def test_more_jobs_than_are_looked_up_at_once_are_all_forgotten(queue, shelf):
    for _ in range(2 * AT_ONCE + 1):
        queue.put(ORDER, "mine")

    forget_all(queue, shelf, "mine")

    assert queue.list_jobs(10) == []


def test_job_that_its_worker_ends_or_that_is_started_again_meanwhile_does_not_survive(queue, shelf, monkeypatch):
    queue.put(ORDER, "mine")
    claim = queue.claim("worker", LEASE_S)
    again = queue.cancel(queue.put(ORDER, "mine").id)
    cancel, clear = queue.cancel, shelf.clear

    def ended_first(job_id):
        if queue.get(job_id).status == Status.RUNNING:
            queue.finish(claim, files(job_id))
        return cancel(job_id)

    def started_again(job_id):
        clear(job_id)
        if job_id == again.id and queue.get(job_id).status.is_terminal:
            monkeypatch.setattr(shelf, "clear", clear)
            queue.retry(job_id)

    monkeypatch.setattr(queue, "cancel", ended_first)
    monkeypatch.setattr(shelf, "clear", started_again)
    forget_all(queue, shelf, "mine")

    assert queue.list_jobs(10) == []


def test_start_image_that_is_somebodys_picture_stays(queue, shelf):
    theirs = "9" * 22 + "/picture.png"
    shelf.put(theirs, b"picture")
    queue.put(ORDER.model_copy(update={"start_image": theirs}), "mine")

    forget_all(queue, shelf, "mine")

    assert lies(shelf, theirs) and lies(shelf, START)


def test_who_was_interrupted_forgets_the_rest(queue, shelf, monkeypatch):
    job = queue.put(ORDER, "mine")
    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(shelf, "clear", lambda id: (_ for _ in ()).throw(OSError("disk")))
        forget_all(queue, shelf, "mine")
    assert queue.list_owned("mine", 10) == [queue.get(job.id)]

    forget_all(queue, shelf, "mine")

    assert queue.list_jobs(10) == [] and not lies(shelf, START)
