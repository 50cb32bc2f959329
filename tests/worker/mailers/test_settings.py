from pathlib import Path

import pytest
from pydantic import ValidationError

from worker.mailers import MailSettings

MAILGUN = {"mailgun_key": "key-secret", "mailgun_domain": "mg.example.com"}


def complaint(**settings):
    with pytest.raises(ValidationError) as refusal:
        MailSettings(**settings)
    return str(refusal.value)


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("TEXT2ART_MAILGUN_KEY", "key-secret")
    monkeypatch.setenv("TEXT2ART_MAILGUN_DOMAIN", "mg.example.com")
    monkeypatch.setenv("TEXT2ART_MAILGUN_REGION", "eu")
    monkeypatch.setenv("TEXT2ART_OUTBOX", "/var/mail/text2art")
    monkeypatch.setenv("TEXT2ART_PUBLIC_URL", "https://art.example.com/")
    settings = MailSettings()
    assert settings.mailgun_key.get_secret_value() == "key-secret"
    assert (settings.mailgun_domain, settings.mailgun_region) == ("mg.example.com", "eu")
    assert settings.outbox == Path("/var/mail/text2art")
    assert str(settings.public_url) == "https://art.example.com/"


def test_an_empty_variable_is_no_setting(monkeypatch):
    monkeypatch.setenv("TEXT2ART_MAILGUN_KEY", "")
    monkeypatch.setenv("TEXT2ART_SMTP_HOST", "")
    assert MailSettings().mailgun_key is None


def test_with_an_account_mails_reach_people():
    assert not MailSettings(outbox="mails").has_account
    assert MailSettings(**MAILGUN).has_account
    assert MailSettings(smtp_host="mail.example.com", mail_from="a@b.com").has_account


def test_mails_come_from_whom_the_settings_say_or_from_mailguns_domain():
    assert MailSettings().sender == "Text2Art <text2art@localhost>"
    assert MailSettings(**MAILGUN).sender == "Text2Art <text2art@mg.example.com>"
    assert MailSettings(**MAILGUN, mail_from="Me <me@example.com>").sender == "Me <me@example.com>"


@pytest.mark.parametrize(
    "sender", ["", "nobody", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com"]
)
def test_a_sender_that_is_not_one_address_is_refused_with_an_example(sender):
    assert "'Text2Art <art@example.com>'" in complaint(mail_from=sender)


@pytest.mark.parametrize(
    "domain",
    [
        "mg.example.com/messages",
        "https://mg.example.com",
        "localhost",
        "mg.example.com:443",
        "a@b.com",
        "-a.com",
        "a..b",
    ],
)
def test_a_mailgun_domain_is_a_domain_alone(domain):
    assert "like mg.example.com" in complaint(mailgun_key="key-secret", mailgun_domain=domain)


def test_no_complaint_quotes_a_key():
    assert "key-secret" not in complaint(mailgun_key="key-secret")
    assert "key-secret" not in complaint(mailgun_key="key-secret", mailgun_domain="/", smtp_password="key-secret")
    assert "key-secret" not in repr(MailSettings(**MAILGUN))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"mailgun_key": "k"}, "TEXT2ART_MAILGUN_KEY and TEXT2ART_MAILGUN_DOMAIN are needed together"),
        ({"mailgun_domain": "mg.example.com"}, "only TEXT2ART_MAILGUN_DOMAIN is set"),
        ({**MAILGUN, "smtp_host": "mail.example.com"}, "TEXT2ART_MAILGUN_KEY and TEXT2ART_SMTP_HOST are set"),
        ({"smtp_host": "mail.example.com"}, "TEXT2ART_MAIL_FROM is needed"),
        ({"sendgrid_key": "SG.x"}, "TEXT2ART_MAIL_FROM is needed"),
        (
            {"smtp_host": "mail.example.com", "mail_from": "a@b.com", "smtp_user": "me"},
            "only TEXT2ART_SMTP_USER is set",
        ),
        ({"smtp_host": "mail.example.com", "mail_from": "a@b.com", "smtp_security": "none"}, "accepted: starttls, tls"),
        ({**MAILGUN, "mailgun_url": "http://127.0.0.1:1"}, "TEXT2ART_MAILGUN_URL is for trials"),
        ({**MAILGUN, "mailgun_region": "mars"}, "'us' or 'eu'"),
        ({"public_url": "javascript:alert(1)"}, "public_url"),
        ({"link_days": 0}, "link_days"),
        ({"letter_lease_s": 0}, "letter_lease_s"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(settings, said):
    assert said in complaint(**settings)


def test_an_smtp_server_has_the_port_that_goes_with_its_security():
    def port(**settings):
        return MailSettings(smtp_host="localhost", mail_from="a@b.com", **settings).port

    assert port() == 587
    assert port(smtp_security="tls") == 465
    assert port(smtp_security="none") == 25
    assert port(smtp_port=2525) == 2525


def test_a_stand_in_is_accepted_for_trials():
    assert MailSettings(**MAILGUN, mailgun_url="http://127.0.0.1:1", development=True).mailgun_url
