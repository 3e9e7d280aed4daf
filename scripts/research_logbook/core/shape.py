"""A tree of YAML held against the shape that a msgspec type describes: all its problems, in words.

Types that carry `msgspec.Meta(extra={"is": NAME})` are also held against the check of that name.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Table
from typing import NamedTuple

from msgspec import inspect

from research_logbook.core.placed import Items, Kind, Mapping, Node, Problem, Scalar, Unread
from research_logbook.core.refusal import Refusal

Check = Callable[[Node], Refusal | None]
"""Says why a value is refused; None when it is not."""

_LONGEST_SHOWN = 60


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
        return Place(key.line, f"{self.name}.{shown(key.text)}".lstrip("."))


def shown(text: str) -> str:
    """Return text from outside in one short line, without characters that hide or move others."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:_LONGEST_SHOWN])
    return line.replace("`", "'") + "…" * (len(text) > _LONGEST_SHOWN)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the name that was probably meant; empty where none is near."""
    written = name[:_LONGEST_SHOWN].casefold().replace("_", "-").replace(" ", "-")
    return next(iter(difflib.get_close_matches(written, sorted(known), 1)), "")


def problems(node: Node, kind: inspect.Type, checks: Table[str, Check], at: Place | None = None) -> Iterator[Problem]:
    """Yield every problem of `node`, in the order of the text."""
    at = at or Place(node.line)
    if isinstance(node, Unread):
        return
    match kind, node:
        case inspect.Metadata(type=inner, extra=extra), _:
            yield from _extra(node, inner, checks, at, checks[(extra or {})["is"]])
        case inspect.StructType(), Mapping():
            yield from _struct(node, kind, checks, at)
        case inspect.DictType(), Mapping():
            yield from _dict(node, kind, checks, at)
        case inspect.VarTupleType(item_type=item), Items(items=items):
            yield from _length(at, len(items), kind)
            for each in items:
                yield from problems(each, item, checks, Place(each.line, at.name, is_item=True))
        case _, Scalar() if _fits(node, kind):
            return
        case _:
            yield Problem(at.line, f"{at} is {_described(node, kind)}", f"it takes {wanted(kind)}")


def _extra(
    node: Node, kind: inspect.Type, checks: Table[str, Check], at: Place, check: Check
) -> Iterator[Problem]:
    found = list(problems(node, kind, checks, at))
    yield from found
    refusal = None if found else check(node)
    if refusal:
        named = f"`{shown(node.text)}` in `{at.name}`" if isinstance(node, Scalar) and node.text else str(at)
        yield Problem(at.line, f"{named} {refusal.why}", refusal.help)


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
            yield Problem(node.line, f"{at} has no `{name}`", f"add `{name}:` with its value")


def _unknown(key: Scalar, known: Iterable[str], at: Place) -> Problem:
    meant = nearest(key.text, known)
    keys = ", ".join(f"`{name}`" for name in known)
    return Problem(
        key.line,
        f"`{shown(key.text)}` is no key of {at}",
        f"did you mean `{meant}`?" if meant else f"its keys are {keys}",
    )


def _dict(node: Mapping, kind: inspect.DictType, checks: Table[str, Check], at: Place) -> Iterator[Problem]:
    for key, value in node.pairs:
        word = Scalar(key.line, key.text, Kind.TEXT)
        yield from problems(word, kind.key_type, checks, Place(key.line, at.name))
        yield from problems(value, kind.value_type, checks, at.key(key))


def _length(at: Place, count: int, kind: inspect.VarTupleType) -> Iterator[Problem]:
    if kind.max_length is not None and count > kind.max_length:
        yield Problem(at.line, f"{at} has {count} items", f"it takes {kind.max_length} at most")
    if kind.min_length is not None and count < kind.min_length:
        yield Problem(at.line, f"{at} is an empty list", "add an item, or delete the line for the default")


def _fits(node: Scalar, kind: inspect.Type) -> bool:
    match kind:
        case inspect.LiteralType(values=values):
            return node.kind is Kind.TEXT and node.text in values
        case inspect.IntType(ge=least, le=most):
            return node.kind is Kind.WHOLE and (least or 0) <= int(node.text) <= (most or int(node.text))
        case inspect.StrType(max_length=longest):
            return node.kind is Kind.TEXT and len(node.text) <= (longest or len(node.text))
    return False


def _described(node: Node, kind: inspect.Type) -> str:
    match node:
        case Items():
            return "a list"
        case Mapping():
            return "a mapping"
        case Scalar(kind=Kind.EMPTY):
            return "empty"
        case Scalar(kind=Kind.TEXT) if isinstance(kind, inspect.IntType):
            return f"the text `{shown(node.text)}`"
        case Scalar(kind=Kind.TEXT) if isinstance(kind, inspect.StrType):
            return f"{len(node.text)} characters long"
        case Scalar():
            return f"`{shown(node.text)}`"
    raise TypeError(node)


def wanted(kind: inspect.Type) -> str:
    """Return what a key of this type takes, in words to follow "it takes"."""
    match kind:
        case inspect.Metadata(type=inner):
            return wanted(inner)
        case inspect.LiteralType(values=values):
            *others, last = map(str, values)
            return f"{', '.join(others)} or {last}" if others else last
        case inspect.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case inspect.StrType(max_length=longest):
            return f"text of at most {longest} characters" if longest else "text, in quotes where it reads as something else"
        case inspect.VarTupleType(item_type=item):
            return f"a list"
        case inspect.DictType():
            return "names with values"
        case inspect.StructType(fields=fields):
            return "the keys " + ", ".join(f"`{field.encode_name}`" for field in fields)
    raise TypeError(kind)
