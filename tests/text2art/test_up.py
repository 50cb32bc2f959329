import os

import pytest


@pytest.fixture(autouse=True)
def started(monkeypatch):
    """The processes that would have been started, by their first argument."""
    started = []
    monkeypatch.setattr("text2art.up._start", lambda *arguments: started.append(arguments[0]))
    monkeypatch.setattr("text2art.up._stop_on_signal", lambda: None)
    return started


def test_nothing_is_started_with_settings_that_cannot_be_used(invoke, started):
    os.environ["TEXT2ART_LEASE_S"] = "soon"
    result = invoke("up", "--port", "8767", "--no-open")
    assert (result.exit_code, started) == (2, [])
    assert "TEXT2ART_LEASE_S" in result.output and "soon" not in result.output


def test_mails_lead_to_this_machine_unless_settings_say_otherwise(invoke, monkeypatch):
    told = []
    monkeypatch.setattr("text2art.up._serve", lambda *arguments: told.append(os.environ["TEXT2ART_PUBLIC_URL"]))
    invoke("up", "--port", "8768", "--no-open")
    os.environ["TEXT2ART_PUBLIC_URL"] = "https://art.example.com"
    invoke("up", "--port", "8768", "--no-open")
    assert told == ["http://127.0.0.1:8768", "https://art.example.com"]
