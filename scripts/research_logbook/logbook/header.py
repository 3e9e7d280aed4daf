"""What a logbook says of itself near its top: front matter, and ``Key: value`` lines."""

import re
import warnings
from collections.abc import Iterable, Sequence

from research_logbook.logbook import experiment_ids, vocabulary
from research_logbook.logbook.fields import SourceText, facts_of
from research_logbook.logbook.model import Field, FrontMatter, Header, Reference, Section, Span
from research_logbook.logbook.queries import is_none, is_pending
from research_logbook.markdown.tree import Block, BlockKind

_KEYS = {
    "issue": "issue, issues, github issue, coordinating issue, coordinating issue pr, linked issue, experiment issue, "
    "tracking issue, coordination issue, github, coordinating issues",
    "parent-issue": "parent issue",
    "branch": "branch, research branch, git branch, working branch",
    "prefix": "experiment id prefix, experiment prefix, series id, id prefix, prefix, experiment ids, series, "
    "experiment id, experiment series, experiment id series",
    "tags": "tags, shared tags, w b tags, wandb tags, w b shared tags",
    "parent": "parent logbook, parent, continues, continued from, supersedes",
    "topic": "topic",
}
_NAMES = {vocabulary.slug(alias): key for key, aliases in _KEYS.items() for alias in aliases.split(", ")}
_SECTIONS = frozenset({"scope", "links", "metadata", "header", "setup", "coordination", "identification", "kickoff"})


def facts_in(
    preamble: Sequence[Block], sections: Iterable[Section], front_matter: FrontMatter | None, source: SourceText
) -> dict[str, Field]:
    """Return the header's facts by canonical name: the first that says something, front matter before all."""
    facts: dict[str, Field] = {}
    for field in [
        *facts_of_front_matter(front_matter),
        *facts_of(preamble, source),
        *(fact for section in sections if section.name in _SECTIONS for fact in facts_of(section.blocks, source)),
    ]:
        key = _NAMES.get(vocabulary.slug(field.name))
        if (
            key
            and key not in facts
            and not (is_none(field.text) or is_pending(field.text) or vocabulary.slug(field.text[:20]) == "unknown")
        ):
            facts[key] = field
    return facts


def header_of(facts: dict[str, Field]) -> Header:
    """Return the header from its facts."""
    issue, branch, prefix = facts.get("issue") or facts.get("parent-issue"), facts.get("branch"), facts.get("prefix")
    tags, parent, topic = facts.get("tags"), facts.get("parent"), facts.get("topic")
    named = _prefix(prefix.text) if prefix else ""
    return Header(
        issue=_reference(issue) if issue else None,
        issue_span=issue.span if issue else None,
        branch=_branch(branch) if branch else "",
        branch_span=branch.span if branch else None,
        prefix=named,
        prefix_span=prefix.span if prefix and named else None,
        tags=tuple(_tags(tags.text)) if tags else (),
        parent=parent.text if parent else "",
        topic=topic.text.strip() if topic else "",
        topic_span=topic.span if topic else None,
    )


_URLS = [
    re.compile(rf"https?://([^/\s]{{1,255}})/([\w.-]{{1,100}}/[\w.-]{{1,100}})/{kind}/(\d{{1,9}})(?!\d)")
    for kind in ("issues", "pull")
]
_SHORT = re.compile(r"(?<![\w/.-])(?:([\w.-]{1,100}/[\w.-]{1,100}))?#(\d{1,9})\b")
_NUMBER = re.compile(r"(\d{1,9})\s*(?=[(,;]|$)")
_LONGEST = 2_000
"""Characters of a fact in which its value stands."""


def _reference(field: Field) -> Reference:
    # A link's target says more than its text, so the value as written is read first.
    written = reference(field.value)
    return written if written.host else reference(field.text)


def reference(text: str) -> Reference:
    """Return the issue that `text` names: a URL, ``#N``, ``owner/repo#N``, a number, or words for another tracker."""
    written = text.strip()[:_LONGEST]
    for url in _URLS:
        if match := url.search(written):
            return Reference(match[0], int(match[3]), match[2], match[1])
    if match := _SHORT.search(written):
        return Reference(match[0], int(match[2]), match[1])
    if match := _NUMBER.match(written):
        return Reference(match[1], int(match[1]))
    return Reference(written)


def _branch(field: Field) -> str:
    """Return the branch's name: the first word, without what is said about it; of a link to it its end."""
    name = re.split(r"[\s,;(]", field.text.strip()[:_LONGEST].strip("`'\""), maxsplit=1)[0].strip("`'\"")
    return name.partition("/tree/")[2] if name.startswith(("https://", "http://")) else name


def _prefix(text: str) -> str:
    """Return the prefix: the first word, without a number that stands for the series' first ID."""
    name = re.split(r"[\s,;(]", text.strip()[:_LONGEST], maxsplit=1)[0].strip("`'\".*:").rstrip("-")
    name = re.sub(r"-(?:\d{2,5}|[NXnx#*]{1,5}|<[^<>]*>|\{[^{}]*\})$", "", name)
    return name if len(name) < 40 and experiment_ids.PREFIX.match(name) else ""


def _tags(text: str) -> list[str]:
    return [tag for part in re.split(r"[,;\s]+", text[:_LONGEST]) if (tag := part.strip("`'\"[]()."))]


_LONGEST_FRONT_MATTER = 16_384
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
    if len(body) > _LONGEST_FRONT_MATTER:
        return FrontMatter(span, body, problem=f"the front matter is over {_LONGEST_FRONT_MATTER // 1024} KiB")
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
