"""A tree of YAML held against the shape that a msgspec type describes: all its problems, in words.

Types that carry `msgspec.Meta(extra={"is": NAME})` are also held against the check of that name.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Table
from typing import NamedTuple

from msgspec import inspect

from research_logbook.config.placed import Items, Kind, Mapping, Node, Problem, Scalar, Unread
from research_logbook.errors import Refusal
from research_logbook.markdown.escape import LONGEST_QUOTE, quoted

Check = Callable[[Node], Refusal | None]
"""Says why a value is refused; None when it is not."""


class Place(NamedTuple):
    """Where a value stands: `name` is its keys with dots, empty for the whole file."""

    line: int
    name: str = ""
    is_item: bool = False

    def __str__(self) -> str:
        """Name the value as the subject of a sentence."""
        if not self.name:
            return "the file"
        return f"an item of `{self.name}`" if self.is_item else f"`{self.name}`"

    def key(self, key: Scalar) -> "Place":
        """Return the place of the value of a key."""
        return Place(key.line, f"{self.name}.{quoted(key.text)}".lstrip("."))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the name that was probably meant; empty where none is near."""
    written = name[:LONGEST_QUOTE].casefold().replace("_", "-").replace(" ", "-")
    return next(iter(difflib.get_close_matches(written, sorted(known), 1)), "")


def problems(node: Node, kind: inspect.Type, checks: Table[str, Check], at: Place | None = None) -> Iterator[Problem]:
    """Yield every problem of `node`, in the order of the text."""
    at = at or Place(node.line)
    if isinstance(node, Unread):
        return
    match kind, node:
        case inspect.Metadata(), _:
            yield from _checked(node, kind, checks, at)
        case inspect.StructType(), Mapping():
            yield from _struct(node, kind, checks, at)
        case inspect.DictType(), Mapping():
            yield from _dict(node, kind, checks, at)
        case inspect.VarTupleType(), Items():
            yield from _items(node, kind, checks, at)
        case _, Scalar() if _fits(node, kind):
            return
        case _:
            yield _misfit(node, kind, at)


def _checked(node: Node, kind: inspect.Metadata, checks: Table[str, Check], at: Place) -> Iterator[Problem]:
    found = list(problems(node, kind.type, checks, at))
    yield from found
    refusal = None if found else checks[(kind.extra or {})["is"]](node)
    if refusal:
        yield Problem(at.line, f"{_named(node, at)} {refusal.why}", refusal.help)


def _named(node: Node, at: Place) -> str:
    if isinstance(node, Scalar) and node.text.strip():
        return f"`{quoted(node.text)}` in `{at.name}`"
    return str(at)


def _struct(node: Mapping, kind: inspect.StructType, checks: Table[str, Check], at: Place) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in kind.fields}
    for key, value in node.pairs:
        if key.text in fields:
            yield from problems(value, fields[key.text].type, checks, at.key(key))
        else:
            yield _unknown(key, fields, at)
    written = {key.text for key, _ in node.pairs}
    for name, field in fields.items():
        if field.required and name not in written:
            yield Problem(node.line, f"{at} has no `{name}`", f"add `{name}: …`")


def _unknown(key: Scalar, known: Iterable[str], at: Place) -> Problem:
    meant = nearest(key.text, known)
    advice = f"did you mean `{meant}`?" if meant else f"its keys are {_listed(known)}"
    return Problem(key.line, f"`{quoted(key.text)}` is no key of {at}", advice)


def _dict(node: Mapping, kind: inspect.DictType, checks: Table[str, Check], at: Place) -> Iterator[Problem]:
    for key, value in node.pairs:
        word = Scalar(key.line, key.text, Kind.TEXT)
        yield from problems(word, kind.key_type, checks, Place(key.line, at.name))
        yield from problems(value, kind.value_type, checks, at.key(key))


def _items(node: Items, kind: inspect.VarTupleType, checks: Table[str, Check], at: Place) -> Iterator[Problem]:
    count = len(node.items)
    if kind.max_length is not None and count > kind.max_length:
        yield Problem(at.line, f"{at} has {count} items", f"it takes {kind.max_length} at most")
    elif kind.min_length is not None and count < kind.min_length:
        yield Problem(at.line, f"{at} is an empty list", "add an item, or delete the line for the default")
    else:
        for item in node.items:
            yield from problems(item, kind.item_type, checks, Place(item.line, at.name, is_item=True))


def _fits(node: Scalar, kind: inspect.Type) -> bool:
    match kind:
        case inspect.LiteralType(values=values):
            return node.kind is Kind.TEXT and node.text in values
        case inspect.IntType(ge=least, le=most) if least is not None and most is not None:
            return node.kind is Kind.WHOLE and least <= int(node.text) <= most
        case inspect.StrType():
            return node.kind is Kind.TEXT
    return False


def _misfit(node: Node, kind: inspect.Type, at: Place) -> Problem:
    match node:
        case Scalar(kind=Kind.EMPTY):
            return Problem(at.line, f"{at} has no value", "give it one, or delete the line for the default")
        case Scalar(kind=written) if written is not Kind.TEXT and isinstance(kind, inspect.StrType):
            return Problem(at.line, f"{at} is {written} `{quoted(node.text)}`", "put it in quotes to make it text")
        case Scalar(kind=Kind.TEXT) if isinstance(kind, inspect.IntType):
            what = f"the text `{quoted(node.text)}`"
        case Scalar():
            what = f"`{quoted(node.text)}`"
        case _:
            what = "a list" if isinstance(node, Items) else "a mapping"
    return Problem(at.line, f"{at} is {what}", f"it takes {wanted(kind)}")


def wanted(kind: inspect.Type) -> str:
    """Return what a value of this type is, in words to follow "it takes"."""
    match kind:
        case inspect.LiteralType(values=values):
            *others, last = sorted(map(str, values), key=_switches_off)
            return f"{', '.join(others)} or {last}" if others else last
        case inspect.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case inspect.StrType():
            return "text"
        case inspect.VarTupleType():
            return "a list, an item a line after `- `"
        case inspect.DictType():
            return "lines of `name: value`"
        case inspect.StructType(fields=fields):
            return f"the keys {_listed(field.encode_name for field in fields)}"
    raise TypeError(kind)


def _switches_off(value: str) -> bool:
    """Return whether a value is one of those that people read last."""
    return value in {"never", "off"}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
