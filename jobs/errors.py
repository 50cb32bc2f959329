"""Every error that the queue and the shelf raise.

JobsError
├── JobNotFound     no job has this id
├── LeaseLost       the claim is no longer ours: another worker has the job, or it ended
├── NotEnded        only a job that has ended can be deleted
├── NotOnShelf      no file has this key
├── AlreadyOnShelf  other bytes lie under this key
├── BadKey          a key that is not `{22 characters}/{plain name}`
└── Unavailable     the store behind the queue or the shelf does not answer; nothing is known to have changed
"""


class JobsError(Exception):
    """Something went wrong between the API, the queue and the worker."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class JobNotFound(JobsError):
    """No job has this id."""


class LeaseLost(JobsError):
    """The claim on this job is no longer valid; whatever was painted under it is to be dropped."""


class NotEnded(JobsError):
    """Only a job that has ended can be deleted; cancel it first."""


class NotOnShelf(JobsError):
    """No file has this key."""


class AlreadyOnShelf(JobsError):
    """Other bytes lie under this key, and files are not overwritten."""


class BadKey(JobsError, ValueError):
    """A shelf key is an id of 22 characters, a slash and a plain file name."""


class Unavailable(JobsError):
    """The queue or the shelf does not answer now."""
