from pathlib import Path

import pytest
from pydantic import ValidationError

from worker.settings import WorkerSettings


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("TEXT2ART_LEASE_S", "5")
    monkeypatch.setenv("TEXT2ART_OUTBOX", "/var/mail/text2art")
    monkeypatch.setenv("TEXT2ART_PUBLIC_URL", "https://art.example.com/")
    settings = WorkerSettings()
    assert settings.lease_s == 5
    assert settings.outbox == Path("/var/mail/text2art")
    assert str(settings.public_url) == "https://art.example.com/"


def test_the_defaults_are_valid():
    settings = WorkerSettings()
    assert WorkerSettings(mail_from=settings.mail_from).mail_from == settings.mail_from
    assert settings.worker


@pytest.mark.parametrize(
    "sender", ["", "nobody", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com"]
)
def test_a_sender_that_is_not_one_address_is_refused_with_an_example(sender):
    with pytest.raises(ValidationError) as refusal:
        WorkerSettings(mail_from=sender)
    assert "mail_from" in str(refusal.value)


@pytest.mark.parametrize(("field", "value"), [("lease_s", 0), ("poll_s", -1), ("public_url", "javascript:alert(1)")])
def test_bad_settings_are_refused_at_the_start(field, value):
    with pytest.raises(ValidationError, match=field):
        WorkerSettings(**{field: value})
