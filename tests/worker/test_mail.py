import email
from email import policy
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from jobs import Files, NotOnShelf, Status
from tests.fakes import an_order
from worker.mail import DONE_SUBJECT, FAILED_SUBJECT, LARGEST_FILM, Enclosed, enclosed, render

SENDER = {"sender": "Text2Art <art@example.com>", "public_url": "https://art.example.com/"}
NASTY = [
    "<script>alert(1)</script>",
    "\"quotes\" & 'apostrophes' <b>bold</b>",
    "a fox 🦊 and a family 👨‍👩‍👧",
    "水下城堡",
    "{{ job.order.email }} {% raw %} {{ 7 * 7 }}",
    "%recipient.email% %unsubscribe_url% %s 100%",
    "x" * 500,
    "城" * 500,
]


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "PNG")
    return file.getvalue()


def mp4() -> bytes:
    file = BytesIO()
    with av.open(file, "w", "mp4") as container:
        stream = container.add_stream("h264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in (0, 128, 255):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), shade, np.uint8))
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return file.getvalue()


@pytest.fixture
def done(a_job):
    def make(**order):
        job = a_job(an_order(**order), status=Status.DONE)
        film = f"{job.id}/film.mp4" if job.order.make_video else None
        files = Files(picture=f"{job.id}/picture.png", thumbnail=f"{job.id}/thumbnail.webp", film=film)
        return job.model_copy(update={"files": files})

    return make


@pytest.fixture
def failed(a_job):
    def make(reason, **order):
        return a_job(an_order(**order), status=Status.FAILED, error=reason)

    return make


def sent(message):
    """The message as its reader gets it."""
    return email.message_from_bytes(message.as_bytes(), policy=policy.default)


def parts(message, kind):
    return [part for part in message.walk() if part.get_content_type() == kind]


def test_a_finished_job_is_told_in_text_and_html(done):
    message = sent(render(done(), Enclosed(png(), mp4()), **SENDER))
    assert message["Subject"] == DONE_SUBJECT == "Your Artwork is ready!"
    assert message["To"] == "visitor@example.com"
    assert message["From"] == "Text2Art <art@example.com>"
    for kind in ("plain", "html"):
        body = message.get_body((kind,)).get_content()
        assert "castle underwater" in body
        assert f"https://art.example.com/?job={done().id}" in body


def test_exactly_one_picture_is_inline_and_the_html_shows_it(done):
    message = sent(render(done(), Enclosed(png(), mp4()), **SENDER))
    inline = [part for part in message.walk() if part.get_content_disposition() == "inline"]
    assert [part["Content-ID"] for part in inline] == ["<picture>"]
    assert message.get_body(("html",)).get_content().count('src="cid:picture"') == 1
    assert Image.open(BytesIO(inline[0].get_content())).size == (64, 48)


def test_the_attached_picture_opens_and_the_film_plays(done):
    message = sent(render(done(), Enclosed(png(), mp4()), **SENDER))
    attached = {part.get_filename(): part for part in message.iter_attachments()}
    assert {name: part.get_content_type() for name, part in attached.items()} == {
        "text2art.png": "image/png",
        "text2art.mp4": "video/mp4",
    }
    assert Image.open(BytesIO(attached["text2art.png"].get_content())).size == (64, 48)
    with av.open(BytesIO(attached["text2art.mp4"].get_content())) as film:
        assert sum(1 for _ in film.decode(video=0)) == 3


def test_a_job_without_a_film_mentions_none(done):
    message = sent(render(done(make_video=False), Enclosed(png()), **SENDER))
    assert [part.get_filename() for part in message.iter_attachments()] == ["text2art.png"]
    assert "film" not in message.get_body(("plain",)).get_content()


def test_a_film_too_large_for_a_mail_is_linked_instead(done):
    message = render(done(), Enclosed(png(), bytes(LARGEST_FILM + 1)), **SENDER)
    assert [part.get_filename() for part in message.iter_attachments()] == ["text2art.png"]
    text = message.get_body(("plain",)).get_content()
    assert "too large" in text and "film.mp4" in text


@pytest.mark.parametrize("prompt", NASTY)
def test_any_prompt_is_text_and_nothing_else(done, prompt):
    message = sent(render(done(prompt=prompt), Enclosed(png(), mp4()), **SENDER))
    assert f'"{prompt}"' in message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    for mark in ("<script", "<b>", 'alt="""', "49"):
        assert mark not in html
    assert html.count("<img") == 1
    assert message.defects == []


def test_markup_in_a_prompt_is_escaped_where_html_shows_it(done):
    html = render(done(prompt='<i>"&'), Enclosed(png()), **SENDER).get_body(("html",)).get_content()
    assert 'alt="&lt;i&gt;&#34;&amp;"' in html


def test_a_failed_job_is_told_its_reason_and_carries_no_files(failed):
    message = sent(render(failed("The <start> image is gone."), None, **SENDER))
    assert message["Subject"] == FAILED_SUBJECT
    assert "The <start> image is gone." in message.get_body(("plain",)).get_content()
    assert "The &lt;start&gt; image is gone." in message.get_body(("html",)).get_content()
    assert list(message.iter_attachments()) == [] and parts(message, "image/png") == []


def test_the_same_job_has_the_same_message_id_and_date_and_another_job_has_not(done, a_job):
    first, again = (render(done(), Enclosed(png()), **SENDER) for _ in range(2))
    other = render(done().model_copy(update={"id": "z" * 22}), Enclosed(png()), **SENDER)
    assert first["Message-ID"] == again["Message-ID"] == f"<{done().id}@example.com>"
    assert first["Date"] == again["Date"]
    assert other["Message-ID"] != first["Message-ID"]


@pytest.mark.parametrize(
    "address", ["a@example.com\r\nBcc: b@example.com", "a@example.com\nX: y", "a@example.com\rX: y"]
)
def test_control_characters_never_reach_a_header(failed, address):
    order = an_order().model_copy(update={"email": address})  # past the door that refuses such an address
    job = failed("no").model_copy(update={"order": order})
    with pytest.raises(ValueError, match="invalid characters"):
        render(job, None, **SENDER)


def test_an_international_domain_is_written_as_every_server_takes_it(failed):
    message = sent(render(failed("no", email="maler@bücher.example.com"), None, **SENDER))
    assert message["To"] == "maler@xn--bcher-kva.example.com"


def test_a_finished_jobs_files_are_enclosed_and_missing_ones_are_an_error(done, failed, shelf):
    job = done()
    with pytest.raises(NotOnShelf):
        enclosed(job, shelf)
    shelf.put(job.files.picture, b"picture")
    shelf.put(job.files.film, b"film")
    assert enclosed(job, shelf) == Enclosed(b"picture", b"film")
    assert enclosed(failed("no"), shelf) is None
