"""The link in a job's mails by which their reader stops them: written by the worker, read by the API.

The gallery shows the ids of public jobs. So the link holds, beside the id, a key that only who knows the address can
make, or nobody's mails would be safe from anybody.
"""

import hmac
from base64 import urlsafe_b64encode

from jobs.job import Job

_BYTES = 16


def unsubscribe_path(job: Job) -> str:
    """Where the reader of this job's mails stops them."""
    return f"/unsubscribe/{job.id}/{unsubscribe_key(job)}"


def unsubscribe_key(job: Job) -> str:
    """22 URL-safe characters."""
    digest = hmac.digest(job.order.email.encode(), f"unsubscribe {job.id}".encode(), "sha256")
    return urlsafe_b64encode(digest[:_BYTES]).rstrip(b"=").decode()


def opens(key: str, job: Job) -> bool:
    """Whether this is the job's key."""
    return hmac.compare_digest(key.encode(), unsubscribe_key(job).encode())
