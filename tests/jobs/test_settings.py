import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from jobs import Order
from jobs.settings import StoreSettings, open_store

KEY = "0123456789abcdefABC_-0/picture.png"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for field in StoreSettings.model_fields:
        monkeypatch.delenv(f"TEXT2ART_{field.upper()}", raising=False)


def test_data_lies_beside_the_caller_unless_told_otherwise():
    assert StoreSettings().data == Path("text2art-data")


def test_data_folder_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("TEXT2ART_DATA", str(tmp_path / "elsewhere"))

    assert StoreSettings().data == tmp_path / "elsewhere"


def test_queue_and_shelf_of_one_installation_share_its_private_folder(tmp_path):
    settings = StoreSettings(data=tmp_path / "new" / "data")
    with open_store(settings, {}) as store:
        job = store.queue.put(Order(prompt="castle underwater", email="visitor@example.com"))
        store.shelf.put(KEY, b"picture")

    with open_store(settings, {}) as store:
        assert store.queue.get(job.id) == job
        assert store.shelf.get(KEY) == b"picture"
        assert store.firebase is None
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        StoreSettings().data = Path("elsewhere")


@pytest.mark.parametrize(
    "settings",
    [{"firebase_project": "demo"}, {"firebase_credentials": __file__}, {"storage_bucket": "demo.appspot.com"}],
)
def test_half_of_firebase_is_refused_by_the_name_of_the_missing_half(settings):
    with pytest.raises(ValidationError, match=r"TEXT2ART_STORAGE_BUCKET (is needed|needs)"):
        StoreSettings(**settings)


@pytest.mark.parametrize("name", ["FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"])
def test_emulator_outside_development_is_refused_and_nothing_opened(tmp_path, name):
    settings = StoreSettings(data=tmp_path / "data")

    with pytest.raises(ValueError, match=f"{name}.*TEXT2ART_DEVELOPMENT"), open_store(settings, {name: "127.0.0.1:1"}):
        pass

    assert not settings.data.exists()
    with open_store(settings.model_copy(update={"development": True}), {name: "127.0.0.1:1"}):
        pass
