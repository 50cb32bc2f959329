"""The gallery of a SQLite queue.

A picture that hangs has a row in `terms` for whatever finds it: each word of its prompt, its style behind a colon,
which no word has, and the empty term, which finds them all. Each row repeats by what the picture is sorted, so that a
page walks along one term in the order wanted.
"""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime

from jobs import life
from jobs.errors import JobNotFound
from jobs.gallery import EVERYTHING, Reason, Report, Search, Sort, sought
from jobs.job import Exhibit
from jobs.rows import job_of
from jobs.sqlite_file import SqliteFile
from jobs.terms import ALL, style_term, terms_of
from jobs.times import sortable, until

MOST = 2**63 - 1  # more likes than any picture has

# CROSS JOIN: the planner is to walk along the term, not along the jobs.
_NEWEST = """
    SELECT jobs.*, found.likes FROM terms AS found CROSS JOIN jobs ON jobs.id = found.job_id
    WHERE found.term = ? AND found.finished_at < ?{also}
    ORDER BY found.finished_at DESC LIMIT ?
"""
_MOST_LIKED = """
    SELECT jobs.*, found.likes FROM terms AS found INDEXED BY most_liked CROSS JOIN jobs ON jobs.id = found.job_id
    WHERE found.term = ? AND (found.likes, found.finished_at) < (?, ?){also}
    ORDER BY found.likes DESC, found.finished_at DESC LIMIT ?
"""
_ALSO = " AND EXISTS (SELECT 1 FROM terms WHERE term = ? AND finished_at = found.finished_at)"
_ONE = """
    SELECT jobs.*, found.likes FROM terms AS found CROSS JOIN jobs ON jobs.id = found.job_id
    WHERE found.job_id = ? AND found.term = ''
"""
_REPORT = "INSERT INTO reports VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET reason = excluded.reason"
_REPORTED = """
    SELECT jobs.*, found.likes FROM (SELECT job_id, count(*) AS number FROM reports GROUP BY job_id) AS reported
    JOIN terms AS found ON found.job_id = reported.job_id AND found.term = ''
    JOIN jobs ON jobs.id = reported.job_id
    ORDER BY reported.number DESC, found.finished_at DESC LIMIT ?
"""


class SqliteGallery:
    """The `Gallery` of a `SqliteQueue`. Raises sqlite3.Error when the disk or the file fail."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def page(self, limit: int, search: Search = EVERYTHING) -> list[Exhibit]:
        query, values = page_query(limit, search)
        with self._file.reading() as db:
            found = [_exhibit(row) for row in db.execute(query, values)]
        return [exhibit for exhibit in found if exhibit is not None]

    def exhibit(self, job_id: str) -> Exhibit:
        with self._file.reading() as db:
            return _hung(db, job_id)

    def like(self, job_id: str, visitor: str) -> Exhibit:
        with self._file.writing() as db:
            _hung(db, job_id)
            added = db.execute("INSERT INTO likes VALUES (?, ?) ON CONFLICT DO NOTHING", (visitor, job_id)).rowcount
            return _counted(db, job_id, added)

    def unlike(self, job_id: str, visitor: str) -> Exhibit:
        with self._file.writing() as db:
            removed = db.execute("DELETE FROM likes WHERE visitor = ? AND job_id = ?", (visitor, job_id)).rowcount
            return _counted(db, job_id, -removed)

    def liked(self, visitor: str, job_ids: Collection[str]) -> set[str]:
        among = "SELECT job_id FROM likes WHERE visitor = ? AND job_id IN (SELECT value FROM json_each(?))"
        with self._file.reading() as db:
            return {row["job_id"] for row in db.execute(among, (visitor, json.dumps(list(job_ids))))}

    def report(self, job_id: str, visitor: str, reason: Reason) -> None:
        with self._file.writing() as db:
            _hung(db, job_id)
            db.execute(_REPORT, (visitor, job_id, str(reason)))

    def reports(self, limit: int) -> list[Report]:
        with self._file.reading() as db:
            reported = [_exhibit(row) for row in db.execute(_REPORTED, (max(limit, 0),))]
            return [Report(exhibit=exhibit, reasons=_reasons(db, exhibit.id)) for exhibit in reported if exhibit]

    def forget_visitor(self, visitor: str) -> None:
        liked = "SELECT job_id FROM likes WHERE visitor = ?"
        with self._file.writing() as db:
            db.execute(f"UPDATE terms SET likes = likes - 1 WHERE job_id IN ({liked})", (visitor,))
            db.execute("DELETE FROM likes WHERE visitor = ?", (visitor,))
            db.execute("DELETE FROM reports WHERE visitor = ?", (visitor,))


def page_query(limit: int, search: Search) -> tuple[str, list[object]]:
    """The statement that finds the page, and its values; the longest word, which most likely is the rarest, leads."""
    words = sorted(sought(search), key=len, reverse=True)
    first, *others = [*words, *([style_term(search.style)] if search.style else [])] or [ALL]
    query = (_MOST_LIKED if search.sort == Sort.LIKED else _NEWEST).format(also=_ALSO * len(others))
    behind: list[object] = [until(search.after and search.after.finished_at)]
    if search.sort == Sort.LIKED:
        behind.insert(0, search.after.likes if search.after else MOST)
    return query, [first, *behind, *others, max(limit, 0)]


def hang(db: sqlite3.Connection, exhibit: Exhibit) -> None:
    """Put the picture up, within the caller's transaction."""
    moment = sortable(exhibit.finished_at)
    rows = [(term, moment, exhibit.id) for term in terms_of(exhibit.wish.prompt, exhibit.wish.style)]
    db.executemany("INSERT INTO terms (term, finished_at, job_id) VALUES (?, ?, ?)", rows)


def take_down(db: sqlite3.Connection, job_id: str) -> None:
    """Take the job's picture down, where it hangs, with what visitors said of it."""
    for table in ("terms", "likes", "reports"):
        db.execute(f"DELETE FROM {table} WHERE job_id = ?", (job_id,))


def is_taken(db: sqlite3.Connection, moment: datetime) -> bool:
    """Whether a picture that was finished at this moment hangs already."""
    found = db.execute("SELECT 1 FROM terms WHERE term = '' AND finished_at = ?", (sortable(moment),))
    return found.fetchone() is not None


def _hung(db: sqlite3.Connection, job_id: str) -> Exhibit:
    row = db.execute(_ONE, (job_id,)).fetchone()
    exhibit = None if row is None else _exhibit(row)
    if exhibit is None:
        raise JobNotFound
    return exhibit


def _counted(db: sqlite3.Connection, job_id: str, more_likes: int) -> Exhibit:
    db.execute("UPDATE terms SET likes = likes + ? WHERE job_id = ?", (more_likes, job_id))
    return _hung(db, job_id)


def _exhibit(row: sqlite3.Row) -> Exhibit | None:
    return life.exhibited(job_of(row), row["likes"])


def _reasons(db: sqlite3.Connection, job_id: str) -> dict[Reason, int]:
    query = "SELECT reason, count(*) AS number FROM reports WHERE job_id = ? GROUP BY reason"
    return {Reason(row["reason"]): row["number"] for row in db.execute(query, (job_id,))}
