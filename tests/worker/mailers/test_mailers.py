import pytest

from jobs.settings import StoreSettings
from tests.mailgun import Mailgun
from worker.mailers import MailSettings, open_mailer


@pytest.fixture
def store(tmp_path):
    return StoreSettings(data=tmp_path / "data")


def test_without_settings_letters_are_laid_into_the_data_folder(store, a_letter, written):
    with open_mailer(MailSettings(), store) as mailer:
        assert mailer(a_letter(), written(a_letter())) == ""
    assert [file.name for file in (store.data / "outbox").iterdir()] == [f"{a_letter().id}.eml"]


def test_the_outbox_may_lie_elsewhere(store, a_letter, written, tmp_path):
    with open_mailer(MailSettings(outbox=tmp_path / "elsewhere"), store) as mailer:
        mailer(a_letter(), written(a_letter()))
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1


def test_with_a_key_letters_go_to_mailgun(store, a_letter, written, mailgun: Mailgun):
    settings = MailSettings(
        mailgun_key=mailgun.key, mailgun_domain=mailgun.domain, mailgun_url=mailgun.url, development=True
    )
    with open_mailer(settings, store) as mailer:
        assert mailer(a_letter(), written(a_letter())) == mailgun.messages[0].id
    assert not store.data.exists()


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"mailgun_key": "k", "mailgun_domain": "mg.example.com"}, "https://api.mailgun.net"),
        (
            {"mailgun_key": "k", "mailgun_domain": "mg.example.com", "mailgun_region": "eu"},
            "https://api.eu.mailgun.net",
        ),
        ({"sendgrid_key": "k", "mail_from": "a@b.com"}, "https://api.sendgrid.com"),
        ({"sendgrid_key": "k", "mail_from": "a@b.com", "sendgrid_region": "eu"}, "https://api.eu.sendgrid.com"),
    ],
)
def test_a_region_has_its_address(store, settings, address):
    with open_mailer(MailSettings(**settings), store) as mailer:
        assert mailer.keywords["account"].url == address


def test_an_smtp_server_is_trusted_by_its_certificate(store):
    settings = MailSettings(smtp_host="mail.example.com", mail_from="a@b.com", smtp_user="me", smtp_password="secret")
    with open_mailer(settings, store) as mailer:
        server, trust = mailer.keywords["server"], mailer.keywords["trust"]
    assert (server.host, server.port, server.security) == ("mail.example.com", 587, "starttls")
    assert server.login[1].get_secret_value() == "secret"
    assert trust.check_hostname
