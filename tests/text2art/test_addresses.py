import socket

import pytest

from text2art.addresses import url


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("command", ["up", "api", "gradio"])
def test_a_port_in_use_is_refused_with_a_way_out(command, taken_port, invoke):
    if command == "gradio":
        pytest.importorskip("gradio", reason="Gradio is not installed: pip install 'text2art[gradio]'")
    result = invoke(command, "--port", str(taken_port))
    assert result.exit_code == 1
    assert f"Port {taken_port} on 127.0.0.1 is in use" in result.output
    assert "--port" in result.output


@pytest.mark.parametrize("port", ["0", "65536", "eight"])
def test_a_port_that_is_none_is_refused(port, invoke):
    assert invoke("up", "--port", port).exit_code == 2


@pytest.mark.parametrize(
    ("host", "told"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::", "http://[::1]:80")],
)
def test_the_address_told_is_one_that_a_browser_can_open(host, told):
    assert url(host, 80) == told
