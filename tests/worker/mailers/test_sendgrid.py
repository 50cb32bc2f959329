"""SendGrid is stood in for by a server that keeps what it gets and checks none of it."""

import json
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import SecretStr

from tests.worker.mailers.conftest import FILES
from worker.errors import CannotSend, MailerRefuses, TooLarge, Undeliverable, Unsure, WorkerError
from worker.mail import NOTHING
from worker.mailers.sendgrid import Account, body, send


@pytest.fixture
def sendgrid():
    """A server of one answer, (status, headers, body), that keeps the requests it got."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.requests.append((self.path, self.headers["Authorization"], json.loads(sent)))
            status, headers, answer = self.server.answer
            self.send_response(status)
            for name, value in {**headers, "Content-Length": len(answer)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.requests, server.answer = [], (202, {"X-Message-Id": "receipt"}, b"")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def post(sendgrid, session, written, a_letter):
    account = Account(f"http://127.0.0.1:{sendgrid.server_port}", SecretStr("SG.secret"))
    return lambda: send(a_letter(), written(a_letter()), account=account, session=session)


def test_a_letter_is_sent_with_the_key_and_gives_a_receipt(post, sendgrid, a_letter, written, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))  # requests would put it in the header's place
    assert post() == "receipt"
    ((path, authorization, sent),) = sendgrid.requests
    assert (path, authorization) == ("/v3/mail/send", "Bearer SG.secret")
    assert sent == json.loads(json.dumps(body(a_letter(), written(a_letter()))))


def test_the_body_says_who_what_and_how_it_is_marked(a_letter, written):
    letter = a_letter(prompt="水 <b>")
    sent = body(letter, written(letter))
    assert sent["personalizations"] == [
        {
            "to": [{"email": "visitor@example.com"}],
            "custom_args": {"letter_id": letter.id, "job_id": letter.job.id},
        }
    ]
    assert sent["from"] == {"email": "art@example.com", "name": "Text2Art"}
    assert sent["subject"] == "Your Artwork is ready!"
    assert [content["type"] for content in sent["content"]] == ["text/plain", "text/html"]
    assert "水 &lt;b&gt;" in sent["content"][1]["value"]
    assert sent["categories"] == ["text2art", "image", "done"]
    assert sent["headers"]["Message-ID"] == f"<{letter.id}@example.com>"
    assert sent["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not any(setting["enable"] for setting in sent["tracking_settings"].values())


def test_a_sender_without_a_name_has_none(a_letter, written):
    assert body(a_letter(), written(a_letter(), sender="art@example.com"))["from"] == {"email": "art@example.com"}


def test_files_travel_as_base64_and_the_inline_one_by_its_id(a_letter, written):
    files = body(a_letter(), written(a_letter()))["attachments"]
    assert [(file["filename"], file["type"], file["disposition"]) for file in files] == [
        ("picture.png", "image/png", "inline"),
        ("text2art.png", "image/png", "attachment"),
        ("text2art.mp4", "video/mp4", "attachment"),
    ]
    assert files[0]["content_id"] == "picture.png"
    assert [b64decode(file["content"]) for file in files] == [FILES.picture, FILES.picture, FILES.film]


def test_without_files_there_is_no_list_of_them(a_letter, written):
    assert "attachments" not in body(a_letter(), written(a_letter(), NOTHING))


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (
            400,
            {"errors": [{"field": "personalizations.0.to.0.email", "message": "not a valid address"}]},
            Undeliverable,
        ),
        (400, {"errors": [{"field": "from.email", "message": "not a valid address"}]}, MailerRefuses),
        (400, {"errors": []}, Undeliverable),
        (400, {"errors": "x"}, Undeliverable),
        (400, [1], Undeliverable),
        (401, {"errors": [{"message": "The provided authorization grant is invalid"}]}, MailerRefuses),
        (403, {"errors": [{"message": "The from address does not match a verified Sender Identity"}]}, MailerRefuses),
        (413, {}, TooLarge),
        (429, {}, CannotSend),
        (404, {}, CannotSend),
        (500, {}, Unsure),
        (503, {}, Unsure),
        (200, {}, Unsure),
    ],
)
def test_every_answer_means_one_thing(post, sendgrid, status, answer, error):
    sendgrid.answer = (status, {}, json.dumps(answer).encode())
    with pytest.raises(WorkerError) as raised:
        post()
    assert type(raised.value) is error


def test_a_pause_that_is_asked_for_is_kept(post, sendgrid):
    sendgrid.answer = (429, {"Retry-After": "42"}, b"")
    with pytest.raises(CannotSend) as error:
        post()
    assert error.value.after_s == 42
