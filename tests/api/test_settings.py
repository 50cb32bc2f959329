import pytest
from pydantic import ValidationError

from api.settings import ApiSettings
from worker.mailers import MailSettings


def test_without_environment_nothing_is_open_to_other_origins(monkeypatch):
    monkeypatch.delenv("TEXT2ART_CORS_ORIGINS", raising=False)
    settings = ApiSettings()
    assert (settings.cors_origins, settings.max_queue) == ((), 1000)


def test_the_environment_is_read(monkeypatch):
    monkeypatch.setenv("TEXT2ART_CORS_ORIGINS", "https://a.example, http://localhost:5000")
    monkeypatch.setenv("TEXT2ART_MAX_QUEUE", "5")
    settings = ApiSettings()
    assert settings.cors_origins == ("https://a.example", "http://localhost:5000")
    assert settings.max_queue == 5


def test_the_pages_address_is_the_one_that_the_worker_reads(monkeypatch):
    monkeypatch.setenv("TEXT2ART_PUBLIC_URL", "https://art.example.com")
    assert ApiSettings().public_url == MailSettings().public_url


@pytest.mark.parametrize("url", ["art.example.com", "javascript:alert(1)", "ftp://art.example.com"])
def test_what_is_no_address_of_a_page_stops_the_start(monkeypatch, url):
    monkeypatch.setenv("TEXT2ART_PUBLIC_URL", url)
    with pytest.raises(ValidationError, match="public_url"):
        ApiSettings()


@pytest.mark.parametrize("origin", ["art.example", "https://art.example/", "https://*.example", "null", "https://a@b"])
def test_what_is_no_origin_stops_the_start_and_says_what_is(monkeypatch, origin):
    monkeypatch.setenv("TEXT2ART_CORS_ORIGINS", origin)
    with pytest.raises(ValidationError, match=r"scheme://host\[:port\]"):
        ApiSettings()


@pytest.mark.parametrize("name", ["max_queue", "keepalive_s"])
def test_zero_is_refused_where_it_would_stop_the_service(name):
    with pytest.raises(ValidationError):
        ApiSettings(**{name: 0})


@pytest.mark.parametrize("days", [0, -1, 36_501])
def test_links_live_for_a_day_to_a_century(days):
    with pytest.raises(ValidationError):
        ApiSettings(link_days=days)


def test_links_live_for_a_month_unless_set_otherwise(monkeypatch):
    assert ApiSettings().link_days == 30
    monkeypatch.setenv("TEXT2ART_LINK_DAYS", "7")
    assert ApiSettings().link_days == 7
