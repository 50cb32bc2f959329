import pytest
from pydantic import ValidationError

from jobs.settings import StoreSettings
from worker.mailers import MailSettings
from worker.settings import WorkerSettings, refuse_unsafe


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("TEXT2ART_LEASE_S", "5")
    assert WorkerSettings().lease_s == 5


def test_the_defaults_are_valid():
    assert WorkerSettings().worker


@pytest.mark.parametrize(("field", "value"), [("lease_s", 0), ("metrics_port", -1), ("stall_s", "soon")])
def test_bad_settings_are_refused_at_the_start(field, value):
    with pytest.raises(ValidationError, match=field):
        WorkerSettings(**{field: value})


def test_a_worker_with_a_mail_account_does_not_send_strangers_to_this_machine():
    mail = {"mailgun_key": "k", "mailgun_domain": "mg.example.com"}
    with pytest.raises(ValueError, match="TEXT2ART_PUBLIC_URL"):
        refuse_unsafe(MailSettings(**mail), StoreSettings())
    refuse_unsafe(MailSettings(**mail), StoreSettings(development=True))
    refuse_unsafe(MailSettings(**mail, public_url="https://art.example.com"), StoreSettings())
