"""Any mail server that speaks SMTP: over TLS, its certificate checked, or unencrypted on this machine only.

A server cannot be asked what it has taken: a letter whose sender died between sending it and saying so is sent twice.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from typing import Literal

from pydantic import SecretStr

from jobs import Letter
from worker.errors import CannotSend, MailerRefuses, TooLarge, Undeliverable, WorkerError
from worker.mailers import parts

PATIENCE_S = 30  # for a connection, and for each reply
OVER_THE_LIMIT = 552  # a letter larger than the server, or what is left of the mailbox, takes: RFC 5321, 4.2.3


@dataclass(frozen=True)
class Server:
    """Where letters are handed in, how the line is protected, and who we are there."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    login: tuple[str, SecretStr] | None = None


def send(letter: Letter, message: EmailMessage, *, server: Server, trust: ssl.SSLContext) -> str:
    """Hand the letter to the server; "" because SMTP gives no receipt. Raises as every `Mailer` does."""
    try:
        with _connected(server, trust) as connection:
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        (reply,) = error.recipients.values()
        raise _verdict(*reply, Undeliverable) from error
    except smtplib.SMTPDataError as error:
        raise _verdict(error.smtp_code, error.smtp_error, Undeliverable) from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPAuthenticationError) as error:
        raise _verdict(error.smtp_code, error.smtp_error, MailerRefuses) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Undeliverable("the mail server takes no addresses with letters beyond ASCII") from error
    except ssl.SSLCertVerificationError as error:
        raise MailerRefuses(f"the certificate of {server.host} is not to be trusted: {error.verify_message}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise CannotSend("no answer") from error
    return ""


@contextmanager
def _connected(server: Server, trust: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    kind = partial(smtplib.SMTP_SSL, context=trust) if server.security == "tls" else smtplib.SMTP
    with closing(kind(server.host, server.port, timeout=PATIENCE_S)) as connection:
        _introduce(connection, server, trust)
        yield connection
        with suppress(smtplib.SMTPException, OSError):  # the letter is taken, however the server says good-bye
            connection.quit()


def _introduce(connection: smtplib.SMTP, server: Server, trust: ssl.SSLContext) -> None:
    try:
        if server.security == "starttls":
            connection.starttls(context=trust)
        if server.login:
            user, password = server.login
            connection.login(user, password.get_secret_value())
    except smtplib.SMTPNotSupportedError as error:
        raise MailerRefuses(f"{server.host}: {error}") from error


def _verdict(code: int, words: bytes | str, never: type[WorkerError]) -> WorkerError:
    """What a reply means (RFC 5321, 4.2.1): 5xx is `never`, anything else is not now."""
    if code == OVER_THE_LIMIT:
        return TooLarge()
    if 500 <= code < 600:
        told = words.decode("ascii", "replace") if isinstance(words, bytes) else words
        return never(f"the mail server answers {code}: {parts.without_addresses(told)}")
    return CannotSend(f"reply {code}")
