"""The mail about how a job ended: a pure function from a letter and its files to a message."""

from dataclasses import dataclass
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from functools import cache

from email_validator import EmailNotValidError, validate_email
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from jobs import Job, Letter, Shelf
from jobs.mail_links import deletion_path, unsubscribe_path
from worker.errors import Undeliverable

DONE_SUBJECT = "Your Artwork is ready!"
FAILED_SUBJECT = "Your artwork could not be painted"
MOST_ENCLOSED = 15_000_000  # bytes: mail grows by a third on its way, and many inboxes take no more than 20 MB


@dataclass(frozen=True)
class Enclosed:
    """The files that a letter carries: a PNG, shown and attached, and an MP4. What is None may be linked to."""

    picture: bytes | None = None
    film: bytes | None = None


NOTHING = Enclosed()


def enclosed(job: Job, shelf: Shelf) -> Enclosed:
    """As many of a job's files as a mail may carry, the picture first. Raises NotOnShelf."""
    if job.files is None:
        return NOTHING
    picture = shelf.get(job.files.picture)
    film = shelf.get(job.files.film) if job.files.film else b""
    room = MOST_ENCLOSED - 2 * len(picture)
    return Enclosed(picture if room >= 0 else None, film if 0 < len(film) <= room else None)


def render(letter: Letter, files: Enclosed, *, sender: str, public_url: str, link_days: int) -> EmailMessage:
    """The letter in text and HTML: the picture shown inline, picture and film attached or linked to; or the reason why
    there is none.

    The message id is the letter's, so that a letter sent twice can be recognised. Raises Undeliverable when nobody
    can have such an address.
    """
    job, url = letter.job, public_url.rstrip("/")
    address = _deliverable(job.order.email)
    message = EmailMessage(policy=_policy(international=not address.isascii()))
    message["From"] = sender
    message["To"] = address
    message["Subject"] = DONE_SUBJECT if job.files else FAILED_SUBJECT
    message["Message-ID"] = f"<{letter.id}@{message['From'].addresses[0].domain}>"
    message["Date"] = letter.ended_at
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
    message["List-Unsubscribe"] = f"<{url}{unsubscribe_path(job)}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058

    words = {
        "job": job,
        "seed": job.seed,
        "url": url,
        "stop": f"{url}{unsubscribe_path(job)}",
        "delete": f"{url}{deletion_path(job)}",
        "files": files,
        "link_days": None if job.order.public else link_days,
    }
    name = "done" if job.files else "failed"
    message.set_content(_templates().get_template(f"{name}.txt").render(words))
    message.add_alternative(_templates().get_template(f"{name}.html").render(words), subtype="html")
    _enclose(message, files)
    return message


def _deliverable(address: str) -> str:
    """The address with an international domain in ASCII, as every mail server takes it."""
    try:
        return validate_email(address, check_deliverability=False).ascii_email or address
    except EmailNotValidError as error:
        raise Undeliverable("the address is not one that mail can be sent to") from error


def _enclose(message: EmailMessage, files: Enclosed) -> None:
    if files.picture is not None:
        _, html = message.iter_parts()
        assert isinstance(html, EmailMessage)
        html.add_related(files.picture, "image", "png", cid="<picture.png>", disposition="inline")
        message.add_attachment(files.picture, "image", "png", filename="text2art.png")
    if files.film is not None:
        message.add_attachment(files.film, "video", "mp4", filename="text2art.mp4")


class _Whole(UnstructuredHeader, BaseHeader):
    """A header in one line, letter by letter: Python folds a long address into pieces that no mail program reads."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


@cache
def _policy(international: bool) -> "EmailPolicy[EmailMessage]":
    """ASCII throughout, as every server takes it, but for an address that cannot be written so."""
    headers = HeaderRegistry()
    headers.map_to_type("list-unsubscribe", _Whole)
    return SMTP.clone(cte_type="7bit", utf8=international, header_factory=headers)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("worker"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
