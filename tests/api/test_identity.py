"""Tokens as Google signs them, and as others would like to: every one at the door of the real API."""

import base64
import json
import time

import firebase_admin._token_gen
import firebase_admin.app_check
import jwt
import pytest
from firebase_admin import auth
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.gate import CannotTell, open_gate
from api.identity import REMEMBERED_S, Standing, delete
from api.settings import ApiSettings
from tests.auth_emulator import PROJECT
from tests.fakes import Clock, everything_logged
from tests.google_keys import firebase_app, google_keys, new_key

ORDER = {"prompt": "castle underwater", "email": "canary.address@example.com"}
INVALID = "Your sign-in is not valid here; please sign in again."
EXPIRED = "Your sign-in has expired; please sign in again."


@pytest.fixture(scope="module")
def keys():
    with google_keys() as google:
        yield google


@pytest.fixture
def google(keys, monkeypatch):
    """Google, up and well, where the Admin SDK looks for it."""
    monkeypatch.setattr(firebase_admin._token_gen, "ID_TOKEN_CERT_URI", f"{keys.url}/certs")
    monkeypatch.setattr(firebase_admin.app_check._AppCheckService, "_JWKS_URL", f"{keys.url}/jwks")
    keys.down, keys.page = False, None
    return keys


@pytest.fixture
def firebase(request):
    with firebase_app(request.node.name) as app:
        yield app


@pytest.fixture
def enter(queue, shelf, firebase):
    """The API with a gate as these settings ask for."""

    def enter(**settings):
        settings = ApiSettings(**settings)
        return TestClient(create_app(settings, queue, shelf, gate=open_gate(settings, firebase)))

    return enter


@pytest.fixture
def signing_in(enter, google):
    return enter(auth="required")


@pytest.fixture
def from_our_page(enter, google):
    return enter(app_check=True)


def order(client, token=None, **headers):
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return client.post("/api/jobs", json=ORDER, headers=headers)


def order_from(client, token):
    return client.post("/api/jobs", json=ORDER, headers={"X-Firebase-AppCheck": token})


def unsigned(**claims):
    return jwt.encode(claims, None, "none", {"kid": "ours"})


def signed_with_the_certificate(google):
    """The old trick: a public key, taken for a shared secret."""
    parts = [{"alg": "HS256", "kid": "ours", "typ": "JWT"}, jwt.decode(google.id_token(), options=UNVERIFIED)]
    head = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    signature = jwt.get_algorithm_by_name("HS256").sign(head.encode(), google.certificate)
    return f"{head}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


UNVERIFIED = {"verify_signature": False}
HOUR = 3600


# ID tokens with real signatures


def test_who_signed_in_owns_what_he_orders(signing_in, google, queue):
    answer = order(signing_in, google.id_token(sub="visitor-1"))
    assert answer.status_code == 202, answer.text
    assert queue.get(answer.json()["id"]).owner == "visitor-1"
    assert "visitor-1" not in answer.text


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        pytest.param(lambda google: google.id_token(new_key()), INVALID, id="another key"),
        pytest.param(lambda google: google.id_token(header={"kid": "theirs"}), INVALID, id="an unknown key"),
        pytest.param(lambda google: google.id_token(header={"kid": None}), INVALID, id="no key named"),
        pytest.param(lambda google: google.id_token(aud="another-project"), INVALID, id="another project's"),
        pytest.param(lambda google: google.id_token(aud=[PROJECT]), INVALID, id="a list of projects"),
        pytest.param(lambda google: google.id_token(iss="https://evil.example"), INVALID, id="another issuer"),
        pytest.param(lambda google: google.id_token(sub=""), INVALID, id="an empty uid"),
        pytest.param(lambda google: google.id_token(sub=None), INVALID, id="no uid"),
        pytest.param(lambda google: google.id_token(sub="x" * 129), INVALID, id="an endless uid"),
        pytest.param(lambda google: google.id_token(iat=int(time.time()) + HOUR), INVALID, id="from the future"),
        pytest.param(lambda google: google.id_token(exp=None), INVALID, id="without an end"),
        pytest.param(lambda google: google.id_token(exp=int(time.time()) - HOUR), EXPIRED, id="expired"),
        pytest.param(lambda google: google.app_check_token(), INVALID, id="App Check's"),
        pytest.param(
            lambda google: unsigned(**jwt.decode(google.id_token(), options=UNVERIFIED)), INVALID, id="unsigned"
        ),
        pytest.param(signed_with_the_certificate, INVALID, id="signed with the certificate"),
        pytest.param(lambda google: google.id_token()[:-8], INVALID, id="cut off"),
        pytest.param(lambda google: f"{'W1tb' * 10_000}.{'W1tb' * 1000}.W1tb", INVALID, id="nothing but brackets"),
        pytest.param(lambda google: "", INVALID, id="empty"),
        pytest.param(lambda google: "canary", INVALID, id="no token at all"),
    ],
)
def test_a_token_that_google_did_not_sign_for_us_is_refused(signing_in, google, queue, forge, words):
    answer = order(signing_in, forge(google))
    assert (answer.status_code, answer.json()) == (401, {"detail": words})
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert queue.list_jobs(1) == []


@trying(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(token=st.binary(max_size=60) | st.text("eyJhbGciOiJub25lIn0.{}[]=-_", max_size=60).map(str.encode))
def test_no_bytes_at_all_open_the_door_or_break_it(signing_in, token):
    headers = {b"Authorization": b"Bearer " + token.replace(b"\r", b"").replace(b"\n", b"")}
    assert signing_in.post("/api/jobs", json=ORDER, headers=headers).status_code == 401


def test_without_a_token_only_looking_is_allowed_where_signing_in_is_required(signing_in, studio):
    job = studio.painted(public=True)
    upload = {"file": ("a.png", b"", "image/png")}
    refused = [
        order(signing_in),
        signing_in.post("/generate", data={"email": ORDER["email"]}),
        signing_in.post("/api/start-images", files=upload),
    ]
    assert {(answer.status_code, answer.json()["detail"]) for answer in refused} == {(401, "Please sign in first.")}
    assert {answer.headers["WWW-Authenticate"] for answer in refused} == {"Bearer"}
    assert signing_in.get(f"/api/jobs/{job.id}").status_code == 200
    assert signing_in.get("/").status_code == 200


@pytest.mark.parametrize("ill", [{"down": True}, {"page": b"<html>Please pay for the network</html>"}], ids=str)
def test_when_googles_keys_cannot_be_fetched_nobody_is_told_that_his_token_is_bad(signing_in, google, queue, ill):
    for name, value in ill.items():
        setattr(google, name, value)
    answer = order(signing_in, google.id_token())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.json()["detail"] == "Your sign-in cannot be checked just now; please try again."
    assert queue.list_jobs(1) == []


def test_when_google_cannot_be_reached_the_answer_is_the_same(enter, monkeypatch, google):
    monkeypatch.setattr(firebase_admin._token_gen, "ID_TOKEN_CERT_URI", "http://127.0.0.1:9/certs")
    assert order(enter(auth="required"), google.id_token()).status_code == 503


def test_neither_tokens_nor_what_they_say_is_logged(signing_in, google, caplog):
    caplog.set_level("DEBUG", logger="api")
    tokens = [google.id_token(email="canary@example.com"), google.id_token(new_key(), email="canary@example.com")]
    assert [order(signing_in, token).status_code for token in tokens] == [202, 401]
    google.down = True
    assert order(signing_in, tokens[0]).status_code == 503
    (record,) = caplog.records
    assert (record.message, record.error) == ("token-unverified", "CertificateFetchError")
    assert "canary" not in everything_logged(caplog)
    assert not any(part in everything_logged(caplog) for token in tokens for part in token.split("."))


# App Check with real signatures


def test_a_token_of_our_page_opens_where_app_check_is_on(from_our_page, google, queue):
    answer = order_from(from_our_page, google.app_check_token())
    assert answer.status_code == 202, answer.text
    assert queue.get(answer.json()["id"]).owner.startswith("browser:")


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda google: google.app_check_token(new_key()), id="another key"),
        pytest.param(lambda google: google.app_check_token(header={"kid": "theirs"}), id="an unknown key"),
        pytest.param(lambda google: google.app_check_token(header={"kid": None}), id="no key named"),
        pytest.param(lambda google: google.app_check_token(header={"typ": "JOSE"}), id="another type"),
        pytest.param(lambda google: google.app_check_token(aud=["projects/another"]), id="another project's"),
        pytest.param(lambda google: google.app_check_token(aud=f"projects/{PROJECT}"), id="a project alone"),
        pytest.param(lambda google: google.app_check_token(iss="https://evil.example"), id="another issuer"),
        pytest.param(lambda google: google.app_check_token(sub=None), id="no app"),
        pytest.param(lambda google: google.app_check_token(exp=int(time.time()) - HOUR), id="expired"),
        pytest.param(lambda google: google.app_check_token(iat=int(time.time()) + HOUR), id="from the future"),
        pytest.param(lambda google: google.id_token(), id="an ID token"),
        pytest.param(
            lambda google: unsigned(**jwt.decode(google.app_check_token(), options=UNVERIFIED)), id="unsigned"
        ),
        pytest.param(lambda google: f"{'W1tb' * 10_000}.{'W1tb' * 1000}.W1tb", id="nothing but brackets"),
        pytest.param(lambda google: "", id="empty"),
    ],
)
def test_a_token_that_is_not_our_pages_is_refused(from_our_page, google, queue, forge):
    answer = order_from(from_our_page, forge(google))
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Firebase-AppCheck")
    assert answer.json()["detail"] == "This page is not known here; please load it anew and try again."
    assert queue.list_jobs(1) == []


@pytest.mark.parametrize("ill", [{"down": True}, {"page": b"<html></html>"}, {"page": b'{"keys": []}'}], ids=str)
def test_when_app_checks_keys_cannot_be_fetched_the_page_is_not_called_foreign(from_our_page, google, ill):
    for name, value in ill.items():
        setattr(google, name, value)
    assert order_from(from_our_page, google.app_check_token()).status_code == 503


def test_both_tokens_are_asked_for_where_both_are_on(enter, google, queue):
    client = enter(auth="required", app_check=True)
    assert order(client, google.id_token()).status_code == 401
    assert order_from(client, google.app_check_token()).status_code == 401
    both = {"X-Firebase-AppCheck": google.app_check_token()}
    assert order(client, google.id_token(sub="visitor-1"), **both).status_code == 202


# accounts of Firebase's own Auth emulator


@pytest.fixture
def people(auth_emulator, monkeypatch):
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", auth_emulator.host)
    return auth_emulator


def test_accounts_by_google_by_link_and_without_a_name_all_order(people, enter, queue, firebase):
    client = enter(auth="required")
    for email, token in (
        ("ann@example.com", people.sign_in_with_google("ann@example.com")),
        ("ben@example.com", people.sign_in_by_link("ben@example.com")),
        (None, people.sign_in_anonymously()),
    ):
        answer = order(client, token)
        assert answer.status_code == 202, answer.text
        assert auth.get_user(queue.get(answer.json()["id"]).owner, firebase).email == email


def test_an_address_that_nobody_confirmed_does_not_sign_in(people, enter):
    answer = order(enter(auth="required"), people.sign_up_with_password("carl@example.com"))
    assert answer.status_code == 401
    assert "not confirmed" in answer.json()["detail"]


def test_ways_that_the_operator_did_not_choose_are_refused_and_the_others_named(people, enter):
    google, custom = people.sign_in_with_google("dora@example.com"), people.sign_in_with_custom_token('{"uid": "dora"}')
    answer = order(enter(auth="required"), custom)
    assert answer.status_code == 401
    assert answer.json()["detail"].endswith("accepted: anonymous, email, google.")
    client = enter(auth="required", sign_in="custom")
    assert [order(client, token).status_code for token in (google, custom)] == [401, 202]


@pytest.fixture
def boss(people, firebase):
    """An account with the claim `admin`, signed in since it has it."""
    people.sign_in_with_google("boss@example.com")
    uid = auth.get_user_by_email("boss@example.com", firebase).uid
    auth.set_custom_user_claims(uid, {"admin": True}, firebase)
    yield uid, people.sign_in_with_google("boss@example.com")
    auth.delete_users([uid], firebase)


def counts(client, token):
    return client.get("/api/admin/counts", headers={"Authorization": f"Bearer {token}"})


def test_an_administrator_has_the_claim_and_is_on_the_list(boss, people, enter):
    uid, token = boss
    for admins, status in ((uid, 200), ("Boss@Example.com", 200), ("ann@example.com", 403), ("", 403)):
        assert counts(enter(auth="optional", admins=admins), token).status_code == status, admins
    on_the_list_alone = people.sign_in_with_google("eve@example.com")
    assert counts(enter(auth="optional", admins="eve@example.com"), on_the_list_alone).status_code == 403


def test_an_administrator_whose_session_was_ended_is_out_at_once(boss, enter, firebase):
    uid, token = boss
    client = enter(auth="optional", admins=uid)
    # revoking counts in whole seconds, so the token is made to be from the one before
    auth.update_user(uid, valid_since=jwt.decode(token, options=UNVERIFIED)["iat"] + 1, app=firebase)
    answer = counts(client, token)
    assert (answer.status_code, answer.json()["detail"]) == (401, "Your sign-in was ended; please sign in again.")


def test_an_administrator_whose_account_is_disabled_is_out_at_once(boss, enter, firebase):
    uid, token = boss
    auth.update_user(uid, disabled=True, app=firebase)
    answer = counts(enter(auth="optional", admins=uid), token)
    assert (answer.status_code, answer.json()["detail"]) == (401, "Your account has been disabled.")


def test_an_administrator_whose_account_is_deleted_is_out_at_once(boss, enter, firebase):
    uid, token = boss
    auth.delete_user(uid, firebase)
    answer = counts(enter(auth="optional", admins=uid), token)
    assert (answer.status_code, answer.json()["detail"]) == (401, "Your account has been deleted.")


# whether accounts stand


@pytest.fixture
def ann(people, firebase):
    people.sign_in_with_google("ann@example.com")
    return auth.get_user_by_email("ann@example.com", firebase).uid


def test_an_account_stands_until_it_is_disabled_or_deleted(ann, firebase):
    assert Standing(firebase)(ann)
    auth.update_user(ann, disabled=True, app=firebase)
    assert not Standing(firebase)(ann)
    auth.update_user(ann, disabled=False, app=firebase)
    delete(firebase, ann)
    assert not Standing(firebase)(ann)
    delete(firebase, ann)


@pytest.mark.parametrize("uid", ["nobody", "", "x" * 129])
def test_what_is_no_account_does_not_stand(people, firebase, uid):
    assert not Standing(firebase)(uid)


def test_who_stands_is_asked_about_again_after_some_minutes(ann, firebase):
    clock = Clock()
    stands = Standing(firebase, clock)
    assert stands(ann)
    auth.update_user(ann, disabled=True, app=firebase)
    clock.now += REMEMBERED_S - 1
    assert stands(ann)
    clock.now += 1
    assert not stands(ann)
    auth.update_user(ann, disabled=False, app=firebase)
    assert stands(ann), "who did not stand is asked about each time"


def test_only_so_many_accounts_are_remembered(ann, firebase, monkeypatch):
    monkeypatch.setattr("api.identity.MOST_REMEMBERED", 1)
    stands = Standing(firebase, Clock())
    assert stands(ann)
    people_too = auth.create_user(app=firebase).uid
    assert stands(people_too)
    auth.delete_users([ann, people_too], firebase)
    assert (stands(ann), stands(people_too)) == (False, True)


def test_when_firebase_does_not_answer_nothing_is_known_about_an_account(monkeypatch, firebase):
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9")
    for ask in (Standing(firebase), lambda uid: delete(firebase, uid)):
        with pytest.raises(CannotTell):
            ask("ann")
