import re
from datetime import UTC, datetime

import pytest

from jobs import Order
from jobs.life import born
from jobs.mail_links import deletion_path, opens_deletion, opens_unsubscribe

ORDER = Order(prompt="castle underwater", email="visitor@example.com")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def key(job):
    return re.fullmatch(rf"/delete/{job.id}/([A-Za-z0-9_-]{{43}})", deletion_path(job))[1]


def test_link_opens_its_own_job_for_ever():
    job, other = born(ORDER, NOW), born(ORDER, NOW)

    assert opens_deletion(key(job), job)
    assert deletion_path(job) == deletion_path(job)
    assert not opens_deletion(key(job), other)


def test_key_that_stops_mails_deletes_nothing_and_the_other_way_round():
    job = born(ORDER, NOW)

    assert not opens_deletion(job.unsubscribe_key, job)
    assert not opens_unsubscribe(key(job), job)
    assert job.unsubscribe_key not in deletion_path(job)


@pytest.mark.parametrize("wrong", ["", "x", "A" * 43, "é" * 43, "\x00", "\ud800", "x" * 100_000])
def test_other_keys_open_nothing(wrong):
    job = born(ORDER, NOW)

    assert not opens_deletion(wrong, job)
    assert not opens_unsubscribe(wrong, job)


def test_job_without_a_key_is_opened_by_none():
    job = born(ORDER, NOW).model_copy(update={"unsubscribe_key": ""})

    assert not opens_deletion(key(job), job)
    assert not opens_deletion("", job)
