"""The gallery of a Firestore queue.

An exhibit is a document `gallery/{moment}`, which the queue's own commits create and delete. It counts its likes and
its reports; each of these is a document `likes/{job}.{digest of the visitor}` or `reports/...` likewise, written in one
commit with the count, under the condition that it was not there: so every visitor counts once, and an answer that was
lost does no harm. They lie beside the gallery, not beneath the exhibit, where one query finds a visitor's likes of a
whole page.

Exhibits of the first version have neither `likes` nor `words`: they are among the newest, but neither searched by words
nor among the most liked until somebody was shown them, which completes them.

Firestore compares one word of an array: the longest, which most likely is the rarest; the others are compared here.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from google.cloud.firestore import CollectionReference, DocumentReference, FieldFilter, Increment, Query, WriteBatch

from jobs.database import TRIES, Database, crowded
from jobs.documents import Fields, Snapshot, digest, fields_of, new_exhibit, read_exhibit, readable
from jobs.errors import BadKey, JobNotFound
from jobs.gallery import EVERYTHING, Reason, Report, Search, Sort, sought, words_of
from jobs.job import Exhibit
from jobs.shelf import check_id
from jobs.times import sortable

MOST_READ = 240  # exhibits that a search by several words reads for one page; what hides behind them it does not find
AT_ONCE = 60  # of these
IN_A_QUERY = 30  # values that Firestore compares with at most
IN_A_COMMIT = 200  # documents that are deleted together


class FirestoreGallery:
    """The `Gallery` of a `FirestoreQueue`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._exhibits = database.collection("gallery")
        self._likes = database.collection("likes")
        self._reports = database.collection("reports")

    def page(self, limit: int, search: Search = EVERYTHING) -> list[Exhibit]:
        words, query = set(sought(search)), self._query(search)
        found: list[Exhibit] = []
        at_once, read = AT_ONCE if len(words) > 1 else limit, 0
        while len(found) < limit and read < MOST_READ:
            snapshots = self._database.first(query, at_once)
            exhibits = [exhibit for _, exhibit in self._shown(snapshots)]
            found += [exhibit for exhibit in exhibits if words <= set(words_of(exhibit.wish.prompt))]
            if len(snapshots) < at_once:
                break
            query, read = query.start_after(snapshots[-1]), read + at_once
        return found[: max(limit, 0)]

    def exhibit(self, job_id: str) -> Exhibit:
        return self._hung(job_id)[1]

    def like(self, job_id: str, visitor: str) -> Exhibit:
        shown, _ = self._hung(job_id)
        batch = self._database.batch()
        batch.create(_said(self._likes, job_id, visitor), _by(visitor, job_id, shown))
        batch.update(shown.reference, {"likes": Increment(1)})
        self._database.committed(batch)  # or it was liked before, or was taken down: the next line tells
        return self.exhibit(job_id)

    def unlike(self, job_id: str, visitor: str) -> Exhibit:
        shown, _ = self._hung(job_id)
        batch = self._database.batch()
        batch.delete(_said(self._likes, job_id, visitor), self._database.if_there())
        batch.update(shown.reference, {"likes": Increment(-1)})
        self._database.committed(batch)
        return self.exhibit(job_id)

    def liked(self, visitor: str, job_ids: Collection[str]) -> set[str]:
        ids = list(job_ids)
        mine = self._likes.where(filter=FieldFilter("visitor", "==", digest(visitor)))
        parts = [ids[start : start + IN_A_QUERY] for start in range(0, len(ids), IN_A_QUERY)]
        found = [self._database.find(mine.where(filter=FieldFilter("job", "in", part))) for part in parts]
        return {str(fields_of(like)["job"]) for likes in found for like in likes}

    def report(self, job_id: str, visitor: str, reason: Reason) -> None:
        document = _said(self._reports, job_id, visitor)
        for _ in range(TRIES):
            shown, _ = self._hung(job_id)
            before = self._database.read(document)
            report = _by(visitor, job_id, shown) | {"reason": str(reason)}
            if before is not None and fields_of(before).get("reason") == report["reason"]:
                return
            batch = self._database.batch()
            if before is None:
                batch.create(document, report)
            else:
                batch.update(document, report, self._database.if_at(before.update_time))
                batch.update(shown.reference, _counted(fields_of(before), -1))
            batch.update(shown.reference, _counted(report, 1))
            if self._database.committed(batch):
                return
        raise crowded()

    def reports(self, limit: int) -> list[Report]:
        reported = self._exhibits.where(filter=FieldFilter("reported", ">", 0))
        found = self._database.first(reported.order_by("reported", direction=Query.DESCENDING), limit)
        return [Report(exhibit=exhibit, reasons=_reasons(snapshot)) for snapshot, exhibit in self._shown(found)]

    def forget_visitor(self, visitor: str) -> None:
        for collection in (self._likes, self._reports):
            his = collection.where(filter=FieldFilter("visitor", "==", digest(visitor)))
            while found := self._database.first(his, IN_A_COMMIT):
                for said in found:
                    self._take_back(said)

    # what the queue does

    def hang(self, batch: WriteBatch, exhibit: Exhibit) -> None:
        """Put the picture up with the batch, which is refused where another was finished at the same moment."""
        batch.create(self._document(exhibit.finished_at), new_exhibit(exhibit))

    def take_down(self, batch: WriteBatch, finished_at: datetime) -> None:
        """Take the picture that was finished at this moment down with the batch; to be followed by `clear`."""
        batch.delete(self._document(finished_at))

    def clear(self, job_id: str) -> None:
        """Forget what visitors said of a job's picture that hangs no more."""
        for collection in (self._likes, self._reports):
            about = collection.where(filter=FieldFilter("job", "==", job_id))
            while found := self._database.first(about, IN_A_COMMIT):
                batch = self._database.batch()
                for said in found:
                    batch.delete(said.reference)
                self._database.commit(batch)

    # looking

    def _query(self, search: Search) -> Any:
        query: Any = self._exhibits
        if search.style is not None:
            query = query.where(filter=FieldFilter("type", "==", str(search.style)))
        if words := sought(search):
            query = query.where(filter=FieldFilter("words", "array_contains", max(words, key=len)))
        fields = ["likes", "finished_at"] if search.sort == Sort.LIKED else ["finished_at"]
        for field in fields:
            query = query.order_by(field, direction=Query.DESCENDING)
        if search.after is None:
            return query
        sortable(search.after.finished_at)  # refuses a time without a zone
        return query.start_after({field: getattr(search.after, field) for field in fields})

    def _hung(self, job_id: str) -> tuple[Snapshot, Exhibit]:
        try:
            query = self._exhibits.where(filter=FieldFilter("id", "==", check_id(job_id)))
        except BadKey:
            raise JobNotFound from None
        for shown in self._shown(self._database.first(query, 1)):
            return shown
        raise JobNotFound

    def _shown(self, snapshots: Iterable[Snapshot]) -> list[tuple[Snapshot, Exhibit]]:
        """Those that can be read; what is of the first version is completed."""
        read = [(snapshot, readable(snapshot, read_exhibit)) for snapshot in snapshots]
        shown = [(snapshot, exhibit) for snapshot, exhibit in read if exhibit is not None]
        batch = self._database.batch()
        for snapshot, exhibit in shown:
            if not {"likes", "words"} <= fields_of(snapshot).keys():
                lacking = {"likes": exhibit.likes, "words": words_of(exhibit.wish.prompt)}
                batch.update(snapshot.reference, lacking, self._database.if_at(snapshot.update_time))
        if len(batch):
            self._database.committed(batch)  # or, where one of them changes just now, another time
        return shown

    def _document(self, finished_at: datetime) -> DocumentReference:
        return self._exhibits.document(sortable(finished_at))

    def _take_back(self, said: Snapshot) -> None:
        """Delete a like or a report, and count it no more where its exhibit still hangs."""
        exhibit = self._exhibits.document(fields_of(said)["exhibit"])
        batch = self._database.batch()
        batch.delete(said.reference, self._database.if_at(said.update_time))
        batch.update(exhibit, _counted(fields_of(said), -1))
        if not self._database.committed(batch) and self._database.read(exhibit) is None:
            alone = self._database.batch()
            alone.delete(said.reference)
            self._database.commit(alone)


def _said(collection: CollectionReference, job_id: str, visitor: str) -> DocumentReference:
    return collection.document(f"{job_id}.{digest(visitor)}")


def _by(visitor: str, job_id: str, shown: Snapshot) -> Fields:
    return {"visitor": digest(visitor), "job": job_id, "exhibit": shown.id}


def _counted(said: Fields, by: int) -> Fields:
    """What a like or a report changes of its exhibit."""
    if "reason" not in said:
        return {"likes": Increment(by)}
    return {"reported": Increment(by), f"reasons.{said['reason']}": Increment(by)}


def _reasons(exhibit: Snapshot) -> dict[Reason, int]:
    counts = fields_of(exhibit).get("reasons") or {}
    return {reason: count for reason in Reason if (count := counts.get(str(reason), 0)) > 0}
