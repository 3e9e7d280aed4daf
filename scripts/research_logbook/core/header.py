"""What a logbook says of itself near its top: front matter, and ``Key: value`` lines."""

import re
from collections.abc import Iterable, Sequence

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from research_logbook.core import ids, words
from research_logbook.core.fields import Source, facts_of
from research_logbook.core.markdown import Block, Kind
from research_logbook.core.model import Field, FrontMatter, Header, Reference, Section, Span

_LONGEST = 65_536
"""Bytes of front matter that are read; it holds four short values."""

_KEYS = {
    "issue": "issue, issues, github issue, coordinating issue, coordinating issue pr, linked issue, experiment issue, "
    "tracking issue, coordination issue, github, coordinating issues, parent issue",
    "branch": "branch, research branch, git branch, working branch",
    "prefix": "experiment id prefix, experiment prefix, series id, id prefix, prefix, experiment ids, series, "
    "experiment id, experiment series, experiment id series",
    "tags": "tags, shared tags, w b tags, wandb tags, w b shared tags",
    "parent": "parent logbook, parent, continues, continued from, supersedes",
    "topic": "topic",
}
_NAMES = {words.slug(alias): key for key, aliases in _KEYS.items() for alias in aliases.split(", ")}


def front_matter_of(blocks: Sequence[Block], source: Source) -> FrontMatter | None:
    """Return the front matter, read or with what keeps it from being read; None where there is none."""
    if not blocks or blocks[0].kind != Kind.FRONT_MATTER:
        if source.lines and source.lines[0].rstrip() == "---" and any(":" in line for line in source.lines[1:3]):
            span = Span(source.path, 1, 1)
            return FrontMatter(span, "", problem="the front matter has no closing `---` line", problem_line=1)
        return None
    raw = blocks[0].literal
    count = raw.rstrip("\n").count("\n") + 1
    span = Span(source.path, 1, count)
    body = "\n".join(raw.split("\n")[1 : count - 1])
    return _read(span, body)


def _read(span: Span, body: str) -> FrontMatter:
    if len(body) > _LONGEST:
        return FrontMatter(span, body, problem=f"the front matter is over {_LONGEST // 1024} KiB", problem_line=1)
    try:
        values = YAML(typ="safe", pure=True).load(body)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        what = getattr(error, "problem", None) or "it cannot be read"
        return FrontMatter(span, body, problem=f"the front matter is no YAML: {what}", problem_line=line)
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        return FrontMatter(span, body, problem=f"the front matter is no YAML: {error}", problem_line=1)
    if values is None:
        return FrontMatter(span, body)
    if not isinstance(values, dict):
        return FrontMatter(span, body, problem="the front matter is no list of `key: value` lines", problem_line=2)
    return FrontMatter(span, body, {str(key): value for key, value in values.items()})


def facts_in(
    preamble: Sequence[Block], sections: Iterable[Section], front_matter: FrontMatter | None, source: Source
) -> dict[str, list[Field]]:
    """Return the header's facts by canonical name, front matter first."""
    facts: dict[str, list[Field]] = {}
    for field in [
        *_of_front_matter(front_matter),
        *facts_of(preamble, source),
        *(fact for section in sections if section.name in _SECTIONS for fact in facts_of(section.blocks, source)),
    ]:
        key = _NAMES.get(words.slug(re.sub(r"\([^)]*\)", " ", field.name)))
        if key and field.text.strip():
            facts.setdefault(key, []).append(field)
    return facts


_SECTIONS = frozenset({"scope", "links", "metadata", "header", "setup", "coordination", "identification", "kickoff"})


def _of_front_matter(front: FrontMatter | None) -> list[Field]:
    if not front:
        return []
    lines = front.raw.split("\n")
    return [
        Field(_line_of(front, lines, key), key, words.slug(key), text, text, is_pending=False)
        for key, value in front.values.items()
        if (text := _text(value))
    ]


_MOST_ITEMS = 20


def _text(value: object) -> str:
    """Return a value as text, a list by commas; nothing for what is nested, which YAML aliases can blow up."""
    if isinstance(value, list):
        return ", ".join(text for item in value[:_MOST_ITEMS] if not isinstance(item, list) and (text := _text(item)))
    if value is None or isinstance(value, dict | set):
        return ""
    try:
        return str(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits.
        return ""


def _line_of(front: FrontMatter, lines: Sequence[str], key: str) -> Span:
    line = next((i for i, line in enumerate(lines) if re.match(rf"['\"]?{re.escape(key)}['\"]?\s*:", line)), 0)
    return Span(front.span.path, line + 2, line + 2)


def header_of(facts: dict[str, list[Field]]) -> Header:
    """Return the header from its facts."""
    issue, branch, prefix, topic = (_first(facts, key) for key in ("issue", "branch", "prefix", "topic"))
    tags = _first(facts, "tags")
    named = _prefix(prefix.text) if prefix else ""
    return Header(
        issue=_reference(issue) if issue else None,
        issue_span=issue.span if issue else None,
        branch=_branch(branch.text) if branch else "",
        branch_span=branch.span if branch else None,
        prefix=named,
        prefix_span=prefix.span if prefix and named else None,
        tags=tuple(_tags(tags.text)) if tags else (),
        parent=parent.text if (parent := _first(facts, "parent")) else "",
        topic=topic.text.strip() if topic else "",
        topic_span=topic.span if topic else None,
    )


def _first(facts: dict[str, list[Field]], key: str) -> Field | None:
    return next(iter(facts.get(key, ())), None)


_URL = re.compile(r"https?://([^/\s]+)/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)")
_SHORT = re.compile(r"(?<![\w/])(?:([\w.-]+/[\w.-]+))?#(\d+)\b")


def _reference(field: Field) -> Reference:
    # A link's target says more than its text, so the value as written is read first.
    return reference(field.value) if _URL.search(field.value) else reference(field.text)


def reference(text: str) -> Reference:
    """Return the issue that `text` names: a URL, ``#N``, ``owner/repo#N``, a number, or words for another tracker."""
    written = text.strip()
    if match := _URL.search(written):
        return Reference(match[0], int(match[3]), match[2], match[1])
    if match := _SHORT.search(written):
        return Reference(match[0], int(match[2]), match[1])
    return Reference(written, int(written)) if written.isdecimal() and len(written) < 10 else Reference(written)


def _branch(text: str) -> str:
    """Return the branch's name: the first word, without what is said about it."""
    name = re.split(r"[\s,;(]", text.strip().strip("`'\""))[0]
    return name.strip("`'\"")


def _prefix(text: str) -> str:
    """Return the prefix: the first word, without a number that stands for the series' first ID."""
    name = re.split(r"[\s,;(]", text.strip())[0].strip("`'\".*:").rstrip("-")
    name = re.sub(r"-(?:\d{2,}|[NX#*]+|<.*>|\{.*\})$", "", name)
    return name if ids.PREFIX.match(name) else ""


def _tags(text: str) -> list[str]:
    return [tag for part in re.split(r"[,;\s]+", text) if (tag := part.strip("`'\"[]()."))]
