import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from jobs import Order
from jobs.settings import StoreSettings, open_queue, open_shelf

KEY = "0123456789abcdefABC_-0/picture.png"


def test_data_lies_beside_the_caller_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("TEXT2ART_DATA", raising=False)

    assert StoreSettings().data == Path("text2art-data")


def test_data_folder_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("TEXT2ART_DATA", str(tmp_path / "elsewhere"))

    assert StoreSettings().data == tmp_path / "elsewhere"


def test_queue_and_shelf_of_one_installation_share_its_private_folder(tmp_path):
    settings = StoreSettings(data=tmp_path / "new" / "data")
    queue = open_queue(settings)
    job = queue.put(Order(prompt="castle underwater", email="visitor@example.com"))
    queue.close()
    open_shelf(settings).put(KEY, b"picture")

    again = open_queue(settings)
    assert again.get(job.id) == job
    again.close()
    assert open_shelf(settings).get(KEY) == b"picture"
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        StoreSettings().data = Path("elsewhere")
