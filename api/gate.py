"""The gate: who may order, take back and administer, where visitors sign in or the page must prove itself.

It decides by what Firebase says about a token (`api.identity`), and knows where visitors of our page get one
(`api.providers`). Without a gate everybody may order and nobody administers.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import HTTPException

from api.settings import ApiSettings, Auth, SignIn

if TYPE_CHECKING:
    from firebase_admin import App

    from api.providers import Google, Toolkit

Claims = Mapping[str, Any]  # what an ID token says: uid, email, email_verified, firebase.sign_in_provider, admin

# Firebase's `sign_in_provider`, which does not tell a link sent by mail from a password
_WAYS = {
    "google.com": SignIn.GOOGLE,
    "password": SignIn.EMAIL,
    "anonymous": SignIn.ANONYMOUS,
    "custom": SignIn.CUSTOM,
}

BROWSER = "browser:"  # begins the ids of visitors without an account


class NotSignedIn(HTTPException):
    """No ID token, or one that is not accepted."""

    def __init__(self, words: str) -> None:
        super().__init__(401, words, {"WWW-Authenticate": "Bearer"})


class NotOurPage(HTTPException):
    """No App Check token, or one that is not accepted."""

    def __init__(self, words: str) -> None:
        super().__init__(401, words, {"WWW-Authenticate": "Firebase-AppCheck"})


class CannotTell(HTTPException):
    """Firebase does not answer, so nothing is known about the token."""

    def __init__(self) -> None:
        super().__init__(503, "Your sign-in cannot be checked just now; please try again.", {"Retry-After": "10"})


@dataclass(frozen=True)
class Account:
    """Who signed in."""

    uid: str
    is_admin: bool = False

    def may_cancel(self, owner: str) -> bool:
        return self.uid == owner or self.is_admin


@dataclass(frozen=True)
class Gate:
    """What is asked of visitors.

    `verify` gives an ID token's claims, with True after asking whether its account still stands; None where nobody
    signs in. `attest` checks an App Check token; None where none is asked for. Both raise the refusals above. `stands`
    tells whether there is an account of this uid that is not disabled, and `delete` deletes it; both raise CannotTell.
    `toolkit` and `google` sign in who comes to our page; without them only programs that bring tokens are signed in.
    """

    verify: Callable[[str, bool], Claims] | None = None
    attest: Callable[[str], None] | None = None
    stands: Callable[[str], bool] | None = None
    delete: Callable[[str], None] | None = None
    toolkit: "Toolkit | None" = None
    google: "Google | None" = None
    required: bool = False  # only who signed in may order
    sign_in: frozenset[SignIn] = frozenset()  # in which ways
    admins: frozenset[str] = frozenset()  # uids, and addresses in lower case

    def account(self, token: str) -> Account | None:
        """Whose ID token this is; None where nobody signs in. Raises NotSignedIn and CannotTell."""
        if self.verify is None:
            return None
        claims = self.verify(token, False)
        self._check_way(claims)
        if claims["uid"].startswith(BROWSER):
            raise NotSignedIn("This account's name is not accepted here.")  # only a server that mints tokens gives it
        if not self._names_admin(claims):
            return Account(claims["uid"])
        self.verify(token, True)  # an administrator's token is worth a question to Firebase every time
        return Account(claims["uid"], is_admin=True)

    def remove(self, uid: str) -> None:
        """Delete the account at Firebase; that there is none is no error. Raises CannotTell, and ValueError for the id
        of a browser."""
        if uid.startswith(BROWSER):
            raise ValueError("a browser is no account")
        if self.delete is not None:
            self.delete(uid)

    def _check_way(self, claims: Claims) -> None:
        way = _WAYS.get(claims.get("firebase", {}).get("sign_in_provider"))
        if way not in self.sign_in:
            raise NotSignedIn(f"Signing in this way is not accepted here; accepted: {', '.join(sorted(self.sign_in))}.")
        if way is SignIn.EMAIL and claims.get("email_verified") is not True:
            raise NotSignedIn("Your address is not confirmed; please sign in by the link that is mailed to it.")

    def _names_admin(self, claims: Claims) -> bool:
        """The claim alone is not enough: it is written by whoever holds a key of the project, the list is not."""
        uid, address = claims["uid"], claims.get("email", "")
        listed = uid in self.admins and "@" not in uid  # an address on the list is nobody's uid
        confirmed = claims.get("email_verified") is True and address.lower() in self.admins
        return claims.get("admin") is True and (listed or confirmed)


def open_gate(
    settings: ApiSettings, firebase: "App | None", environment: Mapping[str, str] = os.environ
) -> Gate | None:
    """The gate of this installation; None where nobody signs in and no page proves itself."""
    if not settings.needs_firebase:
        return None
    assert firebase is not None, "these settings need a Firebase project: refuse_unsafe was to be asked first"
    # Imported here because it takes a second, which a service without sign-in need not wait.
    from api import identity, providers

    attest = partial(identity.attest, firebase) if settings.app_check else None
    if settings.auth is Auth.OFF:
        return Gate(attest=attest)
    return Gate(
        verify=partial(identity.claims, firebase),
        attest=attest,
        stands=identity.Standing(firebase),
        delete=partial(identity.delete, firebase),
        toolkit=providers.toolkit(settings, environment),
        google=providers.google(settings),
        required=settings.auth is Auth.REQUIRED,
        sign_in=frozenset(settings.sign_in),
        admins=frozenset(settings.admins),
    )
