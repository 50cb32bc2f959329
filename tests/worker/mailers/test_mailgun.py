import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from tests.mailgun import Plan, expanded
from tests.worker.mailers.conftest import FILES
from worker.errors import CannotSend, MailerRefuses, TooLarge, Undeliverable, Unsure, WorkerError
from worker.mailers import web
from worker.mailers.mailgun import Account, fields, literal, literal_html, send
from worker.mailers.web import UNSURE_S

NOW = datetime(2030, 1, 1, 13, tzinfo=UTC)
TEMPLATES = [
    "%recipient.email%",
    "%recipient%",
    "%unsubscribe_url% %tag_unsubscribe_url% %mailing_list_unsubscribe_url%",
    "{{letter_id}} {{{ job_id }}} {{{{letter_id}}}}",
    "{{#if letter_id}}x{{/if}}",
    "100% of %recipient.name%%recipient%",
]


@pytest.fixture
def account(mailgun):
    return Account(mailgun.url, mailgun.domain, SecretStr(mailgun.key))


@pytest.fixture
def post(account, session, written):
    """Send a letter through the stand-in."""

    def send_it(letter, **changes):
        return send(letter, written(letter), account=replace(account, **changes), session=session, clock=lambda: NOW)

    return send_it


def readable(text):
    """What a reader sees: without what has no width."""
    return text.replace("\u200c", "")


def test_a_finished_letter_arrives_whole_and_its_receipt_is_mailguns_id(post, a_letter, mailgun):
    letter = a_letter()
    receipt = post(letter)
    (message,) = mailgun.messages
    assert receipt == message.id
    assert (message.sender, message.to) == ("Text2Art <art@example.com>", "visitor@example.com")
    assert message.subject == "Your Artwork is ready!"
    assert "castle underwater" in message.text and "castle underwater" in message.html
    assert message.inline == {"picture.png": FILES.picture}
    assert message.attachments == {"text2art.png": FILES.picture, "text2art.mp4": FILES.film}
    assert message.variables == {"letter_id": letter.id, "job_id": letter.job.id}
    assert message.tags == ["text2art", "image", "done"]
    assert message.options == {"o:tracking": "no", "o:require-tls": "yes"}


def test_the_letters_own_headers_arrive_in_one_piece(post, a_letter, mailgun):
    letter = a_letter()
    post(letter)
    headers = mailgun.messages[0].headers
    assert headers["Message-ID"] == f"<{letter.id}@example.com>"
    assert headers["List-Unsubscribe"].startswith(f"<https://art.example.com/unsubscribe/{letter.job.id}/")
    assert headers["List-Unsubscribe"].endswith(">")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"


def test_a_failed_letter_has_no_files_and_says_why(post, a_letter, mailgun):
    post(a_letter(error="The start image is gone."))
    (message,) = mailgun.messages
    assert message.inline == message.attachments == {}
    assert "The start image is gone." in message.text
    assert message.tags == ["text2art", "image", "failed"]


def test_in_test_mode_mailgun_is_told_not_to_deliver(post, a_letter, mailgun):
    post(a_letter(), test_mode=True)
    assert mailgun.messages[0].options["o:testmode"] == "yes"


@pytest.mark.parametrize("prompt", TEMPLATES)
def test_mailgun_expands_nothing_in_a_prompt_or_an_error(post, a_letter, mailgun, prompt):
    assert expanded(prompt, "visitor@example.com", {"letter_id": "x"}) != prompt  # the stand-in would
    post(a_letter(prompt=prompt))
    post(a_letter(prompt=prompt, error=f"Cannot paint {prompt}"))
    for message in mailgun.messages:
        assert prompt in readable(message.text)
        assert prompt.replace("%", "&#37;").replace("{", "&#123;") in message.html
        assert "visitor@example.com" not in message.text + message.html
    assert f"Cannot paint {prompt}" in readable(mailgun.messages[1].text)


def test_a_prompt_from_a_mail_can_be_ordered_again(a_letter):
    order = a_letter().job.order
    assert type(order).model_validate({**order.model_dump(), "prompt": literal("100% {{x}} %y%")})


def test_an_ordinary_text_is_not_touched():
    assert literal("a fox, 100% red {well}\n%") == "a fox, 100% red {well}\n%"
    assert literal_html("<p>a fox</p>") == "<p>a fox</p>"


def test_the_form_has_one_recipient(a_letter, written):
    names = [name for name, _ in fields(a_letter(), written(a_letter()))]
    assert names.count("to") == 1 and not {"cc", "bcc"} & set(names)


def test_the_key_is_in_no_text_that_could_be_logged(account):
    assert account.key.get_secret_value() not in repr(account)


# What Mailgun answers


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, '{"message": "\'to\' parameter is not a valid address. please check documentation"}', Undeliverable),
        (400, '{"message": "\'from\' parameter is not a valid address. please check documentation"}', MailerRefuses),
        (400, "not JSON", Undeliverable),
        (401, "Forbidden", MailerRefuses),
        (402, '{"message": "Payment Required"}', MailerRefuses),
        (403, '{"message": "The domain is unverified and requires DNS configuration."}', MailerRefuses),
        (404, '{"message": "Domain not found: mg.example.com"}', MailerRefuses),
        (413, "Request Entity Too Large", TooLarge),
        (429, "slow down", CannotSend),
        (500, "oops", Unsure),
        (502, "<html>Bad Gateway</html>", Unsure),
        (301, "elsewhere", CannotSend),
        (200, "Mailgun Magnificent API", Unsure),
        (200, '{"id": "<x>", "message": "Hello"}', Unsure),
        (200, '{"message": "Queued. Thank you."}', Unsure),
        (200, '["Queued"]', Unsure),
    ],
)
def test_every_answer_means_one_thing(post, a_letter, mailgun, status, body, error):
    mailgun.plan.append(Plan(status, body))
    with pytest.raises(WorkerError) as raised:
        post(a_letter())
    assert type(raised.value) is error
    assert mailgun.messages == []


def test_a_redirect_is_not_followed(post, a_letter, mailgun):
    mailgun.plan.append(Plan(307, headers={"Location": f"{mailgun.url}/v3/{mailgun.domain}/messages"}))
    with pytest.raises(CannotSend):
        post(a_letter())
    assert len(mailgun.requests) == 1


def test_a_reason_is_readable_and_has_no_address_in_it(post, a_letter, mailgun):
    mailgun.plan.append(Plan(400, '{"message": "to <visitor@example.com>: visitor@example.com\\nis bad"}'))
    with pytest.raises(Undeliverable) as refusal:
        post(a_letter())
    assert str(refusal.value) == "Mailgun: to <(an address)>: (an address) is bad"


def test_an_endless_reason_is_cut(post, a_letter, mailgun):
    mailgun.plan.append(Plan(400, '{"message": "%s"}' % ("no " * 10_000)))
    with pytest.raises(Undeliverable) as refusal:
        post(a_letter())
    assert len(str(refusal.value)) < 250


def test_an_endless_answer_is_not_read_to_its_end(post, a_letter, mailgun):
    mailgun.plan.append(Plan(200, '{"id": "<x>", ' + " " * web.LARGEST_ANSWER + '"message": "Queued"}'))
    with pytest.raises(CannotSend):
        post(a_letter())


def test_an_unknown_domain_is_told_with_the_region_that_was_asked(post, a_letter, mailgun):
    with pytest.raises(MailerRefuses, match=rf"mg\.other\.com at {mailgun.url}: right region"):
        post(a_letter(), domain="mg.other.com")


def test_a_wrong_key_is_the_operators_matter(post, a_letter):
    with pytest.raises(MailerRefuses, match="401"):
        post(a_letter(), key=SecretStr("stolen"))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("999999", 3600),
        ("Tue, 01 Jan 2030 13:01:30 GMT", 90),
        ("Tue, 01 Jan 2030 12:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("Tue, 01 Jan 2030 13:01:30", 90),
    ],
)
def test_a_pause_that_mailgun_asks_for_is_kept_within_bounds(header, seconds):
    error = web.trouble(web.Answer(429, {"Retry-After": header}, b""), NOW)
    assert error.after_s == seconds


def test_no_pause_is_asked_for_without_the_header():
    assert web.trouble(web.Answer(429, {}, b""), NOW).after_s is None


# A line that breaks


def test_a_mailgun_that_hangs_is_not_waited_for_long(post, a_letter, mailgun, monkeypatch):
    monkeypatch.setattr(web, "PATIENCE_S", (5, 0.2))
    mailgun.plan.append(Plan(200, hang=True))
    with pytest.raises(Unsure) as error:
        post(a_letter())
    assert error.value.after_s == UNSURE_S


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://nowhere.invalid", "https://{here}"])
def test_a_mailgun_out_of_reach_has_surely_taken_nothing(post, a_letter, mailgun, address):
    with pytest.raises(CannotSend) as error:
        post(a_letter(), url=address.format(here=mailgun.url.removeprefix("http://")))  # it speaks no TLS
    assert not isinstance(error.value, Unsure)


# What may have been sent before


def test_a_letter_that_mailgun_took_while_it_answered_an_error_is_not_sent_again(post, a_letter, mailgun):
    mailgun.plan.append(Plan(500, accept=True))
    with pytest.raises(CannotSend) as error:
        post(a_letter())
    assert error.value.after_s == UNSURE_S  # events show late: not before
    assert post(a_letter(token=2)) == mailgun.messages[0].id
    assert len(mailgun.messages) == 1


def test_a_letter_that_did_not_arrive_is_sent_again(post, a_letter, mailgun):
    mailgun.plan.append(Plan(500))
    with pytest.raises(CannotSend):
        post(a_letter())
    assert post(a_letter(token=2)) == mailgun.messages[0].id
    assert [line.split()[0] for line in mailgun.requests] == ["POST", "GET", "POST"]


def test_another_letter_to_the_same_address_is_not_taken_for_this_one(post, a_letter, mailgun):
    earlier = a_letter()
    job = earlier.job.model_copy(update={"finished_at": earlier.ended_at - timedelta(minutes=1)})
    post(earlier.model_copy(update={"job": job}))
    post(a_letter(token=2))
    assert len({message.variables["letter_id"] for message in mailgun.messages}) == 2


def test_who_takes_a_letter_first_asks_nobody(post, a_letter, mailgun):
    post(a_letter())
    assert mailgun.requests == [f"POST /v3/{mailgun.domain}/messages"]


def test_a_sending_key_may_not_ask_and_the_letter_is_sent_rather_than_never(post, a_letter, mailgun, caplog):
    with caplog.at_level(logging.WARNING):
        assert post(a_letter(token=2), key=SecretStr(mailgun.sending_key)) == mailgun.messages[0].id
    assert "cannot-ask" in caplog.text


@pytest.mark.parametrize("plan", [Plan(500), Plan(200, "garbage"), Plan(500, accept=True)])
def test_whoever_may_ask_is_sure_enough_to_try_as_long_as_it_takes(post, a_letter, mailgun, plan):
    mailgun.plan.extend([Plan(200, '{"items": []}'), plan])
    with pytest.raises(CannotSend) as error:
        post(a_letter(token=2))
    assert not isinstance(error.value, Unsure) and error.value.after_s == UNSURE_S
    assert [line.split()[0] for line in mailgun.requests] == ["GET", "POST"]


@pytest.mark.parametrize("plan", [Plan(500), Plan(200, "garbage"), Plan(500, accept=True)])
def test_whoever_may_not_ask_says_that_a_letter_was_perhaps_sent(post, a_letter, mailgun, plan):
    mailgun.plan.extend([Plan(401), plan])
    with pytest.raises(Unsure):
        post(a_letter(token=2), key=SecretStr(mailgun.sending_key))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, None, CannotSend),
        (404, None, MailerRefuses),
        (429, None, CannotSend),
        (500, None, CannotSend),
        (200, "not JSON", CannotSend),
        (200, '{"items": [{"user-variables": 5}, 7]}', CannotSend),
        (200, "[]", CannotSend),
    ],
)
def test_without_an_answer_about_before_nothing_is_sent(post, a_letter, mailgun, status, body, error):
    mailgun.plan.append(Plan(status, body))
    with pytest.raises(WorkerError) as raised:
        post(a_letter(token=2))
    assert type(raised.value) is error
    assert mailgun.messages == []


def test_events_without_our_marks_are_passed_over(post, a_letter, mailgun):
    mailgun.plan.append(Plan(200, '{"items": [{"event": "accepted"}, {"user-variables": {}}]}'))
    assert post(a_letter(token=2)) == mailgun.messages[0].id
