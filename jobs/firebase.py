"""The Firebase project: credentials, the app, and the clients made from it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import firebase_admin
import google.auth.crypt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from firebase_admin import App, credentials, firestore, storage
from google.auth.credentials import AnonymousCredentials, Signing
from google.cloud.firestore import Client
from google.cloud.storage import Bucket

from jobs.settings import StoreSettings

HTTP_TIMEOUT_S = 10  # of calls to Firebase Authentication; the library's own patience is two minutes


@contextmanager
def connect(settings: StoreSettings) -> Iterator[App]:
    """The app of the project in the settings. Raises ValueError or OSError for credentials that cannot be used."""
    options: dict[str, object] = {"storageBucket": settings.storage_bucket, "httpTimeout": HTTP_TIMEOUT_S}
    if settings.firebase_project is not None:
        options["projectId"] = settings.firebase_project
    # A name of its own: firebase_admin keeps a table of all apps in the process.
    app = firebase_admin.initialize_app(_credential(settings), options, name=f"text2art-{secrets.token_hex(8)}")
    try:
        yield app
    finally:
        firebase_admin.delete_app(app)


def firestore_client(app: App, database: str) -> Client:
    return firestore.client(app, database)


def bucket(app: App) -> Bucket:
    """The bucket of the app's options."""
    return storage.bucket(app=app)


def _credential(settings: StoreSettings) -> credentials.Base:
    if settings.firebase_credentials is not None:
        return credentials.Certificate(str(settings.firebase_credentials))
    if settings.development and any(name.endswith("EMULATOR_HOST") for name in os.environ):
        return EmulatorCredential()
    return credentials.ApplicationDefault()


class EmulatorCredential(credentials.Base):
    """Nobody's credentials, which emulators accept, and a key of the moment to sign links with."""

    def __init__(self) -> None:
        self._credential = _AnonymousSigner()

    def get_credential(self) -> Signing:
        return self._credential


class _AnonymousSigner(AnonymousCredentials, Signing):
    """A key file's credentials would fetch a token from Google before every call to the storage emulator."""

    def __init__(self) -> None:
        super().__init__()
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        self._signer = google.auth.crypt.RSASigner.from_string(pem, "emulator")

    @property
    def signer(self) -> google.auth.crypt.Signer:
        return self._signer

    @property
    def signer_email(self) -> str:
        return "emulator@localhost.iam.gserviceaccount.com"

    def sign_bytes(self, message: bytes) -> bytes:
        return self._signer.sign(message)
