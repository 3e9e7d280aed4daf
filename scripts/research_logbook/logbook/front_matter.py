"""Front matter: the YAML between two ``---`` lines with which a logbook may begin."""

import re
import warnings
from collections.abc import Sequence

from research_logbook.logbook import vocabulary
from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.model import Field, FrontMatter, Span
from research_logbook.markdown.tree import Block, BlockKind

_LONGEST = 16_384
"""Characters of front matter that are read; it holds four short values."""


def front_matter_of(blocks: Sequence[Block], source: SourceText) -> FrontMatter | None:
    """Return the front matter, read or with what keeps it from being read; None where there is none."""
    if not blocks or blocks[0].kind is not BlockKind.FRONT_MATTER:
        if source.lines[0].rstrip() == "---" and any(":" in line for line in source.lines[1:3]):
            problem = "the front matter has no closing `---` line"
            return FrontMatter(Span(source.path, 1, 1), "", problem=problem)
        return None
    lines = blocks[0].literal.rstrip("\n").split("\n")
    return _read(Span(source.path, 1, len(lines)), "\n".join(lines[1:-1]))


def _read(span: Span, body: str) -> FrontMatter:
    if len(body) > _LONGEST:
        return FrontMatter(span, body, problem=f"the front matter is over {_LONGEST // 1024} KiB")
    plain = _plain(body)
    return FrontMatter(span, body, plain) if plain else _read_yaml(span, body)


def _read_yaml(span: Span, body: str) -> FrontMatter:
    from ruamel.yaml import YAML  # noqa: PLC0415 - takes longer to load than most runs take
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - the same

    try:
        with warnings.catch_warnings(action="ignore"):  # a warning quotes the lines, and is no finding
            values = YAML(typ="safe", pure=True).load(body)
        if values is None or isinstance(values, dict):
            return FrontMatter(span, body, {str(key): value for key, value in (values or {}).items()})
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return _unread(span, body, getattr(error, "problem", None) or "it cannot be read", mark.line + 2 if mark else 1)
    except RecursionError:
        return _unread(span, body, "it is nested too deep", 1)
    except Exception as error:  # noqa: BLE001 - the reader raises anything for a value that is not what its tag says
        return _unread(span, body, str(error).partition(";")[0] or "a value is not what its tag says", 1)
    return FrontMatter(span, body, problem="the front matter is no list of `key: value` lines", problem_line=2)


def _unread(span: Span, body: str, why: str, line: int) -> FrontMatter:
    problem = f"the front matter is no YAML: {' '.join(why.split())[:120]}"
    return FrontMatter(span, body, problem=problem, problem_line=min(line, span.end_line))


_PLAIN = re.compile(
    r"(?P<key>[A-Za-z][\w-]{0,60}):"
    r"(?: +(?:(?P<number>[1-9]\d{0,14})|(?P<text>(?:\d{1,9}-)?[A-Za-z](?!.*(?: #|:(?: |$))).*(?<! ))))? *"
)
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def _plain(body: str) -> dict[str, object] | None:
    """Return the values of front matter that is as plain as nearly all of it is; None where YAML has to be read.

    Reading YAML takes longer than all the rest of a logbook.
    """
    values: dict[str, object] = {}
    for line in body.split("\n"):
        match = _PLAIN.fullmatch(line) if line.isprintable() else None
        if not match or match["key"] in values or _WORDS_OF_YAML & {str(part).lower() for part in match.groups()}:
            return None
        values[match["key"]] = int(match["number"]) if match["number"] else match["text"]
    return values


def facts_of_front_matter(front: FrontMatter | None) -> list[Field]:
    """Return the values of front matter as fields, each on its line."""
    if not front:
        return []
    lines = {line.partition(":")[0].strip(" '\""): number for number, line in enumerate(front.raw.split("\n"), 2)}
    return [
        Field(Span(front.span.path, line, line), key, vocabulary.slug(key), text, text, is_pending=False)
        for key, value in front.values.items()
        if (text := _text(value)) and (line := lines.get(key, 2))
    ]


_MOST_ITEMS = 20


def _text(value: object) -> str:
    """Return a value as text, a list's items after commas; nothing for what is nested, which aliases can blow up."""
    if isinstance(value, list):
        return ", ".join(text for item in value[:_MOST_ITEMS] if not isinstance(item, list) and (text := _text(item)))
    if value is None or isinstance(value, dict | set):
        return ""
    try:
        return str(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits.
        return ""
