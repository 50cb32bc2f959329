import pytest

from api.views import EXAMPLE, JobView, look_up, view
from jobs import JobNotFound


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
    assert previews == [f"/files/{job.id}/preview.webp?v={step}" for step in (10, 20)]


def test_a_finished_job_links_its_files(studio):
    job = studio.painted()
    links = view(job).links
    assert links.picture == f"/files/{job.id}/picture.png"
    assert links.film == f"/files/{job.id}/film.mp4"
    assert links.thumbnail == f"/files/{job.id}/thumbnail.webp"


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
