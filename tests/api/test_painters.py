import threading

import pytest

from api.painters import Roster, all_models, mean_paces
from jobs import Painter, Quality, Style
from tests.api.conftest import a_painter
from tests.fakes import Clock


@pytest.fixture
def seconds():
    return Clock()


@pytest.fixture
def roster(queue, seconds):
    return Roster(queue, seconds)


def test_who_is_present_is_read_once_in_the_time_between_two_signs_of_life(queue, roster, seconds):
    assert roster.present() == []
    queue.check_in(a_painter("ann"))
    seconds.now += queue.presence_s - 0.1
    assert roster.present() == []
    seconds.now += 0.1
    assert [painter.name for painter in roster.present()] == ["ann"]


def test_who_asks_while_another_looks_hears_the_last_answer(queue, roster, seconds, monkeypatch):
    queue.check_in(a_painter("ann"))
    before = roster.present()
    looking, over = threading.Event(), threading.Event()

    def slow():
        looking.set()
        assert over.wait(10)
        return []

    monkeypatch.setattr(queue, "painters", slow)
    seconds.now += queue.presence_s
    other = threading.Thread(target=roster.present)
    other.start()
    assert looking.wait(10)
    assert roster.present() == before
    over.set()
    other.join()
    assert roster.present() == []


def test_the_time_of_a_waiting_job_is_that_of_those_before_it_and_its_own(queue, roster, studio, clock):
    queue.check_in(a_painter(step_s=0.5))
    job = studio.order()
    assert [roster.eta_s(job, position, clock()) for position in (0, 1)] == [51, 102]


def test_no_time_is_told_when_nobody_is_present_or_the_job_has_ended(queue, roster, studio, clock, seconds):
    assert roster.eta_s(studio.order(), 0, clock()) is None
    queue.check_in(a_painter())
    seconds.now += queue.presence_s
    assert roster.eta_s(studio.order(), 0, clock()) == 11
    assert roster.eta_s(studio.painted(), 0, clock()) is None


def test_paces_are_the_mean_of_those_who_paint_it():
    quick, slow = a_painter(step_s=0.1), a_painter(step_s=0.3)
    only_drafts = {Quality.DRAFT: slow.paces[Style.IMAGE][Quality.DRAFT]}
    paces = mean_paces([quick, Painter(name="old", paces={Style.IMAGE: only_drafts})])
    assert paces[Style.IMAGE][Quality.DRAFT].step_s == pytest.approx(0.2)
    assert paces[Style.IMAGE][Quality.BEST] == quick.paces[Style.IMAGE][Quality.BEST]
    assert paces[Style.PAINTING] == quick.paces[Style.PAINTING]


def test_the_models_of_all_who_are_present_are_named_once():
    models = {"ann": ("small",), "ben": ("ViT-B/32", "small")}
    assert all_models([Painter(name=name, paces={}, models=its) for name, its in models.items()]) == [
        "ViT-B/32",
        "small",
    ]
    assert all_models([Painter(name="of an older version", paces={})]) == []


@pytest.mark.parametrize("painters", [[], [Painter(name="idle", paces={})]])
def test_where_nobody_paints_there_are_no_paces(painters):
    assert mean_paces(painters) is None
