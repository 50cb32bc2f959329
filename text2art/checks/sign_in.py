"""Checks of signing in: Firebase Authentication, and Google where our page leads there. They sign nobody in."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.gate import CannotTell
from api.providers import Google, Refused, Toolkit, ask, google, toolkit
from api.settings import ApiSettings, Auth, SignIn
from text2art.checks import NOBODY, Check, Group, NotHere, Problem

if TYPE_CHECKING:
    from firebase_admin import App

NO_ACCOUNT = "text2art-deploy-check"  # the uid of an account that does not exist
CONSOLE = "In the Firebase console, Authentication"

# What Firebase says of a code, or of a token of Google's, that was never given: the way is open.
_OPEN = {"INVALID_OOB_CODE", "INVALID_IDP_RESPONSE"}


def group(firebase: "App | None", settings: ApiSettings, environment: Mapping[str, str]) -> Group:
    """`firebase` is None where nobody signs in."""
    checks = [Check("sign-in", lambda: knows_accounts(firebase), vital=True)]
    if firebase is not None and settings.auth is not Auth.OFF:
        checks += [Check("sign-in: accounts can be deleted", lambda: may_delete(firebase))]
        checks += _of_page(settings, toolkit(settings, environment), google(settings))
    return Group(checks)


def _of_page(settings: ApiSettings, firebase: Toolkit | None, google: Google | None) -> list[Check]:
    if firebase is None:
        return [Check("sign-in: our page", _nobody_on_page)]
    host = (settings.public_url and settings.public_url.host) or ""
    checks = [Check("sign-in: our page", lambda: key_fits(firebase, host), vital=True)]
    if SignIn.EMAIL in settings.ways_on_page:
        checks += [Check("sign-in: by mail", lambda: takes_links(firebase))]
    if google is not None and SignIn.GOOGLE in settings.ways_on_page:
        back = f"{str(settings.public_url).rstrip('/')}/sign-in/google/return"
        checks += [
            Check("sign-in: Firebase takes Google's word", lambda: takes_google(firebase)),
            Check("sign-in: Google knows us", lambda: knows_client(google, back)),
        ]
    return checks


def knows_accounts(firebase: "App | None") -> str:
    """Firebase Authentication answers, and to this account."""
    if firebase is None:
        raise NotHere("nobody signs in (TEXT2ART_AUTH=off)")
    from firebase_admin import auth
    from firebase_admin.exceptions import FirebaseError

    try:
        auth.get_user(NO_ACCOUNT, firebase)
    except auth.UserNotFoundError:
        return "Firebase Authentication answers"
    except FirebaseError as error:
        raise Problem(
            f"{error.code}: {error}. Is Authentication switched on in the console, and open to this account?"
        ) from error
    raise Problem(f"there is an account {NO_ACCOUNT!r}, which nobody should have")


def may_delete(firebase: "App") -> str:
    """Visitors may have their accounts deleted, so this account must be allowed to."""
    from firebase_admin import auth
    from firebase_admin.exceptions import FirebaseError

    try:
        auth.delete_user(NO_ACCOUNT, firebase)  # nobody, or `knows_accounts` would have failed
    except auth.UserNotFoundError:
        pass
    except FirebaseError as error:
        raise Problem(f"{error.code}: {error}. This account needs the role roles/firebaseauth.admin") from error
    return "by this account"


def _nobody_on_page() -> str:
    raise NotHere("only programs sign in, with tokens that they bring (TEXT2ART_FIREBASE_API_KEY is not set)")


def key_fits(firebase: Toolkit, host: str) -> str:
    """The web API key is one, and links may lead to our page."""
    try:
        domains = _answer(f"{firebase.url}/projects", "GET", headers=firebase.headers).get("authorizedDomains", [])
    except Refused as refusal:
        raise Problem(f"Firebase refuses TEXT2ART_FIREBASE_API_KEY: {refusal}") from refusal
    if not any(host == domain or host.endswith(f".{domain}") for domain in domains):
        raise Problem(f"{CONSOLE}, Settings, Authorized domains: add {host}, or no link is mailed")
    return f"the key is known, and links may lead to {host}"


def takes_links(firebase: Toolkit) -> str:
    """Signing in by a mailed link is switched on."""
    body = {"email": NOBODY, "oobCode": NO_ACCOUNT}
    if (code := _refusal(f"{firebase.url}/accounts:signInWithEmailLink", firebase.headers, body)) not in _OPEN:
        raise Problem(f"{CONSOLE}, Sign-in method: switch on Email link (passwordless sign-in). Firebase says {code}")
    return "links are taken"


def takes_google(firebase: Toolkit) -> str:
    """Signing in with Google is switched on."""
    body = {"postBody": "providerId=google.com&id_token=none", "requestUri": "http://localhost"}
    if (code := _refusal(f"{firebase.url}/accounts:signInWithIdp", firebase.headers, body)) not in _OPEN:
        raise Problem(f"{CONSOLE}, Sign-in method: switch on Google. Firebase says {code}")
    return "it does"


def knows_client(google: Google, back: str) -> str:
    """Google knows the OAuth client and its secret. Whether it leads back to us it tells only to browsers."""
    form = {
        "grant_type": "authorization_code",
        "code": NO_ACCOUNT,
        "redirect_uri": back,
        "client_id": google.client_id,
        "client_secret": google.client_secret.get_secret_value(),
    }
    try:
        _answer(google.token_url, data=form)
    except Refused as refusal:
        if refusal.code == "invalid_grant":
            return f"client and secret are right; it must also lead back to {back}, which only a browser sees"
        raise Problem(
            f"Google says {refusal.code}. Are TEXT2ART_GOOGLE_CLIENT_ID and TEXT2ART_GOOGLE_CLIENT_SECRET those of one "
            f"OAuth client, with the redirect URI {back}?"
        ) from refusal
    raise Problem("Google gave a token for a code that is none")


def _refusal(url: str, headers: dict[str, str], body: dict[str, Any]) -> str:
    """Firebase's word against something that cannot be right."""
    try:
        _answer(url, json=body, headers=headers)
    except Refused as refusal:
        return refusal.code
    raise Problem(f"{url} accepted what is no sign-in")


def _answer(url: str, method: str = "POST", **request: Any) -> Mapping[str, Any]:
    try:
        return ask(url, method, **request)
    except CannotTell as silence:
        raise Problem(
            f"{url} does not answer as it should: {silence.__cause__ or 'something is ill there'}"
        ) from silence
