"""The mail about how a job ended: a pure function from the job and its files to a message."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTPUTF8
from functools import cache

from email_validator import validate_email
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from jobs import Job, Shelf
from worker.recipe import seed_of

DONE_SUBJECT = "Your Artwork is ready!"
FAILED_SUBJECT = "Your artwork could not be painted"
LARGEST_FILM = 15_000_000  # bytes: mail grows by a third on its way, and many inboxes take no more than 20 MB


@dataclass(frozen=True)
class Enclosed:
    """The files that a letter carries: a PNG and, where one was ordered, an MP4."""

    picture: bytes
    film: bytes | None = None


def enclosed(job: Job, shelf: Shelf) -> Enclosed | None:
    """A finished job's files; None for a failed one. Raises NotOnShelf."""
    if job.files is None:
        return None
    return Enclosed(shelf.get(job.files.picture), shelf.get(job.files.film) if job.files.film else None)


def render(job: Job, files: Enclosed | None, *, sender: str, public_url: str) -> EmailMessage:
    """The letter: text and HTML, the picture shown inline, picture and film attached; without files, the reason why.

    The message id depends on the job alone, so that a letter sent twice can be recognised.
    Raises ValueError when the address would break a header.
    """
    message = EmailMessage(policy=SMTPUTF8)
    message["From"] = sender
    message["To"] = _deliverable(job.order.email)
    message["Subject"] = DONE_SUBJECT if files else FAILED_SUBJECT
    message["Message-ID"] = f"<{job.id}@{message['From'].addresses[0].domain}>"
    message["Date"] = job.finished_at or job.created_at
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please

    film_fits = files is not None and files.film is not None and len(files.film) <= LARGEST_FILM
    words = {"job": job, "seed": seed_of(job), "url": public_url.rstrip("/"), "film_fits": film_fits}
    name = "done" if files else "failed"
    message.set_content(_templates().get_template(f"{name}.txt").render(words))
    message.add_alternative(_templates().get_template(f"{name}.html").render(words), subtype="html")
    if files:
        _enclose(message, files, film_fits)
    return message


def _deliverable(address: str) -> str:
    """The address with an international domain in ASCII, as every mail server takes it."""
    return validate_email(address, check_deliverability=False).ascii_email or address


def _enclose(message: EmailMessage, files: Enclosed, film_fits: bool) -> None:
    _, html = message.iter_parts()
    assert isinstance(html, EmailMessage)
    html.add_related(files.picture, "image", "png", cid="<picture>", disposition="inline")
    message.add_attachment(files.picture, "image", "png", filename="text2art.png")
    if files.film is not None and film_fits:
        message.add_attachment(files.film, "video", "mp4", filename="text2art.mp4")


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
