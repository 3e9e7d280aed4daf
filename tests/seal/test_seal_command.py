"""Claims about which issue a seal is about, and from where it may be asked for."""

import pytest

from research_logbook.actions.event import Event, EventKind
from research_logbook.errors import UserError

from research_logbook.seal import checks
from research_logbook.seal.run import number_of

DISPATCH = Event(branch="main", default_branch="main", in_actions=True)
CLOSED = Event(EventKind.ISSUES, default_branch="main", number=5, action="closed")


def test_a_dispatch_names_its_issue() -> None:
    """The number that was given is sealed, on a laptop and on the default branch."""
    assert number_of(DISPATCH, 7) == (7, False)
    assert number_of(Event(), 7) == (7, False)


def test_a_closing_is_judged() -> None:
    """Without a number, the closing that started the run is judged."""
    assert number_of(CLOSED, None) == (5, True)


@pytest.mark.parametrize(
    ("event", "asked", "why"),
    [
        (Event(), None, "it is not said which issue is meant"),
        (DISPATCH, None, "it is not said which issue is meant"),
        (Event(EventKind.ISSUES, number=5, action="labeled"), None, "because an issue was labeled"),
        (Event(branch="research/a", default_branch="main", in_actions=True), 7, "on the default branch only"),
        (Event(EventKind.PUSH, "research/a", "main"), 7, "on the default branch only"),
        (Event(EventKind.PULL_REQUEST, "faster", "main", number=3), 7, "on the default branch only"),
    ],
)
def test_what_is_not_clear_or_not_allowed_is_refused(event: Event, asked: int | None, why: str) -> None:
    """No other event seals anything, and no branch decides what is closed."""
    with pytest.raises(UserError, match=why):
        number_of(event, asked)


def test_the_checks_are_listed() -> None:
    """`rules --seal` has a line for each check, in the order of the report, and a page for each."""
    lines = show.rules(None, of_seal=True).splitlines()[1:]
    assert [line.split()[0] for line in lines] == [check.name for check in checks.CATALOGUE]
    assert show.rules("conclusion").startswith("conclusion (seal, required)")


@pytest.mark.parametrize(("name", "of_seal"), [("missing-scope", True), ("conclusoin", True), ("conclusoin", False)])
def test_a_name_that_is_none_is_refused(name: str, of_seal: bool) -> None:
    """A rule of lint is no seal check, and a misspelled one is neither."""
    with pytest.raises(UserError, match="there is no"):
        show.rules(name, of_seal=of_seal)
