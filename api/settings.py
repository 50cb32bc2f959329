"""What the operator may set, read from the environment and checked at the start."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from jobs.settings import StoreSettings

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")

FIREBASE_NEEDED = (
    "TEXT2ART_AUTH and TEXT2ART_APP_CHECK need a Firebase project: TEXT2ART_FIREBASE_CREDENTIALS or "
    "TEXT2ART_FIREBASE_PROJECT"
)


class Auth(StrEnum):
    """Whether visitors sign in, at Firebase Authentication."""

    OFF = "off"  # tokens are not looked at
    OPTIONAL = "optional"  # who signs in owns what he orders
    REQUIRED = "required"  # only who signs in may order


class SignIn(StrEnum):
    """A way of signing in."""

    GOOGLE = "google"
    EMAIL = "email"  # by a link, or by a password once the address is confirmed: their tokens are alike
    ANONYMOUS = "anonymous"  # an account without a person: it costs nothing to make another
    CUSTOM = "custom"  # by a server of the operator's own that mints tokens


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _is_origin(origin: str) -> str:
    if origin != "*" and not _ORIGIN.fullmatch(origin):
        raise ValueError(f"{origin!r} is no origin; accepted: '*' or scheme://host[:port], as https://art.example.com")
    return origin


def _fold(name: str) -> str:
    """Letter case tells apart uids, not addresses."""
    return name.lower() if "@" in name else name


class ApiSettings(BaseSettings):
    """Environment variables are `TEXT2ART_` and the field's name, as `TEXT2ART_CORS_ORIGINS=https://a.com,https://b.com`."""

    model_config = SettingsConfigDict(env_prefix="TEXT2ART_", frozen=True, env_ignore_empty=True)

    # Pages of these origins may call the API; credentials are never allowed, so '*' gives nobody's rights away.
    cors_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_is_origin)], ...], NoDecode, BeforeValidator(_split)
    ] = ()
    # Where visitors reach the page: for links in its head, and with https for cookies that go over nothing else. The
    # worker reads it too, for mails. None: links are made from each request's own Host.
    public_url: HttpUrl | None = None
    max_queue: Annotated[int, Field(ge=1)] = 1000  # waiting jobs; further orders are answered with 503
    link_days: Annotated[int, Field(ge=1, le=36_500)] = 30  # how long the files of a job that is not public are shown
    # Of Mailgun's webhooks, not the key that sends; None: Mailgun is not listened to.
    mailgun_signing_key: Annotated[SecretStr, Field(min_length=1)] | None = None
    metrics_token: Annotated[SecretStr, Field(min_length=1)] | None = None  # None: only this machine reads /metrics
    keepalive_s: Annotated[float, Field(gt=0)] = 15.0  # a comment on quiet event streams, so that proxies keep them

    auth: Auth = Auth.OFF
    sign_in: Annotated[tuple[SignIn, ...], Field(min_length=1), NoDecode, BeforeValidator(_split)] = (
        SignIn.GOOGLE,
        SignIn.EMAIL,
        SignIn.ANONYMOUS,
    )
    # uids and addresses of those who may administer, if their account has the claim `admin` too
    admins: Annotated[tuple[Annotated[str, AfterValidator(_fold)], ...], NoDecode, BeforeValidator(_split)] = ()
    app_check: bool = False  # orders, uploads and taking back need a token of Firebase App Check

    # For signing in on our page; without the key only programs that bring tokens are signed in.
    firebase_api_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] | None = None  # the project's web API key
    google_client_id: Annotated[str, Field(min_length=1)] | None = None  # of an OAuth client, *web application*
    google_client_secret: Annotated[SecretStr, Field(min_length=1)] | None = None

    @property
    def needs_firebase(self) -> bool:
        return self.app_check or self.auth is not Auth.OFF

    @property
    def ways_on_page(self) -> tuple[SignIn, ...]:
        """How visitors of our page sign in; none where they cannot, or need not."""
        if self.auth is Auth.OFF or self.firebase_api_key is None:
            return ()
        with_google = self.google_client_id is not None and self.google_client_secret is not None
        possible = (SignIn.GOOGLE, SignIn.EMAIL) if with_google else (SignIn.EMAIL,)
        return tuple(way for way in possible if way in self.sign_in)


def refuse_unsafe(settings: ApiSettings, store: StoreSettings) -> None:
    """Raise one ValueError naming every setting with which the API must not start here."""
    in_production = store.on_firebase and not store.development
    problems = []
    if settings.needs_firebase and not store.on_firebase:
        problems.append(FIREBASE_NEEDED)
    if settings.admins and settings.auth is Auth.OFF:
        problems.append("TEXT2ART_ADMINS needs TEXT2ART_AUTH=optional or required: nobody could sign in as one of them")
    if "*" in settings.cors_origins and in_production:
        problems.append(
            "TEXT2ART_CORS_ORIGINS must name the pages that may call, as https://art.example.com, or be empty; '*' is "
            "only for TEXT2ART_DEVELOPMENT=1"
        )
    problems += _sign_in_problems(settings, in_production)
    if problems:
        raise ValueError("\n".join(problems))


def _sign_in_problems(settings: ApiSettings, in_production: bool) -> Iterator[str]:
    """What is missing for signing in on our page, where it is begun to be set up."""
    google = settings.google_client_id, settings.google_client_secret
    if any(google) and not all(google):
        yield "TEXT2ART_GOOGLE_CLIENT_ID and TEXT2ART_GOOGLE_CLIENT_SECRET belong together"
    if any(google) and settings.firebase_api_key is None:
        yield "TEXT2ART_GOOGLE_CLIENT_ID needs TEXT2ART_FIREBASE_API_KEY: who comes from Google signs in at Firebase"
    if settings.firebase_api_key is None:
        return
    if settings.auth is Auth.OFF:
        yield "TEXT2ART_FIREBASE_API_KEY needs TEXT2ART_AUTH=optional or required"
    elif any(google) and SignIn.GOOGLE not in settings.sign_in:
        yield "TEXT2ART_GOOGLE_CLIENT_ID needs google in TEXT2ART_SIGN_IN"
    elif not settings.ways_on_page:
        yield "TEXT2ART_FIREBASE_API_KEY needs email in TEXT2ART_SIGN_IN, or google and TEXT2ART_GOOGLE_CLIENT_ID"
    if settings.public_url is None:
        yield "TEXT2ART_FIREBASE_API_KEY needs TEXT2ART_PUBLIC_URL: links and Google lead visitors back there"
    elif in_production and settings.public_url.scheme != "https":
        yield "TEXT2ART_PUBLIC_URL must begin with https:// where visitors sign in: else all can read their cookie"
