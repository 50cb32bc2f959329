"""Who may do what, by what Firebase would say about the tokens of a few people."""

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.gate import Account, Gate, NotOurPage, NotSignedIn, open_gate
from api.settings import ApiSettings, SignIn

ROOT = Path(__file__).parents[2]
ORDER = {"prompt": "castle underwater", "email": "visitor@example.com"}
WAYS = frozenset({SignIn.GOOGLE, SignIn.EMAIL, SignIn.ANONYMOUS})

PEOPLE = {
    "ann": {"email": "ann@example.com", "email_verified": True, "firebase": {"sign_in_provider": "google.com"}},
    "ben": {"firebase": {"sign_in_provider": "anonymous"}},
    "boss": {
        "email": "Boss@Example.com",
        "email_verified": True,
        "firebase": {"sign_in_provider": "password"},
        "admin": True,
    },
}


def verify(token, fresh):
    if token not in PEOPLE:
        raise NotSignedIn("Who?")
    return {"uid": f"uid-{token}", **PEOPLE[token]}


def attest(token):
    if token != "our page":
        raise NotOurPage("Where from?")


@pytest.fixture
def enter(settings, queue, shelf):
    return lambda **gate: TestClient(create_app(settings, queue, shelf, gate=Gate(sign_in=WAYS, **gate)))


def as_(name):
    return {"Authorization": f"Bearer {name}"} if name else {}


def order(client, headers=None):
    return client.post("/api/jobs", json=ORDER, headers=headers)


# ordering


def test_where_signing_in_is_optional_jobs_belong_to_who_signed_in_and_else_to_a_browser(enter, queue):
    client = enter(verify=verify)
    answers = [
        order(client, as_("ann")),
        order(client),
        client.post("/generate", data={"email": "a@b.org"}, headers=as_("ben")),
    ]
    owners = [queue.get(answer.json()["id"]).owner for answer in answers]
    assert (owners[0], owners[1].partition(":")[0], owners[2]) == ("uid-ann", "browser", "uid-ben")


def test_a_bad_token_is_refused_even_where_none_is_needed(enter, queue):
    assert order(enter(verify=verify), as_("mallory")).status_code == 401
    assert queue.list_jobs(1) == []


@pytest.mark.parametrize("header", ["bearer ann", "BEARER ann", "Bearer  ann"])
def test_the_scheme_is_known_in_any_letters(enter, queue, header):
    job = order(enter(verify=verify), {"Authorization": header}).json()
    assert queue.get(job["id"]).owner == "uid-ann"


def test_a_password_meant_for_a_proxy_is_no_token(enter, queue):
    job = order(enter(verify=verify), {"Authorization": "Basic YW5uOmFubg=="}).json()
    assert queue.get(job["id"]).owner.startswith("browser:")


def test_without_a_gate_tokens_are_not_looked_at(client, queue):
    job = order(client, as_("mallory") | {"X-Firebase-AppCheck": "mallory"}).json()
    assert queue.get(job["id"]).owner.startswith("browser:")


def test_who_may_not_order_is_told_so_before_what_is_wrong_with_the_order(enter):
    assert enter(verify=verify, required=True).post("/api/jobs", json={}).status_code == 401


# taking back


@pytest.mark.parametrize(
    ("owner", "visitor", "status"),
    [
        (None, None, 200),
        (None, "ann", 200),
        ("uid-ann", "ann", 200),
        ("uid-ann", "boss", 200),
        ("uid-ann", "ben", 403),
        ("uid-ann", None, 401),
        ("uid-ann", "mallory", 401),
    ],
)
def test_a_job_is_taken_back_by_its_owner_and_administrators_and_nobodys_by_who_knows_it(
    enter, queue, studio, owner, visitor, status
):
    job = queue.put(studio.order().order, owner=owner)
    client = enter(verify=verify, admins=frozenset({"boss@example.com"}))
    assert client.post(f"/api/jobs/{job.id}/cancel", headers=as_(visitor)).status_code == status
    assert queue.get(job.id).status == ("cancelled" if status == 200 else "queued")


def test_an_owned_job_stays_when_signing_in_is_switched_off(client, queue, studio):
    job = queue.put(studio.order().order, owner="uid-ann")
    assert client.post(f"/api/jobs/{job.id}/cancel").status_code == 401
    assert client.get(f"/api/jobs/{job.id}").json()["status"] == "queued"


# App Check


def test_app_check_guards_what_changes_something_and_nothing_else(enter, queue, studio):
    client = enter(attest=attest)
    job = studio.order()
    upload = {"files": {"file": ("a.png", b"")}}
    calls = [
        ("/api/jobs", {"json": ORDER}),
        ("/generate", {"data": {"email": ORDER["email"]}}),
        ("/api/start-images", upload),
        (f"/api/jobs/{job.id}/start-image", {}),
        (f"/api/jobs/{job.id}/retry", {}),
        (f"/api/gallery/{job.id}/like", {}),
        (f"/api/gallery/{job.id}/report", {"json": {"reason": "other"}}),
        (f"/api/jobs/{job.id}/cancel", {}),
    ]
    for headers, words in (({}, "Please use our page"), ({"X-Firebase-AppCheck": "mallory"}, "Where from?")):
        for path, body in calls:
            answer = client.post(path, headers=headers, **body)
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Firebase-AppCheck"), path
            assert answer.json()["detail"].startswith(words)
        for path in (f"/api/jobs/{job.id}", f"/api/gallery/{job.id}/like", "/api/me"):
            assert client.delete(path, headers=headers).status_code == 401, path
    ours = {"X-Firebase-AppCheck": "our page"}
    assert [client.post(path, headers=ours, **body).status_code for path, body in calls] == [
        202,
        202,
        422,
        404,
        403,
        404,
        404,
        200,
    ]
    assert client.get(f"/api/jobs/{job.id}").status_code == 200


# accounts


@pytest.mark.parametrize("claims", [{}, {"firebase": {}}, {"firebase": {"sign_in_provider": "phone"}}])
def test_a_way_of_signing_in_that_nobody_chose_is_refused(claims):
    gate = Gate(verify=lambda token, fresh: {"uid": "x", **claims}, sign_in=WAYS)
    with pytest.raises(NotSignedIn) as refusal:
        gate.account("token")
    assert refusal.value.detail.endswith("accepted: anonymous, email, google.")


ADMIN = {"uid": "uid-1", "firebase": {"sign_in_provider": "google.com"}, "admin": True}


@pytest.mark.parametrize(
    ("claims", "admins", "is_admin"),
    [
        ({}, "uid-1", True),
        ({"email": "Boss@example.com", "email_verified": True}, "boss@EXAMPLE.com", True),
        ({"email": "boss@example.com", "email_verified": False}, "boss@example.com", False),
        ({"email": "boss@example.com"}, "boss@example.com", False),
        ({"email": "", "email_verified": True}, "boss@example.com", False),
        ({"uid": "boss@example.com"}, "boss@example.com", False),
        ({"uid": "UID-1"}, "uid-1", False),
        ({}, "", False),
        ({"admin": False}, "uid-1", False),
        ({"admin": "true"}, "uid-1", False),
        ({"admin": 1}, "uid-1", False),
    ],
)
def test_an_administrator_has_the_claim_and_a_name_on_the_list(claims, admins, is_admin):
    asked = []

    def verify(token, fresh):
        asked.append(fresh)
        return {**ADMIN, **claims}

    gate = Gate(verify=verify, sign_in=WAYS, admins=frozenset(ApiSettings(admins=admins).admins))
    assert gate.account("token") == Account(claims.get("uid", "uid-1"), is_admin)
    assert asked == ([False, True] if is_admin else [False]), "only an administrator's session is asked about"


def test_an_administrator_whose_session_is_over_is_refused():
    def verify(token, fresh):
        if fresh:
            raise NotSignedIn("Your sign-in was ended; please sign in again.")
        return ADMIN

    with pytest.raises(NotSignedIn, match="was ended"):
        Gate(verify=verify, sign_in=WAYS, admins=frozenset({"uid-1"})).account("token")


def test_an_account_with_the_name_of_a_browser_is_refused():
    claims = {"uid": "browser:AAAAAAAAAAAAAAAAAAAAAA", "firebase": {"sign_in_provider": "google.com"}}
    with pytest.raises(NotSignedIn, match="not accepted here"):
        Gate(verify=lambda token, fresh: claims, sign_in=WAYS).account("token")


def test_accounts_are_deleted_and_browsers_are_not():
    deleted = []
    gate = Gate(verify=verify, delete=deleted.append)
    gate.remove("uid-ann")
    with pytest.raises(ValueError, match="no account"):
        gate.remove("browser:AAAAAAAAAAAAAAAAAAAAAA")
    Gate().remove("uid-ann")
    assert deleted == ["uid-ann"]


# opening


def test_a_gate_is_opened_only_where_something_is_asked():
    assert open_gate(ApiSettings(), None) is None
    assert open_gate(ApiSettings(), object()) is None
    by_account = open_gate(ApiSettings(auth="optional", sign_in="google", admins="Boss@b.org, UID"), object())
    assert (by_account.required, by_account.attest) == (False, None)
    assert (by_account.sign_in, by_account.admins) == ({SignIn.GOOGLE}, {"boss@b.org", "UID"})
    assert open_gate(ApiSettings(auth="required"), object()).required
    assert (by_account.toolkit, by_account.google) == (None, None), "only programs sign in"
    by_page = open_gate(ApiSettings(app_check=True), object())
    assert by_page.verify is None and by_page.attest is not None


def test_where_our_page_signs_in_depends_on_the_settings():
    ours = ApiSettings(auth="optional", firebase_api_key="key")
    gate = open_gate(ours, object(), {})
    assert gate.toolkit.url == "https://identitytoolkit.googleapis.com/v1"
    assert gate.google is None
    emulated = open_gate(ours, object(), {"FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099"})
    assert emulated.toolkit.url == "http://127.0.0.1:9099/identitytoolkit.googleapis.com/v1"
    with_google = ApiSettings(auth="optional", firebase_api_key="key", google_client_id="id", google_client_secret="s")
    google = open_gate(with_google, object(), {}).google
    assert google.authorize_url == "https://accounts.google.com/o/oauth2/v2/auth"
    assert google.token_url == "https://oauth2.googleapis.com/token"


def test_without_sign_in_firebase_is_not_even_imported():
    script = (
        "import sys; from api.app import create_app; from api.gate import open_gate; from api.settings import *; "
        "open_gate(ApiSettings(), None); sys.exit('firebase_admin' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


def test_the_docs_ask_for_a_token_only_where_one_is_taken(client, enter):
    open_document = client.get("/openapi.json").json()
    assert "securitySchemes" not in open_document["components"]
    assert not any(path.startswith("/api/admin") for path in open_document["paths"])
    document = enter(verify=verify).get("/openapi.json").json()
    locked = {path for path, methods in document["paths"].items() for each in methods.values() if "security" in each}
    assert {"/api/jobs", "/generate", "/api/start-images"} <= locked
    assert {path for path in document["paths"] if path.startswith("/api/admin")} <= locked
    assert "/healthz" not in locked
