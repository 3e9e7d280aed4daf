"""YAML in which every key and value knows its line, read within bounds.

YAML 1.2: only `true` and `false` are booleans; `yes`, `no`, `on` and `off` are text. Anchors, aliases, tags
and further documents are problems, so what is read is never larger than what was written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from research_logbook.markdown.escape import quoted

if TYPE_CHECKING:
    from ruamel.yaml.error import YAMLError

LARGEST = 256 * 1024
"""Bytes of the longest text that is read."""
DEEPEST = 10
"""Levels of the deepest text that is read."""


class Kind(StrEnum):
    """What a plain value is, in the words of a message."""

    TEXT = "text"
    WHOLE = "a whole number"
    NUMBER = "a number"
    BOOLEAN = "a boolean"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as it is written, without its quotes."""

    line: int
    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values, each key once."""

    line: int
    pairs: "tuple[tuple[Scalar, Node], ...]"


@dataclass(frozen=True, slots=True)
class Unread:
    """A place whose problem is told already."""

    line: int


Node = Scalar | Items | Mapping | Unread


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line, and what to do about it."""

    line: int
    why: str
    help: str


def read(text: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Return what `text` holds with the problems of its YAML.

    None where it holds nothing, and where a problem, the last one, keeps it from being read.
    """
    if len(text.encode(errors="replace")) > LARGEST:
        return None, (Problem(1, f"the file is over {LARGEST // 1024} KiB", "remove what is no configuration"),)
    reader = _Reader(_events(text))
    try:
        return reader.document(), tuple(reader.problems)
    except _StopReading as stop:
        return None, (*reader.problems, stop.problem)


class _StopReading(Exception):  # noqa: N818 - it ends the reading, which may have gone well so far
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.why)
        self.problem = problem


def _events(text: str) -> Iterator[Any]:
    """Yield the events of the YAML; raises `_StopReading` where it stops being YAML."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - a run without a configuration file pays nothing
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - the same

    line = 1
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            line = event.start_mark.line + 1
            yield event
    except YAMLError as error:
        raise _StopReading(_problem_of(error, text)) from None
    except Exception:  # noqa: BLE001 - such as for "\UFFFFFFFF", which is no character, and `%YAML 1.111…`, no version
        problem = Problem(line, "the file is no YAML: an escape or a version after this cannot be", "correct it")
        raise _StopReading(problem) from None


_ADVICE = {
    "unknown escape": "put it in single quotes, which keep every backslash",
    r"'\t'": "indent with spaces",
    "cannot start any token": "put the value in quotes",
    "special characters": "remove the control character",
    "mapping values are not allowed": "put the value in quotes if it holds `: `, else correct the indent",
}


def _problem_of(error: "YAMLError", text: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    advice = next((advice for words, advice in _ADVICE.items() if words in what), "correct this line or the one before")
    return Problem(line, f"the file is no YAML: {what[:200]}", advice)


@dataclass(slots=True)
class _Reader:
    events: Iterator[Any]
    problems: list[Problem] = field(default_factory=list)

    def document(self) -> Node | None:
        root = None
        for event in self.events:
            match _name(event):
                case "DocumentStart" if root is not None:
                    self._note(event, "a second document begins", "keep one and remove the `---` line")
                    return root
                case "Alias" | "Scalar" | "SequenceStart" | "MappingStart":
                    root = self._node(event, 0)
        return None if isinstance(root, Scalar) and root.kind is Kind.EMPTY else root

    def _node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        if depth > DEEPEST:
            problem = Problem(line, f"the nesting is deeper than {DEEPEST} levels", "no key needs that")
            raise _StopReading(problem)
        self._refuse(event)
        match _name(event):
            case "SequenceStart":
                return Items(line, tuple(self._children(depth)))
            case "MappingStart":
                return Mapping(line, tuple(self._pairs(depth)))
            case "Scalar" if not event.tag:
                return self._scalar(event, line)
        return Unread(line)

    def _refuse(self, event: Any) -> None:
        if _name(event) == "Alias":
            self._note(
                event,
                f"`*{quoted(event.anchor)}` without quotes is an alias of YAML",
                "put the value in quotes",
            )
            return
        if event.anchor:
            self._note(
                event,
                f"`&{quoted(event.anchor)}` without quotes is an anchor of YAML",
                "remove it or use quotes",
            )
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._note(event, f"`{quoted(tag)}` without quotes is a tag of YAML", "put the value in quotes")

    def _children(self, depth: int) -> Iterator[Node]:
        for event in self.events:
            if _name(event) in {"SequenceEnd", "MappingEnd"}:
                return
            yield self._node(event, depth + 1)

    def _pairs(self, depth: int) -> Iterator[tuple[Scalar, Node]]:
        children = self._children(depth)
        first: dict[str, int] = {}
        for key, value in zip(children, children, strict=True):
            if not isinstance(key, Scalar):
                self._key_is_no_word(key)
            elif key.text in first:
                again = f"`{quoted(key.text)}` is here again after line {first[key.text]}"
                self.problems.append(Problem(key.line, again, "keep one of them"))
            else:
                first[key.text] = key.line
                yield key, value

    def _key_is_no_word(self, key: Node) -> None:
        if not isinstance(key, Unread):
            self.problems.append(Problem(key.line, "a list or mapping stands for a key", "write a word"))

    def _scalar(self, event: Any, line: int) -> Node:
        if any("\ud800" <= character <= "\udfff" for character in event.value):
            self._note(event, "a value holds half a character", "correct its `\\u` escape")
            return Unread(line)
        return Scalar(line, event.value, _kind(event.value) if event.implicit[0] else Kind.TEXT)

    def _note(self, event: Any, why: str, help: str) -> None:  # noqa: A002 - the word that users read
        self.problems.append(Problem(event.start_mark.line + 1, why, help))


def _name(event: object) -> str:
    return type(event).__name__.removesuffix("Event")


_KINDS = {
    Kind.EMPTY: re.compile(r"~|null|Null|NULL|"),
    Kind.BOOLEAN: re.compile(r"true|false"),
    Kind.WHOLE: re.compile(r"[-+]?[0-9]{1,15}"),
    Kind.NUMBER: re.compile(
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
    ),
}


def _kind(plain: str) -> Kind:
    return next((kind for kind, written in _KINDS.items() if written.fullmatch(plain)), Kind.TEXT)
