"""The check of the mailer: a letter to oneself, in test mode where the mailer knows one."""

from email.message import EmailMessage
from email.policy import SMTP

from jobs import Letter, Order
from jobs.life import born, failed, utc_now
from jobs.settings import StoreSettings
from text2art.checks import NOBODY, Check, Problem
from worker.errors import CannotSend, MailerRefuses, TooLarge, Undeliverable
from worker.mailers import MailSettings, open_mailer, outbox_folder

TEXT = "This is a test of the mail, made by `text2art deploy-check`."


def check(settings: MailSettings, store: StoreSettings, to: str | None) -> Check:
    """Of the mailer of these settings; `to` is whom a letter goes to, or None for the sender."""
    return Check("mail", lambda: goes(settings, store, to))


def goes(settings: MailSettings, store: StoreSettings, to: str | None) -> str:
    """The mailer takes a letter."""
    now = utc_now()
    job = failed(born(Order(prompt="a test of the deployment", email=NOBODY), now), TEXT, now)
    letter = Letter(job=job, token=1)
    try:
        with open_mailer(settings.model_copy(update={"mailgun_test_mode": True}), store) as mailer:
            receipt = mailer(letter, message(settings.sender, to or settings.sender))
    except (CannotSend, MailerRefuses, TooLarge, Undeliverable) as error:
        raise Problem(f"no letter would leave: {error}") from error
    if settings.mailgun_key is not None:
        return f"Mailgun took a letter in test mode, which is charged and not delivered: {receipt}"
    if settings.sendgrid_key is not None or settings.smtp_host is not None:
        return f"a letter was taken for {'--mail-to' if to else 'the sender'}: see that it arrives"
    folder = outbox_folder(settings, store)
    (folder / f"{letter.id}.eml").unlink()
    return f"letters are laid into {folder}: nobody is mailed"


def message(sender: str, to: str) -> EmailMessage:
    """The letter."""
    written = EmailMessage(policy=SMTP)
    written["From"], written["To"], written["Subject"] = sender, to, "Text2Art: a test of the mail"
    written.set_content(TEXT)
    written.add_alternative(f"<p>{TEXT}</p>", subtype="html")
    return written
