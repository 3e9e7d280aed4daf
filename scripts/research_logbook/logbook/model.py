"""The model of a logbook: frozen, and every part of it with its `Span`."""

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from research_logbook.markdown.tree import Block, BlockKind


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file: first and last line and first column, counted from 1."""

    path: str
    line: int
    end_line: int
    column: int = 1


class Located(Protocol):
    """Something that a finding can point at; its `subject` is the same in every version of its file."""

    @property
    def span(self) -> Span:
        """Its place in the file."""

    @property
    def subject(self) -> str:
        """A name for it that does not depend on its place."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to point at that is not part of the model."""

    span: Span
    subject: str


class EntryKind(StrEnum):
    """An entry with a command, a job or figures of its own is an experiment; every other one is a note."""

    EXPERIMENT = "experiment"
    NOTE = "note"


class Status(StrEnum):
    """The states of a hypothesis (research workflow, Core Artifacts 3)."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    BLOCKED = "blocked"
    SUPPORTED = "supported"
    FALSIFIED = "falsified"
    PROMOTED = "promoted"


@dataclass(frozen=True, slots=True)
class When:
    """A date as it is written; `date` is None if there is no such day or no such time."""

    written: str
    date: dt.date | None
    time: dt.time | None = None
    zone: str | None = None
    is_month: bool = False
    """Whether only the month is told; `date` is its first day."""

    @property
    def day(self) -> dt.date | None:
        """The day, if one is told."""
        return None if self.is_month else self.date

    def is_after(self, other: "When") -> bool | None:
        """Return whether this is later than `other`; None if they cannot be ordered."""
        if (self.is_month or other.is_month) and self.date and other.date:
            one, two = ((when.date.year, when.date.month) for when in (self, other) if when.date)
            return one > two if one != two else None
        if self.date != other.date:
            return self.date > other.date if self.date and other.date else None
        return self.time > other.time if self.time and other.time and self.time != other.time else None


@dataclass(frozen=True, slots=True)
class Reference:
    """An issue as a logbook names it; `number` is None for one on another tracker, or named in words."""

    written: str
    number: int | None = None
    repository: str | None = None
    """`owner/name` where the reference names it."""
    host: str | None = None
    """Without a port."""

    def number_in(self, repository: str, host: str = "github.com") -> int | None:
        """Return the number of an issue of `repository` (owner/name); None for an issue elsewhere."""
        is_here = (self.host or host).casefold().removeprefix("www.") == host.casefold()
        is_own = (self.repository or repository).casefold() == repository.casefold()
        return self.number or None if is_here and is_own else None


@dataclass(frozen=True, slots=True)
class Link:
    """A link, as it appears on the page."""

    span: Span
    url: str
    text: str

    @property
    def subject(self) -> str:
        """Name the link by its target."""
        return f"link {self.url}"


@dataclass(frozen=True, slots=True)
class Code:
    """A fenced or indented block of code."""

    span: Span
    info: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table as plain text, a tuple of cells a row."""

    span: Span
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A named value in an entry or a header, such as ``- Command: python train.py``."""

    span: Span
    name: str
    key: str
    """The canonical name, such as `command` for *Launch* and *Submission*; the slug of any other name."""
    value: str
    """The value as Markdown, without its indent."""
    text: str
    """The value as it appears on the page."""
    is_pending: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is no value: nothing at all, or only comments and struck-out text."""
        return not (self.text or _NO_VALUE.sub("", self.value).strip())

    @property
    def subject(self) -> str:
        """Name the field by its canonical name."""
        return f"field {self.key}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that says a number was measured: "loss 2.13 after tuning"."""

    span: Span
    text: str

    @property
    def subject(self) -> str:
        """Name the claim by its words."""
        return f"claim {' '.join(self.text.split())[:80]}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A dated piece of the log, from its heading to the next."""

    span: Span
    heading: str
    when: When | None
    ids: tuple[str, ...]
    label: str
    kind: EntryKind
    fields: tuple[Field, ...]
    tables: tuple[Table, ...]
    code: tuple[Code, ...]
    links: tuple[Link, ...]
    text: str
    """Its text as it appears on the page, with code and without the heading; a bullet's first line is in both."""
    blocks: tuple[Block, ...]
    level: int = 0
    """The level of its heading; 0 for a bullet or a bold line."""
    is_measured: bool = False
    """Whether it has a number that somebody measured."""
    is_run: bool = False
    """Whether it has a command, a job or a measured result; other experiments tell figures in sentences only."""
    heading_ids: tuple[str, ...] = ()
    head: Block | None = None
    """Its heading; None for a bullet or a bold line, which is the first of its blocks."""
    claims: tuple[Claim, ...] = ()
    """What it says was measured, outside of tables; of an entry with neither an ID nor a configuration, too."""

    @property
    def subject(self) -> str:
        """Name the entry by its heading."""
        return f"entry {' '.join(self.heading.split())}"

    @property
    def name(self) -> str:
        """The name that messages use: the entry's IDs, or its heading if it has none."""
        if len(self.ids) > 3:
            return f"{self.ids[0]} to {self.ids[-1]}"
        return ", ".join(self.ids) or f"“{self.heading[:60]}”"

    def all(self, *keys: str) -> Iterator[Field]:
        """Yield the fields with one of these canonical names that have a value."""
        return (item for item in self.fields if item.key in keys and not item.is_empty)

    def first(self, *keys: str) -> Field | None:
        """Return the first of `all`."""
        return next(self.all(*keys), None)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """An item of the hypothesis queue."""

    span: Span
    id: str
    status: Status | None
    """None for a status that is not one of the six or a known synonym."""
    status_written: str
    text: str
    evidence: str
    next_step: str
    has_link: bool = False
    claim: str = ""
    """What it says, without its ID, its state, and named parts such as "Evidence: …"."""

    @property
    def subject(self) -> str:
        """Name the hypothesis by its ID, or by how it begins."""
        return f"hypothesis {self.id or self.text[:60]}"

    @property
    def name(self) -> str:
        """The name that messages use."""
        return self.id or f"“{self.text[:60].strip()}”"


@dataclass(frozen=True, slots=True)
class Decision:
    """An item of the decision log."""

    span: Span
    text: str
    block: Block

    @property
    def subject(self) -> str:
        """Name the decision by how it begins."""
        return f"decision {self.text[:80]}"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and everything up to the next heading of any level."""

    span: Span
    title: str
    name: str
    """The canonical name, such as `baseline`; the slug of any other title, empty inside an entry."""
    level: int
    blocks: tuple[Block, ...]
    end_line: int
    """The last line of its block: up to the next heading of its own or a higher level."""
    stop: int
    """The position among the sections after the last one that stands below it."""
    head: Block
    """Its heading."""

    @property
    def subject(self) -> str:
        """Name the section by its canonical name."""
        return f"section {self.name}"

    @property
    def text(self) -> str:
        """Its text as it appears on the page."""
        return "\n".join(map(text_of, self.blocks))

    @property
    def with_heading(self) -> tuple[Block, ...]:
        """Its blocks, with its heading as the first."""
        return (self.head, *self.blocks)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The YAML between the first two ``---`` lines."""

    span: Span
    raw: str
    values: dict[str, object] = field(default_factory=dict)
    problem: str = ""
    """Why it cannot be read, in words; empty if it was read."""
    problem_line: int = 1

    subject = "front matter"


@dataclass(frozen=True, slots=True)
class Header:
    """What a logbook says about itself near its top; None or empty where it says nothing."""

    issue: Reference | None = None
    branch: str = ""
    branch_span: Span | None = None
    prefix: str = ""
    """The declared prefix; `Logbook.prefix` also knows the one that the entries use."""
    prefix_span: Span | None = None
    tags: tuple[str, ...] = ()
    parent: str = ""
    topic: str = ""
    topic_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """A comment ``<!-- logbook: allow RULE -- reason -->``; it covers everything below its heading."""

    span: Span
    rule: str
    reason: str
    first_line: int
    last_line: int

    @property
    def subject(self) -> str:
        """Name the allowance by its rule and reason."""
        return f"allowance {self.rule} {self.reason}"


@dataclass(frozen=True, slots=True)
class LogbookSummary:
    """A summary of a logbook, for the rules that look at several logbooks."""

    path: str
    header: Header
    prefix: str
    entries: int
    hypotheses: int
    names: frozenset[str]
    """The topics of the logbooks that it names."""

    @property
    def topic(self) -> str:
        """The topic, which is the name of the file."""
        return topic_of(self.path)

    @property
    def span(self) -> Span:
        """The line that declares its prefix, or the first line."""
        return self.header.prefix_span or Span(self.path, 1, 1)

    @property
    def subject(self) -> str:
        """Name the logbook by its topic."""
        return f"logbook {self.topic}"


@dataclass(frozen=True, slots=True)
class Logbook:
    """A parsed logbook."""

    path: str
    text: str
    front_matter: FrontMatter | None
    title: str
    header: Header
    sections: tuple[Section, ...]
    entries: tuple[Entry, ...]
    """The dated entries, in document order."""
    undated: tuple[Entry, ...]
    """Headings in the log that have the fields of an entry but no date."""
    hypotheses: tuple[Hypothesis, ...]
    decisions: tuple[Decision, ...]
    links: tuple[Link, ...]
    allowances: tuple[Allowance, ...]
    prefix: str
    """The declared experiment-ID prefix, or the one that most headings use; empty if there is none."""
    log: Span | None
    """The heading of the log section, or the first entry if the log has no heading of its own."""
    claims: tuple[Claim, ...] = ()
    """What the log says was measured, outside of its entries."""

    subject = "logbook"
    """Not its path, which may change."""

    @property
    def span(self) -> Span:
        """The first line of the file, where findings about the whole file point."""
        return Span(self.path, 1, 1)

    @property
    def topic(self) -> str:
        """The topic, which is the name of the file."""
        return topic_of(self.path)

    @property
    def brief(self) -> LogbookSummary:
        """A summary of the logbook."""
        parts = self.text.split(".md")[:-1]
        names = frozenset(match[0] for part in parts if (match := _LAST_NAME.search(part[-200:])))
        return LogbookSummary(self.path, self.header, self.prefix, len(self.entries), len(self.hypotheses), names)

    @property
    def everything(self) -> tuple[Entry, ...]:
        """All entries, dated or not, in document order."""
        return tuple(sorted((*self.entries, *self.undated), key=lambda entry: entry.span.line))

    def named(self, *names: str) -> Iterator[Section]:
        """Yield the sections with one of these canonical names."""
        return (section for section in self.sections if section.name in names)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A logbook that cannot be read, and why."""

    path: str
    reason: str
    help: str
    line: int = 1

    subject = "logbook"
    """As for a logbook that can be read: it is still the same file."""

    @property
    def span(self) -> Span:
        """The line where reading stopped."""
        return Span(self.path, self.line, self.line)


_LAST_NAME = re.compile(r"[\w.-]+$")


def topic_of(path: str) -> str:
    """Return the topic of the logbook at `path`, which is the name of its file."""
    return path.rpartition("/")[2].removesuffix(".md")


_NO_VALUE = re.compile(r"<!--.*?(?:-->|\Z)|~~[^~]*~~", re.DOTALL)


def text_of(block: Block) -> str:
    """Return the text of a block as it appears on the page, with code, one line for each leaf."""
    if block.blocks:
        return (" | " if block.kind is BlockKind.ROW else "\n").join(map(text_of, block.blocks))
    return block.literal if block.kind is BlockKind.CODE else block.text


class SourceText(NamedTuple):
    """The lines of a file, for values as they were written."""

    path: str
    lines: Sequence[str]

    def cut(self, first: int, last: int) -> str:
        """Return lines `first` to `last`, counted from 1, without their common indent."""
        return dedented(self.lines[first - 1 : last])

    def span(self, block: Block) -> Span:
        """Return the span of a block."""
        return Span(self.path, block.line, block.end_line, block.column)


def dedented(rows: Sequence[str]) -> str:
    """Return lines without their common indent."""
    indent = min([len(row) - len(row.lstrip()) for row in rows if row and not row.isspace()], default=0)
    return "\n".join([row[indent:] for row in rows]).rstrip()


_Item = TypeVar("_Item", Link, Table, Code)


class Contents(NamedTuple):
    """The links, tables and blocks of code of a logbook, in document order."""

    links: Sequence[Link]
    tables: Sequence[Table]
    code: Sequence[Code]

    def within(self, first: int, last: int) -> "Contents":
        """Return what begins in these lines."""

        def cut(items: Sequence[_Item]) -> Sequence[_Item]:
            start = bisect_left(items, first, key=lambda item: item.span.line)
            return items[start : bisect_right(items, last, lo=start, key=lambda item: item.span.line)]

        return Contents(cut(self.links), cut(self.tables), cut(self.code))
