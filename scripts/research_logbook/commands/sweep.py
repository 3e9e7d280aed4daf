"""`logbook sweep`: for everything that is open, what its events would have done."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from research_logbook.commands.labels import labelled
from research_logbook.commands.outcome import Step
from research_logbook.commands.snapshot import all_snapshots
from research_logbook.config import Config
from research_logbook.shell.git import Repository
from research_logbook.shell.github import GitHub
from research_logbook.shell.runner import event_of
from research_logbook.shell.threads import named_in


def sweep(
    github: GitHub, config: Config, environment: Mapping[str, str], folder: Path, after: int = 0
) -> Iterator[Step]:
    """Yield what makes all snapshots, then what gives each open issue and pull request above `after` its labels."""
    event, repository = event_of(environment), Repository.around(folder)
    if repository:
        yield Step(0, partial(all_snapshots, github, config, environment, folder), "the snapshots")
    named = named_in(repository, config, event.default_branch, github)
    branches = github.branches()
    for issue in github.open_issues(after=after):
        branch = branches.get(issue.number, "")
        yield Step(issue.number, partial(labelled, github, issue, named, config, branch))
