"""`logbook sweep`: for everything that is open, what its events would have done."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from research_logbook.commands.labels import labelled
from research_logbook.commands.outcome import Outcome
from research_logbook.commands.seal import Sealing, guard
from research_logbook.core.plan import ReopenIssue
from research_logbook.core.planning.enrolment import LABEL, says_experiment
from research_logbook.errors import RefusedError
from research_logbook.shell.closing import View
from research_logbook.shell.git import Repository
from research_logbook.shell.github import GitHub
from research_logbook.shell.runner import event_of
from research_logbook.shell.settings import of_default_branch
from research_logbook.shell.threads import experiment, label_facts, named_issues


def sweep(github: GitHub, environment: Mapping[str, str], folder: Path, after: int = 0) -> Iterator[Outcome]:
    """Yield for each open issue and pull request above number `after` what gives it its labels."""
    event, repository = event_of(environment), Repository.around(folder)
    config = of_default_branch(repository, event.default_branch)
    named = named_issues(repository, config, event.default_branch, github.repository) if repository else {}
    branches = github.branches()
    for issue in github.open_issues(after=after):
        facts = label_facts(github, issue, named, config, branches.get(issue.number, ""))
        yield labelled(facts, config.labels)


def closings(view: View, since: dt.datetime) -> Iterator[Sealing]:
    """Yield what is to be done about each experiment issue that was closed, or changed, `since` then.

    A closing by a workflow's own token raises no event, and one that did may have found no runner.
    """
    named = _named(view)
    for issue in view.github.closed_issues(since):
        parsed = experiment(issue)
        if parsed.has_label(LABEL) or issue.number in named or says_experiment(parsed):
            found = guard(view, issue.number)
            if found.outcome.plan:
                yield found


def _named(view: View) -> Mapping[int, str]:
    if view.repository is None:
        return {}
    return named_issues(view.repository, view.config, view.default_branch, view.github.repository)


MOST_REOPENED = 5
"""How many issues a sweep reopens without being told twice."""


def within_limit(found: Sequence[Sealing], *, force: bool) -> Sequence[Sealing]:
    """Return what was found; raises `RefusedError` where that would reopen too many issues at once."""
    reopened = [item.known.issue.number for item in found if ReopenIssue(item.known.issue.number) in item.outcome.plan]
    if len(reopened) > MOST_REOPENED and not force:
        numbers = ", ".join(f"#{number}" for number in reopened)
        raise RefusedError(
            f"{len(reopened)} issues would be reopened, which is more than {MOST_REOPENED}: {numbers}",
            "look at them, set `guard.since` for those of before logbook, or run it again with --force",
        )
    return found
