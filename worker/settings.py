"""The worker's settings, from the environment (`TEXT2ART_LEASE_S=30` and so on)."""

import os
import socket
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from jobs.settings import StoreSettings
from worker.mailers.settings import MailSettings

# Ends of names that strangers cannot look up.
HERE_ONLY = ("localhost", "localdomain", "local", "internal", "lan", "home", "test", "invalid")


def _this_process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


Seconds = Annotated[float, Field(gt=0)]


class WorkerSettings(BaseSettings):
    """How a worker works. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="TEXT2ART_", frozen=True, env_ignore_empty=True)

    worker: str = Field(default_factory=_this_process)  # its name in the queue

    lease_s: Seconds = 80  # a silent worker's job is handed out again after this long
    stall_s: Seconds = 600  # a painting without a frame for this long is abandoned
    metrics_port: Annotated[int, Field(ge=1, le=65535)] | None = None  # where it is watched; None: nowhere
    metrics_host: str = "127.0.0.1"  # 0.0.0.0 lets everybody read who reaches the machine


def refuse_unsafe(mail: MailSettings, store: StoreSettings) -> None:
    """Raise one ValueError naming every setting with which the worker must not serve strangers: with a Firebase
    project or a mail account it does, but for TEXT2ART_DEVELOPMENT=1."""
    if store.development or not (store.on_firebase or mail.has_account):
        return
    problems = []
    if not mail.has_account:
        problems.append(
            "TEXT2ART_MAILGUN_KEY, TEXT2ART_SENDGRID_KEY or TEXT2ART_SMTP_HOST must be set: a folder mails nobody"
        )
    if mail.public_url.scheme != "https" or not _is_public(mail.public_url.host or ""):
        problems.append("TEXT2ART_PUBLIC_URL must be an https:// address that visitors reach: mails link to it")
    if not _is_public(parseaddr(mail.sender)[1].rpartition("@")[2]):
        problems.append("TEXT2ART_MAIL_FROM must be an address at a domain of yours, like 'Text2Art <art@example.com>'")
    if problems:
        raise ValueError("\n".join(problems))


def _is_public(host: str) -> bool:
    """Whether strangers can reach this host, as far as its name tells."""
    name = host.strip("[].").lower()
    try:
        return ip_address(name).is_global
    except ValueError:
        return "." in name and name.rpartition(".")[2] not in HERE_ONLY
