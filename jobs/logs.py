"""Structured logs: one line per event, with the job's id and never an address, a prompt or a key."""

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

ADDRESS = re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;:=]+")  # what looks like one
_ORDER = ["timestamp", "level", "event", "job"]


def set_up(*, as_json: bool, secrets: Iterable[str] = (), stream: TextIO = sys.stderr) -> None:
    """Send this process's logs to `stream`: ours from INFO on, the libraries' from WARNING on.

    `log.info("claimed", extra={"job": id})` becomes a line of logfmt, or a JSON object with the names that Google's
    collector reads. What looks like an address, and every one of `secrets`, is blacked out wherever it appears, in the
    libraries' lines too: nobody is to write them, and this is the second lock.
    """
    fields: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_where,
    ]
    rendered: list[Processor] = (
        [_rename, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [structlog.processors.LogfmtRenderer(key_order=_ORDER, drop_missing=True)]
    )
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=fields, processors=[remove_meta, _flatten, *rendered, _censor(secrets)]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # Google's keeps its lines from the root, and would print what it sends if the environment said so.
    google = logging.getLogger("google")
    google.handlers, google.propagate = [handler], False
    google.setLevel(logging.WARNING)
    for room in ("api", "jobs", "worker", "text2art"):
        logging.getLogger(room).setLevel(logging.INFO)


def where(error: BaseException) -> str:
    """The type and traceback of an error, without its message, which may quote a prompt or an address."""
    cause = f"{where(error.__cause__)}\ncaused " if error.__cause__ else ""
    return f"{cause}{type(error).__qualname__} at\n{''.join(traceback.format_tb(error.__traceback__))}".rstrip()


def _tell_where(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Put an exception's place where structlog and logging would put its message too."""
    raised = event.pop("exc_info", None)
    error = sys.exc_info()[1] if raised is True else raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["error"] = where(error)
    return event


def _rename(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """https://cloud.google.com/logging/docs/structured-logging"""
    return {"severity": event.pop("level").upper(), "message": event.pop("event"), **event}


def _flatten(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """logfmt has one line per event: nothing may end it early or stand for another field."""
    event.pop("stack_info", None)
    return {key: value if isinstance(value, (int, float, bool)) else str(value) for key, value in event.items()}


def _censor(secrets: Iterable[str]) -> Processor:
    """The last step of rendering: blacks out what must not be in any line."""
    known = [re.escape(secret) for secret in sorted(secrets, key=len, reverse=True) if secret]
    secret = re.compile("|".join(known)) if known else None

    def blacked_out(logger: WrappedLogger, method: str, line: Any) -> str:
        return ADDRESS.sub("<address>", secret.sub("<secret>", line) if secret else line)

    return blacked_out
