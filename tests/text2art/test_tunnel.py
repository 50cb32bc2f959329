"""pyngrok's door is stubbed: ngrok itself needs an account and the network."""

import os
from types import SimpleNamespace

import pytest
import typer

from text2art import serve
from text2art.tunnel import announce, open_tunnel

ngrok = pytest.importorskip("pyngrok.ngrok", reason="pyngrok is not installed: pip install 'text2art[tunnel]'")
exception = pytest.importorskip("pyngrok.exception")
TOKEN = "a-secret-token"


class Ngrok:
    """What `pyngrok.ngrok` is asked, and what it answers."""

    def __init__(self, error=None):
        self.error, self.opened, self.killed = error, [], 0

    def connect(self, addr, proto, pyngrok_config):
        if self.error:
            raise self.error
        self.opened.append((addr, proto, pyngrok_config.auth_token, pyngrok_config.start_new_session))
        return SimpleNamespace(public_url="https://castle.ngrok.app")

    def kill(self, pyngrok_config):
        self.killed += 1


@pytest.fixture
def stand_in(monkeypatch):
    def install(error=None):
        stand_in = Ngrok(error)
        monkeypatch.setattr(ngrok, "connect", stand_in.connect)
        monkeypatch.setattr(ngrok, "kill", stand_in.kill)
        return stand_in

    return install


@pytest.mark.parametrize("name", ["TEXT2ART_NGROK_TOKEN", "NGROK_AUTHTOKEN"])
def test_a_tunnel_is_open_while_the_block_runs(stand_in, name):
    door = stand_in()
    with open_tunnel("127.0.0.1", 8000, {name: TOKEN}) as address:
        assert address == "https://castle.ngrok.app"
        assert door.opened == [("127.0.0.1:8000", "http", TOKEN, True)]
        assert door.killed == 0
    assert door.killed == 1


def test_a_tunnel_is_closed_when_what_it_is_for_breaks(stand_in):
    door = stand_in()
    with pytest.raises(ZeroDivisionError), open_tunnel("127.0.0.1", 8000, {"NGROK_AUTHTOKEN": TOKEN}):
        raise ZeroDivisionError
    assert door.killed == 1


def test_no_token_is_told_with_the_place_to_get_one(stand_in, capsys):
    door = stand_in()
    with pytest.raises(typer.Exit) as exit, open_tunnel("127.0.0.1", 8000, {}):
        pass
    assert (exit.value.exit_code, door.opened) == (2, [])
    told = capsys.readouterr().err
    assert "TEXT2ART_NGROK_TOKEN" in told and "https://dashboard.ngrok.com" in told


def test_a_refusal_is_told_without_the_token(stand_in, capsys):
    door = stand_in(exception.PyngrokNgrokError(f"ERR_NGROK_105: your authtoken: {TOKEN}"))
    with pytest.raises(typer.Exit) as exit, open_tunnel("127.0.0.1", 8000, {"NGROK_AUTHTOKEN": TOKEN}):
        pass
    told = capsys.readouterr().err
    assert (exit.value.exit_code, door.killed) == (1, 1)
    assert "ERR_NGROK_105" in told and TOKEN not in told


def test_mails_lead_to_the_public_address_whatever_was_set_before(capsys):
    os.environ["TEXT2ART_PUBLIC_URL"] = "http://127.0.0.1:8000"
    announce("https://castle.ngrok.app")
    assert os.environ["TEXT2ART_PUBLIC_URL"] == "https://castle.ngrok.app"
    assert "Text2Art is on https://castle.ngrok.app" in capsys.readouterr().out


def test_the_api_asked_for_a_tunnel_opens_it_to_its_own_port_and_closes_it(stand_in, invoke, monkeypatch):
    door, served = stand_in(), []
    monkeypatch.setattr("uvicorn.run", lambda app, **options: served.append((options["port"], len(door.opened))))
    monkeypatch.setattr(serve.signal, "signal", lambda number, handler: None)
    os.environ["TEXT2ART_NGROK_TOKEN"] = TOKEN
    result = invoke("api", "--host", "0.0.0.0", "--port", "8765", "--tunnel")
    assert result.exit_code == 0, result.output
    assert served == [(8765, 1)]  # while it was open
    assert (door.opened[0][0], door.killed) == ("127.0.0.1:8765", 1)
    assert "https://castle.ngrok.app" in result.output


def test_up_with_a_tunnel_tells_both_halves_where_visitors_come_from(stand_in, invoke, monkeypatch):
    door, started = stand_in(), []
    monkeypatch.setattr("text2art.up._stop_on_signal", lambda: None)
    monkeypatch.setattr(
        "text2art.up._serve", lambda host, port, page, stop: started.append(os.environ["TEXT2ART_PUBLIC_URL"])
    )
    os.environ["TEXT2ART_NGROK_TOKEN"] = TOKEN
    result = invoke("up", "--port", "8766", "--no-open", "--tunnel")
    assert result.exit_code == 0, result.output
    assert (started, door.killed) == (["https://castle.ngrok.app"], 1)
