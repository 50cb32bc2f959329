import email
import socket
import ssl
import threading
from contextlib import contextmanager
from email import policy
from types import SimpleNamespace

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from pydantic import SecretStr

from tests.fakes import Clock
from tests.worker.mailers.conftest import FILES
from worker.errors import CannotSend, MailerRefuses, TooLarge, Undeliverable, Unsure, WorkerError
from worker.mailers import MailSettings, smtp
from worker.mailers.smtp import Server, send

HERE = "127.0.0.1"
LOGIN = ("postman", SecretStr("secret"))


class Office:
    """What a mail server says to letters, and those that it took."""

    def __init__(self, rcpt="250 OK", data="250 OK", mail="250 OK"):
        self.rcpt, self.data, self.mail, self.letters = rcpt, data, mail, []

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.mail

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):
        if self.data.startswith("250"):
            self.letters.append((session.ssl is not None, session.authenticated, envelope))
        return self.data


def knows_us(server, session, envelope, mechanism, data):
    if data.password == b"temporary":
        return AuthResult(success=False, handled=False, message="454 4.7.0 Temporary authentication failure")
    known = (data.login, data.password) == (b"postman", b"secret")
    return AuthResult(success=known, handled=False)  # handled=True would leave the refused one waiting


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def trust(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def served(authority):
    """Serve this office by STARTTLS with a login, by TLS, or in the clear; give the server's description."""
    running = []

    def serve(office, security="starttls", host=HERE, name=HERE, login=LOGIN, **options):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name).configure_cert(context)
        protected = {
            "starttls": {"tls_context": context, "require_starttls": True},
            "tls": {"ssl_context": context},
            "none": {},
        }[security]
        if login:
            protected |= {"authenticator": knows_us, "auth_required": True, "auth_require_tls": security == "starttls"}
        with socket.create_server((HERE, 0)) as free:
            port = free.getsockname()[1]
        controller = Controller(office, hostname=HERE, port=port, **protected | options)
        controller.start()
        running.append(controller)
        return Server(host, port, security, login)

    yield serve
    for controller in running:
        controller.stop()


@pytest.fixture
def post(a_letter, written, trust):
    """Send a letter to a server."""

    def send_it(server, **order):
        letter = a_letter(**order)
        return send(letter, written(letter, sender="Künstler <art@example.com>"), server=server, trust=trust)

    return send_it


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_a_letter_arrives_whole(post, served, security, a_letter):
    office = Office()
    login = LOGIN if security == "starttls" else None
    assert post(served(office, security, login=login), prompt="水下城堡") == ""
    ((began_tls, authenticated, envelope),) = office.letters
    assert (began_tls, bool(authenticated)) == (security == "starttls", login is not None)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("art@example.com", ["visitor@example.com"])
    read = email.message_from_bytes(envelope.content, policy=policy.default)
    assert read["From"] == "Künstler <art@example.com>"
    assert read["List-Unsubscribe"].startswith(f"<https://art.example.com/unsubscribe/{a_letter().job.id}/")
    assert "水下城堡" in read.get_body(("plain",)).get_content()
    assert [part.get_content() for part in read.iter_attachments()] == [FILES.picture, FILES.film]


def test_a_letter_is_ascii_so_that_every_server_on_its_way_takes_it(post, served):
    office = Office()
    post(served(office), prompt="水下城堡 🏰")
    assert office.letters[0][2].content.isascii()


def test_an_address_beyond_ascii_is_announced_as_such(post, served):
    office = Office()
    post(served(office, enable_SMTPUTF8=True), email="jürgen@example.com")
    envelope = office.letters[0][2]
    assert envelope.rcpt_tos == ["jürgen@example.com"]
    assert "SMTPUTF8" in envelope.mail_options


def test_an_address_beyond_ascii_is_undeliverable_where_the_server_knows_no_such(post, served):
    with pytest.raises(Undeliverable, match="beyond ASCII"):
        post(served(Office(), enable_SMTPUTF8=False), email="jürgen@example.com")


@pytest.mark.parametrize(
    ("office", "error"),
    [
        (Office(rcpt="550 5.1.1 <visitor@example.com> no such user"), Undeliverable),
        (Office(rcpt="550 no such user"), Undeliverable),
        (Office(rcpt="551 user not local"), Undeliverable),
        (Office(rcpt="553 mailbox name not allowed"), Undeliverable),
        (Office(rcpt="550 5.4.1 recipient rejected"), Undeliverable),
        (Office(rcpt="554 5.1.1 no such user"), Undeliverable),
        (Office(rcpt="554 5.2.1 mailbox disabled"), Undeliverable),
        (Office(rcpt="530 5.5.1 log in first"), MailerRefuses),
        (Office(rcpt="535 who are you"), MailerRefuses),
        (Office(rcpt="550 5.7.1 relaying denied"), MailerRefuses),
        (Office(rcpt="554 5.7.1 relay access denied"), MailerRefuses),
        (Office(rcpt="553 5.1.8 sender's domain does not exist"), MailerRefuses),
        (Office(rcpt="554 transaction failed"), CannotSend),
        (Office(rcpt="503 5.5.1 bad sequence"), CannotSend),
        (Office(rcpt="450 4.2.1 mailbox busy"), CannotSend),
        (Office(rcpt="450 4.7.1 greylisted"), CannotSend),
        (Office(rcpt="552 5.2.2 mailbox full"), TooLarge),
        (Office(mail="553 5.7.1 not your address"), MailerRefuses),
        (Office(mail="451 4.3.0 try again"), CannotSend),
        (Office(data="554 5.7.1 looks like spam"), MailerRefuses),
        (Office(data="550 5.7.26 this mail is not authenticated"), MailerRefuses),
        (Office(data="550 5.1.1 no such user"), Undeliverable),
        (Office(data="554 transaction failed"), CannotSend),
        (Office(data="554 5.6.0 what is that"), CannotSend),
        (Office(data="451 4.3.0 try again"), CannotSend),
        (Office(data="552 5.3.4 too big"), TooLarge),
        (Office(data="552 too big"), TooLarge),
        (Office(data="554 5.3.4 too big"), TooLarge),
        (Office(rcpt="550 5.2.3 too long for this mailbox"), TooLarge),
        (Office(data="299 how nice"), Unsure),
        (Office(rcpt="421 4.3.2 shutting down"), CannotSend),
    ],
    ids=lambda value: (
        value.__name__ if isinstance(value, type) else f"{value.mail[:9]}-{value.rcpt[:9]}-{value.data[:9]}"
    ),
)
def test_every_reply_means_one_thing(post, served, office, error):
    with pytest.raises(WorkerError) as raised:
        post(served(office))
    assert type(raised.value) is error
    assert "visitor@example.com" not in str(raised.value)
    assert office.letters == []


def test_a_letter_larger_than_the_server_says_it_takes_is_too_large(post, served):
    with pytest.raises(TooLarge):
        post(served(Office(), data_size_limit=1000))


def test_a_wrong_password_is_the_operators_matter(post, served):
    server = served(Office())
    with pytest.raises(MailerRefuses, match="535"):
        post(Server(server.host, server.port, "starttls", ("postman", SecretStr("wrong"))))


def test_a_login_that_does_not_work_now_may_work_later(post, served):
    server = served(Office())
    with pytest.raises(CannotSend):
        post(Server(server.host, server.port, "starttls", ("postman", SecretStr("temporary"))))


def test_a_server_that_wants_a_login_is_the_operators_matter(post, served):
    server = served(Office())
    with pytest.raises(MailerRefuses, match="530"):
        post(Server(server.host, server.port, "starttls"))


def test_nothing_is_said_to_a_server_without_starttls(post, served):
    office = Office()
    server = served(office, "none", login=None)
    with pytest.raises(MailerRefuses, match="STARTTLS"):
        post(Server(server.host, server.port, "starttls", LOGIN))
    assert office.letters == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_somebody_else_is_not_trusted(post, served, security):
    office = Office()
    with pytest.raises(MailerRefuses, match="not to be trusted"):
        post(served(office, security, name="mail.example.com", login=None))
    assert office.letters == []


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(served, a_letter, written):
    with pytest.raises(MailerRefuses, match="not to be trusted"):
        send(a_letter(), written(a_letter()), server=served(Office()), trust=ssl.create_default_context())


def test_a_server_out_of_reach_cannot_send(post):
    with socket.create_server((HERE, 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(CannotSend) as error:
        post(Server(HERE, port, "none"))
    assert not isinstance(error.value, Unsure)


def test_a_server_that_is_silent_is_not_waited_for_long(post, monkeypatch):
    monkeypatch.setattr(smtp, "PATIENCE_S", 0.2)
    with socket.create_server((HERE, 0)) as silent, pytest.raises(CannotSend) as error:
        post(Server(HERE, silent.getsockname()[1], "none"))
    assert not isinstance(error.value, Unsure)


def test_a_letter_is_settled_within_its_lease():
    assert MailSettings().letter_lease_s > smtp.PATIENCE_S + smtp.VERDICT_S


@contextmanager
def talking(replies, verdict=None):
    """A server that gives each of these replies to one line, then reads a letter and hands the line to `verdict`; with
    none, it hangs up before the letter."""

    def talk(listening):
        line, _ = listening.accept()
        with line, line.makefile("rb") as told:
            line.sendall(b"220 hello\r\n")
            for reply in replies:
                told.readline()
                line.sendall(reply + b"\r\n")
            if verdict is not None:
                while told.readline() != b".\r\n":
                    pass
                verdict(line, told)

    with socket.create_server((HERE, 0)) as listening:
        thread = threading.Thread(target=talk, args=(listening,))
        thread.start()
        yield Server(HERE, listening.getsockname()[1], "none")
        thread.join()


BEFORE = (b"250 hello", b"250 OK", b"250 OK", b"354 go on")


def test_a_letter_that_was_taken_is_sent_even_if_the_server_then_hangs_up(post):
    def taken(line, told):
        line.sendall(b"250 taken\r\n")
        told.readline()
        line.sendall(b"500 what do you mean, QUIT\r\n")

    with talking(BEFORE, taken) as server:
        assert post(server) == ""


def test_a_letter_that_was_taken_is_sent_even_without_a_farewell(post):
    with talking(BEFORE, lambda line, told: line.sendall(b"250 taken\r\n")) as server:
        assert post(server) == ""


@pytest.mark.parametrize("words", [b"", b"what?\r\n", b"2"])
def test_a_server_that_does_not_say_whether_it_took_the_letter_perhaps_did(post, words):
    with talking(BEFORE, lambda line, told: line.sendall(words)) as server, pytest.raises(Unsure):
        post(server)


def test_a_server_that_keeps_silent_about_a_letter_perhaps_took_it_and_is_given_more_time(post, monkeypatch):
    monkeypatch.setattr(smtp, "VERDICT_S", 0.2)
    with talking(BEFORE, lambda line, told: told.read()) as server, pytest.raises(Unsure):
        post(server)


@pytest.mark.parametrize("said", range(len(BEFORE)))
def test_a_server_that_hangs_up_before_the_letter_has_surely_not_taken_it(post, said):
    with talking(BEFORE[:said]) as server, pytest.raises(CannotSend) as error:
        post(server)
    assert not isinstance(error.value, Unsure)


def test_the_commands_have_one_patience_together_and_the_letter_its_own(post, monkeypatch):
    clock, waits = Clock(), []

    class Line(smtp._Line):
        def _hurry(self):
            super()._hurry()
            waits.append(self.sock.gettimeout())

    def slow():
        for reply in BEFORE:
            yield reply
            clock.now += 5

    monkeypatch.setattr(smtp, "time", SimpleNamespace(monotonic=clock))
    monkeypatch.setattr(smtp, "_Line", Line)
    with talking(slow(), lambda line, told: line.sendall(b"250 taken\r\n")) as server:
        assert post(server) == ""
    before, after = waits[: waits.index(120)], waits[waits.index(120) :]
    assert before == sorted(before, reverse=True)
    assert before[0] == 30 and before[-1] <= 20 and max(after) == 120


def test_the_password_is_in_no_text_that_could_be_logged():
    assert "secret" not in repr(Server(HERE, 25, "none", LOGIN))
