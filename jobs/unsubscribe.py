"""The link in a job's mails by which their reader stops them: written by the worker, read by the API.

The gallery shows the ids of public jobs, and whoever ordered knows the address. So the link holds, beside the id, a key
that is drawn for the job and told in its mails alone.
"""

import hmac

from jobs.job import Job


def unsubscribe_path(job: Job) -> str:
    """Where the reader of this job's mails stops them."""
    return f"/unsubscribe/{job.id}/{job.unsubscribe_key}"


def opens(key: str, job: Job) -> bool:
    """Whether this is the job's key; a job without one is opened by none."""
    return bool(job.unsubscribe_key) and hmac.compare_digest(key.encode(), job.unsubscribe_key.encode())
