"""`logbook init --adopt`: the configuration under which a repository that has logbooks can begin."""

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
from research_logbook.lint.rules import CATALOGUE, NEVER_ALLOWED
from research_logbook.lint.rules.rule import Facts
from research_logbook.lint.run import LintRun, judge_tree
from research_logbook.logbook.model import Logbook
from research_logbook.render import counted
from research_logbook.repo import files, versions
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import research_branches
from research_logbook.repo.versions import RepositoryView

_FOLDERS = re.compile(r"(?:[^/]+/)*(?:logbooks?|[^/]*-logbooks?)/[^/]+\.md")
_PLAIN = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
_MOST_PATTERNS = 50


class Adoption(NamedTuple):
    """The settings with which a repository begins, and notes on what no setting can fix."""

    settings: tuple[Setting, ...]
    notes: tuple[str, ...]


def adopt(repository: Repository, now: dt.datetime) -> Adoption:
    """Return the settings under which nothing that is there now fails a run; `now` is in UTC."""
    settings = [*_logbooks(repository)]
    settings += _branches(repository, configuration(settings))
    findings = _findings(repository, configuration(settings), now)
    by_rule = defaultdict(list)
    for finding in findings:
        if finding.severity is Severity.ERROR:
            by_rule[finding.rule].append(finding)
    warnings = [finding for finding in findings if finding.severity is Severity.WARNING]
    today, notes = now.date(), []
    if warnings:
        settings.append(Setting("fail-on", "error", f"{_count(warnings)} are warnings on {today} and fail no run"))
    for rule in (rule.name for rule in CATALOGUE if rule.name in by_rule):
        found = by_rule[rule]
        if rule not in NEVER_ALLOWED:
            settings.append(Setting(f"rules.{rule}", "warning", f"{_count(found)} on {today} would fail"))
            continue
        # No configuration should hide secrets, or history that was rewritten.
        places = ", ".join(f"{one.span.path}:{one.span.line}" for one in found[:3]) + ", …" * (len(found) > 3)
        notes.append(f"{rule} stays an error ({_count(found)}, {places}): `logbook rules {rule}` says how to fix it")
    settings.append(Setting("guard.since", today.isoformat(), "older issues are left alone"))
    return Adoption(tuple(settings), tuple(notes))


def configuration(settings: Sequence[Setting]) -> Config:
    """Return the configuration that `settings` make."""
    return load(starter(schema(), settings), PATH)


def _logbooks(repository: Repository) -> Iterator[Setting]:
    """Yield where the logbooks are, if that is not the usual place alone."""
    kept = {}
    for path in filter(_FOLDERS.fullmatch, repository.tracked(["."])):
        book = files.read_logbook(repository.root / path, path)
        kept[path] = isinstance(book, Logbook) and bool(book.everything or book.log)
    folders = sorted({path.rpartition("/")[0] for path, is_logbook in kept.items() if is_logbook})
    others = sorted(path for path, is_logbook in kept.items() if not is_logbook and path.rpartition("/")[0] in folders)
    value = tuple(f"{folder}/*.md" for folder in folders) + tuple(f"!{path}" for path in others)
    is_usable = not any(map(patterns.refusal, value)) and len(value) <= _MOST_PATTERNS
    if folders and is_usable and value != Config().logbooks:
        yield Setting("logbooks", value, f"where {sum(kept.values())} logbooks are today")


def _branches(repository: Repository, config: Config) -> Iterator[Setting]:
    """Yield the patterns of research branches, if some that have logbooks of their own have other names."""
    default = repository.default_branch
    others = {
        name: tip
        for name, tip in repository.remote_branches().items()
        if not patterns.matches(name, config.branches.research)
    }
    found = []
    for name, tip in sorted(others.items()):
        left = None if name == default else _fork_point(repository, tip)
        changed = repository.changes(left, tip) if left else ()
        if any(change.new and patterns.matches(change.new, config.logbooks) for change in changed):
            found.append(name)
    wanted = tuple(dict.fromkeys(_generalised(found, others.keys() - set(found))))
    if wanted and len(wanted) <= _MOST_PATTERNS:
        why = f"{len(found)} branches with logbooks are not named `research/…`"
        yield Setting("branches.research", (*config.branches.research, *wanted), why)


def _fork_point(repository: Repository, tip: str) -> str | None:
    """Return where a branch left the default branch."""
    base = repository.tip(repository.default_branch)
    return repository.merge_base(base, tip) if base else None


def _generalised(found: Sequence[str], others: Iterable[str]) -> Iterator[str]:
    """Yield a pattern for each branch: the folder's, where it has several of these branches and no other."""
    count = Counter(name.partition("/")[0] for name in found if "/" in name)
    taken = {name.partition("/")[0] for name in others}
    for name in filter(_PLAIN.fullmatch, found):
        folder = name.partition("/")[0]
        yield f"{folder}/**" if count[folder] > 1 and folder not in taken else name


def _findings(repository: Repository, config: Config, now: dt.datetime) -> list[Finding]:
    """Return the findings in the work tree, and in what each research branch added to the default branch."""
    views = [RepositoryView(repository, Comparison(None), repository.branch, config)]
    views += [
        RepositoryView(repository, Comparison(tip, fork, fork), name, config)
        for name, tip in research_branches(repository, config, None).items()
        if (fork := _fork_point(repository, tip))
    ]
    found = {}
    for view in views:
        facts = Facts(now, branch=view.branch, is_research_branch=view.is_research)
        run = LintRun(view.config, facts, view.comparison, repository.root, everything=view.comparison.base is None)
        for one in judge_tree(run, versions.inside(view, ())).findings:
            found[one.rule, one.span, one.message] = one  # what several branches have is one finding
    return list(found.values())


def _count(findings: Sequence[Finding]) -> str:
    books = len({finding.span.path for finding in findings})
    return f"{counted(len(findings), 'finding')} in {counted(books, 'logbook')}"
