"""Brings a large file from the web: goes on where it broke off, checks what came, and is there whole or not at all.

While it grows the file is called NAME.part, and NAME.part.json says of which address and state it is a part, so that a
later start goes on only with the same file.
"""

import errno
import ipaddress
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from filelock import FileLock, Timeout
from urllib3.exceptions import NewConnectionError

from clipit.errors import ClipitError
from clipit.weights.digests import digest as digest_of

CHUNK = 64 * 2**10  # bytes; what came of a chunk is lost where the line breaks amid
WORTH_IT = 2**20  # bytes; a try that brings as many counts as none that failed
SPARE = 64 * 2**20  # bytes to leave free on the disk
MOST_BYTES = 32 * 2**30
MOST_REDIRECTS = 5
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Progress = Callable[[int, int | None], None]  # bytes that are there, bytes in all


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, and how often to try again in a row."""

    connect: float = 10
    read: float = 30  # for the next bytes
    tries: int = 5
    pause: Callable[[float], None] = time.sleep


PATIENT = Patience()


class _BrokeOff(Exception):
    """What another try may mend."""


@dataclass(frozen=True)
class _Note:
    """Of what a .part is a part."""

    address: str
    state: str | None  # ETag or Last-Modified
    total: int | None  # bytes


@dataclass(frozen=True)
class _Part:
    path: Path

    @property
    def note_path(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def note(self) -> _Note | None:
        try:
            return _Note(**json.loads(self.note_path.read_text()))
        except (OSError, ValueError, TypeError):  # lost or damaged: start again
            return None

    def begin(self, note: _Note) -> None:
        self.path.write_bytes(b"")
        self.note_path.write_text(json.dumps(asdict(note)))

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self.note_path.unlink(missing_ok=True)


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host(address: str) -> str:
    return urlsplit(address).hostname or address


@contextmanager
def _answer(
    address: str, headers: dict[str, str], patience: Patience
) -> Iterator[tuple[requests.Response, str | None]]:
    """What the server says after at most five redirects, and the SHA-256 that Hugging Face states on the way."""
    may_be_plain, stated = _is_loopback(address), None
    with requests.Session() as session:
        for _ in range(MOST_REDIRECTS + 1):
            scheme = urlsplit(address).scheme
            if scheme != "https" and not (scheme == "http" and may_be_plain and _is_loopback(address)):
                raise ClipitError(f"{address} is no https address; files are brought by https only")
            timeout = (patience.connect, patience.read)
            with session.get(address, headers=headers, stream=True, timeout=timeout, allow_redirects=False) as response:
                linked = re.fullmatch(r'"?([0-9a-f]{64})"?', response.headers.get("X-Linked-Etag", ""))
                stated = stated or (linked and linked[1])
                if not response.is_redirect:
                    yield response, stated
                    return
                address = urljoin(address, response.headers["Location"])
    raise ClipitError(f"{_host(address)} redirects more than {MOST_REDIRECTS} times")


@contextmanager
def _translated(address: str, patience: Patience, anything_came: bool) -> Iterator[None]:
    """The network's errors as _BrokeOff, or as ClipitError where another try is of no use."""
    host = _host(address)
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise ClipitError(f"{host} does not prove to be itself: {error}") from error
    except requests.Timeout as error:
        raise _BrokeOff(f"{host} said nothing for {patience.read:g} seconds") from error
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        if isinstance(getattr(error.args[0], "reason", None), NewConnectionError) and not anything_came:
            raise ClipitError(f"{host} cannot be reached; is there a network?") from error
        raise _BrokeOff(f"{host} broke off: {error}") from error
    except requests.RequestException as error:
        raise ClipitError(f"{address} cannot be brought: {error}") from error


def _check_status(response: requests.Response, address: str) -> None:
    if response.status_code in (408, 425, 429) or response.status_code >= 500:
        raise _BrokeOff(f"{_host(address)} answers {response.status_code} {response.reason}")
    if response.status_code not in (200, 206, 416):
        raise ClipitError(
            f"{address} answers {response.status_code} {response.reason}; where it has gone for good,"
            " `clipit models convert FILE --as NAME` takes a file that came another way"
        )
    if response.status_code != 416 and response.headers.get("Content-Type", "").startswith("text/html"):
        raise ClipitError(f"{address} answers with a web page instead of the file")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise ClipitError(f"{address} answers with a packed file, which was not asked for")


def _state(response: requests.Response) -> str | None:
    """What tells one state of the file from another; a weak ETag does not."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified")


def _length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None


def _goes_on(response: requests.Response, part: _Part, note: _Note) -> bool:
    """Whether the answer is the rest of the same file."""
    span = re.fullmatch(r"bytes (\d{1,18})-\d+/(\d{1,18}|\*)", response.headers.get("Content-Range", ""))
    if span is None or int(span[1]) != part.size():
        return False
    same_length = note.total is None or span[2] in ("*", str(note.total))
    return same_length and (note.state is None or _state(response) in (None, note.state))


def _place(response: requests.Response, part: _Part, address: str) -> _Note:
    """Where the answer's bytes go: behind the part that is there, or from the start. Raises _BrokeOff."""
    note = part.note()
    if response.status_code == 200:
        note = _Note(address, _state(response), _length(response))
        part.begin(note)
    elif note is None or response.status_code == 416 or not _goes_on(response, part, note):
        part.discard()
        raise _BrokeOff(f"{_host(address)} has another file now")
    return note


def _check_space(part: _Part, note: _Note) -> None:
    if note.total is None:
        return
    if note.total > MOST_BYTES:
        raise ClipitError(
            f"{note.address} would be {note.total / 1e9:.0f} GB; accepted: at most {MOST_BYTES / 1e9:.0f}"
        )
    missing, free = note.total - part.size(), shutil.disk_usage(part.path.parent).free
    if missing + SPARE > free:
        raise ClipitError(
            f"{part.path.parent} has {free / 1e6:.0f} MB free, and {missing / 1e6:.0f} MB are to come;"
            " CLIPIT_CACHE names another folder"
        )


def _write(response: requests.Response, part: _Part, note: _Note, progress: Progress) -> None:
    size = part.size()
    try:
        with part.path.open("ab") as file:
            for chunk in response.iter_content(CHUNK):
                if size == 0 and re.match(rb"\s*<(!doctype|html)", chunk[:100], re.IGNORECASE):
                    raise ClipitError(f"{note.address} answers with a web page instead of the file")
                size += len(chunk)
                if size > (note.total or MOST_BYTES):
                    raise ClipitError(f"{note.address} sends more than the {note.total or MOST_BYTES} bytes it may")
                file.write(chunk)
                progress(size, note.total)
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        raise ClipitError(f"{part.path.parent} is full; what came is kept, and the next start goes on") from error


def _try(address: str, part: _Part, whole_digest: bool, progress: Progress, patience: Patience) -> str | None:
    """One request, to the end of the file; gives the digest that the server states. Raises _BrokeOff, ClipitError."""
    note = part.note()
    # Without a state to ask for only a digest can tell whether the rest is of the same file.
    if note is None or note.address != address or not (note.state or whole_digest):
        part.discard()
    headers = {"Accept-Encoding": "identity", "User-Agent": "clipit (text2art)"}
    if part.size():
        headers["Range"] = f"bytes={part.size()}-"
        if note.state:
            headers["If-Range"] = note.state
    if note and part.size() and part.size() == note.total:
        return None
    with _translated(address, patience, bool(part.size())), _answer(address, headers, patience) as (response, stated):
        _check_status(response, address)
        note = _place(response, part, address)
        _check_space(part, note)
        _write(response, part, note, progress)
    if note.total is not None and part.size() < note.total:
        raise _BrokeOff(f"{_host(address)} sent {part.size()} of {note.total} bytes")
    return stated


def _bring(address: str, part: _Part, whole_digest: bool, progress: Progress, patience: Patience) -> str | None:
    failures = 0
    while True:
        before = part.size()
        try:
            return _try(address, part, whole_digest, progress, patience)
        except _BrokeOff as error:
            failures = 0 if part.size() - before >= WORTH_IT else failures + 1
            if failures >= patience.tries:
                kept = "; what came is kept, and the next start goes on" if part.size() else ""
                raise ClipitError(f"gave up {address} after {failures} tries: {error}{kept}") from error
            patience.pause(2.0**failures)


def _settle(address: str, path: Path, digest: str | None, progress: Progress, patience: Patience) -> str:
    part = _Part(path.with_name(f"{path.name}.part"))
    stated = _bring(address, part, len(digest or "") == 64, progress, patience)
    found = digest_of(part.path)
    for wanted in (digest, stated):
        if wanted and not found.startswith(wanted):
            part.discard()
            raise ClipitError(f"what {address} sends has the SHA-256 {found}, not {wanted}; it was removed")
    os.replace(part.path, path)
    part.discard()
    return found


def fetch(
    address: str,
    path: Path,
    digest: str | None = None,
    progress: Progress = lambda there, total: None,
    patience: Patience = PATIENT,
) -> str:
    """Bring the file at the address to `path`, unless it is there, and give its SHA-256.

    `digest` is the one it must have, or the first digits of it; one that Hugging Face states is asked of it too. Plain
    http is accepted from this machine only. Raises ClipitError in one sentence for whatever goes wrong.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=0):
            if path.exists() and (found := digest_of(path)).startswith(digest or ""):
                return found
            return _settle(address, path, digest, progress, patience)
    except Timeout:
        raise ClipitError(f"{path.name} is being downloaded by another process") from None
    except OSError as error:
        raise ClipitError(f"{path} cannot be written: {error}") from error
