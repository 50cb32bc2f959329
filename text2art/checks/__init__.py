"""What `text2art deploy-check` does: small named functions that try a thing, clean up behind them, and say what to do.

A check says in a line what it found, or raises Problem with what is wrong and what to do, or NotHere with why there is
nothing to try. Any other error is a problem too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from google.api_core.exceptions import FailedPrecondition

from text2art.environment import in_words

NOBODY = "deploy-check@example.com"  # an address that no person has, by RFC 2606


class Problem(Exception):
    """Something does not work; the message says what, and what to do."""


class NotHere(Exception):
    """There is nothing to try here; the message says why."""


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "FAILED"
    SKIPPED = "skipped"


class Outcome(NamedTuple):
    """A check's name, how it ended, and what it says."""

    check: str
    verdict: Verdict
    says: str


class Check(NamedTuple):
    """Something to try. When a vital one fails, those after it in its group are not tried."""

    name: str
    act: Callable[[], str]
    hint: str = ""  # what to do when it fails otherwise than by a Problem, which says so itself
    vital: bool = False


@dataclass(frozen=True)
class Group:
    """Checks of one thing, in order, and how to remove all they made, which is done in any case."""

    checks: list[Check]
    clean_up: Check | None = None


def perform(group: Group) -> Iterator[Outcome]:
    """Try each check of the group, and tell how it ended."""
    cleaned = None
    failed = None
    try:
        for check in group.checks:
            if failed is not None:
                yield Outcome(check.name, Verdict.SKIPPED, f"because of {failed!r}")
                continue
            outcome = tried(check)
            yield outcome
            if check.vital and outcome.verdict is Verdict.FAILED:
                failed = check.name
    finally:
        if group.clean_up is not None:
            cleaned = tried(group.clean_up)
    if cleaned is not None:
        yield cleaned


def tried(check: Check) -> Outcome:
    """Do what the check does, and tell how it ended."""
    try:
        return Outcome(check.name, Verdict.OK, check.act())
    except NotHere as error:
        return Outcome(check.name, Verdict.SKIPPED, str(error))
    except Problem as error:
        return Outcome(check.name, Verdict.FAILED, str(error))
    except Exception as error:  # whatever breaks is what was to be found out
        return Outcome(check.name, Verdict.FAILED, _diagnosis(error, check.hint))


def _diagnosis(error: BaseException, hint: str) -> str:
    missing = _missing_index(error)
    if missing is not None:
        return f"firebase deploy --only firestore:indexes, and wait until they are built. Firestore says: {missing}"
    return f"{hint} {in_words(error)}".lstrip()


def _missing_index(error: BaseException | None) -> str | None:
    """What Firestore says about a composite index that a query needs; None when it was something else."""
    while error is not None:
        if isinstance(error, FailedPrecondition) and "index" in error.message:
            return str(error.message)
        error = error.__cause__
    return None
