import pytest

from api.painters import Roster
from api.views import EXAMPLE, JobView, Onlooker, view, view_exhibit
from api.visitors import Visitor
from jobs import Files, JobNotFound, Progress
from tests.api.conftest import a_painter


@pytest.fixture
def onlooker(queue, clock):
    return Onlooker(queue, Roster(queue), clock)


def test_a_waiting_job_shows_its_place_and_no_files(studio, onlooker):
    studio.order()
    seen = onlooker.look_up(studio.order(prompt="fox").id)
    assert (seen.position, seen.status, seen.prompt, seen.progress) == (1, "queued", "fox", None)
    assert set(seen.links.model_dump().values()) == {None}


def test_a_running_job_shows_progress_and_a_preview_whose_address_changes_with_the_step(studio, onlooker):
    job = studio.order()
    claim = studio.begin()
    previews = []
    for step in (10, 20):
        studio.report(claim, step)
        seen = onlooker.look_up(job.id)
        assert seen.progress.model_dump() == {"step": step, "of": 100, "score": 0.25, "note": None}
        previews.append(seen.links.preview)
    assert previews == [f"/r/{job.id}/preview.webp?v={step}" for step in (10, 20)]


def test_what_is_left_out_of_a_picture_is_told_until_the_end(studio, queue, onlooker):
    job, claim = studio.order(), studio.begin()
    queue.heartbeat(claim, 60, Progress(step=1, of=2, score=0.1, note="There is no chimera in it."))
    assert onlooker.look_up(job.id).progress.note == "There is no chimera in it."
    studio.finish(claim)
    assert onlooker.look_up(job.id).progress.note == "There is no chimera in it."


def test_a_finished_job_links_its_files(studio):
    job = studio.painted()
    links = view(job).links
    assert links.picture == f"/r/{job.id}/picture.png"
    assert links.film == f"/r/{job.id}/film.mp4"
    assert links.thumbnail == f"/r/{job.id}/thumbnail.webp"
    assert (links.vector, links.pixels, links.page) == (None, None, None)


@pytest.mark.parametrize(
    ("style", "kind", "name"), [("painting", "vector", "vector.svg"), ("pixel art", "pixels", "pixels.png")]
)
def test_a_painting_links_its_strokes_and_pixel_art_its_cells(studio, style, kind, name):
    job = studio.painted(style=style)
    links = view(job).links.model_dump(include={"vector", "pixels"}, exclude_none=True)
    assert links == {kind: f"/r/{job.id}/{name}"}


def test_a_public_picture_links_its_page_once_it_hangs(studio):
    assert view(studio.order(public=True)).links.page is None
    job = studio.finish(studio.begin())
    assert view(job).links.page == f"/a/{job.id}"
    assert view(studio.queue.revoke(job.id)).links.page is None


def test_a_recipe_tells_the_seed_that_is_used_and_never_which_start_image(studio):
    chosen = view(studio.order(seed=7, palette="ink", size=(64, 32), start_image=f"{'k' * 22}/start.png")).recipe
    assert (chosen.seed, chosen.palette, chosen.size, chosen.start_image) == (7, "ink", (64, 32), True)
    job = studio.order()
    assert view(job).recipe.seed == job.seed
    assert view(job).recipe.start_image is False


def test_a_job_is_mine_when_i_ordered_it(studio, queue, clock):
    mine, anothers, nobodys = studio.order("browser:a"), studio.order("browser:b"), studio.order()
    me = Onlooker(queue, Roster(queue), clock, Visitor("browser:a"))
    assert [me.see(job).mine for job in (mine, anothers, nobodys)] == [True, False, False]


def test_nobody_in_particular_owns_nothing(studio, onlooker):
    assert onlooker.see(studio.order()).mine is False


def test_the_time_that_a_job_takes_is_told_until_it_ends(studio, queue, onlooker):
    queue.check_in(a_painter(step_s=0.5))
    first, second = studio.order(), studio.order()
    assert [onlooker.see(job).eta_s for job in (first, second)] == [51, 102]
    studio.report(studio.begin(), 50)
    assert onlooker.look_up(first.id).eta_s > 0
    queue.cancel(first.id)
    assert onlooker.look_up(first.id).eta_s is None


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
    (exhibit,) = studio.queue.gallery.page(1)
    shown = view_exhibit(exhibit, liked=True)
    assert (shown.id, shown.prompt, shown.quality, shown.aspect) == (job.id, "castle underwater", "normal", "portrait")
    assert shown.finished_at == job.finished_at
    assert shown.links == view(job).links.model_copy(update={"preview": None})
    assert (shown.likes, shown.liked, shown.page) == (0, True, f"/a/{job.id}")
    assert set(shown.model_dump()) - set(EXAMPLE) == {"likes", "liked", "page"}
    assert "canary" not in shown.model_dump_json()


def test_a_failed_job_says_why(studio):
    studio.order()
    assert view(studio.queue.fail(studio.begin(), "The painter stumbled.")).error == "The painter stumbled."


def test_a_view_has_the_agreed_fields_and_no_address(studio):
    seen = view(studio.order("browser:a")).model_dump()
    assert set(seen) == set(EXAMPLE)
    assert set(seen["recipe"]) == set(EXAMPLE["recipe"])
    assert set(seen["links"]) == set(EXAMPLE["links"])
    assert "browser" not in str(seen)
    assert "email" not in EXAMPLE


def test_the_documented_example_is_a_view():
    JobView.model_validate(EXAMPLE)


def test_an_unknown_job_is_not_found(onlooker):
    with pytest.raises(JobNotFound):
        onlooker.look_up("k" * 22)
