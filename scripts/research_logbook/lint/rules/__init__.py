"""The catalogue: every rule in reading order. Pure functions over parsed logbooks and facts."""

from research_logbook.lint.rules import entries, file, hidden_text, history, hypotheses, leftovers, references
from research_logbook.lint.rules.rule import Rule

CATALOGUE: tuple[Rule, ...] = (
    *file.RULES,
    *hidden_text.RULES,
    *leftovers.RULES,
    *entries.RULES,
    *hypotheses.RULES,
    *history.RULES,
    *references.RULES,
)
"""All rules, in the order of the documentation."""

NAMES = frozenset(rule.name for rule in CATALOGUE)
NEVER_ALLOWED = frozenset(rule.name for rule in CATALOGUE if not rule.can_be_allowed)
ALWAYS_SHOWN = frozenset((*(rule.name for rule in history.RULES), "committed-secret", "held-back-text"))
"""Rules each of whose findings counts for itself: what was lost has to come back, and a secret has to be revoked."""
