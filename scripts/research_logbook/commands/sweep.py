"""`logbook sweep`: for everything that is open, what its events would have done."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from research_logbook.commands.labels import labelled
from research_logbook.commands.outcome import Outcome, Step
from research_logbook.commands.seal import Sealing, guard
from research_logbook.commands.snapshot import all_snapshots
from research_logbook.config import Config
from research_logbook.core.plan import NOTHING, ReopenIssue
from research_logbook.core.planning.enrolment import LABEL, says_experiment
from research_logbook.errors import RefusedError, UnfinishedError
from research_logbook.shell.closing import View
from research_logbook.shell.failures import OF_ONE_SUBJECT
from research_logbook.shell.git import Repository
from research_logbook.shell.github import GitHub
from research_logbook.shell.runner import event_of
from research_logbook.shell.threads import experiment, named_in


def sweep(
    github: GitHub, config: Config, environment: Mapping[str, str], folder: Path, after: int = 0
) -> Iterator[Step]:
    """Yield what makes all snapshots, then what gives each open issue and pull request above `after` its labels."""
    event, repository = event_of(environment), Repository.around(folder)
    if repository:
        yield Step(0, partial(all_snapshots, github, config, environment, folder), "the step that makes snapshots")
    named = named_in(repository, config, event.default_branch, github)
    branches = github.branches()
    for issue in github.open_issues(after=after):
        branch = branches.get(issue.number, "")
        yield Step(issue.number, partial(labelled, github, issue, named, config, branch))


def closings(view: View, since: dt.datetime) -> Iterator[Sealing | Step]:
    """Yield what is to be done about each experiment issue that was closed, or changed, `since` then.

    A closing by a workflow's own token raises no event, and one that did may have found no runner. An issue that
    cannot be judged is a step that says why.
    """
    named = named_in(view.repository, view.config, view.default_branch, view.github).issues
    for issue in view.github.closed_issues(since):
        parsed = experiment(issue)
        if parsed.has_label(LABEL) or issue.number in named or says_experiment(parsed):
            try:
                found = guard(view, issue.number)
            except OF_ONE_SUBJECT as error:
                yield Step(issue.number, partial(_raise, error))
                continue
            if found.outcome.plan:
                yield found


def early_closings(view: View, since: dt.datetime, *, is_applied: bool, force: bool) -> Iterator[Step]:
    """Yield what undoes each early closing; where they are only to be named, no more than its sentence."""
    judged = list(closings(view, since))
    yield from (item for item in judged if isinstance(item, Step))
    found = [item for item in judged if isinstance(item, Sealing)]
    for item in within_limit(found, force=force) if is_applied else found:
        outcome = item.outcome if is_applied else replace(item.outcome, plan=NOTHING)
        yield Step(item.known.issue.number, partial(_same, outcome))


def _same(outcome: Outcome) -> Outcome:
    return outcome


def _raise(error: UnfinishedError) -> NoReturn:
    raise error


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
