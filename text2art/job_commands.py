"""`text2art jobs`: what an operator sees of jobs and does about them. Addresses are shown only when asked for."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from jobs import BadKey, Job, JobNotFound, JobsError, NotEnded, Queue, Shelf, Status
from jobs.forget import forget
from jobs.life import utc_now
from jobs.order import masked
from jobs.settings import Store
from jobs.shelf import check_id
from text2art.environment import in_words, opened_store

PAGE = 200  # jobs read at a time
COLUMNS = ("status", "try", "ordered (UTC)", "took", "for", "prompt")
ENDED = [status for status in Status if status.is_terminal]
_AGE = re.compile(r"(\d{1,5})([dhm])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}

app = typer.Typer(help="See orders, and start, stop, hide and forget them.", no_args_is_help=True)

# An id may begin with a dash, like an option.
ONE_JOB = {"ignore_unknown_options": True}


def _is_id(text: str) -> str:
    try:
        return check_id(text)
    except BadKey as error:
        raise typer.BadParameter(str(error)) from None


def _age(text: str) -> timedelta:
    match = _AGE.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f"{text!r} is no age; accepted: days, hours or minutes, for example 30d, 12h or 90m")
    return int(match[1]) * _UNITS[match[2]]


JobId = Annotated[str, typer.Argument(parser=_is_id, metavar="ID", help="The job's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Addresses = Annotated[bool, typer.Option("--addresses", help="Show the visitors' addresses in full.")]


@app.command("list")
def list_(
    status: Annotated[Status | None, typer.Option(help="Only jobs in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 20,
    as_json: AsJson = False,
    addresses: Addresses = False,
) -> None:
    """List jobs, the newest first."""
    with _opened() as store:
        jobs = store.queue.list_jobs(limit, status)
    if as_json:
        typer.echo(json.dumps([told(job, addresses) for job in jobs], ensure_ascii=False, indent=2))
    else:
        Console().print(_table(jobs, addresses))


@app.command(context_settings=ONE_JOB)
def show(job_id: JobId, as_json: AsJson = False, addresses: Addresses = False) -> None:
    """Show all that is known of a job."""
    with _opened() as store:
        facts = told(store.queue.get(job_id), addresses)
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        Console().print(_sheet(facts))


@app.command(context_settings=ONE_JOB)
def retry(job_id: JobId) -> None:
    """Queue a failed or cancelled job again."""
    if _change(job_id, lambda queue: queue.retry(job_id)).status is not Status.QUEUED:
        typer.echo("Only jobs that failed or were cancelled can be tried again.", err=True)
        raise typer.Exit(1)


@app.command(context_settings=ONE_JOB)
def cancel(job_id: JobId) -> None:
    """Take back a queued or running job."""
    _change(job_id, lambda queue: queue.cancel(job_id))


@app.command(context_settings=ONE_JOB)
def revoke(job_id: JobId) -> None:
    """Show a job's files to nobody any more; they stay on the shelf until the job is purged."""
    _change(job_id, lambda queue: queue.revoke(job_id))


@app.command(context_settings=ONE_JOB)
def purge(
    job_id: Annotated[str | None, typer.Argument(parser=_is_id, metavar="[ID]", help="One job that has ended.")] = None,
    older_than: Annotated[
        timedelta | None,
        typer.Option(parser=_age, metavar="AGE", help="All jobs that ended longer ago than this: 30d, 12h, 90m."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell how many.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget jobs that have ended, with their files, letters and addresses. There is no way back."""
    if (job_id is None) == (older_than is None):
        raise typer.BadParameter("say which: an ID, or --older-than and an age")
    with _opened() as store:
        jobs = _chosen(store.queue, job_id, older_than)
        if dry_run:
            typer.echo(f"{_number(jobs)} would be purged.")
            return
        if jobs and not yes:
            typer.confirm(f"Purge {_number(jobs)} for good?", abort=True)
        purged = [job for job in jobs if forgotten(job, store.queue, store.shelf)]
    typer.echo(f"{_number(purged)} purged.")
    if len(purged) < len(jobs):
        typer.echo(f"{_number(jobs[len(purged) :])} left: started again meanwhile, or not ended.", err=True)
        raise typer.Exit(1)


def _chosen(queue: Queue, job_id: str | None, older_than: timedelta | None) -> list[Job]:
    if older_than is None:
        return [queue.get(job_id or "")]
    return list(ended_before(queue, utc_now() - older_than))


def ended_before(queue: Queue, moment: datetime) -> Iterator[Job]:
    """Every job that ended before the moment."""
    for status in ENDED:
        before, seen = moment, set[str]()
        while fresh := [job for job in queue.list_jobs(PAGE, status, before) if job.id not in seen]:
            yield from (job for job in fresh if (job.finished_at or job.created_at) < moment)
            seen.update(job.id for job in fresh)
            before = fresh[-1].created_at + timedelta(microseconds=1)  # others may have been ordered at the same moment


def forgotten(job: Job, queue: Queue, shelf: Shelf) -> bool:
    """Forget a job; False when it has not ended."""
    try:
        forget(queue, shelf, job.id)
    except NotEnded:
        return False
    return True


def told(job: Job, addresses: bool) -> dict[str, object]:
    """All that is known of a job, as plain data; the address masked unless asked for."""
    facts = job.model_dump(mode="json")
    if not addresses:
        facts["order"]["email"] = masked(facts["order"]["email"])
    return facts


def _change(job_id: str, change: Callable[[Queue], Job]) -> Job:
    with _opened() as store:
        job = change(store.queue)
    typer.echo(f"{job.id} is {job.status}{', and its files are shown to nobody' if job.revoked_at else ''}.")
    return job


@contextmanager
def _opened() -> Iterator[Store]:
    """The store; what it says of jobs that do not exist, or of itself, is told in a sentence."""
    with ExitStack() as stack:
        store = stack.enter_context(opened_store())
        try:
            yield store
        except JobNotFound as error:
            typer.echo(f"text2art: {error}", err=True)
        except (JobsError, sqlite3.Error, OSError) as error:
            typer.echo(f"text2art: {in_words(error)}", err=True)
        else:
            return
        raise typer.Exit(1)


def _table(jobs: list[Job], addresses: bool) -> Table:
    table = Table(Column("id", min_width=22), *COLUMNS, box=None, pad_edge=False)
    for job in jobs:
        address = job.order.email if addresses else masked(job.order.email)
        # Text, so that brackets in a prompt are no markup
        cells = (job.id, job.status, str(job.attempt), _minute(job.created_at), _took(job), address, job.order.prompt)
        table.add_row(*(Text(str(cell), overflow="ellipsis", no_wrap=True) for cell in cells))
    return table


def _sheet(facts: dict[str, object]) -> Table:
    sheet = Table(box=None, show_header=False, pad_edge=False)
    for name, value in facts.items():
        for key, fact in value.items() if isinstance(value, dict) else [("", value)]:
            if fact is not None:
                sheet.add_row(f"{name}.{key}".rstrip("."), Text(str(fact)))
    return sheet


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _took(job: Job) -> str:
    if job.started_at is None or job.finished_at is None:
        return ""
    return f"{(job.finished_at - job.started_at).total_seconds():.0f} s"


def _number(jobs: list[Job]) -> str:
    return "1 job" if len(jobs) == 1 else f"{len(jobs)} jobs"
