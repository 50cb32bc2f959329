import json
from datetime import timedelta

import pytest

from jobs import Files, JobNotFound, NotOnShelf, Status
from jobs.life import utc_now
from jobs.memory import MemoryQueue
from jobs.order import masked
from tests.fakes import an_order
from text2art.job_commands import ended_before

ADDRESS = "canary.address@example.com"
UNKNOWN = "-23456789012345678901_"  # an id may begin like an option


@pytest.fixture
def ordered(queue):
    return queue.put(an_order(email=ADDRESS, prompt="a [red]fox[/red] 🏰"))


@pytest.fixture
def painted(store):
    """A job that is done, with its files."""
    job = store.queue.put(an_order(email=ADDRESS, public=True))
    claim = store.queue.claim("a worker", 60)
    files = Files(picture=f"{job.id}/t1-picture.png", thumbnail=f"{job.id}/t1-thumbnail.webp")
    for key in (files.picture, files.thumbnail):
        store.shelf.put(key, b"a picture")
    return store.queue.finish(claim, files)


def test_jobs_are_listed_newest_first_without_addresses(queue, invoke):
    first, second = queue.put(an_order(email=ADDRESS)), queue.put(an_order(email=ADDRESS))
    result = invoke("jobs", "list")
    assert result.exit_code == 0
    assert result.output.index(second.id) < result.output.index(first.id)
    assert "canary" not in result.output


def test_addresses_are_listed_when_asked_for(ordered, invoke):
    assert json.loads(invoke("jobs", "list", "--addresses", "--json").output)[0]["order"]["email"] == ADDRESS
    assert json.loads(invoke("jobs", "list", "--json").output)[0]["order"]["email"] == masked(ADDRESS)


def test_only_jobs_of_one_state_and_as_many_as_wanted_are_listed(queue, ordered, invoke):
    queue.put(an_order())
    queue.cancel(ordered.id)
    cancelled = json.loads(invoke("jobs", "list", "--status", "cancelled", "--json").output)
    assert [job["id"] for job in cancelled] == [ordered.id]
    assert len(json.loads(invoke("jobs", "list", "--limit", "1", "--json").output)) == 1


@pytest.mark.parametrize("arguments", [["--status", "lost"], ["--limit", "0"]])
def test_a_list_that_makes_no_sense_is_refused(arguments, invoke):
    assert invoke("jobs", "list", *arguments).exit_code == 2


def test_a_job_is_shown_whole_with_its_prompt_letter_by_letter_and_its_address_masked(ordered, invoke):
    result = invoke("jobs", "show", ordered.id)
    assert result.exit_code == 0
    assert ordered.id in result.output and "a [red]fox[/red] 🏰" in result.output
    assert "canary" not in result.output
    assert ADDRESS in invoke("jobs", "show", ordered.id, "--addresses").output
    assert json.loads(invoke("jobs", "show", ordered.id, "--json").output)["status"] == "queued"


@pytest.mark.parametrize("more", [[], ["--json"], ["--addresses"]])
def test_the_key_that_stops_a_jobs_mails_is_shown_to_nobody(ordered, invoke, more):
    for command in (["show", ordered.id], ["list"]):
        output = "".join(invoke("jobs", *command, *more).output.split())
        assert ordered.unsubscribe_key not in output and "unsubscribe" not in output


@pytest.mark.parametrize("command", ["show", "retry", "cancel", "revoke", "purge"])
def test_a_job_that_nobody_knows_is_told_and_ends_with_1(command, queue, invoke):
    result = invoke("jobs", command, UNKNOWN)
    assert (result.exit_code, result.output) == (1, "text2art: No job has this id.\n")


@pytest.mark.parametrize("command", ["show", "retry", "cancel", "revoke", "purge"])
def test_what_is_no_id_is_bad_usage(command, invoke):
    result = invoke("jobs", command, "../etc")
    unboxed = " ".join(result.output.replace("│", " ").split())
    assert result.exit_code == 2 and "22 URL-safe characters" in unboxed


def test_a_failed_job_is_queued_again(queue, ordered, invoke):
    queue.fail(queue.claim("a worker", 60), "no paint")
    result = invoke("jobs", "retry", ordered.id)
    assert (result.exit_code, result.output) == (0, f"{ordered.id} is queued.\n")
    assert queue.get(ordered.id).status is Status.QUEUED


def test_a_finished_job_is_not_tried_again_and_that_is_told(painted, invoke):
    result = invoke("jobs", "retry", painted.id)
    assert result.exit_code == 1 and "Only jobs that failed or were cancelled" in result.output


def test_a_queued_job_is_taken_back(queue, ordered, invoke):
    assert invoke("jobs", "cancel", ordered.id).output == f"{ordered.id} is cancelled.\n"
    assert queue.get(ordered.id).status is Status.CANCELLED


def test_a_revoked_job_is_shown_to_nobody(store, painted, invoke):
    assert "shown to nobody" in invoke("jobs", "revoke", painted.id).output
    assert store.queue.get(painted.id).revoked_at is not None
    assert store.queue.gallery.page(10) == []


def test_one_job_is_purged_with_its_files_once_that_is_confirmed(store, painted, invoke):
    kept = invoke("jobs", "purge", painted.id, input="n\n")
    assert kept.exit_code == 1 and store.queue.get(painted.id) == painted

    purged = invoke("jobs", "purge", painted.id, input="y\n")
    assert purged.exit_code == 0 and "1 job purged" in purged.output
    with pytest.raises(JobNotFound):
        store.queue.get(painted.id)
    assert not holds(store.shelf, painted)


def holds(shelf, job):
    try:
        return bool(shelf.get(job.files.picture))
    except NotOnShelf:
        return False


def test_only_jobs_that_ended_long_enough_ago_are_purged(store, painted, ordered, invoke):
    young = invoke("jobs", "purge", "--older-than", "1d", "--yes")
    assert young.output == "0 jobs purged.\n"
    tried = invoke("jobs", "purge", "--older-than", "0m", "--dry-run")
    assert tried.output == "1 job would be purged.\n" and store.queue.get(painted.id) == painted

    assert invoke("jobs", "purge", "--older-than", "0m", "--yes").output == "1 job purged.\n"
    assert not holds(store.shelf, painted)
    assert store.queue.get(ordered.id).status is Status.QUEUED


def test_a_job_that_has_not_ended_is_left_and_so_are_its_files(store, ordered, invoke):
    store.shelf.put(f"{ordered.id}/start.png", b"a start")
    result = invoke("jobs", "purge", ordered.id, "--yes")
    assert result.exit_code == 1 and "1 job left" in result.output
    assert store.shelf.get(f"{ordered.id}/start.png") == b"a start"


@pytest.mark.parametrize("arguments", [[], [UNKNOWN, "--older-than", "1d"], ["--older-than", "soon"]])
def test_a_purge_that_does_not_say_of_what_is_refused(arguments, invoke):
    assert invoke("jobs", "purge", *arguments, "--yes").exit_code == 2


def test_every_job_that_ended_is_found_though_pages_are_short_and_many_were_ordered_at_one_moment(monkeypatch):
    monkeypatch.setattr("text2art.job_commands.PAGE", 5)
    start = utc_now()
    moments = iter([start + timedelta(seconds=n // 4) for n in range(200)])
    queue = MemoryQueue(lambda: next(moments))
    jobs = [queue.put(an_order()) for _ in range(11)]
    for job in jobs[:-1]:
        queue.cancel(job.id)
    found = [job.id for job in ended_before(queue, start + timedelta(days=1))]
    assert sorted(found) == sorted(job.id for job in jobs[:-1])


def test_a_store_that_cannot_be_read_is_told_and_ends_with_1(folder, invoke):
    assert invoke("jobs", "list").exit_code == 0
    (folder / "text2art-data" / "queue.sqlite3").write_bytes(b"no database" * 1000)
    result = invoke("jobs", "list")
    assert result.exit_code != 0 and "Traceback" not in result.output
    assert result.output.startswith("text2art: ")
