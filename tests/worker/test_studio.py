import itertools
import json
import threading
from io import BytesIO

import av
import pytest
from PIL import Image

import clipit
from jobs import LeaseLost, NotOnShelf, Progress
from tests.fakes import Clock, an_order, draws, fails, stalls
from worker.errors import CannotPaint, Stopping
from worker.studio import paint

RECIPE = {"prompts": "castle underwater", "seed": 5}


class Reports:
    """Keeps what is reported; raises the given error at the given call."""

    def __init__(self, error=None, at=0):
        self.calls, self._error, self._at = [], error, at

    def __call__(self, progress=None):
        self.calls.append(progress)
        if self._error is not None and len(self.calls) >= self._at:
            raise self._error

    @property
    def progress(self):
        return [call for call in self.calls if call is not None]


@pytest.fixture
def studio(shelf):
    def make(job, report, stream, clock=None):
        return paint(
            job, report, shelf=shelf, stream=stream, recipe=lambda settings: RECIPE, clock=clock or Clock(tick=0)
        )

    return make


def on_shelf(shelf, job):
    names = ("picture.png", "film.mp4", "thumbnail.webp", "preview.webp")
    return [name for name in names if is_there(shelf, f"{job.id}/{name}")]


def is_there(shelf, key):
    try:
        return bool(shelf.get(key))
    except NotOnShelf:
        return False


def test_a_job_becomes_picture_film_and_thumbnail(studio, shelf, a_job):
    job = a_job(an_order())
    files = studio(job, Reports(), draws(5))
    picture = Image.open(BytesIO(shelf.get(files.picture)))
    assert (picture.format, picture.size, picture.convert("RGB").getpixel((0, 0))) == ("PNG", (64, 48), (255,) * 3)
    thumbnail = Image.open(BytesIO(shelf.get(files.thumbnail)))
    assert (thumbnail.format, thumbnail.size) == ("WEBP", (64, 48))
    with av.open(BytesIO(shelf.get(files.film))) as film:
        assert sum(1 for _ in film.decode(video=0)) >= 5
        assert (film.streams.video[0].width, film.streams.video[0].height) == (64, 48)


def test_picture_and_film_carry_the_recipe(studio, shelf, a_job):
    files = studio(a_job(an_order()), Reports(), draws(1))
    assert clipit.read_recipe(BytesIO(shelf.get(files.picture))) == RECIPE
    with av.open(BytesIO(shelf.get(files.film))) as film:
        assert json.loads(film.metadata["comment"]) == RECIPE


def test_without_a_video_there_is_no_film(studio, shelf, a_job):
    job = a_job(an_order(make_video=False))
    assert studio(job, Reports(), draws(3)).film is None
    assert on_shelf(shelf, job) == ["picture.png", "thumbnail.webp", "preview.webp"]


def test_every_frame_is_a_sign_of_life(studio, a_job):
    reports = Reports()
    studio(a_job(an_order()), reports, draws(7))
    assert reports.calls.count(None) == 7


def test_progress_is_told_once_a_second_however_fast_the_frames_are(studio, a_job):
    job, reports = a_job(an_order()), Reports()
    studio(job, reports, draws(30), Clock(tick=0.09))
    steps = [progress.step for progress in reports.progress]
    assert steps[0] == 1 and steps[-1] == 30
    assert all(later - earlier >= 10 for earlier, later in itertools.pairwise(steps[:-1]))
    assert len(steps) >= 3


def test_the_last_report_is_complete_and_names_the_preview(studio, shelf, a_job):
    job, reports = a_job(an_order()), Reports()
    studio(job, reports, draws(4))
    assert reports.progress[-1] == Progress(step=4, of=4, score=0.25, preview=f"{job.id}/preview.webp")
    assert Image.open(BytesIO(shelf.get(f"{job.id}/preview.webp"))).format == "WEBP"


def test_a_preview_is_named_only_once_it_can_be_fetched(studio, shelf, a_job):
    def report(progress=None):
        if progress is not None and progress.preview is not None:
            assert is_there(shelf, progress.preview)

    studio(a_job(an_order()), report, draws(20), Clock(tick=0.5))


def test_a_large_picture_has_a_small_thumbnail_of_the_same_shape(studio, shelf, a_job):
    class Large:
        step = of = 1
        score = 0.5

        def picture(self):
            return Image.new("RGB", (1024, 512), "teal")

    files = studio(a_job(an_order(make_video=False)), Reports(), lambda settings: (Large() for _ in range(1)))
    assert Image.open(BytesIO(shelf.get(files.thumbnail))).size == (320, 160)


@pytest.mark.parametrize("error", [LeaseLost(), Stopping()])
def test_a_painting_that_has_to_end_ends_at_that_frame(studio, shelf, a_job, error):
    drawn = []

    def stream(settings):
        for frame in draws(10)(settings):
            drawn.append(frame.step)
            yield frame

    job = a_job(an_order())
    with pytest.raises(type(error)):
        studio(job, Reports(error, at=4), stream)
    assert len(drawn) <= 4
    assert on_shelf(shelf, job) == ["preview.webp"]


@pytest.mark.parametrize("call", [1, 2], ids=["sign of life", "progress"])
def test_a_zombie_puts_nothing_on_the_shelf(studio, shelf, a_job, call):
    job = a_job(an_order())
    with pytest.raises(LeaseLost):
        studio(job, Reports(LeaseLost(), at=call), draws(5))
    assert on_shelf(shelf, job) == []


def test_a_lease_lost_after_the_last_frame_publishes_nothing(studio, shelf, a_job):
    job, frames = a_job(an_order()), 3

    def report(progress=None):
        if progress is not None and progress.step == frames:
            raise LeaseLost

    with pytest.raises(LeaseLost):
        studio(job, report, draws(frames))
    assert on_shelf(shelf, job) == ["preview.webp"]


def test_an_engines_refusal_reaches_the_visitor_in_its_own_words(studio, a_job):
    with pytest.raises(CannotPaint, match="no such drawer; accepted: vqgan"):
        studio(a_job(an_order()), Reports(), fails(clipit.ClipitError("no such drawer; accepted: vqgan")))


def test_an_unexpected_error_passes_through(studio, shelf, a_job):
    job = a_job(an_order())
    with pytest.raises(ZeroDivisionError):
        studio(job, Reports(), fails(ZeroDivisionError()))
    assert on_shelf(shelf, job) == ["preview.webp"]


def test_a_stalled_engine_is_stopped_as_soon_as_it_draws_again(studio, a_job):
    until = threading.Event()
    until.set()
    with pytest.raises(Stopping):
        studio(a_job(an_order()), Reports(Stopping(), at=3), stalls(until))


def test_a_start_image_reaches_the_engine(studio, shelf, a_job):
    key = f"{'s' * 22}/start.png"
    file = BytesIO()
    Image.new("RGB", (32, 32), "red").save(file, "PNG")
    shelf.put(key, file.getvalue())
    seen = []

    def stream(settings):
        seen.append(settings.start_image.getpixel((0, 0)))
        return draws(1)(settings)

    studio(a_job(an_order(start_image=key)), Reports(), stream)
    assert seen == [(255, 0, 0)]


def test_a_missing_start_image_is_told_to_the_visitor(studio, a_job):
    with pytest.raises(CannotPaint, match="no longer here"):
        studio(a_job(an_order(start_image=f"{'s' * 22}/start.png")), Reports(), draws(1))


def test_a_start_image_that_is_none_is_told_to_the_visitor(studio, shelf, a_job):
    key = f"{'s' * 22}/start.png"
    shelf.put(key, b"\x89PNG\r\n\x1a\nnot really")
    with pytest.raises(CannotPaint, match="cannot be read"):
        studio(a_job(an_order(start_image=key)), Reports(), draws(1))


def test_the_same_job_paints_with_the_same_seed_again(studio, a_job):
    seeds = []

    def stream(settings):
        seeds.append(settings.seed)
        return draws(1)(settings)

    job = a_job(an_order())
    for attempt in (1, 2):
        studio(job.model_copy(update={"attempt": attempt}), Reports(), stream)
    assert seeds[0] == seeds[1]
