"""What a rule is: a generator named for the fault it finds, whose docstring is its page."""

import datetime as dt
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial
from typing import NamedTuple

from research_logbook.actions.event import EventKind, PullRequest
from research_logbook.config.schema import Config
from research_logbook.diff import Changes, compare
from research_logbook.findings import Severity
from research_logbook.logbook.model import Located, Logbook, LogbookSummary
from research_logbook.logbook.queries import JUDGED
from research_logbook.private_text import is_private


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier version of a logbook that the judged one is compared with."""

    name: str
    """What a reader can hand to git: a commit or a tag."""
    path: str
    """Where the logbook stood in it: a rename is followed."""
    book: Logbook
    is_recent: bool = False
    """Whether it was pushed so little before it was pushed over that it may be taken back: with a warning."""
    is_covered: bool = False
    """Whether other revisions say what of it was lost, and this one only what was put in between."""
    until: tuple[Logbook, ...] = ()
    """What the branch had of it when it was pushed over: what all of these lack had been taken back before."""


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
    uncompared: Mapping[str, int] = field(default_factory=dict)
    """How many versions that the branch had were too much to compare, by logbook."""
    deleted: Mapping[str, str] = field(default_factory=dict)
    """Logbooks that are gone, by path, each with the revision that still holds it."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Logbooks of `deleted` that stand elsewhere now, where they are no logbooks: old path to new."""
    taken_back: frozenset[str] = frozenset()
    """Those of `deleted` that were pushed so little before that they may be taken back: with a warning."""
    renamed_files: Mapping[str, str] = field(default_factory=dict)
    """Files that the judged change renamed or moved: old path to new."""
    missing: frozenset[tuple[str, str]] | None = None
    """(tree, path) of all that was asked for and is not there; None outside a repository."""
    unknown_commits: frozenset[str] = frozenset()
    """Commits that entries name and the repository does not hold, as they are written."""
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


class RuleHit(NamedTuple):
    """What a rule yields: where, what is wrong, and what to do where the rule's own help is too general."""

    where: Located
    message: str
    help: str = ""
    is_excused: bool = False
    """Whether it is no more than a warning here, whatever the rule's severity."""


@dataclass(frozen=True)
class LintCase:
    """A logbook before the rules."""

    book: Logbook
    facts: Facts
    config: Config
    revisions: tuple[Revision, ...] = ()
    """The earlier versions that its history is held against: the base, and those that it does not hold in full."""
    tree: str = JUDGED
    """The tree that it stands in: the judged one, or a base's commit."""
    is_new: bool = False
    """Whether the base has no such logbook."""
    everything: bool = False
    """Whether all findings were asked for (`--all`)."""

    @cached_property
    def changes(self) -> tuple[tuple[Revision, Changes], ...]:
        """What became of each revision's record; compared once, when the first rule asks."""
        may_be_removed = partial(is_private, held_back=self.config.held_back)
        found = (
            (it, compare(it.book, self.book, may_be_removed, renamed_files=self.facts.renamed_files))
            for it in self.revisions
        )
        return tuple((it, Changes(backdated=changes.backdated) if it.is_covered else changes) for it, changes in found)

    @cached_property
    def taken_back(self) -> tuple[tuple[Changes, ...], ...]:
        """What had become of each revision's record until the branch was pushed over."""
        may_be_removed = partial(is_private, held_back=self.config.held_back)
        return tuple(tuple(compare(it.book, then, may_be_removed) for then in it.until) for it in self.revisions)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """All that is judged, before the rules about more than one logbook."""

    books: tuple[LogbookSummary, ...]
    facts: Facts
    config: Config


class Scope(StrEnum):
    """What a rule looks at."""

    LOGBOOK = "logbook"
    """A `LintCase`."""
    CHANGE = "change"
    """A `ChangeSet`."""
    JUDGE = "judge"
    """What only judging shows, such as an allowance that hides nothing: see `rules/file.py`."""


class Needs(StrEnum):
    """What a rule cannot judge without; where it is not there the rule is listed as skipped."""

    NOTHING = ""
    BASE = "a base to compare with"
    GIT = "a git repository"
    PULL_REQUEST = "a pull request"
    BRANCH = "a branch"
    GITHUB = "GitHub"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the catalogue."""

    name: str
    group: str
    severity: Severity
    help: str
    check: Callable[..., Iterator[RuleHit]]
    scope: Scope
    needs: Needs
    default_on: bool
    can_be_allowed: bool
    fixable: bool

    @property
    def page(self) -> str:
        """The rule's documentation, Markdown."""
        return inspect.getdoc(self.check) or ""


class RuleGroup(NamedTuple):
    """A group of rules, and what holds for all of them; `rule` makes a function one of them."""

    name: str
    scope: Scope = Scope.LOGBOOK
    needs: Needs = Needs.NOTHING
    can_be_allowed: bool = True

    def rule(  # noqa: PLR0913 - what a rule can say of itself, each by its name
        self,
        severity: Severity,
        *,
        help: str,  # noqa: A002 - the word that users read
        scope: Scope | None = None,
        needs: Needs | None = None,
        default_on: bool = True,
        can_be_allowed: bool | None = None,
        fixable: bool = False,
    ) -> Callable[[Callable[..., Iterator[RuleHit]]], Rule]:
        """Return a decorator that makes a function named for a fault into its `Rule`."""
        return lambda check: Rule(
            check.__name__.replace("_", "-"),
            self.name,
            severity,
            help,
            check,
            scope or self.scope,
            self.needs if needs is None else needs,
            default_on,
            self.can_be_allowed if can_be_allowed is None else can_be_allowed,
            fixable,
        )


ERROR, WARNING = Severity.ERROR, Severity.WARNING

STRIKE = "; if it was already pushed, strike out the old text: `~~old~~ new`"
"""How to correct an entry that others have seen, for the help of rules about its text."""
