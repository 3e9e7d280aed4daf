"""Which issues are enrolled, and which of them an agent made."""

import re
from collections.abc import Collection, Iterable, Mapping

from research_logbook import patterns
from research_logbook.issues.parsing import ExperimentIssue, IssueSection
from research_logbook.logbook import vocabulary

LABEL = "experiment"
"""The label of an enrolled issue."""

_TRUSTED = frozenset({"triage", "write", "maintain", "admin"})
_KNOWN = _TRUSTED | {"read", "none"}
_GRANTS = (("admin", "admin"), ("maintain", "maintain"), ("push", "write"), ("triage", "triage"), ("pull", "read"))


def is_enrolled(
    issue: ExperimentIssue, *, named_by_logbook: bool, author_role: str | None, agents: Collection[str]
) -> bool:
    """Return whether the issue is an experiment's, so that something may be written on it.

    `named_by_logbook` is whether the header of a logbook on the default or a research branch names it as its issue;
    mentions elsewhere enrol nothing. `author_role` is the author's `base_role`; None where there is none or nobody
    could be asked. `agents` are patterns of the logins that count as bots.
    """
    if named_by_logbook or issue.has_label(LABEL):
        return True
    is_trusted = author_role in _TRUSTED or is_agent(issue, agents)
    return is_trusted and says_experiment(issue)


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


def base_role(role_name: str | None, permissions: Mapping[str, bool], permission: str = "") -> str | None:
    """Return the role of GitHub's own that `role_name` is, or that a custom role comes up to; None for neither.

    The name of a custom role says nothing of what it may do. `permissions` are the five flags that GitHub answers
    beside it (`user.permissions`: pull, triage, push, maintain, admin). Where they are missing, `permission` still
    tells "write" and "admin"; its "read" may be triage, and counts as "read".
    """
    if role_name in _KNOWN:
        return role_name
    granted = next((role for flag, role in _GRANTS if permissions.get(flag)), None)
    return granted or (permission if permission in _KNOWN else None)
