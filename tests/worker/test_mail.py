import email
import re
from datetime import UTC, datetime, timedelta
from email import policy
from io import BytesIO
from types import MappingProxyType

import av
import numpy as np
import pytest
from PIL import Image

from jobs import Files, Letter, NotOnShelf, Status
from jobs.mail_links import opens_deletion, unsubscribe_path
from tests.fakes import an_order
from worker.errors import Undeliverable
from worker.mail import DONE_SUBJECT, FAILED_SUBJECT, MOST_ENCLOSED, NOTHING, Enclosed, enclosed, render

SENDER = {"sender": "Text2Art <art@example.com>", "public_url": "https://art.example.com/", "link_days": 30}
ENDED = datetime(2030, 1, 1, 12, tzinfo=UTC)
NASTY = [
    "<script>alert(1)</script>",
    "\"quotes\" & 'apostrophes' <b>bold</b>",
    "a fox 🦊 and a family 👨‍👩‍👧",
    "水下城堡",
    "{{ job.order.email }} {% raw %} {{ 12345 * 2 }}",
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
    """The letter about a job that was painted."""

    def make(more=MappingProxyType({}), **order):
        job = a_job(an_order(**order), status=Status.DONE, finished_at=ENDED)
        film = f"{job.id}/t1-film.mp4" if job.order.make_video else None
        files = Files(picture=f"{job.id}/t1-picture.png", thumbnail=f"{job.id}/t1-thumbnail.webp", film=film, **more)
        return Letter(job=job.model_copy(update={"files": files}), token=1)

    return make


@pytest.fixture
def failed(a_job):
    """The letter about a job that was not."""

    def make(reason, **order):
        job = a_job(an_order(**order), status=Status.FAILED, error=reason, finished_at=ENDED)
        return Letter(job=job, token=1)

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
        assert f"https://art.example.com/?job={done().job.id}" in body


def test_exactly_one_picture_is_inline_and_the_html_shows_it(done):
    message = sent(render(done(), Enclosed(png(), mp4()), **SENDER))
    inline = [part for part in message.walk() if part.get_content_disposition() == "inline"]
    assert [part["Content-ID"] for part in inline] == ["<picture.png>"]
    assert message.get_body(("html",)).get_content().count('src="cid:picture.png"') == 1
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


def test_what_is_not_enclosed_is_linked(done):
    links = [f"https://art.example.com/r/{done().job.id}/{name}?download=1" for name in ("picture.png", "film.mp4")]
    for files in (Enclosed(png(), mp4()), Enclosed(png()), NOTHING):
        message = render(done(), files, **SENDER)
        for kind in ("plain", "html"):
            assert all(link in message.get_body((kind,)).get_content() for link in links)


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_strokes_and_cells_are_linked_where_there_are_such_files(done, kind):
    names = {"vector": "vector.svg", "pixels": "pixels.png"}
    for there in names:
        letter = done({there: f"{done().job.id}/t1-{names[there]}"})
        body = render(letter, NOTHING, **SENDER).get_body((kind,)).get_content()
        linked = [each for each, name in names.items() if f"/r/{letter.job.id}/{name}?download=1" in body]
        assert linked == [there]
    assert not any(name in render(done(), NOTHING, **SENDER).get_body((kind,)).get_content() for name in names.values())


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize("public", [True, False])
def test_a_public_picture_is_linked_where_it_hangs_and_a_private_one_hangs_nowhere(done, kind, public):
    letter = done(public=public)
    body = render(letter, NOTHING, **SENDER).get_body((kind,)).get_content()
    assert (f"https://art.example.com/a/{letter.job.id}" in body) == public


def test_its_reader_can_delete_the_picture_by_a_link_of_its_own(done):
    letter = done()
    for kind in ("plain", "html"):
        body = render(letter, NOTHING, **SENDER).get_body((kind,)).get_content()
        (key,) = re.findall(rf"https://art\.example\.com/delete/{letter.job.id}/([\w-]+)", body)
        assert opens_deletion(key, letter.job)
        assert key != letter.job.unsubscribe_key


def test_nothing_is_to_be_deleted_where_nothing_was_painted(failed):
    assert "/delete/" not in render(failed("no"), NOTHING, **SENDER).as_string()


@pytest.mark.parametrize("palette", [None, "sunset"])
def test_what_paints_it_again_is_told(done, palette):
    for kind in ("plain", "html"):
        body = render(done(palette=palette, seed=7), NOTHING, **SENDER).get_body((kind,)).get_content()
        more = ", palette sunset" if palette else ""
        assert f"style image, quality draft, aspect square{more}, seed 7." in body


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            Enclosed(b"picture", b"film"),
            "The picture and the film of its making are attached. The links work for 30 days.",
        ),
        (
            Enclosed(b"picture"),
            "The picture is attached. The film is too large for a mail. The links work for 30 days.",
        ),
        (NOTHING, "The files are too large for a mail. The links work for 30 days."),
    ],
)
def test_a_mail_says_what_it_carries(done, files, said):
    message = sent(render(done(), files, **SENDER))
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert said in text.splitlines()
    assert f"<p>{said}</p>" in html
    assert ("cid:" in html) == (files.picture is not None)


def test_the_links_of_a_public_picture_have_no_end(done):
    assert "30 days" not in render(done(public=True), NOTHING, **SENDER).get_body(("plain",)).get_content()


def test_one_day_is_not_days(done):
    message = render(done(), NOTHING, **SENDER | {"link_days": 1})
    assert "work for 1 day." in message.get_body(("plain",)).get_content()


def test_a_mail_can_be_stopped_with_one_click(done):
    message = sent(render(done(), NOTHING, **SENDER))
    stop = f"https://art.example.com{unsubscribe_path(done().job)}"
    assert message["List-Unsubscribe"] == f"<{stop}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop in message.get_body(("plain",)).get_content()
    assert f'href="{stop}"' in message.get_body(("html",)).get_content()


def test_a_long_address_to_stop_at_stays_in_one_piece(done):
    message = render(done(), NOTHING, **SENDER | {"public_url": f"https://{'very-' * 20}long.example.com"})
    (line,) = [line for line in message.as_bytes().split(b"\r\n") if line.startswith(b"List-Unsubscribe:")]
    assert line.endswith(f"{unsubscribe_path(done().job)}>".encode())


def test_a_mail_is_ascii_on_its_way_whatever_it_says(done):
    message = render(done(prompt="城 🦊"), NOTHING, **SENDER | {"sender": "Künstler <art@example.com>"})
    assert message.as_bytes().isascii()
    assert sent(message)["From"] == "Künstler <art@example.com>"


@pytest.mark.parametrize("prompt", NASTY)
def test_any_prompt_is_text_and_nothing_else(done, prompt):
    message = sent(render(done(prompt=prompt), Enclosed(png(), mp4()), **SENDER))
    assert f'"{prompt}"' in message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    for mark in ("<script", "<b>", 'alt="""', "24690"):
        assert mark not in html
    assert html.count("<img") == 1
    assert message.defects == []


def test_markup_in_a_prompt_is_escaped_where_html_shows_it(done):
    html = render(done(prompt='<i>"&'), Enclosed(png()), **SENDER).get_body(("html",)).get_content()
    assert 'alt="&lt;i&gt;&#34;&amp;"' in html


def test_a_failed_job_is_told_its_reason_and_carries_no_files(failed):
    message = sent(render(failed("The <start> image is gone."), NOTHING, **SENDER))
    assert message["Subject"] == FAILED_SUBJECT
    assert "The <start> image is gone." in message.get_body(("plain",)).get_content()
    assert "The &lt;start&gt; image is gone." in message.get_body(("html",)).get_content()
    assert list(message.iter_attachments()) == [] and parts(message, "image/png") == []


def test_a_letter_sent_twice_has_one_message_id_and_date_and_another_letter_has_others(done):
    first, again = (render(letter, NOTHING, **SENDER) for letter in (done(), done().model_copy(update={"token": 2})))
    job = done().job.model_copy(update={"finished_at": ENDED + timedelta(hours=1)})
    later = render(Letter(job=job, token=1), NOTHING, **SENDER)
    assert first["Message-ID"] == again["Message-ID"] == f"<{done().id}@example.com>"
    assert first["Date"] == again["Date"]
    assert later["Message-ID"] != first["Message-ID"] and later["Date"] != first["Date"]


@pytest.mark.parametrize(
    "address",
    ["a@example.com\r\nBcc: b@example.com", "a@example.com\nX: y", "a@example.com\rX: y", "a@x.com, b@x.com", "nobody"],
)
def test_what_is_not_one_address_is_undeliverable_and_not_quoted(failed, address):
    letter = failed("no")
    order = letter.job.order.model_copy(update={"email": address})  # past the door that refuses such an address
    letter = Letter(job=letter.job.model_copy(update={"order": order}), token=1)
    with pytest.raises(Undeliverable) as error:
        render(letter, NOTHING, **SENDER)
    assert address not in str(error.value)


def test_an_international_domain_is_written_as_every_server_takes_it(failed):
    message = sent(render(failed("no", email="maler@bücher.example.com"), NOTHING, **SENDER))
    assert message["To"] == "maler@xn--bcher-kva.example.com"


def test_an_address_beyond_ascii_is_written_as_it_is(failed):
    message = sent(render(failed("no", email="jürgen@example.com"), NOTHING, **SENDER))
    assert message["To"] == "jürgen@example.com"


def test_a_finished_jobs_files_are_enclosed_and_missing_ones_are_an_error(done, failed, shelf):
    job = done().job
    with pytest.raises(NotOnShelf):
        enclosed(job, shelf)
    shelf.put(job.files.picture, b"picture")
    shelf.put(job.files.film, b"film")
    assert enclosed(job, shelf) == Enclosed(b"picture", b"film")
    assert enclosed(failed("no").job, shelf) == NOTHING


@pytest.mark.parametrize(
    ("picture", "film", "carried"),
    [
        (1, MOST_ENCLOSED - 2, (True, True)),  # the picture counts twice: shown and attached
        (1, MOST_ENCLOSED - 1, (True, False)),
        (MOST_ENCLOSED // 2, 1, (True, False)),
        (MOST_ENCLOSED // 2 + 1, 1, (False, False)),
        (1, None, (True, False)),
    ],
)
def test_a_mail_carries_what_fits_and_the_picture_first(done, shelf, picture, film, carried):
    job = done(make_video=film is not None).job
    shelf.put(job.files.picture, bytes(picture))
    if film is not None:
        shelf.put(job.files.film, bytes(film))
    files = enclosed(job, shelf)
    assert (files.picture is not None, files.film is not None) == carried
