import os
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel, ValidationError, field_validator

from api.settings import ApiSettings
from jobs import JobsError, Unavailable
from jobs.settings import StoreSettings
from text2art.environment import check_settings, complaints, in_words, load_environment, settings_problems, told_plainly
from worker.mailers import MailSettings
from worker.settings import WorkerSettings

CANARY = "canary-0f3a"
KINDS = (StoreSettings, ApiSettings, WorkerSettings, MailSettings)


def test_sound_settings_have_no_problems():
    assert settings_problems() == []
    check_settings()


def test_all_that_is_wrong_is_told_at_once_each_by_its_variable(capsys):
    os.environ |= {"TEXT2ART_MAX_QUEUE": "many", "TEXT2ART_LEASE_S": "-1", "TEXT2ART_MAILGUN_REGION": "mars"}
    with pytest.raises(typer.Exit) as exit:
        check_settings()
    assert exit.value.exit_code == 2
    told = capsys.readouterr().err
    for name in ("TEXT2ART_MAX_QUEUE", "TEXT2ART_LEASE_S", "TEXT2ART_MAILGUN_REGION"):
        assert told.count(f"text2art: {name}: ") == 1


def test_a_setting_that_several_read_is_told_once():
    os.environ["TEXT2ART_PUBLIC_URL"] = "nowhere"
    (problem,) = settings_problems()
    assert problem.startswith("TEXT2ART_PUBLIC_URL: ")


def test_settings_that_are_unsafe_together_are_told():
    os.environ["FIRESTORE_EMULATOR_HOST"] = "127.0.0.1:1"
    assert any("FIRESTORE_EMULATOR_HOST" in problem for problem in settings_problems())


def test_what_a_worker_needs_is_not_asked_of_the_api_alone():
    os.environ |= {"TEXT2ART_FIREBASE_PROJECT": "demo", "TEXT2ART_STORAGE_BUCKET": "demo.appspot.com"}
    assert settings_problems(of_worker=False) == []
    assert any("TEXT2ART_MAILGUN_KEY" in problem for problem in settings_problems())


@pytest.mark.parametrize("name", sorted({name for kind in KINDS for name in kind.model_fields}))
def test_no_complaint_quotes_a_value(name):
    os.environ[f"TEXT2ART_{name.upper()}"] = CANARY
    assert all(CANARY not in problem for problem in settings_problems())


def test_a_value_that_a_validator_quotes_is_left_out():
    class Settings(BaseModel):
        origin: str

        @field_validator("origin")
        @classmethod
        def refuse(cls, value: str) -> str:
            raise ValueError(f"{value!r} is no origin")

    with pytest.raises(ValidationError) as error:
        Settings(origin=CANARY)
    assert complaints(error.value) == ["TEXT2ART_ORIGIN: the value is no origin"]


@pytest.mark.parametrize("error", [ValueError("one\ntwo"), OSError("one\ntwo"), JobsError("one\ntwo")])
def test_what_cannot_be_opened_is_told_in_lines_and_ends_the_command(error, capsys):
    with pytest.raises(typer.Exit) as exit, told_plainly():
        raise error
    assert exit.value.exit_code == 2
    assert capsys.readouterr().err == "text2art: one\ntext2art: two\n"


def test_other_errors_are_not_hidden():
    with pytest.raises(ZeroDivisionError), told_plainly():
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("command", "extra"), [("gradio", "gradio"), ("worker", "worker"), ("up", "worker"), ("api --tunnel", "tunnel")]
)
def test_what_only_some_machines_have_is_asked_for_by_its_name(command, extra, invoke, monkeypatch):
    monkeypatch.setattr("text2art.environment.find_spec", lambda package: None)
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    result = invoke(*command.split(), *([] if command == "worker" else ["--port", "8769"]))
    assert (result.exit_code, f"pip install 'text2art[{extra}]'" in result.output) == (2, True)


def test_a_missing_file_of_settings_is_none():
    load_environment(Path("nowhere"))


def test_an_error_is_told_with_what_was_behind_it_in_one_line():
    error = Unavailable("no answer")
    error.__cause__ = OSError("line one\n  line two " + "x" * 5000)
    told = in_words(error)
    assert told.startswith("Unavailable: no answer <- OSError: line one line two x")
    assert "\n" not in told and len(told) < 700
