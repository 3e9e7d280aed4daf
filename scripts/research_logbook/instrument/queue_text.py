"""What a hypothesis adds to the queue, and how it moves there: an index that is kept up to date, with its evidence.

Source: the research workflow, Core Artifacts 3: a hypothesis is proposed, active, blocked, supported, falsified or
promoted, and moves with evidence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from research_logbook.errors import UserError
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Hypothesis, Logbook, Section, Status
from research_logbook.logbook.queries import SETTLED
from research_logbook.markdown.escape import quoted
from research_logbook.markdown.tree import Block, BlockKind


@dataclass(frozen=True, slots=True)
class NewHypothesis:
    """A hypothesis to be written."""

    id: str
    claim: str
    next_test: str = ""
    status: Status = Status.PROPOSED


def next_hypothesis_id(book: Logbook) -> str:
    """Return the ID after the highest of the queue, in its form; `PREFIX-H1` for the first."""
    blank = _blank(book)
    if blank:
        return blank.id
    known = [found for it in book.hypotheses if (found := re.fullmatch(r"(?P<stem>.*?)(?P<number>\d+)[a-z]?", it.id))]
    if not known:
        return f"{book.prefix}-H1" if book.prefix else "H1"
    stem, width = known[-1]["stem"], len(known[-1]["number"])
    return f"{stem}{max(int(it['number']) for it in known if it['stem'] == stem) + 1:0{width}d}"


def with_hypothesis(book: Logbook, new: NewHypothesis) -> str:
    """Return the text of a logbook with a hypothesis in its queue; raises `UserError` where the ID is taken."""
    blank = _blank(book)
    if any(it.id == new.id for it in book.hypotheses if it is not blank):
        raise UserError(
            f"{book.path} already has the hypothesis {quoted(new.id)}", "leave out --id for the next free one"
        )
    lines = book.text.split("\n")
    said = f"`{new.id}`: {_sentence(new.claim)}" + (f" Next test: {_sentence(new.next_test)}" if new.next_test else "")
    if blank and new.status is Status.PROPOSED:
        return "\n".join([*lines[: blank.span.line - 1], f"- {said}", *lines[blank.span.end_line :]])
    queue = _queue(book)
    if not queue:
        section = ["## Hypothesis Queue", "", f"### {str(new.status).capitalize()}", "", f"- {said}"]
        log = next((it for it in book.sections if it.span == book.log and vocabulary.is_log(it.title)), None)
        if log is None:
            return "\n".join([book.text.rstrip(), "", *section, ""])
        return "\n".join([*lines[: log.span.line - 1], *section, "", *lines[log.span.line - 1 :]])
    table = next((block for section in queue for block in section.blocks if block.kind is BlockKind.TABLE), None)
    group = next((section for section in queue if vocabulary.status(section.title) is new.status), None)
    if group:
        return _with_lines(lines, _end(group), [f"- {said}"], has_list=_has_list(group))
    if table:
        row = _row(
            table, {"id": f"`{new.id}`", "text": new.claim, "status": str(new.status), "next": new.next_test}, lines
        )
        return _with_lines(lines, table.end_line, [row], has_list=True)
    named = next((it for it in queue[1:] if any(it.span.line == one.span.line for one in book.hypotheses)), None)
    if named:
        test = [f"Next test: {_sentence(new.next_test)}"] if new.next_test else []
        rows = [f"{'#' * named.level} {new.id}: {new.claim}", "", " ".join([f"Status: {new.status}.", *test])]
        return _with_lines(lines, max(map(_end, queue)), rows, has_list=False)
    if any(vocabulary.status(section.title) for section in queue[1:]):
        level = next(section.level for section in queue[1:] if vocabulary.status(section.title))
        rows = [f"{'#' * level} {str(new.status).capitalize()}", "", f"- {said}"]
        return _with_lines(lines, _end(queue[0]), rows, has_list=False)
    item = f"- `{new.id}` ({new.status}): {said.partition(': ')[2]}"
    return _with_lines(lines, _end(queue[-1] if queue[-1].blocks else queue[0]), [item], has_list=_has_list(queue[-1]))


def _blank(book: Logbook) -> Hypothesis | None:
    """Return the hypothesis that the template left to be filled in."""
    return next((it for it in book.hypotheses if it.claim.startswith("{{") and it.status is Status.PROPOSED), None)


def moved(book: Logbook, name: str, status: Status, evidence: str = "", next_test: str = "", resume: str = "") -> str:
    """Return the text of a logbook with a hypothesis in another state, and its evidence.

    Raises `UserError` for one that is not there, and where its new state asks for what nobody said: a settled one for
    evidence, an active one for its next test, a blocked one for when it goes on.
    """
    found = next((it for it in book.hypotheses if it.id == name), None)
    if found is None:
        known = ", ".join(it.id for it in book.hypotheses if it.id)
        have = f"its hypotheses are {known}" if known else "its queue is empty: `logbook hypothesis add`"
        raise UserError(f"{book.path} has no hypothesis {quoted(name)}", have)
    if status in SETTLED and not evidence and not found.evidence:
        raise UserError(
            f"{name} is {status} by what evidence?", "pass --evidence with the entry's ID, such as `MOE-HC-003`"
        )
    if status is Status.ACTIVE and not (next_test or found.next_step):
        raise UserError(f"what is the next test of {name}?", "pass --next with the smallest experiment that would tell")
    if status is Status.BLOCKED and not (resume or re.search(r"(?i)resume|unblock|until|when", found.text)):
        raise UserError(f"when does {name} go on?", "pass --resume with the condition")
    lines = book.text.split("\n")
    more = [
        *([f"Evidence: {_sentence(evidence)}"] if evidence else []),
        *([f"Next test: {_sentence(next_test)}"] if next_test else []),
        *([f"Resume when: {_sentence(resume)}"] if resume else []),
    ]
    queue = _queue(book)
    own = lines[found.span.line - 1 : found.span.end_line]
    table = _table_with(queue, found)
    if table:
        cells = {"status": str(status), "evidence": evidence, "next": next_test or resume}
        cells = {key: value for key, value in cells.items() if value}
        lines[found.span.line - 1] = _row(table, cells, lines, own[0])
        return "\n".join(lines)
    home = next(
        (it for it in queue[1:] if it.span.line < found.span.line <= _end(it) and vocabulary.status(it.title)), None
    )
    if own[0].lstrip().startswith("#"):
        return _restated(lines, found, status, more)
    if home is None:
        return _restated(lines, found, status, more)
    own[-1] = " ".join([own[-1].rstrip(), *more])
    if vocabulary.status(home.title) is status:
        lines[found.span.line - 1 : found.span.end_line] = own
        return "\n".join(lines)
    there = next((it for it in queue[1:] if vocabulary.status(it.title) is status), None)
    if there is None:
        rows = [f"{'#' * home.level} {str(status).capitalize()}", "", *own]
        at, has_list = max(_end(it) for it in queue), False
    else:
        rows, at, has_list = own, _end(there), _has_list(there)
    if at > found.span.line:
        text = _with_lines(lines, at, rows, has_list=has_list).split("\n")
        del text[found.span.line - 1 : found.span.end_line]
    else:
        del lines[found.span.line - 1 : found.span.end_line]
        text = _with_lines(lines, at, rows, has_list=has_list).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(text)) if "\n\n\n" not in book.text else "\n".join(text)


def _restated(lines: list[str], found: Hypothesis, status: Status, more: Sequence[str]) -> str:
    """Return the text with the state of a hypothesis that names its own."""
    rows = range(found.span.line - 1, found.span.end_line)
    written = found.status_written
    place = next((row for row in rows if written and written in lines[row]), None)
    if place is None:
        more = [f"Status: {status}.", *more]
    else:
        lines[place] = str(status).join(lines[place].split(written, 1))
    last = found.span.end_line - 1
    if more and lines[found.span.line - 1].lstrip().startswith("#"):
        lines[last + 1 : last + 1] = ["", " ".join(more)]
    elif more:
        lines[last] = " ".join([lines[last].rstrip(), *more])
    return "\n".join(lines)


def _queue(book: Logbook) -> list[Section]:
    """Return the sections of the queue, its own first; none without a queue."""
    for place, section in enumerate(book.sections):
        if section.name == "hypotheses":
            return list(book.sections[place : section.stop])
    return []


def _end(section: Section) -> int:
    return section.blocks[-1].end_line if section.blocks else section.span.end_line


def _has_list(section: Section) -> bool:
    return bool(section.blocks) and section.blocks[-1].kind is BlockKind.LIST


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _with_lines(lines: list[str], at: int, rows: Sequence[str], *, has_list: bool) -> str:
    """Return lines with others behind the first `at`: as the next item of a list, or as a block of its own."""
    before, after = lines[:at], lines[at:]
    space = [] if has_list else [""]
    closing = [] if not after or not after[0].strip() else [""]
    return "\n".join([*before, *space, *rows, *closing, *after])


def _table_with(queue: Sequence[Section], found: Hypothesis) -> Block | None:
    tables = (block for section in queue for block in section.blocks if block.kind is BlockKind.TABLE)
    return next((block for block in tables if block.line < found.span.line <= block.end_line), None)


_COLUMN_NAMES = {
    "id": r"id|#|name|h",
    "text": r"hypothes[ie]s|description|claim|statement",
    "status": r"status|state|verdict",
    "evidence": r"evidence|results?|reason|support",
    "next": r"next.*|test|resume.*",
}


def _row(table: Block, cells: dict[str, str], lines: Sequence[str], old: str = "") -> str:
    """Return a row of a table with these cells, which keeps what `old` has in all others."""
    titles = [cell.text.strip().casefold() for cell in table.blocks[0].blocks]
    kept = [it.strip() for it in re.split(r"(?<!\\)\|", old.strip().strip("|"))] if old else []
    row = [kept[place] if place < len(kept) else "" for place in range(len(titles))]
    places = {
        key: next((at for at, title in enumerate(titles) if re.fullmatch(_COLUMN_NAMES[key], title)), None)
        for key in cells
    }
    if "status" in cells and places["status"] is None:
        raise UserError("the table of hypotheses has no column for their states", "add a column `Status`")
    for key, name in (("evidence", "Evidence"), ("next", "Next test")):  # What has no column stands beside the state.
        if cells.get(key) and places[key] is None and "status" in cells:
            cells = {**cells, "status": f"{cells['status']}. {name}: {cells[key]}"}
    for key, value in cells.items():
        at = places[key]
        if at is not None and value:
            row[at] = " ".join(value.split()).replace("|", r"\|")
    return "| " + " | ".join(row) + " |"
