"""What is told to Google and Firebase; how they answer is tried in `test_sign_in`."""

import hashlib

from pydantic import SecretStr

from api.providers import Attempt, Google
from tests.google_sign_in import CLIENT, SECRET, google_sign_in


def test_the_challenge_is_that_of_rfc_7636():
    """Its appendix B."""
    attempt = Attempt("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "nonce")
    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_nonce_is_told_by_its_digest():
    assert Attempt("verifier", "nonce").nonce_digest == hashlib.sha256(b"nonce").hexdigest()


def test_every_attempt_has_secrets_of_its_own():
    one, other = Attempt.new(), Attempt.new()
    assert len({one.verifier, one.nonce, other.verifier, other.nonce}) == 4
    assert all(43 <= len(verifier) <= 128 for verifier in (one.verifier, other.verifier))  # RFC 7636, 4.1


def test_secrets_are_in_no_text():
    assert SECRET not in repr(Google(CLIENT, SecretStr(SECRET)))


def test_credentials_in_a_netrc_are_not_sent(tmp_path, monkeypatch):
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login canary password canary")
    monkeypatch.setenv("NETRC", str(file))
    with google_sign_in() as google:
        server = Google(CLIENT, SecretStr(SECRET), f"{google.url}/auth", f"{google.url}/token")
        attempt = Attempt.new()
        google.granted["code"] = {
            "nonce": attempt.nonce_digest,
            "code_challenge": attempt.challenge,
            "redirect_uri": "http://testserver/",
        }
        assert server.redeem("code", attempt, "http://testserver/")
        assert google.authorizations == [None]
