"""`logbook lint`: read the logbooks and their versions, parse them, ask git and GitHub, judge, report; and safe fixes.

Each stage runs once, in this order. Many logbooks are spread over processes, each of which parses and judges some.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from research_logbook.actions.event import Event, EventKind, closed_by
from research_logbook.config.baseline import BASELINE, Baseline
from research_logbook.config.schema import PATH, Config, FailOn
from research_logbook.context import RunContext
from research_logbook.effects import FileRewrite
from research_logbook.errors import UserError, no_repository
from research_logbook.findings import Finding, Judged, Report, Skipped
from research_logbook.github import Access, token_for
from research_logbook.lint.engine import (
    NOTHING_ACCEPTED,
    LintVerdict,
    grouped,
    in_order,
    judge,
    judge_change,
    judge_unreadable,
    skipped,
)
from research_logbook.lint.rules import CATALOGUE, NAMES, NEVER_ALLOWED
from research_logbook.lint.rules.entries import unknown_commit
from research_logbook.lint.rules.file import swallowed, visible
from research_logbook.lint.rules.rule import ChangeSet, Facts, IssueFact, LintCase, Revision
from research_logbook.lint.selection import note_on
from research_logbook.logbook import decode, parse
from research_logbook.logbook.model import Logbook, LogbookSummary, Unreadable
from research_logbook.logbook.queries import JUDGED, files_wanted, is_like_logbook, own_commits
from research_logbook.patterns import matches
from research_logbook.progress import SILENT, Progress
from research_logbook.repo import comparison, files, versions
from research_logbook.repo.comparison import Comparison, HeldAgainst, HeldKind
from research_logbook.repo.git import Repository
from research_logbook.repo.versions import JudgedTree, LogbookVersions, RepositoryView, Source, VersionKind

_MOST_ISSUES = 3
"""Issues that GitHub is asked about: a change names one, or two."""
_TIMEOUT = 5
_PATIENCE = 1
"""Seconds that a lint waits between attempts: enough for one more."""
_BATCH = 16
_WORTH_A_PROCESS = 1_000_000
"""Bytes of logbooks from which a second process pays for its start."""


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What a user asked `logbook lint` for."""

    paths: tuple[str, ...] = ()
    base: str | None = None
    everything: bool = False
    fail_on: FailOn | None = None
    fix_only: bool = False
    """Whether it is to mend logbooks, and not to judge them."""
    selected: frozenset[str] = NAMES
    """The rules whose findings are told; what the others find is not looked at."""


@dataclass(frozen=True, slots=True)
class LintRun:
    """What holds for all logbooks of a run."""

    config: Config
    facts: Facts
    comparison: Comparison = Comparison(None)  # noqa: RUF009 - frozen
    root: Path | None = None
    """Of the repository; None outside of one."""
    everything: bool = False
    baseline: Baseline = NOTHING_ACCEPTED
    selected: frozenset[str] = NAMES
    """The rules whose findings are told."""
    access: Access | None = None
    """To GitHub; without it no issue is asked about, and the facts say why."""
    has_all_history: bool = False
    """Whether the clone is neither shallow nor partial."""


def lint(asked: LintRequest, context: RunContext) -> tuple[Report, Config]:
    """Judge logbooks, and return the report with the configuration that counted.

    Raises `UserError` for paths and bases that do not exist, and `UnfinishedError` where git fails.
    """
    context = context.at(_place(asked.paths, context.folder))
    event, repository = context.event, context.repository
    if repository is None:
        tree = _outside(asked, in_actions=context.in_actions)
        alone = LintRun(context.config, Facts(context.now), everything=asked.everything, selected=asked.selected)
        found = judge_tree(alone, tree, context.progress)
        return replace(found, findings=grouped(found.findings)), context.config
    compared = comparison.choose(repository, event, asked.base, context.fetch_token)
    config, note = context.config_for(compared)
    try:
        access, unasked = context.access(), ""
    except UserError as error:
        access, unasked = None, error.sentence
    if access and event.branch:
        compared = with_grace(compared, repository, config, access, event.branch)
    view = RepositoryView(repository, compared, context.branch, config, is_proposed=_is_proposed(event, context.branch))
    asked = replace(asked, paths=_logbooks_of(asked.paths, view))
    tree = versions.inside(view, asked.paths, everything=asked.everything)
    facts = Facts(
        now=context.now,
        event=event.kind,
        branch=view.branch,
        is_research_branch=view.is_research,
        default_branch=event.default_branch,
        pull_request=event.pull_request,
        changed=tree.changed,
        renamed_files=tree.renamed_files,
        unasked=unasked,
        repository=access.repository if access else "",
        host=context.site.host,
    )
    found = judge_tree(
        LintRun(
            config,
            facts,
            compared,
            repository.root,
            asked.everything,
            context.baseline_for(compared),
            asked.selected,
            access,
            has_all_history=repository.has_all_history,
        ),
        tree,
        context.progress,
    )
    notes = (*found.notes, *filter(None, [note, "" if tree.present or compared.head else _about_ignored(view)]))
    return replace(found, findings=grouped(found.findings), notes=notes, pages=_pages(context, compared)), config


def _about_ignored(view: RepositoryView) -> str:
    """Return a sentence about logbooks that git ignores; empty where there are none."""
    found = [path for root in versions.roots(view.config) for path in view.repository.ignored(root)]
    books = [path for path in found if matches(path, view.config.logbooks)]
    more = f" and {len(books) - 1} more" * (len(books) > 1)
    return f"git ignores {books[0]}{more}, so it is not judged: let .gitignore leave it out" if books else ""


def _pages(context: RunContext, compared: Comparison) -> str:
    """Return the address of the judged commit's files; a work tree that may have been edited has none."""
    commit = compared.head or (context.clone().commit("HEAD") if context.in_actions else None)
    if not (commit and context.github_name):
        return ""
    return replace(context.site, repository=context.github_name).url("blob", commit)


def explained(asked: LintRequest, context: RunContext) -> tuple[str, ...]:
    """Return what `lint` would compare with what, why, and what it could not: a line each; nothing is judged.

    Raises what `lint` raises where there is no such base.
    """
    context = context.at(_place(asked.paths, context.folder))
    compared = comparison.choose(context.clone(), context.event, asked.base, context.fetch_token)
    work_tree = f"the work tree's {PATH}"
    rules = context.config_file or (f"{PATH} in {compared.rules_from[:10]}" if compared.rules_from else work_tree)
    return (*compared.explanation, f"configuration: {rules}")


def _is_proposed(event: Event, branch: str | None) -> bool:
    """Return whether a change is on its way into the default branch: what is pushed to a branch may stay there."""
    if event.pull_request:
        return event.default_branch in {event.pull_request.base, None}
    return event.kind is EventKind.MERGE_GROUP or (event.kind is EventKind.LOCAL and branch != event.default_branch)


def _place(paths: Sequence[str], folder: Path) -> Path:
    """Return the folder whose repository is meant: the one of the first path that was named."""
    first = folder / paths[0] if paths else folder
    place = first if first.is_dir() and not first.is_symlink() else first.parent
    return place if place.is_dir() else folder


def _outside(asked: LintRequest, *, in_actions: bool) -> JudgedTree:
    if not asked.paths:
        raise no_repository("name the logbooks to judge: `logbook lint PATH…`", in_actions=in_actions)
    if asked.base is not None:
        raise UserError("--base needs a git repository", "run it inside the repository that holds the logbooks")
    return JudgedTree(tuple(LogbookVersions(path, Path(path)) for path in _logbooks_of(asked.paths)))


def _logbooks_of(paths: Sequence[str], view: RepositoryView | None = None) -> tuple[str, ...]:
    """Return the logbooks among what the user named: what the configuration makes one, and what looks like one.

    Other files of a folder are passed over. Raises `UserError` for a file that is none, and for a folder without any.
    """
    found: list[str] = []
    for path in paths:
        here = list(files.named((path,), view.repository if view else None))
        kept = [it for it in here if (view and matches(view.name_of(it), view.config.logbooks)) or _looks_like_one(it)]
        if not kept:
            is_file = here == [Path(path)]
            what = f"{path} is not a logbook: no log, no date" if is_file else f"no file in {path} is a logbook"
            raise UserError(what, f"name a logbook, or list its pattern under `logbooks` in {PATH}")
        found += map(str, kept)
    return tuple(found)


def _looks_like_one(path: Path) -> bool:
    book = files.read_logbook(path, str(path))
    return not isinstance(book, Logbook) or is_like_logbook(book)


def judge_tree(run: LintRun, tree: JudgedTree, progress: Progress = SILENT) -> Report:
    """Return the report on all logbooks of a tree that are to be judged."""
    results = list(progress.over("judging logbooks", _batches(run, tree.logbooks), len(tree.logbooks), _BATCH))
    books = tuple(book for result in results for book in result.books)
    known, left = ask_about_issues(run, books)
    others = files.others(Repository(run.root), books, tree.present) if run.root else ()
    named = {book.header.branch for book in (*books, *others)} - {""}
    recent = {held.commit[:12] for held in run.comparison.held if held.kind is HeldKind.RECENT}
    facts = replace(
        known,
        missing=None if run.root is None else frozenset(),
        others=others,
        has_logbook=tree.is_kept or run.facts.branch in named,
        uncompared=tree.uncompared,
        deleted=tree.deleted,
        moved=tree.moved,
        taken_back=frozenset(path for path, revision in tree.deleted.items() if revision in recent),
    )
    # The base is a change of its own: without the pull request, the branch and the deletions of this one.
    alone = replace(
        facts,
        event=EventKind.LOCAL,
        pull_request=None,
        is_research_branch=False,
        changed=None,
        uncompared={},
        deleted={},
        moved={},
    )
    base = ChangeSet(tuple(book for result in results for book in result.base), alone, run.config)
    whole = judge_change(
        ChangeSet(books, facts, run.config), None if run.everything else base, run.baseline, run.selected
    )
    findings = (*(finding for result in results for finding in result.findings), *whole.findings)
    return Report(
        logbooks=tuple(sorted(map(_judged, books), key=lambda item: item.path)),
        findings=in_order(findings),
        inherited=sum(result.inherited for result in results) + whole.inherited,
        accepted=sum(result.accepted for result in results) + whole.accepted,
        skipped=_skipped(run, facts),
        notes=(*_notes(run, tree, left), *_outlived(run, sum(result.outlived for result in results))),
        left_out=note_on(run.selected),
        details=run.comparison.explanation if run.root else (),
    )


def _skipped(run: LintRun, facts: Facts) -> tuple[Skipped, ...]:
    """Return what was not checked, and why: what such a run lacks, and what nobody asked to see."""
    lacking = (it for it in skipped(run.config, facts) if it.rule in run.selected)
    left_out = (
        Skipped(rule.name, "left out by --select or --ignore") for rule in CATALOGUE if rule.name not in run.selected
    )
    return (*lacking, *left_out)


def _judged(book: LogbookSummary) -> Judged:
    issue = book.header.issue.written if book.header.issue else None
    return Judged(book.path, book.topic, issue, book.prefix or None, book.entries, book.hypotheses)


def _notes(run: LintRun, tree: JudgedTree, unasked: Sequence[int]) -> Iterator[str]:
    yield from run.comparison.notes
    if run.root and not tree.present and not run.comparison.is_deletion:
        yield f"no file is a logbook by the patterns {', '.join(run.config.logbooks)}"
    off = [name for name in sorted(NEVER_ALLOWED) if run.config.rules.get(name) == "off"]
    if off:
        yield f"switched off by the configuration: {', '.join(off)}"
    if unasked:
        shown = ", ".join(f"#{number}" for number in unasked)
        most = f"GitHub is asked about {_MOST_ISSUES} issues at most"
        yield f"{most}, so rules that need to know of {shown} were not applied"


def _outlived(run: LintRun, number: int) -> Iterator[str]:
    # In Actions the default branch's baseline counts, whatever this change drops from it.
    if number > 0 and (run.everything or run.comparison.rules_from is None):
        what = f"{number} accepted findings no longer occur" if number > 1 else "1 accepted finding no longer occurs"
        yield f"{what}: `logbook lint --update-baseline` takes out of {BASELINE} what is gone"


# What GitHub says


def with_grace(compared: Comparison, repository: Repository, config: Config, access: Access, branch: str) -> Comparison:
    """Return the comparison of a force push with what it may take back told from what had stood for longer.

    GitHub says when each was pushed. Where it does not, or no longer has what stood then, nothing may be taken back.
    """
    grace, name = config.history.grace_time, config.history.grace
    put_aside = next((held for held in compared.held if held.kind is HeldKind.REPLACED), None)
    if not (put_aside and compared.head and grace):
        return compared
    from research_logbook.github.client import GitHub  # noqa: PLC0415 - only a lint that asks needs these
    from research_logbook.github.transport import RetryBudget, UrllibTransport  # noqa: PLC0415
    from research_logbook.repo.force_pushes import replaced_by  # noqa: PLC0415

    transport = UrllibTransport(access, _TIMEOUT)
    with GitHub(access, RetryBudget(_PATIENCE), most_pages=1, transport=transport) as github:
        end = replaced_by(github, branch, put_aside.commit, compared.head, grace)
    if end is None or end.owed == end.commit:
        return compared
    token = token_for(repository.remote_address, access.site, access.token)
    if end.owed and repository.fetch_commits([end.owed], token):
        return compared
    owed = HeldAgainst(end.owed, f"which had stood for {name} when this push came", HeldKind.REPLACED)
    recent = HeldAgainst(end.commit, f"which this push replaced within {name}", HeldKind.RECENT)
    others = (held for held in compared.held if held is not put_aside)
    return replace(compared, held=(*others, *([owed] if end.owed else []), recent))


def ask_about_issues(run: LintRun, books: Iterable[LogbookSummary]) -> tuple[Facts, Sequence[int]]:
    """Return the facts with the issues that the pull request would close and that the logbooks name.

    Also return the issues that were too many to ask about. No failure of GitHub fails the lint: the facts say why they
    hold no issue.
    """
    facts = run.facts
    if run.access is None:
        return facts, ()
    references = (book.header.issue for book in books)
    named = [it for ref in references if ref and (it := ref.number_in(facts.repository, facts.host))]
    closing = closed_by(facts.pull_request.body, facts.repository, facts.host) if facts.pull_request else ()
    numbers = tuple(dict.fromkeys((*closing, *named)))
    wanted, left = numbers[:_MOST_ISSUES], numbers[_MOST_ISSUES:]
    if not wanted:
        return replace(facts, issues={}), left
    from research_logbook.github.client import GitHub  # noqa: PLC0415 - only a lint that asks needs these
    from research_logbook.github.transport import RetryBudget, UrllibTransport  # noqa: PLC0415
    from research_logbook.issues import parse_issue  # noqa: PLC0415
    from research_logbook.issues.classification import is_enrolled  # noqa: PLC0415

    transport = UrllibTransport(run.access, _TIMEOUT)
    try:
        with GitHub(run.access, RetryBudget(_PATIENCE), transport=transport) as github:
            found = [issue for number in wanted if (issue := github.issue(number))]
    except UserError as error:
        return replace(facts, unasked=error.sentence), ()
    if not found:
        shown = ", ".join(f"#{number}" for number in wanted)
        return replace(facts, unasked=f"GitHub has no issue {shown}, or hides it from this token"), left
    agents = run.config.labels.agents
    issues = {
        issue.number: IssueFact(
            text=issue.text,
            is_experiment=is_enrolled(parse_issue(issue), is_named=issue.number in named, agents=agents),
            is_sealed="sealed" in {label.casefold() for label in issue.label_names},
            is_open=issue.is_open,
        )
        for issue in found
    }
    return replace(facts, issues=issues), left


# What one process does


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of some logbooks."""

    findings: tuple[Finding, ...]
    inherited: int
    accepted: int
    outlived: int
    books: tuple[LogbookSummary, ...]
    base: tuple[LogbookSummary, ...]
    """The same logbooks in the base."""


@dataclass(frozen=True, slots=True)
class ParsedLogbook:
    """A logbook, parsed, with its earlier versions by where they come from."""

    book: Logbook | Unreadable
    base: Logbook | Unreadable | None
    revisions: tuple[Revision, ...]

    @classmethod
    def of(cls, logbook: LogbookVersions) -> Self:
        """Parse all versions of a logbook."""
        # What may be taken back comes last: it shows only what nothing else does.
        ordered = sorted(logbook.earlier, key=lambda version: version.kind is VersionKind.RECENT)
        earlier = [(version, _parse(version.path, version.source)) for version in ordered]
        return cls(
            _parse(logbook.path, logbook.source),
            next((book for version, book in earlier if version.kind is VersionKind.BASE), None),
            tuple(
                Revision(
                    it.revision,
                    it.path,
                    book,
                    is_recent=it.kind is VersionKind.RECENT,
                    is_covered=it.is_covered,
                    until=tuple(old for text in it.until if isinstance(old := _parse(it.path, text), Logbook)),
                )
                for it, book in earlier
                if isinstance(book, Logbook)
            ),
        )


def _batches(run: LintRun, logbooks: Sequence[LogbookVersions]) -> Iterator[BatchResult]:
    batches = [logbooks[start : start + _BATCH] for start in range(0, len(logbooks), _BATCH)]
    if len(batches) < 2 or sum(_size(logbook.source) for logbook in logbooks) < _WORTH_A_PROCESS:
        yield from (judge_batch(run, batch) for batch in batches)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - a small run pays nothing

    with ProcessPoolExecutor(initializer=gc.disable) as pool:
        yield from pool.map(judge_batch, [run] * len(batches), batches)


def _size(source: Source) -> int:
    if isinstance(source, Path):
        return source.stat().st_size if source.is_file() else 0
    return len(source) if isinstance(source, bytes) else 0


def judge_batch(run: LintRun, logbooks: Sequence[LogbookVersions]) -> BatchResult:
    """Parse some logbooks, ask git what they refer to, and judge them."""
    parsed = [ParsedLogbook.of(logbook) for logbook in logbooks]
    facts = run.facts
    if run.root is not None:
        asked = [it for one in parsed if isinstance(one.book, Logbook) for it in files_wanted(one.book, JUDGED)]
        base = run.comparison.base
        asked += [it for one in parsed if base and isinstance(one.base, Logbook) for it in files_wanted(one.base, base)]
        repository = Repository(run.root)
        books = [book for one in parsed for book in (one.book, one.base) if isinstance(book, Logbook)]
        is_asked = run.has_all_history and run.config.rules.get(unknown_commit.name) != "off"
        named = (entry for book in books for entry in book.everything) if is_asked else ()
        commits = {commit for entry in named for _, commit in own_commits(entry)}
        facts = replace(
            facts,
            missing=files.missing(repository, run.comparison.head, asked),
            unknown_commits=files.unknown_commits(repository, commits),
        )
    verdicts = [_verdict(run, facts, one) for one in parsed]
    return BatchResult(
        tuple(finding for verdict in verdicts for finding in verdict.findings),
        sum(verdict.inherited for verdict in verdicts),
        sum(verdict.accepted for verdict in verdicts),
        sum(verdict.outlived for verdict in verdicts),
        tuple(one.book.brief for one in parsed if isinstance(one.book, Logbook)),
        tuple(one.base.brief for one in parsed if isinstance(one.base, Logbook)),
    )


def _parse(path: str, source: Source) -> Logbook | Unreadable:
    if isinstance(source, Path):
        return files.read_logbook(source, path)
    return source if isinstance(source, Unreadable) else parse(path, source)


def _verdict(run: LintRun, facts: Facts, parsed: ParsedLogbook) -> LintVerdict:
    book, base = parsed.book, parsed.base
    if isinstance(book, Unreadable):
        # It owes what any version before it had, so it is no old fault where one of them could be read.
        known = None if run.everything or parsed.revisions else base
        return judge_unreadable(book, run.config, known, run.baseline, run.selected)
    case = LintCase(
        book=book,
        facts=facts,
        config=run.config,
        revisions=parsed.revisions,
        is_new=run.comparison.base is not None and base is None,
        everything=run.everything,
    )
    if not isinstance(base, Logbook):
        return judge(case, None, run.baseline, run.selected)
    before = LintCase(book=base, facts=facts, config=run.config, tree=run.comparison.base or JUDGED)
    return judge(case, before, run.baseline, run.selected)


# Safe fixes


def plan_fixes(asked: LintRequest, context: RunContext) -> tuple[Path, tuple[FileRewrite, ...]]:
    """Return the safe fixes of the logbooks that `lint` would judge, and the folder that their names start from."""
    repository = context.at(_place(asked.paths, context.folder)).repository
    if repository is None:
        root, tree = context.folder, _outside(asked, in_actions=context.in_actions)
    else:
        event = context.event if context.in_actions else Event()
        compared = comparison.choose(repository, event, asked.base, context.fetch_token)
        view = RepositoryView(
            repository, compared, repository.branch, context.at(repository.root).config_for(compared)[0]
        )
        root, tree = repository.root, versions.inside(view, _logbooks_of(asked.paths, view))
    rewrites = []
    for logbook in tree.logbooks:
        source = files.read(root / logbook.path, logbook.path)
        if not isinstance(source, Unreadable) and isinstance(decode(logbook.path, source), str):
            old = source.decode("utf-8-sig")
            rewrites.append(FileRewrite(logbook.path, old, fixed(old)))
    return root, tuple(rewrite for rewrite in rewrites if rewrite.new != rewrite.old)


def fixed(text: str) -> str:
    """Return the logbook's text with hidden characters deleted and cut front-matter values quoted: no word changes."""
    text = visible(text)
    lines = text.split("\n")
    for number, key, _ in swallowed(text):
        line = lines[number - 1]
        end = "\r" if line.endswith("\r") else ""
        value = line.partition(":")[2].strip()
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        lines[number - 1] = f'{key}: "{escaped}"{end}'
    return "\n".join(lines)


def apply(root: Path, rewrites: Sequence[FileRewrite]) -> None:
    """Write the files below `root`; line ends and the byte order mark stay as they were."""
    for rewrite in rewrites:
        files.write(root / rewrite.name, rewrite.new)
