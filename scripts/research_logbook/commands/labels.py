"""`logbook labels`: what gives one issue or pull request its labels."""

from collections.abc import Mapping
from pathlib import Path

from research_logbook.commands.outcome import Outcome
from research_logbook.config import Labels
from research_logbook.core.planning.labels import LabelFacts, plan_labels
from research_logbook.errors import UserError
from research_logbook.shell.git import Repository
from research_logbook.shell.github import GitHub
from research_logbook.shell.runner import event_of
from research_logbook.shell.settings import of_default_branch
from research_logbook.shell.threads import label_facts, named_issues


def labels(
    number: int, github: GitHub, environment: Mapping[str, str], folder: Path, mode: str | None = None
) -> Outcome:
    """Return what gives an issue or pull request its labels; `mode` is `fix` or `check`, else the configuration's."""
    event, repository = event_of(environment), Repository.around(folder)
    config = of_default_branch(repository, event.default_branch)
    issue = github.issue(number)
    if issue is None:
        raise UserError(f"there is no issue or pull request #{number} here", "look at the number and the repository")
    named = named_issues(repository, config, event.default_branch, github.repository) if repository else {}
    branch = github.branches().get(number, "") if issue.is_pull_request else ""
    return labelled(label_facts(github, issue, named, config, branch), config.labels, mode)


def labelled(facts: LabelFacts, config: Labels, mode: str | None = None) -> Outcome:
    """Return what gives an issue its labels, or in mode `check` fails where some are missing."""
    plan = plan_labels(facts, config.agents, config.not_put_back)
    is_check = (mode or config.mode) == "check"
    return Outcome(plan, exit_code=int(is_check and bool(plan)), is_check=is_check)
