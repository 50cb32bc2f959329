"""Any mail server that speaks SMTP: over TLS, its certificate checked, or unencrypted on this machine only.

A server cannot be asked what it has taken: a letter whose end it got and did not answer, or whose sender died between
sending it and saying so, is sent twice.
"""

import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from typing import Any, Literal

from pydantic import SecretStr

from jobs import Letter
from worker.errors import CannotSend, MailerRefuses, TooLarge, Undeliverable, Unsure, WorkerError
from worker.mailers import parts

# Together they stay within `letter_lease_s`. A server may take ten minutes for its verdict (RFC 5321, 4.5.3.2.6); few
# do, and with a lease of that length the letters of a worker that died would wait for long.
PATIENCE_S = 30  # for a connection, and for all that is said before the letter
VERDICT_S = 120  # for the letter's way to the server, and for the reply to it

_END = b"\r\n.\r\n"  # of a letter
# RFC 5321, 4.2.3, and RFC 3463, 3: what a reply of 5xx is about
_TOO_LARGE = re.compile(r"552|\d+ 5\.(2\.3|3\.4)\b")
_ABOUT_US = re.compile(r"53[05]|\d+ 5\.(7\.\d+|1\.[78])\b")  # login, policy, or the sender's address
_ABOUT_THE_READER = re.compile(r"55[013]|\d+ 5\.[12]\.\d+\b")


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
        raise _verdict(*reply) from error
    except smtplib.SMTPDataError as error:
        raise _verdict(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPAuthenticationError) as error:
        raise _verdict(error.smtp_code, error.smtp_error, before_the_reader=True) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Undeliverable("the mail server takes no addresses with letters beyond ASCII") from error
    except ssl.SSLCertVerificationError as error:
        raise MailerRefuses(f"the certificate of {server.host} is not to be trusted: {error.verify_message}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise CannotSend("no answer") from error
    return ""


class _Line(smtplib.SMTP):
    """A connection that knows when its time is up, and whether it waits for the reply to a letter."""

    def __init__(self, host: str, port: int, **options: Any) -> None:
        self._until = time.monotonic() + PATIENCE_S
        self._has_letter = False
        super().__init__(host, port, timeout=PATIENCE_S, **options)

    def send(self, s: Any) -> None:
        is_letter = isinstance(s, bytes) and s.endswith(_END)
        if is_letter:
            self._until = time.monotonic() + VERDICT_S
        self._hurry()
        super().send(s)
        self._has_letter = is_letter

    def getreply(self) -> tuple[int, bytes]:
        """The server's reply. Raises Unsure where it leaves open whether the letter was taken."""
        self._hurry()
        try:
            code, words = super().getreply()
        except smtplib.SMTPException as error:
            if self._has_letter:
                raise Unsure("no answer") from error
            raise
        if self._has_letter and code != 250 and not 400 <= code < 600:
            raise Unsure(f"reply {code}")
        return code, words

    def _hurry(self) -> None:
        if self.sock is not None:
            self.sock.settimeout(max(self._until - time.monotonic(), 0.001))  # 0 would not wait at all


class _TlsLine(_Line, smtplib.SMTP_SSL):
    """The same, over TLS from its beginning."""


@contextmanager
def _connected(server: Server, trust: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    kind = partial(_TlsLine, context=trust) if server.security == "tls" else _Line
    with closing(kind(server.host, server.port)) as connection:
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


def _verdict(code: int, words: bytes | str, *, before_the_reader: bool = False) -> WorkerError:
    """What a refusal means, by its code and by the enhanced one that its words may begin with.

    What is said before the server has heard of any reader can only be about us.
    """
    told = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    reply, reason = f"{code} {told.lstrip()}", f"the mail server answers {code}: {parts.without_addresses(told)}"
    if not 500 <= code < 600:
        return CannotSend(f"reply {code}")
    if _TOO_LARGE.match(reply):
        return TooLarge()
    if before_the_reader or _ABOUT_US.match(reply):
        return MailerRefuses(reason)
    if _ABOUT_THE_READER.match(reply):
        return Undeliverable(reason)
    return CannotSend(reason)
