"""Applying a plan: exactly the effects that its dry run printed, in their order."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from research_logbook.effects import (
    SEALED,
    AddLabels,
    Came,
    CloseIssue,
    CreateIssue,
    CreateLabel,
    CreateTag,
    Effect,
    MarkSealed,
    Plan,
    ReopenIssue,
    RetireComment,
    UpsertComment,
    WriteBody,
    plan_refusal,
)
from research_logbook.effects.judged_issues import JudgedIssues
from research_logbook.effects.outcomes import EffectOutcome
from research_logbook.effects.sticky_comments import Origin, Reconciliation, reconcile
from research_logbook.errors import RefusedError, UnfinishedError, gone
from research_logbook.github.client import SPARED, GitHub
from research_logbook.github.models import Comment, Issue, same_login
from research_logbook.github.transport import (
    OF_ONE_SUBJECT,
    AmbiguousError,
    DeniedError,
    InvalidError,
    LockedError,
    MissingError,
    MovedError,
)

NOBODY: Mapping[int, dt.datetime] = {}


@dataclass(slots=True)
class Applied:
    """What came of a plan."""

    outcomes: list[EffectOutcome] = field(default_factory=list)
    """The effects that were carried out, or had nothing left to do."""
    comments: list[str] = field(default_factory=list)
    """The addresses of the comments that it asks for, in its order; none of one that is stale."""
    issues: list[Issue] = field(default_factory=list)
    """The issues that it opened."""
    notes: list[str] = field(default_factory=list)
    """Sentences for the user."""
    tags: list[str] = field(default_factory=list)
    """The tags that were made, or existed already."""
    refused: set[str] = field(default_factory=set)
    """The tags that GitHub refused; no comment is posted about them."""
    unreported: set[int] = field(default_factory=set)
    """The issues that GitHub let no comment on: none of them is closed or reopened without its report."""
    passed_over: set[int] = field(default_factory=set)
    """Those of them that are locked or gone: that is a note and no failure."""
    reports: dict[int, tuple[UpsertComment, int]] = field(default_factory=dict)
    """The comment that each issue got, and its ID."""
    exit_code: int = 0
    """The worst of single failures that stopped nothing else."""
    is_stale: bool = False
    """Whether it was abandoned because what it was made for has changed since."""
    is_overtaken: bool = False
    """Whether a newer run has commented meanwhile, so that the rest was left to it."""

    @property
    def effects(self) -> list[Effect]:
        """Those that were carried out, or had nothing left to do."""
        return [outcome.effect for outcome in self.outcomes]


def apply(  # noqa: PLR0913 - what is done, and all that bounds it
    github: GitHub,
    plan: Plan,
    origin: Origin,
    judged: Mapping[int, dt.datetime] = NOBODY,
    held_back: Collection[str] = (),
    *,
    is_dry: bool = False,
) -> Applied:
    """Do what a plan says, or with `is_dry` only check whether it may be done.

    `judged` says of issues when they had last changed as the plan was made: before each write, and after a closing,
    a reopening or a mark, they are read again, and when somebody has changed one nothing more is written. `held_back`
    are the configuration's expressions; raises `RefusedError` where an effect would publish what must not be, before
    anything is done.
    """
    refusal = plan_refusal(plan, held_back)
    if refusal:
        raise RefusedError(*refusal)
    done, issues = Applied(), JudgedIssues(github, judged)
    for effect in () if is_dry else plan:
        outcome = None
        if isinstance(effect, UpsertComment):
            outcome = None if effect.key in done.refused else _comment(github, effect, origin, issues, done)
        elif isinstance(effect, _ANSWERS) and effect.issue in done.unreported:
            # Nobody could read why.
            if isinstance(effect, CloseIssue) or effect.issue not in done.passed_over:
                done.exit_code = max(done.exit_code, UnfinishedError.exit_code)
        elif issues.have_changed():
            done.is_stale = True
        else:
            try:
                outcome = _write(github, effect, done)
                issues.note(effect)
            except (MissingError, MovedError) as error:
                _pass_over(github, getattr(effect, "issue", 0), error, done)
        if done.is_stale or done.is_overtaken:
            why = "a newer run has commented" if done.is_overtaken else "the issue has changed since it was read"
            done.notes.append(f"not done, because {why}: {effect}")
            if done.is_overtaken and any(not isinstance(it, UpsertComment) for it in plan if it not in done.effects):
                # What the report was for is not done either; a report alone is the newer run's to make.
                done.exit_code = max(done.exit_code, UnfinishedError.exit_code)
            break
        done.outcomes += [outcome] if outcome else []
    else:
        _look_back(github, origin, issues, done)
    return done


_ANSWERS = CloseIssue | ReopenIssue | MarkSealed
"""What is done about an issue because of what its report says."""


def _comment(
    github: GitHub, wanted: UpsertComment, origin: Origin, issues: JudgedIssues, done: Applied
) -> EffectOutcome | None:
    """Post or update a comment, and return what came of it; None where it does not say what is wanted."""
    try:
        comment = upsert(github, wanted, origin, issues.have_changed)
    except OF_ONE_SUBJECT as error:
        # One issue that is locked or gone keeps no other from its comment, and is nothing that a later run would mend.
        if isinstance(error, MissingError | MovedError) and github.is_gone(wanted.issue):
            _pass_over(github, wanted.issue, error, done)
            return None
        done.notes.append(error.sentence)
        if isinstance(error, LockedError):
            done.passed_over.add(wanted.issue)
        else:
            done.exit_code = max(done.exit_code, error.exit_code)
        done.unreported.add(wanted.issue)
        return None
    issues.note(wanted, comment.added)
    done.comments += filter(None, [comment.url])
    done.notes += filter(None, [comment.note])
    done.is_stale = comment.status is UpsertStatus.STALE
    done.is_overtaken = comment.status is UpsertStatus.OVERTAKEN
    if comment.id:
        done.reports[wanted.issue] = wanted, comment.id
    came = _CAME.get(comment.status)
    return EffectOutcome(wanted, came, comment.url) if came else None


def _look_back(github: GitHub, origin: Origin, issues: JudgedIssues, done: Applied) -> None:
    """Look whether what an issue was closed, reopened or marked for is still so: nothing holds an issue meanwhile.

    A report that somebody deleted is posted again. A mark on an issue that was changed or reopened is taken off.
    """
    answered = [effect for effect in done.effects if isinstance(effect, _ANSWERS)]
    for number in dict.fromkeys(effect.issue for effect in answered):
        wanted, comment = done.reports.get(number, (None, 0))
        if wanted and not github.has_comment(comment):
            issues.forget_count(number)
            _comment(github, wanted, origin, issues, done)
    if not answered or done.is_stale or not issues.have_changed():
        return
    done.is_stale = True
    done.notes.append("the issue was changed while this was done, so it is judged again")
    for effect in answered:
        if isinstance(effect, MarkSealed):
            try:
                github.remove_label(effect.issue, SEALED)
            except (MissingError, MovedError) as error:
                _pass_over(github, effect.issue, error, done)


def _pass_over(github: GitHub, number: int, error: MissingError | MovedError, done: Applied) -> None:
    """Note that an issue is gone, so that nothing more is done about it; raises the `error` where it is still there."""
    if not (number and github.is_gone(number)):
        raise error
    if number not in done.passed_over:
        done.notes.append(gone(number))
    done.passed_over.add(number)
    done.unreported.add(number)


def _write(github: GitHub, effect: Effect, done: Applied) -> EffectOutcome | None:
    """Carry out an effect other than a comment, and return what came of it; None where it was not done."""
    if isinstance(effect, CreateTag):
        return (
            EffectOutcome(effect, Came.DONE, github.site.url("tree", effect.tag))
            if _tag(github, effect, done)
            else None
        )
    if isinstance(effect, RetireComment):
        return EffectOutcome(effect, Came.DONE) if _retire(github, effect, done) else None
    match effect:
        case CreateLabel(name, colour, description):
            github.create_label(name, colour, description)
        case CreateIssue(title, body, labels):
            done.issues.append(github.create_issue(title, body, labels))
            return EffectOutcome(effect, Came.DONE, done.issues[-1].url)
        case AddLabels(issue, names):
            github.add_labels(issue, names)
        case WriteBody(issue, body):
            github.write_body(issue, body)
        case CloseIssue(issue):
            github.close(issue)
        case ReopenIssue(issue):
            github.reopen(issue)
        case MarkSealed(issue, again):
            if again:
                github.remove_label(issue, SEALED)
            github.add_labels(issue, [SEALED])
    return EffectOutcome(effect, Came.DONE)


def _retire(github: GitHub, wanted: RetireComment, done: Applied) -> bool:
    """Edit a comment of an older login; where GitHub does not let us, it is named, and nothing else depends on it."""
    try:
        github.edit_comment(wanted.comment, wanted.body)
    except (DeniedError, *OF_ONE_SUBJECT) as error:
        done.notes.append(f"the report of {wanted.author} on #{wanted.issue} stays as it is: {error.sentence}")
        return False
    return True


def _tag(github: GitHub, wanted: CreateTag, done: Applied) -> bool:
    """Create a tag; one that is refused for its own sake keeps no other from being made."""
    try:
        github.create_tag(wanted.tag, wanted.commit, wanted.message)
    except (DeniedError, InvalidError, RefusedError) as error:
        note = error.sentence
        if isinstance(error, DeniedError):
            if "workflows" not in error.needs:
                raise
            note = (
                f"could not tag {wanted.commit[:12]} as {wanted.tag}: its workflow files differ from those of every "
                "branch, so a workflow's token may not tag it; "
                f"run `{by_hand(wanted.tag, wanted.commit)}` on your own machine"
            )
        done.refused.add(wanted.tag)
        done.notes.append(note)
        done.exit_code = max(done.exit_code, error.exit_code)
        return False
    done.tags.append(wanted.tag)
    return True


def by_hand(tag: str, commit: str) -> str:
    """Return the lines that make the tag on somebody's own machine; every word in them is safe to a shell."""
    return f"git tag --annotate --message {tag} {tag} {commit} && git push origin refs/tags/{tag}"


class UpsertStatus(StrEnum):
    """What became of a comment."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "stale"
    """Nothing was written: the subject has changed since it was judged."""
    OVERTAKEN = "overtaken"
    """Nothing was written: a newer run has commented."""


_CAME = {
    UpsertStatus.CREATED: Came.DONE,
    UpsertStatus.UPDATED: Came.UPDATED,
    UpsertStatus.UNCHANGED: Came.UNCHANGED,
}
"""What is told of a comment that says what is wanted."""


@dataclass(frozen=True, slots=True)
class UpsertResult:
    """A comment after the upsert."""

    status: UpsertStatus
    url: str = ""
    """Of the comment; empty where there is none."""
    note: str = ""
    """A sentence for the user, where the token turned out to be somebody else's."""
    id: int = 0
    """Of the comment; 0 where there is none."""
    added: int = 0
    """How many more of these comments there are than before."""


_MOST_POSTS = 2
"""Times that a comment is posted whose answers do not say that it was."""


def upsert(
    github: GitHub, wanted: UpsertComment, origin: Origin, is_stale: Callable[[], bool] = lambda: False
) -> UpsertResult:
    """Make the comment say what is wanted, and return what was done about it.

    `is_stale` reads the subject again, just before the first write, and tells whether it is newer than what was
    judged. Where this is interrupted, or a write's outcome unknown, the next round or run ends in the same state.
    """
    note, status, before = "", UpsertStatus.UNCHANGED, -1
    failed: UnfinishedError | None = None
    waits, waits_after = [1.0, 2.0, 4.0], [1.0, 2.0, 4.0, 8.0, 8.0]
    posted = created = 0
    for _ in range(12):
        login, comments = github.login(), github.comments(wanted.issue)
        goal = reconcile(wanted, origin, comments, login)
        url, number = (goal.oldest.url, goal.oldest.id) if goal.oldest else ("", 0)
        before = before if before >= 0 else len(goal.surplus) + (goal.oldest is not None)
        if not goal.is_reached and status is UpsertStatus.UNCHANGED and is_stale():
            return UpsertResult(UpsertStatus.STALE, url)
        if (goal.oldest is None and _has_waited(github, wanted.issue, len(comments), failed, waits)) or (
            goal.is_reached and _has_waited_for(github, created, waits_after)
        ):
            continue
        if goal.is_late:
            status = UpsertStatus.OVERTAKEN
        elif goal.text is not None:
            status = UpsertStatus.UPDATED if goal.oldest else UpsertStatus.CREATED
        if goal.is_reached:
            return UpsertResult(status, url, note, number, 1 - before)
        if goal.oldest is None and posted == _MOST_POSTS and failed:
            break  # no list shows what was posted, so one more could be one too many
        try:
            if goal.oldest is not None:
                _make_one(github, goal.oldest, goal)
                return UpsertResult(status, url, note, number, 1 - before)
            posted += 1
            comment = github.create_comment(wanted.issue, goal.text or "")  # others may have raced: look again
        except (AmbiguousError, MissingError) as error:
            failed = error
            github.pause()
            if goal.oldest is not None:
                github.has_comment(goal.oldest.id)  # where it is gone, no list counts that shows it still
            continue
        created = comment.id
        if not same_login(comment.author, login):
            note = f"the token writes as {comment.author}, not as {login}: pass --bot-login '{comment.author}'"
    raise failed or UnfinishedError(
        f"could not update a comment on #{wanted.issue}: it keeps changing meanwhile", "run it again"
    )


def _make_one(github: GitHub, oldest: Comment, goal: Reconciliation) -> None:
    """Edit the comment that remains, and delete the others: the newest text is safe before any copy of it goes."""
    if goal.text is not None:
        github.edit_comment(oldest.id, goal.text)
    for comment in goal.surplus:
        github.delete_comment(comment.id)


def _has_waited_for(github: GitHub, posted: int, waits: list[float]) -> bool:
    """Wait, where no list shows yet what we have `posted`, and return True.

    It may miss as well what another run posted before. Of the two the newer one goes, and its own run sees to that.
    """
    return bool(waits) and not github.is_shown(posted) and github.pause(waits.pop(0), SPARED)


def _has_waited(github: GitHub, number: int, listed: int, failed: UnfinishedError | None, waits: list[float]) -> bool:
    """Wait, where a list of comments may not be complete yet, and return True: none is posted beside one like it.

    GitHub may list some seconds late what an earlier run has posted, or what we have where its answer was lost. The
    issue tells how many there are; that may count what nobody is shown, so it is waited for and not insisted on.
    """
    if not waits:
        return False
    if not isinstance(failed, AmbiguousError) and github.comment_count(number) <= listed:
        return False
    return github.pause(waits.pop(0))
