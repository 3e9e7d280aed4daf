"""`logbook sweep`: for a whole repository, catch up on missed snapshots, labels and closings.

The three parts go from what lasts longest to what is judged by it: the snapshots, the labels, the closings. Each is
decided on as if all that those before it decided on had been done: so a dry run plans what a run does, and nothing is
held against a thread that a run has failed to do, or that GitHub does not show yet.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from research_logbook.config.schema import Config
from research_logbook.effects import AddLabels, CommandResult, CreateTag, ReopenIssue, Step, StepsResult, UpsertComment
from research_logbook.errors import NoIssueError, RefusedError, UnfinishedError, gone
from research_logbook.github.models import Issue, IssueEvent
from research_logbook.github.transport import OF_ALL_SUBJECTS
from research_logbook.issues import parse_issue
from research_logbook.issues.classification import LABEL, says_experiment
from research_logbook.issues.links import LinkKind
from research_logbook.labels import label_issue, may_lack
from research_logbook.repo.research_branches import Named, named_in
from research_logbook.seal import Sealing, SealView, guard
from research_logbook.seal.checks import record
from research_logbook.snapshots import FoundSnapshots, all_snapshots

MOST_REOPENED = 5
"""How many issues a sweep reopens without `--force`."""

MOST_AT_ONCE = 25
"""How many snapshots, labels of issues, and closings each a sweep does; the rest is left to the next one."""

MOST_FAILURES = 3
"""How many closings in a row may fail before it is GitHub that fails."""


def snapshots(view: SealView, into: FoundSnapshots) -> Iterator[Step]:
    """Yield what gives the snapshot commits of all research branches their tags and comments; put `into` what is found.

    Outside of a clone there are none.
    """
    if view.repository:
        yield from all_snapshots(view.github, view.repository, view.config, view.default_branch, into)
    else:
        into.is_decided = True


def labels(view: SealView, since: dt.datetime, after: int = 0) -> Iterator[Step]:
    """Yield what gives each open issue and pull request its labels, and each experiment issue closed `since` then.

    A closing is judged by the labels that the issue got when it was opened. Those up to number `after` are left out,
    as are those that were opened before `guard.since`.
    """
    named = named_in(view.repository, view.config, view.default_branch, view.github)
    for note in named.unread:
        yield Step(0, partial(CommandResult, notes=(note,), exit_code=UnfinishedError.exit_code))
    branches = view.github.branches()
    issues = {issue.number: issue for issue in view.github.open_issues(after=after)}
    for note in twins(issues.values()):
        yield Step(0, partial(CommandResult, notes=(note,)))
    closed = (issue for issue in _closed(view, since) if issue.number > after and _is_experiment(issue))
    issues |= {issue.number: issue for issue in closed}
    for number, issue in sorted(issues.items()):
        if not _is_exempt(issue, view.config):
            asked = (view.github, issue, named, view.config, branches.get(number, ""))
            again = partial(_labelled_again, view, number, named, branches.get(number, ""))
            yield Step(number, partial(label_issue, *asked), is_due=partial(may_lack, *asked), again=again)


def _labelled_again(view: SealView, number: int, named: Named, branch: str) -> CommandResult:
    """Return what gives an issue its labels that changed after it was listed."""
    issue = view.github.issue(number)
    if issue is None:
        return CommandResult(notes=(gone(number),))
    return label_issue(view.github, issue, named, view.config, branch)


def _is_experiment(issue: Issue) -> bool:
    parsed = parse_issue(issue)
    return parsed.has_label(LABEL) or says_experiment(parsed)


def twins(issues: Iterable[Issue]) -> Iterator[str]:
    """Yield a note for each thread that has several issues: of one title, and with a link to the same logbook.

    Two people, or two agents, who begin a thread at once each open one.
    """
    by_title: dict[str, list[Issue]] = {}
    for issue in issues:
        if not issue.is_pull_request:
            by_title.setdefault(issue.title.casefold(), []).append(issue)
    for alike in by_title.values():
        by_path: dict[str, list[int]] = {}
        for issue in alike if len(alike) > 1 and _is_experiment(alike[0]) else ():
            links = (link.path for link in parse_issue(issue).content.links if link.kind is LinkKind.LOGBOOK)
            for path in dict.fromkeys(links):
                by_path.setdefault(path, []).append(issue.number)
        for path, numbers in by_path.items():
            first, *rest = sorted(numbers)
            if rest:
                others = " and ".join(f"#{number}" for number in rest)
                yield f"{path} has {len(numbers)} open issues: keep #{first}, and close {others} as a duplicate"


def _is_exempt(issue: Issue, config: Config) -> bool:
    """Return whether an issue was opened before `guard.since`."""
    return bool(config.guard.since) and issue.created_at.date() < dt.date.fromisoformat(config.guard.since)


def _closed(view: SealView, since: dt.datetime) -> Iterator[Issue]:
    """Yield the issues that were closed `since` then: what changed later, such as a comment, is no closing.

    So do those count that could not be judged while they were locked, and were unlocked since.
    """
    for issue in view.github.closed_issues(since):
        if (issue.closed_at or issue.updated_at) >= since or (
            not issue.is_locked and _is_experiment(issue) and was_locked(view.github.events(issue.number), since)
        ):
            yield issue


_A_SWEEP = dt.timedelta(days=2)
"""Within which a sweep has looked at a closing, if its conversation was not locked."""


def was_locked(events: Iterable[IssueEvent], since: dt.datetime) -> bool:
    """Return whether the conversation was locked as the last closing fell due, and was unlocked `since` then."""
    history = list(events)
    closed_at = next((event.created_at for event in reversed(history) if event.event == "closed"), None)
    locks = [event for event in history if event.event in {"locked", "unlocked"}]
    if closed_at is None or not locks or locks[-1].event == "locked" or locks[-1].created_at < since:
        return False
    before = [event for event in locks if event.created_at <= closed_at + _A_SWEEP]
    return bool(before) and before[-1].event == "locked"


@dataclass(frozen=True, slots=True)
class EarlierParts:
    """What the parts of a sweep did that come before the closings, which are judged by it."""

    found: FoundSnapshots
    snapshots: StepsResult
    labels: StepsResult
    after: int = 0
    """The issues up to this number were left out when labels were given."""

    @property
    def planned_tags(self) -> dict[str, str]:
        """The tags that snapshots lacked before this sweep, made or not, each with its commit."""
        return {effect.tag: effect.commit for effect in self.found.planned if isinstance(effect, CreateTag)}

    @property
    def waiting(self) -> frozenset[int]:
        """The issues whose record lacks what was decided on and is not done yet."""
        came = self.snapshots
        late = [effect for effect in self.found.planned if effect in came.waiting or effect not in came.planned]
        tags = {effect.tag for effect in late if isinstance(effect, CreateTag)}
        comments = (effect for effect in self.found.planned if isinstance(effect, UpsertComment))
        untagged = {effect.issue for effect in comments if effect.key in tags}
        return frozenset(untagged | {effect.issue for effect in self.labels.waiting if isinstance(effect, AddLabels)})

    def hold_back(self, item: Sealing) -> bool:
        """Return whether a closing is better judged later: by what it lacks because a part failed to do it.

        What is incomplete with all that was planned is so for other reasons.
        """
        number, failed = item.case.facts.issue.number, set(item.report.failed if item.report else ())
        if not failed:
            return number in self.waiting
        is_untagged = item.case.facts.ref in self.found.unread or not self.found.is_decided
        labelled = {effect.issue for effect in self.labels.planned if isinstance(effect, AddLabels)}
        is_unlabelled = number in labelled or (number > self.after and number not in self.labels.decided)
        return is_untagged or (is_unlabelled and failed == {record.labels.name})


def closings(
    view: SealView, since: dt.datetime, earlier: EarlierParts, *, is_applied: bool, force: bool
) -> Iterator[Step]:
    """Yield what undoes each closing `since` then that came too early, and completes each that did not.

    Of a sealed issue it is only noted where its text was edited since.

    A closing by a workflow's own token raises no event, and one that did may have found no runner. With `is_applied`
    False the closings are only listed. Raises `RefusedError`, after all the rest, where too many issues would be
    reopened.
    """
    view = replace(view, repository=view.repository and view.repository.with_tags(earlier.planned_tags))
    named = named_in(view.repository, view.config, view.default_branch, view.github).issues
    found: list[Sealing] = []
    failures = 0
    for issue in _closed(view, since):
        if issue.number not in named and not _is_experiment(issue):
            continue
        note, exit_code = "", 0
        try:
            item = guard(view, issue.number)
        except NoIssueError:
            note = gone(issue.number)
        except UnfinishedError as error:
            failures += 1
            if isinstance(error, OF_ALL_SUBJECTS) or failures == MOST_FAILURES:
                raise
            note, exit_code = f"skipped the closing of #{issue.number}: {error.sentence}", error.exit_code
        else:
            failures = 0
            if (item.outcome.plan or item.report) and earlier.hold_back(item):
                note, exit_code = _held_back(issue.number), UnfinishedError.exit_code
            else:
                found.append(item)
        if note:
            yield Step(0, partial(CommandResult, notes=(note,), exit_code=exit_code))
    reopened = [effect.issue for item in found for effect in item.outcome.plan if isinstance(effect, ReopenIssue)]
    is_too_much = is_applied and not force and len(reopened) > MOST_REOPENED
    for item in found:
        number, plan = item.case.facts.issue.number, item.outcome.plan
        if (plan or item.outcome.notes) and not (is_too_much and number in reopened):
            result = partial(replace, item.outcome, **({} if is_applied else {"plan": (), "listed": plan}))
            # Without its number: `--after` passes over labels, and no closing.
            again = partial(_judged_again, view, number, earlier, is_applied=is_applied)
            yield Step(0, result, f"the closing of #{number}", number, partial(bool, plan), again)
    if is_too_much:
        numbers = ", ".join(f"#{number}" for number in reopened)
        raise RefusedError(
            f"{len(reopened)} issues would be reopened, more than {MOST_REOPENED}: {numbers}",
            "check them, set `guard.since` to leave out those from before logbook, or run it again with --force",
        )


def _judged_again(view: SealView, number: int, earlier: EarlierParts, *, is_applied: bool) -> CommandResult:
    """Return what is done about a closing whose issue changed after it was judged."""
    try:
        item = guard(view, number)
    except NoIssueError:
        return CommandResult(notes=(gone(number),))
    if (item.outcome.plan or item.report) and earlier.hold_back(item):
        return CommandResult(notes=(_held_back(number),), exit_code=UnfinishedError.exit_code)
    return replace(item.outcome, plan=item.outcome.plan if is_applied else ())


def _held_back(number: int) -> str:
    return (
        f"#{number} was closed, and is left as it is: what this sweep failed to do would be held against it; "
        "the next sweep judges it"
    )
