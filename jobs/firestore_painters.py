"""The painters that are present, as documents `painters/{digest of the name}` of a Firestore queue."""

from collections.abc import Callable
from datetime import datetime, timedelta

from google.cloud.firestore import DocumentReference, FieldFilter

from jobs.database import Database
from jobs.documents import Snapshot, digest, fields_of, readable
from jobs.painter import FORGOTTEN_S, MISSED, Painter

PRESENCE_S = 300.0  # a write each; who ends without a word is missed after 2.5 times as long
FEW = 20  # painters that are forgotten at once


class FirestorePainters:
    """Who is present, by the clock's time."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._painters = database.collection("painters")

    def check_in(self, painter: Painter) -> None:
        """See `Queue.check_in`. Who has been silent for FORGOTTEN_S is forgotten on the way."""
        now, batch = self._clock(), self._database.batch()
        batch.set(self._document(painter.name), painter.model_dump(mode="json") | {"seen_at": now})
        silent = FieldFilter("seen_at", "<", now - timedelta(seconds=FORGOTTEN_S))
        for snapshot in self._database.first(self._painters.where(filter=silent), FEW):
            if snapshot.id != digest(painter.name):
                batch.delete(snapshot.reference)
        self._database.commit(batch)

    def check_out(self, name: str) -> None:
        """See `Queue.check_out`."""
        batch = self._database.batch()
        batch.delete(self._document(name))
        self._database.commit(batch)

    def present(self) -> list[Painter]:
        """See `Queue.painters`. Costs a read for each."""
        since = self._clock() - timedelta(seconds=MISSED * PRESENCE_S)
        found = self._database.find(self._painters.where(filter=FieldFilter("seen_at", ">=", since)))
        painters = [painter for snapshot in found if (painter := readable(snapshot, _read)) is not None]
        return sorted(painters, key=lambda painter: painter.name)

    def _document(self, name: str) -> DocumentReference:
        return self._painters.document(digest(name))


def _read(snapshot: Snapshot) -> Painter:
    return Painter.model_validate(fields_of(snapshot), extra="ignore")
