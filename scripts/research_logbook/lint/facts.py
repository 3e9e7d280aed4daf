"""What git, GitHub and the clock said, as plain values: rules see facts, never clients."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from research_logbook.actions.event import EventKind, PullRequest
from research_logbook.logbook.model import Logbook, LogbookSummary


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier version of a logbook that the judged one is compared with."""

    name: str
    """What a reader can hand to git: a commit or a tag."""
    path: str
    """Where the logbook stood in it: a rename is followed."""
    book: Logbook


@dataclass(frozen=True, slots=True)
class IssueFact:
    """What the rules ask about an issue that a logbook or a pull request names."""

    text: str
    """The body."""
    is_experiment: bool
    """Whether a logbook names it as its issue, or its label says so."""
    is_sealed: bool
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about the whole run. None where something could not be asked."""

    now: dt.datetime
    """In UTC."""
    event: EventKind = EventKind.LOCAL
    branch: str | None = None
    """The branch that is judged; None where HEAD is on none."""
    is_research_branch: bool = False
    """Whether the configuration's patterns make it one."""
    default_branch: str | None = None
    pull_request: PullRequest | None = None
    changed: tuple[str, ...] | None = None
    """The paths that the judged change touches; None without a base."""
    has_logbook: bool = False
    """Whether the branch added or continued a logbook since it left the default branch, or one is named for it."""
    deleted: Mapping[str, str] = field(default_factory=dict)
    """Logbooks that are gone, by path, each with the revision that still holds it."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Logbooks of `deleted` that stand elsewhere now, where they are no logbooks: old path to new."""
    missing: frozenset[tuple[str, str]] | None = None
    """(tree, path) of all that was asked for and is not there; None outside a repository."""
    issues: Mapping[int, IssueFact] | None = None
    """Issues of this repository by number; None where GitHub was not asked, or did not say."""
    unasked: str = "GitHub was not asked"
    """Why there are no issues."""
    repository: str = ""
    """This repository, owner/name; empty where nobody says it."""
    host: str = "github.com"
    """Of its pages."""
    others: tuple[LogbookSummary, ...] = ()
    """Logbooks that are not judged and use the prefix of one that is."""
