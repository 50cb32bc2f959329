import io
import json
import logging

import pytest

from jobs import logs

ADDRESS, KEY = "canary.address+art@example.com", "key-0123456789abcdef"


@pytest.fixture(autouse=True)
def restored():
    """Logging is the process's own: give it back as it was."""
    loggers = [logging.getLogger(name) for name in (None, "google", "api", "jobs", "worker", "text2art")]
    before = [(logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture(params=[True, False], ids=["json", "logfmt"])
def written(request):
    stream = io.StringIO()
    logs.set_up(as_json=request.param, secrets=[KEY, ""], stream=stream)
    return stream.getvalue


def test_an_event_is_one_line_with_its_fields(written):
    logging.getLogger("worker.loop").info("claimed", extra={"job": "q6Zr0f3m1hXcW9bT2sLk8A", "attempt": 2})

    (line,) = written().splitlines()
    for part in ("claimed", "q6Zr0f3m1hXcW9bT2sLk8A", "info", "attempt", "timestamp"):
        assert part in line.replace("INFO", "info")


def test_json_can_be_read_by_a_collector():
    stream = io.StringIO()
    logs.set_up(as_json=True, stream=stream)
    logging.getLogger("worker.loop").warning("lost", extra={"job": "a\nb", "attempt": 1})

    event = json.loads(stream.getvalue())
    assert (event["message"], event["severity"]) == ("lost", "WARNING")
    assert (event["job"], event["attempt"]) == ("a\nb", 1)


def test_a_line_cannot_be_ended_or_forged_by_what_is_in_it(written):
    logging.getLogger("worker.loop").info("claimed", extra={"job": "a\nlevel=info event=done job=b"})

    (line,) = written().splitlines()
    assert "claimed" in line


def test_an_error_is_told_by_its_place_and_not_by_its_words(written):
    def fail():
        raise ValueError("castle underwater")

    try:
        fail()
    except ValueError:
        logging.getLogger("worker.loop").error("failed", exc_info=True)
        logging.getLogger("google.api_core").error("call failed", exc_info=True)

    lines = written().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "ValueError" in line and "in fail" in line
        assert "underwater\n" not in line and ": castle underwater" not in line


@pytest.mark.parametrize("name", ["worker.loop", "urllib3.connectionpool"])
def test_addresses_and_keys_are_blacked_out_wherever_they_appear(written, name):
    logging.getLogger(name).warning("sent to <%s> with %s, %r", ADDRESS, KEY, {"to": ADDRESS})

    assert "sent to" in written()
    assert "canary" not in written() and KEY not in written()


def test_what_a_library_says_in_passing_is_not_kept(written):
    logging.getLogger("urllib3").info("Starting new HTTPS connection")
    logging.getLogger("api.app").info("started")

    assert "Starting" not in written() and "started" in written()


def test_where_tells_types_and_lines_of_the_whole_chain_but_no_message():
    try:
        try:
            raise KeyError("castle underwater")
        except KeyError as cause:
            raise RuntimeError("visitor@example.com") from cause
    except RuntimeError as error:
        told = logs.where(error)
    assert "KeyError" in told and "RuntimeError" in told and "test_logs.py" in told
    # the quoted source lines above are all that may name the values
    assert told.count("castle underwater") == told.count('KeyError("castle underwater")')
    assert told.count("visitor@example.com") == told.count('RuntimeError("visitor@example.com")')
