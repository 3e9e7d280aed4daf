"""The catalogue: every rule in reading order. Pure functions over parsed logbooks and facts."""

from research_logbook.lint.rules import entries, file, hidden_text, history, hypotheses, leftovers, references
from research_logbook.lint.rules.rule import Rule

_RULES: tuple[Rule, ...] = (
    *file.RULES,
    *hidden_text.RULES,
    *leftovers.RULES,
    *entries.RULES,
    *hypotheses.RULES,
    *history.RULES,
    *references.RULES,
)
_GROUPS = list(dict.fromkeys(rule.group for rule in _RULES))
CATALOGUE = tuple(sorted(_RULES, key=lambda rule: _GROUPS.index(rule.group)))
"""All rules, in the order of the documentation: group by group."""

NAMES = frozenset(rule.name for rule in CATALOGUE)
NEVER_ALLOWED = frozenset(rule.name for rule in CATALOGUE if not rule.can_be_allowed)
ALWAYS_SHOWN = frozenset((*(rule.name for rule in history.RULES), "committed-secret", "held-back-text"))
"""Rules each of whose findings counts for itself: what was lost has to come back, and a secret has to be revoked."""
