"""Checks of the settings themselves, before anything is tried with them."""

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from api.settings import ApiSettings
from jobs.settings import StoreSettings
from text2art.checks import Check, NotHere, Problem
from text2art.environment import settings_problems
from worker.mailers import MailSettings
from worker.settings import WorkerSettings

SOUND = "settings"  # the check without which no other makes sense
READ_ELSEWHERE = {"TEXT2ART_NGROK_TOKEN"}  # by the tunnel


def checks(environment: Mapping[str, str], of_worker: bool) -> list[Check]:
    """Checks of the environment, and of the files with secrets."""
    return [
        Check(SOUND, lambda: settings_are_sound(of_worker), vital=True),
        Check("settings: all are known", lambda: are_known(environment)),
        Check("settings: secrets are kept", lambda: are_kept(Path(".env"), environment)),
    ]


def settings_are_sound(of_worker: bool = True) -> str:
    """The API would start with them, and a worker too where one is to."""
    if problems := settings_problems(of_worker):
        raise Problem("; ".join(problems))
    settings = StoreSettings()
    if not settings.on_firebase:
        return f"everything lies in the folder {settings.data}"
    return f"Firestore {settings.firestore_database}, bucket {settings.storage_bucket}"


def are_known(environment: Mapping[str, str]) -> str:
    """A misspelled setting has no effect, and nobody is told."""
    kinds = (StoreSettings, ApiSettings, WorkerSettings, MailSettings)
    known = {f"TEXT2ART_{name.upper()}" for kind in kinds for name in kind.model_fields} | READ_ELSEWHERE
    given = sorted(name for name in environment if name.startswith("TEXT2ART_"))
    if unknown := [name for name in given if name not in known]:
        raise Problem(f"nothing reads {', '.join(unknown)}: misspelled?")
    return f"{len(given)} are set"


def are_kept(file: Path, environment: Mapping[str, str]) -> str:
    """No other account of this machine reads the files with secrets."""
    key = environment.get("TEXT2ART_FIREBASE_CREDENTIALS")
    files = [each for each in (file, *([Path(key)] if key else [])) if each.is_file()]
    if not files or os.name != "posix":
        raise NotHere("there is no file with secrets")
    if others := [str(each) for each in files if stat.S_IMODE(each.stat().st_mode) & 0o077]:
        raise Problem(f"others on this machine can read {_listed(others)}: chmod 600 {' '.join(others)}")
    return f"{_listed(map(str, files))} for their owner's eyes"


def _listed(names: Iterable[str]) -> str:
    return " and ".join(names)
