"""What an issue's labels depend on, read from GitHub and git: no more than is needed to decide."""

from collections.abc import Iterable, Iterator, Mapping

from research_logbook.config import Config
from research_logbook.core.github import Issue
from research_logbook.core.model import Header, Logbook
from research_logbook.core.parsing.issue import ExperimentIssue, parse_issue
from research_logbook.core.parsing.logbook import parse
from research_logbook.core.patterns import matches
from research_logbook.core.planning.enrolment import LABEL, is_agent, says_experiment
from research_logbook.core.planning.labels import LabelFacts, missing
from research_logbook.shell.gather import roots
from research_logbook.shell.git import Repository
from research_logbook.shell.github import GitHub

_HEAD = 32_768
"""Bytes at the start of a logbook that are read for its header."""


def experiment(issue: Issue) -> ExperimentIssue:
    """Return an issue as an experiment's, without its comments."""
    return parse_issue(
        issue.number,
        issue.title,
        issue.body,
        labels=issue.labels,
        author=issue.author,
        author_is_bot=issue.is_bot,
        state=issue.state,
        comments=(),
    )


def label_facts(github: GitHub, issue: Issue, named: Mapping[int, str], config: Config, branch: str = "") -> LabelFacts:
    """Return what is known about an issue's labels; asks GitHub only where the answer can change the outcome.

    `named` maps issues to the logbooks that name them, `branch` is the one a pull request of this repository comes
    from.
    """
    parsed = experiment(issue)
    facts = LabelFacts(
        parsed,
        is_research_pull=issue.is_pull_request and matches(branch, config.branches.research),
        is_named=not issue.is_pull_request and issue.number in named,
        author_role=author_role(github, parsed, issue, named, config),
    )
    if not missing(facts, config.labels.agents):
        return facts
    return LabelFacts(
        parsed,
        facts.is_research_pull,
        facts.is_named,
        facts.author_role,
        github.label_pasts(issue.number, github.login()),
        github.repository_labels(),
    )


def author_role(
    github: GitHub, parsed: ExperimentIssue, issue: Issue, named: Mapping[int, str], config: Config
) -> str | None:
    """Return the author's role where only it decides; pull requests are decided by their branch."""
    is_decided = issue.is_pull_request or issue.number in named or parsed.has_label(LABEL)
    if is_decided or not says_experiment(parsed) or is_agent(parsed, config.labels.agents) or not parsed.author:
        return None
    return github.role(parsed.author)


def named_issues(repository: Repository, config: Config, default_branch: str | None, own: str) -> dict[int, str]:
    """Return the issues of `own` (OWNER/NAME) that a logbook's header names, on the default or a research branch."""
    heads: dict[str, tuple[str, str]] = {}
    for commit in _branches(repository, config, default_branch):
        for path, digest in repository.files(commit, roots(config)).items():
            if matches(path, config.logbooks):
                heads.setdefault(digest, (path, digest))
    contents = repository.contents(list(heads))
    return dict(_naming(((path, contents[digest]) for path, digest in heads.values() if digest in contents), own))


def _branches(repository: Repository, config: Config, default_branch: str | None) -> list[str]:
    remote = repository.remote_branches()
    chosen = [
        commit for name, commit in remote.items() if name == default_branch or matches(name, config.branches.research)
    ]
    head = repository.commit("HEAD")
    return chosen or ([head] if head else [])


def _naming(files: Iterable[tuple[str, bytes]], own: str) -> Iterator[tuple[int, str]]:
    for path, data in files:
        issue = header_of(path, data).issue
        if issue and issue.number and (issue.repository or own).casefold() == own.casefold():
            yield issue.number, path


def header_of(path: str, data: bytes) -> Header:
    """Return a logbook's header, for which its start is enough."""
    book = parse(path, data[:_HEAD].rpartition(b"\n")[0] if len(data) > _HEAD else data)
    return book.header if isinstance(book, Logbook) else Header()
