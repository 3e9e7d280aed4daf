"""The stages of a lint run after gathering: parse, look up, judge; for a group of logbooks at a time."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from research_logbook.actions.event import EventKind
from research_logbook.config.schema import Config
from research_logbook.findings import Finding, Judged, Report
from research_logbook.issues.summaries import closed_by
from research_logbook.lint.engine import LintVerdict, in_order, judge, judge_change, judge_unreadable, skipped
from research_logbook.lint.issue_lookup import MOST, IssueAnswers, IssueLookup
from research_logbook.lint.rule import ChangeSet, Facts, LintCase, Revision
from research_logbook.lint.rules import NEVER_ALLOWED
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, LogbookSummary, Unreadable
from research_logbook.logbook.references import JUDGED, wanted
from research_logbook.repo import files
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.git import Repository
from research_logbook.repo.versions import Earlier, Gathered, Source

_GROUP = 16
_WORTH_A_PROCESS = 1_000_000
"""Bytes of logbooks from which a second process pays for its start."""


@dataclass(frozen=True, slots=True)
class LintRun:
    """What holds for all logbooks of a run."""

    config: Config
    facts: Facts
    basis: Comparison = Comparison(None)  # noqa: RUF009 - frozen
    root: Path | None = None
    """Of the repository; None outside of one."""
    everything: bool = False
    hub: IssueLookup = IssueLookup()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class LogbookBatch:
    """Some logbooks and their earlier versions: the work of one process."""

    run: LintRun
    judged: Mapping[str, Source]
    base: Mapping[str, Earlier]
    snapshots: Mapping[str, Earlier]
    pushed: Mapping[str, Earlier]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of a group."""

    findings: tuple[Finding, ...]
    inherited: int
    books: tuple[LogbookSummary, ...]
    was: tuple[LogbookSummary, ...]
    """The same logbooks in the base."""


Books = Mapping[str, Logbook | Unreadable]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A group, parsed: each version by the judged path."""

    judged: Books
    base: Books
    snapshots: Books
    pushed: Books


def report(run: LintRun, gathered: Gathered) -> Report:
    """Return the report on all that was gathered."""
    outcomes = list(_outcomes(run, gathered))
    books = tuple(book for outcome in outcomes for book in outcome.books)
    facts, left = _about_all(run, gathered, books)
    whole = judge_change(
        ChangeSet(books, facts, run.config),
        None if run.everything else _in_base(run, facts, tuple(book for outcome in outcomes for book in outcome.was)),
    )
    findings = (*(finding for outcome in outcomes for finding in outcome.findings), *whole.findings)
    return Report(
        logbooks=tuple(sorted(map(_judged, books), key=lambda item: item.path)),
        findings=in_order(findings),
        inherited=sum(outcome.inherited for outcome in outcomes) + whole.inherited,
        skipped=skipped(run.config, facts),
        notes=(*_notes(run, gathered), *_unasked(left)),
    )


def _notes(run: LintRun, gathered: Gathered) -> Iterator[str]:
    if run.basis.note:
        yield run.basis.note
    if gathered.pushed:
        yield f"history is also held against {next(iter(gathered.pushed.values())).revision}, which was pushed"
    if run.root and not gathered.present and not run.basis.is_deletion:
        yield f"no file is a logbook by the patterns {', '.join(run.config.logbooks)}"
    off = [name for name in sorted(NEVER_ALLOWED) if run.config.rules.get(name) == "off"]
    if off:
        yield f"switched off by the configuration: {', '.join(off)}"


def _unasked(left: Sequence[int]) -> Iterator[str]:
    if left:
        shown = ", ".join(f"#{number}" for number in left)
        yield f"GitHub is asked about {MOST} issues at most, so nothing was judged that needs to know of {shown}"


def _outcomes(run: LintRun, gathered: Gathered) -> Iterator[BatchResult]:
    groups = [_group(run, gathered, names) for names in _spread(list(gathered.judged))]
    if len(groups) < 2 or sum(map(_size, gathered.judged.values())) < _WORTH_A_PROCESS:
        yield from map(outcome, groups)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - a small run pays nothing

    with ProcessPoolExecutor(initializer=gc.disable) as pool:
        yield from pool.map(outcome, groups)


def _size(source: Source) -> int:
    if isinstance(source, Path):
        return source.stat().st_size if source.is_file() else 0
    return len(source) if isinstance(source, bytes) else 0


def _spread(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + _GROUP] for start in range(0, len(names), _GROUP)]


def _group(run: LintRun, gathered: Gathered, names: Sequence[str]) -> LogbookBatch:
    return LogbookBatch(
        run,
        {name: gathered.judged[name] for name in names},
        {name: gathered.base[name] for name in names if name in gathered.base},
        {name: gathered.snapshots[name] for name in names if name in gathered.snapshots},
        {name: gathered.pushed[name] for name in names if name in gathered.pushed},
    )


def outcome(group: LogbookBatch) -> BatchResult:
    """Parse, look up and judge the logbooks of a group."""
    parsed = _parsed(group)
    facts = _looked_up(group.run, parsed)
    verdicts = [_verdict(group, parsed, facts, path) for path in parsed.judged]
    return BatchResult(
        tuple(finding for verdict in verdicts for finding in verdict.findings),
        sum(verdict.inherited for verdict in verdicts),
        _briefs(parsed.judged),
        _briefs(parsed.base),
    )


def _parsed(group: LogbookBatch) -> Parsed:
    return Parsed(
        {path: _parse(path, source) for path, source in group.judged.items()},
        {path: _parse(earlier.path, earlier.source) for path, earlier in group.base.items()},
        {path: _parse(earlier.path, earlier.source) for path, earlier in group.snapshots.items()},
        {path: _parse(earlier.path, earlier.source) for path, earlier in group.pushed.items()},
    )


def _parse(path: str, source: Source) -> Logbook | Unreadable:
    source = files.read(source, path) if isinstance(source, Path) else source
    return source if isinstance(source, Unreadable) else parse(path, source)


def _briefs(books: Books) -> tuple[LogbookSummary, ...]:
    return tuple(book.brief for book in books.values() if isinstance(book, Logbook))


def _looked_up(run: LintRun, parsed: Parsed) -> Facts:
    if run.root is None:
        return run.facts
    asked = [*_wanted(parsed.judged, JUDGED), *(_wanted(parsed.base, run.basis.base) if run.basis.base else ())]
    return replace(run.facts, missing=files.missing(Repository(run.root), run.basis.head, asked))


def _wanted(books: Books, tree: str) -> Iterator[tuple[str, str]]:
    return (name for book in books.values() if isinstance(book, Logbook) for name in wanted(book, tree))


def _verdict(group: LogbookBatch, parsed: Parsed, facts: Facts, path: str) -> LintVerdict:
    run, book, was = group.run, parsed.judged[path], parsed.base.get(path)
    if isinstance(book, Unreadable):
        return judge_unreadable(book, run.config, None if run.everything else was)
    case = LintCase(
        book=book,
        facts=facts,
        config=run.config,
        revisions=tuple(_revisions(group, parsed, path)),
        is_new=run.basis.base is not None and was is None,
        everything=run.everything,
    )
    if not isinstance(was, Logbook):
        return judge(case)
    return judge(case, LintCase(book=was, facts=facts, config=run.config, tree=run.basis.base or JUDGED))


def _revisions(group: LogbookBatch, parsed: Parsed, path: str) -> Iterator[Revision]:
    versions = ((group.base, parsed.base), (group.snapshots, parsed.snapshots), (group.pushed, parsed.pushed))
    for earlier, books in versions:
        book = books.get(path)
        if isinstance(book, Logbook):
            yield Revision(earlier[path].revision, earlier[path].path, book)


def _about_all(run: LintRun, gathered: Gathered, books: Sequence[LogbookSummary]) -> tuple[Facts, Sequence[int]]:
    """Return the facts that concern all logbooks, and the issues that GitHub was not asked about."""
    facts = run.facts if run.root is None else replace(run.facts, missing=frozenset())
    others = files.others(Repository(run.root), books, gathered.present) if run.root else ()
    mine = any(book.header.branch == facts.branch for book in (*books, *others) if facts.branch)
    asked = _asked(run, books)
    known = replace(
        facts,
        issues=asked.issues,
        unasked=asked.why,
        others=others,
        has_logbook=gathered.is_kept or mine,
        deleted=gathered.deleted,
        moved=gathered.moved,
    )
    return known, asked.left


def _asked(run: LintRun, books: Iterable[LogbookSummary]) -> IssueAnswers:
    """Return what GitHub says of the issues that the pull request would close and that the logbooks name."""
    facts = run.facts
    body = facts.pull_request.body if facts.pull_request else ""
    issues = (book.header.issue for book in books)
    named = [number for issue in issues if issue and (number := issue.number_in(facts.repository, facts.host))]
    return run.hub.about(list(dict.fromkeys((*closed_by(body, facts.repository, facts.host), *named))), named)


def _in_base(run: LintRun, facts: Facts, was: tuple[LogbookSummary, ...]) -> ChangeSet:
    """Return the base as a change of its own: without the pull request, the branch and the deletions of this one."""
    alone = replace(
        facts, event=EventKind.LOCAL, pull_request=None, is_research_branch=False, changed=None, deleted={}, moved={}
    )
    return ChangeSet(was, alone, run.config)


def _judged(book: LogbookSummary) -> Judged:
    issue = book.header.issue.written if book.header.issue else None
    return Judged(book.path, book.topic, issue, book.prefix or None, book.entries, book.hypotheses)
