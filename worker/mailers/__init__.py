"""Mailers: what hands a letter to those who deliver it. Sisters, each with a `send`, and the one that is set up."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import requests
from pydantic import HttpUrl

from jobs import Letter
from jobs.settings import StoreSettings
from worker.mailers import mailgun, outbox, sendgrid, smtp
from worker.mailers.settings import MailSettings

__all__ = ["MailSettings", "Mailer", "open_mailer", "outbox_folder"]

# Takes a letter and how it is written; gives the receipt: the provider's id for it, or "". Sent twice, a letter has
# the same `letter.id`, and `letter.token` > 1 says that somebody may have sent it already. Raises
# CannotSend     now; later it may
# Unsure         or perhaps did, and cannot be asked before the letter is sent again
# Undeliverable  ever
# TooLarge       with these files
# MailerRefuses  this letter or any other, until somebody repairs the account or the settings
Mailer = Callable[[Letter, EmailMessage], str]


@contextmanager
def open_mailer(settings: MailSettings, store: StoreSettings) -> Iterator[Mailer]:
    """The mailer that the settings speak of, its connections closed at the end; else the outbox folder."""
    with requests.Session() as session:
        yield _chosen(settings, store, session)


def outbox_folder(settings: MailSettings, store: StoreSettings) -> Path:
    """Where letters are laid when no mailer is set up."""
    return settings.outbox or store.data / "outbox"


def _chosen(settings: MailSettings, store: StoreSettings, session: requests.Session) -> Mailer:
    if settings.mailgun_key is not None and settings.mailgun_domain is not None:
        url = _base(settings.mailgun_url) or mailgun.URLS[settings.mailgun_region]
        gun = mailgun.Account(url, settings.mailgun_domain, settings.mailgun_key, settings.mailgun_test_mode)
        return partial(mailgun.send, account=gun, session=session)
    if settings.sendgrid_key is not None:
        url = _base(settings.sendgrid_url) or sendgrid.URLS[settings.sendgrid_region]
        return partial(sendgrid.send, account=sendgrid.Account(url, settings.sendgrid_key), session=session)
    if settings.smtp_host is not None:
        server = smtp.Server(settings.smtp_host, settings.port, settings.smtp_security, settings.smtp_login)
        return partial(smtp.send, server=server, trust=ssl.create_default_context())
    return partial(outbox.send, folder=outbox_folder(settings, store))


def _base(url: HttpUrl | None) -> str:
    return str(url or "").rstrip("/")
