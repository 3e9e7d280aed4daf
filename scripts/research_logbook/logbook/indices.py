"""The living indices: the hypothesis queue and the decision log.

Hypotheses are list items with a state in each or in the heading above, rows of tables, or headings of their own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import accumulate, pairwise

from research_logbook.logbook import vocabulary
from research_logbook.logbook.entries import begins_with_date, read_heading
from research_logbook.logbook.model import Decision, Hypothesis, Section, SourceText, Span, Status, text_of
from research_logbook.logbook.queries import is_none, is_placeholder, says_none
from research_logbook.markdown.tree import CODE, STRONG, Block, BlockKind, plain, walk

# The hypothesis queue


_ID = re.compile(
    r"[\s\[(*_`~]{0,20}(?P<id>[A-Za-z][A-Za-z0-9]{0,30}(?:[-_.][A-Za-z0-9]{1,30}){0,12})"
    r"(?![\w-])"
    r"[\s\])*_`~]{0,20}(?P<end>[:.–—,|]|-(?=\s))?\s*"
)
_STATE = re.compile(
    r"\s*(?:\[(?P<square>[A-Za-z][A-Za-z /-]{2,30})\]|\((?P<round>[A-Za-z][^()\n]{2,60})\)|"
    r"(?P<lead>[A-Za-z][A-Za-z /-]{2,24}?)\s?(?=:\s|[–—]|\s-\s))\s*(?:[:.–—]|-(?=\s))?\s*"
)


def hypotheses_of(sections: Sequence[Section], source: SourceText) -> Iterator[Hypothesis]:
    """Yield the hypotheses of the queue in document order."""
    queue_end = done = 0
    groups: list[tuple[int, str]] = []  # The level of each heading above, and the state that it gives those below.
    for index, section in enumerate(sections):
        if index >= queue_end and section.name == "hypotheses":
            queue_end = section.stop
            groups = [(section.level, "")]
            yield from _of_blocks(section.blocks, "", source)
        elif done <= index < queue_end:
            while groups[-1][0] >= section.level:
                groups.pop()
            group = groups[-1][1]
            # A heading names a hypothesis of its own, or a group of them.
            if _id_of(section.title, _marked(section.head))[0] and not any(map(_lists_ids, section.blocks)):
                done = section.stop
                own = sections[index:done]
                blocks = [block for part in own for block in part.blocks]
                texts = [text for part in own for text in (part.title, part.text) if text]
                span = Span(source.path, section.span.line, blocks[-1].end_line if blocks else own[-1].span.end_line)
                yield _hypothesis(texts, group, span, blocks, section.head)
                continue
            if vocabulary.status(section.title) or section.title.isalpha():  # Several words need not be a state.
                group = section.title
            groups.append((section.level, group))
            yield from _of_blocks(section.blocks, group, source)


def _lists_ids(block: Block) -> bool:
    return block.kind is BlockKind.LIST and any(
        _id_of(text_of(item), _marked(*item.blocks[:1]))[0] for item in block.blocks
    )


def _of_blocks(blocks: Sequence[Block], group: str, source: SourceText) -> Iterator[Hypothesis]:
    """Yield the hypotheses of lists and tables, and of paragraphs that begin with an ID, with what follows them."""
    starts = []
    for place, block in enumerate(blocks):
        name, rest = _id_of(block.text, _marked(block)) if block.kind is BlockKind.PARAGRAPH else ("", "")
        between = block.text[: len(block.text) - len(rest)].rpartition(name)[2] if name else ""
        if between.strip(" *_`)]") or rest.startswith(("(", "[")):
            starts.append(place)
    for block in blocks[: starts[0] if starts else None]:
        yield from _of_block(block, group, source)
    for start, stop in pairwise([*starts, len(blocks)]):
        own: list[Block] = []
        others: list[Block] = []
        for block in blocks[start:stop]:
            (others if block.kind is BlockKind.TABLE or _lists_ids(block) else own).append(block)
        span = Span(source.path, own[0].line, own[-1].end_line)
        yield _hypothesis([text_of(block) for block in own], group, span, own, own[0])
        for block in others:
            yield from _of_block(block, group, source)


def _of_block(block: Block, group: str, source: SourceText) -> Iterator[Hypothesis]:
    if block.kind is BlockKind.TABLE:
        yield from _of_table(block, group, source)
    for item in block.blocks if block.kind is BlockKind.LIST else ():
        texts = [text_of(part) for part in item.blocks]
        text = "\n".join(texts)
        if not (is_none(text) or says_none(text) or is_placeholder(text)) or _struck_id(item.blocks):
            yield _hypothesis(texts, group, source.span(item), item.blocks, *item.blocks[:1])


def _id_of(text: str, marked: Set[str] = frozenset()) -> tuple[str, str]:
    """Return the ID that `text` begins with, or an empty string, and the rest."""
    match = _ID.match(text)
    if match and (
        _is_id(match["id"]) or (match["id"] in marked and (match["end"] or text[match.end() :].startswith(("(", "["))))
    ):
        return match["id"], text[match.end() :]
    return "", text


def _is_id(word: str) -> bool:
    """Return whether a word is an ID by itself: `H1`, `CC16-H5`, `MOE-HC-002b`, `H-ASYNC`."""
    if not word[0].isupper() or "_" in word:
        return False
    return word.rstrip("abcdefghijklmnopqrstuvwxyz")[-1].isdigit() or ("-" in word and word == word.upper())


def _marked(*heads: Block) -> frozenset[str]:
    """Return the words that a heading or block sets as code or in bold, and that may be IDs by that: `H-wgrad`.

    No states, and no names of fields: a word such as **Active** or **Evidence** says something else.
    """
    marked = (run.text.strip(" :.").strip() for head in heads for run in head.runs if run.style & (CODE | STRONG))
    return frozenset(
        word
        for word in marked
        if not (vocabulary.exact_status(word) or vocabulary.slug(word) in vocabulary.LABELS or _PART.match(f"{word}:"))
        and vocabulary.field_key(word) not in vocabulary.KNOWN_FIELDS
    )


def _struck_id(blocks: Sequence[Block]) -> str:
    """Return the ID of a hypothesis that is struck out together with its ID."""
    return _id_of(plain(blocks[0].runs, struck=True), _marked(*blocks[:1]))[0] if blocks else ""


_PART = re.compile(
    r"\b(?P<name>evidence|next test|next step|next action|next|test|resumes?(?: when| condition)?|"
    r"falsifier|falsified (?:if|when)|test plan|tested by|probe|experiment|"
    r"unblock(?:s|ed)?(?: when| by)?|blocker|blocked (?:by|on|until)|why(?: it)? stopped|reason|status|state|decision)"
    r"\s{0,4}:\s*",
    re.IGNORECASE,
)
"""What begins a named part of a hypothesis: "Evidence: …", "Next test: …"."""


def _hypothesis(texts: Sequence[str], group: str, span: Span, blocks: Sequence[Block], *heads: Block) -> Hypothesis:
    """Return the hypothesis that `texts` say, the text of a heading or of one of the `blocks` each.

    Of `heads` the first begins it.
    """
    text, marked = "\n".join(texts), _marked(*heads)
    name, rest = _id_of(text, marked)
    state = ""
    if match := _STATE.match(rest):
        found = match["square"] or match["round"] or match["lead"]
        known = vocabulary.exact_status(found) if match["lead"] else vocabulary.status(found)
        # What stands in square brackets is a state even when it is none of the six; other brackets hold anything.
        if known or (match["square"] and found.count(" ") < 2):
            state, rest = found, rest[match.end() :]
    if state and not name:
        name, rest = _id_of(rest, marked)
    # Its claim ends with the heading or the block that it begins in.
    start = len(text) - len(rest)
    end = next((end for end in accumulate(len(part) + 1 for part in texts) if end > start), len(text))
    parts = _parts(rest)
    stated = parts.get("status") or parts.get("state") or ""
    written, status = _status(stated or state, group, is_grouped=not stated)
    return Hypothesis(
        span=span,
        id=name or _struck_id(blocks),
        status=status,
        status_written=written,
        text=rest.strip(),
        evidence=_part(parts, *_EVIDENCE),
        next_step=_part(parts, *_NEXT),
        has_link=_has_link(blocks),
        claim=_PART.split(text[start:end], maxsplit=1)[0].strip(),
    )


_EVIDENCE = ("evidence", "reason", "decision", "why")
_NEXT = ("next", "test", "probe", "experiment", "falsifi", "resume", "unblock", "block")


def _parts(text: str) -> dict[str, str]:
    """Return the named parts of a hypothesis: "Evidence: …", "Next test: …"."""
    _, *found = _PART.split(text)
    return {name.casefold(): value.strip() for name, value in zip(found[::2], found[1::2], strict=True)}


def _part(parts: Mapping[str, str], *starts: str) -> str:
    return next((value for name, value in parts.items() if name.startswith(starts)), "")


def _status(written: str, group: str, *, is_grouped: bool = False) -> tuple[str, Status | None]:
    """Return the state as it is written, and as one of the six."""
    # "Status: the simulator says 89 %" tells how far it is; the group that it stands in is its state.
    if group and (is_grouped or is_none(written) or (not vocabulary.status(written) and vocabulary.status(group))):
        return group, vocabulary.status(group)
    return (written, vocabulary.status(written)) if not is_none(written) else ("", Status.PROPOSED)


def _has_link(blocks: Iterable[Block]) -> bool:
    return any(run.url for leaf in walk(blocks) for run in leaf.runs)


_COLUMNS = {
    "id": "id", "#": "id", "name": "id", "hypothesis-id": "id", "h": "id",
    "hypothesis": "text", "description": "text", "claim": "text", "statement": "text",
    "status": "status", "state": "status", "verdict": "status",
    "evidence": "evidence", "result": "evidence", "reason": "evidence", "results": "evidence", "support": "evidence",
    "next": "next", "next-test": "next", "next-step": "next", "next-action": "next", "test": "next", "notes": "notes",
    "resume-condition": "next", "resume-when": "next", "blocker": "next",
}  # fmt: skip
"""Columns of a table of hypotheses to what they hold."""


def _of_table(block: Block, group: str, source: SourceText) -> Iterator[Hypothesis]:
    titles = [vocabulary.slug(cell.text) or cell.text.strip() for cell in block.blocks[0].blocks]
    columns = [_COLUMNS.get(title) or _COLUMNS.get(title.partition("-")[0], "") for title in titles]
    for row in block.blocks[1:]:
        cells = dict(zip(columns, row.blocks, strict=False))
        said = {name: cell.text.strip() for name, cell in cells.items()}
        name, text = said.get("id", ""), said.get("text", "")
        if not name:
            name, text = (
                _struck_id([cells[key] for key in ("id", "text") if key in cells]),
                _id_of(text, _marked(*row.blocks))[1],
            )
        if name or not (is_none(text) or says_none(text) or is_placeholder(text)):
            written, status = _status(said.get("status", ""), group)
            evidence = said.get("evidence", "") or said.get("notes", "")
            beside = _parts(said.get("status", ""))  # What has no column of its own.
            evidence, following = evidence or _part(beside, *_EVIDENCE), said.get("next", "") or _part(beside, *_NEXT)
            span, linked = source.span(row), _has_link(row.blocks)
            yield Hypothesis(span, name, status, written, text, evidence, following, linked, text)


# The decision log


def decisions_of(sections: Sequence[Section], source: SourceText) -> Iterator[Decision]:
    """Yield the decisions of a decision log: list items, rows, dated paragraphs, dated headings with all below them.

    Source: task-logbook, living indices: what was decided stays.
    """
    log_start = log_end = done = 0
    for index, section in enumerate(sections):
        if index >= log_end and section.name == "decision-log":
            log_start, log_end = index, section.stop
        if index >= log_end or index < done:
            continue
        items: list[Block] = []
        if index > log_start and read_heading(section.title).when:
            done = section.stop
            blocks = tuple(block for part in sections[index:done] for block in part.with_heading)
            items = [Block(BlockKind.OTHER, section.span.line, blocks[-1].end_line, section.span.column, blocks=blocks)]
        for block in section.blocks if index >= done else ():
            if block.kind is BlockKind.LIST:
                items += block.blocks
            elif block.kind is BlockKind.TABLE:
                items += block.blocks[1:]
            elif block.kind is BlockKind.PARAGRAPH and begins_with_date(block):
                items.append(block)
        for item in items:
            yield Decision(source.span(item), " ".join(text_of(item).split()), item)
