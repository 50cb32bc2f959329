"""Times as text that sorts: ISO 8601 in UTC with six decimals."""

from datetime import UTC, datetime, timedelta


def sortable(moment: datetime, wait_s: float = 0.0) -> str:
    """The moment, or the one `wait_s` later. Raises TypeError without a time zone."""
    if moment.tzinfo is None:
        raise TypeError(f"a time needs a time zone: {moment}")
    return (moment.astimezone(UTC) + timedelta(seconds=wait_s)).isoformat(timespec="microseconds")


def until(moment: datetime | None) -> str:
    """What every time before this moment sorts before; for None, what all do. Raises TypeError as above."""
    return "~" if moment is None else sortable(moment)
