import pytest

from text2art.checks import NotHere, Problem
from text2art.checks.web import answers


def test_a_page_that_is_well_is_told(serve, session):
    url = serve(200, b'{"status":"ok"}')
    assert answers(f"{url}/", session) == f"{url}/readyz is well"


@pytest.mark.parametrize("status", [302, 404, 503])
def test_a_page_that_is_not_well_is_told(serve, session, status):
    with pytest.raises(Problem, match=f"answered with {status}"):
        answers(serve(status), session)


def test_a_page_that_does_not_answer_is_told_with_a_way_to_leave_it_out(session):
    with pytest.raises(Problem, match="--no-page"):
        answers("http://127.0.0.1:1", session)


def test_without_an_address_there_is_no_page_to_ask(session):
    with pytest.raises(NotHere, match="TEXT2ART_PUBLIC_URL"):
        answers(None, session)
