"""One suite for every queue."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from jobs import (
    MAX_ATTEMPTS,
    Aspect,
    Exhibit,
    Files,
    JobNotFound,
    LeaseLost,
    NotEnded,
    Order,
    Pace,
    Painter,
    Palette,
    Progress,
    Quality,
    Status,
    Style,
)
from jobs.painter import FORGOTTEN_S, MISSED

ORDER = Order(prompt="castle underwater", email="visitor@example.com")
PUBLIC = ORDER.model_copy(update={"public": True})
FILES = Files(picture="0123456789abcdefABC_-0/picture.png", thumbnail="0123456789abcdefABC_-0/thumbnail.webp")
PROGRESS = Progress(
    step=3, of=100, score=0.25, preview="0123456789abcdefABC_-0/preview.webp", note="There is no chimera in it."
)
UNKNOWN = "A" * 22
LEASE_S = 60.0
SIZES = {Aspect.SQUARE: (96, 96), Aspect.WIDESCREEN: (128, 72), Aspect.PORTRAIT: (72, 128)}


def claim(queue, worker="worker"):
    claimed = queue.claim(worker, LEASE_S)
    assert claimed is not None
    return claimed


def finished(queue, order=ORDER):
    queue.put(order)
    return queue.finish(claim(queue), FILES)


def exhaust(queue, clock):
    """Let MAX_ATTEMPTS workers die over the oldest job."""
    for _ in range(MAX_ATTEMPTS):
        claim(queue)
        clock.advance(LEASE_S)


def shown_as(job):
    """What the gallery holds of a finished public job."""
    return Exhibit(wish=job.order.wish, **job.model_dump(include=set(Exhibit.model_fields) - {"wish"}))


def painter(name, step_s=0.5):
    paces = {Style.PIXEL_ART: {Quality.DRAFT: Pace(iterations=50, sizes=SIZES, step_s=step_s, megapixel_s=2.0)}}
    return Painter(name=name, paces=paces, models=("small",))


def counts(queue):
    return {str(status): queue.count(status) for status in Status if queue.count(status)}


def letters(queue):
    """Take every letter there is and send it."""
    taken = []
    while (letter := queue.take_letter(LEASE_S)) is not None:
        queue.letter_sent(letter)
        taken.append(letter)
    return taken


# put and get


def test_put_order_is_a_queued_job_with_an_unguessable_id(queue, clock):
    job = queue.put(ORDER)

    assert len(job.id) == 22
    assert (job.order, job.status, job.attempt, job.created_at) == (ORDER, Status.QUEUED, 0, clock.now)
    assert (job.progress, job.files, job.error, job.started_at, job.finished_at) == (None,) * 5
    assert queue.get(job.id) == job


def test_order_comes_back_letter_by_letter(queue):
    order = Order(
        prompt="<script>'\"; DROP TABLE jobs; -- 城 👨‍👩‍👧",
        email="visitor+art@example.com",
        size=(64, 96),
        scale=0.1,
        seed=2**32 - 1,
        iterations=7,
        start_image="0123456789abcdefABC_-0/start.png",
        palette=Palette.UKIYO_E,
        public=True,
        make_video=False,
    )

    assert queue.get(queue.put(order).id).order == order


def test_same_order_twice_is_two_jobs(queue):
    assert queue.put(ORDER).id != queue.put(ORDER).id
    assert queue.count(Status.QUEUED) == 2


@pytest.mark.parametrize("job_id", [UNKNOWN, "", "' OR 1=1 --", "x" * 10_000])
def test_unknown_id_is_not_found(queue, job_id):
    queue.put(ORDER)

    for ask in (queue.get, queue.position, queue.cancel, queue.retry, queue.revoke, queue.delete):
        with pytest.raises(JobNotFound):
            ask(job_id)


# claim


def test_empty_queue_has_nothing_to_claim(queue):
    assert queue.claim("worker", LEASE_S) is None


def test_claim_hands_out_the_job_as_running(queue, clock):
    job = queue.put(ORDER)
    clock.advance(5)

    claimed = claim(queue)

    assert claimed.job == queue.get(job.id)
    assert (claimed.job.id, claimed.job.status, claimed.job.attempt) == (job.id, Status.RUNNING, 1)
    assert claimed.job.started_at == clock.now


def test_oldest_is_claimed_first(queue, clock):
    jobs = []
    for _ in range(3):
        jobs.append(queue.put(ORDER))
        clock.advance(1)

    assert [claim(queue).job.id for _ in jobs] == [job.id for job in jobs]


def test_jobs_of_the_same_moment_are_claimed_as_they_came(queue):
    jobs = [queue.put(ORDER) for _ in range(20)]

    assert [claim(queue).job.id for _ in jobs] == [job.id for job in jobs]


def test_age_decides_even_when_the_clock_was_set_back(queue, clock):
    late = queue.put(ORDER)
    clock.advance(-3600)
    early = queue.put(ORDER)
    clock.advance(7200)

    assert [queue.position(job.id) for job in (late, early)] == [1, 0]
    assert [claim(queue).job.id for _ in range(2)] == [early.id, late.id]


def test_claimed_job_is_not_handed_out_again_before_its_lease_ends(queue, clock):
    queue.put(ORDER)
    claim(queue)
    clock.advance(LEASE_S - 0.001)

    assert queue.claim("another", LEASE_S) is None


def test_job_of_a_dead_worker_is_claimed_again_before_younger_ones(queue, clock):
    job = queue.put(ORDER)
    dead = claim(queue)
    queue.heartbeat(dead, LEASE_S, PROGRESS)
    clock.advance(1)
    queue.put(ORDER)
    clock.advance(LEASE_S)

    again = claim(queue, "another")

    assert again.job.id == job.id
    assert again.token > dead.token
    assert (again.job.attempt, again.job.progress, again.job.started_at) == (2, None, clock.now)


@pytest.mark.parametrize("end", ["finish", "fail", "cancel"])
def test_ended_job_is_never_claimed_again(queue, clock, end):
    job = queue.put(ORDER)
    claimed = claim(queue)
    {
        "finish": lambda: queue.finish(claimed, FILES),
        "fail": lambda: queue.fail(claimed, "the paint ran out"),
        "cancel": lambda: queue.cancel(job.id),
    }[end]()
    clock.advance(10 * LEASE_S)

    assert queue.claim("another", LEASE_S) is None


def test_threads_that_claim_at_once_share_no_job(queue):
    jobs = {queue.put(ORDER).id for _ in range(40)}

    def work(worker):
        claims = []
        while (claimed := queue.claim(worker, LEASE_S)) is not None:
            claims.append(claimed.job.id)
        return claims

    with ThreadPoolExecutor(4) as pool:
        claimed = [job_id for claims in pool.map(work, "abcd") for job_id in claims]

    assert len(claimed) == len(jobs)
    assert set(claimed) == jobs


# attempts


def test_job_that_took_down_its_last_worker_is_failed_with_a_letter(queue, clock):
    job = queue.put(ORDER)
    exhaust(queue, clock)

    assert queue.claim("another", LEASE_S) is None

    failed = queue.get(job.id)
    assert (failed.status, failed.attempt, failed.finished_at) == (Status.FAILED, MAX_ATTEMPTS, clock.now)
    assert "gave it up" in failed.error
    assert [letter.job for letter in letters(queue)] == [failed]


def test_next_job_is_handed_out_in_place_of_a_failed_one(queue, clock):
    broken = queue.put(ORDER)
    exhaust(queue, clock)
    whole = queue.put(ORDER)

    assert claim(queue).job.id == whole.id
    assert queue.get(broken.id).status == Status.FAILED


def test_last_attempt_may_still_finish(queue, clock):
    queue.put(ORDER)
    for _ in range(MAX_ATTEMPTS - 1):
        claim(queue)
        clock.advance(LEASE_S)

    assert queue.finish(claim(queue), FILES).attempt == MAX_ATTEMPTS


def test_job_given_back_often_is_not_failed(queue, clock):
    queue.put(ORDER)
    tokens = []
    for _ in range(2 * MAX_ATTEMPTS):
        claimed = claim(queue)
        tokens.append(claimed.token)
        assert queue.release(claimed).attempt == 0

    assert tokens == sorted(set(tokens))
    assert claim(queue).job.attempt == 1


# the lease


def test_heartbeat_extends_the_lease_from_now(queue, clock):
    queue.put(ORDER)
    claimed = claim(queue)
    clock.advance(LEASE_S - 1)
    queue.heartbeat(claimed, LEASE_S)
    clock.advance(LEASE_S - 1)

    assert queue.claim("another", LEASE_S) is None
    clock.advance(1)
    assert claim(queue, "another").job.id == claimed.job.id


def test_heartbeat_stores_progress_and_keeps_it_when_it_has_none(queue):
    job = queue.put(ORDER)
    claimed = claim(queue)

    queue.heartbeat(claimed, LEASE_S)
    assert queue.get(job.id).progress is None
    queue.heartbeat(claimed, LEASE_S, PROGRESS)
    queue.heartbeat(claimed, LEASE_S)

    assert queue.get(job.id) == claimed.job.model_copy(update={"progress": PROGRESS})


def test_worker_whose_lease_ended_may_go_on_while_nobody_took_its_job(queue, clock):
    queue.put(ORDER)
    claimed = claim(queue)
    clock.advance(10 * LEASE_S)
    queue.heartbeat(claimed, LEASE_S)

    assert queue.claim("another", LEASE_S) is None
    assert queue.finish(claimed, FILES).status == Status.DONE


WRITES = {
    "heartbeat": lambda queue, claimed: queue.heartbeat(claimed, LEASE_S, PROGRESS),
    "finish": lambda queue, claimed: queue.finish(claimed, FILES),
    "fail": lambda queue, claimed: queue.fail(claimed, "the paint ran out"),
    "release": lambda queue, claimed: queue.release(claimed),
}
ENDINGS = {
    "claimed by another": lambda queue, claimed: claim(queue, "another"),
    "given back": lambda queue, claimed: queue.release(claimed),
    "given back and claimed again": lambda queue, claimed: (queue.release(claimed), claim(queue)),
    "finished": lambda queue, claimed: queue.finish(claimed, FILES),
    "failed": lambda queue, claimed: queue.fail(claimed, "the paint ran out"),
    "cancelled": lambda queue, claimed: queue.cancel(claimed.job.id),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_zombie_writes_nothing(queue, clock, write, ending):
    job = queue.put(ORDER)
    zombie = claim(queue)
    clock.advance(LEASE_S)
    ENDINGS[ending](queue, zombie)
    before = queue.get(job.id)

    with pytest.raises(LeaseLost):
        WRITES[write](queue, zombie)

    assert queue.get(job.id) == before


@pytest.mark.parametrize("write", WRITES)
def test_claim_with_a_token_never_given_writes_nothing(queue, write):
    job = queue.put(ORDER)
    claimed = claim(queue)

    with pytest.raises(LeaseLost):
        WRITES[write](queue, claimed.model_copy(update={"token": claimed.token + 1}))
    with pytest.raises(LeaseLost):
        WRITES[write](queue, claimed.model_copy(update={"job": job.model_copy(update={"id": UNKNOWN})}))

    assert queue.get(job.id) == claimed.job


# endings


def test_finished_job_is_done_with_its_files(queue, clock):
    queue.put(ORDER)
    claimed = claim(queue)
    queue.heartbeat(claimed, LEASE_S, PROGRESS)
    clock.advance(40)

    done = queue.finish(claimed, FILES)

    assert done == queue.get(done.id)
    assert (done.status, done.files, done.progress, done.error) == (Status.DONE, FILES, PROGRESS, None)
    assert (done.started_at, done.finished_at) == (claimed.job.started_at, clock.now)


def test_painting_keeps_its_strokes_and_pixel_art_its_cells(queue):
    files = FILES.model_copy(
        update={"vector": "0123456789abcdefABC_-0/vector.svg", "pixels": "0123456789abcdefABC_-0/pixels.png"}
    )
    queue.put(PUBLIC)
    done = queue.finish(claim(queue), files)

    assert queue.get(done.id).files == queue.gallery.exhibit(done.id).files == files


def test_failed_job_says_why(queue, clock):
    queue.put(ORDER)
    claimed = claim(queue)
    clock.advance(40)

    failed = queue.fail(claimed, "the paint ran out")

    assert failed == queue.get(failed.id)
    assert (failed.status, failed.error, failed.files) == (Status.FAILED, "the paint ran out", None)
    assert failed.finished_at == clock.now


def test_released_job_keeps_its_place_and_its_attempt(queue, clock):
    first = queue.put(ORDER)
    clock.advance(1)
    second = queue.put(ORDER)
    claimed = claim(queue)
    queue.heartbeat(claimed, LEASE_S, PROGRESS)

    assert queue.release(claimed) == first == queue.get(first.id)
    assert (queue.position(first.id), queue.position(second.id)) == (0, 1)
    assert claim(queue).job.id == first.id


def test_queued_job_is_cancelled_without_a_letter(queue, clock):
    job = queue.put(ORDER)
    clock.advance(1)

    cancelled = queue.cancel(job.id)

    assert cancelled == queue.get(job.id)
    assert (cancelled.status, cancelled.finished_at) == (Status.CANCELLED, clock.now)
    assert queue.claim("worker", LEASE_S) is None
    assert queue.take_letter(LEASE_S) is None


def test_running_job_is_cancelled_without_a_letter(queue):
    job = queue.put(ORDER)
    claim(queue)

    assert queue.cancel(job.id).status == Status.CANCELLED
    assert queue.take_letter(LEASE_S) is None


def test_cancel_leaves_an_ended_job_as_it_is(queue, clock):
    done = finished(queue)
    queue.put(ORDER)
    failed = queue.fail(claim(queue), "the paint ran out")
    cancelled = queue.cancel(queue.put(ORDER).id)
    clock.advance(1)

    for job in (done, failed, cancelled):
        assert queue.cancel(job.id) == job == queue.get(job.id)


# position and count


def test_position_is_the_number_of_queued_jobs_before(queue, clock):
    jobs = [queue.put(ORDER) for _ in range(4)]

    assert [queue.position(job.id) for job in jobs] == [0, 1, 2, 3]
    queue.cancel(jobs[1].id)
    running = claim(queue)
    assert running.job.id == jobs[0].id
    assert [queue.position(job.id) for job in jobs] == [0, 0, 0, 1]


def test_position_of_an_ended_job_is_zero(queue):
    waiting = queue.put(ORDER)
    queue.cancel(waiting.id)
    done = finished(queue)
    queue.put(ORDER)

    assert queue.position(waiting.id) == queue.position(done.id) == 0


def test_jobs_are_counted_by_status(queue):
    assert counts(queue) == {}
    finished(queue)
    queue.put(ORDER)
    queue.fail(claim(queue), "the paint ran out")
    queue.cancel(queue.put(ORDER).id)
    queue.put(ORDER)
    claim(queue)
    queue.put(ORDER)
    queue.put(ORDER)

    assert counts(queue) == {"queued": 2, "running": 1, "done": 1, "failed": 1, "cancelled": 1}


def test_oldest_queued_job_tells_since_when_visitors_wait(queue, clock):
    assert queue.waiting_since() is None
    first = queue.put(ORDER)
    clock.advance(5)
    second = queue.put(ORDER)
    assert queue.waiting_since() == first.created_at
    claim(queue)
    assert queue.waiting_since() == second.created_at
    claim(queue)
    assert queue.waiting_since() is None


# owners


def test_owner_is_kept_and_others_have_none(queue):
    assert queue.get(queue.put(ORDER, owner="uid-1").id).owner == "uid-1"
    assert queue.get(queue.put(ORDER).id).owner is None


def test_owners_jobs_are_listed_newest_first_and_those_of_nobody_else(queue, clock):
    mine = []
    for _ in range(3):
        mine.insert(0, queue.put(ORDER, owner="uid-1"))
        queue.put(ORDER, owner="uid-2")
        queue.put(ORDER)
        clock.advance(1)
    mine[0] = queue.cancel(mine[0].id)

    assert queue.list_owned("uid-1", 10) == mine
    assert queue.list_owned("uid-1", 2) == mine[:2]
    assert queue.list_owned("uid-1", 0) == []
    assert queue.list_owned("uid-1", 10, before=mine[0].created_at) == mine[1:]
    assert queue.list_owned("nobody", 10) == []


def test_owners_jobs_of_one_moment_are_paged_without_loss_or_repetition(queue):
    mine = [queue.put(ORDER, owner="uid-1") for _ in range(7)]
    others = [queue.put(ORDER, owner="uid-2"), queue.put(ORDER), queue.put(ORDER)]

    paged, before = [], None
    while page := queue.list_owned("uid-1", 3, before):
        paged += page
        before = page[-1].created_at

    assert paged == list(reversed(mine))
    assert {job.created_at for job in others} == {mine[0].created_at}, "only an owner's own orders move on"


def test_owners_orders_at_once_are_of_different_moments(queue):
    with ThreadPoolExecutor(4) as pool:
        jobs = list(pool.map(lambda _: queue.put(ORDER, owner="uid-1"), range(12)))

    assert len({job.created_at for job in jobs}) == 12
    assert sorted(queue.list_owned("uid-1", 20), key=lambda job: job.id) == sorted(jobs, key=lambda job: job.id)


def test_deleted_order_leaves_its_moment_free(queue):
    job = queue.put(ORDER, owner="uid-1")
    queue.cancel(job.id)
    queue.delete(job.id)

    assert queue.list_owned("uid-1", 10) == []
    assert queue.put(ORDER, owner="uid-1").created_at == job.created_at


# what the operator does


def test_jobs_are_listed_newest_first_by_status_and_time(queue, clock):
    jobs = []
    for _ in range(4):
        jobs.insert(0, queue.put(ORDER))
        clock.advance(1)
    jobs[0] = queue.cancel(jobs[0].id)

    assert queue.list_jobs(10) == jobs
    assert queue.list_jobs(2) == jobs[:2]
    assert queue.list_jobs(0) == []
    assert queue.list_jobs(10, Status.QUEUED) == jobs[1:]
    assert queue.list_jobs(10, Status.CANCELLED) == jobs[:1]
    assert queue.list_jobs(10, before=jobs[1].created_at) == jobs[2:]
    assert queue.list_jobs(10, Status.QUEUED, before=jobs[2].created_at) == jobs[3:]


def test_failed_job_tried_again_is_as_new_at_its_old_place(queue, clock):
    first = queue.put(ORDER)
    clock.advance(1)
    queue.put(ORDER)
    exhaust(queue, clock)
    second = claim(queue)  # the first has been failed on the way
    assert queue.get(first.id).status == Status.FAILED

    again = queue.retry(first.id)

    assert again == first == queue.get(first.id)
    assert queue.release(second).status == Status.QUEUED
    assert claim(queue).job.id == first.id
    assert counts(queue) == {"queued": 1, "running": 1}


def test_cancelled_job_can_be_tried_again(queue):
    job = queue.put(ORDER)
    queue.cancel(job.id)

    assert queue.retry(job.id) == job
    assert claim(queue).job.id == job.id


def test_only_failed_and_cancelled_jobs_are_tried_again(queue):
    done, waiting = finished(queue), queue.put(ORDER)
    assert queue.retry(done.id) == done
    assert queue.retry(waiting.id) == waiting
    running = claim(queue)
    assert queue.retry(waiting.id) == running.job
    queue.heartbeat(running, LEASE_S)


def test_claims_before_a_retry_stay_lost(queue):
    queue.put(ORDER)
    old = claim(queue)
    queue.fail(old, "the paint ran out")
    queue.retry(old.job.id)
    new = claim(queue)

    assert new.token > old.token
    with pytest.raises(LeaseLost):
        queue.finish(old, FILES)
    queue.finish(new, FILES)


def test_unsent_letter_of_a_job_tried_again_is_withdrawn_and_its_next_end_writes_another(queue, clock):
    queue.put(ORDER)
    failed = queue.fail(claim(queue), "the paint ran out")
    early = queue.take_letter(LEASE_S)
    queue.retry(failed.id)
    with pytest.raises(LeaseLost):
        queue.letter_sent(early)
    assert queue.take_letter(10 * LEASE_S) is None

    clock.advance(1)
    done = queue.finish(claim(queue), FILES)
    late = queue.take_letter(LEASE_S)

    assert (late.job, late.token > early.token, late.id != early.id) == (done, True, True)
    with pytest.raises(LeaseLost):
        queue.letter_sent(early)
    queue.letter_sent(late)


def test_letter_taken_before_a_retry_stays_lost_when_the_job_has_ended_again(queue):
    queue.put(ORDER)
    queue.fail(claim(queue), "the paint ran out")
    early = queue.take_letter(LEASE_S)
    queue.retry(early.job.id)
    again = queue.fail(claim(queue), "the paint ran out again")

    with pytest.raises(LeaseLost):
        queue.letter_sent(early)

    assert [letter.job for letter in letters(queue)] == [again]


def test_job_tried_again_after_its_letter_gets_a_second_one(queue, clock):
    queue.put(ORDER)
    failed = queue.fail(claim(queue), "the paint ran out")
    assert [letter.job for letter in letters(queue)] == [failed]
    queue.retry(failed.id)
    clock.advance(1)

    done = queue.finish(claim(queue), FILES)

    assert [letter.job for letter in letters(queue)] == [done]


def test_revoked_job_leaves_the_gallery_and_says_since_when(queue, clock):
    gone, stays = finished(queue, PUBLIC), finished(queue, PUBLIC)
    clock.advance(1)

    revoked = queue.revoke(gone.id)

    assert revoked == gone.model_copy(update={"revoked_at": clock.now}) == queue.get(gone.id)
    assert queue.gallery.page(10) == [shown_as(stays)]
    clock.advance(1)
    assert queue.revoke(gone.id) == revoked


def test_job_revoked_while_it_is_painted_never_enters_the_gallery(queue):
    queue.put(PUBLIC)
    claimed = claim(queue)
    queue.revoke(claimed.job.id)
    queue.heartbeat(claimed, LEASE_S, PROGRESS)

    assert queue.finish(claimed, FILES).revoked_at is not None
    assert queue.gallery.page(10) == []


def test_deleted_job_is_forgotten_with_its_letter_and_its_place_in_the_gallery(queue):
    job, stays = finished(queue, PUBLIC), finished(queue, PUBLIC)
    queue.delete(job.id)

    with pytest.raises(JobNotFound):
        queue.get(job.id)
    assert queue.gallery.page(10) == [shown_as(stays)]
    assert [letter.job for letter in letters(queue)] == [stays]
    assert counts(queue) == {"done": 1}


def test_job_that_has_not_ended_cannot_be_deleted(queue):
    waiting = queue.put(ORDER)
    with pytest.raises(NotEnded):
        queue.delete(waiting.id)
    running = claim(queue)
    with pytest.raises(NotEnded):
        queue.delete(waiting.id)
    queue.finish(running, FILES)
    queue.delete(waiting.id)


# letters


@pytest.mark.parametrize(
    "end", [lambda queue, claimed: queue.finish(claimed, FILES), lambda queue, claimed: queue.fail(claimed, "why")]
)
def test_ended_job_has_exactly_one_letter(queue, clock, end):
    queue.put(ORDER)
    assert queue.take_letter(LEASE_S) is None
    claimed = claim(queue)
    assert queue.take_letter(LEASE_S) is None

    ended = end(queue, claimed)
    with pytest.raises(LeaseLost):
        end(queue, claimed)

    assert [letter.job for letter in letters(queue)] == [ended]
    clock.advance(10 * LEASE_S)
    assert queue.take_letter(LEASE_S) is None


def test_letters_are_taken_in_the_order_in_which_jobs_ended(queue):
    jobs = [queue.put(ORDER) for _ in range(3)]
    claims = [claim(queue) for _ in jobs]
    for claimed in reversed(claims):
        queue.finish(claimed, FILES)

    assert [letter.job.id for letter in letters(queue)] == [job.id for job in reversed(jobs)]


def test_letter_being_sent_is_not_taken_but_the_next_one_is(queue):
    first, second = finished(queue), finished(queue)

    assert queue.take_letter(LEASE_S).job == first
    assert queue.take_letter(LEASE_S).job == second
    assert queue.take_letter(LEASE_S) is None


def test_letter_of_a_dead_sender_is_taken_again(queue, clock):
    finished(queue)
    dead = queue.take_letter(LEASE_S)
    clock.advance(LEASE_S - 0.001)
    assert queue.take_letter(LEASE_S) is None
    clock.advance(0.001)

    again = queue.take_letter(LEASE_S)

    assert again.job == dead.job
    assert again.token > dead.token
    with pytest.raises(LeaseLost):
        queue.letter_sent(dead)
    queue.letter_sent(again)
    assert queue.take_letter(LEASE_S) is None


def test_letter_is_sent_once(queue, clock):
    finished(queue)
    letter = queue.take_letter(LEASE_S)
    queue.letter_sent(letter)

    with pytest.raises(LeaseLost):
        queue.letter_sent(letter)
    clock.advance(10 * LEASE_S)
    assert queue.take_letter(LEASE_S) is None


def test_letter_of_a_job_without_one_cannot_be_sent(queue):
    finished(queue)
    letter = queue.take_letter(LEASE_S)

    with pytest.raises(LeaseLost):
        queue.letter_sent(letter.model_copy(update={"job": queue.put(ORDER)}))
    queue.letter_sent(letter)


def test_refused_letter_is_not_taken_again(queue, clock):
    finished(queue)
    letter = queue.take_letter(LEASE_S)

    queue.letter_refused(letter, "the address does not exist")

    clock.advance(10 * LEASE_S)
    assert queue.take_letter(LEASE_S) is None
    for settle in (
        queue.letter_sent,
        lambda late: queue.letter_refused(late, ""),
        lambda late: queue.letter_delayed(late, 1),
    ):
        with pytest.raises(LeaseLost):
            settle(letter)


def test_delayed_letter_is_due_when_its_delay_is_over_and_no_earlier(queue, clock):
    finished(queue)
    letter = queue.take_letter(LEASE_S)

    queue.letter_delayed(letter, 2 * LEASE_S)

    clock.advance(2 * LEASE_S - 0.001)
    assert queue.take_letter(LEASE_S) is None
    clock.advance(0.001)
    assert queue.take_letter(LEASE_S).token > letter.token


def test_letter_that_has_been_due_longest_is_taken_first(queue, clock):
    old = finished(queue)
    queue.letter_delayed(queue.take_letter(LEASE_S), 10)
    clock.advance(5)
    fresh = finished(queue)
    clock.advance(5)

    assert [letter.job for letter in letters(queue)] == [fresh, old]


def test_letter_has_the_same_id_for_every_sender(queue, clock):
    finished(queue)
    first = queue.take_letter(LEASE_S)
    clock.advance(LEASE_S)

    assert queue.take_letter(LEASE_S).id == first.id


# addresses that are not to be mailed


def test_suppressed_address_keeps_its_first_reason_until_it_is_let_off(queue):
    assert queue.suppression("visitor@example.com") is None
    queue.suppress("Visitor@Example.com", "bounced")
    queue.suppress("visitor@example.com", "unsubscribed")

    assert queue.suppression("visitor@EXAMPLE.com") == "bounced"
    assert queue.suppression("another@example.com") is None
    queue.unsuppress("VISITOR@example.com")
    assert queue.suppression("visitor@example.com") is None
    queue.unsuppress("visitor@example.com")


@pytest.mark.parametrize("reason", ["bounced", "complained"])
def test_what_the_reader_may_take_back_gives_way_to_what_he_may_not(queue, reason):
    queue.suppress("visitor@example.com", "unsubscribed")
    queue.suppress("visitor@example.com", "unsubscribed")
    assert queue.suppression("visitor@example.com") == "unsubscribed"
    queue.suppress("Visitor@example.com", reason)
    queue.suppress("visitor@example.com", "unsubscribed")

    assert queue.suppression("visitor@example.com") == reason


# the key that stops its mails


def test_each_job_has_a_key_of_its_own_which_it_keeps_and_its_letter_brings(queue):
    first, second = queue.put(PUBLIC), queue.put(PUBLIC)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", first.unsubscribe_key)
    assert len({first.unsubscribe_key, second.unsubscribe_key, first.id, second.id}) == 4

    queue.finish(claim(queue), FILES)
    queue.fail(claim(queue), "the paint ran out")
    assert queue.retry(second.id).unsubscribe_key == second.unsubscribe_key
    assert queue.get(first.id).unsubscribe_key == first.unsubscribe_key
    assert queue.take_letter(60).job.unsubscribe_key == first.unsubscribe_key


def test_the_key_is_in_no_text_that_a_job_or_an_exhibit_is_turned_into(queue):
    job = finished(queue, PUBLIC)
    (exhibit,) = queue.gallery.page(1)
    for record in (job, exhibit, *queue.list_jobs(1)):
        texts = (repr(record), str(record), record.model_dump_json(), str(record.model_dump()))
        assert not any(job.unsubscribe_key in text for text in texts)


# painters


def test_present_painters_are_told_by_name_with_their_newest_paces_and_the_queues_time(queue, clock):
    queue.check_in(painter("b"))
    queue.check_in(painter("a", step_s=1.0))
    clock.advance(1)
    queue.check_in(painter("a", step_s=2.0))

    assert queue.painters() == [
        painter("a", step_s=2.0).model_copy(update={"seen_at": clock.now}),
        painter("b").model_copy(update={"seen_at": clock.now - timedelta(seconds=1)}),
    ]


def test_painter_that_owes_too_many_signs_of_life_is_not_present(queue, clock):
    queue.check_in(painter("dead"))
    clock.advance(MISSED * queue.presence_s)
    assert [present.name for present in queue.painters()] == ["dead"]
    clock.advance(0.001)
    assert queue.painters() == []

    clock.advance(FORGOTTEN_S)
    queue.check_in(painter("alive"))
    queue.check_in(painter("dead"))
    assert [present.name for present in queue.painters()] == ["alive", "dead"]


def test_painter_that_checks_out_is_gone_and_may_be_unknown(queue):
    queue.check_in(painter("host/a: 1"))
    queue.check_in(painter("b"))
    queue.check_out("host/a: 1")
    queue.check_out("nobody")

    assert [present.name for present in queue.painters()] == ["b"]


# secrets


def test_secret_is_drawn_once_for_each_name(queue):
    secret = queue.secret("cookie")

    assert len(secret) == 32
    assert queue.secret("cookie") == secret
    assert queue.secret("another") != secret


def test_secret_that_many_ask_for_first_is_one(queue):
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: queue.secret("cookie"), range(8)))) == 1


# listening


def test_who_listens_may_still_claim(queue):
    with queue.listen(lambda: None):
        queue.put(ORDER)
        assert claim(queue).job.status == Status.RUNNING
