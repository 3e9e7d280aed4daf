"""Claims about which issue a seal is about, and from where it may be asked for."""

import pytest
from click.testing import CliRunner, Result

from research_logbook.actions.event import Event, EventKind
from research_logbook.cli import show
from research_logbook.errors import UserError
from research_logbook.seal import checks, issue_to_judge

DISPATCH = Event(branch="main", default_branch="main", in_actions=True)
CLOSED = Event(EventKind.ISSUES, default_branch="main", number=5, action="closed")


def test_a_dispatch_names_its_issue() -> None:
    """The number that was given is sealed, on a laptop and on the default branch."""
    assert issue_to_judge(DISPATCH, 7) == (7, False)
    assert issue_to_judge(Event(), 7) == (7, False)


def test_a_closing_is_judged() -> None:
    """Without a number, the closing that started the run is judged."""
    assert issue_to_judge(CLOSED, None) == (5, True)


@pytest.mark.parametrize(
    ("event", "asked", "why"),
    [
        (Event(), None, "no issue given"),
        (DISPATCH, None, "no issue given"),
        (Event(EventKind.ISSUES, number=5, action="labeled"), None, "does not trigger sealing: labeled"),
        (Event(branch="research/a", default_branch="main", in_actions=True), 7, "on the default branch only"),
        (Event(EventKind.PUSH, "research/a", "main"), 7, "on the default branch only"),
        (Event(EventKind.PULL_REQUEST, "faster", "main", number=3), 7, "on the default branch only"),
    ],
)
def test_unclear_or_forbidden_requests_are_refused(event: Event, asked: int | None, why: str) -> None:
    """No other event seals anything, and no branch decides what is closed."""
    with pytest.raises(UserError, match=why):
        issue_to_judge(event, asked)


def rules(*arguments: str) -> Result:
    """Run `logbook rules`."""
    return CliRunner().invoke(show.rules_command, arguments)


def test_the_checks_are_listed() -> None:
    """`rules --seal` has a line for each check, in the order of the report, and a page for each."""
    lines = rules("--seal").output.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [check.name for check in checks.CATALOGUE]
    assert rules("conclusion").output.startswith("conclusion (seal, required)")


@pytest.mark.parametrize("arguments", [("missing-scope", "--seal"), ("conclusoin", "--seal"), ("conclusoin",)])
def test_an_unknown_name_is_refused(arguments: tuple[str, ...]) -> None:
    """A rule of lint is no seal check, and a misspelled one is neither."""
    assert str(rules(*arguments).exception).startswith(("there is no rule", "there is no seal check"))
