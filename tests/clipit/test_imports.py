import subprocess
import sys
from pathlib import Path

import pytest

import clipit

ROOT = Path(__file__).parents[2]


def test_settings_do_not_wait_for_torch():
    code = "import clipit, sys; clipit.Settings(prompts='castle'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize("name", clipit.__all__)
def test_every_public_name_is_there(name):
    assert getattr(clipit, name) is not None


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="paint"):
        _ = clipit.paint
