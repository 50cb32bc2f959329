"""What SQLite adds to the suite in test_queue: a private file that processes share and that survives them."""

import json
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import Cursor, Files, JobNotFound, JobsError, Order, Painter, Search, Sort, Status, Style, sqlite_gallery
from jobs import sqlite as module
from jobs.rows import columns_of
from jobs.sqlite import SqliteQueue
from jobs.sqlite_file import SCHEMA_VERSION, STEPS
from jobs.terms import terms_of

ROOT = Path(__file__).parents[2]
ORDER = Order(prompt="castle underwater", email="visitor@example.com")
FILES = Files(picture="0123456789abcdefABC_-0/picture.png", thumbnail="0123456789abcdefABC_-0/thumbnail.webp")
PREAMBLE = """
import sys
from pathlib import Path
from jobs import Files, Order
from jobs.sqlite import SqliteQueue
ORDER = Order(prompt="castle underwater", email="visitor@example.com")
FILES = Files(picture="0123456789abcdefABC_-0/picture.png", thumbnail="0123456789abcdefABC_-0/thumbnail.webp")
queue = SqliteQueue(Path(sys.argv[1]))
"""


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "queue.sqlite3"


@pytest.fixture
def queue(path, clock) -> SqliteQueue:
    queue = SqliteQueue(path, clock)
    yield queue
    queue.close()


def process(path, script):
    """A Python process that runs the script with the queue at `path` open."""
    command = [sys.executable, "-c", PREAMBLE + script, str(path)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def kill(running):
    """kill -9."""
    running.kill()
    running.communicate()
    assert running.returncode == -signal.SIGKILL


def assert_is_sound(path):
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()


# several processes

CLAIM_50 = """
print("ready", flush=True)
sys.stdin.readline()
for _ in range(50):
    print(queue.claim("worker", 600).job.id)
queue.close()
"""


def test_processes_that_claim_at_once_share_no_job(path):
    queue = SqliteQueue(path)
    jobs = [queue.put(ORDER).id for _ in range(100)]
    workers = [process(path, CLAIM_50) for _ in range(2)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"

    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    claimed = [worker.communicate(timeout=60)[0].split() for worker in workers]

    assert [worker.returncode for worker in workers] == [0, 0]
    assert [len(ids) for ids in claimed] == [50, 50]
    assert sorted(claimed[0] + claimed[1]) == sorted(jobs)
    assert queue.claim("another", 600) is None
    queue.close()


def test_processes_that_make_the_same_file_at_once_all_succeed(path):
    workers = [process(path, "print(queue.put(ORDER).id)\nqueue.close()\n") for _ in range(4)]
    made = [worker.communicate(timeout=60)[0].strip() for worker in workers]

    assert [worker.returncode for worker in workers] == [0] * 4
    queue = SqliteQueue(path)
    assert {queue.get(job_id).status for job_id in made} == {Status.QUEUED}
    assert queue.count(Status.QUEUED) == 4
    queue.close()


# kill -9

WORK_FOR_EVER = """
while True:
    job = queue.put(ORDER)
    claim = queue.claim("worker", 600)
    queue.heartbeat(claim, 600)
    queue.finish(claim, FILES)
    print(job.id, flush=True)
"""


def test_process_killed_at_work_leaves_a_sound_file_with_everything_it_reported(path):
    worker = process(path, WORK_FOR_EVER)
    reported = [worker.stdout.readline().strip() for _ in range(20)]
    kill(worker)

    assert_is_sound(path)
    queue = SqliteQueue(path)
    assert {queue.get(job_id).status for job_id in reported} == {Status.DONE}
    letters = set()
    while (letter := queue.take_letter(600)) is not None:
        queue.letter_sent(letter)
        letters.add(letter.job.id)
    assert letters >= set(reported)
    assert len(letters) == queue.count(Status.DONE)
    queue.close()


HANG_BEFORE_COMMIT = """
def hang(statement):
    if statement == "COMMIT":
        print("committing", flush=True)
        sys.stdin.readline()

claim = queue.claim("worker", 0)
queue._file.db.set_trace_callback(hang)
queue.finish(claim, FILES)
"""


def test_process_killed_between_write_and_commit_has_written_nothing(path):
    queue = SqliteQueue(path)
    job = queue.put(ORDER)
    worker = process(path, HANG_BEFORE_COMMIT)
    assert worker.stdout.readline() == "committing\n"
    kill(worker)

    assert_is_sound(path)
    assert queue.get(job.id).status == Status.RUNNING
    assert queue.take_letter(600) is None
    again = queue.claim("another", 600)
    assert (again.job.id, again.job.attempt) == (job.id, 2)
    queue.close()


# the file


def test_reopened_queue_has_every_job_letter_and_lease(queue, path, clock):
    done, running, waiting = (queue.put(ORDER) for _ in range(3))
    done = queue.finish(queue.claim("worker", 60), FILES)
    held = queue.claim("worker", 60)
    queue.close()

    again = SqliteQueue(path, clock)

    assert again.get(done.id) == done
    assert again.get(running.id) == held.job
    assert again.take_letter(60).job == done
    assert again.claim("another", 60).job.id == waiting.id
    assert again.claim("another", 60) is None
    again.heartbeat(held, 60)
    again.close()


def test_connection_is_as_durable_as_promised(queue):
    def pragma(name):
        return queue._file.db.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL
    assert pragma("foreign_keys") == 1
    assert pragma("busy_timeout") == 30_000
    assert pragma("user_version") == SCHEMA_VERSION


def test_every_file_of_the_queue_is_for_its_owner_alone(queue, path):
    queue.put(ORDER)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == dict.fromkeys(("queue.sqlite3", "queue.sqlite3-wal", "queue.sqlite3-shm"), 0o600)


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (module._OLDEST_CLAIMABLE, ("2026",)),
        (module._POSITION, ("id",)),
        (module._LONGEST_DUE, ("2026",)),
        (module._OWNED, ("uid", "2026", 10)),
        (module._SAVE, dict.fromkeys(columns_of(module.life.born(ORDER, module.life.utc_now())))),
        (sqlite_gallery._ONE, ("id",)),
        *(
            sqlite_gallery.page_query(10, Search(sort=sort, style=style, words=words, after=after))
            for sort in Sort
            for style in (None, Style.PAINTING)
            for words in ("", "castle", "a castle by night")
            for after in (None, Cursor(3, module.life.utc_now()))
        ),
    ],
)
def test_statement_walks_an_index_and_sorts_nothing(queue, statement, values):
    plan = [row["detail"] for row in queue._file.db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]

    steps = [step for step in plan if step.startswith(("SCAN", "SEARCH", "USE"))]
    assert steps
    assert all(" USING " in step for step in steps), plan
    assert not any("TEMP B-TREE" in step for step in steps), plan


# what goes wrong


def test_full_disk_is_an_error_and_changes_nothing(queue):
    job = queue.put(ORDER)
    pages = queue._file.db.execute("PRAGMA page_count").fetchone()[0]
    queue._file.db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(sqlite3.OperationalError, match="full"):
        for _ in range(1000):
            queue.put(ORDER)
    before = queue.count(Status.QUEUED)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        queue.put(ORDER.model_copy(update={"prompt": "x" * 100_000}))

    assert queue.count(Status.QUEUED) == before
    queue._file.db.execute("PRAGMA max_page_count = 100000")
    assert queue.claim("worker", 60).job.id == job.id


def test_busy_file_is_an_error_after_the_timeout(queue, path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    queue._file.db.execute("PRAGMA busy_timeout = 1")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        queue.put(ORDER)
    other.execute("ROLLBACK")
    other.close()

    assert queue.count(Status.QUEUED) == 0
    queue.put(ORDER)


def test_file_of_something_else_is_refused(path):
    path.write_bytes(b"not a database at all, but long enough to look like one" * 100)

    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        SqliteQueue(path)


def test_queue_of_a_newer_version_is_refused_and_left_alone(queue, path):
    job = queue.put(ORDER)
    queue._file.db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    with pytest.raises(JobsError, match="newer"):
        SqliteQueue(path)

    assert queue.get(job.id) == job


def test_file_of_the_first_schema_is_brought_up_with_its_jobs_and_letters(path, clock):
    old = sqlite3.connect(path, isolation_level=None)
    for statement in STEPS[0]:
        old.execute(statement)
    moment = "2026-11-22T11:00:00.000000+00:00"
    insert = (
        "INSERT INTO jobs (id, order_json, public, status, attempt, files_json, created_at, started_at, finished_at)"
    )
    values = (ORDER.model_dump_json(), FILES.model_dump_json(), moment, moment, moment)
    for name in "ab":
        old.execute(f"{insert} VALUES ('{name}', ?, 0, 'done', 1, ?, ?, ?, ?)", values)
        old.execute("INSERT INTO letters (job_id) VALUES (?)", (name,))
    old.execute("UPDATE letters SET sent_at = ? WHERE job_id = 'a'", (moment,))
    old.execute("PRAGMA user_version = 1")
    old.close()

    queue = SqliteQueue(path, clock)

    assert queue.get("a").revoked_at is None
    keys = {queue.get(name).unsubscribe_key for name in "ab"}
    assert len(keys) == 2 and "" not in keys
    letter = queue.take_letter(60)
    assert (letter.job.id, letter.token) == ("b", 1)
    assert queue.take_letter(60) is None
    queue.close()


def of_schema_2(path):
    """A file as the version before wrote it, and what adds a job to it."""
    old = sqlite3.connect(path, isolation_level=None)
    for statement in (*STEPS[0], *STEPS[1]):
        old.execute(statement)
    old.execute("PRAGMA user_version = 2")

    def add(id, prompt, *, public=True, finished="2026-11-22T11:00:00.000000+00:00", revoked=None, style="image"):
        order = {"prompt": prompt, "email": "visitor@example.com", "style": style, "public": public}
        started = "2026-11-22T10:00:00.000000+00:00"
        old.execute(
            "INSERT INTO jobs (id, order_json, public, owner, status, attempt, files_json, created_at, started_at, "
            "finished_at, revoked_at, unsubscribe_key) VALUES (?, ?, ?, 'uid', 'done', 1, ?, ?, ?, ?, ?, 'key')",
            (id, json.dumps(order), public, FILES.model_dump_json(), started, started, finished, revoked),
        )

    return old, add


def test_pictures_that_hang_are_brought_up_to_be_found_and_liked_and_others_are_not(path, clock):
    old, add = of_schema_2(path)
    add("castle", "A Castle, 水下", style="painting")
    add("night", "castle at night", finished="2026-11-22T11:00:00.000001+00:00")
    add("private", "castle", public=False)
    add("revoked", "castle", revoked="2026-11-22T11:30:00.000000+00:00")
    old.close()

    queue = SqliteQueue(path, clock)

    def found(**search):
        return [exhibit.id for exhibit in queue.gallery.page(10, Search(**search))]

    assert found() == found(words="CASTLE") == found(sort=Sort.LIKED) == ["night", "castle"]
    assert found(words="水下 castle") == found(style=Style.PAINTING) == ["castle"]
    assert queue.gallery.like("castle", "visitor").likes == 1
    assert found(sort=Sort.LIKED) == found(sort=Sort.LIKED, words="castle") == ["castle", "night"]
    assert len(queue.list_owned("uid", 10)) == 4
    with pytest.raises(JobNotFound):
        queue.gallery.exhibit("private")
    queue.revoke("night")
    queue.delete("castle")
    assert found() == []
    queue.close()
    assert_is_sound(path)


def test_large_gallery_of_the_second_schema_is_brought_up_whole(path, clock):
    old, add = of_schema_2(path)
    old.execute("BEGIN")
    for number in range(2000):
        add(f"job-{number}", f"castle {number % 10}", finished=f"2026-11-22T11:00:00.{number:06d}+00:00")
    old.execute("COMMIT")
    old.close()

    queue = SqliteQueue(path, clock)

    assert len(queue.gallery.page(10_000)) == 2000
    assert len(queue.gallery.page(10_000, Search(words="7 castle"))) == 200
    queue.close()


def test_every_row_of_a_picture_repeats_its_likes(queue):
    queue.put(ORDER.model_copy(update={"public": True}))
    job = queue.finish(queue.claim("worker", 60), FILES)
    for visitor in "abc":
        queue.gallery.like(job.id, visitor)
    queue.gallery.unlike(job.id, "a")
    queue.gallery.forget_visitor("b")

    rows = queue._file.db.execute("SELECT term, likes FROM terms").fetchall()

    assert {tuple(row) for row in rows} == {(term, 1) for term in terms_of(ORDER.prompt, ORDER.style)}


def test_nothing_is_left_of_a_deleted_picture(queue):
    queue.put(ORDER.model_copy(update={"public": True}))
    job = queue.finish(queue.claim("worker", 60), FILES)
    queue.gallery.like(job.id, "visitor")
    queue.gallery.report(job.id, "visitor", "other")

    queue.delete(job.id)

    for table in ("jobs", "letters", "terms", "likes", "reports"):
        assert queue._file.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0


def test_painter_of_a_newer_version_is_not_counted_and_kept(queue):
    queue.check_in(Painter(name="old", paces={}))
    queue.check_in(Painter(name="new", paces={}))
    newer = json.dumps({"name": "new", "paces": {"a style of tomorrow": {}}})
    queue._file.db.execute("UPDATE painters SET painter_json = ? WHERE name = 'new'", (newer,))

    assert [painter.name for painter in queue.painters()] == ["old"]
    assert queue._file.db.execute("SELECT count(*) FROM painters").fetchone()[0] == 2


def test_secret_outlives_the_process(queue, path):
    secret = queue.secret("cookie")
    queue.close()

    again = SqliteQueue(path)

    assert again.secret("cookie") == secret
    again.close()


def test_row_with_fields_of_another_version_is_read_without_them_and_keeps_them(queue):
    job = queue.put(ORDER)
    stored = json.dumps(json.loads(ORDER.model_dump_json()) | {"mood": "sad"})
    queue._file.db.execute("UPDATE jobs SET order_json = ?", (stored,))

    assert queue.get(job.id) == job
    assert queue.finish(queue.claim("worker", 60), FILES).order == ORDER
    assert queue.take_letter(60).job.order == ORDER
    assert queue._file.db.execute("SELECT order_json FROM jobs").fetchone()[0] == stored


def test_closed_queue_answers_no_more(path):
    queue = SqliteQueue(path)
    queue.close()

    with pytest.raises(sqlite3.ProgrammingError):
        queue.put(ORDER)


def test_queue_needs_its_folder(tmp_path):
    with pytest.raises(FileNotFoundError):
        SqliteQueue(tmp_path / "missing" / "queue.sqlite3")


def test_refused_write_gives_the_lock_back_to_other_connections(queue, path):
    with pytest.raises(JobNotFound):
        queue.cancel("unknown")
    other = SqliteQueue(path)
    other._file.db.execute("PRAGMA busy_timeout = 1")

    job = other.put(ORDER)

    assert queue.get(job.id) == job
    other.close()
