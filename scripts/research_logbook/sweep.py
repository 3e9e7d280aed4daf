"""`logbook sweep`: for a whole repository, catch up on missed snapshots, labels and closings.

The three parts go from what lasts longest to what is judged by it: the snapshots, the labels, the closings. Each reads
the state again, so that one sees what the part before it has done.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from research_logbook.effects import CommandResult, CreateTag, Plan, ReopenIssue, Step
from research_logbook.errors import NoIssueError, RefusedError
from research_logbook.github.models import Issue
from research_logbook.github.transport import OF_ONE_SUBJECT
from research_logbook.issues import parse_issue
from research_logbook.issues.classification import LABEL, says_experiment
from research_logbook.labels import label_issue
from research_logbook.repo.research_branches import named_in
from research_logbook.seal import Sealing, SealView, guard
from research_logbook.snapshots import all_snapshots

MOST_REOPENED = 5
"""How many issues a sweep reopens without `--force`."""


def snapshots(view: SealView) -> Iterator[Step]:
    """Yield what gives the snapshot commits of all research branches their tags and comments."""
    if view.repository:
        what = partial(all_snapshots, view.github, view.repository, view.config, view.default_branch)
        yield Step(0, what, "the snapshots")


def labels(view: SealView, since: dt.datetime, after: int = 0) -> Iterator[Step]:
    """Yield what gives each open issue and pull request its labels, and each experiment issue closed `since` then.

    A closing is judged by the labels that the issue got when it was opened. Those up to number `after` are left out.
    """
    named = named_in(view.repository, view.config, view.default_branch, view.github)
    branches = view.github.branches()
    issues = {issue.number: issue for issue in view.github.open_issues(after=after)}
    closed = view.github.closed_issues(since)
    issues |= {issue.number: issue for issue in closed if issue.number > after and _is_experiment(issue)}
    for number, issue in sorted(issues.items()):
        branch = branches.get(number, "")
        yield Step(number, partial(label_issue, view.github, issue, named, view.config, branch))


def _is_experiment(issue: Issue) -> bool:
    parsed = parse_issue(issue)
    return parsed.has_label(LABEL) or says_experiment(parsed)


def with_tags(view: SealView, plan: Plan) -> SealView:
    """Return the view of a clone that has the tags of a plan: they were made on GitHub, and not in the clone."""
    made = {effect.tag: effect.commit for effect in plan if isinstance(effect, CreateTag)}
    return replace(view, repository=view.repository and view.repository.with_tags(made))


def closings(view: SealView, since: dt.datetime, *, is_applied: bool, force: bool) -> Iterator[Step]:
    """Yield what undoes each closing `since` then that came too early, and completes each that did not.

    Of a sealed issue it is only noted where its text was edited since.

    A closing by a workflow's own token raises no event, and one that did may have found no runner. With `is_applied`
    False the closings are only listed. Raises `RefusedError` where too many issues would be reopened.
    """
    named = named_in(view.repository, view.config, view.default_branch, view.github).issues
    found: list[Sealing] = []
    for issue in view.github.closed_issues(since):
        if issue.number not in named and not _is_experiment(issue):
            continue
        try:
            found.append(guard(view, issue.number))
        except NoIssueError:
            continue  # it was deleted, or moved, since it was listed
        except OF_ONE_SUBJECT as error:
            note = f"skipped the closing of #{issue.number}: {error.sentence}"
            yield Step(0, partial(CommandResult, notes=(note,), exit_code=error.exit_code))
    reopened = [effect.issue for item in found for effect in item.outcome.plan if isinstance(effect, ReopenIssue)]
    if is_applied and not force and len(reopened) > MOST_REOPENED:
        numbers = ", ".join(f"#{number}" for number in reopened)
        raise RefusedError(
            f"{len(reopened)} issues would be reopened, more than {MOST_REOPENED}: {numbers}",
            "check them, set `guard.since` to leave out those from before logbook, or run it again with --force",
        )
    for item in found:
        if item.outcome.plan or item.outcome.notes:
            result = partial(replace, item.outcome, plan=item.outcome.plan if is_applied else ())
            # Without its number: `--after` passes over labels, and no closing.
            yield Step(0, result, f"the closing of #{item.case.facts.issue.number}")
