import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import text2art

ROOT = Path(text2art.__file__).parent


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("command", ["up", "api"])
def test_a_port_in_use_is_refused_with_a_way_out(command, taken_port):
    result = CliRunner().invoke(text2art.app, [command, "--port", str(taken_port)])
    assert result.exit_code == 1
    assert f"Port {taken_port} on 127.0.0.1 is in use" in result.output
    assert "--port" in result.output


@pytest.mark.parametrize("port", ["0", "65536", "eight"])
def test_a_port_that_is_none_is_refused(port):
    assert CliRunner().invoke(text2art.app, ["up", "--port", port]).exit_code == 2


def test_the_api_side_imports_no_torch(tmp_path):
    script = "import sys, text2art, api.app, api.settings, jobs.settings; sys.exit('torch' in sys.modules)"
    environment = os.environ | {"TEXT2ART_DATA": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment).returncode == 0


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::", "http://[::1]:80")],
)
def test_the_address_told_is_one_that_a_browser_can_open(host, url):
    assert text2art._url(host, 80) == url
