"""The goalposts of a logbook: goal, primary metric, success thresholds, stop criteria; and which of them were moved.

Source: research workflow, Prologue 6: goal, primary metric and stop criteria are fixed before the first run.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from research_logbook.diff.append_only import OUT_OF_SIGHT, ComparisonBudget, lost_text
from research_logbook.diff.index_sections import TextOutsideEntries, cells_of, is_covered
from research_logbook.diff.new_statements import NewStatements
from research_logbook.diff.tokens import CELL_END, Unit, units_of
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Logbook, Span
from research_logbook.logbook.queries import is_none, is_pending, is_placeholder
from research_logbook.markdown.tree import BlockKind, NestingError, parse


@dataclass(frozen=True, slots=True)
class MovedGoalpost:
    """A goal, metric, threshold or criterion that changed after the first result."""

    kind: str
    quote: str
    """What it lost; what was added to it where that loosens it."""
    is_addition: bool
    was: Span
    """Where it stood; where it began to be told of, if it is an addition."""
    span: Span

    @property
    def subject(self) -> str:
        """Name it by its kind."""
        return self.kind


class Goalpost(NamedTuple):
    """What a logbook says of one of its goalposts, without the name of it."""

    kind: str
    unit: Unit


def moved_goalposts(
    old: Logbook,
    new: Logbook,
    outside: TextOutsideEntries,
    statements: NewStatements,
    budget: ComparisonBudget,
) -> Iterator[MovedGoalpost]:
    """Yield the goalposts that changed, and that no new entry or decision answers for; before a result they may.

    Where one stands, its form, what is struck out, and what is added to it may always change, unless that loosens it.
    """
    was, now = ({post.unit.key: post for post in goalposts_of(book)} for book in (old, new))
    if not was or was.keys() == now.keys():
        return
    gone, come = ([post for key, post in one.items() if key not in other] for one, other in ((was, now), (now, was)))
    gone, come = gone[:_MOST_CHANGED], come[:_MOST_CHANGED]
    found: dict[str, MovedGoalpost] = {}
    explained: dict[str, bool] = {}
    for post, quote, line, is_addition in (*_lost(was, now, come, outside, budget), *_loosened(gone, come)):
        if post.kind not in explained:
            values = [other.unit for other in (*gone, *come) if other.kind == post.kind]
            explained[post.kind] = statements.explain(vocabulary.GOALPOST_WORDS[post.kind], values)
        if post.kind not in found and not explained[post.kind]:
            head = next(new.named("scope", "stop-criteria"), new)
            place = line or next((item.unit.line for item in now.values() if item.kind == post.kind), head.span.line)
            told = post.unit.line if post.unit.key in was else next(it.unit.line for it in was.values())
            was_at, now_at = Span(old.path, told, told), Span(new.path, place, place)
            found[post.kind] = MovedGoalpost(post.kind, quote, is_addition, was_at, now_at)
    yield from found.values()


_MOST_CHANGED = 64
"""Old and new goalposts that are compared with each other for words that were put in."""
_Change = tuple[Goalpost, str, int, bool]


def _lost(
    was: Mapping[str, Goalpost],
    now: Mapping[str, Goalpost],
    come: Sequence[Goalpost],
    outside: TextOutsideEntries,
    budget: ComparisonBudget,
) -> Iterator[_Change]:
    """Yield what is gone, with the lost words and the line: the first of each kind that no other text holds."""
    replaced = {post.kind for key, post in now.items() if key not in was}
    told: set[str] = set()
    checked = Counter[str]()
    for lost in lost_text([post.unit for post in was.values()], [post.unit for post in now.values()], budget):
        post = was[lost.unit.key]
        checked[post.kind] += 1
        if post.kind in told:
            continue
        is_filled_in = is_placeholder(lost.quote) and any(map(str.isalpha, lost.quote))
        is_shown = lost.now != OUT_OF_SIGHT and checked[post.kind] <= _MOST_CHANGED
        if is_filled_in or (is_shown and any(_inserted(lost.unit, other.unit) is not None for other in come)):
            continue  # What was put in, `_loosened` judges.
        if post.kind in replaced or checked[post.kind] > _MOST_CHANGED or not outside.mentions(lost.unit):
            told.add(post.kind)
            yield post, lost.quote, lost.line, False


def _loosened(gone: Sequence[Goalpost], come: Sequence[Goalpost]) -> Iterator[_Change]:
    """Yield what words that were put in or added make easier to reach."""
    for post in come:
        grown = ((other.unit, _inserted(other.unit, post.unit)) for other in gone)
        known = [(unit, runs) for unit, runs in grown if runs is not None]
        runs = max(known, key=lambda pair: len(pair[0].words))[1] if known else [(0, len(post.unit.words))]
        for start, stop in runs:
            if _loosens(post.unit, start, stop, is_new=not known):
                yield post, post.unit.cut(start, stop).strip(), post.unit.words[start].line, True
                break


def _inserted(old: Unit, new: Unit) -> list[tuple[int, int]] | None:
    """Return the ranges of words that were put into a text, nothing else done; None where more was.

    What corrects struck-out words is no such range.
    """
    said = [word for word in old.words if word.text not in _MARKS]
    place, runs, start = 0, list[tuple[int, int]](), 0
    for index, word in enumerate(new.words):
        if place < len(said) and word.says(said[place]):
            if start < index and not (start and new.words[start - 1].is_struck):
                runs.append((start, index))
            place, start = place + 1, index + 1
    if place < len(said):
        return None
    if start < len(new.words) and not (start and new.words[start - 1].is_struck):
        runs.append((start, len(new.words)))
    return runs


_MARKS = frozenset({*".,;:!?\"'()[]{}", "..."})
_STOPS = frozenset(".!?;")


def _loosens(unit: Unit, start: int, stop: int, *, is_new: bool) -> bool:
    """Return whether the words put in make a goalpost easier to reach.

    In a sentence a word such as "or" or "about" does, and so does a second number; a sentence of its own only if it
    begins with such a word.
    """
    texts = [word.text for word in unit.words[start:stop] if word.text != CELL_END]
    ends = [place for place, text in enumerate(texts) if text in _STOPS]
    inside = texts[: ends[0]] if ends else texts
    if is_new or (start and unit.words[start - 1].text in _STOPS):
        inside = []
    begun = [texts[place + 1] for place in (*([-1] if not inside else []), *ends) if place + 1 < len(texts)]
    if not vocabulary.LOOSENING.isdisjoint(inside) or not vocabulary.LOOSENING_STARTS.isdisjoint(begun):
        return True
    after_number = start > 0 and any(sign.isdigit() for sign in unit.words[start - 1].text)
    return after_number and any(sign.isdigit() for text in inside[:3] for sign in text)


# Where they stand

_ASIDE = "aside"
"""Stands for a kind where text is of no goalpost."""
_MIXED = frozenset({"scope", "metric", "metrics", "key-metrics"})
"""Titles of sections that hold more than goalposts."""
_LIVING = (vocabulary.INDICES - {"scope", "stop-criteria"}) | {"conclusion", "next-steps"}
_NAME = re.compile(r"[\W_]*+(?P<name>[^\W\d_][^:|\n]{0,59}?)(?:\s*:(?=\s|$)|\s+[\u2013\u2014-]\s)")
_SENTENCE = re.compile(
    r"(?:\A|(?<=[.!?;]\s))(?:(?P<name>[^\W\d_][\w /-]{0,40}?)\s*:\s|"
    r"(?:the|our|its)\s+(?P<noun>[a-z][a-z /-]{2,40}?)\s+(?:is|are)\s)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


def goalposts_of(book: Logbook) -> list[Goalpost]:
    """Return the goalposts outside of the entries: in front matter, by name, in tables, and below headings."""
    found: list[Goalpost] = []
    sections, lines = book.sections, book.text.split("\n")
    for name, value in (book.front_matter.values if book.front_matter else {}).items():
        if kind := vocabulary.goalpost(str(name)):
            said = ". ".join(map(str, value)) if isinstance(value, list) else str(value)
            line = next((number for number, row in enumerate(lines, 1) if row.startswith(f"{name}:")), 1)
            found += [Goalpost(kind, unit) for unit in units_of((), said, line)]
    try:
        top = parse("\n".join(lines[: sections[0].span.line - 1] if sections else lines))
    except NestingError:  # a nesting that is closed before the first heading, and was not when all was read
        top = ()
    found += _said(units_of([block for block in top if block.kind is not BlockKind.FRONT_MATTER]), "", is_prose=True)
    entries = sorted((entry.span.line, entry.span.end_line) for entry in book.everything)
    log = book.log.line if book.log else len(lines) + 1
    above: list[tuple[int, str]] = [(len(sections), "")]  # Where each heading above ends, and what stands below it.
    for place, section in enumerate(sections):
        while above[-1][0] <= place:
            above.pop()
        inherited = above[-1][1]
        kind = vocabulary.goalpost(section.title) if place or section.level > 1 else ""
        if vocabulary.slug(section.title) in _MIXED or vocabulary.slug(section.title).startswith("scope-"):
            kind = ""
        if is_covered(section.span.line, entries) or section.name in _LIVING or inherited == _ASIDE:
            kind = _ASIDE
        elif not (kind or inherited) and section.span.line >= log:
            kind = _ASIDE  # In the log only what has the name of a goalpost is one.
        above.append((section.stop, kind or inherited))
        if kind != _ASIDE:
            blocks = [block for block in section.blocks if not is_covered(block.line, entries)]
            # A heading below that of a goalpost is part of it, and so is what follows a colon: "Goal: halve the cost".
            title = section.title if inherited or ":" in section.title else ""
            units = units_of(blocks, title if place else "", section.span.line)
            is_prose = section.level == 1 or section.name in {"scope", "motivation"}
            posts = list(_said(units, kind or inherited, is_prose=is_prose))
            if section.name == "scope" and not any(post.kind == "goal" for post in posts):
                first = units_of(blocks[: 2 if len(blocks) > 1 and blocks[0].text.endswith(":") else 1])
                posts += [Goalpost("goal", unit) for unit in first if not (unit.is_row or _NAME.match(unit.text))]
            found += posts
    lasting = (post._replace(unit=unit) for post in found if (unit := _without_status(post.unit)))
    texts = ((post, post.unit.cut(0, len(post.unit.words)).strip()) for post in lasting)
    return [post for post, text in texts if not (is_none(text) or is_placeholder(text) or is_pending(text))]


_STATE = (
    r"[\W_]*+(?:status|current(?:ly)?|so far|now|today|measured|observed|results?|actual(?:ly)?|achieved|"
    r"(?:not |un)?met|passed|failed|done|reached|pending|updated?|verdict|evidence)\b"
)
_STATE_ASIDE = re.compile(rf"\({_STATE}[^()]*\)", re.IGNORECASE)
_STATE_AFTER = re.compile(
    rf"(?:(?<=[.!?;)])\s+|\s[\u2013\u2014-]+\s+|\s[\u2705\u274c\u2713\u2714\u2717]\ufe0f?){_STATE}", re.IGNORECASE
)


def _without_status(unit: Unit) -> Unit | None:
    """Return a goalpost without how far it is reached: "(currently 70 %)", "Status: met.", "— passed"."""
    after = _STATE_AFTER.search(unit.text, unit.words[0].start)
    stop = after.start() if after else len(unit.text)
    asides = [match.span() for match in _STATE_ASIDE.finditer(unit.text)]
    words = [
        word for word in unit.words if word.start < stop and not any(start <= word.start < end for start, end in asides)
    ]
    return unit.part(words) if words else None


def _said(units: Sequence[Unit], kind: str, *, is_prose: bool) -> Iterator[Goalpost]:
    """Yield what `units` say of goalposts; all of them are of a `kind`, unless one has a name that says otherwise.

    Sentences are read where the text is `is_prose` about the thread as a whole.
    """
    kinds: list[str] = []
    for shown in units:
        unit = shown.seen(())
        above = units[unit.parent] if unit.parent is not None else None
        here = kinds[unit.parent] if unit.parent is not None else kind
        match = _NAME.match(unit.text)
        name = match["name"] if match else unit.text
        own = "" if unit.is_row else vocabulary.goalpost(name)
        if own == "success threshold" and here == "stop criterion":
            own = here  # a gate among the stop criteria
        if own:
            start = match.end() if match else len(unit.text)
            words = [word for word in unit.words if word.start >= start]
        elif unit.is_row:
            yield from _of_row(unit, above if above and above.is_row else unit, here)
            words = []
        elif match and vocabulary.is_told_beside_goalposts(name):
            own, words = _ASIDE, []
        else:
            words = list(unit.words) if here else []
            yield from _of_sentences(unit) if is_prose and not here else ()
        kinds.append(own or here)
        if words and kinds[-1] != _ASIDE:
            yield Goalpost(kinds[-1], unit.part(words))


def _of_row(row: Unit, header: Unit, kind: str) -> Iterator[Goalpost]:
    """Yield what a row says: in columns, or behind a cell, that have the name of a goalpost; or all of it."""
    if kind == _ASIDE:
        return
    cells, titles = ([" ".join(word.text for word in cell) for cell in cells_of(unit)] for unit in (row, header))
    told = {place for place, title in enumerate(titles) if vocabulary.is_told_beside_goalposts(title)}
    told |= {place for place, cell in enumerate(cells) if is_none(cell) or is_placeholder(cell)}
    kept = [word for place, cell in enumerate(cells_of(row)) if place not in told for word in cell]
    own = vocabulary.goalpost(cells[0])
    if kind:
        said = [(kind, kept)]
    elif own:
        said = [(own, [word for word in kept if word not in cells_of(row)[0]])]
    elif row is not header:
        said = [(vocabulary.goalpost(title), cell) for title, cell in zip(titles, cells_of(row), strict=False)]
    else:
        said = []
    yield from (Goalpost(name, row.part(words)) for name, words in said if name and words)


def _of_sentences(unit: Unit) -> Iterator[Goalpost]:
    """Yield what sentences of prose say: "Goal: …" in the middle of a paragraph, "The goal is to …"."""
    for match in _SENTENCE.finditer(unit.text):
        if kind := vocabulary.goalpost(match["name"] or match["noun"]):
            end = _SENTENCE_END.search(unit.text, match.end())
            stop = end.start() if end else len(unit.text)
            words = [word for word in unit.words if match.end() <= word.start < stop]
            if words:
                yield Goalpost(kind, unit.part(words))
