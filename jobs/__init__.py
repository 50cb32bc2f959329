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
from jobs.gallery import Cursor, Gallery, Reason, Report, Search, Sort
from jobs.job import Claim, Exhibit, Files, Job, Letter, Progress, Status
from jobs.order import Aspect, Order, Palette, Quality, Style, Wish
from jobs.painter import Pace, Painter
from jobs.queue import MAX_ATTEMPTS, Queue
from jobs.shelf import Shelf, check_key

__all__ = [
    "MAX_ATTEMPTS",
    "AlreadyOnShelf",
    "Aspect",
    "BadKey",
    "Claim",
    "Cursor",
    "Exhibit",
    "Files",
    "Gallery",
    "Job",
    "JobNotFound",
    "JobsError",
    "LeaseLost",
    "Letter",
    "NotEnded",
    "NotOnShelf",
    "Order",
    "Pace",
    "Painter",
    "Palette",
    "Progress",
    "Quality",
    "Queue",
    "Reason",
    "Report",
    "Search",
    "Shelf",
    "Sort",
    "Status",
    "Style",
    "Unavailable",
    "Wish",
    "check_key",
]
