"""What the API and the worker agree on: orders, jobs, the queue they wait in, the shelf their files lie on."""

from jobs.errors import (
    AlreadyOnShelf,
    BadKey,
    JobNotFound,
    JobsError,
    LeaseLost,
    NotEnded,
    NotOnShelf,
    Unavailable,
)
from jobs.job import Claim, Exhibit, Files, Job, Letter, Progress, Status
from jobs.order import Aspect, Order, Quality, Style, Wish
from jobs.queue import MAX_ATTEMPTS, Queue
from jobs.shelf import Shelf, check_key

__all__ = [
    "MAX_ATTEMPTS",
    "AlreadyOnShelf",
    "Aspect",
    "BadKey",
    "Claim",
    "Exhibit",
    "Files",
    "Job",
    "JobNotFound",
    "JobsError",
    "LeaseLost",
    "Letter",
    "NotEnded",
    "NotOnShelf",
    "Order",
    "Progress",
    "Quality",
    "Queue",
    "Shelf",
    "Status",
    "Style",
    "Unavailable",
    "Wish",
    "check_key",
]
