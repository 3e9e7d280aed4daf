"""The hypothesis queue: what of it may not go, and what may not change once a result is in.

Source: hypotheses change their status and point to their evidence (research workflow, Core Artifacts 3).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from research_logbook.diff.append_only import ComparisonBudget, lost_text, matched_units
from research_logbook.diff.index_sections import SimilarTexts, TextOutsideEntries, head_of, take_one, words_in
from research_logbook.diff.tokens import Unit, units_of, words_of
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Hypothesis, Logbook, Span
from research_logbook.logbook.queries import SETTLED, has_result


@dataclass(frozen=True, slots=True)
class DroppedHypothesis:
    """A hypothesis that is no longer in the queue; `span` is the queue."""

    hypothesis: Hypothesis
    span: Span


@dataclass(frozen=True, slots=True)
class RewordedHypothesis:
    """A hypothesis whose claim changed after a result named it."""

    hypothesis: Hypothesis
    quote: str
    """The lost words; where words were only inserted, the sentence around them as it was."""
    is_insertion: bool
    span: Span


def dropped_hypotheses(old: Logbook, new: Logbook, outside: TextOutsideEntries) -> Iterator[DroppedHypothesis]:
    """Yield the hypotheses whose ID no hypothesis has now, and those without one whose words none has.

    One that has another ID now, which none had, and the same claim is not gone.
    """
    names = {item.id.casefold() for item in new.hypotheses if item.id}
    named = [item for item in old.hypotheses if item.id and item.id.casefold() not in names]
    known = {item.id for item in old.hypotheses if item.id}
    renamed = Counter(_bare(item.claim) for item in new.hypotheses if named and item.id and item.id not in known)
    del renamed[()]
    gone = [item for item in named if item.id.casefold() not in outside.ids]
    gone = [item for item in gone if not take_one(renamed, _bare(item.claim))]
    there = Counter(words_of(item.text) for item in new.hypotheses if item.id not in known)
    nameless = [item for item in old.hypotheses if not item.id and not take_one(there, words_of(item.text))]
    nameless = _without_like(nameless, there.elements)
    nameless = _without_like(nameless, lambda: (words_in([unit]) for unit in outside.hypotheses))
    head = head_of(new, "hypotheses")
    for item in [*gone, *nameless]:
        yield DroppedHypothesis(item, head)


def reworded_hypotheses(
    old: Logbook,
    new: Logbook,
    outside: TextOutsideEntries,
    budget: ComparisonBudget,
    whole: Callable[[], Logbook],
) -> Iterator[RewordedHypothesis]:
    """Yield the hypotheses whose claim changed after a result: one of an entry that names them, or their settled state.

    The entries are those of the `whole` older logbook.

    What is struck out, and what follows the claim, such as its state and its evidence, is no change.
    """
    held = [item for item in old.hypotheses if item.id and item.claim]
    known = {(item.id.casefold(), _bare(item.claim)) for item in new.hypotheses}
    held = [item for item in held if (item.id.casefold(), _bare(item.claim)) not in known]
    named = _named_by_results(whole()) if held else frozenset()
    for item in held:
        claim = units_of((), claim_of(item.claim))
        says = [word for unit in claim for word in unit.words if word.text not in _MARKS]
        if not says or not (item.status in SETTLED or item.id.casefold() in named):
            continue
        units = [*islice(outside.units_of_hypothesis(item.id), _MOST_UNITS)]
        starts = ((unit, at) for unit in units for at, word in enumerate(unit.words) if word.says(says[0]))
        begun = [unit.part(unit.words[at:]) for unit, at in islice(starts, _MOST_STARTS)]
        if not units or any(not unit.aside and _still_says(unit, claim[0], budget) for unit in begun):
            continue
        lost = next(iter(lost_text(claim, begun or units, budget)), None)
        line = lost.line if lost and lost.line else units[0].line
        quote = lost.quote if lost else claim[0].text.strip()
        is_insertion = lost is None or lost.is_insertion
        yield RewordedHypothesis(item, quote, is_insertion, Span(new.path, line, line))


def _bare(text: str) -> tuple[str, ...]:
    return tuple(word for word in words_of(claim_of(text)) if word not in _MARKS)


def _named_by_results(book: Logbook) -> frozenset[str]:
    """Return the words of the entries that have a result, their next actions aside, as far as they may be IDs."""
    lines = book.text.split("\n")
    found: set[str] = set()
    for entry in filter(has_result, book.everything):
        planned = {line for item in entry.all("next-action") for line in range(item.span.line, item.span.end_line + 1)}
        said = [lines[line - 1] for line in range(entry.span.line, entry.span.end_line + 1) if line not in planned]
        text = "\n".join(said)
        words = [word.strip(".-_") for word in _WORDS.findall(text)]
        # **Packing** may be the name of a hypothesis; "packing" in a sentence is a word.
        found.update(word.casefold() for word in words if not word.isalpha() or word.isupper())
        told = " ".join(item.text for item in entry.all("hypothesis"))
        found.update(word.casefold() for word in (*_MARKED.findall(text), *_WORDS.findall(told)))
    return frozenset(found)


_MOST_STARTS = 16
_MOST_UNITS = 64
_LONGEST_CLAIM = 4_000
"""Characters of a hypothesis in which its claim is looked for."""
_MARKS = frozenset({*".,;:!?\"'()[]{}", "..."})
_WORDS = re.compile(r"[\w.-]+")
_MARKED = re.compile(r"[`*]([A-Za-z]+)[`*:]")
_STATES = "|".join(re.escape(word) for word in sorted(vocabulary.STATUSES, key=len, reverse=True))
_REFERENCE = r"(?-i:[A-Z][A-Z0-9]*-[\w-]*\d)|#\d|https?:"
_OUTCOME_AFTER = re.compile(
    # A sentence, a dash or a bracket that begins with a state, alone or with its circumstances, or with evidence.
    rf"(?:(?<=[.!?;:)])\s++|\s*+[.;:]\s++|\s++[\u2013\u2014\u2192-]++>?\s++|\s*+[(\[]|\s++[\u2705\u274c])"
    rf"(?:[^\w#]|_){{0,9}}+"
    rf"(?:(?:{_STATES})(?=\W*\Z|\s*[:.,;)\]\u2013\u2014(-]|\s(?:{vocabulary.CIRCUMSTANCES}|per|see)\b)|"
    rf"(?:evidence|see|status|next|results?|measured|observed|shown|tested|per|so far)\b(?!\W+(?:if|when|unless)\b)|"
    rf"{_REFERENCE})|"
    rf"\s*+,\s++(?:see\b|(?:falsified|refuted|rejected|supported|confirmed|validated|promoted)\b|{_REFERENCE})",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_CONDITION = re.compile(
    r"\b(?:if|when|unless|should|would|will|least|most|under|below|above|over|within)\b|[<>\u2264\u2265]"
)
_GOES_ON = re.compile(r"[\s)\]*_`\"']*(?:\Z|\||[.;:!?](?!\s*\W*(?:but|only|except|unless|or|not)\b))", re.IGNORECASE)


def claim_of(text: str) -> str:
    """Return what a hypothesis claims: its first sentence, and more up to a state, evidence or a figure."""
    first = " ".join(text[:_LONGEST_CLAIM].split())
    outcome = _OUTCOME_AFTER.search(first)
    kept, *more = _SENTENCE.split(first[: outcome.start()] if outcome else first)
    for sentence in more:
        if vocabulary.is_measured(sentence) and not _CONDITION.search(sentence):
            break
        kept += " " + sentence
    return kept.strip()


def _still_says(unit: Unit, claim: Unit, budget: ComparisonBudget) -> bool:
    """Return whether a text begins with a claim, corrections aside, and goes on with nothing but its outcome."""
    wanted = [word for word in claim.words if word.text not in _MARKS]
    for stop in range(len(wanted), len(unit.words) + 1):
        last = unit.words[stop - 1]
        if not last.is_struck and not last.says(wanted[-1]):
            continue
        if not budget.spend(stop):
            return False
        if matched_units([claim], [unit.part(unit.words[:stop])], anywhere=False) is not None:
            rest = unit.text[last.end :][:_LONGEST_CLAIM]
            goes_on = _GOES_ON.match(rest) or _OUTCOME_AFTER.match(rest)
            return goes_on is not None or last.is_struck
    return False


def _without_like(items: Sequence[Hypothesis], texts: Callable[[], Iterable[Iterable[str]]]) -> list[Hypothesis]:
    similar = SimilarTexts(texts()) if items else None
    return [item for item in items if similar and similar.take(words_of(item.text)) is None]
