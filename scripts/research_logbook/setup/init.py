"""`logbook init`: the files that make a repository use logbook, and what is left for a person to do."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from research_logbook.config import Config, settings
from research_logbook.config.starter import Setting, starter
from research_logbook.errors import UserError
from research_logbook.repo import files
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_versions import research_branches
from research_logbook.setup import setup_files, templates, workflows
from research_logbook.setup.adopt import adopt, configuration
from research_logbook.setup.pins import ActionSource, resolve
from research_logbook.setup.setup_files import FOLDER, ISSUE_FORM, SetupFiles
from research_logbook.setup.to_do import Left
from research_logbook.setup.workflows import OURS, WORKFLOWS, ActionPin

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


def init(asked: Init, environment: Mapping[str, str], folder: Path, now: dt.datetime) -> Initialised:
    """Return what makes the repository around `folder` use logbook; `now` is in UTC."""
    repository = Repository.here(folder)
    chosen = chosen_of(asked.workflows)
    pin = resolve(ActionSource.of(asked.source), repository, environment)
    if asked.org:
        return _for_organisation(asked, repository, chosen, pin)
    return _for_repository(asked, repository, chosen, pin, now)


def chosen_of(names: Sequence[str]) -> Mapping[str, str]:
    """Return the templates of the workflows named, else the usual ones; raises `UserError` for one that is unknown."""
    there = templates.workflows()
    unknown = [name for name in names if name not in there]
    if unknown:
        raise UserError(f"there is no workflow {unknown[0]!r}", f"there are {', '.join(there)}")
    usual = {workflow.name for workflow in WORKFLOWS if workflow.is_usual}
    return {name: text for name, text in there.items() if name in (names or usual)}


def _for_repository(
    asked: Init, repository: Repository, chosen: Mapping[str, str], pin: ActionPin, now: dt.datetime
) -> Initialised:
    adoption = adopt(repository, now) if asked.adopt else None
    config, text = _configuration(repository, adoption.settings if adoption else (), force=asked.force)
    listed = [pattern for pattern in config.branches.research if workflows.is_filter(pattern)]
    wanted = {
        **{f"{FOLDER}/{_file(name)}": _taken(text, pin, listed) for name, text in chosen.items()},
        settings.PATH: text,
        ISSUE_FORM: templates.text("experiment.yml"),
    }
    plan = _planned(repository, wanted, pin, force=asked.force)
    notes = (*plan.notes, *(adoption.notes if adoption else ()))
    return Initialised(repository.root, SetupFiles(plan.rewrites, notes), _left(repository, config, chosen))


def _file(name: str) -> str:
    return next(workflow.file for workflow in WORKFLOWS if workflow.name == name)


def _taken(text: str, pin: ActionPin, branches: Sequence[str]) -> str:
    return workflows.with_branches(workflows.pinned(text, pin), branches)


def _configuration(repository: Repository, found: Sequence[Setting], *, force: bool) -> tuple[Config, str]:
    """Return the configuration that will count, and the text of the one that is wanted."""
    if (repository.root / settings.PATH).is_file() and not force:
        return settings.of_work_tree(repository), starter(found)
    return configuration(found), starter(found)


def _planned(repository: Repository, wanted: Mapping[str, str], pin: ActionPin, *, force: bool) -> SetupFiles:
    there = {path: files.text_there(repository.root, path) for path in wanted}
    return setup_files.plan_files(wanted, there, pin, force=force)


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
    research = research_branches(repository, config)
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
