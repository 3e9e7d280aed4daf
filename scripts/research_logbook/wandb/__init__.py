"""W&B: the runs of a thread, compared in one comment that stays current."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from research_logbook.config.schema import Config
from research_logbook.context import RunContext
from research_logbook.effects.plan import CommandResult, UpsertComment
from research_logbook.effects.sticky_comments import is_posted
from research_logbook.errors import UnfinishedError, UserError, no_such_issue, no_such_logbook, not_an_experiment
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue
from research_logbook.issues import IssueText, parse_issue
from research_logbook.issues.enrolment import is_experiment_issue
from research_logbook.issues.links import LinkKind
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, Unreadable, topic_of
from research_logbook.markdown.escape import quoted
from research_logbook.patterns import matches
from research_logbook.repo import files
from research_logbook.repo.research_branches import book_at, numbered
from research_logbook.repo.versions import roots
from research_logbook.wandb.client import LoginError, Runs
from research_logbook.wandb.comment import comment
from research_logbook.wandb.plan import RunComparison, summarise, thread_of
from research_logbook.wandb.runs import Curve

_MOST_ROWS = 1_000
"""Runs in the table of a job summary about one thread."""


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """Whose runs are meant; all open threads where nothing is said."""

    topic: str | None = None
    issue: int | None = None

    @property
    def is_one(self) -> bool:
        """Whether somebody asked for one thread."""
        return bool(self.topic or self.issue)


@dataclass(frozen=True, slots=True)
class _Found:
    issue: Issue
    book: Logbook
    is_named: bool


def summaries(
    asked: SummaryRequest, github: GitHub, runs: Runs, config: Config, books: Sequence[Logbook]
) -> Iterator[CommandResult]:
    """Yield for each thread that is meant what brings its comment up to date; one that fails stops no other.

    `books` are the repository's logbooks, as `topics.books_of` has them.
    """
    for found in _found(asked, github, books):
        if not is_experiment_issue(
            found.issue, is_named=found.is_named, agents=config.labels.agents, role_of=github.role
        ):
            yield _not_enrolled(asked, found.issue)
            continue
        try:
            yield _one(found, github, runs, config, is_asked_for=asked.is_one)
        except LoginError:
            raise
        except UnfinishedError as error:
            yield CommandResult(
                notes=(f"#{found.issue.number}: {error.message}; {error.help}",), exit_code=error.exit_code
            )


def _found(asked: SummaryRequest, github: GitHub, books: Sequence[Logbook]) -> Iterator[_Found]:
    named = numbered(books, github)
    if asked.topic is not None:
        book = book_at(books, asked.topic)
        if book is None:
            raise no_such_logbook(quoted(asked.topic))
        number = asked.issue or next((number for number, own in named.items() if book in own), None)
        if number is None:
            raise UserError(f"the logbook {book.path} names no issue of this repository", "name it: --issue N")
        yield _Found(_issue(github, number), book, book in named.get(number, ()))
        return
    issues = [_issue(github, asked.issue)] if asked.issue else github.open_issues()
    for issue in issues:
        book = _book(issue, named.get(issue.number, []), books)
        if book is not None:
            yield _Found(issue, book, issue.number in named)
        elif asked.is_one:
            raise UserError(
                f"no logbook of #{issue.number} was found",
                "name the issue in the logbook's header, or link the logbook in the issue",
            )


def _issue(github: GitHub, number: int) -> Issue:
    issue = github.issue(number)
    if issue is None:
        raise no_such_issue(number, github.repository)
    return issue


def _book(issue: Issue, named: list[Logbook], books: Iterable[Logbook]) -> Logbook | None:
    """Return the logbook of an issue: of those that name it one that it links, else the first; else a linked one."""
    linked = {link.path for link in parse_issue(issue).content.links if link.kind is LinkKind.LOGBOOK}
    both = (book for book in named if book.path in linked)
    return next(both, None) or next(iter(named), None) or next((book for book in books if book.path in linked), None)


def _not_enrolled(asked: SummaryRequest, issue: Issue) -> CommandResult:
    if not asked.is_one:
        return CommandResult()
    raise not_an_experiment(issue.number)


def _one(found: _Found, github: GitHub, runs: Runs, config: Config, *, is_asked_for: bool) -> CommandResult:
    runs.notes.clear()
    summary, curves = read(found.book, parse_issue(found.issue).content, runs, config)
    wanted = UpsertComment(found.issue.number, "wandb", found.book.topic, comment(summary, curves))
    if summary.runs:
        shown = comment(summary, curves, _MOST_ROWS) if is_asked_for else wanted.body
        return CommandResult((wanted,), tuple(runs.notes), shown)
    comments, login = github.comments(wanted.issue), github.login()
    return CommandResult(
        (wanted,) if is_posted(wanted.kind, wanted.key, comments, login) else (),
        (*runs.notes, no_runs(summary)),
        exit_code=UnfinishedError.exit_code if is_asked_for else 0,
    )


def read(book: Logbook, issue: IssueText, runs: Runs, config: Config) -> tuple[RunComparison, list[Curve]]:
    """Return the summary of a thread's runs, with the course of the primary metric."""
    asked = config.wandb
    thread = thread_of(book, issue, asked.host, asked.projects)
    found = runs.of(thread, asked.projects)
    summary = summarise(thread, found, asked.metrics, asked.better, asked.baseline.get(book.topic, ""))
    charted, primary = summary.charted(), summary.primary
    return summary, runs.curves(charted, primary.metric) if primary else []


def no_runs(summary: RunComparison) -> str:
    """Return why there is nothing to summarise, and what helps."""
    book = summary.thread.book
    known = [f"the prefix {book.prefix}"] if book.prefix else []
    known += [f"the tags {', '.join(book.header.tags)}"] if book.header.tags else []
    if not known and not summary.thread.linked and not summary.thread.mentions:
        return f"{book.path} names no prefix, no shared tags and no runs, so none could be looked for"
    return f"no run of {book.topic} was found by {' or '.join([*known, 'link'])} in the projects that are listed"


def local(asked: SummaryRequest, runs: Runs, context: RunContext) -> CommandResult:
    """Return the summary of a logbook in the work tree, for whoever stands in it; GitHub is not asked."""
    config = context.config
    path = _path(asked.topic or "", context)
    source = files.read(context.clone().root / path, path)
    book = source if isinstance(source, Unreadable) else parse(path, source)
    if isinstance(book, Unreadable):
        raise UserError(f"the logbook {path} {book.reason}", book.help)
    summary, curves = read(book, IssueText(), runs, config)
    if not summary.runs:
        return CommandResult(notes=(*runs.notes, no_runs(summary)), exit_code=UnfinishedError.exit_code)
    return CommandResult(notes=tuple(runs.notes), summary=comment(summary, curves, _MOST_ROWS))


def _path(topic: str, context: RunContext) -> str:
    here = context.repository.tracked(roots(context.config)) if context.repository else ()
    found = (path for path in sorted(here) if matches(path, context.config.logbooks) and topic_of(path) == topic)
    path = next(found, None)
    if path is None:
        raise no_such_logbook(quoted(topic))
    return path
