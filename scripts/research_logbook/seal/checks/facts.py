"""What a seal check is, and the facts it looks at: what git, GitHub and the clock said about a research thread."""

import datetime as dt
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from research_logbook.config.schema import Config, Demand
from research_logbook.github import RepositorySite
from research_logbook.github.models import Comment, LabelPast
from research_logbook.issues import ExperimentIssue, IssueSection, IssueText, read
from research_logbook.issues.classification import covered, missing_labels
from research_logbook.issues.links import IssueLink, Place
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Entry, Header, Logbook
from research_logbook.logbook.queries import has_result, last_entry, last_result
from research_logbook.private_text import is_private
from research_logbook.render import enumerated
from research_logbook.repo.logbook_resolution import OwedLogbook, PackedText, PinnedLogbook


@dataclass(frozen=True, slots=True)
class ProductionPull:
    """A pull request of this repository that the issue's timeline knows of."""

    number: int
    title: str
    is_merged: bool
    carries: tuple[str, ...] = ()
    """The logbooks that it brought into the default branch and that are still there."""


@dataclass(frozen=True, slots=True)
class OtherLogbook:
    """A logbook besides the judged one that may be tied to the thread, as one or more branches have it."""

    version: PinnedLogbook
    """On the first of the branches."""
    branches: tuple[str, ...]
    header: Header
    names_issue: bool = True
    """Whether its header names the thread's issue."""
    is_stray: bool = False
    """Whether none of the branches is the default one or a research branch."""

    @property
    def place(self) -> str:
        """Its path and branches, for messages."""
        return f"{self.version.path} on {enumerated(self.branches)}"


@dataclass(frozen=True, slots=True)
class MovedTag:
    """A snapshot tag that is no longer where our comment on the issue announced it."""

    tag: str
    announced: str
    """The commit that the comment pins."""
    now: str | None
    """The commit that it is on; None where it is gone."""
    url: str
    """Of the comment."""


class SummaryComment(NamedTuple):
    """A comment that sums the thread up, and what it holds."""

    comment: Comment
    content: IssueText
    topics: frozenset[str]


@dataclass(frozen=True)
class SealFacts:
    """A research thread at the moment its issue is to be closed."""

    issue: ExperimentIssue
    """With its comments, oldest first; the comments that logbook itself maintains are left out."""
    now: dt.datetime
    config: Config = Config()  # noqa: RUF009 - frozen
    site: RepositorySite = RepositorySite()  # noqa: RUF009 - frozen
    """The repository's pages."""
    book: Logbook | None = None
    ref: str = ""
    """The branch or tag that the logbook was found on."""
    commit: str = ""
    """The commit that `ref` was when the logbook was read."""
    no_logbook: str = ""
    """Why there is no logbook, in a sentence; empty if there is one."""
    no_logbook_help: str = ""
    """What to do about that."""
    is_ambiguous: bool = False
    """Whether there is none because several could be meant."""
    snapshots: tuple[PinnedLogbook, ...] = ()
    """The snapshots of the issue's logbooks, newest first, under whatever topic."""
    earlier: tuple[PinnedLogbook, ...] = ()
    """Earlier versions that the logbook must contain besides its snapshots: what was announced as one, and what its
    branch had and the judged one has not in full."""
    former_paths: frozenset[str] = frozenset()
    """Where the logbook stood before, on its branch."""
    replaced: tuple[OwedLogbook, ...] = ()
    """What force pushes took away from the research branch, and had stood for longer than the grace."""
    taken_back: tuple[PinnedLogbook, ...] = ()
    """What force pushes took away within the grace."""
    unchecked: tuple[str, ...] = ()
    """What the logbook could not be held against, and why: a sentence each."""
    others: tuple[OtherLogbook, ...] = ()
    """Those that name the issue or none, and those that name another one and have a snapshot that named this one."""
    moved_tags: tuple[MovedTag, ...] = ()
    linked: Mapping[str, PinnedLogbook] = field(default_factory=dict)
    """The tags and full commits that issue, comments and logbook link to, by name; those that do not exist are left
    out."""
    pulls: tuple[ProductionPull, ...] = ()
    """The production pull requests, in timeline order."""
    is_enrolled: bool = False
    """Whether the issue is an experiment's, so that something may be written on it."""
    label_pasts: Mapping[str, LabelPast] = field(default_factory=dict)
    """How often each label was removed, by its name in lower case."""

    @property
    def missing_labels(self) -> tuple[str, ...]:
        """The labels that the issue has to carry and lacks."""
        labels = self.config.labels
        missing = missing_labels(self.issue, labels.agents, labels.not_put_back, self.label_pasts)
        return missing if self.is_enrolled else ()

    @property
    def body(self) -> IssueText:
        """The content of the issue's body."""
        return self.issue.content

    @property
    def entry(self) -> Entry | None:
        """The entry that the public summary has to be about: the last with a result, else the last."""
        return (last_result(self.book) or last_entry(self.book)) if self.book else None

    @cached_property
    def summary(self) -> SummaryComment | None:
        """The last comment that sums the thread up: it covers at least three of the topics of a final comment."""
        for comment in reversed(self.issue.comments):
            content = read(comment.body, self.place)
            topics = covered(content)
            if len(topics) >= 3:
                return SummaryComment(comment, content, topics)
        return None

    @property
    def texts(self) -> tuple[IssueText, ...]:
        """The body, and the final comment."""
        return (self.body, self.summary.content) if self.summary else (self.body,)

    def section(self, name: str) -> IssueSection | None:
        """Return the body's section of this name: one with content, else one with words, else an empty one."""
        found = sorted(self.body.named(name), key=lambda it: (not it.has_content, it.is_wordless, it.is_empty))
        return next(iter(found), None)

    @cached_property
    def pinned_links(self) -> tuple[tuple[IssueLink, PinnedLogbook], ...]:
        """The links in the body and the final comment to a tag or commit of this repository."""
        hosts = {"", self.place.host.casefold()}
        links = (link for text in self.texts for link in text.links)
        return tuple(
            (link, self.linked[link.ref])
            for link in links
            if link.is_link and link.host in hosts and self.is_own(link.repository) and link.ref in self.linked
        )

    @cached_property
    def final_snapshot(self) -> PinnedLogbook | None:
        """The linked snapshot that has the logbook with its last result."""
        return next(
            (it for it in (held for _, held in self.pinned_links) if it.is_reachable and self.has_end(it)), None
        )

    @cached_property
    def snapshot_to_link(self) -> PinnedLogbook | None:
        """The newest snapshot that has the logbook with its last result, linked or not."""
        return next(filter(self.has_end, self.snapshots), None)

    @property
    def how_to_snapshot(self) -> str:
        """What is to be done where no snapshot is linked that has the last result."""
        last = self.entry.name if self.entry else "its last result"
        if self.snapshot_to_link:
            return f"link `{self.snapshot_to_link.name}`, which holds {last}, from the body"
        return f"snapshot the logbook with {last}, and link the tag from the body"

    @cached_property
    def _ends(self) -> dict[tuple[str, PackedText], bool]:
        return {}

    def has_end(self, version: PinnedLogbook) -> bool:
        """Return whether a version has the last result; each text is parsed once, however many tags hold it."""
        if version.text is None or self.entry is None:
            return False
        key = version.path, version.text
        if key not in self._ends:
            self._ends[key] = holds(version.book, self.entry)
        return self._ends[key]

    def is_private(self, text: str) -> bool:
        """Return whether `text` contains a secret, or something that the configuration blocks from publication."""
        return is_private(text, self.config.held_back)

    @property
    def place(self) -> Place:
        """The host and the logbook patterns by which links in the thread's texts are read."""
        return Place(self.site.host, self.config.logbooks)

    @property
    def repository(self) -> str:
        """OWNER/NAME."""
        return self.site.repository

    def is_own(self, repository: str) -> bool:
        """Return whether a link's repository is this one."""
        return not repository or repository.casefold() == self.repository.casefold()

    @property
    def issue_page(self) -> str:
        """The URL of the issue."""
        return self.site.url("issues", str(self.issue.number))

    def line(self, number: int) -> str:
        """Return the URL of a line of the logbook, pinned to the commit it was read at."""
        return f"{self.site.url('blob', self.commit, self.book.path)}#L{number}" if self.book else self.issue_page


# The end of the log


def holds(book: Logbook | None, entry: Entry) -> bool:
    """Return whether a version of the logbook has the entry, with a result if the entry has one.

    An entry is known by its heading, however that is formatted.
    """
    return any(
        vocabulary.slug(other.heading) == vocabulary.slug(entry.heading)
        and other.heading_ids == entry.heading_ids
        and (has_result(other) or not has_result(entry))
        for other in (book.everything if book else ())
    )


# A check


class Evidence(NamedTuple):
    """What a check looked at: a statement, with the URL of a page that shows it.

    One with a remedy, which says how to fix what is stated, keeps the check from passing.
    """

    text: str
    url: str = ""
    remedy: str = ""


Judgement = Callable[[SealFacts], Iterator[Evidence]]


@dataclass(frozen=True, slots=True)
class SealCheck:
    """A seal check of the catalogue: a generator named for what must hold, whose docstring is its page."""

    name: str
    judge: Judgement
    demand: Demand
    """Whether it keeps an issue from being sealed, or is only advice."""

    @property
    def page(self) -> str:
        """Its documentation, Markdown."""
        return inspect.getdoc(self.judge) or ""


def check(demand: Demand = "required") -> Callable[[Judgement], SealCheck]:
    """Return a decorator that makes a `SealCheck` of a function, and its name of the function's in kebab case."""

    def decorate(judge: Judgement) -> SealCheck:
        return SealCheck(judge.__name__.replace("_", "-"), judge, demand)

    return decorate


def without_logbook(facts: SealFacts) -> Iterator[Evidence]:
    """Yield why nothing can be compared with the logbook."""
    yield Evidence(
        facts.no_logbook or "there is no logbook",
        facts.issue_page,
        facts.no_logbook_help or "link the logbook from the issue's body, with its path and branch",
    )
