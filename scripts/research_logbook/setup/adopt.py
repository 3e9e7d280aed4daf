"""`logbook init --adopt`: what a repository that has logbooks begins with: where they are, and what is accepted."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from research_logbook import patterns
from research_logbook.config.baseline import BASELINE, Accepted, Baseline
from research_logbook.config.load import load, schema
from research_logbook.config.schema import PATH, Config
from research_logbook.config.starter import Setting, starter
from research_logbook.findings import Finding, Severity
from research_logbook.lint.engine import accepted
from research_logbook.lint.rules import ALWAYS_SHOWN, CATALOGUE
from research_logbook.lint.rules.rule import Facts
from research_logbook.lint.run import LintRun, judge_tree
from research_logbook.logbook.model import Unreadable
from research_logbook.render import counted, enumerated
from research_logbook.repo import files, versions
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import research_branches
from research_logbook.repo.versions import RepositoryView

_FOLDERS = re.compile(r"(?:[^/]+/)*(?:logbooks?|[^/]*-logbooks?)/[^/]+\.md")
_PLAIN = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
_PAGES = re.compile(r"(?i)(?:^|/)(?:readme|index)\.md$")
_MOST_PATTERNS = 50


class Adoption(NamedTuple):
    """With what a repository begins, and notes on what neither settings nor a baseline can accept."""

    settings: tuple[Setting, ...]
    baseline: Baseline
    notes: tuple[str, ...]


def adopt(repository: Repository, now: dt.datetime, own: Config | None = None, old: Baseline | None = None) -> Adoption:
    """Return the settings and the baseline under which nothing that is there now fails a run; `now` is in UTC.

    Every rule stays as it is. Where the repository has a configuration of its `own`, that stays too, and so does an
    `old` baseline: what it does not accept is told of.
    """
    settings, notes = list[Setting](), list[str]()
    if own is None:
        settings += _logbooks(repository, notes)
        settings += _branches(repository, configuration(settings))
        settings.append(Setting("guard.since", now.date().isoformat(), "older issues are left alone"))
    views = _findings(repository, own or configuration(settings), now)
    found = list({(one.rule, one.span, one.message): one for view in views for one in view}.values())
    for rule in (rule.name for rule in CATALOGUE if rule.name in ALWAYS_SHOWN):
        # Nothing should hide secrets, or history that was rewritten.
        errors = [one for one in found if one.rule == rule and one.severity is Severity.ERROR]
        places = ", ".join(f"{one.span.path}:{one.span.line}" for one in errors[:3]) + ", …" * (len(errors) > 3)
        if errors:
            notes.append(
                f"{rule} stays an error ({_count(errors)}, {places}): `logbook rules {rule}` says how to fix it"
            )
    baseline = _baseline(views)
    if old is not None:
        if more := sum((Counter(baseline.counts) - Counter(old.counts)).values()):
            fails = "is judged as new" if more == 1 else "are judged as new"
            notes.append(f"{counted(more, 'finding')} that {BASELINE} does not accept {fails}; --force accepts all")
        baseline = old
    elif baseline:
        kept = [one for one in found if one.rule not in ALWAYS_SHOWN]
        are, they = ("is", "it is") if len(kept) == 1 else ("are", "they are")
        notes.append(f"{_count(kept)} {are} accepted as {they} in {BASELINE}; what is new is judged by every rule")
    return Adoption(tuple(settings), baseline, tuple(notes))


def shrunk(baseline: Baseline, repository: Repository, config: Config, now: dt.datetime) -> Baseline:
    """Return what of a baseline still occurs, in the work tree or on a research branch that this clone knows."""
    there = _baseline(_findings(repository, config, now)).counts
    left = {it: min(number, there.get(it, 0)) for it, number in baseline.counts.items()}
    return Baseline({it: number for it, number in left.items() if number})


def _baseline(views: Iterable[Sequence[Finding]]) -> Baseline:
    """Return the baseline that accepts what each view shows: what several branches have occurs once."""
    counts: Counter[Accepted] = Counter()
    for view in views:
        counts |= Counter(accepted(view).counts)
    return Baseline(counts)


def configuration(settings: Sequence[Setting]) -> Config:
    """Return the configuration that `settings` make."""
    return load(starter(schema(), settings), PATH)


_NOT_IN_PATTERNS = re.compile(r"[\x00-\x1f\x7f\\\[\]{}*\ud800-\udfff]")
"""What a path may hold and a pattern cannot say; undecodable bytes are no text at all."""


def _logbooks(repository: Repository, notes: list[str]) -> Iterator[Setting]:
    """Yield where the logbooks are, if that is not the usual place alone; say what is left out.

    A file in a folder of logbooks is one, whatever it looks like, but for the folder's own page.
    """
    found = dict[str, bool]()
    for path in filter(_FOLDERS.fullmatch, repository.tracked(["."])):
        book = files.read_logbook(repository.root / path, path)
        found[path] = isinstance(book, Unreadable) or bool(book.everything or book.log)
    folders = sorted({path.rpartition("/")[0] for path, is_record in found.items() if is_record})
    here = [path for path in sorted(found) if path.rpartition("/")[0] in folders]
    pages = [path for path in here if not found[path] and _PAGES.search(path)]
    value = tuple(dict.fromkeys(f"{_NOT_IN_PATTERNS.sub('?', folder)}/*.md" for folder in folders))
    value += tuple(pattern for pattern in Config().logbooks if pattern not in value)
    value += tuple(f"!{_NOT_IN_PATTERNS.sub('?', path)}" for path in pages)
    if not folders or value == Config().logbooks:
        return
    if any(map(patterns.refusal, value)) or len(value) > _MOST_PATTERNS:
        notes.append(f"the logbooks in {enumerated(folders[:3])} are not judged: list them under `logbooks` in {PATH}")
        return
    notes += [
        f"{path} is taken for a page about its folder, and not judged: see `logbooks` in {PATH}" for path in pages
    ]
    count = len(here) - len(pages)
    yield Setting("logbooks", value, f"where {counted(count, 'logbook')} {'is' if count == 1 else 'are'} today")


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
        are = "branch with a logbook is" if len(found) == 1 else "branches with logbooks are"
        why = f"{len(found)} {are} not named `research/…`"
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


def _findings(repository: Repository, config: Config, now: dt.datetime) -> list[Sequence[Finding]]:
    """Return all findings in the work tree, and those in the logbooks that a research branch touched, for each."""
    views = [RepositoryView(repository, Comparison(None), repository.branch, config)]
    views += [
        RepositoryView(repository, Comparison(tip, fork, fork), name, config)
        for name, tip in research_branches(repository, config, None).items()
        if (fork := _fork_point(repository, tip))
    ]
    found: list[Sequence[Finding]] = []
    for view in views:
        facts = Facts(now, branch=view.branch, is_research_branch=view.is_research)
        run = LintRun(
            view.config,
            facts,
            view.comparison,
            repository.root,
            everything=True,
            has_all_history=repository.has_all_history,
        )
        found.append(judge_tree(run, versions.inside(view, ())).findings)
    return found


def _count(findings: Sequence[Finding]) -> str:
    books = len({finding.span.path for finding in findings})
    return f"{counted(len(findings), 'finding')} in {counted(books, 'logbook')}"
