import itertools
import json
import threading
from functools import partial
from io import BytesIO
from types import SimpleNamespace

import av
import pytest
from PIL import Image

import clipit
from jobs import Claim, LeaseLost, NotOnShelf, Progress, Unavailable
from tests.fakes import Clock, FakeDrawing, an_order, draws, fails, stalls
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
    def make(job, report, begin, clock=None, *, token=1, on=shelf, report_s=1.0, reports=1000, **options):
        return paint(
            Claim(job=job, token=token),
            report,
            shelf=on,
            begin=begin,
            recipe=lambda settings: RECIPE,
            pace=SimpleNamespace(report_s=report_s, reports=reports),
            clock=clock or Clock(tick=0),
            **options,
        )

    return make


def on_shelf(shelf, job, token=1):
    names = ("picture.png", "film.mp4", "thumbnail.webp", "preview.webp", "vector.svg", "pixels.png")
    return [name for name in names if is_there(shelf, f"{job.id}/t{token}-{name}")]


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
    assert on_shelf(shelf, job) == ["picture.png", "thumbnail.webp"]


def test_strokes_are_kept_as_they_are(studio, shelf, a_job):
    job = a_job(an_order())
    files = studio(job, Reports(), draws(2, {"svg": b"<svg/>"}))
    assert (files.vector, files.pixels) == (f"{job.id}/t1-vector.svg", None)
    assert shelf.get(files.vector) == b"<svg/>"


def test_pixel_art_is_kept_at_one_pixel_a_cell_with_its_colours_and_the_recipe(studio, shelf, a_job):
    cells, file = Image.new("P", (3, 2)), BytesIO()
    cells.putpalette([255, 136, 0, 0, 0, 64])
    cells.putpixel((2, 1), 1)
    cells.save(file, "PNG")
    files = studio(a_job(an_order(make_video=False)), Reports(), draws(2, {"1x.png": file.getvalue()}))
    assert files.vector is None
    kept = Image.open(BytesIO(shelf.get(files.pixels)))
    assert (kept.mode, kept.size, kept.tobytes()) == ("P", (3, 2), cells.tobytes())
    assert kept.convert("RGB").tobytes() == cells.convert("RGB").tobytes()
    assert clipit.read_recipe(BytesIO(shelf.get(files.pixels))) == RECIPE


@pytest.mark.parametrize(("style", "kind"), [("image", None), ("painting", "vector.svg"), ("pixel art", "pixels.png")])
def test_every_style_gives_what_else_there_is_of_it(studio, shelf, a_job, models, style, kind):
    job = a_job(an_order(style=style, size=(32, 32), iterations=2, make_video=False))
    studio(job, Reports(), partial(clipit.stream, models=models))
    assert set(on_shelf(shelf, job)) - {"picture.png", "thumbnail.webp"} == ({kind} if kind else set())


def test_every_frame_is_watched_with_what_is_painted(studio, a_job):
    seen = []

    def watched(settings, frames):
        for frame in frames:
            seen.append((settings.prompts, frame.step))
            yield frame

    studio(a_job(an_order()), Reports(), draws(3), watched=watched)
    assert seen == [("castle underwater", step) for step in (1, 2, 3)]


def test_every_frame_is_a_sign_of_life(studio, a_job):
    reports = Reports()
    studio(a_job(an_order()), reports, draws(7))
    assert reports.calls.count(None) >= 7


@pytest.mark.parametrize(("every_s", "frames_between"), [(1.0, 10), (2.0, 20)])
def test_progress_is_told_as_often_as_asked_however_fast_the_frames_are(studio, a_job, every_s, frames_between):
    job, reports = a_job(an_order()), Reports()
    studio(job, reports, draws(70), Clock(tick=0.09), report_s=every_s)
    steps = [progress.step for progress in reports.progress]
    assert steps[0] == 1 and steps[-1] == 70
    assert all(later - earlier >= frames_between for earlier, later in itertools.pairwise(steps[:-1]))
    assert len(steps) >= 3


@pytest.mark.parametrize("reports", [1, 4, 20])
def test_a_painting_makes_no_more_reports_than_it_may_however_slow_it_is(studio, a_job, reports):
    told = Reports()
    studio(a_job(an_order()), told, draws(70), Clock(tick=60), reports=reports)
    assert reports / 2 <= len(told.progress) <= reports + 1  # and the last one
    assert told.progress[-1].step == 70


def test_the_last_report_is_complete_and_names_the_thumbnail(studio, a_job):
    job, reports = a_job(an_order()), Reports()
    files = studio(job, reports, draws(4))
    assert reports.progress[-1] == Progress(step=4, of=4, score=0.25, preview=files.thumbnail)


def test_words_that_the_models_do_not_know_are_told_with_all_progress(studio, a_job):
    reports = Reports()
    studio(a_job(an_order(prompt="a giraffe dragon chimera | a castle | krakens:-1")), reports, draws(4))
    notes = {progress.note for progress in reports.progress}
    assert notes == {"These models do not know 'giraffe dragon chimera'; nearest: giraffe, dragon"}


def test_a_preview_is_named_only_once_it_can_be_fetched_and_for_as_long(studio, shelf, a_job):
    named = []

    def report(progress=None):
        if progress is not None:
            named.append(progress.preview)
        if named and named[-1] is not None:
            assert Image.open(BytesIO(shelf.get(named[-1]))).format == "WEBP"

    job = a_job(an_order())
    studio(job, report, draws(20), Clock(tick=0.5))
    assert named[0] is None
    assert named[1:-1] == [f"{job.id}/t1-preview.webp"] * len(named[1:-1]) != []
    assert is_there(shelf, named[-1])


def test_the_preview_is_taken_away_once_the_picture_is_there(studio, shelf, a_job):
    job = a_job(an_order())
    studio(job, Reports(), draws(5))
    assert on_shelf(shelf, job) == ["picture.png", "film.mp4", "thumbnail.webp"]


class FailingShelf:
    """A shelf that does not answer where `fails` says so of a verb and a key."""

    def __init__(self, shelf, fails):
        self._shelf, self._fails = shelf, fails

    def __getattr__(self, verb):
        def use(key, *arguments, **options):
            if self._fails(verb, key):
                raise Unavailable
            return getattr(self._shelf, verb)(key, *arguments, **options)

        return use


def test_a_shelf_that_takes_no_previews_costs_the_visitor_no_picture(studio, shelf, a_job, caplog):
    job, reports = a_job(an_order()), Reports()
    shaky = FailingShelf(shelf, lambda verb, key: key.endswith("preview.webp"))
    files = studio(job, reports, draws(20), Clock(tick=0.5), on=shaky)
    assert on_shelf(shelf, job) == ["picture.png", "film.mp4", "thumbnail.webp"]
    assert {progress.preview for progress in reports.progress} == {None, files.thumbnail}
    assert "preview-failed" in caplog.text


@pytest.mark.parametrize("name", ["thumbnail.webp", "picture.png", "film.mp4"])
def test_a_shelf_that_does_not_take_the_picture_is_told(studio, shelf, a_job, name):
    shaky = FailingShelf(shelf, lambda verb, key: verb == "put" and key.endswith(name))
    with pytest.raises(Unavailable):
        studio(a_job(an_order()), Reports(), draws(3), on=shaky)


def test_two_claims_of_a_job_have_files_of_their_own(studio, shelf, a_job):
    job = a_job(an_order(make_video=False))
    files = [studio(job, Reports(), draws(frames), token=token) for token, frames in ((3, 2), (4, 3))]
    assert files[0].picture == f"{job.id}/t3-picture.png"
    assert files[1].picture == f"{job.id}/t4-picture.png"
    assert [on_shelf(shelf, job, token) for token in (3, 4)] == [["picture.png", "thumbnail.webp"]] * 2


def test_a_large_picture_has_a_small_thumbnail_of_the_same_shape(studio, shelf, a_job):
    class Large:
        step = of = 1
        score = 0.5

        def picture(self):
            return Image.new("RGB", (1024, 512), "teal")

    drawing = FakeDrawing(iter([Large()]))
    files = studio(a_job(an_order(make_video=False)), Reports(), lambda settings: drawing)
    assert Image.open(BytesIO(shelf.get(files.thumbnail))).size == (320, 160)


@pytest.mark.parametrize("error", [LeaseLost(), Stopping()])
def test_a_painting_that_has_to_end_ends_at_that_frame(studio, shelf, a_job, error):
    drawn = []

    def watched(settings, frames):
        for frame in frames:
            drawn.append(frame.step)
            yield frame

    job = a_job(an_order())
    with pytest.raises(type(error)):
        studio(job, Reports(error, at=4), draws(10), watched=watched)
    assert len(drawn) <= 4
    assert on_shelf(shelf, job) == ["preview.webp"]


@pytest.mark.parametrize("call", [1, 2], ids=["sign of life", "progress"])
def test_a_zombie_puts_nothing_on_the_shelf(studio, shelf, a_job, call):
    job = a_job(an_order())
    with pytest.raises(LeaseLost):
        studio(job, Reports(LeaseLost(), at=call), draws(5))
    assert on_shelf(shelf, job) == []


@pytest.mark.parametrize("noticed", ["before", "by the queue"])
def test_a_lease_lost_after_the_last_frame_publishes_neither_picture_nor_film(studio, shelf, a_job, noticed):
    job, drawn = a_job(an_order()), []

    def watched(settings, frames):
        yield from frames
        drawn.append("all")

    def report(progress=None):
        if drawn and (noticed == "before" or progress is not None):
            raise LeaseLost

    with pytest.raises(LeaseLost):
        studio(job, report, draws(3), watched=watched)
    assert on_shelf(shelf, job) == (["preview.webp"] if noticed == "before" else ["thumbnail.webp", "preview.webp"])


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

    def begin(settings):
        seen.append(settings.start_image.getpixel((0, 0)))
        return draws(1)(settings)

    studio(a_job(an_order(start_image=key)), Reports(), begin)
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

    def begin(settings):
        seeds.append(settings.seed)
        return draws(1)(settings)

    job = a_job(an_order())
    for attempt in (1, 2):
        studio(job.model_copy(update={"attempt": attempt}), Reports(), begin)
    assert seeds[0] == seeds[1]
