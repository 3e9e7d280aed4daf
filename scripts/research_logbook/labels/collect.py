"""What an issue's labels depend on, read from GitHub: no more than is needed to decide."""

from dataclasses import replace

from research_logbook.config import Config
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue
from research_logbook.issues.enrolment import LABEL, is_agent, says_experiment
from research_logbook.issues.parsing import ExperimentIssue, experiment
from research_logbook.labels.plan import LabelFacts
from research_logbook.patterns import matches
from research_logbook.repo.research_branches import Named


def standing(github: GitHub, issue: Issue, named: Named, config: Config, branch: str = "") -> LabelFacts:
    """Return what decides which labels an issue has to carry; asks GitHub only where the answer can change that.

    `branch` is the one of this repository that a pull request comes from.
    """
    parsed = experiment(issue)
    is_named = not issue.is_pull_request and issue.number in named.issues
    is_research = matches(branch, config.branches.research) or branch in named.branches
    return LabelFacts(
        parsed,
        is_pull_request=issue.is_pull_request,
        is_research_pull=issue.is_pull_request and bool(branch) and is_research,
        is_named=is_named,
        author_role=None if issue.is_pull_request or is_named else author_role(github, parsed, config),
    )


def author_role(github: GitHub, issue: ExperimentIssue, config: Config) -> str | None:
    """Return the author's role where only it decides."""
    is_decided = issue.has_label(LABEL) or not says_experiment(issue) or is_agent(issue, config.labels.agents)
    return None if is_decided or not issue.author else github.role(issue.author)


def with_past(github: GitHub, facts: LabelFacts) -> LabelFacts:
    """Return the facts with what became of the labels before, and which ones the repository has."""
    return replace(facts, pasts=github.label_pasts(facts.issue.number), known=github.repository_labels())
