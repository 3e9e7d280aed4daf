"""A logbook: `parse` reads its bytes into a frozen model in which everything has its place. Pure."""

import re
import traceback
import warnings
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby, takewhile
from typing import NamedTuple

from research_logbook.logbook import experiment_ids, vocabulary
from research_logbook.logbook.entries import facts_of, log_of, read_heading
from research_logbook.logbook.indices import decisions_of, hypotheses_of
from research_logbook.logbook.model import (
    Allowance,
    Code,
    Contents,
    Field,
    FrontMatter,
    Header,
    Link,
    Logbook,
    Reference,
    Section,
    SourceText,
    Span,
    Table,
    Unreadable,
)
from research_logbook.logbook.queries import is_none, is_pending, says_none
from research_logbook.markdown import tree
from research_logbook.markdown.page import as_shown
from research_logbook.markdown.tree import HTML, Block, BlockKind, NestingError

MAX_BYTES = 5_000_000
"""The size of the largest logbook that is read; large output belongs in an artefact that the logbook links."""
_LFS = b"version https://git-lfs.github.com/spec/"
"""What the pointer begins with that Git LFS has git store in a file's place. Source: Git LFS's specification."""


def too_large(path: str, size: int) -> Unreadable:
    """Return why a logbook of `size` bytes is not read."""
    reason = f"is {size / 1e6:.1f} MB; logbooks over {MAX_BYTES // 1_000_000} MB are not read"
    return Unreadable(path, reason, "move large output to an artefact and link to it")


def symlink(path: str) -> Unreadable:
    """Return why a symbolic link is not read."""
    return Unreadable(path, "is a symbolic link", "replace the link with the file itself; a link can lead anywhere")


def decode(path: str, data: bytes) -> str | Unreadable:
    r"""Return the text of a logbook with ``\n`` for every line end and no byte order mark, or why there is none."""
    if len(data) > MAX_BYTES:
        return too_large(path, len(data))
    if data.startswith(_LFS):
        reason = "is in Git LFS, so git itself holds three lines that point to it, and no log that can be compared"
        fix = f"add the line `/{path} !filter !diff !merge text` to .gitattributes, then run `git add --renormalize .`"
        return Unreadable(path, reason, fix)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Unreadable(path, "is UTF-16", "save it as UTF-8, for example: `iconv -f UTF-16 -t UTF-8`")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        return Unreadable(
            path, "contains a NUL byte, so it is not text", "save it as UTF-8 text without that byte", line
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"is not valid UTF-8: byte 0x{data[error.start]:02x}"
        return Unreadable(path, reason, "save it as UTF-8, for example: `iconv -f LATIN1 -t UTF-8`", line)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parse(path: str, data: bytes) -> Logbook | Unreadable:
    """Return the logbook at `path`, a path inside its repository, or why it cannot be read: nothing is raised.

    Any branch can bring any file, and one that nobody expected must not keep the others from being read.
    """
    text = decode(path, data)
    if isinstance(text, Unreadable):
        return text
    try:
        blocks, source, front, sections, header = _divided(path, text)
        leaves = list(tree.walk(blocks))
        contents = contents_of(leaves, source)
        log = log_of(sections, header.prefix, source, contents)
        return Logbook(
            path=path,
            text=text,
            front_matter=front,
            title=next((section.title for section in sections if section.level == 1), ""),
            header=header,
            sections=sections,
            entries=log.entries,
            undated=log.undated,
            hypotheses=tuple(hypotheses_of(sections, source)),
            decisions=tuple(decisions_of(sections, source)),
            links=tuple(contents.links),
            allowances=tuple(allowances_of(leaves, sections, source)),
            prefix=log.prefix,
            log=log.heading,
            claims=log.claims,
        )
    except NestingError as error:
        reason = f"is nested more than {tree.MAX_NESTING} levels deep"
        return Unreadable(path, reason, "flatten the lists, quotes or emphasis at this line", error.line)
    except Exception as error:  # noqa: BLE001 - a bug, but one file's: it is that file's finding, and says what to report
        at = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{at.filename.rpartition('/')[2]}:{at.lineno}"
        reason = f"cannot be read, which is a bug ({type(error).__name__} in {place})"
        return Unreadable(path, reason, "report it with the file at https://github.com/run-research/logbook/issues")


def header_alone(path: str, data: bytes) -> Header:
    """Return a logbook's header without understanding its entries; an empty one for what cannot be read."""
    text = decode(path, data)
    if isinstance(text, Unreadable):
        return Header()
    try:
        return _divided(path, text).header
    except Exception:  # noqa: BLE001 - `parse` says of the same text why it cannot be read
        return Header()


class _TextParts(NamedTuple):
    """What a text is divided into, and what its header says."""

    blocks: Sequence[Block]
    source: SourceText
    front: FrontMatter | None
    sections: tuple[Section, ...]
    header: Header


def _divided(path: str, text: str) -> _TextParts:
    blocks = as_shown(tree.parse(text), text)
    source = SourceText(path, text.split("\n"))
    front = front_matter_of(blocks, source)
    sections = sections_of(blocks, source)
    is_title = [section.level for section in sections].count(1) == 1 < len(sections) and sections[0].level == 1
    if is_title and sections[0].name in vocabulary.INDICES:
        # "Baseline: Research Logbook" is the title of the file, whatever else it would be the name of.
        sections = (replace(sections[0], name=""), *sections[1:])
    return _TextParts(blocks, source, front, sections, header_of(blocks, sections, front, source))


# Sections, and what they hold


_INDEX, _LOG, _ENTRY = "index", "log", "entry"


def sections_of(blocks: Sequence[Block], source: SourceText) -> tuple[Section, ...]:
    """Return the sections in document order; a heading inside a quote, a list or code begins none.

    Those inside an entry have no canonical name.
    """
    heads = [index for index, block in enumerate(blocks) if block.kind is BlockKind.HEADING]
    titles = [" ".join(blocks[index].text.split()) for index in heads]
    stops, names = [len(heads)] * len(heads), list[str]()
    above: list[tuple[int, str]] = []  # The position of each heading above, and what stands below that heading.
    for place, title in enumerate(titles):
        level = blocks[heads[place]].level
        while above and blocks[heads[above[-1][0]]].level >= level:
            stops[above.pop()[0]] = place
        # A "Baseline" below a dated heading, or two levels below a log, is a part of the entry, not the baseline.
        below = above[-1][1] if above else ""
        names.append("" if below == _ENTRY else vocabulary.section_name(title))
        if place == 0 and level == 1:  # the file's title, which is no section of it if there are others
            below = ""
            if len(heads) > 1 and names[0] in vocabulary.INDICES:
                names[0] = vocabulary.slug(title)
        elif below not in {_INDEX, _ENTRY}:
            if names[-1] in vocabulary.INDICES:
                below = _INDEX
            elif below == _LOG or read_heading(title).when:
                below = _ENTRY
            else:
                below = _LOG if vocabulary.is_log(title) else ""
        above.append((place, below))
    starts = [*heads, len(blocks)]
    return tuple(
        Section(
            span=source.span(blocks[index]),
            title=titles[place],
            name=names[place],
            level=blocks[index].level,
            blocks=tuple(blocks[index + 1 : starts[place + 1]]),
            end_line=blocks[starts[stops[place]] - 1].end_line,
            stop=stops[place],
            head=blocks[index],
        )
        for place, index in enumerate(heads)
    )


def contents_of(leaves: Iterable[Block], source: SourceText) -> Contents:
    """Return what the `leaves` of a logbook hold."""
    links: list[Link] = []
    tables: list[Table] = []
    code: list[Code] = []
    for leaf in leaves:
        if leaf.kind is BlockKind.TABLE:
            header, *rows = [tuple([cell.text.strip() for cell in row.blocks]) for row in leaf.blocks]
            tables.append(Table(source.span(leaf), header, tuple(rows)))
        elif leaf.kind is BlockKind.CODE:
            code.append(Code(source.span(leaf), leaf.info, leaf.literal))
        elif any(run.url for run in leaf.runs):
            for url, group in groupby(leaf.runs, key=lambda run: run.url):
                runs = list(group)
                if url:
                    span = Span(source.path, runs[0].line, runs[0].line)
                    links.append(Link(span, url, "".join([run.text for run in runs])))
    return Contents(links, tables, code)


_ALLOW = re.compile(
    r"<!--\s*+logbook:\s*+allow\s++(?P<rule>\w++(?:-\w++)*+)\s*+(?:--(?!-?>)|—|–|:)?+"
    r"(?P<reason>(?:(?!<!--|-->).)*+)-->",
    re.DOTALL,
)


def allowances_of(leaves: Iterable[Block], sections: Sequence[Section], source: SourceText) -> Iterator[Allowance]:
    """Yield the comments ``<!-- logbook: allow RULE -- reason -->`` among `leaves`.

    Each covers the block of the innermost heading it stands under; above the first heading and right below the title
    it covers the whole file.
    """
    starts = [section.span.line for section in sections]
    for leaf in leaves:
        is_html = leaf.kind is BlockKind.HTML
        runs = [(run.text, run.line) for run in leaf.runs if run.style & HTML]
        html = [(leaf.literal, leaf.line)] if is_html else runs
        for text, first in html:
            line, end = first, 0
            for match in _ALLOW.finditer(text):
                line, end = line + text.count("\n", end, match.start()), match.start()
                place = bisect_right(starts, line) - 1
                lines = 1, len(source.lines)
                if place >= 0 and sections[place].level > 1:
                    lines = sections[place].span.line, max(sections[place].end_line, line)
                reason = " ".join(match["reason"].split())
                yield Allowance(Span(source.path, line, line), match["rule"], reason, *lines)


# The header


_LONGEST = 2_000
"""Characters of a fact in which its value is looked for."""


def header_of(
    blocks: Sequence[Block], sections: Sequence[Section], front: FrontMatter | None, source: SourceText
) -> Header:
    """Return the header: of each fact the first that says something, front matter before all.

    Other facts stand before the first heading, right below the title, in sections such as "Setup", and in a summary.
    """
    before = takewhile(lambda block: block.kind is not BlockKind.HEADING, blocks)
    title = sections[0].blocks if sections and sections[0].level == 1 else ()
    facts: dict[str, Field] = {}
    # A summary that was put between the title and its list has the list below it.
    summaries = (item for item in sections if item.name == "tldr")
    named = (item for item in sections if item.name in vocabulary.HEADER_SECTIONS)
    others = chain.from_iterable(item.blocks for item in (*named, *summaries))
    declared = _front_matter_fields(front) if front else []
    for field in [*declared, *facts_of([*before, *title, *others], source)]:
        key, text = vocabulary.header_fact(field.name), field.text
        # An issue that is "none, by agreement" is told of; tags and a parent like that are not there.
        is_empty = is_none(text) or is_pending(text) or vocabulary.slug(text[:20]) == "unknown"
        if key and not (is_empty or (key != "issue" and says_none(text))):
            facts.setdefault(key, field)
    texts = defaultdict(str, {key: field.text for key, field in facts.items()})
    spans = {key: field.span for key, field in facts.items()}
    issue = facts.get("issue") or facts.get("parent-issue")
    # A link's target says more than its text, so the value as written is read first.
    readings = [reference(text) for text in (issue.value, issue.text)] if issue else []
    prefix = _prefix(texts["prefix"])
    tags = (tag.strip("`'\"[]().") for tag in re.split(r"[,;\s]+", texts["tags"][:_LONGEST]))
    return Header(
        issue=next((one for one in readings if one.host), readings[-1]) if readings else None,
        branch=_branch(texts["branch"]),
        branch_span=spans.get("branch"),
        prefix=prefix,
        prefix_span=spans.get("prefix") if prefix else None,
        tags=tuple(filter(None, tags)),
        parent=texts["parent"],
        topic=texts["topic"].strip(),
        topic_span=spans.get("topic"),
    )


_HOST = r"(?:[^/\s@]{1,255}@)?(?P<host>[^/\s:@]{1,255})(?::\d{1,5})?"
_REPOSITORY, _NUMBER = r"(?P<repository>[\w.-]{1,100}/[\w.-]{1,100})", r"(?P<number>\d{1,9})"
_REFERENCES = [
    re.compile(rf"(?i:https?://){_HOST}/{_REPOSITORY}/issues/{_NUMBER}(?!\d)"),
    re.compile(rf"(?i:https?://){_HOST}/{_REPOSITORY}/pull/{_NUMBER}(?!\d)"),
    re.compile(rf"(?<![\w/.-]){_REPOSITORY}?#{_NUMBER}\b"),
    re.compile(rf"\A{_NUMBER}(?=\s*(?:[(,;]|$))"),
]


_ITEM = r"(?:[Ii]ssue|[Ii]tem|[Tt]ask|[Tt]icket|[Ww]ork [Ii]tem)s?"
_ELSEWHERE = re.compile(
    rf"\b(?i:{vocabulary.TRACKERS})(?: {_ITEM})? #?\d|#\d+ (?:in|on) (?:our )?(?i:{vocabulary.TRACKERS})\b|"
    rf"(?<![\w/.-])(?P<tracker>[A-Z][\w.-]{{1,30}}) {_ITEM} #?\d"
)


def reference(text: str) -> Reference:
    """Return the issue that `text` names: a URL, ``#N``, ``owner/repo#N``, a number, or words for another tracker.

    "Weaver issue #170" is one on another tracker, "Tracking issue #170" is not.
    """
    written = text.strip()[:_LONGEST]
    match = next(filter(None, (pattern.search(written) for pattern in _REFERENCES)), None)
    said = match.groupdict() if match else {}
    named = _ELSEWHERE.search(written)
    is_elsewhere = named is not None and (named["tracker"] or "").casefold() not in vocabulary.TRACKED_BY
    if not match or (is_elsewhere and not said.get("host")):
        return Reference(written)
    return Reference(match[0], int(said["number"]), said.get("repository"), said.get("host"))


_SHORT = re.compile(rf"(?:{_REPOSITORY}?#)?{_NUMBER}", re.ASCII)
_BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d{1,5})?/")


def issue_meant(text: str) -> Reference | None:
    """Return the one issue or pull request that a user names: `12`, `#12`, `owner/repo#12` or its address.

    None for anything else, such as words around a number.
    """
    written = text.strip()
    if short := _SHORT.fullmatch(written):
        found = Reference(written, int(short["number"]), short["repository"])
    else:
        address = f"https://{written}" if _BARE.match(written) else written
        found = reference(address)
        if not (found.host and address.startswith(found.written) and not re.search(r"\s", address)):
            return None
    return found if found.number else None


def _branch(text: str) -> str:
    """Return the branch's name: the first word, without what is said about it; of a link to a branch its end."""
    name = re.split(r"[\s,;(]", text.strip()[:_LONGEST].strip("`'\""), maxsplit=1)[0].strip("`'\".")
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


_DEEP = re.compile(r"(?:[\[{]\s*){20}")
"""What the parser reads in a time that grows with the cube of its length; nobody nests four short values."""


def _read_yaml(span: Span, body: str) -> FrontMatter:
    from ruamel.yaml import YAML  # noqa: PLC0415 - takes longer to load than most runs take
    from ruamel.yaml.error import MarkedYAMLError  # noqa: PLC0415 - the same

    line = 1
    if deep := _DEEP.search(body):
        problem = "the front matter is not valid YAML: it is nested too deeply"
        return FrontMatter(span, body, problem=problem, problem_line=body.count("\n", 0, deep.start()) + 2)
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
