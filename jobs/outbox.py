"""The letters of a Firestore queue: documents `outbox/{job id}`, each sent once.

`due` sorts the waiting ones: the moment, then `sequence`. The letter of a job that was started again and ended again is
the same document; its token goes on counting, so that whoever took it before has lost it.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from google.cloud.firestore import FieldFilter, Increment, WriteBatch

from jobs.database import REFUSED, TRIES, Database, crowded, new_nonce
from jobs.documents import Outgoing, Row, Snapshot, read_letter
from jobs.errors import LeaseLost
from jobs.job import Letter, Status
from jobs.times import sortable

log = logging.getLogger(__name__)

WAITING = "waiting"  # other states: sent, refused, withdrawn
FEW = 3  # letters that a sender looks at: others may be faster with the first ones
UNREADABLE = "This letter cannot be read."

Key = tuple[str, int]  # a letter's: the job's id and the token


class Outbox:
    """`look` finds the job by its id, or None."""

    def __init__(self, database: Database, clock: Callable[[], datetime], look: Callable[[str], Row | None]) -> None:
        self._database, self._clock, self._look = database, clock, look
        self._letters = database.collection("outbox")
        self._taken: dict[str, Outgoing] = {}  # by job, as our latest takings left them
        self._nonces: dict[Key, str] = {}  # the marks of settlings that have been begun

    def enter(self, batch: WriteBatch, job_id: str, now: datetime, sequence: str) -> None:
        """Lay a letter into the outbox, or the same one again, with the batch that ends its job."""
        fresh = {"state": WAITING, "due": _due(now, 0, sequence), "sequence": sequence}
        settled = dict.fromkeys(("receipt", "reason", "settled_at"))
        batch.set(self._letters.document(job_id), fresh | settled, merge=True)

    def withdraw(self, batch: WriteBatch, job_id: str) -> None:
        """Take the letter, where there is one, back from whoever has it."""
        snapshot = self._database.read(self._letters.document(job_id))
        if snapshot is not None:
            batch.update(snapshot.reference, {"state": "withdrawn", "token": Increment(1)})

    def remove(self, batch: WriteBatch, job_id: str) -> None:
        batch.delete(self._letters.document(job_id))

    def take(self, lease_s: float) -> Letter | None:
        """See `Queue.take_letter`."""
        for _ in range(TRIES):
            found = self._due()
            if not found:
                return None
            for snapshot in found:
                if (letter := self._lease(snapshot, lease_s)) is not None:
                    return letter
        return None

    def delay(self, letter: Letter, delay_s: float) -> None:
        """See `Queue.letter_delayed`."""
        self._step(letter, lambda taken: {"due": _due(self._clock(), delay_s, taken.sequence)})

    def settle(self, letter: Letter, **how: Any) -> None:
        """Write how it ended. Raises LeaseLost when another sender took it meanwhile, or it was withdrawn."""
        self._step(letter, lambda taken: how)

    def _due(self) -> list[Snapshot]:
        waiting = self._letters.where(filter=FieldFilter("state", "==", WAITING))
        now = sortable(self._clock()) + "~"  # behind every sequence
        return self._database.find(waiting.where(filter=FieldFilter("due", "<=", now)).order_by("due").limit(FEW))

    def _lease(self, snapshot: Snapshot, lease_s: float) -> Letter | None:
        """Take this letter; None when somebody else was faster, or when it is not one to be sent."""
        try:
            outgoing = read_letter(snapshot)
        except ValueError:
            self._refuse(snapshot)
            return None
        taken = {"token": outgoing.token + 1, "nonce": new_nonce()}
        changes = taken | {"due": _due(self._clock(), lease_s, outgoing.sequence)}
        batch = self._database.batch()
        batch.update(snapshot.reference, changes, self._database.if_at(outgoing.version))
        try:
            version = self._database.commit(batch)
        except REFUSED:  # perhaps because it is ours already
            seen = self._look_up(snapshot.id)
            if seen is None or (seen.nonce, seen.token) != (taken["nonce"], taken["token"]):
                return None
            version = seen.version
        return self._letter(snapshot, outgoing.model_copy(update=taken | {"version": version}))

    def _letter(self, snapshot: Snapshot, taken: Outgoing) -> Letter | None:
        row = self._look(snapshot.id)
        if row is None:  # or not to be read: a newer version of ours may know how, and the letter stays due for it
            log.error("letter-without-job", extra={"job": snapshot.id})
            return None
        if row.job.status not in (Status.DONE, Status.FAILED):  # it is being started again at this moment
            return None
        self._taken[row.job.id] = taken
        return Letter(job=row.job, token=taken.token)

    def _refuse(self, snapshot: Snapshot) -> None:
        """Settle what is no letter of ours but says it waits: it would be looked at again and again."""
        batch = self._database.batch()
        refused = {"state": "refused", "reason": UNREADABLE, "settled_at": self._clock()}
        batch.update(snapshot.reference, refused, self._database.if_at(snapshot.update_time))
        log.error("letter-set-aside", extra={"job": snapshot.id})
        self._database.committed(batch)

    def _step(self, letter: Letter, changes: Callable[[Outgoing], dict[str, Any]]) -> None:
        """Change the letter's document once, however often answers are lost or the whole call is made again."""
        key = letter.job.id, letter.token
        nonce = self._nonces.setdefault(key, new_nonce())
        outgoing = self._taken.pop(letter.job.id, None)
        for _ in range(TRIES):
            if outgoing is None or outgoing.token != letter.token:
                outgoing = self._found(letter, nonce)
            batch = self._database.batch()
            marked, unchanged = changes(outgoing) | {"nonce": nonce}, self._database.if_at(outgoing.version)
            batch.update(self._letters.document(letter.job.id), marked, unchanged)
            if outgoing.nonce == nonce or self._database.committed(batch):
                self._nonces.pop(key, None)
                return
            outgoing = None
        raise crowded()

    def _found(self, letter: Letter, nonce: str) -> Outgoing:
        """The letter's document, while it is this sender's or bears its mark. Raises LeaseLost."""
        outgoing = self._look_up(letter.job.id)
        if outgoing is not None:
            is_held = outgoing.state == WAITING and outgoing.token == letter.token
            if is_held or outgoing.nonce == nonce:
                return outgoing
        self._nonces.pop((letter.job.id, letter.token), None)
        raise LeaseLost

    def _look_up(self, job_id: str) -> Outgoing | None:
        """The letter as it is now; None when there is none, or none that can be read."""
        snapshot = self._database.read(self._letters.document(job_id))
        with suppress(ValueError):
            return None if snapshot is None else read_letter(snapshot)
        return None


def _due(now: datetime, wait_s: float, sequence: str) -> str:
    return f"{sortable(now, wait_s)} {sequence}"
