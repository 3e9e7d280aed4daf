"""`logbook sweep`: for everything that is open, what its events would have done."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from research_logbook.commands.labels import labelled
from research_logbook.commands.outcome import Step
from research_logbook.config import Config
from research_logbook.shell.git import Repository
from research_logbook.shell.github import GitHub
from research_logbook.shell.runner import event_of
from research_logbook.shell.threads import named_in


def sweep(
    github: GitHub, config: Config, environment: Mapping[str, str], folder: Path, after: int = 0
) -> Iterator[Step]:
    """Yield for each open issue and pull request above number `after` what gives it its labels."""
    event = event_of(environment)
    named = named_in(Repository.around(folder), config, event.default_branch, github)
    branches = github.branches()
    for issue in github.open_issues(after=after):
        branch = branches.get(issue.number, "")
        yield Step(issue.number, partial(labelled, github, issue, named, config, branch))
