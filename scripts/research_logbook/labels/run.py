"""`logbook labels`: what gives one issue or pull request its labels, read from GitHub, no more than decides it."""

from dataclasses import replace

from research_logbook.config.schema import Config
from research_logbook.context import RunContext
from research_logbook.effects.plan import CommandResult
from research_logbook.errors import no_such_issue
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue, issue_in
from research_logbook.issues import parse_issue
from research_logbook.issues.enrolment import author_role
from research_logbook.labels.plan import LabelFacts, missing_labels, plan_labels
from research_logbook.patterns import matches
from research_logbook.repo.research_branches import Named, named_in


def labels(number: int, github: GitHub, context: RunContext) -> CommandResult:
    """Return what gives an issue or pull request its labels; raises `NoIssueError` where there is none.

    What the event's payload shows is not asked again, unless something has to be done: then what is true now counts.
    """
    event, config = context.event, context.config
    named = named_in(context.repository, config, event.default_branch, github)

    def branch_of(issue: Issue) -> str:
        """Return the branch of this repository that a pull request comes from; empty for anything else."""
        if not issue.is_pull_request:
            return ""
        if event.pull_request and event.pull_request.number == number:
            return event.pull_request.head if event.pull_request.same_repository else ""
        pull = github.pull(number)
        return pull.head.ref if pull.comes_from(github.repository) else ""

    shown = issue_in(event.issue) if event.number == number else None
    branch = branch_of(shown) if shown else ""
    if shown and not missing_labels(label_facts(github, shown, named, config, branch), config.labels.agents):
        return CommandResult()
    issue = github.issue(number)
    if issue is None:
        if event.number == number:
            return CommandResult(notes=(f"#{number} was deleted or moved meanwhile, so there is nothing to do",))
        raise no_such_issue(number, github.repository, "issue or pull request")
    return label_issue(github, issue, named, config, branch if shown else branch_of(issue))


def label_issue(github: GitHub, issue: Issue, named: Named, config: Config, branch: str) -> CommandResult:
    """Return what gives an issue its labels, or in mode `check` fails and says which are missing."""
    agents, not_put_back = config.labels.agents, config.labels.not_put_back
    facts = label_facts(github, issue, named, config, branch)
    if not missing_labels(facts, agents):
        return CommandResult()
    facts = replace(facts, pasts=github.label_pasts(issue.number), known=github.repository_labels())
    plan = plan_labels(facts, agents, not_put_back)
    if config.labels.mode == "fix":
        return CommandResult(plan, judged={issue.number: issue.updated_at})
    lacking = " and ".join(f"“{name}”" for name in missing_labels(facts, agents, not_put_back))
    notes = (f"#{issue.number} lacks {lacking}",) if plan else ()
    return CommandResult(plan, notes, exit_code=int(bool(plan)), is_check=True)


def label_facts(github: GitHub, issue: Issue, named: Named, config: Config, branch: str = "") -> LabelFacts:
    """Return what decides which labels an issue has to carry; asks GitHub only where the answer can change that.

    `branch` is the one of this repository that a pull request comes from.
    """
    parsed = parse_issue(issue)
    if issue.is_pull_request:
        is_research = matches(branch, config.branches.research) or branch in named.branches
        return LabelFacts(parsed, is_pull_request=True, is_research_pull=bool(branch) and is_research)
    if issue.number in named.issues:
        return LabelFacts(parsed, is_named=True)
    return LabelFacts(parsed, author_role=author_role(parsed, config.labels.agents, github.role))
