"""Applying a plan: exactly the effects that its dry run printed, in their order."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from research_logbook.effects.plan import (
    SEALED,
    AddLabels,
    CloseIssue,
    CreateIssue,
    CreateLabel,
    CreateTag,
    Effect,
    MarkSealed,
    Plan,
    ReopenIssue,
    UpsertComment,
    WriteBody,
)
from research_logbook.effects.publish_guard import plan_refusal
from research_logbook.effects.sticky_comments import Origin, RunId, Settlement, settle
from research_logbook.errors import RefusedError, UnfinishedError, UserError
from research_logbook.github.client import GitHub
from research_logbook.github.errors import OF_ONE_SUBJECT, AmbiguousError, DeniedError, InvalidError, MissingError
from research_logbook.github.models import Comment, same_login
from research_logbook.repo.commits import by_hand

NOBODY: Mapping[int, dt.datetime] = {}


@dataclass(slots=True)
class Applied:
    """What came of a plan."""

    effects: list[Effect] = field(default_factory=list)
    """Those that were carried out, or had nothing left to do."""
    comments: list[str] = field(default_factory=list)
    """The addresses of the comments that it asks for, in its order; of one that is stale none."""
    issues: list[int] = field(default_factory=list)
    """The numbers of the issues that it opened."""
    notes: list[str] = field(default_factory=list)
    """Sentences for whoever started the command."""
    tags: list[str] = field(default_factory=list)
    """The tags that were made, or found made."""
    refused: set[str] = field(default_factory=set)
    """The tags that GitHub refused; nothing is said of them anywhere."""
    untold: set[int] = field(default_factory=set)
    """The issues that GitHub let no comment on: none of them is closed or reopened without its report."""
    exit_code: int = 0
    """Of what was refused for its own sake, and kept nothing else from being done."""
    is_stale: bool = False
    """Whether it was left where it stood, because what it was made for is newer by now."""
    is_overtaken: bool = False
    """Whether a newer run has spoken meanwhile, so that the rest was left to it."""


def apply(  # noqa: PLR0913 - what is done, and all that bounds it
    github: GitHub,
    plan: Plan,
    origin: Origin,
    judged: Mapping[int, dt.datetime] = NOBODY,
    held_back: Collection[str] = (),
    *,
    is_dry: bool = False,
) -> Applied:
    """Do what a plan says, or with `is_dry` only look whether it may be done.

    `judged` says of issues when they had last changed as the plan was made: before the first write they are read
    again, once, because our own writes change them too; when one is newer nothing is written. `held_back` are the
    configuration's expressions; raises `RefusedError` where an effect would publish what must not be, before
    anything is done.
    """
    refusal = plan_refusal(plan, held_back)
    if refusal:
        raise RefusedError(*refusal)
    done = Applied()
    is_stale = cache(lambda: any(map(_is_newer(github), judged.items())))
    for effect in () if is_dry else plan:
        is_done = _do(github, effect, origin, is_stale, done)
        if done.is_stale or done.is_overtaken:
            why = "a newer run has spoken" if done.is_overtaken else "what it was planned for is newer by now"
            done.notes.append(f"not done, because {why}: {effect}")
            break
        done.effects += [effect] * is_done
    return done


def _is_newer(github: GitHub) -> Callable[[tuple[int, dt.datetime]], bool]:
    def is_newer(judged: tuple[int, dt.datetime]) -> bool:
        number, then = judged
        issue = github.issue(number)
        return issue is None or issue.updated_at > then

    return is_newer


def _do(github: GitHub, effect: Effect, origin: Origin, is_stale: Callable[[], bool], done: Applied) -> bool:
    """Do an effect, and return whether it was done."""
    if isinstance(effect, UpsertComment):
        return effect.key not in done.refused and _comment(github, effect, origin, is_stale, done)
    if isinstance(effect, _AFTER_REPORT) and effect.issue in done.untold:
        return False
    if is_stale():
        done.is_stale = True
        return False
    if isinstance(effect, CreateTag):
        return _tag(github, effect, done)
    _change(github, effect, done)
    return True


_AFTER_REPORT = (CloseIssue, ReopenIssue, MarkSealed)
"""What follows from a report, and is not done where nobody could read it."""


def _change(github: GitHub, effect: Effect, done: Applied) -> None:
    match effect:
        case CreateLabel(name, colour, description):
            github.create_label(name, colour, description)
        case CreateIssue(title, body, labels):
            done.issues.append(github.create_issue(title, body, labels))
        case AddLabels(issue, names):
            github.add_labels(issue, names)
        case WriteBody(issue, body):
            github.write_body(issue, body)
        case CloseIssue(issue):
            github.close(issue)
        case ReopenIssue(issue):
            github.reopen(issue)
        case MarkSealed(issue, again):
            _mark(github, issue, again=again)


def _mark(github: GitHub, issue: int, *, again: bool) -> None:
    if again:
        github.remove_label(issue, SEALED)
    github.add_labels(issue, [SEALED])


def _comment(
    github: GitHub, wanted: UpsertComment, origin: Origin, is_stale: Callable[[], bool], done: Applied
) -> bool:
    try:
        comment = upsert(github, wanted, origin, is_stale)
    except OF_ONE_SUBJECT as error:
        # One issue that is locked or gone keeps no other from its comment.
        done.notes.append(_said(error))
        done.exit_code = max(done.exit_code, error.exit_code)
        done.untold.add(wanted.issue)
        return False
    done.comments += filter(None, [comment.url])
    done.notes += filter(None, [comment.note])
    done.is_stale, done.is_overtaken = comment.done is Done.STALE, comment.done is Done.OVERTAKEN
    return not (done.is_stale or done.is_overtaken)


def _tag(github: GitHub, wanted: CreateTag, done: Applied) -> bool:
    """Create a tag; one that is refused for its own sake keeps no other from being made."""
    try:
        github.create_tag(wanted.tag, wanted.commit, wanted.message)
    except (DeniedError, InvalidError, RefusedError) as error:
        is_about_workflows = isinstance(error, DeniedError) and "workflows" in error.needs
        if isinstance(error, DeniedError) and not is_about_workflows:
            raise
        done.refused.add(wanted.tag)
        done.notes.append(_by_hand(wanted) if is_about_workflows else _said(error))
        done.exit_code = max(done.exit_code, error.exit_code)
        return False
    done.tags.append(wanted.tag)
    return True


def _said(error: UserError) -> str:
    return f"{error.message}; {error.help}" if error.help else error.message


def _by_hand(wanted: CreateTag) -> str:
    return (
        f"could not tag {wanted.commit[:12]} as {wanted.tag}: its workflow files differ from those of every branch, "
        f"so a workflow's token may not tag it; run `{by_hand(wanted.tag, wanted.commit)}` on your own machine"
    )


_ROUNDS = 5


_RUN = re.compile(r"[0-9]{1,18}\.[0-9]{1,9}")


class Done(StrEnum):
    """What became of a comment."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "stale"
    """Nothing of ours was written: what it tells of is newer than what was judged."""
    OVERTAKEN = "overtaken"
    """Nothing of ours was written: a newer run has spoken."""


@dataclass(frozen=True, slots=True)
class Upserted:
    """A comment after the upsert."""

    done: Done
    url: str = ""
    """Of the comment; empty where there is none."""
    note: str = ""
    """A sentence for the user, where the comment is not by whom it was thought to be."""


def origin_of(environment: Mapping[str, str]) -> Origin:
    """Return the workflow run that the environment tells of.

    Source: GitHub's documentation, "Default environment variables".
    """
    told = environment.get
    run, attempt = told("GITHUB_RUN_ID", ""), told("GITHUB_RUN_ATTEMPT", "") or "1"
    if told("GITHUB_ACTIONS") != "true" or not _RUN.fullmatch(f"{run}.{attempt}"):
        return Origin()
    page = f"{told('GITHUB_SERVER_URL', 'https://github.com')}/{told('GITHUB_REPOSITORY', '')}/actions/runs/{run}"
    return Origin(RunId(int(run), int(attempt)), f"{page}/attempts/{attempt}")


def upsert(
    github: GitHub, wanted: UpsertComment, origin: Origin, is_stale: Callable[[], bool] = lambda: False
) -> Upserted:
    """Make the comment say what is wanted, and return what was done about it.

    `is_stale` reads the subject again, just before the first write, and tells whether it is newer than what was
    judged. Where this is interrupted, or a write's outcome unknown, the next round or run ends in the same state.
    """
    note, done = "", Done.UNCHANGED
    trouble: UnfinishedError | None = None
    for _ in range(_ROUNDS):
        login = github.login()
        goal = settle(wanted, origin, github.comments(wanted.issue), login)
        url = goal.oldest.url if goal.oldest else ""
        if goal.is_reached:
            return Upserted(_became(goal, done), url, note)
        if done is Done.UNCHANGED and is_stale():
            return Upserted(Done.STALE, url)
        done = _became(goal, done)
        try:
            created = _write(github, wanted.issue, goal)
        except (AmbiguousError, MissingError) as error:
            trouble = error
            github.pause()
            continue
        if created is None:
            return Upserted(done, url, note)
        if not same_login(created.author, login):
            note = f"the token writes as {created.author}, not as {login}: say --bot-login '{created.author}'"
    raise trouble or UnfinishedError(
        f"could not settle a comment on #{wanted.issue}: it keeps changing meanwhile", "run it again"
    )


def stands(github: GitHub, wanted: UpsertComment) -> bool:
    """Return whether a comment of this name is there already, whatever it says."""
    return settle(wanted, Origin(), github.comments(wanted.issue), github.login()).oldest is not None


def _became(goal: Settlement, before: Done) -> Done:
    if goal.is_late:
        return Done.OVERTAKEN
    if goal.text is None:
        return before
    return Done.UPDATED if goal.oldest else Done.CREATED


def _write(github: GitHub, issue: int, goal: Settlement) -> Comment | None:
    """Do what is left to do; return the comment that was created, which others may have raced with."""
    if goal.oldest is None:
        return github.create_comment(issue, goal.text or "")
    # The newest words are safe before any copy of them goes.
    if goal.text is not None:
        github.edit_comment(goal.oldest.id, goal.text)
    for comment in goal.surplus:
        github.delete_comment(comment.id)
    return None
