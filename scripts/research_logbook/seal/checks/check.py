"""What a seal check is: a generator named for what must hold, whose docstring is its page."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from research_logbook.config.schema import Config, Demand
from research_logbook.effects.publish_guard import is_private
from research_logbook.issues.links import IssueLink
from research_logbook.issues.parsing import IssueComment, IssueSection, IssueText, read
from research_logbook.issues.summary_topics import covered
from research_logbook.logbook.model import Entry
from research_logbook.repo.logbook_copies import PinnedLogbook
from research_logbook.seal.facts import SealFacts, holds, last_entry, last_result


class Evidence(NamedTuple):
    """What a check looked at: what is so, with the address of a page that shows it.

    With `help`, which says what to do about it, it is what keeps the check from holding.
    """

    text: str
    url: str = ""
    help: str = ""


class Summary(NamedTuple):
    """A comment that sums the thread up, and what it holds."""

    comment: IssueComment
    content: IssueText
    topics: frozenset[str]


@dataclass(frozen=True)
class Closing:
    """A thread before the seal checks."""

    thread: SealFacts
    config: Config = Config()  # noqa: RUF009 - frozen

    @property
    def body(self) -> IssueText:
        """What the issue's body holds."""
        return self.thread.issue.content

    @property
    def entry(self) -> Entry | None:
        """The entry that the public summary has to be about: the last with a result, else the last."""
        book = self.thread.book
        return (last_result(book) or last_entry(book)) if book else None

    @cached_property
    def summary(self) -> Summary | None:
        """The last comment that sums the thread up: it covers three or more of what a final one has to."""
        for comment in reversed(self.thread.issue.comments):
            content = read(comment.body, self.thread.place)
            topics = covered(content)
            if len(topics) >= _A_SUMMARY:
                return Summary(comment, content, topics)
        return None

    @property
    def texts(self) -> tuple[IssueText, ...]:
        """The body, and the final comment."""
        return (self.body, self.summary.content) if self.summary else (self.body,)

    def section(self, name: str) -> IssueSection | None:
        """Return the body's section of this name, one with content before an empty one."""
        found = self.body.named(name)
        return next((section for section in found if not section.is_empty), next(iter(found), None))

    @cached_property
    def snapshots(self) -> tuple[tuple[IssueLink, PinnedLogbook], ...]:
        """The links of the body and the final comment to a tag or commit of this repository."""
        links = (link for text in self.texts for link in text.links if self._leads(link))
        return tuple((link, self.thread.linked[link.ref]) for link in links if link.ref in self.thread.linked)

    def _leads(self, link: IssueLink) -> bool:
        is_here = not link.host or link.host == self.thread.place.host.casefold()
        return link.is_link and is_here and self.thread.is_own(link.repository)

    @property
    def final_snapshot(self) -> PinnedLogbook | None:
        """The linked snapshot that holds the logbook with its last result."""
        entry = self.entry
        good = (held for _, held in self.snapshots if held.is_reachable and entry and holds(held.book, entry))
        return next(good, None)

    def is_private(self, text: str) -> bool:
        """Return whether `text` holds a secret, or something that the repository holds back."""
        return is_private(text, self.config.held_back)


_A_SUMMARY = 3

Judgement = Callable[[Closing], Iterator[Evidence]]


@dataclass(frozen=True, slots=True)
class SealCheck:
    """A seal check of the catalogue."""

    name: str
    judge: Judgement
    demand: Demand
    """Whether it keeps an issue from being sealed, or is only advice."""

    @property
    def page(self) -> str:
        """Its documentation, Markdown."""
        return inspect.getdoc(self.judge) or ""


def check(demand: Demand = "required") -> Callable[[Judgement], SealCheck]:
    """Return a decorator that makes a function named for what must hold into its `Check`."""

    def decorate(judge: Judgement) -> SealCheck:
        return SealCheck(judge.__name__.replace("_", "-"), judge, demand)

    return decorate


def without_logbook(closing: Closing) -> Iterator[Evidence]:
    """Yield why nothing can be held against the logbook."""
    thread = closing.thread
    yield Evidence(thread.trouble or "there is no logbook", thread.issue_page, thread.how_to_fix or _FIND)


_FIND = "link the logbook from the issue's body, with its path and branch"
