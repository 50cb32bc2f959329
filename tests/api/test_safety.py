"""What must not start: emulators and unsafe defaults where strangers could come."""

import os
import subprocess
import sys
from pathlib import Path

import jwt
import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from api import settings as api
from api.app import create_app
from api.gate import open_gate
from api.settings import ApiSettings
from jobs.settings import StoreSettings, open_store
from tests.google_keys import PROJECT, firebase_app
from worker import settings as worker
from worker.mailers.settings import MailSettings

ROOT = Path(__file__).parents[2]
FIREBASE = {"firebase_project": PROJECT, "storage_bucket": "demo-text2art.appspot.com"}
ON_FIREBASE = StoreSettings(**FIREBASE)
IN_DEVELOPMENT = StoreSettings(**FIREBASE, development=True)
IN_A_FOLDER = StoreSettings()

MAIL = {
    "mailgun_key": "key-0123456789",
    "mailgun_domain": "mg.art.example.com",
    "public_url": "https://art.example.com",
}
EMULATORS = ("FIREBASE_AUTH_EMULATOR_HOST", "FIRESTORE_EMULATOR_HOST", "STORAGE_EMULATOR_HOST")


def started(*arguments, **environment):
    """How a command ends in this environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TEXT2ART_")}
    command = [sys.executable, "-m", "text2art", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True, timeout=120)


# emulators


def forged():
    """What anybody can write: a token that nobody signed."""
    issuer = f"https://securetoken.google.com/{PROJECT}"
    claims = {"iss": issuer, "aud": PROJECT, "sub": "victim", "firebase": {"sign_in_provider": "google.com"}}
    return jwt.encode(claims, None, "none")


def test_a_forged_token_opens_everything_beside_an_emulator_so_nothing_starts_there(
    queue, shelf, monkeypatch, tmp_path
):
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9")
    settings = ApiSettings(auth="required")
    with firebase_app("beside an emulator") as app:
        client = TestClient(create_app(settings, queue, shelf, gate=open_gate(settings, app)))
        order = {"prompt": "castle underwater", "email": "visitor@example.com"}
        answer = client.post("/api/jobs", json=order, headers={"Authorization": f"Bearer {forged()}"})
    assert queue.get(answer.json()["id"]).owner == "victim", "the Admin SDK is not as careless any more"

    for store in (ON_FIREBASE, StoreSettings(data=tmp_path / "data")):
        with pytest.raises(ValueError, match="FIREBASE_AUTH_EMULATOR_HOST is set"), open_store(store):
            pass
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", EMULATORS)
@pytest.mark.parametrize("half", ["api", "worker"])
def test_neither_half_starts_beside_an_emulator_and_says_why(half, name, tmp_path):
    ended = started(half, **{name: "127.0.0.1:9", "TEXT2ART_DATA": str(tmp_path / "data")})
    assert ended.returncode == 2, ended.stderr
    assert f"{name} is set" in ended.stderr
    assert "TEXT2ART_DEVELOPMENT=1" in ended.stderr
    assert not (tmp_path / "data").exists()


def test_beside_a_project_of_ones_own_an_emulator_of_accounts_is_refused_too():
    settings = {f"TEXT2ART_{name.upper()}": value for name, value in FIREBASE.items()}
    ended = started("api", **settings, TEXT2ART_AUTH="required", FIREBASE_AUTH_EMULATOR_HOST="127.0.0.1:9")
    assert ended.returncode == 2
    assert "FIREBASE_AUTH_EMULATOR_HOST is set" in ended.stderr


def test_a_development_flag_lets_emulators_in(tmp_path):
    store = StoreSettings(data=tmp_path, development=True)
    with open_store(store, dict.fromkeys(EMULATORS, "127.0.0.1:9")) as opened:
        assert opened.firebase is None


# the API


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"cors_origins": "https://art.example.com"},
        {"auth": "required", "admins": "boss@example.com", "app_check": True},
    ],
)
def test_an_api_that_is_safe_starts(settings):
    api.refuse_unsafe(ApiSettings(**settings), ON_FIREBASE)


def test_an_api_without_settings_starts_on_one_machine():
    api.refuse_unsafe(ApiSettings(), IN_A_FOLDER)
    api.refuse_unsafe(ApiSettings(cors_origins="*"), IN_A_FOLDER)
    api.refuse_unsafe(ApiSettings(cors_origins="*"), IN_DEVELOPMENT)


@pytest.mark.parametrize(
    ("settings", "store", "variable", "accepted"),
    [
        ({"cors_origins": "https://a.example,*"}, ON_FIREBASE, "TEXT2ART_CORS_ORIGINS", "https://art.example.com"),
        ({"admins": "boss@example.com"}, ON_FIREBASE, "TEXT2ART_ADMINS", "TEXT2ART_AUTH=optional or required"),
        ({"admins": "boss@example.com"}, IN_DEVELOPMENT, "TEXT2ART_ADMINS", "TEXT2ART_AUTH=optional or required"),
        ({"auth": "optional"}, IN_A_FOLDER, "TEXT2ART_AUTH", "TEXT2ART_FIREBASE_PROJECT"),
        ({"app_check": True}, IN_A_FOLDER, "TEXT2ART_APP_CHECK", "TEXT2ART_FIREBASE_PROJECT"),
    ],
)
def test_an_api_that_is_not_safe_names_what_to_set(settings, store, variable, accepted):
    with pytest.raises(ValueError) as refusal:
        api.refuse_unsafe(ApiSettings(**settings), store)
    assert variable in str(refusal.value)
    assert accepted in str(refusal.value)
    assert "boss" not in str(refusal.value)


OURS = {"auth": "optional", "firebase_api_key": "key", "public_url": "https://art.example.com"}
GOOGLE = {"google_client_id": "id", "google_client_secret": "canary"}


@pytest.mark.parametrize("settings", [OURS, OURS | GOOGLE, OURS | GOOGLE | {"sign_in": "google"}], ids=str)
def test_an_api_whose_page_signs_visitors_in_starts(settings):
    api.refuse_unsafe(ApiSettings(**settings), ON_FIREBASE)
    api.refuse_unsafe(ApiSettings(**settings | {"public_url": "http://localhost:8000"}), IN_DEVELOPMENT)


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (OURS | {"auth": "off"}, "TEXT2ART_AUTH=optional or required"),
        (OURS | {"public_url": None}, "TEXT2ART_PUBLIC_URL"),
        (OURS | {"public_url": "http://art.example.com"}, "https://"),
        (OURS | {"sign_in": "anonymous"}, "needs email in TEXT2ART_SIGN_IN"),
        (OURS | {"sign_in": "google"}, "google and TEXT2ART_GOOGLE_CLIENT_ID"),
        (OURS | {"google_client_id": "id"}, "belong together"),
        (OURS | {"google_client_secret": "canary"}, "belong together"),
        (OURS | GOOGLE | {"sign_in": "email"}, "needs google in TEXT2ART_SIGN_IN"),
        (OURS | GOOGLE | {"firebase_api_key": None}, "needs TEXT2ART_FIREBASE_API_KEY"),
    ],
    ids=str,
)
def test_an_api_whose_page_would_sign_nobody_in_names_what_is_missing(settings, missing):
    with pytest.raises(ValueError) as refusal:
        api.refuse_unsafe(ApiSettings(**settings), ON_FIREBASE)
    assert missing in str(refusal.value)
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize("key", ["a key", "key&x=1", "schlüssel"])
def test_what_is_no_key_stops_the_start(key):
    with pytest.raises(ValidationError, match="firebase_api_key"):
        ApiSettings(firebase_api_key=key)


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(ValueError) as refusal:
        api.refuse_unsafe(ApiSettings(cors_origins="*", admins="uid"), ON_FIREBASE)
    assert [line.split()[0] for line in str(refusal.value).splitlines()] == ["TEXT2ART_ADMINS", "TEXT2ART_CORS_ORIGINS"]


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [("AUTH", "on", "'off', 'optional' or 'required'"), ("SIGN_IN", "google,apple", "'google'"), ("SIGN_IN", ",", "1")],
)
def test_a_choice_that_there_is_not_stops_the_start_and_names_those_there_are(monkeypatch, name, value, accepted):
    monkeypatch.setenv(f"TEXT2ART_{name}", value)
    with pytest.raises(ValidationError, match=accepted):
        ApiSettings()


def test_the_command_ends_with_a_sentence_for_everything_that_is_unsafe():
    settings = {f"TEXT2ART_{name.upper()}": value for name, value in FIREBASE.items()}
    ended = started("api", **settings, TEXT2ART_CORS_ORIGINS="*", TEXT2ART_ADMINS="boss@example.com")
    assert ended.returncode == 2
    assert "TEXT2ART_CORS_ORIGINS must name" in ended.stderr
    assert "TEXT2ART_ADMINS needs" in ended.stderr
    assert "Traceback" not in ended.stderr


# the worker


@pytest.mark.parametrize(
    "mail",
    [
        MAIL,
        {**MAIL, "mail_from": "Text2Art <art@example.com>"},
        {"smtp_host": "localhost", "mail_from": "art@example.com", "public_url": "https://art.example.com:8443"},
        {"sendgrid_key": "SG.0", "mail_from": "art@example.com", "public_url": "https://8.8.8.8"},
    ],
)
def test_a_worker_that_reaches_strangers_starts(mail):
    worker.refuse_unsafe(MailSettings(**mail), ON_FIREBASE)


def test_a_worker_without_settings_starts_on_one_machine():
    worker.refuse_unsafe(MailSettings(), IN_A_FOLDER)
    worker.refuse_unsafe(MailSettings(), IN_DEVELOPMENT)


def test_a_worker_without_settings_names_all_that_strangers_need():
    with pytest.raises(ValueError) as refusal:
        worker.refuse_unsafe(MailSettings(), ON_FIREBASE)
    told = [line.split()[0].rstrip(",") for line in str(refusal.value).splitlines()]
    assert told == ["TEXT2ART_MAILGUN_KEY", "TEXT2ART_PUBLIC_URL", "TEXT2ART_MAIL_FROM"]


@pytest.mark.parametrize(
    "url",
    [
        "http://art.example.com",
        "https://localhost",
        "https://localhost.",
        "https://art.localhost",
        "https://127.0.0.1:8000",
        "https://127.1",
        "https://2130706433",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://10.1.2.3",
        "https://192.168.0.7",
        "https://169.254.169.254",
        "https://[fd00::1]",
        "https://gpu-box",
        "https://printer.local",
    ],
)
def test_an_address_of_the_page_that_strangers_cannot_reach_is_refused(url):
    with pytest.raises(ValueError, match="TEXT2ART_PUBLIC_URL must be an https:// address"):
        # as a worker in development reads it: MailSettings itself refuses some of these outside of it
        worker.refuse_unsafe(MailSettings(**{**MAIL, "public_url": url}, development=True), ON_FIREBASE)


@pytest.mark.parametrize("sender", ["art@localhost", "Art <art@localhost.localdomain>", "art@gpu-box"])
def test_a_sender_that_nobody_can_answer_is_refused(sender):
    with pytest.raises(ValueError, match="TEXT2ART_MAIL_FROM must be"):
        worker.refuse_unsafe(MailSettings(**{**MAIL, "mail_from": sender}), ON_FIREBASE)


def test_no_refusal_tells_a_key():
    with pytest.raises(ValueError) as refusal:
        worker.refuse_unsafe(MailSettings(**{**MAIL, "mail_from": "art@localhost"}), ON_FIREBASE)
    assert "0123456789" not in str(refusal.value)
