"""What the new entries and decisions of a change say of the rest of it: whether they explain it."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from research_logbook.diff.tokens import Unit
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Entry, Logbook, text_of
from research_logbook.logbook.queries import has_result
from research_logbook.markdown.tree import BlockKind


class NewStatements:
    """What the new entries and decisions of a change say of something that the change altered."""

    def __init__(self, old: Logbook, new: Logbook, added: Iterable[Entry]) -> None:
        known = {decision.text for decision in old.decisions}
        self._entries = tuple(added)
        self._decisions = [decision for decision in new.decisions if decision.text not in known]

    def name(self, words: str) -> bool:
        """Return whether one of them has a word that the pattern `words` begins."""
        pattern = re.compile(rf"\b(?:{words})", re.IGNORECASE)
        texts = [f"{entry.heading}\n{entry.text}" for entry in self._entries]
        return any(pattern.search(text) for text in [*texts, *(decision.text for decision in self._decisions)])

    def explain(self, names: str, values: Iterable[Unit]) -> bool:
        """Return whether one of them says that something changed, and why.

        It has one of its `names`, a pattern, or half of the words of one of its `values`; it says that there was a
        change, or what it is now; and it goes on: with a word such as "because" and two more, with three words that
        are none of all that, or with a reference to what shows it, such as "see MOE-HC-003".
        """
        known = [_told(unit.key.split(" ")) for unit in values]
        pattern = re.compile(rf"\b(?:{names})\b", re.IGNORECASE)
        return any(_explains(text, pattern, known) for text in self._texts)

    @cached_property
    def _texts(self) -> list[str]:
        """What may explain a change: each decision, each entry whose heading speaks of it, each part of an entry."""
        texts = [decision.text for decision in self._decisions]
        for entry in self._entries:
            parts = [text_of(block) for block in entry.blocks]
            items = [text_of(item) for block in entry.blocks if block.kind is BlockKind.LIST for item in block.blocks]
            whys = [text for text in items if _WHY.match(text)]
            texts += [" ".join((text, *whys)) for text in (*parts, *items)]
            if not has_result(entry):
                texts.append(f"{entry.heading}\n{entry.text}")
        return texts


_WHY = re.compile(r"\W*(?:why|reasons?|rationale|because|motivation|context|evidence)\b", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:abandon|adjust|amend|becomes?|broaden|chang|correct|drop|extend|instead|loosen|lower|mov|narrow|new|"
    r"no longer|now|raise|raising|rather than|redefin|relax|rename|replac|reset|revis|reword|rescop|re-scop|shift|"
    r"switch|tighten|translat|updat|was|were|widen|withdr|from now on)\w*|\u2192|->",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|as|due|owing|given|after|otherwise|cannot|can't|couldn't|impossible|so that|in order|"
    r"reasons?|rationale|why|too|typo|mistake|based on|following|therefore|thus|only)\b",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\b(?:see|per|after|by|from|given|following|cf|evidence)\b[^.\n]{0,40}?(?:[A-Z][A-Z0-9]*-[A-Z0-9-]*\d|#\d|https?:)"
)


def _told(words: Iterable[str]) -> frozenset[str]:
    """Return the words that say something."""
    folded = (word.casefold() for word in words)
    return frozenset(word for word in folded if len(word) > 1 and word.isalpha() and word not in vocabulary.FILLERS)


def _explains(text: str, names: re.Pattern[str], values: Sequence[frozenset[str]]) -> bool:
    said = _told(re.findall(r"[^\W_]+(?:'\w+)?", text))
    shared = [len(said & value) * 2 >= len(value) >= 3 for value in values]
    if not (names.search(text) or any(shared)) or not (_CHANGE.search(text) or any(shared)):
        return False
    more = {
        word
        for word in said.difference(*values)
        if not (names.fullmatch(word) or _CHANGE.fullmatch(word) or _REASON.fullmatch(word))
    }
    return len(more) >= (2 if _REASON.search(text) else 3) or _REFERENCE.search(text) is not None
