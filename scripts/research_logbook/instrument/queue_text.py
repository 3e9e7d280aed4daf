"""What a hypothesis adds to the queue, and how it moves there: an index that is kept up to date, with its evidence.

Source: the research workflow, Core Artifacts 3: a hypothesis is proposed, active, blocked, supported, falsified or
promoted, and moves with evidence.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from research_logbook.errors import UserError
from research_logbook.instrument.entry_text import parsed_again
from research_logbook.instrument.values import in_line
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Hypothesis, Logbook, Section, Status
from research_logbook.logbook.queries import SETTLED, is_none
from research_logbook.markdown.escape import quoted
from research_logbook.markdown.tree import Block, BlockKind


@dataclass(frozen=True, slots=True)
class NewHypothesis:
    """A hypothesis to be written."""

    id: str
    claim: str
    next_test: str = ""
    status: Status = Status.PROPOSED

    @property
    def test(self) -> str:
        """Its next test, as a sentence; empty without one."""
        return f"Next test: {_sentence(self.next_test)}" if self.next_test else ""

    @property
    def sentence(self) -> str:
        """What it says, as an item of a list."""
        return " ".join(filter(None, [f"`{self.id}`: {_sentence(self.claim)}", self.test]))


@dataclass(frozen=True, slots=True)
class Move:
    """Where a hypothesis is moved, and why."""

    status: Status
    evidence: str = ""
    next_test: str = ""
    resume: str = ""
    """When a blocked one goes on."""

    @property
    def sentences(self) -> list[str]:
        """What is said beside it."""
        said = {"Evidence": self.evidence, "Next test": self.next_test, "Resume when": self.resume}
        return [f"{name}: {_sentence(text)}" for name, text in said.items() if text]


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
    series = re.fullmatch(r"(?P<prefix>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)-H\d+[a-z]?", new.id)
    if not re.fullmatch(r"\w[\w.-]{0,59}", new.id):
        raise UserError(f"{quoted(new.id)} is not an ID of a hypothesis", f"write it as {next_hypothesis_id(book)}")
    used = {it.id.rpartition("-H")[0] for it in book.hypotheses} | {book.prefix}
    if series and book.prefix and series["prefix"] not in used:
        raise UserError(
            f"{quoted(new.id)} does not use this logbook's prefix {book.prefix}",
            f"the next ID is {next_hypothesis_id(book)}",
        )
    if any(it.id == new.id for it in book.hypotheses if it is not blank):
        raise UserError(
            f"{book.path} already has the hypothesis {quoted(new.id)}", "leave out --id for the next free one"
        )
    lines = book.text.split("\n")
    if blank and new.status is Status.PROPOSED:
        return "\n".join([*lines[: blank.span.line - 1], f"- {new.sentence}", *lines[blank.span.end_line :]])
    queue = _queue(book)
    if not queue:
        log = next((it for it in book.sections if it.span == book.log and vocabulary.is_log(it.title)), None)
        first = log or next((entry for entry in book.everything if entry.level), None)
        hashes = "#" * (first.level if first else 2)
        section = [
            f"{hashes} Hypothesis Queue",
            "",
            f"{hashes}# {str(new.status).capitalize()}",
            "",
            f"- {new.sentence}",
        ]
        at = first.span.line - 1 if first else len(book.text.rstrip().split("\n"))
        before, after = lines[:at], lines[at:]
        return "\n".join([*before, *([] if first else [""]), *section, "", *(after if first else [])])
    return _with_lines(lines, *_addition(book, new, queue))


def _addition(book: Logbook, new: NewHypothesis, queue: Sequence[Section]) -> tuple[int, list[str], bool]:
    """Return what is put into a queue, in its own form: after which line, what, and whether a list or table goes on."""
    groups = [section for section in queue[1:] if vocabulary.status(section.title)]
    own = next((it for it in groups if vocabulary.status(it.title) is new.status), None)
    table = next((block for section in queue for block in section.blocks if block.kind is BlockKind.TABLE), None)
    heads = {hypothesis.span.line for hypothesis in book.hypotheses}
    named = next((section for section in queue[1:] if section.span.line in heads), None)
    if own:
        return _end(own), [f"- {new.sentence}"], _has_list(own)
    if table:
        cells = {"id": f"`{new.id}`", "text": new.claim, "status": str(new.status), "next": new.next_test}
        return table.end_line, [_row(table, cells)], True
    if named:
        told = " ".join(filter(None, [f"Status: {new.status}.", new.test]))
        return max(map(_end, queue)), [f"{'#' * named.level} {new.id}: {new.claim}", "", told], False
    if groups:
        return (
            _end(queue[0]),
            [f"{'#' * groups[0].level} {str(new.status).capitalize()}", "", f"- {new.sentence}"],
            False,
        )
    last = queue[-1] if queue[-1].blocks else queue[0]
    return _end(last), [f"- `{new.id}` ({new.status}): {new.sentence.partition(': ')[2]}"], _has_list(queue[-1])


def _blank(book: Logbook) -> Hypothesis | None:
    """Return the hypothesis that the template left to be filled in."""
    return next((it for it in book.hypotheses if it.claim.startswith("{{") and it.status is Status.PROPOSED), None)


def moved(book: Logbook, name: str, move: Move) -> str:
    """Return the text of a logbook with a hypothesis in another state, and why.

    Raises `UserError` for one that is not there, and where its new state asks for what nobody said: a settled one for
    evidence, an active one for its next test, a blocked one for when it goes on.
    """
    found = next((it for it in book.hypotheses if it.id == name), None)
    if found is None:
        known = [it.id for it in book.hypotheses if it.id]
        close = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
        have = f"its hypotheses are {', '.join(known)}" if known else "its queue is empty: `logbook hypothesis add`"
        have = f"did you mean {close[0]}? {have}" if close else have
        raise UserError(f"{book.path} has no hypothesis {quoted(name)}", have)
    _refuse_unsaid(found, move)
    lines, queue = book.text.split("\n"), _queue(book)
    table = _table_with(queue, found)
    if table:
        cells = {"status": str(move.status), "evidence": move.evidence, "next": move.next_test or move.resume}
        row = _row(table, {key: value for key, value in cells.items() if value}, lines[found.span.line - 1])
        return "\n".join([*lines[: found.span.line - 1], row, *lines[found.span.line :]])
    own = lines[found.span.line - 1 : found.span.end_line]
    groups = [it for it in queue[1:] if vocabulary.status(it.title)]
    home = next((it for it in groups if it.span.line < found.span.line <= _end(it)), None)
    if home is None or own[0].lstrip().startswith("#"):
        return _restated(lines, found, move)
    said = f"Next test: {found.next_step}"
    if move.next_test and found.next_step and said in own[-1]:  # one test is the next
        own[-1] = own[-1].replace(said, f"Next test: {_sentence(move.next_test)}")
        move = replace(move, next_test="")
    own[-1] = " ".join([own[-1].rstrip(), *move.sentences])
    there = next((it for it in groups if vocabulary.status(it.title) is move.status), None)
    if there is home:
        return "\n".join([*lines[: found.span.line - 1], *own, *lines[found.span.end_line :]])
    if there is None:
        own = [f"{'#' * home.level} {str(move.status).capitalize()}", "", *own]
    at = _end(there) if there else max(map(_end, queue))
    is_list = there is not None and _has_list(there)
    kept = [*lines[: found.span.line - 1], *lines[found.span.end_line :]]
    at -= len(lines) - len(kept) if at > found.span.line else 0
    text = _with_lines(kept, at, own, is_list)
    return text if "\n\n\n" in book.text else re.sub(r"\n{3,}", "\n\n", text)


def hypotheses_said(said: str) -> list[str]:
    """Return the IDs that the field of an entry names: `T-H1`, `T-H1 and T-H2`, `T-H1: wider is faster`.

    A sentence, or "none", names none.
    """
    head = re.split(r" ?[:(–—]| - |\.$", " ".join(said[:_LONGEST_NAMES].split()), maxsplit=1)[0]
    parts = [part.strip(" `*") for part in re.split(r"[,;&+/] ?| and ", head)]
    is_list = all(re.fullmatch(r"[\w.-]{1,60}", part) for part in parts) and not is_none(head)
    return list(dict.fromkeys(parts)) if is_list else []


_LONGEST_NAMES = 400


def under_test(book: Logbook, name: str) -> str:
    """Return the text of a logbook with a hypothesis active that was proposed; all else stays, its next test too.

    One in any other state stays where it is. Raises `UserError` for one that is not there or says nothing yet, and
    where the queue cannot say so without a word more or less of something else.
    """
    states = [it.status for it in book.hypotheses if it.id == name]
    if states and states != [Status.PROPOSED] * len(states):
        return book.text
    found = next((it for it in book.hypotheses if it.id == name), None)
    if found and found is _blank(book):
        raise UserError("it says nothing yet", "fill in what you expect")
    if found and not found.next_step:
        raise UserError("it names no next test", f"`logbook hypothesis move {name} active --next …`")
    text = moved(book, name, Move(Status.ACTIVE))
    read = parsed_again(book, text)
    then = [replace(it, status=Status.ACTIVE) if it.id == name else it for it in book.hypotheses]
    told, wanted = (
        Counter((it.id, it.status, it.claim, it.evidence, it.next_step) for it in one)
        for one in (read.hypotheses, then)
    )
    if told != wanted or len(states) > 1 or [it.text for it in read.everything] != [it.text for it in book.everything]:
        raise UserError("the form of the queue cannot be kept", "move it by hand")
    return text


def _refuse_unsaid(found: Hypothesis, move: Move) -> None:
    if move.status in SETTLED and not (move.evidence or found.evidence):
        fix = "pass --evidence with the entry's ID, such as `MOE-HC-003`"
        raise UserError(f"{found.id} is {move.status} by what evidence?", fix)
    if move.status is Status.ACTIVE and not (move.next_test or found.next_step):
        fix = "pass --next with the smallest experiment that would tell"
        raise UserError(f"what is the next test of {found.id}?", fix)
    if move.status is Status.BLOCKED and not (move.resume or re.search(r"(?i)resume|unblock|until|when", found.text)):
        raise UserError(f"when does {found.id} go on?", "pass --resume with the condition")


def _restated(lines: list[str], found: Hypothesis, move: Move) -> str:
    """Return the text with the state of a hypothesis that names its own."""
    rows, more, status = range(found.span.line - 1, found.span.end_line), move.sentences, move.status
    written = found.status_written
    place = next((row for row in rows if written and written in lines[row]), None)
    if place is None:
        more = [f"Status: {status}.", *more]
    else:
        lines[place] = lines[place].replace(written, f"{status}{'.' * written.endswith('.')}", 1)
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
    text = in_line(text)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _with_lines(lines: Sequence[str], at: int, rows: Sequence[str], is_list: bool) -> str:  # noqa: FBT001 - of a tuple
    """Return lines with others behind the first `at`: as the next item of a list, or as a block of its own."""
    before, after = lines[:at], lines[at:]
    space = [] if is_list else [""]
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


def _row(table: Block, cells: dict[str, str], old: str = "") -> str:
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
            row[at] = in_line(value).replace("|", r"\|")
    return "| " + " | ".join(row) + " |"
