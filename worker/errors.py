"""Every error that the worker raises.

WorkerError
├── CannotPaint     the order cannot be painted; the message is for the visitor
├── CannotSend      the mailer could not take a letter now
└── Stopping        the worker has been asked to stop; its job goes back to the queue
"""

import traceback


class WorkerError(Exception):
    """Something went wrong in the worker."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class CannotPaint(WorkerError):
    """This order cannot be painted."""


class CannotSend(WorkerError):
    """The mailer could not take the letter."""


class Stopping(WorkerError):
    """The worker has been asked to stop."""


def where(error: BaseException) -> str:
    """The type and traceback of an error for the log, without its message, which may quote a prompt or an address."""
    cause = f"{where(error.__cause__)}\ncaused " if error.__cause__ else ""
    return f"{cause}{type(error).__qualname__} at\n{''.join(traceback.format_tb(error.__traceback__))}".rstrip()
