"""Posting a comment, or bringing the one that is there up to date: whatever else runs, one remains."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from research_logbook.effects.plan import UpsertComment
from research_logbook.effects.sticky_comments import Origin, RunId, Settlement, settle
from research_logbook.errors import UnfinishedError
from research_logbook.github.client import GitHub
from research_logbook.github.errors import AmbiguousError, MissingError
from research_logbook.github.models import Comment, same_login

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
