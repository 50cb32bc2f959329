"""No browser may read or write the database or the bucket."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CONFIG = json.loads((ROOT / "firebase.json").read_text())


@pytest.mark.parametrize("service", ["firestore", "storage"])
def test_rules_that_firebase_deploys_allow_nothing(service):
    rules = re.sub(r"//.*", "", (ROOT / CONFIG[service]["rules"]).read_text())

    allowed = re.findall(r"\ballow\b[^;]*;", rules)

    assert [" ".join(line.split()) for line in allowed] == ["allow read, write: if false;"]
    assert rules.count("allow") == 1
    assert "=**}" in rules, "the refusal must reach every path"


def test_index_file_that_firebase_deploys_is_json():
    assert json.loads((ROOT / CONFIG["firestore"]["indexes"]).read_text())["indexes"] == []
