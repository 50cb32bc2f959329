"""A letter taken apart, for mailers that want its texts and files one by one; and how they name it in their books."""

from dataclasses import dataclass
from email.message import EmailMessage

from jobs import Letter
from jobs.logs import ADDRESS

LONGEST_REASON = 200  # characters

# Beside these and From, To and Subject, a mailer writes a letter's headers itself.
HEADERS = ("Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted")


@dataclass(frozen=True)
class Enclosure:
    """A file in a letter; an inline one is shown in the HTML as `cid:` and its name."""

    name: str
    type: str
    data: bytes
    inline: bool


def texts(message: EmailMessage) -> tuple[str, str]:
    """The plain text and the HTML."""
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None and html is not None
    return plain.get_content(), html.get_content()


def enclosures(message: EmailMessage) -> list[Enclosure]:
    """The files, inline and attached, in their order."""
    parts = [part for part in message.walk() if part.get_content_disposition() in ("inline", "attachment")]
    return [_enclosure(part) for part in parts]


def _enclosure(part: EmailMessage) -> Enclosure:
    inline = part.get_content_disposition() == "inline"
    name = str(part["Content-ID"]).strip("<>") if inline else part.get_filename()
    assert name
    return Enclosure(name, part.get_content_type(), part.get_content(), inline)


def tags(letter: Letter) -> list[str]:
    """What the letter is counted under."""
    return ["text2art", str(letter.job.order.style).replace(" ", "-"), str(letter.job.status)]


def marks(letter: Letter) -> dict[str, str]:
    """What comes back with every event about the letter."""
    return {"letter_id": letter.id, "job_id": letter.job.id}


def without_addresses(reason: str) -> str:
    """A mailer's words in one short line of text, and without any address that they quote."""
    line = " ".join("".join(each if each.isprintable() else " " for each in reason).split())
    return ADDRESS.sub("(an address)", line)[:LONGEST_REASON]
