import math
from datetime import UTC, datetime, timedelta

import pytest

from jobs import Aspect, Files, Order, Pace, Painter, Progress, Quality, Status, Style
from jobs.life import advanced, born, cancelled, claimed, failed, finished
from jobs.painter import eta_s, expected_s

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FILES = Files(picture="0123456789abcdefABC_-0/picture.png", thumbnail="0123456789abcdefABC_-0/thumbnail.webp")
DRAFT = {Aspect.SQUARE: (100, 100), Aspect.WIDESCREEN: (200, 100)}
BEST = {Aspect.SQUARE: (1000, 1000), Aspect.WIDESCREEN: (2000, 1000)}


def paces(step_s=1.0, megapixel_s=10.0):
    return {
        Style.IMAGE: {
            Quality.DRAFT: Pace(iterations=10, sizes=DRAFT, step_s=step_s, megapixel_s=megapixel_s),
            Quality.BEST: Pace(iterations=100, sizes=BEST, step_s=step_s, megapixel_s=megapixel_s),
        }
    }


def order(**wish):
    return Order(prompt="castle underwater", email="visitor@example.com", **wish)


def painter(name="a", **pace):
    return Painter(name=name, paces=paces(**pace))


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ({}, 10 * (1 + 10 * 0.01)),
        ({"quality": "best"}, 100 * (1 + 10 * 1)),
        ({"quality": "best", "aspect": "widescreen"}, 100 * (1 + 10 * 2)),
        ({"iterations": 7}, 7 * (1 + 10 * 0.01)),
        ({"size": (500, 1000), "scale": 2.0}, 10 * (1 + 10 * 0.5)),
        ({"scale": 2.0, "aspect": "widescreen"}, 10 * (1 + 10 * 0.08)),
        ({"scale": 2.0, "quality": "best"}, 100 * (1 + 10 * 0.04)),
    ],
)
def test_expected_time_grows_with_iterations_and_pixels(wish, seconds):
    assert math.isclose(expected_s(paces(), order(**wish)), seconds)


@pytest.mark.parametrize("wish", [{"style": "painting"}, {"quality": "normal"}, {"aspect": "portrait"}])
def test_what_a_painter_does_not_paint_has_no_expected_time(wish):
    with pytest.raises(KeyError):
        expected_s(paces(), order(**wish))
    job = born(order(**wish), NOW)
    assert eta_s([painter()], job, 0, NOW) is None
    versatile = Painter(name="b", paces={Style.PAINTING: paces()[Style.IMAGE]})
    assert (eta_s([painter(), versatile], job, 0, NOW) is None) == ("style" not in wish)


def test_waiting_job_takes_its_own_time_and_that_of_those_before_shared_by_the_painters():
    job, own_s = born(order(), NOW), expected_s(paces(), order())

    assert eta_s([painter()], job, 0, NOW) == own_s
    assert math.isclose(eta_s([painter()], job, 4, NOW), 5 * own_s)
    assert math.isclose(eta_s([painter(), painter("b")], job, 4, NOW), 3 * own_s)


def test_painters_of_different_paces_are_averaged():
    job = born(order(), NOW)
    both = [painter(step_s=1.0, megapixel_s=0.0), painter("b", step_s=3.0, megapixel_s=0.0)]

    assert math.isclose(eta_s(both, job, 0, NOW), 10 * 2.0)


def test_nobody_present_tells_no_time_for_what_waits():
    assert eta_s([], born(order(), NOW), 0, NOW) is None


def test_running_job_goes_on_as_it_went_whoever_is_present():
    job = advanced(claimed(born(order(), NOW), NOW), Progress(step=25, of=100, score=0.1))

    assert math.isclose(eta_s([], job, 0, NOW + timedelta(seconds=10)), 30.0)
    assert eta_s([painter()], job, 0, NOW - timedelta(seconds=5)) == 0.0, "the clocks of machines disagree"


def test_running_job_without_progress_takes_what_is_expected():
    job = claimed(born(order(), NOW), NOW)

    assert eta_s([painter()], job, 3, NOW) == expected_s(paces(), order())
    assert eta_s([], job, 0, NOW) is None


@pytest.mark.parametrize(
    "ended",
    [lambda job: finished(job, FILES, NOW), lambda job: failed(job, "why", NOW), lambda job: cancelled(job, NOW)],
)
def test_ended_job_has_no_time_left(ended):
    job = ended(advanced(claimed(born(order(), NOW), NOW), Progress(step=25, of=100, score=0.1)))

    assert job.status != Status.RUNNING
    assert eta_s([painter()], job, 0, NOW + timedelta(seconds=10)) is None
