"""The whole of deploy-check, on installations that are well and on ones that are broken on purpose."""

import json
import os

import pytest
import requests
from google.cloud.firestore import Client

from jobs import Unavailable
from jobs.bucket import BucketShelf
from jobs.firestore import FirestoreQueue
from tests import mailgun
from tests.text2art.conftest import BUCKET, set_rules
from text2art.checks import firestore
from text2art.checks.queue import QUERIES

KEY = "key-canary-5f2e"


@pytest.fixture
def check(invoke):
    """Run it; gives the exit status, and each check's verdict and words."""

    def run(*arguments):
        result = invoke("deploy-check", "--json", *arguments)
        outcomes = json.loads(result.stdout)
        return result.exit_code, {each["check"]: (each["verdict"], each["says"]) for each in outcomes}

    return run


def failed(outcomes):
    return sorted(name for name, (verdict, _) in outcomes.items() if verdict == "FAILED")


def test_an_installation_in_a_folder_is_well_and_nothing_is_left_behind(check, folder):
    status, outcomes = check()
    assert (status, failed(outcomes)) == (0, [])
    assert {"queue", "shelf", "mail", *(f"query: {name}" for name in QUERIES)} <= outcomes.keys()
    assert "nobody is mailed" in outcomes["mail"][1]
    left = [path.name for path in (folder / "text2art-data").rglob("*") if path.is_file()]
    assert left == ["queue.sqlite3"]


def test_an_installation_on_firebase_is_well_and_nothing_is_left_behind(check, on_firebase, storage_url):
    status, outcomes = check()
    assert (status, failed(outcomes)) == (0, []), outcomes
    assert outcomes["rules refuse strangers"][0] == outcomes["clocks agree"][0] == "ok"
    assert outcomes["shelf: link"] == ("ok", "signed, and the file fetched")
    assert outcomes["bucket: nobody reads without a link"] == ("skipped", "the emulator refuses nobody")
    assert everything_in(Client(project=on_firebase)) == []
    assert files_at(storage_url) == []


def everything_in(client):
    """The paths of all documents, those beneath others too."""
    found, waiting = [], list(client.collections())
    while waiting:
        for document in waiting.pop().list_documents():
            found.append(document.path)
            waiting += document.collections()
    return found


def files_at(storage_url):
    return requests.get(f"{storage_url}/storage/v1/b/{BUCKET}/o", timeout=10).json()["items"]


def test_no_worker_could_have_claimed_a_job_of_the_check(check, on_firebase, monkeypatch):
    written = set()
    put = FirestoreQueue.put

    def watched(queue, *arguments):
        job = put(queue, *arguments)
        written.add(queue._jobs.document(job.id).path.rsplit("/", 2)[0].split("/")[0])
        return job

    monkeypatch.setattr(FirestoreQueue, "put", watched)
    assert check()[0] == 0
    assert written == {"deploy_checks"}


def test_rules_that_let_strangers_in_are_told_and_what_a_stranger_wrote_is_removed(check, on_firebase, emulator):
    open_to_all = (
        "rules_version = '2'; service cloud.firestore { match /databases/{database}/documents "
        "{ match /{document=**} { allow read, write: if true; } } }"
    )
    set_rules(emulator.host, on_firebase, open_to_all)
    status, outcomes = check()
    assert (status, failed(outcomes)) == (1, ["rules refuse strangers"])
    assert "firebase deploy --only firestore:rules" in outcomes["rules refuse strangers"][1]
    assert everything_in(Client(project=on_firebase)) == []


def test_a_bucket_that_does_not_exist_is_told_and_what_needs_it_is_not_tried(check, on_firebase):
    os.environ["TEXT2ART_STORAGE_BUCKET"] = "another-bucket"
    status, outcomes = check()
    assert status == 1
    assert outcomes["shelf"][0] == "FAILED" and "Is there a bucket of this name" in outcomes["shelf"][1]
    assert outcomes["shelf: link"] == ("skipped", "because of 'shelf'")
    assert outcomes["queue"][0] == "ok"


def test_a_database_that_cannot_be_reached_is_told_and_the_rest_is_tried(check, on_firebase, monkeypatch):
    monkeypatch.setattr("jobs.database.PATIENCE_S", 0.5)
    monkeypatch.setitem(firestore.CALMLY, "retry", None)
    os.environ["FIRESTORE_EMULATOR_HOST"] = "127.0.0.1:1"
    status, outcomes = check()
    assert status == 1
    assert outcomes["queue"][0] == "FAILED" and "roles/datastore.user" in outcomes["queue"][1]
    assert outcomes["query: gallery"] == ("skipped", "because of 'queue'")
    assert outcomes["shelf"][0] == "ok"


def test_what_was_made_is_removed_also_when_a_check_breaks(check, on_firebase, storage_url, monkeypatch):
    def broken(queue, claim, files):
        raise Unavailable("gone in the middle")

    def unreadable(shelf, key):
        raise Unavailable("gone in the middle")

    monkeypatch.setattr(FirestoreQueue, "finish", broken)
    monkeypatch.setattr(BucketShelf, "get", unreadable)
    status, outcomes = check()
    assert status == 1
    assert "gone in the middle" in outcomes["job: ordered, painted, mailed, forgotten"][1]
    assert outcomes["queue: cleaned up"] == ("ok", "2 documents removed")  # the job, and the moment of its owner
    assert everything_in(Client(project=on_firebase)) == []
    assert files_at(storage_url) == []


def test_a_missing_key_file_is_told(check, on_firebase):
    os.environ["TEXT2ART_FIREBASE_CREDENTIALS"] = "nowhere.json"
    status, outcomes = check()
    failed = [says for verdict, says in outcomes.values() if verdict == "FAILED"]
    assert status == 1 and any("TEXT2ART_FIREBASE_CREDENTIALS" in says for says in failed)


def test_a_folder_that_cannot_be_made_is_told(check, folder):
    (folder / "file").touch()
    os.environ["TEXT2ART_DATA"] = "file/data"
    status, outcomes = check()
    assert (status, failed(outcomes)) == (1, ["mail", "store"])


def test_settings_that_cannot_be_used_are_told_and_nothing_is_tried(check, folder):
    os.environ["TEXT2ART_MAILGUN_KEY"] = KEY
    status, outcomes = check()
    assert (status, failed(outcomes)) == (1, ["settings"])
    assert "TEXT2ART_MAILGUN_DOMAIN" in outcomes["settings"][1] and KEY not in str(outcomes)
    assert list(folder.iterdir()) == []


@pytest.fixture
def post():
    with mailgun.standing_in() as post:
        os.environ |= {
            "TEXT2ART_DEVELOPMENT": "1",
            "TEXT2ART_MAILGUN_URL": post.url,
            "TEXT2ART_MAILGUN_DOMAIN": post.domain,
            "TEXT2ART_MAILGUN_KEY": post.key,
            "TEXT2ART_MAIL_FROM": "Text2Art <art@mg.example.com>",
        }
        yield post


def test_mailgun_takes_a_letter_to_the_sender_in_test_mode(check, post):
    status, outcomes = check()
    assert status == 0 and "test mode" in outcomes["mail"][1]
    (letter,) = post.messages
    assert letter.to == "art@mg.example.com" and letter.options["o:testmode"] == "yes"


def test_mailgun_takes_a_letter_to_whom_the_operator_names(check, post):
    assert check("--mail-to", "me@example.com")[0] == 0
    assert [letter.to for letter in post.messages] == ["me@example.com"]


def test_a_key_that_mailgun_does_not_know_is_told_and_not_quoted(check, post):
    os.environ["TEXT2ART_MAILGUN_KEY"] = KEY
    status, outcomes = check()
    assert (status, failed(outcomes)) == (1, ["mail"])
    assert "401" in outcomes["mail"][1] and KEY not in str(outcomes)


def test_a_domain_of_the_other_region_is_told(check, post):
    os.environ["TEXT2ART_MAILGUN_DOMAIN"] = "mg.example.org"
    status, outcomes = check()
    assert (status, failed(outcomes)) == (1, ["mail"]) and "right region?" in outcomes["mail"][1]


def test_whom_to_mail_must_be_an_address(invoke):
    assert invoke("deploy-check", "--mail-to", "nobody").exit_code == 2


def test_a_line_is_told_for_each_check_and_the_failed_are_counted(invoke, folder):
    os.environ["TEXT2ART_MISSPELLED"] = "1"
    result = invoke("deploy-check")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1 and f"1 of {len(lines)} checks failed." in result.stderr
    assert all(line.startswith(("ok ", "FAILED ", "skipped ")) for line in lines)
    assert any("nothing reads TEXT2ART_MISSPELLED: misspelled?" in line for line in lines)
