"""Which issues are enrolled, and which of them an agent made."""

import re
from collections.abc import Callable, Collection, Iterable

from research_logbook import patterns
from research_logbook.github.models import TRUSTED, Issue
from research_logbook.issues import ExperimentIssue, IssueSection, parse_issue
from research_logbook.logbook import vocabulary

LABEL = "experiment"
"""The label of an enrolled issue."""


def is_enrolled(
    issue: ExperimentIssue, *, named_by_logbook: bool, author_role: str | None, agents: Collection[str]
) -> bool:
    """Return whether the issue is an experiment's, so that something may be written on it.

    `named_by_logbook` is whether the header of a logbook on the default or a research branch names it as its issue;
    mentions elsewhere enrol nothing. `author_role` is the author's `Permission.role`; None where there is none or
    nobody could be asked. `agents` are patterns of the logins that count as bots.
    """
    if named_by_logbook or issue.has_label(LABEL):
        return True
    is_trusted = author_role in TRUSTED or is_agent(issue, agents)
    return is_trusted and says_experiment(issue)


def author_role(issue: ExperimentIssue, agents: Collection[str], role_of: Callable[[str], str]) -> str | None:
    """Return the author's role where it alone decides whether the issue is enrolled; only then is `role_of` asked."""
    is_decided = issue.has_label(LABEL) or not says_experiment(issue) or is_agent(issue, agents)
    return None if is_decided or not issue.author else role_of(issue.author)


def says_experiment(issue: ExperimentIssue) -> bool:
    """Return whether the title or the sections of the body say that the issue is an experiment's."""
    return is_experiment_title(issue.title) or is_experiment_outline(issue.content.sections)


_TITLE = re.compile(r"(?:\*\*|__)?(?:\[experiment\]|experiment\s?[:：])", re.IGNORECASE)


def is_experiment_title(title: str) -> bool:
    """Return whether a title begins with `Experiment:` or `[Experiment]`, an emoji before it aside."""
    start = title[:200].strip()
    return _TITLE.match(vocabulary.ICONS.sub("", start, count=1).lstrip() or start) is not None


_ANSWERS = frozenset({"results", "negative-results", "decision-log"})
_RECORD = frozenset({"links", "baseline", "tldr", "conclusion", "decision-log", "negative-results"})
_OF_REPORTS = re.compile(
    r"describe-|bug(?:-description|-report)?\Z|steps-to-|to-reproduce|repro\Z|reproduc|minimal-(?:repro|example)|"
    r"(?:expected|actual|observed|current)-behaviou?r|actual-results?\Z|stack-?trace|traceback|is-your-feature|"
    r"feature-request|user-stor"
)


def is_experiment_outline(sections: Iterable[IssueSection]) -> bool:
    """Return whether the sections are an experiment's.

    They are when there is a Hypothesis and something that answers it (Results, a decision log or a negative-results
    index), or a Goal with Results and one more section that experiments have (task-logbook's template). Sections
    of a bug report or of a feature request rule it out.
    """
    names = {name for section in sections for name in section.names}
    if any(_OF_REPORTS.match(name) for name in names):
        return False
    has_answer = "hypothesis" in names and not _ANSWERS.isdisjoint(names)
    return has_answer or ({"goal", "results"} <= names and not _RECORD.isdisjoint(names))


def is_agent_made(issue: ExperimentIssue, agents: Collection[str]) -> bool:
    """Return whether an agent made the issue: by its author, or because its body says so; comments do not count."""
    return is_agent(issue, agents) or issue.content.says_agent


def is_agent(issue: ExperimentIssue, agents: Collection[str]) -> bool:
    """Return whether the author is an app, or has a login that `agents` name; `*` stands for any characters."""
    return issue.is_bot or patterns.matches(issue.author.casefold(), map(_of_login, agents))


def _of_login(pattern: str) -> str:
    # An app's login ends in `[bot]`, which would be one of three letters in a pattern of paths.
    return pattern.casefold().replace("[", "[[]")


def is_experiment_issue(
    issue: Issue, *, is_named: bool, agents: Collection[str], role_of: Callable[[str], str] | None = None
) -> bool:
    """Return whether an issue is enrolled; without `role_of`, as far as can be said without its author's role."""
    if issue.is_pull_request:
        return False
    parsed = parse_issue(issue)
    role = author_role(parsed, agents, role_of) if role_of and not is_named else None
    return is_enrolled(parsed, named_by_logbook=is_named, author_role=role, agents=agents)
