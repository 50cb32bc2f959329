"""The worker's settings, from the environment (`TEXT2ART_LEASE_S=30` and so on)."""

import os
import socket
from email import policy
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict


def _is_one_sender(text: str) -> str:
    """Refuse what is not one address, or could add a header of its own."""
    _, header = policy.default.header_store_parse("From", text)
    addresses = list(header.addresses)
    if len(addresses) != 1 or not addresses[0].username or not addresses[0].domain:
        raise ValueError("accepted: one address, like 'Text2Art <art@example.com>'")
    return text


def _this_process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


Seconds = Annotated[float, Field(gt=0)]


class WorkerSettings(BaseSettings):
    """How a worker works. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="TEXT2ART_", frozen=True)

    worker: str = Field(default_factory=_this_process)  # its name in the queue

    lease_s: Seconds = 60  # a silent worker's job or letter is handed out again after this long
    stall_s: Seconds = 600  # a painting without a frame for this long is abandoned
    poll_s: Seconds = 0.5  # between two looks into an empty queue

    public_url: HttpUrl = HttpUrl("http://127.0.0.1:8000")  # where visitors reach the page
    mail_from: Annotated[str, AfterValidator(_is_one_sender)] = "Text2Art <text2art@localhost>"
    outbox: Path | None = None  # where mails are laid as .eml files; None: `outbox` in the data folder
