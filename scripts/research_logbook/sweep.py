"""`logbook sweep`: for a whole repository, what its events would have done, had they all arrived.

Its three parts go from what stands longest to what is judged by it: the snapshots, the labels, the closings. Each
asks anew what is true, so that one sees what the part before it has done.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from research_logbook.effects.plan import NOTHING, CommandResult, CreateTag, Plan, ReopenIssue, Step
from research_logbook.errors import NoIssueError, RefusedError, UnfinishedError
from research_logbook.github.errors import OF_ONE_SUBJECT
from research_logbook.github.models import Issue
from research_logbook.issues import experiment
from research_logbook.issues.enrolment import LABEL, says_experiment
from research_logbook.labels.run import labelled
from research_logbook.repo.research_branches import Named, named_in
from research_logbook.seal.collect import SealView
from research_logbook.seal.run import Sealing, guard
from research_logbook.snapshots import all_snapshots

MOST_REOPENED = 5
"""How many issues a sweep reopens without being told twice."""


def snapshots(view: SealView) -> Iterator[Step]:
    """Yield what gives the snapshot commits of all research branches their tags and comments."""
    if view.repository:
        what = partial(all_snapshots, view.github, view.repository, view.config, view.default_branch)
        yield Step(0, what, "the snapshots")


def labels(view: SealView, since: dt.datetime, after: int = 0) -> Iterator[Step]:
    """Yield what gives each open issue and pull request its labels, and each experiment issue closed `since` then.

    A closing is judged by the labels that the issue got when it was opened. Those up to number `after` are left out.
    """
    named, branches = _named(view), view.github.branches()
    issues = {issue.number: issue for issue in view.github.open_issues(after=after)}
    closed = view.github.closed_issues(since)
    issues |= {issue.number: issue for issue in closed if issue.number > after and _is_experiment(issue)}
    for number, issue in sorted(issues.items()):
        branch = branches.get(number, "")
        yield Step(number, partial(labelled, view.github, issue, named, view.config, branch))


def _named(view: SealView) -> Named:
    return named_in(view.repository, view.config, view.default_branch, view.github)


def _is_experiment(issue: Issue) -> bool:
    parsed = experiment(issue)
    return parsed.has_label(LABEL) or says_experiment(parsed)


def with_tags(view: SealView, plan: Plan) -> SealView:
    """Return the view of a clone that has the tags of a plan: what is judged now was made on GitHub, not in it."""
    made = {effect.tag: effect.commit for effect in plan if isinstance(effect, CreateTag)}
    return replace(view, repository=view.repository and view.repository.with_tags(made))


def closings(view: SealView, since: dt.datetime, *, is_applied: bool, force: bool) -> Iterator[Step]:
    """Yield what undoes each closing `since` then that came too early, and completes each that did not.

    With `is_applied` False they are only named. Raises `RefusedError` where too many issues would be reopened.
    """
    found: list[Sealing] = []
    for number in _closed(view, since):
        try:
            found.append(guard(view, number))
        except NoIssueError:
            continue  # it was deleted, or moved, since it was listed
        except OF_ONE_SUBJECT as error:
            yield _step(number, partial(_fail, error))
    for item in within_limit(found, force=force) if is_applied else found:
        outcome = item.outcome if is_applied else replace(item.outcome, plan=NOTHING)
        if item.outcome.plan:
            yield _step(item.case.issue.number, partial(_same, outcome))


def _step(number: int, outcome: Callable[[], CommandResult]) -> Step:
    # Without its number: `--after` passes over labels, and no closing.
    return Step(0, outcome, f"the closing of #{number}")


def _same(outcome: CommandResult) -> CommandResult:
    return outcome


def _fail(error: UnfinishedError) -> CommandResult:
    raise error


def _closed(view: SealView, since: dt.datetime) -> Iterator[int]:
    """Yield each issue that was closed, or changed, `since` then and may be an experiment's.

    A closing by a workflow's own token raises no event, and one that did may have found no runner.
    """
    named = _named(view).issues
    for issue in view.github.closed_issues(since):
        if issue.number in named or _is_experiment(issue):
            yield issue.number


def within_limit(found: Sequence[Sealing], *, force: bool) -> Sequence[Sealing]:
    """Return what was found; raises `RefusedError` where that would reopen too many issues at once."""
    reopened = [item.case.issue.number for item in found if ReopenIssue(item.case.issue.number) in item.outcome.plan]
    if len(reopened) > MOST_REOPENED and not force:
        numbers = ", ".join(f"#{number}" for number in reopened)
        raise RefusedError(
            f"{len(reopened)} issues would be reopened, which is more than {MOST_REOPENED}: {numbers}",
            "look at them, set `guard.since` for those of before logbook, or run it again with --force",
        )
    return found
