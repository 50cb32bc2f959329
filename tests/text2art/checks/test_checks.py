import grpc
import pytest
from google.api_core.exceptions import FailedPrecondition
from google.cloud.firestore_v1.types import RunQueryRequest

from jobs import Unavailable
from jobs.firestore import FirestoreQueue
from tests.jobs.indexes import is_served, shape
from text2art.checks import Check, Group, NotHere, Problem, Verdict, perform, tried
from text2art.checks.firestore import Beneath, clean_up, root
from text2art.checks.queue import beside


def says(words):
    return lambda: words


def raises(error):
    def act():
        raise error

    return act


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (says("well"), ("name", "ok", "well")),
        (raises(NotHere("no such thing")), ("name", "skipped", "no such thing")),
        (raises(Problem("broken: mend it")), ("name", "FAILED", "broken: mend it")),
        (raises(Unavailable("no answer")), ("name", "FAILED", "Is it on? Unavailable: no answer")),
    ],
)
def test_a_check_is_told_by_how_it_ends(act, outcome):
    assert tried(Check("name", act, hint="Is it on?")) == outcome


def test_after_a_vital_check_that_failed_the_others_are_not_tried_and_all_is_cleaned_up():
    tries = []
    group = Group(
        [
            Check("first", raises(Problem("no")), vital=True),
            Check("second", lambda: tries.append("second") or ""),
        ],
        Check("cleaned up", lambda: tries.append("cleaned up") or "gone"),
    )
    assert [outcome.verdict for outcome in perform(group)] == ["FAILED", "skipped", "ok"]
    assert tries == ["cleaned up"]


def test_after_a_check_that_is_not_vital_the_others_are_tried():
    group = Group([Check("first", raises(Problem("no"))), Check("second", says("well"))])
    assert [outcome.verdict for outcome in perform(group)] == ["FAILED", "ok"]


def test_what_was_made_is_removed_when_somebody_interrupts():
    cleaned = []
    group = Group([Check("long", raises(KeyboardInterrupt()))], Check("cleaned up", lambda: cleaned.append(1) or ""))
    with pytest.raises(KeyboardInterrupt):
        list(perform(group))
    assert cleaned == [1]


def test_what_was_made_is_removed_when_nobody_reads_on():
    cleaned = []
    outcomes = perform(Group([Check("one", says(""))] * 2, Check("cleaned up", lambda: cleaned.append(1) or "")))
    next(outcomes)
    outcomes.close()
    assert cleaned == [1]


class IndexMissing(grpc.UnaryStreamClientInterceptor):
    """Answers as Firestore does to the queries that a collection's missing composite indexes would serve."""

    def __init__(self, collection):
        self.collection = collection

    def intercept_unary_stream(self, continuation, details, request):
        if isinstance(request, RunQueryRequest):
            collection, equal, ordered = shape(request.structured_query)
            no_indexes = {"indexes": [], "fieldOverrides": []}
            if collection == self.collection and not is_served(no_indexes, collection, equal, ordered):
                raise FailedPrecondition("The query requires an index. You can create it here: https://console/queue")
        return continuation(details, request)


@pytest.mark.parametrize(
    ("collection", "told"),
    [
        ("queue", {"job: ordered, painted, mailed, forgotten"}),
        ("outbox", {"job: ordered, painted, mailed, forgotten"}),
        ("gallery", {"query: gallery"}),
    ],
)
def test_a_missing_index_is_told_with_what_firestore_says_and_what_to_do(emulator, collection, told):
    with emulator.client(IndexMissing(collection)) as client:
        checks = beside(FirestoreQueue(Beneath(client, root(client, "a-check"))))
        outcomes = [tried(check) for check in checks]
        failed = {outcome.check: outcome.says for outcome in outcomes if outcome.verdict is Verdict.FAILED}
        assert told <= failed.keys()
        for words in failed.values():
            assert "firebase deploy --only firestore:indexes" in words and "https://console/queue" in words
        clean_up(client, "a-check")
