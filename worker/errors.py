"""Every error that the worker raises.

WorkerError
├── CannotPaint     the order cannot be painted; the message is for the visitor
├── CannotSend      the mailer cannot take the letter now; later it may
│   └── Unsure      perhaps it has taken it, and cannot be asked: sent again, the letter may arrive twice
├── Undeliverable   the letter will never arrive; the message says why, without the address
├── TooLarge        the mailer takes no letter of this size; one without files it will
├── MailerRefuses   the mailer takes no letter from us at all: key, payment or domain; the message is for the operator
└── Stopping        the worker has been asked to stop; its job goes back to the queue
"""


class WorkerError(Exception):
    """Something went wrong in the worker."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class CannotPaint(WorkerError):
    """This order cannot be painted."""


class CannotSend(WorkerError):
    """The mailer cannot take the letter now."""

    def __init__(self, message: str | None = None, *, after_s: float | None = None) -> None:
        """`after_s` is how many seconds to wait at least, where the mailer or its way of failing says so."""
        super().__init__(message)
        self.after_s = after_s


class Unsure(CannotSend):
    """The mailer may have taken the letter, and cannot be asked."""


class Undeliverable(WorkerError):
    """The letter cannot be delivered."""


class TooLarge(WorkerError):
    """The letter is too large for the mailer."""


class MailerRefuses(WorkerError):
    """The mailer takes no letters from us."""


class Stopping(WorkerError):
    """The worker has been asked to stop."""
