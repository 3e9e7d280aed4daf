"""What a logbook says of itself near its top: YAML front matter between two ``---`` lines, and ``Key: value`` lines."""

import re
import warnings
from collections.abc import Sequence
from itertools import takewhile

from research_logbook.logbook import experiment_ids, vocabulary
from research_logbook.logbook.fields import SourceText, facts_of
from research_logbook.logbook.model import Field, FrontMatter, Header, Reference, Section, Span
from research_logbook.logbook.queries import is_none, is_pending
from research_logbook.markdown.tree import Block, BlockKind

_LONGEST = 2_000
"""Characters of a fact in which its value is looked for."""


def header_of(
    blocks: Sequence[Block], sections: Sequence[Section], front: FrontMatter | None, source: SourceText
) -> Header:
    """Return the header: of each fact the first that says something, front matter before all.

    Other facts stand before the first heading, right below the title, and in sections such as "Setup".
    """
    before = takewhile(lambda block: block.kind is not BlockKind.HEADING, blocks)
    title = sections[0].blocks if sections and sections[0].level == 1 else ()
    facts: dict[str, Field] = {}
    for field in [
        *(_front_matter_fields(front) if front else ()),
        *facts_of((*before, *title), source),
        *(
            fact
            for section in sections
            if section.name in vocabulary.HEADER_SECTIONS
            for fact in facts_of(section.blocks, source)
        ),
    ]:
        key, text = vocabulary.HEADER_FACTS.get(vocabulary.slug(field.name)), field.text
        if key and not (is_none(text) or is_pending(text) or vocabulary.slug(text[:20]) == "unknown"):
            facts.setdefault(key, field)
    issue, branch, prefix = facts.get("issue") or facts.get("parent-issue"), facts.get("branch"), facts.get("prefix")
    tags, parent, topic = facts.get("tags"), facts.get("parent"), facts.get("topic")
    # A link's target says more than its text, so the value as written is read first.
    readings = [reference(text) for text in (issue.value, issue.text)] if issue else []
    prefix_name = _prefix(prefix.text) if prefix else ""
    tag_names = re.split(r"[,;\s]+", tags.text[:_LONGEST]) if tags else ()
    return Header(
        issue=next((one for one in readings if one.host), readings[-1]) if readings else None,
        branch=_branch(branch.text) if branch else "",
        branch_span=branch.span if branch else None,
        prefix=prefix_name,
        prefix_span=prefix.span if prefix and prefix_name else None,
        tags=tuple(tag for name in tag_names if (tag := name.strip("`'\"[]()."))),
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


def _branch(text: str) -> str:
    """Return the branch's name: the first word, without what is said about it; of a link to a branch its end."""
    name = re.split(r"[\s,;(]", text.strip()[:_LONGEST].strip("`'\""), maxsplit=1)[0].strip("`'\"")
    return name.partition("/tree/")[2] if name.startswith(("https://", "http://")) else name


def _prefix(text: str) -> str:
    """Return the prefix: the first word, without a number that stands for the series' first ID."""
    name = re.split(r"[\s,;(]", text.strip()[:_LONGEST], maxsplit=1)[0].strip("`'\".*:").rstrip("-")
    name = re.sub(r"-(?:\d{2,5}|[NXnx#*]{1,5}|<[^<>]*>|\{[^{}]*\})$", "", name)
    return name if len(name) < 40 and experiment_ids.PREFIX.match(name) else ""


# Front matter


_LONGEST_FRONT_MATTER = 16_384
"""Characters of front matter that are read; it holds four short values."""


def front_matter_of(blocks: Sequence[Block], source: SourceText) -> FrontMatter | None:
    """Return the front matter, with its values or with the problem that keeps it from being read; None without one."""
    if not blocks or blocks[0].kind is not BlockKind.FRONT_MATTER:
        if source.lines[0].rstrip() == "---" and any(":" in line for line in source.lines[1:3]):
            problem = "the front matter has no closing `---` line"
            return FrontMatter(Span(source.path, 1, 1), "", problem=problem)
        return None
    lines = blocks[0].literal.rstrip("\n").split("\n")
    span, body = Span(source.path, 1, len(lines)), "\n".join(lines[1:-1])
    if len(body) > _LONGEST_FRONT_MATTER:
        return FrontMatter(span, body, problem=f"the front matter is over {_LONGEST_FRONT_MATTER // 1024} KiB")
    values = plain_values(body)
    return FrontMatter(span, body, values) if values else _read_yaml(span, body)


_PLAIN = re.compile(
    r"(?P<key>[A-Za-z][\w-]{0,60}):"
    r"(?: +(?:(?P<number>[1-9]\d{0,14})|(?P<text>(?:\d{1,9}-)?[A-Za-z](?!.*(?: #|:(?: |$))).*(?<! ))))? *"
)
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def plain_values(body: str) -> dict[str, object] | None:
    """Return the values of front matter that is as plain as nearly all of it is; None if it takes a YAML parser.

    Parsing YAML takes longer than all the rest of a logbook.
    """
    values: dict[str, object] = {}
    for line in body.split("\n"):
        match = _PLAIN.fullmatch(line) if line.isprintable() else None
        if not match or match["key"] in values or _WORDS_OF_YAML & {str(part).lower() for part in match.groups()}:
            return None
        values[match["key"]] = int(match["number"]) if match["number"] else match["text"]
    return values


def _read_yaml(span: Span, body: str) -> FrontMatter:
    from ruamel.yaml import YAML  # noqa: PLC0415 - takes longer to load than most runs take
    from ruamel.yaml.error import MarkedYAMLError  # noqa: PLC0415 - the same

    line = 1
    try:
        with warnings.catch_warnings(action="ignore"):  # a warning quotes the lines, and is no finding
            values = YAML(typ="safe", pure=True).load(body)
        if values is None or isinstance(values, dict):
            return FrontMatter(span, body, {str(key): value for key, value in (values or {}).items()})
        problem = "the front matter is not a list of `key: value` lines"
        return FrontMatter(span, body, problem=problem, problem_line=2)
    except MarkedYAMLError as error:
        why = error.problem or "it cannot be read"
        line = error.problem_mark.line + 2 if error.problem_mark else 1
    except RecursionError:
        why = "it is nested too deeply"
    except Exception as error:  # noqa: BLE001 - the parser raises anything for a value that does not fit its tag
        why = str(error).partition(";")[0] or "a value does not fit its tag"
    problem = f"the front matter is not valid YAML: {' '.join(why.split())[:120]}"
    return FrontMatter(span, body, problem=problem, problem_line=min(line, span.end_line))


_MOST_ITEMS = 20


def _front_matter_fields(front: FrontMatter) -> list[Field]:
    """Return the values of front matter as fields, each on its line."""
    lines = {line.partition(":")[0].strip(" '\""): number for number, line in enumerate(front.raw.split("\n"), 2)}
    return [
        Field(Span(front.span.path, line, line), key, vocabulary.slug(key), text, text, is_pending=False)
        for key, value in front.values.items()
        if (text := _text(value)) and (line := lines.get(key, 2))
    ]


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
