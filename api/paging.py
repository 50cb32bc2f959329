"""Lists page by page: who asks for a page looks for one more, which tells whether another page follows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime

A_PAGE = 12  # pictures, where the visitor does not choose

T = TypeVar("T")


def cut(found: Sequence[T], limit: int) -> tuple[Sequence[T], T | None]:
    """The page, of the `limit + 1` that were looked for; and its last one, where another page follows."""
    page = found[:limit]
    return page, page[-1] if len(found) > limit else None


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be a time between the years 1 and 9999, UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]  # where a page of a list by time begins
