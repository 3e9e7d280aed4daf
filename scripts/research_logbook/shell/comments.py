"""Posting a comment, or bringing the one that is there up to date: whatever else runs, one remains."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from research_logbook.core.comments import Origin, RunId, Settlement, settle
from research_logbook.core.issues import Comment, same_login
from research_logbook.core.plan import UpsertComment
from research_logbook.errors import UnfinishedError
from research_logbook.shell.failures import AmbiguousError, MissingError
from research_logbook.shell.github import GitHub

_ROUNDS = 5


class Done(StrEnum):
    """What became of a comment."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "stale"
    """Nothing of ours was written: what it tells of is newer than what was judged."""


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
    if told("GITHUB_ACTIONS") != "true" or not (run.isdecimal() and attempt.isdecimal()):
        return Origin()
    page = f"{told('GITHUB_SERVER_URL', 'https://github.com')}/{told('GITHUB_REPOSITORY', '')}/actions/runs/{run}"
    return Origin(RunId(int(run), int(attempt)), f"{page}/attempts/{attempt}")


def upsert(
    github: GitHub, wanted: UpsertComment, origin: Origin, is_stale: Callable[[], bool] = lambda: False
) -> Upserted:
    """Make the comment say what is wanted, and return what was done about it.

    `is_stale` reads the subject again, just before the first write, and tells whether it is newer than what was
    judged. When this is interrupted anywhere, or the outcome of a write is unknown, the next upsert ends the same.
    """
    work = _Work(github, wanted, origin, github.login())
    trouble: UnfinishedError | None = None
    for _ in range(_ROUNDS):
        goal = work.look()
        if work.done is Done.UNCHANGED and not goal.is_reached and is_stale():
            return Upserted(Done.STALE, goal.oldest.url if goal.oldest else "")
        try:
            finished = work.step(goal)
        except (AmbiguousError, MissingError) as error:
            trouble = error
            github.pause()
            continue
        if finished:
            return finished
    raise trouble or UnfinishedError(
        f"could not settle the comment on #{wanted.issue}: others keep changing it", "run it again"
    )
