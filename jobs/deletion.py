"""The link in a job's mails by which their reader deletes it: written by the worker, read by the API.

It has a key of its own, made from the one that stops the mails: mail programs follow that link by themselves.
"""

import base64
import hmac

from jobs.job import Job


def deletion_path(job: Job) -> str:
    """Where the reader of this job's mails deletes it."""
    return f"/delete/{job.id}/{_key(job)}"


def opens_deletion(key: str, job: Job) -> bool:
    """Whether this is the job's key; a job without one is opened by none."""
    return bool(job.unsubscribe_key) and hmac.compare_digest(key.encode(errors="replace"), _key(job).encode())


def _key(job: Job) -> str:
    digest = hmac.digest(job.unsubscribe_key.encode(), b"delete", "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
