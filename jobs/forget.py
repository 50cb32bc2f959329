"""Forgetting a job: nothing of it is left but a start image that it was given."""

from jobs.errors import NotEnded
from jobs.queue import Queue
from jobs.shelf import Shelf


def forget(queue: Queue, shelf: Shelf, job_id: str) -> None:
    """Delete a job that has ended, with its files and its letter. Raises JobNotFound and NotEnded.

    Its start image stays: it has an id of its own, and other orders may share it.
    """
    if not queue.get(job_id).status.is_terminal:
        raise NotEnded
    shelf.clear(job_id)  # before the queue forgets where the files lie
    queue.delete(job_id)
