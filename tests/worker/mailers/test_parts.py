import pytest

from tests.worker.mailers.conftest import FILES
from worker.mail import NOTHING
from worker.mailers.parts import Enclosure, enclosures, marks, tags, texts, without_addresses


def test_a_letter_comes_apart_into_its_texts_and_files(a_letter, written):
    message = written(a_letter(prompt="水下城堡 <b>"))
    text, html = texts(message)
    assert '"水下城堡 <b>"' in text
    assert "水下城堡 &lt;b&gt;" in html
    assert enclosures(message) == [
        Enclosure("picture.png", "image/png", FILES.picture, inline=True),
        Enclosure("text2art.png", "image/png", FILES.picture, inline=False),
        Enclosure("text2art.mp4", "video/mp4", FILES.film, inline=False),
    ]


def test_a_letter_without_files_has_none(a_letter, written):
    assert enclosures(written(a_letter(), NOTHING)) == []


def test_the_html_shows_exactly_what_is_inline(a_letter, written):
    _, html = texts(written(a_letter()))
    assert html.count("cid:") == html.count("cid:picture.png") == 1


def test_a_letter_is_counted_and_marked(a_letter):
    letter = a_letter(error="no")
    assert tags(letter) == ["text2art", "image", "failed"]
    assert marks(letter) == {"letter_id": letter.id, "job_id": letter.job.id}


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("550 5.1.1 <visitor@example.com>: no such user", "550 5.1.1 <(an address)>: no such user"),
        ("to:visitor+tag@sub.example.com, bad", "to:(an address), bad"),
        ("line one\r\nline two\x00", "line one line two"),
        ("  fine  ", "fine"),
        ("x" * 500, "x" * 200),
    ],
)
def test_a_reason_is_one_short_line_without_addresses(reason, told):
    assert without_addresses(reason) == told
