"""No browser reads or writes the database or the bucket: the rules that Firebase deploys, put to Google's emulator."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.firestore_emulator import firestore_emulator, new_project

ROOT = Path(__file__).parent.parent
CONFIG = json.loads((ROOT / "firebase.json").read_text())
DOCUMENT = {"fields": {"prompt": {"stringValue": "castle underwater"}}}
COLLECTIONS = ["queue", "outbox", "gallery", "suppressed", "queue/a-job/letters", "anything_else"]


class Project:
    """A project of the emulator's, as a browser meets it over HTTP."""

    def __init__(self, host: str, id: str) -> None:
        self.id = id
        self._rules = f"http://{host}/emulator/v1/projects/{id}:securityRules"
        self._documents = f"http://{host}/v1/projects/{id}/databases/(default)/documents"

    def load(self, rules: str) -> httpx2.Response:
        files = [{"name": "rules", "content": rules}]
        return httpx2.put(self._rules, json={"rules": {"files": files}}, trust_env=False)

    def try_all(self, collection: str, token: str | None) -> dict[str, httpx2.Response]:
        """What the bearer of the token is answered to everything that one can do in a collection."""
        everything, document = f"{self._documents}/{collection}", f"{self._documents}/{collection}/a-document"
        parent, _, kind = everything.rpartition("/")
        query = {"structuredQuery": {"from": [{"collectionId": kind}]}}
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with httpx2.Client(headers=headers, trust_env=False) as client:
            return {
                "create": client.post(everything, params={"documentId": "a-document"}, json=DOCUMENT),
                "get": client.get(document),
                "list": client.get(everything),
                "query": client.post(f"{parent}:runQuery", json=query),
                "update": client.patch(document, json=DOCUMENT),
                "delete": client.delete(document),
            }


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with firestore_emulator() as emulator:
        yield emulator.host


@pytest.fixture
def project(host: str) -> Project:
    return Project(host, new_project())


def rules_of(service: str) -> str:
    return (ROOT / CONFIG[service]["rules"]).read_text()


def token_for(project: Project, **claims: object) -> str:
    """An ID token as Firebase Authentication gives it to who signed in; the emulator asks for no signature."""
    issued = {
        "iss": f"https://securetoken.google.com/{project.id}",
        "aud": project.id,
        "sub": "a-visitor",
        "user_id": "a-visitor",
        "iat": 0,
        "exp": 4_000_000_000,
    }
    parts = ({"alg": "none", "typ": "JWT"}, issued | claims)
    return "".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") + "." for part in parts)


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize("who", ["nobody", "a visitor", "an administrator"])
def test_no_browser_reads_or_writes_a_document(project, collection, who):
    assert project.load(rules_of("firestore")).json() == {}
    tokens = {"nobody": None, "a visitor": token_for(project), "an administrator": token_for(project, admin=True)}

    answers = project.try_all(collection, tokens[who])

    assert {deed: answer.status_code for deed, answer in answers.items()} == dict.fromkeys(answers, 403)
    rule = rules_of("firestore")[: rules_of("firestore").index("allow")].count("\n") + 1
    assert f"false for 'get' @ L{rule}" in answers["get"].text, "it is our rule that refuses"


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_server_reads_and_writes_every_document(project, collection):
    project.load(rules_of("firestore"))

    answers = project.try_all(collection, "owner")

    assert {deed: answer.status_code for deed, answer in answers.items()} == dict.fromkeys(answers, 200)


def test_a_rule_that_allowed_would_be_noticed(project):
    project.load(rules_of("firestore").replace("if false", "if request.auth != null"))

    assert project.try_all("queue", None)["get"].status_code == 403
    assert project.try_all("queue", token_for(project))["get"].status_code == 200


@pytest.mark.parametrize("service", ["firestore", "storage"])
def test_rules_are_compiled_without_a_complaint(project, service):
    """The emulator does not evaluate the bucket's rules, but it reads them."""
    rules = rules_of(service)
    assert (project.load(rules).status_code, project.load(rules).json()) == (200, {})
    assert project.load(rules.replace("if false", "if")).status_code == 400
    assert "Invalid variable name: fals" in project.load(rules.replace("if false", "if fals")).text


@pytest.mark.parametrize("service", ["firestore", "storage"])
def test_rules_consist_of_one_refusal_for_every_path(service):
    rules = re.sub(r"//.*", "", rules_of(service))

    assert [" ".join(line.split()) for line in re.findall(r"\ballow\b[^;]*;", rules)] == [
        "allow read, write: if false;"
    ]
    assert re.findall(r"match /\{\w+=\*\*\}", rules), "the refusal must reach every path"
