"""What the API and the worker agree on: orders, jobs, the queue they wait in, the shelf their files lie on."""

from jobs.errors import BadKey, JobNotFound, JobsError, LeaseLost, NotOnShelf
from jobs.job import Claim, Files, Job, Letter, Progress, Status
from jobs.order import DRAWN_STYLES, Aspect, Order, Quality, Style
from jobs.queue import MAX_ATTEMPTS, Queue
from jobs.shelf import Shelf, check_key

__all__ = [
    "DRAWN_STYLES",
    "MAX_ATTEMPTS",
    "Aspect",
    "BadKey",
    "Claim",
    "Files",
    "Job",
    "JobNotFound",
    "JobsError",
    "LeaseLost",
    "Letter",
    "NotOnShelf",
    "Order",
    "Progress",
    "Quality",
    "Queue",
    "Shelf",
    "Status",
    "Style",
    "check_key",
]
