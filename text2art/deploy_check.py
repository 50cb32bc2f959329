"""`text2art deploy-check`: do on this installation what the service will do, and tell what works and what does not."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated

import requests
import typer
from email_validator import EmailNotValidError, validate_email

from api.settings import ApiSettings
from jobs.settings import Store, StoreSettings, open_store
from text2art.checks import Group, Outcome, Verdict, bucket, firestore, perform, queue, setup, shelf, sign_in, web
from text2art.checks import mail as letter
from text2art.environment import CANNOT_OPEN, in_words
from worker.mailers import MailSettings

COLOURS = {Verdict.OK: typer.colors.GREEN, Verdict.FAILED: typer.colors.RED, Verdict.SKIPPED: typer.colors.YELLOW}


def _address(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise typer.BadParameter("accepted: one address, like you@example.com") from None


def deploy_check(
    mail_to: Annotated[
        str | None, typer.Option(parser=_address, metavar="ADDRESS", help="Whom to mail; the sender by default.")
    ] = None,
    mail: Annotated[
        bool, typer.Option("--mail/--no-mail", help="Look whether a worker would start, and mail; not the API alone.")
    ] = True,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Look whether the API answers.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Write, read, link, mail and remove as the service does, and say what to do where it fails."""
    outcomes = []
    for outcome in all_outcomes(mail_to, mail, page):
        outcomes.append(outcome)
        if not as_json:
            _show(outcome)
    if as_json:
        typer.echo(json.dumps([outcome._asdict() for outcome in outcomes], ensure_ascii=False, indent=2))
    if failed := sum(outcome.verdict is Verdict.FAILED for outcome in outcomes):
        typer.echo(f"{failed} of {len(outcomes)} checks failed.", err=True)
        raise typer.Exit(1)


def all_outcomes(mail_to: str | None, mail: bool, page: bool) -> Iterator[Outcome]:
    """Every check of this installation; with settings that are not sound, only those of the settings."""
    sound = True
    for outcome in perform(Group(setup.checks(os.environ, of_worker=mail))):
        sound = sound and (outcome.check, outcome.verdict) != (setup.SOUND, Verdict.FAILED)
        yield outcome
    if not sound:
        return
    mail_settings = MailSettings()
    with requests.Session() as session:
        session.auth = _nobody
        yield from _of_store(StoreSettings(), session)
        if page:
            given = "public_url" in mail_settings.model_fields_set
            yield from perform(Group([web.page(str(mail_settings.public_url) if given else None, session)]))
    if mail:
        yield from perform(Group([letter.check(mail_settings, StoreSettings(), mail_to)]))


def _of_store(settings: StoreSettings, session: requests.Session) -> Iterator[Outcome]:
    """Checks of the queue, the shelf and the accounts."""
    with ExitStack() as stack:
        try:
            store = stack.enter_context(open_store(settings))
        except CANNOT_OPEN as error:
            yield Outcome("store", Verdict.FAILED, f"Can these settings be used? {in_words(error)}")
            return
        id = secrets.token_urlsafe(16)
        groups = (
            _in_folder(settings, store, id, session)
            if store.firebase is None
            else _on_firebase(settings, store, id, session)
        )
        for group in groups:
            yield from perform(group)
        api = ApiSettings()
        yield from perform(sign_in.group(store.firebase if api.needs_firebase else None, api, os.environ))


def _in_folder(settings: StoreSettings, store: Store, id: str, session: requests.Session) -> list[Group]:
    hint = f"May this account write to {settings.data}, and is there space?"
    return [*queue.in_folder(store.queue, settings.data, id), shelf.group(store.shelf, id, session, hint=hint)]


def _on_firebase(settings: StoreSettings, store: Store, id: str, session: requests.Session) -> list[Group]:
    from jobs import firebase

    assert store.firebase is not None
    client = firebase.firestore_client(store.firebase, settings.firestore_database)
    emulated = "STORAGE_EMULATOR_HOST" in os.environ
    return [
        firestore.group(store.queue, client, id, session, os.environ),
        bucket.group(firebase.bucket(store.firebase), store.shelf, id, session, emulated),
    ]


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No credentials, not even those in a `.netrc`: a stranger's request."""
    return request


def _show(outcome: Outcome) -> None:
    verdict = typer.style(f"{outcome.verdict:8}", COLOURS[outcome.verdict])
    typer.echo(f"{verdict} {outcome.check}: {outcome.says}")
