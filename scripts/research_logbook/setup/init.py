"""`logbook init`: the files that make a repository use logbook, and what is left for a person to do."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from research_logbook.config.load import schema
from research_logbook.config.schema import PATH, Config
from research_logbook.config.starter import Setting, starter
from research_logbook.context import RunContext
from research_logbook.effects.plan import FileRewrite
from research_logbook.errors import UserError
from research_logbook.markdown.escape import terminal_line
from research_logbook.repo import files
from research_logbook.repo.files import Obstacle
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import research_branches
from research_logbook.setup import workflows
from research_logbook.setup.adopt import adopt, configuration
from research_logbook.setup.pins import ActionSource, resolve
from research_logbook.setup.workflows import (
    FOLDER,
    OURS,
    WORKFLOWS,
    ActionPin,
    NoWorkflowError,
    is_ours,
    pinned,
    template_text,
    uses,
    workflow_templates,
)

ISSUE_FORM = ".github/ISSUE_TEMPLATE/experiment.yml"


There = Mapping[str, str | Obstacle | None]
"""The files that are there, by path; None for one that is not."""


class SetupFiles(NamedTuple):
    """What is to be written, and sentences about what is not."""

    rewrites: tuple[FileRewrite, ...] = ()
    notes: tuple[str, ...] = ()


def plan_files(wanted: Mapping[str, str], there: There, pin: ActionPin, *, force: bool) -> SetupFiles:
    """Return what gives the repository the files of `wanted`, by path.

    A file that people changed keeps every change: in a workflow our pins alone are brought up to date, any other
    file stays as it is. With `force` it is replaced.
    """
    return _together(_planned_file(path, text, there[path], pin, force=force) for path, text in wanted.items())


def _together(files: Iterable[SetupFiles]) -> SetupFiles:
    listed = list(files)
    rewrites = tuple(rewrite for one in listed for rewrite in one.rewrites)
    return SetupFiles(rewrites, tuple(note for one in listed for note in one.notes))


def _planned_file(path: str, wanted: str, there: str | Obstacle | None, pin: ActionPin, *, force: bool) -> SetupFiles:
    if isinstance(there, Obstacle):
        return SetupFiles(notes=(f"{path} {there.why}: it is left alone",))
    if there == wanted:
        return SetupFiles()
    if there is None or force:
        return SetupFiles((FileRewrite(path, there, wanted),))
    if not path.startswith(f"{FOLDER}/"):
        return SetupFiles(notes=(f"{path} is there already and stays as it is; --force replaces it",))
    return _workflow(path, wanted, there, pin)


def _workflow(path: str, wanted: str, there: str, pin: ActionPin) -> SetupFiles:
    try:
        is_one_of_ours = any(is_ours(use, pin.source) for use in uses(there))
    except NoWorkflowError as error:
        return SetupFiles(notes=(f"{path} is no workflow and stays as it is ({error}); --force replaces it",))
    if not is_one_of_ours:
        return SetupFiles(notes=(f"{path} uses no action of {pin.source} and stays as it is; --force replaces it",))
    newer = pinned(there, pin)
    kept = f"{path} differs from the template and keeps that; only its pins are brought up to date; --force replaces it"
    return SetupFiles((FileRewrite(path, there, newer),) if newer != there else (), () if newer == wanted else (kept,))


_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Left:
    """What decides it."""

    default_branch: str = ""
    branches: tuple[str, ...] = ()
    """The research branches that lack a workflow that runs on their own pushes."""
    secrets: tuple[str, ...] = ()
    has_snapshots: bool = False
    is_offer: bool = False
    """Whether the workflows are only offered, to the repositories of an organisation."""


def left_to_do(left: Left) -> str:
    """Return the list, a line or two for each point."""
    return "left for you to do:\n" + "".join(f"- {terminal_line(line)}\n" for line in _lines(left))


def _lines(left: Left) -> Iterator[str]:
    if left.is_offer:
        yield "commit the files in the organisation's repository `.github`; then Actions > New workflow offers them"
        yield "each repository that takes one still runs `logbook init` for its configuration"
        return
    yield (
        f"commit these files and merge them into {left.default_branch}: until then nothing that starts from an issue, "
        "by hand or by the clock runs, for GitHub takes those workflows from there"
    )
    if left.branches:
        yield (
            f"then merge {left.default_branch} into {_named(left.branches)}: a push runs the workflows of its own "
            "branch, so until then a push there is neither judged nor tagged; its pull requests are judged already"
        )
    for secret in left.secrets:
        yield f"add the secret {secret}: Settings > Secrets and variables > Actions, or `gh secret set {secret}`"
    if left.has_snapshots:
        yield (
            "keep snapshot tags from being moved: Settings > Rules > New tag ruleset for `snapshot/**/*`, with "
            "“Restrict updates” and “Restrict deletions”; not with “Restrict creations”, which locks the workflow out"
        )


def _named(branches: tuple[str, ...]) -> str:
    shown = ", ".join(branches[:_MOST_NAMED])
    more = len(branches) - _MOST_NAMED
    return f"{shown} and {more} more research branches" if more > 0 else shown


SOURCE = f"{OURS}@v1"
_ORGANISATION = "workflow-templates"


@dataclass(frozen=True, slots=True)
class Init:
    """What a user asked `logbook init` for."""

    workflows: tuple[str, ...] = ()
    """The workflows to take; those that are usual where none is named."""
    source: str = SOURCE
    org: bool = False
    adopt: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Initialised:
    """What is to be written below `root`, what has to be said, and what is left to do."""

    root: Path
    files: SetupFiles
    left: Left


def init(asked: Init, context: RunContext) -> Initialised:
    """Return what makes the repository use logbook."""
    repository = context.clone()
    chosen = chosen_of(asked.workflows)
    pin = resolve(ActionSource.of(asked.source), repository, context.environment)
    if asked.org:
        return _for_organisation(asked, repository, chosen, pin)
    return _for_repository(asked, context, chosen, pin)


def chosen_of(names: Sequence[str]) -> Mapping[str, str]:
    """Return the templates of the workflows named, else the usual ones; raises `UserError` for one that is unknown."""
    there = workflow_templates()
    unknown = [name for name in names if name not in there]
    if unknown:
        raise UserError(f"there is no workflow {unknown[0]!r}", f"there are {', '.join(there)}")
    usual = {workflow.name for workflow in WORKFLOWS if workflow.is_usual}
    return {name: text for name, text in there.items() if name in (names or usual)}


def _for_repository(asked: Init, context: RunContext, chosen: Mapping[str, str], pin: ActionPin) -> Initialised:
    repository = context.clone()
    adoption = adopt(repository, context.now) if asked.adopt else None
    config, text = _configuration(context, adoption.settings if adoption else (), force=asked.force)
    listed = [pattern for pattern in config.branches.research if workflows.is_filter(pattern)]
    wanted = {
        **{f"{FOLDER}/{_file(name)}": _taken(text, pin, listed) for name, text in chosen.items()},
        PATH: text,
        ISSUE_FORM: template_text("experiment.yml"),
    }
    plan = _planned(repository, wanted, pin, force=asked.force)
    notes = (*plan.notes, *(adoption.notes if adoption else ()))
    return Initialised(repository.root, SetupFiles(plan.rewrites, notes), _left(repository, config, chosen))


def _file(name: str) -> str:
    return next(workflow.file for workflow in WORKFLOWS if workflow.name == name)


def _taken(text: str, pin: ActionPin, branches: Sequence[str]) -> str:
    return workflows.with_branches(workflows.pinned(text, pin), branches)


def _configuration(context: RunContext, found: Sequence[Setting], *, force: bool) -> tuple[Config, str]:
    """Return the configuration that will count, and the text of the one that is wanted."""
    if (context.clone().root / PATH).is_file() and not force:
        return context.work_tree_config, starter(schema(), found)
    return configuration(found), starter(schema(), found)


def _planned(repository: Repository, wanted: Mapping[str, str], pin: ActionPin, *, force: bool) -> SetupFiles:
    there = {path: files.text_there(repository.root, path) for path in wanted}
    return plan_files(wanted, there, pin, force=force)


def _left(repository: Repository, config: Config, chosen: Mapping[str, str]) -> Left:
    pushed = [f"{FOLDER}/{_file(name)}" for name, text in chosen.items() if workflows.pushed_branches(text)]
    return Left(
        default_branch=repository.default_branch or "the default branch",
        branches=without(repository, config, pushed),
        secrets=tuple(dict.fromkeys(secret for text in chosen.values() for secret in workflows.secrets(text))),
        has_snapshots="snapshot" in chosen,
    )


def without(repository: Repository, config: Config, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the research branches of origin that lack one of the files at `paths`."""
    research = research_branches(repository, config, None)
    there = repository.exist(f"{tip}:{path}" for tip in research.values() for path in paths)
    return tuple(name for name, tip in research.items() if not all(there[f"{tip}:{path}"] for path in paths))


def _for_organisation(asked: Init, repository: Repository, chosen: Mapping[str, str], pin: ActionPin) -> Initialised:
    """Return what an organisation's `.github` repository offers to all its repositories.

    Source: GitHub's documentation, "Creating workflow templates for your organization".
    """
    if asked.adopt:
        raise UserError("--adopt and --org name two repositories", "run --adopt in the repository with the logbooks")
    wanted: dict[str, str] = {}
    for workflow in (workflow for workflow in WORKFLOWS if workflow.name in chosen):
        starter_workflow = workflows.as_starter(workflows.pinned(chosen[workflow.name], pin))
        wanted[f"{_ORGANISATION}/{workflow.file}"] = starter_workflow
        about = {"name": f"Research logbook: {workflow.name}", "description": f"{workflow.does.capitalize()}."}
        properties = json.dumps({**about, "iconName": "octicon book", "categories": ["Automation"]}, indent=2)
        wanted[f"{_ORGANISATION}/{workflow.file.removesuffix('.yml')}.properties.json"] = f"{properties}\n"
    return Initialised(repository.root, _planned(repository, wanted, pin, force=asked.force), Left(is_offer=True))
