"""`logbook wandb-summary`: the W&B runs of a thread, compared in one comment that is kept current."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from research_logbook.config.schema import Config
from research_logbook.context import RunContext
from research_logbook.effects import CommandResult, UpsertComment
from research_logbook.effects.sticky_comments import is_posted
from research_logbook.errors import UnfinishedError, UserError, no_such_issue, no_such_logbook, not_an_experiment
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue
from research_logbook.issues import IssueText, parse_issue
from research_logbook.issues.classification import is_enrolled
from research_logbook.issues.links import LinkKind, Place
from research_logbook.logbook.model import Logbook, Unreadable, topic_of
from research_logbook.markdown.escape import quoted
from research_logbook.render import enumerated
from research_logbook.repo import files
from research_logbook.repo.research_branches import book_at, numbered
from research_logbook.repo.versions import logbook_files
from research_logbook.wandb.client import LoginError, RunSource
from research_logbook.wandb.comment import comment
from research_logbook.wandb.plan import RunComparison, compare_runs, thread_of
from research_logbook.wandb.runs import History

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
class _Thread:
    issue: Issue
    book: Logbook
    is_named: bool


def summaries(
    request: SummaryRequest, github: GitHub, source: RunSource, config: Config, books: Sequence[Logbook]
) -> Iterator[CommandResult]:
    """Yield for each thread that is meant what brings its comment up to date; one that fails stops no other.

    `books` are the repository's logbooks, as `research_branches.books_of` has them. Raises `LoginError` where W&B
    lets nobody in, and `UserError` where the request names no thread.
    """
    place = Place(github.site.host, config.logbooks)
    for thread in _threads(request, github, books, place):
        is_named, agents = thread.is_named, config.labels.agents
        if not is_enrolled(parse_issue(thread.issue), is_named=is_named, agents=agents, role_of=github.role):
            if request.is_one:
                raise not_an_experiment(thread.issue.number)
            yield CommandResult()
            continue
        try:
            yield _summary(thread, github, source, config, is_requested=request.is_one)
        except LoginError:
            raise
        except UnfinishedError as error:
            note = f"#{thread.issue.number}: {error.sentence}"
            yield CommandResult(notes=(note,), exit_code=error.exit_code)


def _threads(request: SummaryRequest, github: GitHub, books: Sequence[Logbook], place: Place) -> Iterator[_Thread]:
    """Yield the threads that are meant.

    The logbook of an issue is of those that name it one that it links, else the first; else one that it links.
    """

    def issue_of(number: int) -> Issue:
        issue = github.issue(number)
        if issue is None:
            raise no_such_issue(number, github.repository)
        return issue

    named = numbered(books, github)
    if request.topic is not None:
        book = book_at(books, request.topic)
        if book is None:
            raise no_such_logbook(quoted(request.topic), (topic_of(it.path) for it in books))
        number = request.issue or next((number for number, own in named.items() if book in own), None)
        if number is None:
            raise UserError(f"{book.path} names no issue of this repository", "pass `--issue N`")
        yield _Thread(issue_of(number), book, book in named.get(number, ()))
        return
    for issue in [issue_of(request.issue)] if request.issue else github.open_issues():
        own = named.get(issue.number, [])
        linked = {link.path for link in parse_issue(issue, (), place).content.links if link.kind is LinkKind.LOGBOOK}
        known = own or [book for book in books if book.path in linked]
        if known:
            book = next((book for book in known if book.path in linked), known[0])
            yield _Thread(issue, book, issue.number in named)
        elif request.is_one:
            raise UserError(
                f"no logbook found for #{issue.number}",
                "name the issue in the logbook's header, or link the logbook in the issue",
            )


def _summary(
    thread: _Thread, github: GitHub, source: RunSource, config: Config, *, is_requested: bool
) -> CommandResult:
    source.notes.clear()
    source.unread.clear()
    compared, histories = _compared(thread.book, parse_issue(thread.issue).content, source, config)
    wanted = UpsertComment(thread.issue.number, "wandb", thread.book.topic, comment(compared, histories))
    if compared.runs:
        shown = comment(compared, histories, _MOST_ROWS) if is_requested else wanted.body
        exit_code = UnfinishedError.exit_code if source.unread else 0
        return CommandResult((wanted,), (*source.notes, *source.unread), shown, exit_code=exit_code)
    comments, login = github.comments(wanted.issue), github.login()
    return CommandResult(
        (wanted,) if is_posted(wanted.kind, wanted.key, comments, login) else (),
        (*source.notes, *source.unread, _why_none(compared)),
        exit_code=UnfinishedError.exit_code if is_requested or source.unread else 0,
    )


def _compared(
    book: Logbook, issue: IssueText, source: RunSource, config: Config
) -> tuple[RunComparison, list[History]]:
    """Return the comparison of a thread's runs, with the histories of the primary metric."""
    wanted = config.wandb
    thread = thread_of(book, issue, wanted.host, wanted.projects)
    found = source.runs(thread, wanted.projects)
    compared = compare_runs(thread, found, wanted.metrics, wanted.better, wanted.baseline.get(book.topic, ""))
    primary = compared.primary
    return compared, source.histories(compared.charted, primary.metric) if primary else []


def histories(book: Logbook, source: RunSource, config: Config) -> tuple[str, list[History]]:
    """Return the primary metric of a thread's runs, and how it went in each; nothing where there are none."""
    compared, found = _compared(book, IssueText(), source, config)
    return (compared.primary.metric if compared.primary else "", found)


def _why_none(compared: RunComparison) -> str:
    """Return why there is nothing to compare."""
    thread, book = compared.thread, compared.thread.book
    ways = [f"the prefix {book.prefix}"] if book.prefix else []
    ways += [f"the tags {enumerated(book.header.tags)}"] if book.header.tags else []
    if not ways and not thread.linked and not thread.mentions:
        return f"{book.path} names no prefix, tags or runs, so there was nothing to look for"
    return f"no run of {book.topic} was found by {enumerated([*ways, 'a link'], 'or')} in the configured projects"


def local(topic: str, source: RunSource, context: RunContext) -> CommandResult:
    """Return the summary of a logbook in the work tree, for whoever is in it; GitHub is not asked.

    Raises `UserError` where no logbook of the topic is there, or it cannot be read.
    """
    config = context.config
    books = logbook_files(context.repository, config) if context.repository else ()
    path = next((path for path in books if topic_of(path) == topic), None)
    if path is None:
        raise no_such_logbook(quoted(topic), map(topic_of, books))
    book = files.read_logbook(context.clone().root / path, path)
    if isinstance(book, Unreadable):
        raise UserError(f"the logbook {path} {book.reason}", book.help)
    compared, histories = _compared(book, IssueText(), source, config)
    if not compared.runs:
        return CommandResult(notes=(*source.notes, _why_none(compared)), exit_code=UnfinishedError.exit_code)
    return CommandResult(notes=tuple(source.notes), summary=comment(compared, histories, _MOST_ROWS))
