"""The links in a job's mails that act for their reader: written by the worker, read by the API.

The gallery shows the ids of public jobs, and whoever ordered knows the address. So the links hold, beside the id, a key
that is drawn for the job and told in its mails alone. The key that deletes is made from the one that stops the mails,
whose link mail programs follow by themselves.
"""

import base64
import hmac

from jobs.job import Job


def unsubscribe_path(job: Job) -> str:
    """Where the reader of this job's mails stops them."""
    return f"/unsubscribe/{job.id}/{job.unsubscribe_key}"


def deletion_path(job: Job) -> str:
    """Where the reader of this job's mails deletes it."""
    return f"/delete/{job.id}/{_deletion_key(job)}"


def opens_unsubscribe(key: str, job: Job) -> bool:
    """Whether this is the key that stops the job's mails; a job without one is opened by none."""
    return _is(key, job.unsubscribe_key, job)


def opens_deletion(key: str, job: Job) -> bool:
    """Whether this is the key that deletes the job; a job without one is opened by none."""
    return _is(key, _deletion_key(job), job)


def _is(key: str, right: str, job: Job) -> bool:
    return bool(job.unsubscribe_key) and hmac.compare_digest(key.encode(errors="replace"), right.encode())


def _deletion_key(job: Job) -> str:
    digest = hmac.digest(job.unsubscribe_key.encode(), b"delete", "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
