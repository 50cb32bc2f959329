import json
import os
import re
from dataclasses import replace

import pytest
from pydantic import SecretStr

from api.providers import Google, Toolkit
from api.settings import ApiSettings
from jobs.firebase import connect
from jobs.settings import StoreSettings
from tests.google_sign_in import CLIENT, SECRET, google_sign_in
from text2art.checks import NotHere, Problem, Verdict, perform
from text2art.checks.sign_in import (
    group,
    key_fits,
    knows_accounts,
    knows_client,
    may_delete,
    takes_google,
    takes_links,
)

BACK = "https://art.example.com/sign-in/google/return"


@pytest.fixture
def project(serve):
    """A Firebase app whose Authentication answers as told."""

    def answering(status, body):
        os.environ["FIREBASE_AUTH_EMULATOR_HOST"] = serve(status, json.dumps(body).encode()).removeprefix("http://")
        return connect(StoreSettings(development=True, firebase_project="demo-x", storage_bucket="demo-x"))

    return answering


def test_accounts_that_are_asked_for_and_not_found_are_well(project):
    with project(200, {"kind": "identitytoolkit#GetAccountInfoResponse"}) as app:
        assert knows_accounts(app) == "Firebase Authentication answers"


@pytest.mark.parametrize(("status", "reason"), [(400, "CONFIGURATION_NOT_FOUND"), (403, "PERMISSION_DENIED")])
def test_accounts_that_may_not_be_asked_for_are_told(project, status, reason):
    refusal = {"error": {"code": status, "message": reason}}
    with project(status, refusal) as app, pytest.raises(Problem, match="Is Authentication switched on") as error:
        knows_accounts(app)
    assert reason in str(error.value)


def test_where_nobody_signs_in_nobody_is_asked():
    with pytest.raises(NotHere):
        knows_accounts(None)


def refusal(message):
    return json.dumps({"error": {"code": 400, "message": message}}).encode()


def test_accounts_that_may_be_deleted_are_well(project):
    with project(400, {"error": {"code": 400, "message": "USER_NOT_FOUND"}}) as app:
        assert may_delete(app) == "by this account"


def test_accounts_that_may_not_be_deleted_are_told(project):
    refused = {"error": {"code": 403, "message": "PERMISSION_DENIED", "status": "PERMISSION_DENIED"}}
    with project(403, refused) as app, pytest.raises(Problem, match=r"roles/firebaseauth\.admin"):
        may_delete(app)


# what visitors of our page need


@pytest.fixture
def people(auth_emulator):
    return Toolkit("any", f"http://{auth_emulator.host}/identitytoolkit.googleapis.com/v1")


def test_a_key_that_opens_and_a_domain_that_is_known_are_well(people):
    for host in ("localhost", "art.localhost"):
        assert key_fits(people, host) == f"the key is known, and links may lead to {host}"


def test_a_domain_that_is_not_known_is_told(people):
    for host in ("art.example.com", "evil-localhost"):
        with pytest.raises(Problem, match=f"Authorized domains: add {re.escape(host)},"):
            key_fits(people, host)


def test_a_key_that_does_not_open_is_told(serve):
    url = serve(400, refusal("API key not valid. Please pass a valid API key."))
    with pytest.raises(Problem, match="refuses TEXT2ART_FIREBASE_API_KEY: API key not valid"):
        key_fits(Toolkit("wrong", url), "127.0.0.1")


def test_ways_that_are_switched_on_are_well(people):
    assert takes_links(people) == "links are taken"
    assert takes_google(people) == "it does"


@pytest.mark.parametrize(("look", "switch"), [(takes_links, "Email link"), (takes_google, "Google")])
def test_ways_that_are_switched_off_are_told(serve, look, switch):
    with pytest.raises(Problem, match=f"switch on {switch}.*OPERATION_NOT_ALLOWED"):
        look(Toolkit("any", serve(400, refusal("OPERATION_NOT_ALLOWED : no"))))


def test_a_firebase_that_accepts_anything_is_none(serve):
    with pytest.raises(Problem, match="accepted what is no sign-in"):
        takes_links(Toolkit("any", serve(200, b"{}")))


def test_a_firebase_that_does_not_answer_is_told():
    with pytest.raises(Problem, match="does not answer as it should"):
        takes_links(Toolkit("any", "http://127.0.0.1:9"))


@pytest.fixture
def google():
    with google_sign_in() as server:
        yield Google(CLIENT, SecretStr(SECRET), token_url=f"{server.url}/token")


def test_a_client_that_google_knows_is_well(google):
    assert BACK in knows_client(google, BACK)


def test_a_wrong_secret_is_told_and_not_shown(google):
    with pytest.raises(Problem, match="invalid_client") as problem:
        knows_client(replace(google, client_secret=SecretStr("canary")), BACK)
    assert "canary" not in str(problem.value)


# together


def names(settings, firebase):
    return [check.name for check in group(firebase, ApiSettings(**settings), {}).checks]


def test_only_what_is_configured_is_tried(project):
    ours = {"auth": "optional", "firebase_api_key": "key", "public_url": "https://art.example.com"}
    assert names({}, None) == ["sign-in"]
    with project(200, {}) as app:
        assert names({"app_check": True}, app) == ["sign-in"]
        programs = ["sign-in", "sign-in: accounts can be deleted", "sign-in: our page"]
        assert names({"auth": "optional"}, app) == programs
        assert names(ours, app) == [*programs, "sign-in: by mail"]
        google = {"google_client_id": "id", "google_client_secret": "secret"}
        ends = ["sign-in: Firebase takes Google's word", "sign-in: Google knows us"]
        assert names(ours | google, app) == [*programs, "sign-in: by mail", *ends]


def test_an_installation_where_visitors_sign_in_is_well(auth_emulator):
    os.environ["FIREBASE_AUTH_EMULATOR_HOST"] = auth_emulator.host
    settings = ApiSettings(auth="optional", firebase_api_key="key", public_url="http://localhost:8000")
    with connect(StoreSettings(development=True, firebase_project="demo-x", storage_bucket="demo-x")) as app:
        outcomes = list(perform(group(app, settings, os.environ)))
    assert [(outcome.verdict, outcome.check) for outcome in outcomes] == [
        (Verdict.OK, "sign-in"),
        (Verdict.OK, "sign-in: accounts can be deleted"),
        (Verdict.OK, "sign-in: our page"),
        (Verdict.OK, "sign-in: by mail"),
    ]
