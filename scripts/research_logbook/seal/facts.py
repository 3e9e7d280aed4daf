"""A research thread as it stands when its issue is to be closed: what git, GitHub and the clock said."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from research_logbook.effects.plan import SEALED
from research_logbook.github.models import IssueEvent, same_login
from research_logbook.issues.links import Place
from research_logbook.issues.parsing import ExperimentIssue
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Entry, Logbook
from research_logbook.repo.logbook_copies import PinnedLogbook

OVERRIDE = "seal-override"
"""The label by which a maintainer lets an issue be closed as it is."""


@dataclass(frozen=True, slots=True)
class Production:
    """A pull request of this repository that the issue's timeline knows of."""

    number: int
    title: str
    is_merged: bool
    carries: tuple[str, ...] = ()
    """The logbooks that it brought into the default branch and that still stand there."""


@dataclass(frozen=True, slots=True)
class SealFacts:
    """All that the seal checks look at."""

    issue: ExperimentIssue
    """With its comments, oldest first; those that logbook keeps current are left out."""
    now: dt.datetime
    repository: str = ""
    """OWNER/NAME."""
    server: str = "https://github.com"
    """Where its pages are."""
    logbooks: tuple[str, ...] = Place().logbooks
    """The patterns of its logbooks."""
    book: Logbook | None = None
    ref: str = ""
    """The branch or tag that the logbook was found at."""
    commit: str = ""
    """What that was when it was read."""
    trouble: str = ""
    """Why there is no logbook, in a sentence; empty where there is one."""
    how_to_fix: str = ""
    """What to do about that."""
    snapshots: tuple[PinnedLogbook, ...] = ()
    """The snapshot tags of the topic, newest first."""
    linked: Mapping[str, PinnedLogbook] = field(default_factory=dict)
    """What issue, comments and logbook link to by tag or full commit, by that name; what is not here is left out."""
    pulls: tuple[Production, ...] = ()
    """The production pull requests, in the order in which they came up."""
    lacking_labels: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where the issue stands, for whoever reads its links."""
        return place_on(self.server, self.logbooks)

    def is_own(self, repository: str) -> bool:
        """Return whether a link's repository is this one."""
        return not repository or repository.casefold() == self.repository.casefold()

    def page(self, *steps: str) -> str:
        """Return the address of a page of the repository."""
        return f"{self.server}/{self.repository}/{'/'.join(quote(step) for step in steps)}"

    @property
    def issue_page(self) -> str:
        """The address of the issue."""
        return self.page("issues", str(self.issue.number))

    def line(self, number: int) -> str:
        """Return the address of a line of the logbook, as it stands now whatever comes after."""
        return f"{self.page('blob', self.commit, self.book.path)}#L{number}" if self.book else self.issue_page


def place_on(server: str, logbooks: tuple[str, ...]) -> Place:
    """Return where texts on a server stand, given its address and the patterns of the repository's logbooks."""
    return Place(urlsplit(server).hostname or "", logbooks)


# The logbook's own end


def in_time(book: Logbook) -> tuple[Entry, ...]:
    """Return the entries in the order in which the log grew."""
    return book.everything[::-1] if book.is_newest_first else book.everything


def has_result(entry: Entry) -> bool:
    """Return whether an entry has a result: a number, or words that are not pending; a failure is one."""
    return entry.is_measured or any(not item.is_pending for item in entry.all("result"))


def last_entry(book: Logbook) -> Entry | None:
    """Return the entry that the log ends with."""
    return next(iter(in_time(book)[::-1]), None)


def last_result(book: Logbook) -> Entry | None:
    """Return the last entry that has a result."""
    return next((entry for entry in in_time(book)[::-1] if has_result(entry)), None)


def holds(book: Logbook | None, entry: Entry) -> bool:
    """Return whether a version of the logbook has the entry, with a result where the entry has one."""
    same = (other for other in book.everything if is_same(other, entry)) if book else ()
    return any(has_result(other) or not has_result(entry) for other in same)


def is_same(one: Entry, other: Entry) -> bool:
    """Return whether two versions of a logbook speak of one entry: by its heading, however it is formatted."""
    return vocabulary.slug(one.heading) == vocabulary.slug(other.heading) and one.heading_ids == other.heading_ids


# The issue's own past


def since_reopened(events: Sequence[IssueEvent]) -> Sequence[IssueEvent]:
    """Return what happened to an issue after it was last reopened."""
    last = max((index for index, event in enumerate(events) if event.event == "reopened"), default=-1)
    return events[last + 1 :]


def is_sealed(events: Sequence[IssueEvent], own_login: str) -> bool:
    """Return whether we marked the issue as sealed later than it was last reopened; nobody else's mark counts."""
    return any(is_labelled(event, SEALED) and same_login(event.actor, own_login) for event in since_reopened(events))


def is_labelled(event: IssueEvent, label: str) -> bool:
    """Return whether the label was put on."""
    return event.event == "labeled" and event.label.casefold() == label
