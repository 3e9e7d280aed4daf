"""Reading the configuration: `.github/logbook.yml` becomes a `Config`, or every problem in it at once.

The file is YAML 1.2 in which only `true` and `false` are booleans; `yes`, `no`, `on` and `off` are text. Anchors,
aliases, tags and further documents are problems, so what is read is never larger than what was written. The values are
validated with the JSON schema that lies beside this module, written by `scripts/pages.py`.

Importing this takes longer than most runs do, so it is imported only where there is a file to read.
"""

import datetime as dt
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, ScalarEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from research_logbook import patterns, private_text
from research_logbook.config.schema import Config
from research_logbook.errors import ConfigurationError, Refusal, UserError, did_you_mean
from research_logbook.markdown.escape import printable, quoted

MOST_PROBLEMS = 100
"""Problems that are reported at once; a file with more is not a configuration."""
LARGEST = 256 * 1024
"""Bytes of the largest configuration that is read."""
DEEPEST = 10
"""Levels of nesting in the deepest configuration that is read."""

Keys = tuple[str | int, ...]
"""Where a value stands: the keys and indices that lead to it."""
C = TypeVar("C")


class Problem(NamedTuple):
    """What is wrong in a line, and how to fix it."""

    line: int
    why: str
    fix: str


def load(text: str, path: str) -> Config:
    """Return the configuration that `text` holds; an empty one is all defaults.

    `path` names the file in messages. Raises `ConfigurationError`, whose message has a line for every problem.
    """
    return load_as(Config, schema(), text, path)


def load_file(path: Path) -> Config:
    """Return the configuration in a file; raises `UserError` where it cannot be read."""
    try:
        if path.is_symlink():
            raise UserError(f"the configuration {path} is a symbolic link", "put the file itself there")
        with path.open("rb") as file:
            return load_bytes(file.read(LARGEST + 1), str(path))
    except OSError as error:
        raise UserError(
            f"the configuration {path} cannot be read: {error.strerror}", "name a file that exists"
        ) from error


def load_bytes(data: bytes, path: str) -> Config:
    """Return the configuration that the bytes of a file hold, which messages call `path`."""
    if len(data) > LARGEST:
        raise ConfigurationError(f"{path} is over {LARGEST // 1024} KiB", "remove what is not configuration")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8", "save it as UTF-8") from error
    return load(text, path)


@cache
def schema() -> Mapping[str, Any]:
    """Return the JSON schema of the configuration, with the names of all rules and seal checks."""
    made: Mapping[str, Any] = json.loads(Path(__file__).with_name("logbook.schema.json").read_bytes())
    return made


def load_as(kind: type[C], schema: Mapping[str, Any], text: str, path: str) -> C:
    """Return what `text` holds as a `kind`, which `schema` describes; else as for `load`."""
    problems: list[Problem] = []
    document = _Document(problems)
    value = None
    if len(text.encode(errors="replace")) > LARGEST:
        problems.append(Problem(1, f"the file is over {LARGEST // 1024} KiB", "remove what is not configuration"))
    else:
        try:
            root = compose(text, problems, DEEPEST)
            value = None if root is None else document.value(root, ())
        except NotYamlError as error:
            problems.append(error.problem)
    if value is not None:
        problems += islice(document.misfits(value, schema), MOST_PROBLEMS)
    if problems:
        lines = [f"{path}:{line}: {why}; {fix}" for line, why, fix in sorted(problems, key=lambda it: it.line)]
        if len(lines) >= MOST_PROBLEMS:
            lines[MOST_PROBLEMS:] = [f"{path}: there are more problems; correct these first"]
        raise ConfigurationError("\n".join(map(printable, lines)), "docs/configuration.md describes every key")
    return kind() if value is None else msgspec.convert(value, kind)


class NotYamlError(ValueError):
    """A text is not YAML, or is nested too deeply."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"line {problem.line}: {problem.why}")
        self.problem = problem


def compose(text: str, problems: list[Problem] | None = None, deepest: int = 100) -> Node | None:
    """Return the root of a YAML document, every node with its marks; None for an empty one. Raises `NotYamlError`.

    Where `problems` is a list, each alias, anchor and tag is added to it, and none is followed.
    """
    # The reader looks a thousand characters ahead, in a time that grows with the cube of the levels that begin there.
    if run := re.search(rf"(?:[\[{{]\s*){{{deepest + 1}}}", text):
        why, fix = _YAML_ERRORS["maximum depth"]
        raise NotYamlError(Problem(text.count("\n", 0, run.start()) + 1, why.format(deepest), fix))
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = deepest + 1
    if problems is not None:
        yaml.Composer = partial(_PlainComposer, problems)  # type: ignore[assignment]
    try:
        with warnings.catch_warnings(action="ignore"):  # a warning quotes the lines
            root: Node | None = yaml.compose(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        why, fix = next(
            (sentence for words, sentence in _YAML_ERRORS.items() if words in what),
            ("", "correct this line or the one before"),
        )
        raise NotYamlError(Problem(line, why.format(deepest) or f"the file is not YAML: {what[:200]}", fix)) from None
    except Exception:  # noqa: BLE001 - such as for "\UFFFFFFFF", which is no character, and `%YAML 1.111…`, no version
        problem = Problem(yaml.reader.line + 1, "the file is not YAML: invalid escape or version", "correct it")
        raise NotYamlError(problem) from None
    return root


_YAML_ERRORS = {
    "unknown escape": ("", "put it in single quotes, which keep every backslash"),
    r"'\t'": ("", "indent with spaces"),
    "cannot start any token": ("", "put the value in quotes"),
    "special characters": ("", "remove the control character"),
    "mapping values are not allowed": ("", "put the value in quotes if it contains `: `, or correct the indentation"),
    "found another document": ("a second document begins", "keep one and remove the `---` line"),
    "maximum depth": ("the nesting is deeper than {} levels", "no key needs that"),
}
"""For words of the reader's message another message, where there is a better one, and how to fix it."""


class _Unread(ScalarNode):
    """A node whose problem is reported already."""


class _PlainComposer(Composer):
    """Composes what has neither aliases nor anchors nor tags."""

    def __init__(self, problems: list[Problem], loader: Any = None) -> None:
        super().__init__(loader)
        self.problems = problems

    def compose_node(self, parent: Any, index: Any) -> Node:
        """Return the next node; one that is not read where it is an alias or has a tag."""
        event = self.parser.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            self.parser.get_event()
            alias = f"`*{quoted(event.anchor)}` without quotes is a YAML alias"
            self.problems.append(Problem(line, alias, "put the value in quotes"))
            return _Unread(None, "", event.start_mark, event.end_mark)
        if event.anchor:
            anchor = f"`&{quoted(event.anchor)}` without quotes is a YAML anchor"
            self.problems.append(Problem(line, anchor, "remove it, or put the value in quotes"))
        if event.tag:
            tag = quoted(event.tag.replace("tag:yaml.org,2002:", "!!"))
            self.problems.append(Problem(line, f"`{tag}` without quotes is a YAML tag", "put the value in quotes"))
        node: Node = super().compose_node(parent, index)
        is_unread = event.tag and isinstance(event, ScalarEvent)
        return _Unread(None, "", event.start_mark, event.end_mark) if is_unread else node


_NULL = re.compile(r"~|null|Null|NULL|")
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def _plain(text: str) -> Any:
    """Return the value of a scalar without quotes."""
    if _NULL.fullmatch(text):
        return None
    if text in {"true", "false"}:
        return text == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


class _Document:
    """What a file holds as plain values, and where each of them is written."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.lines: dict[Keys, int] = {}
        self.texts: dict[Keys, str] = {}
        """The scalars as they are written, without their quotes."""

    def value(self, node: Node, at: Keys) -> Any:
        """Return the plain value of a node; the node itself where its problem is reported."""
        self.lines.setdefault(at, node.start_mark.line + 1)
        match node:
            case _Unread():
                return node
            case SequenceNode(value=items):
                return [self.value(item, (*at, index)) for index, item in enumerate(items)]
            case MappingNode():
                return self._mapping(node, at)
        assert isinstance(node, ScalarNode)  # noqa: S101 - there are no others
        if not self._is_text(node):
            return _Unread(None, "", node.start_mark, node.end_mark)
        self.texts[at] = node.value
        return node.value if node.style else _plain(node.value)

    def _mapping(self, node: MappingNode, at: Keys) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self.problems.append(Problem(line, "a key is a list or mapping", "write a word"))
            elif isinstance(key, _Unread) or not self._is_text(key):
                continue
            elif key.value in read:
                first = self.lines[*at, key.value]
                self.problems.append(
                    Problem(line, f"`{quoted(key.value)}` is here again after line {first}", "keep one of them")
                )
            else:
                self.lines[*at, key.value] = line
                read[key.value] = self.value(value, (*at, key.value))
        return read

    def _is_text(self, node: ScalarNode) -> bool:
        if any("\ud800" <= character <= "\udfff" for character in node.value):
            line = node.start_mark.line + 1
            self.problems.append(Problem(line, "a value has half a character", "correct its `\\u` escape"))
            return False
        return True

    def misfits(self, value: Any, schema: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield what does not fit the schema: one problem for each value, and one for each key."""
        found: dict[Keys, ValidationError] = {}
        lacking: dict[Keys, list[str]] = {}
        for error in Draft202012Validator(schema, format_checker=_FORMATS).iter_errors(value):
            at = tuple(error.absolute_path)
            if "propertyNames" in error.absolute_schema_path:
                at = (*at, error.instance)
            if error.validator == "additionalProperties":
                yield from self._unknown(error, at)
            elif error.validator == "required":
                lacking[at] = [name for name in error.validator_value if name not in error.instance]
            elif not isinstance(error.instance, Node) and (at not in found or error.validator == "type"):
                found[at] = error
            if len(found) + len(lacking) == MOST_PROBLEMS:
                break
        for at, names in lacking.items():
            yield from (
                Problem(self.lines[at], f"{_subject(at)} has no `{name}`", f"add `{name}: …`") for name in names
            )
        yield from (Problem(self.lines[at], *self._misfit(error, at)) for at, error in found.items())

    def _unknown(self, error: ValidationError, at: Keys) -> Iterator[Problem]:
        known = error.schema["properties"]
        for key in error.instance:
            if key not in known:
                fix = did_you_mean(key, known, otherwise=f"the keys are {_listed(known)}")
                place = f" in {_subject(at)}" if at else ""
                yield Problem(self.lines[*at, key], f"unknown key `{quoted(key)}`{place}", fix)

    def _misfit(self, error: ValidationError, at: Keys) -> tuple[str, str]:
        """Return what is wrong with a value or a key, and how to fix it."""
        value, schema, subject = error.instance, error.schema, _subject(at)
        text = value if isinstance(value, str) else self.texts.get(at, "")
        place = _subject(at[:-1]) if "propertyNames" in error.absolute_schema_path else f"`{_name(at)}`"
        named = f"`{quoted(text)}` in {place}" if text.strip() else subject
        why, _, fix = schema.get("errorMessage", "").partition("; ")
        if value is None:
            return f"{subject} has no value", "add one, or delete the line to use the default"
        if error.validator == "format" and (refused := _REFUSALS[error.validator_value](text)):
            return f"{named} {refused.why}", refused.help
        if why and error.validator != "type":
            known = error.validator_value if error.validator == "enum" else ()
            return f"{named} {why}", did_you_mean(text, known, otherwise=fix)
        fix = f"it must be {takes(schema)}"
        match error.validator, value:
            case "minItems", _:
                return f"{subject} is an empty list", "add an item, or delete the line to use the default"
            case "maxItems", _:
                return f"{subject} has {len(value)} items", f"at most {error.validator_value} are allowed"
            case _, list() | dict():
                what = "a list" if isinstance(value, list) else "a mapping"
            case _, int() | float() if schema.get("type") == "string":
                what = f"{'a boolean' if isinstance(value, bool) else 'a number'}, `{quoted(text)}`"
                fix = "put it in quotes to make it text"
            case _:
                what = f"{'the text ' * (isinstance(value, str) and 'minimum' in schema)}`{quoted(text)}`"
        return f"{subject} is {what}", fix


def _subject(at: Keys) -> str:
    """Name the value at a place, to begin a sentence."""
    if not at:
        return "the file"
    return f"an item of `{_name(at)}`" if isinstance(at[-1], int) else f"`{_name(at)}`"


def _name(at: Keys) -> str:
    return ".".join(quoted(key) for key in at if isinstance(key, str))


def takes(schema: Mapping[str, Any]) -> str:
    """Return what a value must be, by its schema, in words."""
    if "enum" in schema:
        # People read last what switches off.
        *others, last = sorted(schema["enum"], key=lambda value: value in {"never", "off"})
        return f"{', '.join(others)} or {last}" if others else str(last)
    match schema.get("type"):
        case "boolean":
            return "true or false"
        case "integer":
            return f"a whole number from {schema['minimum']} to {schema['maximum']}"
        case "array":
            return "a list, with one item per line after `- `"
        case "object":
            keys = schema.get("properties")
            return f"a mapping with the keys {_listed(keys)}" if keys else "a mapping, with lines of `name: value`"
    return "text"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _day(text: str) -> Refusal | None:
    try:
        dt.date.fromisoformat(text or "2000-01-01")
    except ValueError:
        return Refusal("is not a day", "write it like 2026-05-25")
    return None


_REFUSALS = {"path-pattern": patterns.refusal, "re2": private_text.expression_refusal, "day": _day}
"""What the schema's own words for formats refuse."""


_FORMATS = FormatChecker(formats=())
for _format, _refusal in _REFUSALS.items():
    _FORMATS.checks(_format)(lambda value, refusal=_refusal: not isinstance(value, str) or refusal(value) is None)
