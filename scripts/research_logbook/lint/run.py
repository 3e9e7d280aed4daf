"""`logbook lint`: gather, judge, report; and the safe fixes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from research_logbook.actions.event import Event
from research_logbook.config.schema import Config, FailOn
from research_logbook.context import RunContext
from research_logbook.effects.plan import FileRewrite
from research_logbook.errors import UserError, no_repository
from research_logbook.findings import Report
from research_logbook.lint import stages
from research_logbook.lint.issue_lookup import IssueLookup
from research_logbook.lint.rule import Facts
from research_logbook.lint.rules.file import visible
from research_logbook.lint.rules.preamble import swallowed
from research_logbook.lint.stages import LintRun
from research_logbook.logbook import decode
from research_logbook.logbook.model import Unreadable
from research_logbook.repo import comparison, files, versions
from research_logbook.repo.versions import Gathered, RepositoryView


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What a user asked `logbook lint` for."""

    paths: tuple[str, ...] = ()
    base: str | None = None
    everything: bool = False
    fail_on: FailOn | None = None


def lint(asked: LintRequest, context: RunContext) -> tuple[Report, Config]:
    """Judge logbooks, and return the report with the configuration that counted."""
    context = context.at(_where(asked.paths, context.folder))
    event, repository = context.event, context.repository
    if repository is None:
        return _outside(asked, context)
    chosen = comparison.choose(repository, event, asked.base)
    config, note = context.config_for(chosen)
    view = RepositoryView(repository, chosen, context.branch, config)
    gathered = versions.inside(view, asked.paths, everything=asked.everything)
    hub = IssueLookup.of(context, config.labels.agents)
    run = LintRun(
        config, _facts(event, view, gathered, hub, context.now), chosen, repository.root, asked.everything, hub
    )
    report = stages.report(run, gathered)
    return replace(report, notes=(*report.notes, *filter(None, [note]))), config


def _where(paths: Sequence[str], folder: Path) -> Path:
    """Return the folder whose repository is meant: the one of the first path that was named."""
    first = folder / paths[0] if paths else folder
    place = first if first.is_dir() and not first.is_symlink() else first.parent
    return place if place.is_dir() else folder


def _outside(asked: LintRequest, context: RunContext) -> tuple[Report, Config]:
    paths = _named(asked)
    if asked.base is not None:
        raise UserError("--base needs a git repository", "run it inside the repository that holds the logbooks")
    run = LintRun(context.config, Facts(context.now), everything=asked.everything)
    return stages.report(run, versions.outside(paths)), context.config


def _named(asked: LintRequest) -> tuple[str, ...]:
    if not asked.paths:
        raise no_repository("name the logbooks to judge: `logbook lint PATH…`")
    return asked.paths


def _facts(event: Event, view: RepositoryView, gathered: Gathered, hub: IssueLookup, now: dt.datetime) -> Facts:
    return Facts(
        now=now,
        event=event.kind,
        branch=view.branch,
        is_research_branch=view.is_research,
        default_branch=event.default_branch,
        pull_request=event.pull_request,
        changed=gathered.changed,
        repository=hub.access.repository if hub.access else "",
        host=hub.access.site.host if hub.access else "github.com",
    )


def plan_fixes(asked: LintRequest, context: RunContext) -> tuple[Path, tuple[FileRewrite, ...]]:
    """Return the safe fixes of the logbooks that `lint` would judge, and the folder that their names start from."""
    if context.in_actions:
        raise UserError("--fix writes to the work tree and is refused inside Actions", "run it on your own machine")
    repository = context.at(_where(asked.paths, context.folder)).repository
    if repository is None:
        root, gathered = context.folder, versions.outside(_named(asked))
    else:
        chosen = comparison.choose(repository, Event(), asked.base)
        view = RepositoryView(repository, chosen, repository.branch, context.config_for(chosen)[0])
        root, gathered = repository.root, versions.inside(view, asked.paths)
    return root, tuple(rewrite for name in gathered.judged if (rewrite := _rewrite(root / name, name)))


def _rewrite(path: Path, name: str) -> FileRewrite | None:
    source = files.read(path, name)
    text = None if isinstance(source, Unreadable) else decode(name, source)
    if not isinstance(text, str) or isinstance(source, Unreadable):
        return None
    old = source.decode("utf-8-sig")
    new = fixed(old)
    return FileRewrite(name, old, new) if new != old else None


def apply(root: Path, rewrites: Sequence[FileRewrite]) -> None:
    """Write the files below `root`; line ends and the byte order mark stay as they were."""
    for rewrite in rewrites:
        files.write(root / rewrite.name, rewrite.new)


def fixed(text: str) -> str:
    """Return the logbook's text with hidden characters deleted and cut front-matter values quoted."""
    return _quoted(visible(text))


def _quoted(text: str) -> str:
    lines = text.split("\n")
    for number, key, _ in swallowed(text):
        line = lines[number - 1]
        end = "\r" if line.endswith("\r") else ""
        value = line.partition(":")[2].strip()
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        lines[number - 1] = f'{key}: "{escaped}"{end}'
    return "\n".join(lines)
