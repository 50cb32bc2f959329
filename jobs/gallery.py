"""The gallery: pictures whose visitors made them public. Anybody looks, seeks, likes and reports.

A visitor is known here by a name that leads to no person: an account's uid or the random id of a browser's cookie.
"""

import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, Self

from pydantic import BaseModel, ConfigDict

from jobs.job import Exhibit
from jobs.order import Style

MOST_WORDS = 8  # of a search: more are not looked at

_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"  # scripts that are written without spaces
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]{{1,64}}")  # what is longer no store could index: it is cut


class Sort(StrEnum):
    """What the gallery shows first."""

    NEWEST = "newest"
    LIKED = "liked"


class Reason(StrEnum):
    """Why a visitor reports a picture."""

    OFFENSIVE = "offensive"
    PERSON = "person"  # it shows or names somebody who did not ask for it
    RIGHTS = "rights"  # it is somebody else's work
    OTHER = "other"


class Cursor(NamedTuple):
    """The place of a picture in the gallery; no two have the same."""

    likes: int
    finished_at: datetime

    @classmethod
    def of(cls, exhibit: Exhibit) -> Self:
        return cls(exhibit.likes, exhibit.finished_at)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for what `str` of a cursor cannot have been."""
        match = re.fullmatch(r"(\d{1,9})-(\d{1,18})", text, re.ASCII)
        if match is None:
            raise ValueError("must be what `next` of the page before said")
        seconds, micros = divmod(int(match[2]), 1_000_000)
        try:
            return cls(int(match[1]), datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros))
        except (OverflowError, OSError, ValueError):
            raise ValueError("must be what `next` of the page before said") from None

    def __str__(self) -> str:
        seconds = int(self.finished_at.replace(microsecond=0).timestamp())
        return f"{self.likes}-{seconds * 1_000_000 + self.finished_at.microsecond}"


class Search(BaseModel):
    """What to show: pictures with all these words in their prompt, of this style, those behind `after`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str = ""
    style: Style | None = None
    sort: Sort = Sort.NEWEST
    after: Cursor | None = None


EVERYTHING = Search()


class Report(BaseModel):
    """What visitors said of one picture: how many gave each reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    exhibit: Exhibit
    reasons: dict[Reason, int]


class Gallery(Protocol):
    """What hangs here the queue puts up when a public job is finished, and takes down when it is revoked or deleted.

    Methods that take a job's id raise JobNotFound for a job that does not hang here. Every method is atomic.
    """

    def page(self, limit: int, search: Search = EVERYTHING) -> list[Exhibit]:
        """The first `limit` pictures that the search finds: newest `finished_at` first, or those with most likes and
        among equals the newest first. `Cursor.of` the last one leads to the next page.

        Of a sort by likes, pictures that are liked between two pages may be shown twice or be missed.
        """

    def exhibit(self, job_id: str) -> Exhibit:
        """One picture."""

    def like(self, job_id: str, visitor: str) -> Exhibit:
        """With this visitor's like, which counts once however often it is given."""

    def unlike(self, job_id: str, visitor: str) -> Exhibit:
        """Without this visitor's like."""

    def liked(self, visitor: str, job_ids: Collection[str]) -> set[str]:
        """Which of these pictures the visitor likes."""

    def report(self, job_id: str, visitor: str, reason: Reason) -> None:
        """Remember what this visitor has against it: one reason, the newest."""

    def reports(self, limit: int) -> list[Report]:
        """What hangs here and was reported, the most reported first and among equals the newest."""

    def forget_visitor(self, visitor: str) -> None:
        """Take back all that this visitor liked and reported."""


def words_of(text: str) -> list[str]:
    """The words that a search compares: in lower case, each once, in their order.

    Stores keep them: whoever changes what a word is has to write those of all exhibits anew.

    >>> words_of("A castle, a Castle: 水下城堡")
    ['a', 'castle', '水', '下', '城', '堡']
    """
    return list(dict.fromkeys(_WORD.findall(unicodedata.normalize("NFKC", text).casefold())))


def sought(search: Search) -> list[str]:
    """The words that a picture's prompt must have all of."""
    return words_of(search.words)[:MOST_WORDS]
