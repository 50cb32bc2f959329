import pytest
from google.api_core.exceptions import Forbidden

from text2art.checks import NotHere, Problem
from text2art.checks.bucket import has_lifecycle, is_private, lifecycle, rules_refuse

ID = "a" * 22


class LinkTo:
    """A shelf with links to one address."""

    def __init__(self, url):
        self.url = url

    def link(self, key, *, lifetime_s, save_as=None):
        return f"{self.url}/{key}?X-Goog-Signature=canary"


class Bucket:
    name = "a-bucket"

    def __init__(self, rules=(), error=None):
        self.lifecycle_rules, self.error = rules, error

    def reload(self, timeout):
        if self.error:
            raise self.error


@pytest.mark.parametrize("status", [401, 403])
def test_a_bucket_that_refuses_who_has_no_link_is_well(serve, session, status):
    url = serve(status)
    assert is_private(LinkTo(url), ID, session) == "refused"
    assert rules_refuse("a-bucket", session, api=url) == "refused"


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_a_bucket_that_answers_strangers_otherwise_is_told_with_what_to_do(serve, session, status):
    url = serve(status, b"a picture")
    with pytest.raises(Problem, match=f"answer is {status}.*allUsers"):
        is_private(LinkTo(url), ID, session)
    with pytest.raises(Problem, match="firebase deploy --only storage"):
        rules_refuse("a-bucket", session, api=url)


def test_a_link_that_cannot_be_fetched_is_told_and_not_quoted(session):
    with pytest.raises(Problem) as error:
        is_private(LinkTo("http://127.0.0.1:1"), ID, session)
    assert "ConnectionError" in str(error.value) and "canary" not in str(error.value)
    assert error.value.__cause__ is None


@pytest.mark.parametrize("check", [is_private, rules_refuse])
def test_an_emulator_is_not_asked(check, session):
    with pytest.raises(NotHere):
        check(*([LinkTo("http://127.0.0.1:1"), ID] if check is is_private else ["a-bucket"]), session, emulated=True)


def test_the_rules_that_we_ship_are_looked_for_and_others_do_not_matter():
    more = {"action": {"type": "Delete"}, "condition": {"age": 400}}
    assert has_lifecycle(Bucket([*lifecycle(), more])) == f"{len(lifecycle()) + 1} rules"


@pytest.mark.parametrize("missing", range(len(lifecycle())))
def test_a_missing_rule_is_told_with_the_command_that_sets_it(missing):
    rules = [rule for number, rule in enumerate(lifecycle()) if number != missing]
    with pytest.raises(Problem, match="gcloud storage buckets update gs://a-bucket --lifecycle-file"):
        has_lifecycle(Bucket(rules))


def test_an_account_that_may_not_look_is_no_failure():
    with pytest.raises(NotHere, match=r"storage\.buckets\.get"):
        has_lifecycle(Bucket(error=Forbidden("no")))
