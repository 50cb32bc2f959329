"""Whether the service works, asked of what it stands on."""

from typing import Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from api.deps import QueueDep, ShelfDep
from api.errors import Message
from jobs import NotOnShelf

PROBE = "healthz_______________/probe.png"

router = APIRouter(tags=["service"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/healthz", responses={503: {"model": Message, "description": "The queue or the shelf does not answer."}})
def healthz(queue: QueueDep, shelf: ShelfDep) -> Health:
    """Answers ok when jobs can be counted and a file can be written and read back."""
    queue.count()
    shelf.put(PROBE, b"ok")
    try:
        shelf.get(PROBE)
    except NotOnShelf:
        raise HTTPException(503, "The shelf loses what it is given.") from None
    return Health()
