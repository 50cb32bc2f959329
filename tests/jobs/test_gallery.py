"""One suite for every queue's gallery; words, and the places that pages begin behind."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from jobs import Cursor, Exhibit, Files, JobNotFound, Order, Palette, Reason, Report, Search, Sort, Style
from jobs.gallery import MOST_WORDS, sought, words_of

FILES = Files(picture="0123456789abcdefABC_-0/picture.png", thumbnail="0123456789abcdefABC_-0/thumbnail.webp")
UNKNOWN = "A" * 22
LEASE_S = 60.0


def order(prompt="castle underwater", **wish):
    return Order(prompt=prompt, email="visitor@example.com", **{"public": True} | wish)


def claim(queue):
    claimed = queue.claim("worker", LEASE_S)
    assert claimed is not None
    return claimed


def finished(queue, prompt="castle underwater", **wish):
    queue.put(order(prompt, **wish))
    return queue.finish(claim(queue), FILES)


def shown_as(job, likes=0):
    """What the gallery holds of a finished public job."""
    return Exhibit(wish=job.order.wish, **job.model_dump(include=set(Exhibit.model_fields) - {"wish"}), likes=likes)


def behind(exhibit):
    return Search(after=Cursor.of(exhibit))


def found(queue, **search):
    return [exhibit.id for exhibit in queue.gallery.page(100, Search(**search))]


def walked(queue, limit, **search):
    """All pages, one after the other."""
    exhibits, after = [], None
    while page := queue.gallery.page(limit, Search(**search, after=after)):
        exhibits += page
        after = Cursor.parse(str(Cursor.of(page[-1])))
    return [exhibit.id for exhibit in exhibits]


# newest first


def test_gallery_shows_finished_public_jobs_newest_first(queue, clock):
    shown = []
    for _ in range(3):
        shown.insert(0, shown_as(finished(queue)))
        finished(queue, public=False)
        clock.advance(1)
    queue.put(order())
    queue.fail(claim(queue), "the paint ran out")
    queue.cancel(queue.put(order()).id)
    queue.put(order())
    claim(queue)
    queue.put(order())

    assert queue.gallery.page(10) == shown
    assert queue.gallery.page(2) == shown[:2]
    assert queue.gallery.page(0) == []
    assert queue.gallery.page(-1) == []


def test_gallery_is_paged_without_loss_or_repetition_even_within_one_moment(queue, clock):
    jobs = [finished(queue).id for _ in range(7)]
    clock.advance(1)
    jobs.append(finished(queue).id)

    assert walked(queue, 3) == list(reversed(jobs))


def test_only_pictures_that_hang_move_on_to_a_moment_of_their_own(queue, clock):
    public, private = finished(queue), finished(queue, public=False)
    queue.put(order())
    claimed = claim(queue)
    queue.revoke(claimed.job.id)
    revoked = queue.finish(claimed, FILES)

    assert public.finished_at == private.finished_at == revoked.finished_at == clock.now
    assert finished(queue).finished_at == clock.now + timedelta(microseconds=1)


def test_page_starts_strictly_behind_the_given_time_whatever_its_zone(queue, clock):
    old = shown_as(finished(queue))
    clock.advance(1)
    new = shown_as(finished(queue))
    elsewhere = timezone(timedelta(hours=9))

    assert queue.gallery.page(10, Search(after=Cursor(0, new.finished_at.astimezone(elsewhere)))) == [old]
    later = Cursor(0, new.finished_at + timedelta(microseconds=1))
    assert queue.gallery.page(10, Search(after=later)) == [new, old]
    assert queue.gallery.page(10, behind(old)) == []


@pytest.mark.parametrize("sort", Sort)
def test_time_without_a_zone_is_refused(queue, clock, sort):
    finished(queue)

    with pytest.raises(TypeError):
        queue.gallery.page(10, Search(sort=sort, after=Cursor(0, clock.now.replace(tzinfo=None))))


def test_gallery_holds_no_address(queue):
    finished(queue)

    (exhibit,) = queue.gallery.page(10)

    assert "visitor" not in exhibit.model_dump_json()
    assert exhibit.wish.prompt == "castle underwater"


def test_exhibit_says_all_that_was_wished_for(queue):
    wish = {"style": Style.PIXEL_ART, "palette": Palette.PICO_8, "seed": 2**32 - 1, "size": (64, 96)}
    job = finished(queue, "<script>'\"; DROP TABLE terms; -- 城 👨‍👩‍👧", **wish)

    assert queue.gallery.exhibit(job.id) == shown_as(job)


# searching


def test_all_words_are_sought_in_any_order_whatever_their_case(queue):
    castle = finished(queue, "A Castle under the SEA, at night").id
    sea = finished(queue, "the sea").id
    finished(queue, "castles, seas")

    assert found(queue, words="castle sea") == found(queue, words="SEA... castle!") == [castle]
    assert found(queue, words="the sea") == [sea, castle]
    assert found(queue, words="castle desert") == []
    assert len(found(queue, words=" ?! ")) == 3, "no word was asked for"


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("水下城堡", "城堡"),
        ("Straße im Regen", "STRASSE"),
        ("\uff26\uff35\uff2c\uff2c width", "full"),
        ("caf\u00e9", "cafe\u0301"),
        ("Ælfgyþu reist", "ÆLFGYÞU"),
        ("x" * 100, "x" * 100),
        ("pixel art: 8K HD", "8k art"),
        ("it's Hokusai's wave_no_2", "hokusai's wave_no_2"),
    ],
)
def test_words_of_all_scripts_are_found(queue, prompt, words):
    job = finished(queue, prompt)
    finished(queue, "a quiet field")

    assert found(queue, words=words) == [job.id]


@pytest.mark.parametrize(
    "words", ["%", "_", "*", "'", '"', "' OR 1=1 --", "\x00", "a" * 5000, "()", ":image", "\ud800"]
)
def test_hostile_words_find_nothing_that_has_them_not(queue, words):
    finished(queue, "castle underwater")

    assert found(queue, words=words) in ([], found(queue))
    assert (found(queue, words=words) == []) == bool(words_of(words))


def test_of_a_long_search_the_first_words_count(queue):
    finished(queue, " ".join(f"w{number}" for number in range(MOST_WORDS)))
    search = " ".join(f"w{number}" for number in range(100))

    assert len(sought(Search(words=search))) == MOST_WORDS
    assert len(found(queue, words=search)) == 1


def test_style_is_sought_alone_and_with_words(queue):
    painting = finished(queue, "castle", style=Style.PAINTING).id
    pixels = finished(queue, "castle at night", style=Style.PIXEL_ART).id
    finished(queue, "a painting of pixel art")

    assert found(queue, style=Style.PAINTING) == [painting]
    assert found(queue, style=Style.PIXEL_ART) == [pixels]
    assert found(queue, style=Style.PIXEL_ART, words="castle") == [pixels]
    assert found(queue, style=Style.PAINTING, words="castle night") == []


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("style", [None, Style.PAINTING])
@pytest.mark.parametrize("words", ["", "castle", "castle night"])
def test_every_search_is_paged_without_loss_or_repetition(queue, clock, sort, style, words):
    prompts = ["castle", "castle at night", "night", "a castle, one night"] * 3
    styles = [Style.IMAGE, Style.PAINTING, Style.PAINTING]
    exhibits = []
    for number, prompt in enumerate(prompts):
        job = finished(queue, prompt, style=styles[number % 3])
        for visitor in range(number * 7 % 4):
            queue.gallery.like(job.id, f"visitor {visitor}")
        exhibits.append((number * 7 % 4 if sort == Sort.LIKED else 0, number, job))
        clock.advance(number % 2)  # some of one moment
    wanted = [
        job.id
        for *_, job in sorted(exhibits, key=lambda exhibit: exhibit[:2], reverse=True)
        if set(words.split()) <= set(words_of(job.order.prompt)) and style in (None, job.order.style)
    ]

    assert wanted
    assert walked(queue, 2, sort=sort, style=style, words=words) == wanted


# likes


def test_visitors_like_counts_once_until_it_is_taken_back(queue):
    job, other = finished(queue), finished(queue)
    queue.gallery.like(job.id, "a")

    assert queue.gallery.like(job.id, "a") == shown_as(job, likes=1) == queue.gallery.exhibit(job.id)
    assert queue.gallery.like(job.id, "b").likes == 2
    assert queue.gallery.unlike(job.id, "a").likes == 1
    assert queue.gallery.unlike(job.id, "a").likes == queue.gallery.unlike(job.id, "nobody").likes == 1
    assert queue.gallery.like(job.id, "a").likes == 2
    assert queue.gallery.page(10) == [shown_as(other), shown_as(job, likes=2)]


def test_likes_at_once_are_all_counted(queue):
    job = finished(queue)
    visitors = [f"visitor {number % 6}" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda visitor: queue.gallery.like(job.id, visitor), visitors))

    assert queue.gallery.exhibit(job.id).likes == 6


def test_which_of_a_page_a_visitor_likes(queue, clock):
    jobs = []
    for _ in range(35):
        jobs.append(finished(queue).id)
        clock.advance(1)
    for job in (jobs[0], jobs[2], jobs[34]):
        queue.gallery.like(job, "a")
    queue.gallery.like(jobs[1], "b")

    assert queue.gallery.liked("a", jobs) == {jobs[0], jobs[2], jobs[34]}
    assert queue.gallery.liked("a", jobs[1:3]) == {jobs[2]}
    assert queue.gallery.liked("a", [UNKNOWN, "", "' OR 1=1"]) == queue.gallery.liked("c", jobs) == set()
    assert queue.gallery.liked("a", []) == set()


def test_most_liked_come_first_and_among_equals_the_newest(queue, clock):
    jobs = []
    for _ in range(4):
        jobs.append(finished(queue).id)
        clock.advance(1)
    for job, visitors in ((jobs[0], "abc"), (jobs[2], "a")):
        for visitor in visitors:
            queue.gallery.like(job, visitor)

    assert found(queue, sort=Sort.LIKED) == [jobs[0], jobs[2], jobs[3], jobs[1]]
    queue.gallery.unlike(jobs[0], "a")
    queue.gallery.unlike(jobs[0], "b")
    assert found(queue, sort=Sort.LIKED) == [jobs[2], jobs[0], jobs[3], jobs[1]]


DEEDS = {
    "look": lambda gallery, job: gallery.exhibit(job),
    "like": lambda gallery, job: gallery.like(job, "a"),
    "unlike": lambda gallery, job: gallery.unlike(job, "a"),
    "report": lambda gallery, job: gallery.report(job, "a", Reason.OTHER),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_does_not_hang_is_not_found(queue, deed):
    private, revoked, deleted = finished(queue, public=False), finished(queue), finished(queue)
    waiting = queue.put(order())
    queue.revoke(revoked.id)
    queue.delete(deleted.id)

    for job_id in (UNKNOWN, "", "' OR 1=1 --", "x" * 10_000, *(job.id for job in (private, revoked, deleted, waiting))):
        with pytest.raises(JobNotFound):
            DEEDS[deed](queue.gallery, job_id)
    assert queue.gallery.liked("a", [private.id, revoked.id, deleted.id, waiting.id]) == set()


# reports


def test_reports_are_told_by_reason_the_most_reported_first_and_then_the_newest(queue, clock):
    jobs = []
    for _ in range(4):
        jobs.append(finished(queue))
        clock.advance(1)
    queue.gallery.report(jobs[0].id, "a", Reason.OFFENSIVE)
    queue.gallery.report(jobs[1].id, "a", Reason.OFFENSIVE)
    queue.gallery.report(jobs[1].id, "b", Reason.RIGHTS)
    queue.gallery.report(jobs[1].id, "c", Reason.RIGHTS)
    queue.gallery.report(jobs[3].id, "a", Reason.OTHER)

    reports = [
        Report(exhibit=shown_as(jobs[1]), reasons={Reason.OFFENSIVE: 1, Reason.RIGHTS: 2}),
        Report(exhibit=shown_as(jobs[3]), reasons={Reason.OTHER: 1}),
        Report(exhibit=shown_as(jobs[0]), reasons={Reason.OFFENSIVE: 1}),
    ]
    assert queue.gallery.reports(10) == reports
    assert queue.gallery.reports(1) == reports[:1]
    assert queue.gallery.reports(0) == []


def test_visitor_reports_a_picture_for_one_reason_the_newest(queue):
    job = finished(queue)
    for reason in (Reason.OFFENSIVE, Reason.OFFENSIVE, Reason.PERSON):
        queue.gallery.report(job.id, "a", reason)

    assert queue.gallery.reports(10) == [Report(exhibit=shown_as(job), reasons={Reason.PERSON: 1})]


def test_report_names_no_visitor_and_changes_no_like(queue):
    job = finished(queue)
    queue.gallery.like(job.id, "a-visitor")
    queue.gallery.report(job.id, "a-visitor", Reason.OTHER)

    [report] = queue.gallery.reports(10)
    assert report.exhibit.likes == 1
    assert "a-visitor" not in report.model_dump_json()


# what is taken back and taken down


def test_forgotten_visitor_likes_and_reports_nothing_any_more(queue):
    jobs = [finished(queue) for _ in range(3)]
    for visitor in ("a", "b"):
        for job in jobs[:2]:
            queue.gallery.like(job.id, visitor)
            queue.gallery.report(job.id, visitor, Reason.OTHER)
    queue.gallery.report(jobs[2].id, "a", Reason.OTHER)

    queue.gallery.forget_visitor("a")
    queue.gallery.forget_visitor("nobody")

    assert queue.gallery.liked("a", [job.id for job in jobs]) == set()
    assert [exhibit.likes for exhibit in queue.gallery.page(10)] == [0, 1, 1]
    assert queue.gallery.reports(10) == [
        Report(exhibit=shown_as(job, likes=1), reasons={Reason.OTHER: 1}) for job in (jobs[1], jobs[0])
    ]
    assert queue.gallery.like(jobs[0].id, "a").likes == 2


@pytest.mark.parametrize("down", ["revoke", "delete"])
def test_what_is_taken_down_is_found_by_nothing_and_nothing_that_was_said_of_it_is_left(queue, down):
    gone, stays = finished(queue, "castle"), finished(queue, "castle")
    for job in (gone, stays):
        queue.gallery.like(job.id, "a")
        queue.gallery.report(job.id, "a", Reason.OTHER)

    getattr(queue, down)(gone.id)

    for sort in Sort:
        for search in ({}, {"words": "castle"}, {"style": Style.IMAGE}):
            assert found(queue, sort=sort, **search) == [stays.id]
    assert queue.gallery.liked("a", [gone.id, stays.id]) == {stays.id}
    assert [report.exhibit.id for report in queue.gallery.reports(10)] == [stays.id]
    queue.gallery.forget_visitor("a")
    assert queue.gallery.page(10) == [shown_as(stays)]


def test_moment_of_a_picture_taken_down_is_free_and_its_deletion_takes_nobody_elses(queue):
    gone = finished(queue)
    queue.revoke(gone.id)
    stays = finished(queue)
    assert stays.finished_at == gone.finished_at

    queue.delete(gone.id)

    assert queue.gallery.page(10) == [shown_as(stays)]


# words and cursors


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  ,.!? \n\t<>&\"'", []),
        ("A castle, a Castle", ["a", "castle"]),
        ("水下城堡 x", ["水", "下", "城", "堡", "x"]),
        ("ひらがな", ["ひ", "ら", "が", "な"]),
        ("snake_case 8K", ["snake_case", "8k"]),
        ("<b>bold</b>", ["b", "bold"]),
        ("x" * 130, ["x" * 64, "xx"]),
        ("ﬁne Ⅷ", ["fine", "viii"]),
    ],
)
def test_words_of(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize("moment", [datetime(2026, 11, 22, 12, 0, 0, 1, UTC), datetime(1970, 1, 1, tzinfo=UTC)])
@pytest.mark.parametrize("likes", [0, 999_999_999])
def test_cursor_is_text_and_back(likes, moment):
    assert Cursor.parse(str(Cursor(likes, moment))) == Cursor(likes, moment)
    elsewhere = moment.astimezone(timezone(timedelta(hours=-3)))
    assert str(Cursor(likes, elsewhere)) == str(Cursor(likes, moment))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1",
        "1-",
        "-1-1",
        "1--1",
        "1-1 ",
        "1-1\n",
        "\n1-1",
        "1-1-1",
        "1.0-1",
        "1e3-1",
        "0x1-1",
        "+1-1",
        "1_0-1",
        "\u0661-\u0661",
        "\uff11-\uff11",
        "1-999999999999999999",
        "1-" + "9" * 10_000,
        "9999999999-1",
        "<script>",
        "\x00-1",
        "1-\ud800",
    ],
)
def test_cursor_of_nonsense_is_refused_without_quoting_it(text):
    with pytest.raises(ValueError, match="must be what `next` of the page before said"):
        Cursor.parse(text)
