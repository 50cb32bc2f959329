"""What a bucket does beyond the suite of every shelf: its requests, its links, and its bad days."""

import base64
import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import google.auth.credentials
import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.auth.exceptions import RefreshError
from google.cloud.storage import Client
from google.cloud.storage.exceptions import DataCorruption
from google.oauth2.service_account import Credentials
from requests.adapters import HTTPAdapter

from jobs import AlreadyOnShelf, NotOnShelf, Unavailable
from jobs.bucket import LONGEST_LINK_S, TIMEOUT_S, BucketShelf
from tests.storage_emulator import answer, new_bucket

ID = "0123456789abcdefABC_-0"
KEY = f"{ID}/t3-picture.png"
KINDS = {"png": "image/png", "webp": "image/webp", "mp4": "video/mp4"}
LIFECYCLE = json.loads((Path(__file__).parents[2] / "storage.lifecycle.json").read_text())

# https://cloud.google.com/storage/docs/lifecycle#conditions
CONDITIONS = {
    "age",
    "createdBefore",
    "customTimeBefore",
    "daysSinceCustomTime",
    "daysSinceNoncurrentTime",
    "isLive",
    "matchesPrefix",
    "matchesStorageClass",
    "matchesSuffix",
    "noncurrentTimeBefore",
    "numNewerVersions",
}


class Wire(HTTPAdapter):
    """What goes over the wire, kept; each request is first met by the next of `mishaps`."""

    def __init__(self, *mishaps):
        super().__init__()
        self.requests, self.timeouts, self._mishaps = [], [], list(mishaps)

    def send(self, request, **options):
        self.requests.append(request)
        self.timeouts.append(options["timeout"])
        mishap = self._mishaps.pop(0) if self._mishaps else None
        return mishap(super().send, request, options) if mishap else super().send(request, **options)


def lost_reply(send, request, options):
    send(request, **options)
    raise requests.ConnectionError("the reply was lost")


def answering(status):
    return lambda send, request, options: answer(request, status, {"error": {"code": status}})


def no_connection(send, request, options):
    raise requests.ConnectionError("refused")


def astray(send, request, options):
    raise requests.TooManyRedirects("round and round")


def silence(send, request, options):
    raise requests.ReadTimeout("no answer")


@pytest.fixture
def bucket(storage_url):
    return new_bucket(storage_url, f"bucket-{secrets.token_hex(8)}")


@pytest.fixture
def shelf(bucket):
    return BucketShelf(bucket)


@pytest.fixture
def no_pauses(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def real(key):
    """A shelf in the real service, to which no request may go, with a service account's key file."""
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    account = {
        "client_email": "api@art.iam.gserviceaccount.com",
        "private_key": pem.decode(),
        "token_uri": "https://oauth2.invalid/token",
    }
    credentials = Credentials.from_service_account_info(account)
    return BucketShelf(Client(project="art", credentials=credentials).bucket("art.firebasestorage.app"))


def broken(shelf, *mishaps):
    """The shelf's wire, from now on."""
    wire = Wire(*mishaps)
    session = shelf._bucket.client._http
    for prefix in list(session.adapters):
        session.mount(prefix, wire)
    return wire


def described(bucket, key):
    blob = bucket.blob(key)
    blob.reload()
    return blob


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_told_to_be_shown_as_what_it_is_under_a_plain_name(bucket, shelf, kind):
    key = f"{ID}/t3-file.{kind}"
    shelf.put(key, b"bytes")

    blob = described(bucket, key)
    assert blob.content_type == KINDS[kind]
    assert blob.content_disposition == f'inline; filename="text2art.{kind}"'
    assert blob.cache_control == "private, max-age=86400"


def test_a_file_that_is_replaced_is_told_not_to_be_kept(bucket, shelf):
    shelf.put(KEY, b"preview", replace=True)

    assert described(bucket, KEY).cache_control == "private, no-store"


@pytest.mark.parametrize("size", [10, 9_000_000], ids=["small", "in pieces"])
def test_only_a_put_that_does_not_replace_asks_that_nothing_be_there(shelf, size):
    wire = broken(shelf)
    shelf.put(KEY, bytes(size))
    shelf.put(f"{ID}/t3-preview.webp", bytes(size), replace=True)

    uploads = [request.url for request in wire.requests if "uploadType" in request.url and request.method == "POST"]
    assert [parse_qs(urlsplit(url).query).get("ifGenerationMatch") for url in uploads] == [["0"], None]


def test_objects_are_left_private(shelf):
    wire = broken(shelf)
    shelf.put(KEY, b"picture")

    (upload,) = wire.requests
    assert "acl" not in upload.url.lower() and b"acl" not in upload.body.lower()


def test_every_request_has_a_timeout(shelf):
    wire = broken(shelf)
    shelf.put(KEY, b"picture")
    shelf.get(KEY)
    shelf.put(f"{ID}/t3-film.mp4", b"film")
    shelf.remove(KEY)
    shelf.clear(ID)

    assert len(wire.timeouts) >= 6
    assert set(wire.timeouts) == {TIMEOUT_S}


def test_a_put_whose_reply_was_lost_succeeds_for_the_bytes_are_there(shelf, no_pauses):
    adapter = shelf._bucket.client._http.get_adapter(shelf.link_origin)
    send, replies = adapter.send, []

    def losing_the_first(request, **options):
        replies.append(send(request, **options))
        if len(replies) == 1:
            replies[0].close()
            raise requests.ConnectionError("the reply was lost")
        return replies[-1]

    adapter.send = losing_the_first
    shelf.put(KEY, b"picture")

    assert [reply.status_code for reply in replies[:2]] == [200, 412]
    assert shelf.get(KEY) == b"picture"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_fails_by_chance_is_tried_again(shelf, no_pauses, status):
    broken(shelf, answering(status), no_connection, silence)
    shelf.put(KEY, b"picture", replace=True)

    broken(shelf, answering(status), no_connection, silence)
    assert shelf.get(KEY) == b"picture"


def test_a_removal_whose_reply_was_lost_is_a_removal(shelf, no_pauses):
    shelf.put(KEY, b"picture")
    broken(shelf, lost_reply)
    shelf.remove(KEY)

    with pytest.raises(NotOnShelf):
        shelf.get(KEY)


@pytest.mark.parametrize("mishap", [answering(403), answering(401), answering(503), no_connection, astray])
@pytest.mark.parametrize(
    "use",
    [
        lambda shelf: shelf.put(KEY, b"picture"),
        lambda shelf: shelf.put(KEY, bytes(9_000_000)),
        lambda shelf: shelf.get(KEY),
        lambda shelf: shelf.remove(KEY),
        lambda shelf: shelf.clear(ID),
    ],
    ids=["put", "large put", "get", "remove", "clear"],
)
def test_a_bucket_that_does_not_answer_is_told_as_such(bucket, use, mishap):
    shelf = BucketShelf(bucket, patience_s=0)
    broken(shelf, *[mishap] * 100)

    with pytest.raises(Unavailable):
        use(shelf)


def test_a_bucket_that_is_missing_takes_no_files(bucket):
    shelf = BucketShelf(bucket)
    bucket.delete()

    with pytest.raises(Unavailable):
        shelf.put(KEY, b"picture")


def test_bytes_that_changed_on_their_way_are_not_given_out(bucket, no_pauses):
    shelf = BucketShelf(bucket, patience_s=0)
    shelf.put(KEY, b"picture")

    def spoiled(send, request, options):
        response = send(request, **options)
        response._content = b"pictore"
        response.headers["X-Goog-Hash"] = "crc32c=" + described(bucket, KEY).crc32c
        response.iter_content = lambda *_, **__: iter([b"pictore"])
        return response

    broken(shelf, spoiled)
    with pytest.raises(Unavailable) as refused:
        shelf.get(KEY)
    assert isinstance(refused.value.__cause__, DataCorruption)


def test_a_file_that_vanishes_while_it_is_compared_is_no_answer(shelf):
    broken(shelf, answering(412), answering(404))

    with pytest.raises(Unavailable):
        shelf.put(KEY, b"picture")


def test_a_refusal_to_overwrite_names_neither_key_nor_bucket(shelf):
    shelf.put(KEY, b"picture")
    with pytest.raises(AlreadyOnShelf) as refused:
        shelf.put(KEY, b"another")

    assert ID not in str(refused.value)


def canonical_request(url):
    """https://cloud.google.com/storage/docs/authentication/canonical-requests"""
    parts = urlsplit(url)
    query = "&".join(part for part in sorted(parts.query.split("&")) if not part.startswith("X-Goog-Signature="))
    return f"GET\n{parts.path}\n{query}\nhost:{parts.netloc}\n\nhost\nUNSIGNED-PAYLOAD"


def assert_signed(url, key):
    """Raises InvalidSignature."""
    query = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    _, scope = query["X-Goog-Credential"].split("/", 1)
    digest = hashlib.sha256(canonical_request(url).encode()).hexdigest()
    text = f"GOOG4-RSA-SHA256\n{query['X-Goog-Date']}\n{scope}\n{digest}"
    key.verify(bytes.fromhex(query["X-Goog-Signature"]), text.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_link_leads_to_the_object_and_says_for_how_long_and_as_what(real):
    before = datetime.now(UTC).replace(microsecond=0)
    link = urlsplit(real.link(KEY, lifetime_s=900))

    assert (link.scheme, link.netloc, link.path) == (
        "https",
        "storage.googleapis.com",
        f"/art.firebasestorage.app/{KEY}",
    )
    query = {name: value for name, (value,) in parse_qs(link.query).items()}
    assert query["X-Goog-Algorithm"] == "GOOG4-RSA-SHA256"
    assert query["X-Goog-Expires"] == "900"
    assert query["X-Goog-SignedHeaders"] == "host"
    assert query["response-content-type"] == "image/png"
    assert "response-content-disposition" not in query
    signed_at = datetime.strptime(query["X-Goog-Date"], "%Y%m%dT%H%M%S%z")
    assert before <= signed_at <= datetime.now(UTC) + timedelta(seconds=1)


def test_a_link_leads_to_where_the_page_is_told_to_allow_pictures_from(real):
    assert real.link_origin == "https://storage.googleapis.com"
    assert real.link(KEY, lifetime_s=900).startswith("https://storage.googleapis.com/")


def test_a_link_to_save_says_under_which_name(real):
    query = parse_qs(urlsplit(real.link(f"{ID}/t3-film.mp4", lifetime_s=900, save_as="text2art-film.mp4")).query)

    assert query["response-content-disposition"] == ['attachment; filename="text2art-film.mp4"']
    assert query["response-content-type"] == ["video/mp4"]


@pytest.mark.parametrize("save_as", ["", ".hidden", "a b.png", 'a".png', "a/b.png", "a;b.png", "a\r\nX: y", "ä.png"])
def test_a_name_that_could_be_more_than_a_name_is_refused(real, save_as):
    with pytest.raises(ValueError, match="accepted"):
        real.link(KEY, lifetime_s=900, save_as=save_as)


def test_a_link_is_signed_by_the_account_s_key(real, key):
    assert_signed(real.link(KEY, lifetime_s=900, save_as="text2art-picture.png"), key.public_key())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("X-Goog-Expires=900", "X-Goog-Expires=901"),
        ("t3-picture.png", "t3-thumbnail.webp"),
        ("image%2Fpng", "text%2Fhtml"),
        ("storage.googleapis.com/", "storage.example.com/"),
    ],
)
def test_a_link_that_was_changed_has_lost_its_signature(real, key, before, after):
    link = real.link(KEY, lifetime_s=900)
    assert before in link

    with pytest.raises(InvalidSignature):
        assert_signed(link.replace(before, after), key.public_key())


@pytest.mark.parametrize("lifetime_s", [0, -1, LONGEST_LINK_S + 1])
def test_a_link_of_no_time_or_of_more_than_a_week_is_refused(real, lifetime_s):
    with pytest.raises(ValueError, match="accepted: 1 to 604800"):
        real.link(KEY, lifetime_s=lifetime_s)


def test_a_link_may_live_for_a_week(real):
    assert "X-Goog-Expires=604800&" in real.link(KEY, lifetime_s=LONGEST_LINK_S)


def test_a_link_of_the_emulator_gives_the_file(shelf):
    shelf.put(KEY, b"picture")
    answered = requests.get(shelf.link(KEY, lifetime_s=60), timeout=10)

    assert (answered.status_code, answered.content) == (200, b"picture")


class Machine(google.auth.credentials.Credentials):
    """The credentials of a machine: without a key, and told whose they are only when refreshed."""

    def __init__(self, error=None):
        super().__init__()
        self.service_account_email, self._error = "default", error

    def refresh(self, request):
        if self._error:
            raise self._error
        self.token, self.service_account_email = "a token", "api@art.iam.gserviceaccount.com"


class Iam:
    """Answers signBlob, with a key of its own."""

    def __init__(self, status=200):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.asked, self._status = [], status

    def send(self, adapter, request, **options):
        self.asked.append(request)
        payload = base64.b64decode(json.loads(request.body)["payload"])
        signature = self.key.sign(payload, padding.PKCS1v15(), hashes.SHA256())
        return answer(request, self._status, {"signedBlob": base64.b64encode(signature).decode()})


@pytest.fixture
def iam(monkeypatch):
    def stand_in(**options):
        iam = Iam(**options)
        monkeypatch.setattr(HTTPAdapter, "send", lambda adapter, request, **kept: iam.send(adapter, request, **kept))
        return iam

    return stand_in


def on_a_machine(credentials):
    return BucketShelf(Client(project="art", credentials=credentials).bucket("art"))


def test_a_machine_without_a_key_has_its_links_signed_by_iam(iam):
    stand_in = iam()
    link = on_a_machine(Machine()).link(KEY, lifetime_s=900)

    (asked,) = stand_in.asked
    account = "api@art.iam.gserviceaccount.com"
    assert asked.url.startswith(
        f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{account}:signBlob"
    )
    assert asked.headers["Authorization"] == "Bearer a token"
    assert f"X-Goog-Credential={quote(account, safe='')}%2F" in link
    assert_signed(link, stand_in.key.public_key())


def test_a_machine_whose_account_may_not_sign_is_told_as_unavailable(iam):
    iam(status=403)
    with pytest.raises(Unavailable):
        on_a_machine(Machine()).link(KEY, lifetime_s=900)


def test_credentials_that_cannot_be_renewed_are_told_as_unavailable():
    with pytest.raises(Unavailable):
        on_a_machine(Machine(RefreshError("no token"))).link(KEY, lifetime_s=900)


def test_credentials_of_a_person_cannot_sign_and_the_operator_is_told_which_can():
    class Person(google.auth.credentials.Credentials):
        def refresh(self, request):
            self.token = "a token"

    with pytest.raises(Unavailable, match="accepted: a service account's key file"):
        on_a_machine(Person()).link(KEY, lifetime_s=900)


def matched(key):
    """The rules of storage.lifecycle.json that would delete this object once it is old enough."""
    return [
        rule["condition"]["age"]
        for rule in LIFECYCLE["rule"]
        if rule["action"]["type"] == "Delete" and key.endswith(tuple(rule["condition"].get("matchesSuffix", [""])))
    ]


def test_life_cycle_rules_are_made_of_documented_parts():
    for rule in LIFECYCLE["rule"]:
        assert set(rule) == {"action", "condition"}
        assert rule["action"]["type"] in {"Delete", "AbortIncompleteMultipartUpload"}
        assert rule["condition"] and set(rule["condition"]) <= CONDITIONS
        assert isinstance(rule["condition"]["age"], int)


def test_life_cycle_rules_end_previews_start_images_and_broken_uploads():
    assert matched(f"{ID}/t1-preview.webp") == matched(f"{ID}/t27-preview.webp") == [1]
    assert matched(f"{ID}/start.png") == [7]
    assert {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 1}} in LIFECYCLE["rule"]


@pytest.mark.parametrize("name", ["t1-picture.png", "t1-thumbnail.webp", "t27-film.mp4"])
def test_life_cycle_rules_leave_finished_pictures_alone(name):
    assert matched(f"{ID}/{name}") == []
