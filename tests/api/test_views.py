import pytest

from api.views import EXAMPLE, JobView, look_up, view, view_exhibit
from jobs import Files, JobNotFound


def test_a_waiting_job_shows_its_place_and_no_files(studio, queue):
    studio.order()
    seen = look_up(queue, studio.order(prompt="fox").id)
    assert (seen.position, seen.status, seen.prompt, seen.progress) == (1, "queued", "fox", None)
    assert set(seen.links.model_dump().values()) == {None}


def test_a_running_job_shows_progress_and_a_preview_whose_address_changes_with_the_step(studio, queue):
    job = studio.order()
    claim = studio.begin()
    previews = []
    for step in (10, 20):
        studio.report(claim, step)
        seen = look_up(queue, job.id)
        assert seen.progress.model_dump() == {"step": step, "of": 100, "score": 0.25}
        previews.append(seen.links.preview)
    assert previews == [f"/r/{job.id}/preview.webp?v={step}" for step in (10, 20)]


def test_a_finished_job_links_its_files(studio):
    job = studio.painted()
    links = view(job).links
    assert links.picture == f"/r/{job.id}/picture.png"
    assert links.film == f"/r/{job.id}/film.mp4"
    assert links.thumbnail == f"/r/{job.id}/thumbnail.webp"


def test_a_job_without_a_film_links_none(studio):
    studio.order(make_video=False)
    claim = studio.begin()
    files = Files(picture=f"{claim.job.id}/t1-picture.png", thumbnail=f"{claim.job.id}/t1-thumbnail.webp")
    assert view(studio.queue.finish(claim, files)).links.film is None


def test_a_revoked_job_links_nothing(studio):
    links = view(studio.queue.revoke(studio.painted().id)).links
    assert set(links.model_dump().values()) == {None}


def test_an_exhibit_shows_the_wish_and_the_files_and_nothing_of_a_person(studio):
    job = studio.painted(public=True, quality="normal", aspect="portrait", seed=7)
    (exhibit,) = studio.queue.list_public(1)
    shown = view_exhibit(exhibit)
    assert (shown.id, shown.prompt, shown.quality, shown.aspect) == (job.id, "castle underwater", "normal", "portrait")
    assert shown.finished_at == job.finished_at
    assert shown.links == view(job).links.model_copy(update={"preview": None})
    assert set(shown.model_dump()) < set(EXAMPLE)
    assert "canary" not in shown.model_dump_json()


def test_a_failed_job_says_why(studio):
    studio.order()
    assert view(studio.queue.fail(studio.begin(), "The painter stumbled.")).error == "The painter stumbled."


def test_a_view_has_the_agreed_fields_and_no_address(studio):
    assert set(view(studio.order()).model_dump()) == set(EXAMPLE)
    assert "email" not in EXAMPLE


def test_the_documented_example_is_a_view():
    JobView.model_validate(EXAMPLE)


def test_an_unknown_job_is_not_found(queue):
    with pytest.raises(JobNotFound):
        look_up(queue, "k" * 22)
