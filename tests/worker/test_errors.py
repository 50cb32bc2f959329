from worker.errors import CannotPaint, where


def test_an_error_without_a_message_says_what_it_is():
    assert str(CannotPaint()) == "This order cannot be painted."


def test_where_tells_types_and_lines_of_the_whole_chain_but_no_message():
    try:
        try:
            raise KeyError("castle underwater")
        except KeyError as cause:
            raise RuntimeError("visitor@example.com") from cause
    except RuntimeError as error:
        told = where(error)
    assert "KeyError" in told and "RuntimeError" in told and "test_errors.py" in told
    # the quoted source lines above are all that may name the values
    assert told.count("castle underwater") == told.count('KeyError("castle underwater")')
    assert told.count("visitor@example.com") == told.count('RuntimeError("visitor@example.com")')
