"""`logbook labels`: what gives one issue or pull request its labels."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from research_logbook.actions.event import Event, PullRequest
from research_logbook.actions.runner import event_of
from research_logbook.config.schema import Config
from research_logbook.effects.plan import CommandResult
from research_logbook.errors import no_such_issue
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue, issue_in
from research_logbook.issues import experiment
from research_logbook.issues.enrolment import author_role
from research_logbook.labels.plan import LabelFacts, missing, plan_labels
from research_logbook.patterns import matches
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import Named, named_in


def labels(number: int, github: GitHub, config: Config, environment: Mapping[str, str], folder: Path) -> CommandResult:
    """Return what gives an issue or pull request its labels.

    What the event's payload shows is not asked again, unless something has to be done: then what is true now counts.
    """
    event = event_of(environment)
    shown = issue_in(event.issue) if event.number == number else None
    named = named_in(Repository.around(folder), config, event.default_branch, github)
    branch = _branch(github, event.pull_request, shown) if shown else ""
    if shown and not missing(standing(github, shown, named, config, branch), config.labels.agents):
        return CommandResult()
    issue = github.issue(number)
    if issue is None:
        return _gone(number, event, github.repository)
    if not shown:
        branch = _branch(github, event.pull_request, issue)
    return labelled(github, issue, named, config, branch)


def _branch(github: GitHub, pull: PullRequest | None, issue: Issue) -> str:
    """Return the branch of this repository that a pull request comes from; empty for anything else."""
    if not issue.is_pull_request:
        return ""
    if pull and pull.number == issue.number:
        return pull.head if pull.same_repository else ""
    pulled = github.pull(issue.number)
    return pulled.head.ref if pulled.comes_from(github.repository) else ""


def _gone(number: int, event: Event, repository: str) -> CommandResult:
    if event.number == number:
        return CommandResult(notes=(f"#{number} was deleted or moved meanwhile, so there is nothing to do",))
    raise no_such_issue(number, repository, "issue or pull request")


def labelled(github: GitHub, issue: Issue, named: Named, config: Config, branch: str) -> CommandResult:
    """Return what gives an issue its labels, or in mode `check` fails and says which are missing."""
    agents, not_put_back = config.labels.agents, config.labels.not_put_back
    facts = standing(github, issue, named, config, branch)
    if not missing(facts, agents):
        return CommandResult()
    facts = with_past(github, facts)
    plan = plan_labels(facts, agents, not_put_back)
    if config.labels.mode == "fix":
        return CommandResult(plan, judged={issue.number: issue.updated_at})
    lacking = " and ".join(f"“{name}”" for name in missing(facts, agents, not_put_back))
    return CommandResult(
        plan, (f"#{issue.number} lacks {lacking}",) if plan else (), exit_code=int(bool(plan)), is_check=True
    )


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
        author_role=None
        if issue.is_pull_request or is_named
        else author_role(parsed, config.labels.agents, github.role),
    )


def with_past(github: GitHub, facts: LabelFacts) -> LabelFacts:
    """Return the facts with what became of the labels before, and which ones the repository has."""
    return replace(facts, pasts=github.label_pasts(facts.issue.number), known=github.repository_labels())
