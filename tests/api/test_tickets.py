from datetime import UTC, datetime, timedelta

import pytest

from api.tickets import LIFETIME_S, Tickets
from api.visitors import Visitor
from jobs.memory import MemoryQueue

QUEUE = MemoryQueue()
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
ME, OTHER = Visitor("browser:" + "A" * 22), Visitor("browser:" + "B" * 22)


def at(now=NOON, queue=QUEUE):
    return Tickets(queue, lambda: now)


@pytest.fixture
def ticket():
    return at().seal("link", ME, address="canary@example.com")


def test_who_was_given_a_ticket_opens_it(ticket):
    assert at(NOON + timedelta(seconds=LIFETIME_S)).open(ticket, "link", ME) == {"address": "canary@example.com"}


@pytest.mark.parametrize(
    ("tickets", "purpose", "visitor"),
    [
        pytest.param(at(), "link", OTHER, id="another browser"),
        pytest.param(at(), "link", None, id="a browser that is not known"),
        pytest.param(at(), "google", ME, id="for something else"),
        pytest.param(at(NOON + timedelta(seconds=LIFETIME_S + 1)), "link", ME, id="too late"),
        pytest.param(at(queue=MemoryQueue()), "link", ME, id="another installation"),
    ],
)
def test_nobody_else_does(ticket, tickets, purpose, visitor):
    assert tickets.open(ticket, purpose, visitor) is None


@pytest.mark.parametrize("forged", ["", "x", "é", "gAAAAA", "A" * 5000, "\ud800"])
def test_what_is_no_ticket_opens_nothing(ticket, forged):
    assert at().open(forged, "link", ME) is None
    assert at().open(ticket[:-4] + "AAAA", "link", ME) is None


def test_a_ticket_tells_nothing_and_is_no_other_ticket(ticket):
    assert "canary" not in ticket and ME.id not in ticket
    assert at().seal("link", ME, address="canary@example.com") != ticket
