import pytest

import clipit
from jobs import Aspect, Quality, Style
from jobs.painter import expected_s
from tests.fakes import an_order
from worker.pace import COSTS, TRUST, factor, learned, paces
from worker.recipe import settings_of

AS_THE_REFERENCE = dict.fromkeys(COSTS, 1.0)
A_DRAFT = clipit.Settings(prompts="castle", drawer="strokes")


def test_every_style_and_quality_has_a_pace_with_the_presets_sizes_and_steps():
    told = paces(AS_THE_REFERENCE)
    assert set(told) == set(Style)
    for style in told.values():
        assert set(style) == set(Quality)
        assert style[Quality.NORMAL].iterations == 80
        assert style[Quality.NORMAL].sizes == {
            Aspect.SQUARE: (300, 300),
            Aspect.WIDESCREEN: (320, 180),
            Aspect.PORTRAIT: (256, 320),
        }


@pytest.mark.parametrize("style", Style)
def test_better_takes_no_less_time(style):
    for factors in (AS_THE_REFERENCE, dict.fromkeys(COSTS, 3.0)):
        seconds = [expected_s(paces(factors), an_order(style=style, quality=quality)) for quality in Quality]
        assert seconds == sorted(seconds) and seconds[0] < seconds[1] < seconds[3]


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("changes", [{}, {"aspect": "portrait"}, {"size": (640, 384), "iterations": 40}, {"scale": 5}])
def test_what_is_expected_is_what_such_steps_were_seen_to_take(a_job, style, quality, changes):
    job = a_job(an_order(style=style, quality=quality, **changes))
    settings = settings_of(job)
    seen = dict.fromkeys(COSTS, factor(settings, 0.25))
    assert expected_s(paces(seen), job.order) == pytest.approx(0.25 * settings.resolved().iterations, rel=0.01)


def test_a_machine_twice_as_slow_takes_twice_as_long():
    assert factor(A_DRAFT, 0.5) == pytest.approx(2 * factor(A_DRAFT, 0.25))


def test_paintings_teach_bit_by_bit_what_the_like_of_them_take():
    factors = AS_THE_REFERENCE
    apart = []
    for _ in range(12):
        factors = learned(factors, A_DRAFT, 0.5)
        apart.append(abs(factors["strokes"] / factor(A_DRAFT, 0.5) - 1))
    assert apart == sorted(apart, reverse=True) and apart[-1] < 0.05
    assert (factors["vqgan"], factors["pixel"]) == (1.0, 1.0)


def test_one_night_asleep_is_soon_forgotten():
    usual = factor(A_DRAFT, 0.5)
    after = learned({"strokes": usual}, A_DRAFT, 0.5 * 1000)
    assert after["strokes"] / usual == pytest.approx(1000**TRUST)
    for _ in range(10):
        after = learned(after, A_DRAFT, 0.5)
    assert after["strokes"] / usual < 1.1
