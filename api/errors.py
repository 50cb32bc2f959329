"""How errors are told: one table from exceptions to status codes, and plain words for bad input."""

import logging
import sqlite3
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.security import HEADERS
from jobs import (
    AlreadyOnShelf,
    Aspect,
    BadKey,
    JobNotFound,
    LeaseLost,
    NotEnded,
    NotOnShelf,
    Palette,
    Quality,
    Reason,
    Sort,
    Style,
    Unavailable,
)

STATUS: dict[type[Exception], int] = {
    JobNotFound: 404,
    NotOnShelf: 404,
    BadKey: 404,
    LeaseLost: 409,
    NotEnded: 409,
    AlreadyOnShelf: 409,
    Unavailable: 503,
    sqlite3.Error: 503,  # the queue does not answer
    OSError: 503,  # the shelf does not answer
}

ACCEPTED: dict[str, list[str]] = {
    "style": [str(style) for style in Style],
    "quality": [str(quality) for quality in Quality],
    "aspect": [str(aspect) for aspect in Aspect],
    "palette": [str(palette) for palette in Palette],
    "sort": [str(sort) for sort in Sort],
    "reason": [str(reason) for reason in Reason],
    "file": ["PNG", "JPEG", "WebP"],
}

# pydantic's error type -> what the visitor reads, filled in from the error's context
_WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this form",
    "json_invalid": "is not valid JSON",
    "model_attributes_type": "must be a JSON object, sent with the content type application/json",
    "string_type": "must be text",
    "string_unicode": "must be valid Unicode text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "tuple_type": "must be a list of two numbers: width and height",
    "too_long": "must be a list of two numbers: width and height",
}

_log = logging.getLogger(__name__)


class Message(BaseModel):
    """What went wrong, for a person to read."""

    detail: str


Answers = dict[int | str, dict[str, Any]]  # by status, as the docs list them


def documented(status: int, when: str) -> Answers:
    """A refusal as FastAPI's docs list it; its words are for a person."""
    return {status: {"model": Message, "description": when}}


unknown_job = documented(404, "No job has this id.")
not_ended = documented(409, "The job has not ended: cancel it first.")


class Problem(BaseModel):
    """One field that is not as it must be; `accepted` lists the choices where there are a few."""

    field: str
    message: str
    accepted: list[str] | None = None


class BadInput(BaseModel):
    """Everything that is wrong with the request, field by field."""

    detail: list[Problem]


def bad_field(field: str, message: str) -> RequestValidationError:
    """The error to raise when a field is wrong in a way that only the running system can tell."""
    return RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": message}])


def add_error_handlers(app: FastAPI) -> None:
    for error in STATUS:
        app.add_exception_handler(error, _tell_status)
    app.add_exception_handler(RequestValidationError, _tell_bad_input)
    app.add_exception_handler(Exception, _tell_fault)


async def _tell_status(request: Request, error: Exception) -> JSONResponse:
    told = as_refusal(error)
    return JSONResponse({"detail": told.detail}, told.status_code, told.headers)


def as_refusal(error: Exception) -> HTTPException:
    """What is in STATUS, as the visitor is told of it. That something does not answer is logged for the operator."""
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    if status != 503:
        return HTTPException(status, str(error))
    _log.error("unavailable", exc_info=error)
    return HTTPException(503, "Text2Art is not available just now; please try again.", {"Retry-After": "10"})


async def _tell_fault(request: Request, error: Exception) -> JSONResponse:
    """Starlette logs the error itself, and answers outside all middleware."""
    return JSONResponse({"detail": "Something went wrong on our side; please try again."}, 500, HEADERS)


async def _tell_bad_input(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = BadInput(detail=[_problem(details) for details in error.errors()])
    return JSONResponse(found.model_dump(mode="json", exclude_none=True), 422)


def _problem(error: dict[str, Any]) -> Problem:
    """Origin of the shape: pydantic's `ValidationError.errors()`, `loc` led by FastAPI's "body", "query" or "path"."""
    _, *path = error["loc"]
    field = path[0] if path and isinstance(path[0], str) else "body"
    accepted = ACCEPTED.get(field)
    if error["type"] == "enum" and accepted:
        return Problem(field=field, message=f"must be one of: {', '.join(accepted)}", accepted=accepted)
    words = _WORDS.get(error["type"])
    message = words.format(**error.get("ctx", {})) if words else error["msg"].removeprefix("Value error, ")
    side = f"{('width', 'height')[path[1]]} " if field == "size" and len(path) > 1 else ""
    return Problem(field=field, message=side + message, accepted=accepted)
