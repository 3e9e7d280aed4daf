"""Effects as values: what a command would write. A dry run prints exactly the plan that a real run carries out.

A plan that would publish a secret or blocked text is refused. Nothing is redacted: a comment with a hole would read as
if it were whole.
"""

import datetime as dt
import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import msgspec

from research_logbook.errors import Refusal
from research_logbook.markdown.escape import json_text
from research_logbook.private_text import find_private
from research_logbook.render import enumerated


class Came(StrEnum):
    """What came of an effect."""

    PLANNED = "planned"
    DONE = "done"
    UPDATED = "updated"
    """A comment was there, and was brought up to date."""
    UNCHANGED = "unchanged"
    """A comment was there, and says what is wanted."""


class Names:
    """How the words of an effect name what is on GitHub: as they are, for a terminal and for messages."""

    def issue(self, number: int) -> str:
        """Return an issue or pull request."""
        return f"#{number}"

    def tag(self, name: str) -> str:
        """Return a tag."""
        return name

    def snapshot(self, tag: str) -> str:
        """Return a snapshot, by its tag."""
        return f"the snapshot {self.tag(tag)}"

    def commit(self, name: str) -> str:
        """Return a commit."""
        return name[:12]

    def given(self, text: str) -> str:
        """Return a name or title that somebody chose."""
        return f"“{text}”"

    def plain(self, text: str) -> str:
        """Return a text from outside in a sentence, such as a login."""
        return text


class Effect(msgspec.Struct, frozen=True, tag_field="kind", tag=lambda name: re.sub(r"\B(?=[A-Z])", "-", name).lower()):
    """Something that a command writes on GitHub; as a string it is a line for people, in the infinitive."""

    def __str__(self) -> str:
        return words(self, Names())[0]


class CreateLabel(Effect, frozen=True):
    """Create a label that the repository lacks."""

    name: str
    colour: str
    """Six hexadecimal digits, without `#`."""
    description: str


class AddLabels(Effect, frozen=True):
    """Add labels to an issue or pull request; those that it has already stay."""

    issue: int
    names: tuple[str, ...]


class CreateTag(Effect, frozen=True):
    """Create an annotated tag; one that is there is never moved."""

    tag: str
    commit: str
    message: str


class CreateIssue(Effect, frozen=True):
    """Open an issue with labels that the repository has."""

    title: str
    body: str
    labels: tuple[str, ...]


class WriteBody(Effect, frozen=True):
    """Replace the body of an issue that we opened ourselves."""

    issue: int
    body: str


class UpsertComment(Effect, frozen=True):
    """Post a comment, or bring the one of the same kind and key up to date."""

    issue: int
    kind: str = msgspec.field(name="comment")
    """Such as `seal`; the kind of the effect is another word."""
    key: str
    body: str


class RetireComment(Effect, frozen=True):
    """Say in a comment that a workflow of this repository wrote under an older login that another one counts now."""

    issue: int
    comment: int
    """Its ID."""
    author: str
    body: str


class CloseIssue(Effect, frozen=True):
    """Close an issue as completed."""

    issue: int


class ReopenIssue(Effect, frozen=True):
    """Open an issue again."""

    issue: int


class MarkSealed(Effect, frozen=True):
    """Label an issue as sealed, so that the mark is ours and newer than the last reopening."""

    issue: int
    again: bool = False
    """Whether the label is on already, which says nothing: it is taken off, and put on by us."""


def words(effect: Effect, names: Names) -> tuple[str, str]:
    """Return what an effect is called before it is done, such as `close #3`, and after it, such as `closed #3`."""
    before, after, what = _words(effect, names)
    return f"{before} {what}", f"{after} {what}"


def _words(effect: Effect, names: Names) -> tuple[str, str, str]:  # noqa: PLR0911 - a line for each kind
    match effect:
        case CreateLabel(name=name):
            return "create", "created", f"the label {names.given(name)}"
        case AddLabels(issue=issue, names=labels):
            return "add", "added", f"{enumerated(map(names.given, labels))} to {names.issue(issue)}"
        case CreateTag(tag=tag, commit=commit):
            return "create the tag", "tagged", f"{names.tag(tag)} on {names.commit(commit)}"
        case CreateIssue(title=title, labels=labels):
            return "open", "opened", f"the issue {names.given(title)} with {enumerated(map(names.given, labels))}"
        case WriteBody(issue=issue):
            return "edit", "edited", f"the text of {names.issue(issue)}, which is our own"
        case UpsertComment(issue=issue):
            return "comment", "commented", f"on {names.issue(issue)}{_about(effect, names)}"
        case RetireComment(issue=issue, author=author):
            report = f"the report of {names.plain(author)} on {names.issue(issue)}"
            return "say", "said", f"in {report} that it is no longer kept"
        case CloseIssue(issue=issue):
            return "close", "closed", f"{names.issue(issue)} as completed"
        case ReopenIssue(issue=issue):
            return "reopen", "reopened", names.issue(issue)
        case MarkSealed(issue=issue, again=again):
            return "mark", "marked", f"{names.issue(issue)} as sealed{' again' * again}"
    raise AssertionError(effect)


_OWN_MATTERS = {"seal": "its closing", "lint": "its logbook", "new": "its logbook", "labels": "its labels"}
"""What comments are about that an issue or pull request has one of, by their kind."""


def _about(comment: UpsertComment, names: Names) -> str:
    if comment.kind == "snapshot":
        return f" about {names.snapshot(comment.key)}"
    more = {"wandb": "the W&B runs of ", "update": "the result of "}.get(comment.kind)
    if more:
        return f" about {more}{names.plain(comment.key)}"
    matter = _OWN_MATTERS.get(comment.kind)
    return f" about {matter}" if matter else f" ({comment.kind} {names.plain(comment.key)})"


def told(effect: Effect, came: Came, names: Names | None = None) -> str:
    """Return what is said of an effect, by what came of it."""
    names = names or Names()
    if isinstance(effect, UpsertComment) and came in {Came.UPDATED, Came.UNCHANGED}:
        comment = f"the comment on {names.issue(effect.issue)}{_about(effect, names)}"
        return f"updated {comment}" if came is Came.UPDATED else f"left {comment} as it was"
    before, after = words(effect, names)
    return f"would {before}" if came is Came.PLANNED else after


def written_text(effect: Effect) -> str:
    """Return what people will read where an effect is done: a comment, an issue, a tag's message; else nothing."""
    match effect:
        case CreateLabel(colour=colour, description=description):
            return f"{description} (#{colour})"
        case CreateTag(message=text) | CreateIssue(body=text) | WriteBody(body=text):
            return text
        case UpsertComment(body=text) | RetireComment(body=text):
            return text
    return ""


Plan = tuple[Effect, ...]

# No issue is closed or reopened before its report is posted, and only what is closed is marked as sealed.
_IN_ORDER = (
    CreateLabel,
    CreateTag,
    CreateIssue,
    AddLabels,
    WriteBody,
    UpsertComment,
    RetireComment,
    CloseIssue,
    ReopenIssue,
    MarkSealed,
)

SEALED = "sealed"
"""The label of an issue that was closed out."""


def as_plan(effects: Iterable[Effect]) -> Plan:
    """Return a plan: each effect once, by issue, and what others need first."""

    def place(effect: Effect) -> tuple[int, int, str]:
        return getattr(effect, "issue", 0), _IN_ORDER.index(type(effect)), str(effect)

    return tuple(sorted(dict.fromkeys(effects), key=place))


def plan_json(effects: Plan, *, applied: bool, **about: object) -> str:
    """Return the plan for programs: `{"version": 1, "effects": [{"kind", …}], "applied"}`, and what it is `about`."""
    return json_text({"version": 1, **about, "effects": msgspec.to_builtins(effects), "applied": applied})


@dataclass(frozen=True, slots=True)
class FileRewrite:
    """A file to be written, or to be made where `old` is None."""

    name: str
    """Its path, from the root of the repository."""
    old: str | None
    new: str

    def __str__(self) -> str:
        """Return the effect as a unified diff."""
        old, new = ((text or "").splitlines(keepends=True) for text in (self.old, self.new))
        before = "/dev/null" if self.old is None else f"a/{self.name}"
        return "".join(difflib.unified_diff(old, new, before, f"b/{self.name}"))


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command would do and tell, and its exit code if all of that succeeds."""

    plan: Plan = ()
    notes: tuple[str, ...] = ()
    """Sentences for the user, such as what was left out and why."""
    summary: str = ""
    """For the job summary, Markdown; it may tell of the plan as done."""
    foreseen: str = ""
    """The same where the plan is not carried out, or not all of it; empty where `summary` claims nothing."""
    exit_code: int = 0
    is_check: bool = False
    """Whether the plan only says what is missing, and is not to be applied."""
    listed: Plan = ()
    """What would be done if it were asked for, and is only told."""
    judged: Mapping[int, dt.datetime] = field(default_factory=dict)
    """The issues that the plan was made for, and when each had last changed then: it is not for newer ones."""


class Step(NamedTuple):
    """One of many things that a command does; one that fails stops no other."""

    number: int
    """Of the issue or pull request, in ascending order; 0 for what comes before all of them."""
    decide: Callable[[], CommandResult]
    """Reads, and decides what is to be done."""
    title: str = ""
    """What it is about, unless that is the number."""
    issue: int = 0
    """The issue that it is about, unless that is the number."""
    is_due: Callable[[], bool] = lambda: True
    """Tells without much reading whether there may be anything to do."""
    again: Callable[[], CommandResult] | None = None
    """Reads and decides anew where the issue changed meanwhile, unless `decide` does."""

    @property
    def name(self) -> str:
        """What it is about, for messages."""
        return self.title or f"#{self.number}"


@dataclass(slots=True)
class StepsResult:
    """What came of many steps: what those that come after them have to know."""

    planned: list[Effect] = field(default_factory=list)
    """All that was decided on, done or not."""
    waiting: list[Effect] = field(default_factory=list)
    """What of that is not done yet, for a reason that passes."""
    decided: set[int] = field(default_factory=set)
    """The issues of which it was decided what is to be done."""


def plan_refusal(plan: Plan, held_back: Collection[str]) -> Refusal | None:
    """Return why a plan must not be carried out: an effect would publish what must not be; None where it may.

    Every text of every effect counts. `held_back` are the configuration's regular expressions. The reason names the
    effect and the line, and never the text.
    """
    refusals = (
        text_refusal(str(effect), text, held_back)
        for effect in plan
        for text in _texts(msgspec.structs.astuple(effect))
    )
    return next(filter(None, refusals), None)


def text_refusal(name: str, text: str, held_back: Collection[str]) -> Refusal | None:
    """Return why a text must not be published; `name` says what it is in the reason, unless that is private too."""
    found = next(find_private(text, held_back), None)
    if found is None:
        return None
    shown = "an effect of the plan" if any(find_private(name, held_back)) else name
    return Refusal(
        f"nothing was written: {shown} would publish {found.what}, in line {found.line} of its text",
        "remove it at its source, such as the logbook or the issue; revoke a secret first",
    )


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case tuple() | list():
            for item in value:
                yield from _texts(item)
