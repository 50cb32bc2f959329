"""A shelf in a bucket of Cloud Storage, which is what Firebase Storage is: private objects, read by signed links."""

import http.client
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import google_crc32c
import urllib3
from google.api_core.exceptions import GoogleAPIError, NotFound, PreconditionFailed
from google.auth.credentials import Signing
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.cloud.storage import Blob, Bucket
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY

from jobs.errors import AlreadyOnShelf, NotOnShelf, Unavailable
from jobs.shelf import TYPES, check_id, check_key

LONGEST_LINK_S = 7 * 24 * 3600  # Google signs no link for longer
TIMEOUT_S = (5.0, 30.0)  # to connect, and between two pieces of an answer
PATIENCE_S = 30.0  # what fails by chance is tried again for so long

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

# What Google's library lets through when the store does not answer, or not as it should.
_TROUBLE = (
    GoogleAPIError,
    GoogleAuthError,
    InvalidResponse,
    DataCorruption,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,  # of which the errors of requests are a kind
)


class BucketShelf:
    """A `Shelf` in a bucket whose objects nobody reads without a link.

    Signing links takes a service account: by its key file, or else by its right to `iam.serviceAccounts.signBlob`
    for itself, with one call to IAM for each link.
    """

    def __init__(self, bucket: Bucket, *, patience_s: float = PATIENCE_S) -> None:
        self._bucket = bucket
        self._calmly: dict[str, Any] = {"timeout": TIMEOUT_S, "retry": DEFAULT_RETRY.with_timeout(patience_s)}

    @property
    def link_origin(self) -> str:
        parts = urlsplit(self._bucket.client.api_endpoint)
        return f"{parts.scheme}://{parts.netloc}"

    def put(self, key: str, data: bytes, *, replace: bool = False) -> None:
        blob = self._blob(key)
        blob.content_disposition = _disposition("inline", f"text2art.{_extension(key)}")
        blob.cache_control = "private, no-store" if replace else "private, max-age=86400"
        generation = None if replace else 0  # 0: only where there is no such object
        with _answering():
            try:
                blob.upload_from_string(
                    data, TYPES[_extension(key)], if_generation_match=generation, checksum="crc32c", **self._calmly
                )
            except PreconditionFailed:
                blob.reload(**self._calmly)
                if blob.crc32c != _crc32c(data):
                    raise AlreadyOnShelf from None

    def get(self, key: str) -> bytes:
        blob = self._blob(key)
        with _answering():
            try:
                return blob.download_as_bytes(checksum="crc32c", **self._calmly)
            except NotFound:
                raise NotOnShelf from None

    def clear(self, id: str) -> None:
        prefix = f"{check_id(id)}/"
        with _answering():
            for blob in self._bucket.list_blobs(prefix=prefix, **self._calmly):
                self._delete(blob)

    def remove(self, key: str) -> None:
        blob = self._blob(key)
        with _answering():
            self._delete(blob)

    def link(self, key: str, *, lifetime_s: int, save_as: str | None = None) -> str:
        blob = self._blob(key)
        if not 0 < lifetime_s <= LONGEST_LINK_S:
            raise ValueError(f"a link cannot live for {lifetime_s} s; accepted: 1 to {LONGEST_LINK_S}")
        with _answering():
            return blob.generate_signed_url(
                version="v4",
                method="GET",
                expiration=timedelta(seconds=lifetime_s),
                response_type=TYPES[_extension(key)],
                response_disposition=_disposition("attachment", save_as) if save_as is not None else None,
                **self._signer(),
            )

    def _blob(self, key: str) -> Blob:
        return self._bucket.blob(check_key(key))

    def _delete(self, blob: Blob) -> None:
        with suppress(NotFound):
            blob.delete(**self._calmly)

    def _signer(self) -> dict[str, str]:
        """Who signs, where the credentials hold no key of their own: the account that they stand for, through IAM."""
        credentials = self._bucket.client._credentials  # the library shows them nowhere else
        if isinstance(credentials, Signing):
            return {}
        if not credentials.valid:
            credentials.refresh(Request())  # only then do a machine's credentials know whose they are
        account = getattr(credentials, "service_account_email", None)
        if account is None:
            raise Unavailable(
                "these credentials cannot sign links; accepted: a service account's key file, the account of the "
                "machine (Cloud Run, Compute Engine), or impersonation of a service account"
            )
        return {"service_account_email": account, "access_token": credentials.token}


@contextmanager
def _answering() -> Iterator[None]:
    """Tells all trouble with the store as Unavailable."""
    try:
        yield
    except _TROUBLE as error:
        raise Unavailable from error


def _extension(key: str) -> str:
    return key.rpartition(".")[2]


def _disposition(kind: str, name: str) -> str:
    if not _FILE_NAME.fullmatch(name):
        raise ValueError(f"not a plain file name: {name!r}; accepted: letters, digits, '.', '_' and '-'")
    return f'{kind}; filename="{name}"'


def _crc32c(data: bytes) -> str:
    """As Cloud Storage tells it."""
    return b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()
