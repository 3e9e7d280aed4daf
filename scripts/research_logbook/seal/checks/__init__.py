"""The seal checks: what has to hold before an experiment issue is closed. Pure functions over a thread's facts."""

from research_logbook.seal.checks import record, summary
from research_logbook.seal.checks.facts import SealCheck

CATALOGUE: tuple[SealCheck, ...] = (
    summary.tldr_current,
    summary.conclusion,
    summary.next_steps,
    record.final_snapshot,
    record.production_pr,
    summary.decision_log,
    summary.negative_results,
    summary.final_comment,
    record.final_entry,
    record.hypotheses_settled,
    record.one_logbook,
    record.history_intact,
    record.labels,
    summary.checklist,
    summary.sections,
    summary.filled_in,
    summary.docs_updated,
)
"""All checks, in the order of the report."""

NAMES = frozenset(check.name for check in CATALOGUE)
