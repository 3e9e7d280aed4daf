"""The catalogue: every rule in reading order. Pure functions over parsed logbooks and facts."""

from research_logbook.lint.rule import Rule
from research_logbook.lint.rules import (
    entries,
    file,
    header,
    history,
    hypotheses,
    identifiers,
    links,
    prologue,
    threads,
)

CATALOGUE: tuple[Rule, ...] = (
    *file.RULES,
    *header.RULES,
    *prologue.RULES,
    *entries.RULES,
    *identifiers.RULES,
    *hypotheses.RULES,
    *history.RULES,
    *links.RULES,
    *threads.RULES,
)
"""All rules, in the order of the documentation."""

NAMES = frozenset(rule.name for rule in CATALOGUE)
NEVER_ALLOWED = frozenset(rule.name for rule in CATALOGUE if not rule.can_be_allowed)
