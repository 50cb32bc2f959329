import json
import os

import pytest

from jobs.firebase import connect
from jobs.settings import StoreSettings
from text2art.checks import NotHere, Problem
from text2art.checks.web import answers, knows_accounts


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


def test_a_page_that_is_well_is_told(serve, session):
    url = serve(200, b'{"status":"ok"}')
    assert answers(f"{url}/", session) == f"{url}/readyz is well"


@pytest.mark.parametrize("status", [302, 404, 503])
def test_a_page_that_is_not_well_is_told(serve, session, status):
    with pytest.raises(Problem, match=f"answered with {status}"):
        answers(serve(status), session)


def test_a_page_that_does_not_answer_is_told_with_a_way_to_leave_it_out(session):
    with pytest.raises(Problem, match="--no-page"):
        answers("http://127.0.0.1:1", session)


def test_without_an_address_there_is_no_page_to_ask(session):
    with pytest.raises(NotHere, match="TEXT2ART_PUBLIC_URL"):
        answers(None, session)


def test_where_nobody_signs_in_nobody_is_asked():
    with pytest.raises(NotHere):
        knows_accounts(None)
