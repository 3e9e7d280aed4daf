"""Which labels an experiment issue lacks, and what is done about it (research workflow, Core Artifacts 1).

Nobody's own labels are ever touched: labels are added, never removed and never replaced.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from research_logbook.effects.plan import AddLabels, CreateLabel, Effect, Plan, UpsertComment, as_plan
from research_logbook.github.models import LabelPast
from research_logbook.issues import ExperimentIssue
from research_logbook.issues.enrolment import LABEL, is_agent_made, is_enrolled

AGENT_LABEL = "agent-generated"

LABELS = {
    LABEL: CreateLabel(LABEL, "5319e7", "A research thread with a logbook"),
    AGENT_LABEL: CreateLabel(AGENT_LABEL, "c5def5", "Made by an agent"),
}
"""The labels as they are created where the repository lacks them."""

MOST_PUT_BACK = 3
"""How often a label is put back on one issue before a comment asks people to agree."""


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What is known about an issue, or a pull request, and its labels."""

    issue: ExperimentIssue
    is_pull_request: bool = False
    is_research_pull: bool = False
    """Whether it is a pull request from a research branch of the same repository."""
    is_named: bool = False
    """Whether a logbook's header names it as its issue."""
    author_role: str | None = None
    pasts: Mapping[str, LabelPast] = field(default_factory=dict)
    """How often each label was taken off, by its name in lower case."""
    known: frozenset[str] = frozenset()
    """The repository's labels, in lower case."""

    def past(self, label: str) -> LabelPast:
        """Return how often a label was taken off and put back."""
        return self.pasts.get(label.casefold(), LabelPast())


def missing_labels(facts: LabelFacts, agents: Collection[str], not_put_back: Collection[str] = ()) -> tuple[str, ...]:
    """Return the labels that it has to carry and lacks, except those that people took off for good."""
    if facts.is_pull_request:
        enrolled = facts.is_research_pull
    else:
        enrolled = is_enrolled(
            facts.issue, named_by_logbook=facts.is_named, author_role=facts.author_role, agents=agents
        )
    if not enrolled:
        return ()
    wanted = (LABEL, AGENT_LABEL) if is_agent_made(facts.issue, agents) else (LABEL,)
    freed = {name.casefold() for name in not_put_back if facts.past(name).removed}
    return tuple(name for name in wanted if not facts.issue.has_label(name) and name not in freed)


def plan_labels(facts: LabelFacts, agents: Collection[str], not_put_back: Collection[str] = ()) -> Plan:
    """Return what gives the issue its labels; nothing when it has them."""
    missing = missing_labels(facts, agents, not_put_back)
    disputed = tuple(name for name in missing if facts.past(name).put_back >= MOST_PUT_BACK)
    added = tuple(name for name in missing if name not in disputed)
    number = facts.issue.number
    effects: list[Effect] = [LABELS[name] for name in added if name not in facts.known]
    if added:
        effects.append(AddLabels(number, added))
    if disputed:
        body = (
            f"{' and '.join(f'`{name}`' for name in disputed)} was taken off this experiment issue and put back "
            f"{MOST_PUT_BACK} times. It stays off now.\n\n"
            "Experiment issues carry `experiment`, and `agent-generated` when an agent made them. To keep a label off "
            "for good, list it under `labels.not-put-back` in `.github/logbook.yml`; otherwise add it again by hand."
        )
        effects.append(UpsertComment(number, "labels", str(number), body))
    return as_plan(effects)
