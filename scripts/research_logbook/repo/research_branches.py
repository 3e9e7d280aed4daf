"""What an issue's labels depend on, read from GitHub and git: no more than is needed to decide."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from research_logbook.config import Config
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue
from research_logbook.issues.enrolment import LABEL, is_agent, is_enrolled, says_experiment
from research_logbook.issues.parsing import ExperimentIssue, parse_issue
from research_logbook.labels.plan import LabelFacts
from research_logbook.logbook.model import Header, Logbook
from research_logbook.logbook.parsing import parse
from research_logbook.patterns import matches
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_versions import roots

_HEAD = 32_768
"""Bytes at the start of a logbook that are read for its header."""


class Named(NamedTuple):
    """What the headers of the logbooks name that stand on the default or on a research branch."""

    issues: Mapping[int, str] = {}
    """Issues of this repository, each with the path of a logbook."""
    branches: frozenset[str] = frozenset()


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


def is_known_experiment(issue: Issue, *, is_named: bool, agents: Collection[str]) -> bool:
    """Return whether an issue is enrolled, as far as can be said without asking for its author's role."""
    parsed = experiment(issue)
    return not issue.is_pull_request and is_enrolled(parsed, named_by_logbook=is_named, author_role=None, agents=agents)


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


class _Book(NamedTuple):
    """A logbook's header, and the branches that it stands on."""

    path: str
    header: Header
    branches: frozenset[str]


def named_in(repository: Repository | None, config: Config, default_branch: str | None, github: GitHub) -> Named:
    """Return what headers name, of issues those that stand in `github`'s repository.

    A research branch is known by its name, or because the header of a logbook names it: one on the branch itself, on
    the default branch or on another research branch. Where nobody says which branch is the default one, it is the
    one that is checked out.
    """
    if repository is None:
        return Named()
    default = default_branch or repository.default_branch or "HEAD"
    books = tuple(_books(repository, config, default))
    branches = _research(books, default, config)
    counting = [book for book in books if book.branches & {*branches, default}]
    numbers = ((number_in(book.header, github), book.path) for book in counting)
    return Named({number: path for number, path in numbers if number}, branches - {default})


def research_branches(repository: Repository, config: Config, default_branch: str | None) -> frozenset[str]:
    """Return the research branches of origin, known as `named_in` knows them."""
    default = default_branch or repository.default_branch or "HEAD"
    return _research(tuple(_books(repository, config, default)), default, config) - {default}


def number_in(header: Header, github: GitHub) -> int | None:
    """Return the issue of `github`'s repository that a header names, or None."""
    return header.issue.number_in(github.repository, github.host) if header.issue else None


def _research(books: Iterable[_Book], default: str, config: Config) -> frozenset[str]:
    everywhere = frozenset[str]().union(*(book.branches for book in books))
    found = {name for name in everywhere if matches(name, config.branches.research)}
    found |= {book.header.branch for book in books if book.header.branch in book.branches}
    more = {default}
    while more - found:
        found |= more
        more = {book.header.branch for book in books if book.header.branch and book.branches & found}
    return frozenset(found)


def _books(repository: Repository, config: Config, default: str) -> Iterator[_Book]:
    """Yield each version of each logbook on any branch once; of a branch only its folders of logbooks are read."""
    places: dict[tuple[str, str], set[str]] = {}
    for branches, commit in _groups(repository, config, default):
        for path, digest in repository.files(commit, roots(config)).items():
            if matches(path, config.logbooks):
                places.setdefault((path, digest), set()).update(branches)
    contents = repository.contents(list(dict.fromkeys(digest for _, digest in places)))
    for (path, digest), branches in places.items():
        book = parse(path, _head(contents[digest])) if digest in contents else None
        if isinstance(book, Logbook):
            yield _Book(path, book.header, frozenset(branches))


def _groups(repository: Repository, config: Config, default: str) -> Iterator[tuple[set[str], str]]:
    """Yield branches that hold the same logbooks, with the commit of one.

    What is checked out counts only where no branch is known to be the default one: it may be a stranger's work.
    """
    head = repository.commit("HEAD") if default == "HEAD" else None
    commits = {**repository.remote_branches(), **({"HEAD": head} if head else {})}
    trees = repository.trees(commits.values(), roots(config))
    groups: dict[tuple[bytes, ...], set[str]] = {}
    for name, commit in commits.items():
        groups.setdefault(trees[commit], set()).add(name)
    for names in groups.values():
        yield names, commits[min(names)]


def header_of(path: str, data: bytes) -> Header:
    """Return a logbook's header, for which its start is enough."""
    book = parse(path, _head(data))
    return book.header if isinstance(book, Logbook) else Header()


def _head(data: bytes) -> bytes:
    return data[:_HEAD].rpartition(b"\n")[0] if len(data) > _HEAD else data
