"""How mails are written and leave, from the environment (`TEXT2ART_MAILGUN_KEY=key-...` and so on)."""

import re
from email import policy
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, HttpUrl, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Region = Literal["us", "eu"]

# A slash would lead elsewhere: Mailgun answers it with 200 and a greeting.
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.IGNORECASE)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _is_domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text):
        raise ValueError("accepted: a domain name alone, like mg.example.com")
    return text


def _is_one_sender(text: str) -> str:
    """Refuse what is not one address, or could add a header of its own."""
    header = policy.default.header_factory("From", text)
    addresses = list(header.addresses)
    if not text.isprintable() or len(addresses) != 1 or not addresses[0].username or not addresses[0].domain:
        raise ValueError("accepted: one address, like 'Text2Art <art@example.com>'")
    return text


Seconds = Annotated[float, Field(gt=0)]


class MailSettings(BaseSettings):
    """The mailer is the one that settings are given for; with none, mails are laid into a folder.

    Times are in seconds.
    """

    # An error must not quote the input: it may hold a key.
    model_config = SettingsConfigDict(
        env_prefix="TEXT2ART_", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    mailgun_key: SecretStr | None = None  # an account's key, or a domain's sending key, which cannot ask for events
    mailgun_domain: Annotated[str, AfterValidator(_is_domain)] | None = None
    mailgun_region: Region = "us"
    mailgun_test_mode: bool = False  # mails are taken, and charged for, and not delivered
    mailgun_url: HttpUrl | None = None  # a stand-in, in development

    sendgrid_key: SecretStr | None = None
    sendgrid_region: Region = "us"
    sendgrid_url: HttpUrl | None = None  # a stand-in, in development

    smtp_host: str | None = None
    smtp_port: Annotated[int, Field(ge=1, le=65535)] | None = None  # None: what is usual for the security
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"  # none: on this machine only
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None

    outbox: Path | None = None  # where mails are laid as .eml files; None: `outbox` in the data folder

    mail_from: Annotated[str, AfterValidator(_is_one_sender)] | None = None
    public_url: HttpUrl = HttpUrl("http://127.0.0.1:8000")  # where visitors reach the page
    link_days: Annotated[int, Field(ge=1, le=36_500)] = 30  # how long the links of a picture that is not public work
    letter_lease_s: Seconds = 180  # who sends for longer than this is taken for dead, and the letter is sent again

    development: bool = False  # stand-ins and defaults that would be unsafe in public are accepted

    @property
    def has_account(self) -> bool:
        """Whether mails reach people, and not a folder."""
        return any((self.mailgun_key, self.sendgrid_key, self.smtp_host))

    @property
    def sender(self) -> str:
        """Whom mails come from."""
        return self.mail_from or f"Text2Art <text2art@{self.mailgun_domain or 'localhost'}>"

    @property
    def smtp_login(self) -> tuple[str, SecretStr] | None:
        return (self.smtp_user, self.smtp_password) if self.smtp_user and self.smtp_password else None

    @property
    def port(self) -> int:
        """Where the SMTP server listens."""
        return self.smtp_port or SMTP_PORTS[self.smtp_security]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for one, other in (("mailgun_key", "mailgun_domain"), ("smtp_user", "smtp_password")):
            given = [name for name in (one, other) if getattr(self, name) is not None]
            if len(given) == 1:
                raise ValueError(f"{_variables(one, other)} are needed together; only {_variables(*given)} is set")
        return self

    @model_validator(mode="after")
    def _is_one_mailer(self) -> Self:
        chosen = [name for name in ("mailgun_key", "sendgrid_key", "smtp_host") if getattr(self, name) is not None]
        if len(chosen) > 1:
            raise ValueError(f"{_variables(*chosen)} are set; accepted: one of them")
        if chosen and self.mail_from is None and self.mailgun_domain is None:
            raise ValueError(f"{_variables('mail_from')} is needed: whom mails come from")
        return self

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        stand_ins = [name for name in ("mailgun_url", "sendgrid_url") if getattr(self, name) is not None]
        if stand_ins and not self.development:
            raise ValueError(f"{_variables(*stand_ins)} is for trials, with {_variables('development')}=1")
        if self.smtp_security == "none" and self.smtp_host is not None and self.smtp_host not in _LOOPBACK:
            raise ValueError(
                f"{_variables('smtp_security')}=none is for a server on this machine; accepted: starttls, tls"
            )
        return self


def _variables(*names: str) -> str:
    return " and ".join(f"TEXT2ART_{name.upper()}" for name in names)
