"""The environment of every command: `.env` read into it, and what is wrong in it told plainly."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer
from dotenv import load_dotenv
from google.auth.exceptions import GoogleAuthError
from pydantic import ValidationError

from jobs import JobsError
from jobs.settings import Store, StoreSettings, open_store, refuse_emulators

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

BAD_SETTINGS = 2  # exit status
# What is raised by settings that cannot be used, and by a store that they name and that does not open.
CANNOT_OPEN = (ValueError, OSError, GoogleAuthError, JobsError, sqlite3.Error)
LONGEST = 300  # characters of an error: Google's can be pages


def load_environment(file: Path = Path(".env")) -> None:
    """Add the settings in `file`, where there is one, to the environment, from where all child processes have them.

    What the environment says already wins. Values are taken letter by letter: a `$` in a password is a `$`.
    """
    try:
        load_dotenv(file, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        _refuse(f"{file} cannot be read: {error}")


def need(package: str, extra: str) -> None:
    """End the command, and say how to get it, where a package is not installed that only some machines have."""
    if find_spec(package) is None:
        _refuse(f"this needs {package}, which is not installed: pip install 'text2art[{extra}]'")


@contextmanager
def told_plainly() -> Iterator[None]:
    """End the command with a sentence per setting that cannot be used, or about a store that does not open.

    The sentences name the variable and never quote its value, which may be a secret.
    """
    try:
        yield
    except ValidationError as error:
        _refuse(*complaints(error))
    except CANNOT_OPEN as error:
        _refuse(*str(error).splitlines())


@contextmanager
def opened_store() -> Iterator[Store]:
    """The store of this installation; where it cannot be opened, that is told plainly."""
    with ExitStack() as stack:
        with told_plainly():
            store = stack.enter_context(open_store(StoreSettings()))
        yield store


def check_settings() -> None:
    """Read all settings once, so that everything wrong with them is told before anything starts."""
    if problems := settings_problems():
        _refuse(*problems)


def settings_problems(of_worker: bool = True) -> list[str]:
    """What is wrong with the settings, a sentence each; of the API's alone where no worker is to run with them."""
    from api import settings as api
    from worker import settings as worker
    from worker.mailers import MailSettings

    problems = [
        problem
        for kind in (StoreSettings, api.ApiSettings, worker.WorkerSettings, MailSettings)
        for problem in _problems(kind)
    ]
    if not problems:
        store = StoreSettings()
        problems += _problems(lambda: refuse_emulators(store, os.environ))
        problems += _problems(lambda: api.refuse_unsafe(api.ApiSettings(), store))
        problems += _problems(lambda: worker.refuse_unsafe(MailSettings(), store)) if of_worker else []
    return list(dict.fromkeys(problems))  # some settings are read by more than one


def _problems(read: Callable[[], object]) -> list[str]:
    try:
        read()
    except ValidationError as error:
        return complaints(error)
    except ValueError as error:
        return str(error).splitlines()
    return []


def in_words(error: BaseException) -> str:
    """What went wrong, and what was behind it, in one line for the operator."""
    chain = [error, error.__cause__] if error.__cause__ else [error]
    return " <- ".join(f"{type(each).__name__}: {' '.join(str(each).split())[:LONGEST]}" for each in chain)


def complaints(error: ValidationError) -> list[str]:
    """What is wrong with the settings, a sentence for each variable."""
    return [_complaint(each) for each in error.errors(include_url=False)]


def _complaint(error: "ErrorDetails") -> str:
    # Our own validators say what they were given, which helps elsewhere.
    message = error["msg"].removeprefix("Value error, ").replace(repr(error["input"]), "the value")
    if not error["loc"]:  # about several settings at once: the message names them
        return message
    name = str(error["loc"][0])
    return f"{name if name.isupper() else f'TEXT2ART_{name.upper()}'}: {message}"


def _refuse(*sentences: str, status: int = BAD_SETTINGS) -> NoReturn:
    for sentence in sentences:
        typer.echo(f"text2art: {sentence}", err=True)
    raise typer.Exit(status) from None
