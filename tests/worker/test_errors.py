from worker.errors import CannotPaint


def test_an_error_without_a_message_says_what_it_is():
    assert str(CannotPaint()) == "This order cannot be painted."
