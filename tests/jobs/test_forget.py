import pytest

from jobs import Files, JobNotFound, NotEnded, NotOnShelf, Order
from jobs.folder import FolderShelf
from jobs.forget import forget
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
