from datetime import UTC, datetime, timedelta

import pytest

from text2art.checks import Problem
from text2art.checks.firestore import API, address, clean_up, clocks_agree, root, rules_refuse

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def client(emulator):
    with emulator.client() as client:
        yield client


def test_a_clock_that_agrees_with_the_servers_is_well(client):
    assert "5 s" in clocks_agree(client)


@pytest.mark.parametrize("seconds", [-6, 6])
def test_a_clock_that_is_off_by_more_than_five_seconds_is_told(client, seconds):
    with pytest.raises(Problem, match="NTP"):
        clocks_agree(client, lambda: datetime.now(UTC) + timedelta(seconds=seconds))


@pytest.mark.parametrize("status", [401, 403])
def test_rules_that_refuse_strangers_are_well(serve, session, status):
    assert rules_refuse(serve(status), "a-check", session) == "neither read nor written"


@pytest.mark.parametrize("status", [200, 404, 500])
def test_rules_that_answer_strangers_otherwise_are_told(serve, session, status):
    with pytest.raises(Problem, match=f"reading is answered with {status}: firebase deploy --only firestore:rules"):
        rules_refuse(serve(status), "a-check", session)


def test_all_that_lies_beneath_the_checks_document_is_removed_and_nothing_else(client):
    mine, others = root(client, "mine"), root(client, "others")
    for number in range(3):
        mine.collection("queue").document(f"{number}").set({})
        mine.collection("outbox").document(f"{number}").set({})
        others.collection("queue").document(f"{number}").set({})
    assert clean_up(client, "mine") == "6 documents removed"
    assert clean_up(client, "mine") == "nothing was left"
    assert len(list(others.collection("queue").list_documents())) == 3


def test_strangers_are_sent_to_google_unless_there_is_an_emulator():
    assert address({}) == API
    assert address({"FIRESTORE_EMULATOR_HOST": "127.0.0.1:8095"}) == "http://127.0.0.1:8095"
