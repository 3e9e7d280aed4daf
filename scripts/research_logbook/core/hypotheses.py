"""The hypothesis queue: groups under headings, lists with a state in each item, or a table."""

import re
from collections.abc import Iterator, Sequence

from research_logbook.core import words
from research_logbook.core.fields import Source
from research_logbook.core.markdown import Block, Kind
from research_logbook.core.model import Hypothesis, Section, Span, Status, text_of
from research_logbook.core.outline import reach

_ID = re.compile(
    r"^[\s\[(*_`]*(?P<id>[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9.]+)*-?\d+[a-z]?|[A-Z]+(?:-[A-Z0-9]+)+)(?![\w-])"
    r"[\s\])*_`]*[:.–—,|(-]?\s*"
)
_STATE = re.compile(
    r"^\s*[\[(]\s*(?P<state>[A-Za-z][A-Za-z /-]{2,30})\s*[\])]\s*[:.–—-]?\s*"
    r"|^(?P<lead>[A-Za-z][A-Za-z /-]{2,24}?)\s*(?::|—|–| - )\s+"
)
_NONE = frozenset({"none", "n/a", "-", "—", "none yet", "nothing yet", "empty", "no hypotheses", ""})
_PART = re.compile(
    r"(?i)\b(?P<name>evidence|next test|next step|next action|next|test|"
    r"resume(?:s)?(?: when| condition)?|unblock(?:s|ed)?(?: when| by)?|"
    r"blocker|blocked (?:by|on|until)|why(?: it)? stopped|reason|status|state|decision)\s*:\s*"
)


def hypotheses_of(sections: Sequence[Section], source: Source) -> Iterator[Hypothesis]:
    """Yield the hypotheses of the queue in document order."""
    index = 0
    while index < len(sections):
        if sections[index].name != "hypotheses":
            index += 1
            continue
        stop = reach(sections, index)
        for section in sections[index:stop]:
            yield from _of_section(section, "" if section is sections[index] else section.title, source)
        index = stop


def _of_section(section: Section, group: str, source: Source) -> Iterator[Hypothesis]:
    if group and words.status(group) is None and _ID.match(group):
        # A heading of its own for each hypothesis.
        text = "\n".join([group, *(text_of(block) for block in section.blocks)])
        end = section.blocks[-1].end_line if section.blocks else section.span.end_line
        yield _hypothesis(text, "", Span(source.path, section.span.line, end), _has_link(section.blocks))
        return
    for block in section.blocks:
        if block.kind == Kind.LIST:
            yield from _of_list(block, group, source)
        elif block.kind == Kind.TABLE:
            yield from _of_table(block, group, source)


def _of_list(block: Block, group: str, source: Source) -> Iterator[Hypothesis]:
    for item in block.blocks:
        text = "\n".join(text_of(child) for child in item.blocks)
        if text.strip().strip("*_.").casefold() not in _NONE:
            yield _hypothesis(text, group, source.span(item), _has_link(item.blocks))


def _has_link(blocks: Sequence[Block]) -> bool:
    return any(run.url for block in blocks for leaf in block.walk() for run in leaf.runs)


def _hypothesis(text: str, group: str, span: Span, has_link: bool) -> Hypothesis:  # noqa: FBT001
    match = _ID.match(text)
    name = match["id"] if match else ""
    rest = text[match.end() :] if match else text
    parts = {words.slug(found["name"]): value for found, value in _parts(rest)}
    written = parts.get("status") or parts.get("state") or group
    if not written and (state := _STATE.match(rest)):
        found = state["state"] or state["lead"]
        if words.status(found) or state["state"]:
            written, rest = found, rest[state.end() :]
    next_step = next((value for key, value in parts.items() if key.startswith(_AHEAD)), "")
    evidence = next((value for key, value in parts.items() if key in _BEHIND or "stopped" in key), "")
    status = words.status(written) if written else Status.PROPOSED
    return Hypothesis(span, name, status, written, rest.strip(), evidence, next_step, has_link)


_AHEAD = ("next", "test", "resume", "unblock", "block")
_BEHIND = frozenset({"evidence", "reason", "decision"})


def _parts(text: str) -> Iterator[tuple[re.Match[str], str]]:
    found = list(_PART.finditer(text))
    for index, match in enumerate(found):
        stop = found[index + 1].start() if index + 1 < len(found) else len(text)
        yield match, text[match.end() : stop].strip()


_COLUMNS = {
    "id": "id", "#": "id", "name": "id", "hypothesis id": "id", "h": "id",
    "hypothesis": "text", "description": "text", "claim": "text", "statement": "text",
    "status": "status", "state": "status", "verdict": "status",
    "evidence": "evidence", "result": "evidence", "reason": "evidence", "results": "evidence", "support": "evidence",
    "next": "next", "next test": "next", "next step": "next", "next action": "next", "test": "next", "notes": "notes",
    "resume condition": "next", "resume when": "next", "blocker": "next",
}  # fmt: skip


def _of_table(block: Block, group: str, source: Source) -> Iterator[Hypothesis]:
    columns = [_COLUMNS.get(" ".join(cell.text.split()).casefold(), "") for cell in block.blocks[0].blocks]
    for row in block.blocks[1:]:
        cells = dict(zip(columns, (cell.text.strip() for cell in row.blocks), strict=False))
        name, text = cells.get("id", ""), cells.get("text", "")
        match = _ID.match(text)
        if not name and match:
            name, text = match["id"], text[match.end() :]
        if not (name or text) or (text.casefold() in _NONE and not name):
            continue
        written = cells.get("status", "") or group
        status = words.status(written) if written else Status.PROPOSED
        linked = _has_link(row.blocks)
        evidence = cells.get("evidence", "") or cells.get("notes", "")
        yield Hypothesis(source.span(row), name, status, written, text, evidence, cells.get("next", ""), linked)
