from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.mail_events import Tokens
from api.settings import ApiSettings
from tests.api.conftest import ADDRESS
from tests.fakes import Clock, everything_logged
from tests.mailgun import report

KEY = "webhook-signing-key"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
PATH = "/webhooks/mailgun"


@pytest.fixture
def seconds():
    """Seconds since NOW."""
    return Clock(now=0)


@pytest.fixture
def clock(seconds):
    return lambda: NOW + timedelta(seconds=seconds())


@pytest.fixture
def settings():
    return ApiSettings(mailgun_signing_key=KEY)


@pytest.fixture
def hear(client):
    """Post a report as Mailgun does; the status that it is answered with."""

    def post(event="complained", recipient=ADDRESS, *, key=KEY, at=NOW, **more):
        return client.post(PATH, json=report(key, event, recipient, at=at.timestamp(), **more)).status_code

    return post


@pytest.mark.parametrize(
    ("event", "more", "reason"),
    [
        ("failed", {"severity": "permanent", "reason": "bounce"}, "bounced"),
        ("complained", {}, "complained"),
        ("unsubscribed", {}, "unsubscribed"),
        ("failed", {"severity": "temporary"}, None),
        ("failed", {}, None),
        ("delivered", {}, None),
        ("opened", {}, None),
        ("something new", {}, None),
    ],
)
def test_an_address_that_cannot_or_will_not_be_mailed_is_remembered(hear, queue, event, more, reason):
    assert hear(event, **more) == 200
    assert queue.suppression(ADDRESS) == reason


def test_the_first_reason_stays(hear, queue):
    hear("complained", token="a")
    hear("unsubscribed", token="b")
    assert queue.suppression(ADDRESS) == "complained"


def test_an_international_domain_is_the_one_that_orders_name(hear, queue):
    hear(recipient="maler@xn--bcher-kva.example.com")
    assert queue.suppression("maler@bücher.example.com") == "complained"


@pytest.mark.parametrize("recipient", ["", "nobody", "a@b.com, c@d.com", "a" * 400 + "@example.com"])
def test_a_report_about_no_address_is_heard_and_passed_over(hear, recipient):
    assert hear(recipient=recipient) == 200


def test_a_report_without_a_recipient_is_heard_and_passed_over(client):
    body = report(KEY, "complained", ADDRESS, at=NOW.timestamp())
    del body["event-data"]["recipient"]
    assert client.post(PATH, json=body).status_code == 200


def test_a_report_that_mailgun_did_not_sign_is_refused(hear, queue):
    assert hear(key="another key") == 401
    assert queue.suppression(ADDRESS) is None


@pytest.mark.parametrize("field", ["timestamp", "token", "signature"])
def test_a_report_whose_signature_belongs_to_another_is_refused(client, queue, field):
    body = report(KEY, "complained", ADDRESS, at=NOW.timestamp())
    body["signature"][field] = {"timestamp": f"{NOW.timestamp() + 1:.0f}", "token": "b", "signature": "é" * 64}[field]
    assert client.post(PATH, json=body).status_code == 401
    assert queue.suppression(ADDRESS) is None


@pytest.mark.parametrize(("minutes", "status"), [(-6, 401), (-4, 200), (4, 200), (6, 401)])
def test_a_report_is_fresh_for_five_minutes_either_way(hear, minutes, status):
    assert hear(at=NOW + timedelta(minutes=minutes)) == status


def test_a_replayed_report_is_refused_and_not_to_be_sent_again(hear, queue):
    assert hear() == 200
    queue.unsuppress(ADDRESS)
    assert hear() == 406
    assert queue.suppression(ADDRESS) is None


def test_a_report_that_the_queue_could_not_take_is_heard_when_it_comes_again(hear, queue, monkeypatch):
    def away(address, reason):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(queue, "suppress", away)
        assert hear() == 503
    assert hear() == 200
    assert queue.suppression(ADDRESS) == "complained"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"signature": {}, "event-data": {}},
        {"signature": "x", "event-data": {"event": "complained"}},
        {"signature": {"timestamp": "soon", "token": "t", "signature": "s"}, "event-data": {"event": "complained"}},
        {"signature": {"timestamp": "9" * 30, "token": "t", "signature": "s"}, "event-data": {"event": "complained"}},
        {"signature": {"timestamp": "1", "token": "t" * 101, "signature": "s"}, "event-data": {"event": "complained"}},
    ],
)
def test_what_is_no_report_is_refused(client, body):
    assert client.post(PATH, json=body).status_code == 422


def test_a_body_larger_than_any_report_is_refused(client):
    body = report(KEY, "complained", ADDRESS, at=NOW.timestamp(), padding="x" * 100_000)
    assert client.post(PATH, json=body).status_code == 413


def test_the_time_may_be_a_number(client):
    body = report(KEY, "complained", ADDRESS, at=NOW.timestamp())
    body["signature"]["timestamp"] = int(body["signature"]["timestamp"])
    assert client.post(PATH, json=body).status_code == 200


def test_no_log_line_holds_the_address(hear, caplog):
    caplog.set_level("DEBUG")
    hear()
    assert [record.reason for record in caplog.records if record.message == "suppressed"] == ["complained"]
    assert "canary" not in everything_logged(caplog)


def test_without_a_signing_key_there_is_no_such_place(queue, shelf):
    with TestClient(create_app(ApiSettings(), queue, shelf)) as client:
        answer = client.post(PATH, json=report("", "complained", ADDRESS, at=NOW.timestamp()))
    assert answer.status_code == 404
    assert queue.suppression(ADDRESS) is None


def test_an_empty_signing_key_which_anybody_could_sign_with_is_none(monkeypatch):
    monkeypatch.setenv("TEXT2ART_MAILGUN_SIGNING_KEY", "")
    assert ApiSettings().mailgun_signing_key is None
    with pytest.raises(ValueError, match="mailgun_signing_key"):
        ApiSettings(mailgun_signing_key="")


def test_the_place_is_not_in_the_docs(client):
    assert PATH not in client.get("/openapi.json").json()["paths"]


# The memory for tokens


def test_tokens_are_remembered_for_longer_than_reports_are_fresh(clock, seconds):
    tokens = Tokens(clock)
    tokens.add("early")
    seconds.now = 600
    tokens.add("late")
    assert "early" in tokens and "late" in tokens
    seconds.now = 901
    tokens.add("later")
    assert "early" not in tokens and "late" in tokens


def test_no_flood_of_tokens_fills_the_memory(clock):
    tokens = Tokens(clock, most=3)
    for token in "abcde":
        tokens.add(token)
    assert [token in tokens for token in "abcde"] == [False, False, True, True, True]
