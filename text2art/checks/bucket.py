"""Checks that only a bucket of Firebase Storage needs: nobody reads without a link, and what is old goes by itself."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from google.api_core.exceptions import Forbidden

from jobs import Shelf
from text2art.checks import Check, Group, NotHere, Problem
from text2art.checks.shelf import LINK_S, fetch
from text2art.checks.shelf import group as shelf_group

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

HINT = "Is there a bucket of this name, and may this account write to it (roles/storage.objectAdmin)?"
API = "https://firebasestorage.googleapis.com/v0"  # what browsers with Firebase's SDK ask, under storage.rules


def group(bucket: "Bucket", shelf: Shelf, id: str, session: requests.Session, emulated: bool) -> Group:
    """Checks of the shelf, and of the bucket around it."""
    return shelf_group(
        shelf,
        id,
        session,
        Check("bucket: nobody reads without a link", lambda: is_private(shelf, id, session, emulated)),
        Check("bucket: rules refuse strangers", lambda: rules_refuse(bucket.name, session, emulated)),
        Check("bucket: old files go by themselves", lambda: has_lifecycle(bucket, emulated)),
        hint=HINT,
        emulated=emulated,
    )


def is_private(shelf: Shelf, id: str, session: requests.Session, emulated: bool = False) -> str:
    """A link without its signature opens nothing."""
    _need_the_real_one(emulated)
    link = shelf.link(f"{id}/picture.png", lifetime_s=LINK_S)
    assert link is not None, "a bucket has links"
    answer = fetch(session, link.partition("?")[0])
    if answer.status_code not in (401, 403):
        raise Problem(
            f"without a signature the answer is {answer.status_code}: everybody can read the bucket. Remove allUsers "
            "and allAuthenticatedUsers from its permissions"
        )
    return "refused"


def rules_refuse(name: str, session: requests.Session, emulated: bool = False, api: str = API) -> str:
    """A browser that uses Firebase itself may not look into the bucket."""
    _need_the_real_one(emulated)
    answer = fetch(session, f"{api}/b/{name}/o?maxResults=1")
    if answer.status_code not in (401, 403):
        raise Problem(f"a stranger's look is answered with {answer.status_code}: firebase deploy --only storage")
    return "refused"


def has_lifecycle(bucket: "Bucket", emulated: bool = False) -> str:
    """The rules of `storage.lifecycle.json` are in force."""
    _need_the_real_one(emulated)
    command = f"gcloud storage buckets update gs://{bucket.name} --lifecycle-file=storage.lifecycle.json"
    try:
        bucket.reload(timeout=30)
    except Forbidden:
        raise NotHere(f"this account may not look (storage.buckets.get); set them with: {command}") from None
    rules = [dict(rule) for rule in bucket.lifecycle_rules]
    if any(wanted not in rules for wanted in lifecycle()):
        raise Problem(f"previews and start images stay for ever; set the rules with: {command}")
    return f"{len(rules)} rules"


def lifecycle() -> list[dict[str, object]]:
    """The rules that the bucket ought to have: in a checkout beside the packages, in an installed one within."""
    here = Path(__file__).parent.parent
    (file,) = [at for at in (here / "storage.lifecycle.json", here.parent / "storage.lifecycle.json") if at.is_file()]
    rules: list[dict[str, object]] = json.loads(file.read_text())["rule"]
    return rules


def _need_the_real_one(emulated: bool) -> None:
    if emulated:
        raise NotHere("the emulator refuses nobody")
