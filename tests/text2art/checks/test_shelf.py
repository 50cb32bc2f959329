import pytest

from jobs.folder import FolderShelf
from text2art.checks import NotHere, Problem, Verdict, perform
from text2art.checks.shelf import DATA, group, links, overwrites_nothing, removes

ID = "a" * 22
KEY = f"{ID}/picture.png"


@pytest.fixture
def shelf(folder):
    return FolderShelf(folder / "shelf")


class Forgetful(FolderShelf):
    """Loses what it is given, overwrites, and removes nothing."""

    def put(self, key, data, *, replace=False):
        super().put(key, b"nothing", replace=True)

    def clear(self, id):
        pass


def test_a_folder_is_well_and_has_no_links(shelf, session):
    outcomes = list(perform(group(shelf, ID, session)))
    assert [outcome.verdict for outcome in outcomes] == ["ok", "ok", "skipped", "ok"]


def test_a_shelf_that_loses_files_is_told_and_that_it_was_not_cleaned_up(folder, session):
    outcomes = list(perform(group(Forgetful(folder / "shelf"), ID, session)))
    assert outcomes[0].verdict is outcomes[-1].verdict is Verdict.FAILED


def test_a_shelf_that_overwrites_is_told(folder):
    with pytest.raises(Problem, match="can be overwritten"):
        overwrites_nothing(Forgetful(folder / "shelf"), KEY)


def test_an_emulator_that_overwrites_is_no_failure(shelf):
    with pytest.raises(NotHere):
        overwrites_nothing(shelf, KEY, emulated=True)


def test_a_file_that_stays_is_told_with_where_it_lies(folder):
    shelf = Forgetful(folder / "shelf")
    shelf.put(KEY, DATA)
    with pytest.raises(Problem, match=ID):
        removes(shelf, ID, KEY)


class Linked(FolderShelf):
    url = ""

    def link(self, key, *, lifetime_s, save_as=None):
        return f"{self.url}/{key}?signature=canary"


def test_a_link_that_gives_the_file_is_well(folder, serve, session):
    shelf = Linked(folder / "shelf")
    shelf.url = serve(200, DATA)
    assert "fetched" in links(shelf, KEY, session)


@pytest.mark.parametrize(("status", "body"), [(200, b"another file"), (403, b"SignatureDoesNotMatch")])
def test_a_link_that_gives_something_else_is_told(folder, serve, session, status, body):
    shelf = Linked(folder / "shelf")
    shelf.url = serve(status, body)
    with pytest.raises(Problem, match=f"{status}.*{body.decode()}") as error:
        links(shelf, KEY, session)
    assert "canary" not in str(error.value)
