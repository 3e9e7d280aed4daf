"""`logbook sweep`: for everything that is open, what its events would have done."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from research_logbook.commands.labels import labelled
from research_logbook.commands.outcome import Outcome
from research_logbook.commands.snapshot import all_snapshots
from research_logbook.shell.git import Repository
from research_logbook.shell.github import GitHub
from research_logbook.shell.runner import event_of
from research_logbook.shell.settings import of_default_branch
from research_logbook.shell.threads import label_facts, named_issues


def sweep(github: GitHub, environment: Mapping[str, str], folder: Path, after: int = 0) -> Iterator[Outcome]:
    """Yield what gives each open issue and pull request above number `after` its labels; then all missing snapshots."""
    event, repository = event_of(environment), Repository.around(folder)
    config = of_default_branch(repository, event.default_branch)
    named = named_issues(repository, config, event.default_branch, github.repository) if repository else {}
    branches = github.branches()
    for issue in github.open_issues(after=after):
        facts = label_facts(github, issue, named, config, branches.get(issue.number, ""))
        yield labelled(facts, config.labels)
    if repository:
        yield all_snapshots(github, environment, folder)
