"""Checks that only Firestore needs: rules, clocks, and a queue of its own beneath one document."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import requests
from google.api_core.retry import Retry

from jobs import Queue
from jobs.life import utc_now
from text2art.checks import Check, Group, Problem
from text2art.checks.queue import beside, real
from text2art.checks.shelf import PATIENCE_S

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference

API = "https://firestore.googleapis.com"
HINT = "Has the project such a database, in native mode, and may this account use it (roles/datastore.user)?"
EMULATOR = "FIRESTORE_EMULATOR_HOST"
ROOM = "deploy_checks"  # a collection in which nobody but the check writes
CLOCKS_DIFFER = timedelta(seconds=5)  # at most
CALL_S = 10.0
CALMLY: dict[str, Any] = {"timeout": CALL_S, "retry": Retry(timeout=CALL_S)}  # what fails by chance is tried again


class Beneath:
    """A client whose collections lie beneath one document.

    Indexes hold for collections of a name wherever these lie, so that a queue here needs the same ones as the real one,
    while no worker looks here.
    """

    def __init__(self, client: "Client", root: "DocumentReference") -> None:
        self._client, self._root = client, root

    def collection(self, name: str) -> Any:
        return self._root.collection(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def root(client: "Client", id: str) -> "DocumentReference":
    """The document beneath which this check writes."""
    return client.collection(ROOM).document(id)


def group(queue: Queue, client: "Client", id: str, session: requests.Session, environment: Mapping[str, str]) -> Group:
    """Checks of the installation's queue, of Firestore around it, and of a queue beneath a document of the id."""
    from jobs.firestore import FirestoreQueue  # takes a second, which a machine without Firebase need not wait

    documents = f"{address(environment)}/v1/{quote(client._database_string)}/documents"
    return Group(
        [
            *real(queue, HINT),
            Check("clocks agree", lambda: clocks_agree(client)),
            Check("rules refuse strangers", lambda: rules_refuse(documents, id, session)),
            *beside(FirestoreQueue(cast("Client", Beneath(client, root(client, id))))),
        ],
        Check("queue: cleaned up", lambda: clean_up(client, id)),
    )


def clocks_agree(client: "Client", clock: Callable[[], datetime] = utc_now) -> str:
    """Leases are measured by the server's clock; logs and signatures by ours."""
    before = clock()
    told = root(client, "none").get(retry=None, timeout=CALL_S).read_time
    after = clock()
    if told < before - CLOCKS_DIFFER or told > after + CLOCKS_DIFFER:
        raise Problem(
            f"this machine's clock says {after:%H:%M:%S}, Google's {told:%H:%M:%S} UTC; set it right (NTP): links and "
            "tokens are signed with the time"
        )
    return f"within {CLOCKS_DIFFER.total_seconds():.0f} s of Google's"


def rules_refuse(documents: str, id: str, session: requests.Session) -> str:
    """Who has no credentials reads no orders and writes nothing."""
    for what, method, url, body in (
        ("reading", "GET", f"{documents}/queue?pageSize=1", None),
        ("writing", "PATCH", f"{documents}/{ROOM}/{id}/queue/stranger", {"fields": {}}),
    ):
        status = session.request(method, url, json=body, timeout=PATIENCE_S, allow_redirects=False).status_code
        if status not in (401, 403):
            raise Problem(f"a stranger's {what} is answered with {status}: firebase deploy --only firestore:rules")
    return "neither read nor written"


def clean_up(client: "Client", id: str) -> str:
    """Remove whatever lies beneath the check's document."""
    number = 0
    for collection in root(client, id).collections(**CALMLY):
        for document in collection.list_documents(**CALMLY):
            document.delete(**CALMLY)
            number += 1
    return "nothing was left" if number == 0 else f"{number} documents removed"


def address(environment: Mapping[str, str]) -> str:
    """Where strangers ask."""
    return f"http://{environment[EMULATOR]}" if EMULATOR in environment else API
