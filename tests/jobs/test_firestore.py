"""What the suite of all queues cannot ask of Firestore's: documents, lost answers, many machines, and what it costs."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from google.cloud.firestore import DELETE_FIELD

from benchmarks.firestore import Meter, live
from jobs import (
    Files,
    JobNotFound,
    LeaseLost,
    NotEnded,
    Order,
    Painter,
    Progress,
    Reason,
    Search,
    Sort,
    Status,
    Unavailable,
    database,
    firestore_gallery,
)
from jobs.database import ATTEMPT_S, FRESH_S, ServerClock
from jobs.firestore import FirestoreQueue
from tests.fakes import everything_logged
from tests.firestore_emulator import new_project
from tests.jobs.wire import Wire

ROOT = Path(__file__).parents[2]
ADDRESS = "visitor@example.com"
ORDER = Order(prompt="castle underwater", email=ADDRESS)
PUBLIC = ORDER.model_copy(update={"public": True})
FILES = Files(picture="0123456789abcdefABC_-0/picture.png", thumbnail="0123456789abcdefABC_-0/thumbnail.webp")
PROGRESS = Progress(
    step=3, of=100, score=0.25, preview="0123456789abcdefABC_-0/preview.webp", note="There is no chimera in it."
)
LEASE_S = 60.0


@pytest.fixture
def queue(firestore, clock):
    return FirestoreQueue(firestore, clock)


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def frail(emulator, firestore, wire, clock):
    """A queue on the same database, whose calls pass the wire."""
    with emulator.client(wire, project=firestore.project) as client:
        yield FirestoreQueue(client, clock)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(database, "PATIENCE_S", 0.3)


def fields(client, collection):
    return {snapshot.id: snapshot.to_dict() for snapshot in client.collection(collection).get()}


def finished(queue, order=ORDER):
    queue.put(order)
    return queue.finish(queue.claim("worker", LEASE_S), FILES)


# documents


def test_job_is_a_document_with_the_names_that_the_article_gave_its_fields(queue, firestore, clock):
    start = "0123456789abcdefABC_-0/start.png"
    job = queue.put(PUBLIC.model_copy(update={"start_image": start}), owner="uid-of-the-visitor")

    document = fields(firestore, "queue")[job.id]

    article = {name: document.get(name) for name in ("prompt", "email", "quality", "type", "aspect", "public")}
    assert article == {
        "prompt": "castle underwater",
        "email": ADDRESS,
        "quality": "draft",
        "type": "image",
        "aspect": "square",
        "public": True,
    }
    assert (document["created_at"], document["init_image"], document["status"]) == (clock.now, start, "queued")
    assert document["owner"] == "uid-of-the-visitor"


def test_address_lies_nowhere_but_in_the_job(queue, firestore):
    finished(queue, PUBLIC)
    queue.suppress(ADDRESS, "bounced")

    everything = {name: str(fields(firestore, name)) for name in ("queue", "gallery", "outbox", "suppressed")}

    assert all(len(documents) > 2 for documents in everything.values())
    assert [name for name, documents in everything.items() if "visitor" in documents] == ["queue"]


def test_revoked_and_deleted_pictures_leave_nothing_in_the_gallery(queue, firestore):
    revoked, deleted = finished(queue, PUBLIC), finished(queue, PUBLIC)
    for job in (revoked, deleted):
        queue.gallery.like(job.id, "visitor")
        queue.gallery.report(job.id, "visitor", Reason.OTHER)

    queue.revoke(revoked.id)
    queue.delete(deleted.id)

    assert [fields(firestore, name) for name in ("gallery", "likes", "reports")] == [{}, {}, {}]
    assert list(fields(firestore, "queue")) == list(fields(firestore, "outbox")) == [revoked.id]


def test_visitors_and_owners_are_named_in_no_document_but_the_job(queue, firestore):
    visitor = "browser:0123456789abcdefABC_-0"
    queue.put(PUBLIC, owner=visitor)
    job = queue.finish(queue.claim("worker", LEASE_S), FILES)
    queue.gallery.like(job.id, visitor)
    queue.gallery.report(job.id, visitor, Reason.OTHER)

    names = ("queue", "gallery", "outbox", "likes", "reports", "moments")
    everything = {name: str(fields(firestore, name)) for name in names}

    assert all(len(documents) > 2 for documents in everything.values())
    assert [name for name, documents in everything.items() if visitor in documents] == ["queue"]


def test_deleted_order_leaves_no_document(queue, firestore):
    job = queue.put(PUBLIC, owner="uid")
    queue.finish(queue.claim("worker", LEASE_S), FILES)

    queue.delete(job.id)

    assert [collection.id for collection in firestore.collections() if fields(firestore, collection.id)] == []


def test_secret_is_a_document_that_outlives_the_process(queue, firestore, clock):
    secret = queue.secret("cookie")

    assert fields(firestore, "secrets") == {"cookie": {"value": secret}}
    assert FirestoreQueue(firestore, clock).secret("cookie") == secret


def test_painter_that_only_a_newer_version_can_read_is_not_counted_and_kept(queue, firestore):
    queue.check_in(Painter(name="old", paces={}))
    queue.check_in(Painter(name="new", paces={}))
    [newer] = [id for id, painter in fields(firestore, "painters").items() if painter["name"] == "new"]
    firestore.document(f"painters/{newer}").update({"paces": {"a style of tomorrow": {}}})

    assert [painter.name for painter in queue.painters()] == ["old"]
    assert len(fields(firestore, "painters")) == 2


# exhibits of the first version


@pytest.fixture
def old(queue, firestore):
    """A job whose exhibit is as the first version wrote it."""
    job = finished(queue, PUBLIC)
    [name] = fields(firestore, "gallery")
    firestore.document(f"gallery/{name}").update({"likes": DELETE_FIELD, "words": DELETE_FIELD})
    return job


LIKED = Search(sort=Sort.LIKED)
CASTLE = Search(words="castle")


def test_exhibit_of_the_first_version_is_shown_and_completed_by_that(queue, firestore, old):
    assert queue.gallery.page(10, LIKED) == queue.gallery.page(10, CASTLE) == []

    [shown] = queue.gallery.page(10)

    assert (shown.id, shown.likes) == (old.id, 0)
    assert queue.gallery.page(10, LIKED) == queue.gallery.page(10, CASTLE) == [shown]
    [document] = fields(firestore, "gallery").values()
    assert (document["likes"], document["words"]) == (0, ["castle", "underwater"])


def test_exhibit_of_the_first_version_can_be_liked_and_reported_before_anybody_was_shown_it(queue, old):
    queue.gallery.report(old.id, "a", Reason.OTHER)

    assert queue.gallery.like(old.id, "a").likes == 1
    assert [exhibit.likes for exhibit in queue.gallery.page(10, CASTLE)] == [1]
    assert [report.exhibit.likes for report in queue.gallery.reports(10)] == [1]


def test_exhibit_that_is_liked_by_the_first_version_is_counted_on(queue, firestore, old):
    [name] = fields(firestore, "gallery")
    firestore.document(f"gallery/{name}").update({"likes": 3})

    assert queue.gallery.exhibit(old.id).likes == 3
    assert [exhibit.likes for exhibit in queue.gallery.page(10, CASTLE)] == [3]


def test_exhibit_that_changes_while_it_is_completed_is_shown_and_completed_another_time(frail, queue, wire, old):
    wire.do_before_commit(1, lambda: queue.gallery.like(old.id, "a"))

    assert [exhibit.id for exhibit in frail.gallery.page(10)] == [old.id]
    assert [exhibit.likes for exhibit in queue.gallery.page(10, CASTLE)] == [1]


# searches by several words


def test_search_by_several_words_reads_on_until_the_page_is_full(queue, clock, monkeypatch):
    monkeypatch.setattr(firestore_gallery, "AT_ONCE", 2)
    wanted = []
    for number in range(9):
        both = number % 4 == 0
        job = finished(queue, PUBLIC.model_copy(update={"prompt": "underwater castle" if both else "underwater"}))
        wanted = [job.id, *wanted] if both else wanted
        clock.advance(1)

    def found(limit):
        return [exhibit.id for exhibit in queue.gallery.page(limit, Search(words="castle underwater"))]

    assert found(10) == wanted
    assert found(2) == wanted[:2]


def test_search_by_several_words_is_bounded(queue, clock, monkeypatch):
    monkeypatch.setattr(firestore_gallery, "AT_ONCE", 2)
    monkeypatch.setattr(firestore_gallery, "MOST_READ", 4)
    for prompt in ("underwater castle", *["underwater"] * 4):
        finished(queue, PUBLIC.model_copy(update={"prompt": prompt}))
        clock.advance(1)

    assert queue.gallery.page(1, Search(words="castle underwater")) == []
    assert len(queue.gallery.page(1, CASTLE)) == 1


def test_fields_of_another_version_are_ignored_and_kept(queue, firestore):
    job = queue.put(PUBLIC)
    firestore.document(f"queue/{job.id}").update({"mood": "sad"})

    claim = queue.claim("worker", LEASE_S)
    queue.heartbeat(claim, LEASE_S, PROGRESS)
    queue.finish(claim, FILES)

    assert fields(firestore, "queue")[job.id]["mood"] == "sad"
    [shown] = fields(firestore, "gallery")
    firestore.document(f"gallery/{shown}").update({"mood": "sad"})
    assert [exhibit.id for exhibit in queue.gallery.page(10)] == [job.id]


MALFORMED = {
    "a prompt that is too long": {"prompt": "x" * 10_000},
    "no address": {"email": None},
    "an address that is none": {"email": "nobody"},
    "a quality that nobody knows": {"quality": "superb"},
    "no time of birth": {"created_at": None},
    "a time that is none": {"created_at": "yesterday"},
    "an attempt that is no number": {"attempt": "many"},
    "a place that is no text": {"place": 7},
    "progress that is none": {"progress": "half"},
    "a start image outside the shelf": {"init_image": "../../etc/passwd"},
}


@pytest.mark.parametrize("what", MALFORMED)
@pytest.mark.parametrize("status", ["queued", "running"])
def test_malformed_job_is_set_aside_with_a_line_in_the_log_and_the_next_is_claimed(
    queue, firestore, clock, caplog, what, status
):
    broken = queue.put(ORDER)
    if status == "running":
        queue.claim("worker", LEASE_S)
        clock.advance(LEASE_S)
    firestore.document(f"queue/{broken.id}").update(MALFORMED[what])
    whole = queue.put(ORDER)

    assert queue.claim("worker", LEASE_S).job.id == whole.id
    assert queue.claim("worker", LEASE_S) is None

    document = fields(firestore, "queue")[broken.id]
    assert (document["status"], document["finished_at"]) == ("failed", clock.now)
    assert queue.take_letter(LEASE_S) is None
    assert [job.id for job in queue.list_jobs(10)] == [whole.id]
    with pytest.raises(JobNotFound):
        queue.get(broken.id)
    assert broken.id in [record.job for record in caplog.records if record.message == "set-aside"]
    assert "visitor" not in everything_logged(caplog) and "xxx" not in everything_logged(caplog)


def test_job_under_a_name_that_is_no_id_is_set_aside(queue, firestore):
    job = queue.put(ORDER)
    strange = fields(firestore, "queue")[job.id]
    firestore.document("queue/from the console\n").set(strange | {"place": "0"})

    assert queue.claim("worker", LEASE_S).job.id == job.id
    assert fields(firestore, "queue")["from the console\n"]["status"] == "failed"


def test_document_with_nothing_but_the_articles_fields_is_left_alone(queue, firestore):
    by_hand = {"prompt": "castle", "email": ADDRESS, "quality": "draft", "type": "image", "public": False}
    firestore.collection("queue").add(by_hand)

    assert queue.claim("worker", LEASE_S) is None
    assert list(fields(firestore, "queue").values()) == [by_hand]


def test_malformed_exhibit_is_not_shown(queue, firestore):
    shown, broken = finished(queue, PUBLIC), finished(queue, PUBLIC)
    [name] = [name for name, exhibit in fields(firestore, "gallery").items() if exhibit["id"] == broken.id]
    firestore.document(f"gallery/{name}").update({"files": None})

    assert [exhibit.id for exhibit in queue.gallery.page(10)] == [shown.id]


def test_letter_that_cannot_be_read_is_set_aside_and_the_next_is_taken(queue, firestore):
    broken, whole = finished(queue), finished(queue)
    firestore.document(f"outbox/{broken.id}").update({"token": "many"})

    assert queue.take_letter(LEASE_S).job == whole
    assert queue.take_letter(LEASE_S) is None
    assert fields(firestore, "outbox")[broken.id]["state"] == "refused"


def test_letter_of_a_job_that_only_a_newer_version_can_read_waits_for_one_and_the_next_is_taken(
    queue, firestore, clock
):
    strange, whole = finished(queue), finished(queue)
    firestore.document(f"queue/{strange.id}").update({"type": "a style of tomorrow"})

    assert queue.take_letter(LEASE_S).job == whole
    assert queue.take_letter(LEASE_S) is None
    firestore.document(f"queue/{strange.id}").update({"type": "image"})
    clock.advance(LEASE_S)
    assert queue.take_letter(LEASE_S).job == strange


def test_letters_end_is_written_down(queue, firestore, clock):
    sent, refused = finished(queue), finished(queue)

    queue.letter_sent(queue.take_letter(LEASE_S), "<7@mailgun>")
    queue.letter_refused(queue.take_letter(LEASE_S), "no such mailbox")

    outbox = fields(firestore, "outbox")
    assert (outbox[sent.id]["state"], outbox[sent.id]["receipt"]) == ("sent", "<7@mailgun>")
    assert (outbox[refused.id]["state"], outbox[refused.id]["reason"]) == ("refused", "no such mailbox")
    assert outbox[sent.id]["settled_at"] == outbox[refused.id]["settled_at"] == clock.now


def test_letter_taken_before_its_job_was_started_again_is_lost_even_when_the_job_has_ended_again(queue):
    job = queue.put(ORDER)
    queue.fail(queue.claim("worker", LEASE_S), "the paint ran out")
    before = queue.take_letter(LEASE_S)
    queue.retry(job.id)
    queue.fail(queue.claim("worker", LEASE_S), "the paint ran out again")

    with pytest.raises(LeaseLost):
        queue.letter_sent(before)

    after = queue.take_letter(LEASE_S)
    assert after.job.error == "the paint ran out again"
    assert after.token > before.token
    queue.letter_sent(after)


# answers that are lost


def test_order_whose_answer_was_lost_is_one_job(frail, wire, firestore):
    wire.lose_answers()

    job = frail.put(ORDER)

    assert list(fields(firestore, "queue")) == [job.id]


def test_owned_order_whose_answer_was_lost_is_one_job_of_its_moment(frail, queue, wire, firestore, clock):
    wire.lose_answers()

    job = frail.put(ORDER, owner="uid")

    assert queue.list_owned("uid", 10) == [job]
    assert job.created_at == clock.now
    assert len(fields(firestore, "moments")) == 1


def test_like_whose_answer_was_lost_counts_once(frail, queue, wire):
    job = finished(queue, PUBLIC)
    wire.lose_answers()
    assert frail.gallery.like(job.id, "visitor").likes == 1
    wire.lose_answers()
    assert frail.gallery.unlike(job.id, "visitor").likes == 0


def test_report_whose_answer_was_lost_counts_once(frail, queue, wire):
    job = finished(queue, PUBLIC)
    for reason in (Reason.OFFENSIVE, Reason.RIGHTS):
        wire.lose_answers()
        frail.gallery.report(job.id, "visitor", reason)
        assert [report.reasons for report in queue.gallery.reports(10)] == [{reason: 1}]


def test_visitor_whose_forgettings_answer_was_lost_is_forgotten_once(frail, queue, wire):
    job = finished(queue, PUBLIC)
    for visitor in "ab":
        queue.gallery.like(job.id, visitor)
        queue.gallery.report(job.id, visitor, Reason.OTHER)
    wire.lose_answers(2)

    frail.gallery.forget_visitor("a")

    assert queue.gallery.exhibit(job.id).likes == 1
    assert [report.reasons for report in queue.gallery.reports(10)] == [{Reason.OTHER: 1}]


def test_secret_whose_answer_was_lost_is_what_was_written(frail, queue, wire):
    wire.lose_answers()

    assert frail.secret("cookie") == queue.secret("cookie")


def test_claim_whose_answer_was_lost_is_ours_and_made_once(frail, queue, wire):
    job = queue.put(ORDER)
    wire.lose_answers()

    claim = frail.claim("worker", LEASE_S)

    assert (claim.job.id, claim.job.attempt, claim.token) == (job.id, 1, 1)
    assert queue.get(job.id) == claim.job
    assert frail.finish(claim, FILES).status == Status.DONE


def test_claim_whose_answer_was_lost_and_whose_job_was_taken_back_meanwhile_is_none(frail, queue, wire):
    job = queue.put(ORDER)
    wire.lose_answers()
    wire.do_before_commit(2, lambda: queue.cancel(job.id))  # the second is the first one sent again

    assert frail.claim("worker", LEASE_S) is None
    assert queue.get(job.id).status == Status.CANCELLED


def test_letter_whose_takings_answer_was_lost_and_which_was_withdrawn_meanwhile_is_none(frail, queue, wire):
    job = queue.put(ORDER)
    queue.fail(queue.claim("worker", LEASE_S), "the paint ran out")
    wire.lose_answers()
    wire.do_before_commit(2, lambda: queue.retry(job.id))

    assert frail.take_letter(LEASE_S) is None
    assert queue.get(job.id).status == Status.QUEUED


def test_letter_whose_takings_answer_was_lost_and_whose_job_has_ended_again_is_taken_again(frail, queue, wire):
    job = queue.put(ORDER)
    queue.fail(queue.claim("worker", LEASE_S), "the paint ran out")

    def end_again():
        queue.retry(job.id)
        queue.fail(queue.claim("worker", LEASE_S), "the paint ran out again")

    wire.lose_answers()
    wire.do_before_commit(2, end_again)

    letter = frail.take_letter(LEASE_S)

    assert (letter.job.error, letter.token) == ("the paint ran out again", 3)
    frail.letter_sent(letter)


def test_letter_that_is_withdrawn_while_it_is_taken_is_none(frail, queue, wire):
    job = queue.put(ORDER)
    queue.fail(queue.claim("worker", LEASE_S), "the paint ran out")
    wire.do_after_next_commit(lambda: queue.retry(job.id))

    assert frail.take_letter(LEASE_S) is None


def test_heartbeat_whose_answer_was_lost_holds(frail, queue, wire, clock):
    queue.put(ORDER)
    claim = frail.claim("worker", LEASE_S)
    clock.advance(LEASE_S - 1)
    wire.lose_answers()

    frail.heartbeat(claim, LEASE_S, PROGRESS)

    clock.advance(LEASE_S - 1)
    assert queue.claim("another", LEASE_S) is None
    assert queue.get(claim.job.id).progress == PROGRESS
    assert frail.finish(claim, FILES).progress == PROGRESS


ENDS = {
    "finish": (lambda queue, claim: queue.finish(claim, FILES), Status.DONE),
    "fail": (lambda queue, claim: queue.fail(claim, "the paint ran out"), Status.FAILED),
    "release": (lambda queue, claim: queue.release(claim), Status.QUEUED),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("lost", [1, 2])
def test_end_whose_answer_was_lost_is_told_once_and_is_no_lost_lease(frail, queue, wire, end, lost):
    do, status = ENDS[end]
    queue.put(PUBLIC)
    claim = frail.claim("worker", LEASE_S)
    wire.lose_answers(lost)

    ended = do(frail, claim)

    assert ended == queue.get(claim.job.id)
    assert ended.status == status
    assert len(queue.gallery.page(10)) == (status == Status.DONE)
    letter = queue.take_letter(LEASE_S)
    assert (letter and letter.job) == (ended if status.is_terminal else None)
    assert queue.take_letter(LEASE_S) is None
    with pytest.raises(LeaseLost):
        do(frail, claim)


@pytest.mark.parametrize("end", ENDS)
def test_end_that_was_given_up_without_an_answer_may_be_told_again(frail, queue, wire, impatient, end):
    do, status = ENDS[end]
    queue.put(PUBLIC)
    claim = frail.claim("worker", LEASE_S)
    wire.lose_answers(then_refuse=1000)
    with pytest.raises(Unavailable):
        do(frail, claim)
    wire.refuse(grpc.StatusCode.UNAVAILABLE, 0)
    if status.is_terminal:
        queue.revoke(claim.job.id)  # others may have changed it since

    ended = do(frail, claim)

    assert ended == queue.get(claim.job.id)
    assert ended.status == status


@pytest.mark.parametrize(
    ("verb", "status"),
    [("cancel", Status.CANCELLED), ("retry", Status.QUEUED), ("revoke", Status.FAILED)],
)
def test_verb_whose_answer_was_lost_answers_with_the_job_as_it_is(frail, queue, wire, verb, status):
    job = queue.put(ORDER)
    if verb != "cancel":
        queue.fail(queue.claim("worker", LEASE_S), "the paint ran out")
    wire.lose_answers()

    changed = getattr(frail, verb)(job.id)

    assert changed == queue.get(job.id)
    assert changed.status == status
    assert (changed.revoked_at is not None) == (verb == "revoke")


@pytest.mark.parametrize("order", [ORDER, PUBLIC])
def test_deletion_whose_answer_was_lost_is_no_missing_job(frail, queue, wire, firestore, order):
    job = finished(queue, order)
    wire.lose_answers(2)

    frail.delete(job.id)

    assert [fields(firestore, name) for name in ("queue", "outbox", "gallery")] == [{}, {}, {}]
    with pytest.raises(JobNotFound):
        frail.delete(job.id)


def test_letter_whose_takings_answer_was_lost_is_ours(frail, queue, wire):
    job = finished(queue)
    wire.lose_answers()

    letter = frail.take_letter(LEASE_S)

    assert (letter.job, letter.token) == (job, 1)
    frail.letter_sent(letter)


@pytest.mark.parametrize(
    "settle",
    [
        lambda queue, letter: queue.letter_sent(letter, "receipt"),
        lambda queue, letter: queue.letter_refused(letter, "no such mailbox"),
        lambda queue, letter: queue.letter_delayed(letter, 600),
    ],
)
def test_letter_whose_settlings_answer_was_lost_is_settled(frail, queue, wire, clock, settle):
    finished(queue)
    letter = frail.take_letter(LEASE_S)
    wire.lose_answers()

    settle(frail, letter)

    clock.advance(599)
    assert queue.take_letter(LEASE_S) is None


def test_address_whose_suppressions_answer_was_lost_is_suppressed_for_the_first_reason(frail, queue, wire):
    wire.lose_answers()
    frail.suppress(ADDRESS, "bounced")
    frail.suppress(ADDRESS.upper(), "complained")
    assert queue.suppression(ADDRESS) == "bounced"

    wire.lose_answers()
    frail.unsuppress(ADDRESS)
    assert queue.suppression(ADDRESS) is None


# others in between


def test_heartbeat_goes_on_over_a_change_that_leaves_the_claim(frail, queue, wire):
    queue.put(PUBLIC)
    claim = frail.claim("worker", LEASE_S)
    queue.revoke(claim.job.id)

    frail.heartbeat(claim, LEASE_S, PROGRESS)

    assert queue.get(claim.job.id).revoked_at is not None
    assert frail.finish(claim, FILES).revoked_at is not None
    assert queue.gallery.page(10) == []


@pytest.mark.parametrize(
    "step",
    [
        lambda queue, claim: queue.heartbeat(claim, LEASE_S, PROGRESS),
        lambda queue, claim: queue.finish(claim, FILES),
        lambda queue, claim: queue.fail(claim, "the paint ran out"),
        lambda queue, claim: queue.release(claim),
        lambda queue, claim: queue.cancel(claim.job.id),
    ],
)
def test_step_that_another_came_before_is_taken_after_it(frail, queue, wire, step):
    queue.put(PUBLIC)
    claim = frail.claim("worker", LEASE_S)
    wire.do_before_commit(1, lambda: queue.revoke(claim.job.id))

    step(frail, claim)

    job = queue.get(claim.job.id)
    assert job.revoked_at is not None
    assert job != claim.job.model_copy(update={"revoked_at": job.revoked_at})
    assert queue.gallery.page(10) == []


@pytest.mark.parametrize("down", ["revoke", "delete"])
def test_picture_that_is_taken_down_while_it_is_liked_is_not_found_and_no_like_is_left(
    frail, queue, wire, firestore, down
):
    job = finished(queue, PUBLIC)
    wire.do_before_commit(1, lambda: getattr(queue, down)(job.id))

    with pytest.raises(JobNotFound):
        frail.gallery.like(job.id, "visitor")

    assert fields(firestore, "likes") == fields(firestore, "gallery") == {}


def test_picture_that_is_liked_while_it_is_taken_down_leaves_no_like(frail, queue, wire, firestore):
    job = finished(queue, PUBLIC)
    wire.do_before_commit(1, lambda: queue.gallery.like(job.id, "visitor"))

    frail.delete(job.id)

    assert fields(firestore, "likes") == {}


def test_reports_of_one_visitor_at_once_count_one(frail, queue, wire):
    job = finished(queue, PUBLIC)
    wire.do_before_commit(1, lambda: queue.gallery.report(job.id, "visitor", Reason.OFFENSIVE))

    frail.gallery.report(job.id, "visitor", Reason.RIGHTS)

    assert [report.reasons for report in queue.gallery.reports(10)] == [{Reason.RIGHTS: 1}]


def test_what_was_said_of_a_picture_is_cleared_by_who_revokes_it_again_after_an_interruption(
    frail, queue, wire, firestore, impatient
):
    job = finished(queue, PUBLIC)
    queue.gallery.like(job.id, "a")
    wire.lose_answers(then_refuse=1000)
    with pytest.raises(Unavailable):
        frail.revoke(job.id)
    wire.refuse(grpc.StatusCode.UNAVAILABLE, 0)
    assert len(fields(firestore, "likes")) == 1
    queue.gallery.forget_visitor("nobody")

    frail.revoke(job.id)

    assert fields(firestore, "likes") == {}


def test_visitor_is_forgotten_also_where_the_picture_is_gone_and_its_likes_were_left(queue, firestore):
    job = finished(queue, PUBLIC)
    queue.gallery.like(job.id, "visitor")
    queue.gallery.report(job.id, "visitor", Reason.OTHER)
    [name] = fields(firestore, "gallery")
    firestore.document(f"gallery/{name}").delete()

    queue.gallery.forget_visitor("visitor")

    assert fields(firestore, "likes") == fields(firestore, "reports") == {}


def test_orders_of_one_owner_at_the_same_moment_by_many_are_of_different_ones(emulator, firestore, clock):
    with emulator.client(project=firestore.project) as other:
        queues = [FirestoreQueue(firestore, clock), FirestoreQueue(other, clock)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: queues[number % 2].put(ORDER, owner="uid"), range(12)))

    times = [job.created_at for job in queues[0].list_owned("uid", 100)]
    assert len(times) == len(set(times)) == 12


def test_deletion_that_a_new_start_came_before_is_refused(frail, queue, wire):
    job = queue.put(ORDER)
    queue.fail(queue.claim("worker", LEASE_S), "the paint ran out")
    wire.do_before_commit(1, lambda: queue.retry(job.id))

    with pytest.raises(NotEnded):
        frail.delete(job.id)

    assert queue.get(job.id).status == Status.QUEUED


def test_job_that_another_claimed_first_is_not_ours_but_the_next_one_is(frail, queue, wire):
    first, second = queue.put(ORDER), queue.put(ORDER)
    wire.do_before_commit(1, lambda: queue.claim("another", LEASE_S))

    assert frail.claim("worker", LEASE_S).job.id == second.id
    assert queue.get(first.id).attempt == queue.get(second.id).attempt == 1


def test_last_job_that_another_claimed_first_is_none(frail, queue, wire):
    queue.put(ORDER)
    wire.do_before_commit(1, lambda: queue.claim("another", LEASE_S))

    assert frail.claim("worker", LEASE_S) is None


@pytest.mark.parametrize("end", ["cancel", "claim by another"])
def test_worker_that_remembers_its_claim_is_told_when_it_has_lost_it(frail, queue, clock, end):
    job = queue.put(ORDER)
    claim = frail.claim("worker", LEASE_S)
    if end == "cancel":
        queue.cancel(job.id)
    else:
        clock.advance(LEASE_S)
        queue.claim("another", LEASE_S)
    before = queue.get(job.id)

    for write in (lambda: frail.heartbeat(claim, LEASE_S), lambda: frail.finish(claim, FILES)):
        with pytest.raises(LeaseLost):
            write()
    assert queue.get(job.id) == before


def test_pictures_finished_at_the_same_moment_by_many_are_shown_at_different_ones(emulator, firestore, clock):
    with emulator.client(project=firestore.project) as other:
        queues = [FirestoreQueue(firestore, clock), FirestoreQueue(other, clock)]
        claims = []
        for number in range(12):
            queues[0].put(PUBLIC)
            claims.append((queues[number % 2], queues[number % 2].claim("worker", LEASE_S)))
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda pair: pair[0].finish(pair[1], FILES), claims))

    times = [exhibit.finished_at for exhibit in queues[0].gallery.page(100)]
    assert len(times) == len(set(times)) == 12


# servers that do not answer


@pytest.mark.parametrize("status", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED, grpc.StatusCode.INTERNAL])
def test_passing_trouble_is_not_noticed(frail, wire, status):
    wire.refuse(status, 2)
    job = frail.put(ORDER)
    wire.refuse(status, 2)
    assert frail.get(job.id) == job
    wire.refuse(status, 2)
    assert frail.claim("worker", LEASE_S).job.id == job.id


@pytest.mark.parametrize(
    "ask",
    [
        lambda queue: queue.put(ORDER),
        lambda queue: queue.get("A" * 22),
        lambda queue: queue.claim("worker", LEASE_S),
        lambda queue: queue.take_letter(LEASE_S),
        lambda queue: queue.count(Status.QUEUED),
        lambda queue: queue.gallery.page(10),
        lambda queue: queue.suppression(ADDRESS),
        lambda queue: queue.list_owned("uid", 10),
        lambda queue: queue.gallery.exhibit("A" * 22),
        lambda queue: queue.gallery.liked("visitor", ["A" * 22]),
        lambda queue: queue.painters(),
        lambda queue: queue.secret("cookie"),
    ],
)
@pytest.mark.parametrize("status", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.PERMISSION_DENIED])
def test_lasting_trouble_is_unavailable_and_quotes_no_document(frail, wire, impatient, ask, status):
    wire.refuse(status, 1000)

    with pytest.raises(Unavailable) as trouble:
        ask(frail)

    assert "visitor" not in str(trouble.value)


def test_used_up_quota_is_told_at_once(frail, wire):
    wire.refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, 1000)

    with pytest.raises(Unavailable, match="ResourceExhausted"):
        frail.put(ORDER)

    assert len(wire.calls) == 1


def test_every_call_is_bounded_in_time(frail, wire, clock):
    job = frail.put(PUBLIC)
    frail.position(job.id)
    frail.waiting_since()
    claim = frail.claim("worker", LEASE_S)
    frail.heartbeat(claim, LEASE_S)
    frail.finish(claim, FILES)
    frail.letter_sent(frail.take_letter(LEASE_S))
    frail.gallery.page(10)
    frail.gallery.like(job.id, "visitor")
    frail.gallery.liked("visitor", [job.id])
    frail.gallery.report(job.id, "visitor", Reason.OTHER)
    frail.gallery.reports(10)
    frail.gallery.forget_visitor("visitor")
    frail.revoke(job.id)
    frail.list_jobs(10)
    frail.list_owned("uid", 10)
    frail.check_in(Painter(name="painter", paces={}))
    frail.painters()
    frail.check_out("painter")
    frail.secret("cookie")
    frail.suppress(ADDRESS, "bounced")
    frail.suppression(ADDRESS)
    frail.delete(job.id)

    bounds = [call.timeout for call in wire.calls]
    assert len(bounds) >= 15
    assert all(bound is not None and bound <= ATTEMPT_S for bound in bounds)


# many processes

WORK = """
import sys
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import Client
from jobs.firestore import FirestoreQueue
from tests.fakes import everything_logged
from tests.fakes import everything_logged

queue = FirestoreQueue(Client(project=sys.argv[1], credentials=AnonymousCredentials()))
print("ready", flush=True)
sys.stdin.readline()
while (claim := queue.claim("worker", 600)) is not None:
    queue.heartbeat(claim, 600)
    print(claim.job.id, claim.token, claim.job.attempt, flush=True)
"""


def test_worker_processes_that_claim_at_once_share_no_job(emulator, monkeypatch):
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.host)
    project = new_project()
    with emulator.client(project=project) as client:
        queue = FirestoreQueue(client)  # with the server's clock, as the workers have
        jobs = {queue.put(ORDER).id for _ in range(40)}
        command = [sys.executable, "-c", WORK, project]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT, "text": True}
        workers = [subprocess.Popen(command, **pipes) for _ in range(4)]
        assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * 4
        outputs = ThreadPoolExecutor(4).map(lambda worker: worker.communicate("go\n", timeout=120)[0], workers)
        lines = [line.split() for output in outputs for line in output.splitlines()]

        assert [worker.returncode for worker in workers] == [0] * 4
        assert len(lines) == len(jobs)
        assert {job_id for job_id, _, _ in lines} == jobs
        assert {(token, attempt) for _, token, attempt in lines} == {("1", "1")}
        assert queue.count(Status.RUNNING) == len(jobs)


# the server's time


def test_clock_is_the_servers_and_goes_on_between_its_answers():
    passed = iter([100.0, 103.5, 104.0])
    clock = ServerClock(ask=lambda: None, elapsed_s=lambda: next(passed))
    told = datetime(2030, 1, 1, tzinfo=UTC)
    clock.tell(told)

    assert clock() == told + timedelta(seconds=4)


@pytest.mark.parametrize(("silence_s", "asked"), [(FRESH_S - 1, 1), (FRESH_S + 1, 2)])
def test_clock_asks_the_server_at_first_and_after_a_long_silence(silence_s, asked):
    now, asking = 0.0, []

    def ask():
        asking.append(now)
        clock.tell(datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=now))

    clock = ServerClock(ask, elapsed_s=lambda: now)
    clock()
    now = silence_s

    assert clock() == datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=silence_s)
    assert len(asking) == asked


def test_job_is_born_and_leased_by_the_servers_clock(firestore, emulator):
    queue = FirestoreQueue(firestore)
    before = firestore.document("queue/none").get().read_time
    job = queue.put(ORDER)
    claim = queue.claim("worker", LEASE_S)
    after = firestore.document("queue/none").get().read_time

    assert before <= job.created_at <= claim.job.started_at <= after
    lease_until = fields(firestore, "queue")[job.id]["lease_until"]
    assert lease_until == claim.job.started_at + timedelta(seconds=LEASE_S)


# costs


def test_heartbeat_is_one_write_and_finishing_three_without_a_read(emulator, clock):
    meter = Meter()
    with emulator.client(meter) as client:
        queue = FirestoreQueue(client, clock)
        queue.put(PUBLIC)
        claim = queue.claim("worker", LEASE_S)
        writes, reads = meter.writes, meter.reads
        queue.heartbeat(claim, LEASE_S, PROGRESS)
        assert (meter.writes - writes, meter.reads - reads) == (1, 0)
        queue.finish(claim, FILES)
        assert (meter.writes - writes, meter.reads - reads) == (4, 0)


def test_what_visitors_do_in_the_gallery_costs_little(emulator, clock):
    meter = Meter()
    with emulator.client(meter) as client:
        queue = FirestoreQueue(client, clock)
        for _ in range(5):
            queue.put(PUBLIC, owner="uid")
            job = queue.finish(queue.claim("worker", LEASE_S), FILES)
            clock.advance(1)

        def cost(deed):
            writes, reads = meter.writes, meter.reads
            deed()
            return meter.writes - writes, meter.reads - reads

        assert cost(lambda: queue.gallery.page(4)) == (0, 4)
        assert cost(lambda: queue.gallery.page(4, CASTLE)) == (0, 4)
        assert cost(lambda: queue.gallery.like(job.id, "visitor")) == (2, 2)
        assert cost(lambda: queue.gallery.liked("visitor", [job.id, "A" * 22])) == (0, 1)
        assert cost(lambda: queue.gallery.report(job.id, "visitor", Reason.OTHER)) == (2, 2)
        assert cost(lambda: queue.list_owned("uid", 4)) == (0, 4)
        assert cost(lambda: queue.put(ORDER, owner="uid")) == (2, 0)
        assert cost(lambda: queue.check_in(Painter(name="painter", paces={}))) == (1, 1)
        assert cost(lambda: queue.painters()) == (0, 1)


@pytest.mark.parametrize("minutes", [3, 20])
def test_jobs_life_stays_within_its_budget(emulator, minutes):
    meter = Meter()
    with emulator.client(meter) as client:
        live(client, 60 * minutes)

    assert 20 < meter.writes <= 60
    assert 20 < meter.reads <= 120
