"""What `logbook init --adopt` finds in a repository that has logbooks: the configuration it can begin with."""

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from research_logbook import patterns
from research_logbook.config.load import load, schema
from research_logbook.config.schema import PATH, Config
from research_logbook.config.starter import Setting, starter
from research_logbook.findings import Finding, Severity
from research_logbook.lint import stages
from research_logbook.lint.rule import Facts
from research_logbook.lint.rules import CATALOGUE, NEVER_ALLOWED
from research_logbook.lint.stages import LintRun
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook
from research_logbook.repo import files, versions
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import research_branches
from research_logbook.repo.versions import RepositoryView

_USUAL = Config()
_FOLDERS = re.compile(r"(?:[^/]+/)*(?:logbooks?|[^/]*-logbooks?)/[^/]+\.md")
_PLAIN = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
_MOST_PATTERNS = 50


class Adoption(NamedTuple):
    """The settings with which a repository begins, and what no setting can make good."""

    settings: tuple[Setting, ...]
    notes: tuple[str, ...]


def adopt(repository: Repository, now: dt.datetime) -> Adoption:
    """Return the settings with which what is there now fails no run; `now` in UTC."""
    books = _logbooks(repository)
    branches = _branches(repository, configuration(books))
    places = (*books, *branches)
    findings = _findings(repository, configuration(places), now)
    since = Setting("guard.since", now.date().isoformat(), "older issues are left alone")
    settings = (*places, *_relaxed(findings, now.date()), since)
    return Adoption(settings, tuple(_not_relaxed(findings)))


def configuration(settings: Sequence[Setting]) -> Config:
    """Return the configuration that `settings` make."""
    return load(starter(schema(), settings), PATH)


def _logbooks(repository: Repository) -> tuple[Setting, ...]:
    """Return where the logbooks are, where that is not the usual place alone."""
    candidates = [path for path in repository.tracked(["."]) if _FOLDERS.fullmatch(path)]
    kept = {path: _is_logbook(repository, path) for path in candidates}
    folders = sorted({path.rpartition("/")[0] for path, is_one in kept.items() if is_one})
    others = sorted(path for path, is_one in kept.items() if not is_one and path.rpartition("/")[0] in folders)
    value = tuple(f"{folder}/*.md" for folder in folders) + tuple(f"!{path}" for path in others)
    if not folders or value == _USUAL.logbooks or any(map(patterns.refusal, value)) or len(value) > _MOST_PATTERNS:
        return ()
    return (Setting("logbooks", value, f"where {sum(kept.values())} logbooks are today"),)


def _is_logbook(repository: Repository, path: str) -> bool:
    source = files.read(repository.root / path, path)
    book = parse(path, source) if isinstance(source, bytes) else source
    return isinstance(book, Logbook) and bool(book.everything or book.log)


def _branches(repository: Repository, config: Config) -> tuple[Setting, ...]:
    """Return the patterns of research branches, where some with logbooks of their own have other names."""
    default, remote = repository.default_branch, repository.remote_branches()
    others = {name: tip for name, tip in remote.items() if not patterns.matches(name, config.branches.research)}
    found = {name for name, tip in others.items() if name != default and _has_own(repository, config, tip, default)}
    wanted = tuple(dict.fromkeys(_generalised(sorted(found), set(others) - found)))
    if not wanted or len(wanted) > _MOST_PATTERNS:
        return ()
    why = f"{len(found)} branches with logbooks have other names than `research/…`"
    return (Setting("branches.research", (*config.branches.research, *wanted), why),)


def _has_own(repository: Repository, config: Config, tip: str, default: str | None) -> bool:
    left = _left(repository, tip, default)
    changed = repository.changes(left, tip) if left else ()
    return any(change.new and patterns.matches(change.new, config.logbooks) for change in changed)


def _left(repository: Repository, tip: str, default: str | None) -> str | None:
    base = repository.commit(f"refs/remotes/origin/{default}") if default else None
    return repository.merge_base(base, tip) if base else None


def _generalised(found: Sequence[str], others: Iterable[str]) -> Iterator[str]:
    """Yield a pattern for each branch: the folder's where it holds several and no other branch."""
    count = Counter(name.partition("/")[0] for name in found if "/" in name)
    taken = {name.partition("/")[0] for name in others}
    for name in filter(_PLAIN.fullmatch, found):
        folder = name.partition("/")[0]
        yield f"{folder}/**" if count[folder] > 1 and folder not in taken else name


def _findings(repository: Repository, config: Config, now: dt.datetime) -> list[Finding]:
    """Return all that is found in the work tree, and in what the research branches have of their own."""
    default = repository.default_branch
    views = [RepositoryView(repository, Comparison(None), repository.branch, config)]
    for name, tip in research_branches(repository, config, default).items():
        left = _left(repository, tip, default)
        if left:
            views.append(RepositoryView(repository, Comparison(tip, left, left), name, config))
    reports = [_judged(view, now) for view in views]
    # What several branches have is one finding.
    found = {(one.rule, one.span, one.message): one for findings in reports for one in findings}
    return list(found.values())


def _judged(view: RepositoryView, now: dt.datetime) -> Sequence[Finding]:
    facts = Facts(now, branch=view.branch, is_research_branch=view.is_research)
    run = LintRun(view.config, facts, view.basis, view.repository.root, everything=view.basis.base is None)
    return stages.report(run, versions.inside(view, ())).findings


def _relaxed(findings: Sequence[Finding], today: dt.date) -> Iterator[Setting]:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    warnings = [finding for finding in findings if finding.severity is Severity.WARNING]
    if warnings:
        yield Setting("fail-on", "error", f"{_count(warnings)} are warnings on {today} and fail no run")
    for rule, found in _by_rule(errors).items():
        if rule not in NEVER_ALLOWED:
            yield Setting(f"rules.{rule}", "warning", f"{_count(found)} on {today} would fail")


def _not_relaxed(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield what no configuration should hide: secrets, and history that was rewritten."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    for rule, found in _by_rule(errors).items():
        if rule in NEVER_ALLOWED:
            places = ", ".join(f"{one.span.path}:{one.span.line}" for one in found[:3])
            more = ", …" if len(found) > 3 else ""
            yield f"{rule} is not relaxed ({_count(found)}, {places}{more}): `logbook rules {rule}` says what to do"


def _by_rule(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    grouped = defaultdict(list)
    for finding in findings:
        grouped[finding.rule].append(finding)
    return {rule.name: grouped[rule.name] for rule in CATALOGUE if rule.name in grouped}


def _count(findings: Sequence[Finding]) -> str:
    books = len({finding.span.path for finding in findings})
    one, many = ("finding", "findings"), ("logbook", "logbooks")
    return f"{len(findings)} {one[len(findings) != 1]} in {books} {many[books != 1]}"
