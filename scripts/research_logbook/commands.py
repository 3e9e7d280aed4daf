"""The commands, each a short pipeline: gather, parse, look up, judge, report."""

import datetime as dt
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from research_logbook import pipeline
from research_logbook.config import Config, FailOn, Labels
from research_logbook.core.facts import EventKind, Facts
from research_logbook.core.finding import Report
from research_logbook.core.model import Logbook, Unreadable
from research_logbook.core.parsing.logbook import decode, parse
from research_logbook.core.plan import Plan
from research_logbook.core.planning.labels import LabelFacts, plan_labels
from research_logbook.errors import UserError
from research_logbook.pipeline import Run
from research_logbook.report.rules import catalogue, page
from research_logbook.rules import CATALOGUE, NAMES
from research_logbook.rules.fixes import fixed
from research_logbook.shell import basis, files, gather, settings
from research_logbook.shell.gather import Gathered, View
from research_logbook.shell.git import Repository
from research_logbook.shell.github import GitHub
from research_logbook.shell.runner import Event, event_of
from research_logbook.shell.threads import label_facts, named_issues


@dataclass(frozen=True, slots=True)
class Lint:
    """What a user asked `logbook lint` for."""

    paths: tuple[str, ...] = ()
    base: str | None = None
    config: str | None = None
    everything: bool = False
    fail_on: FailOn | None = None


def lint(asked: Lint, environment: Mapping[str, str], folder: Path, now: dt.datetime) -> tuple[Report, Config]:
    """Judge logbooks, and return the report with the configuration that counted."""
    event = event_of(environment)
    repository = Repository.around(_where(asked.paths, folder))
    if repository is None:
        return _outside(asked, now)
    chosen = basis.choose(repository, event, asked.base)
    config, note = _configuration(asked, repository, chosen)
    view = View(repository, chosen, event.branch or repository.branch, config)
    gathered = gather.inside(view, asked.paths)
    run = Run(config, _facts(event, view, gathered, now), chosen, repository.root, asked.everything)
    report = pipeline.report(run, gathered)
    return replace(report, notes=(*report.notes, *filter(None, [note]))), config


def _where(paths: Sequence[str], folder: Path) -> Path:
    """Return the folder whose repository is meant: the one of the first path that was named."""
    first = folder / paths[0] if paths else folder
    place = first if first.is_dir() and not first.is_symlink() else first.parent
    return place if place.is_dir() else folder


def _outside(asked: Lint, now: dt.datetime) -> tuple[Report, Config]:
    paths = _named(asked)
    if asked.base is not None:
        raise UserError("--base needs a git repository", "run it inside the repository that holds the logbooks")
    config = settings.of_file(Path(asked.config)) if asked.config else Config()
    return pipeline.report(Run(config, Facts(now), everything=asked.everything), gather.outside(paths)), config


def _named(asked: Lint) -> tuple[str, ...]:
    if not asked.paths:
        raise UserError("this is no git repository", "name the logbooks to judge: `logbook lint PATH…`")
    return asked.paths


def _configuration(asked: Lint, repository: Repository, chosen: basis.Basis) -> tuple[Config, str]:
    if asked.config is not None:
        return settings.of_file(Path(asked.config)), ""
    return settings.of_repository(repository, chosen)


def _facts(event: Event, view: View, gathered: Gathered, now: dt.datetime) -> Facts:
    return Facts(
        now=now,
        event=event.kind,
        branch=view.branch,
        is_research_branch=view.is_research,
        default_branch=event.default_branch,
        pull_request=event.pull_request,
        changed=gathered.changed,
    )


def inspect(path: str) -> Logbook:
    """Return a logbook as it is parsed."""
    source = files.read(Path(path), path)
    book = source if isinstance(source, Unreadable) else parse(path, source)
    if isinstance(book, Unreadable):
        raise UserError(f"{path}:{book.line}: the logbook {book.reason}", book.help)
    return book


def rules(name: str | None) -> str:
    """Return the list of rules, or the page of one."""
    if name is None:
        return catalogue(CATALOGUE)
    found = next((rule for rule in CATALOGUE if rule.name == name), None)
    if found is None:
        close = get_close_matches(name, NAMES, 1)
        raise UserError(
            f"there is no rule {name!r}", f"did you mean {close[0]}?" if close else "`logbook rules` lists them"
        )
    return page(found)


def does_something(environment: Mapping[str, str]) -> bool:
    """Return whether there is something to do for the event that started this run."""
    return event_of(environment).kind in {EventKind.PULL_REQUEST, EventKind.PUSH, EventKind.MERGE_GROUP}


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A file to be written: an effect, printed by a dry run and applied by a real one."""

    path: Path
    name: str
    old: str
    new: str

    def __str__(self) -> str:
        """Return the effect as a unified diff."""
        old, new = (text.splitlines(keepends=True) for text in (self.old, self.new))
        return "".join(difflib.unified_diff(old, new, f"a/{self.name}", f"b/{self.name}"))


def plan_fixes(asked: Lint, environment: Mapping[str, str], folder: Path) -> tuple[Rewrite, ...]:
    """Return the rewrites that the safe fixes ask for, in the logbooks that `lint` would judge."""
    if environment.get("GITHUB_ACTIONS") == "true":
        raise UserError("--fix writes to the work tree and is refused inside Actions", "run it on your own machine")
    repository = Repository.around(_where(asked.paths, folder))
    if repository is None:
        root, gathered = folder, gather.outside(_named(asked))
    else:
        chosen = basis.choose(repository, Event(), asked.base)
        view = View(repository, chosen, repository.branch, _configuration(asked, repository, chosen)[0])
        root, gathered = repository.root, gather.inside(view, asked.paths)
    return tuple(rewrite for name in gathered.judged if (rewrite := _rewrite(root / name, name)))


def _rewrite(path: Path, name: str) -> Rewrite | None:
    source = files.read(path, name)
    text = None if isinstance(source, Unreadable) else decode(name, source)
    if not isinstance(text, str) or isinstance(source, Unreadable):
        return None
    old = source.decode("utf-8-sig")
    new = fixed(old)
    return Rewrite(path, name, old, new) if new != old else None


def apply(rewrites: Sequence[Rewrite]) -> None:
    """Write the files; line ends and the byte order mark stay as they were."""
    for rewrite in rewrites:
        files.write(rewrite.path, rewrite.new)


NOTHING: Plan = ()


@dataclass(frozen=True, slots=True)
class Labelling:
    """What came of looking at labels."""

    plan: Plan
    mode: str
    is_known: bool = True
    """Whether there is an issue or pull request of that number at all."""


def labels(number: int, github: GitHub, environment: Mapping[str, str], folder: Path) -> Labelling:
    """Return what gives an issue or pull request its labels."""
    event, repository = event_of(environment), Repository.around(folder)
    config = thread_config(repository, event)
    issue = github.issue(number)
    if issue is None:
        return Labelling((), config.labels.mode, is_known=False)
    named = named_issues(repository, config, event.default_branch, github.repository) if repository else {}
    branch = github.branches().get(number, "") if issue.is_pull_request else ""
    return _labelling(label_facts(github, issue, named, config, branch), config.labels)


def sweep(
    github: GitHub, environment: Mapping[str, str], folder: Path, after: int = 0
) -> Iterator[tuple[int, Labelling]]:
    """Yield each open issue and pull request above number `after`, and what gives it its labels."""
    event, repository = event_of(environment), Repository.around(folder)
    config = thread_config(repository, event)
    named = named_issues(repository, config, event.default_branch, github.repository) if repository else {}
    branches = github.branches()
    for issue in github.open_issues(after=after):
        facts = label_facts(github, issue, named, config, branches.get(issue.number, ""))
        yield issue.number, _labelling(facts, config.labels)


def _labelling(facts: LabelFacts, config: Labels) -> Labelling:
    return Labelling(plan_labels(facts, config.agents, config.not_put_back), config.mode)


def thread_config(repository: Repository | None, event: Event) -> Config:
    """Return the default branch's configuration, which counts for everything that writes."""
    if repository is None:
        return Config()
    tip = repository.commit(f"refs/remotes/origin/{event.default_branch}") if event.default_branch else None
    return settings.of_repository(repository, basis.Basis(None, rules_from=tip))[0]
