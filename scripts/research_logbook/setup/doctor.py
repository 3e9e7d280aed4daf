"""`logbook doctor`: whether a repository has all that logbook needs, and has it up to date."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from research_logbook.config import Config, settings
from research_logbook.errors import ConfigurationError, UnfinishedError
from research_logbook.github.client import GitHub
from research_logbook.github.errors import DeniedError, MissingError
from research_logbook.repo import files
from research_logbook.repo.git import Repository
from research_logbook.setup import templates, workflows
from research_logbook.setup.doctor_checks import Condition, DoctorCheck, OnGitHub, checks
from research_logbook.setup.init import without
from research_logbook.setup.pins import ActionSource, resolve
from research_logbook.setup.setup_files import FOLDER
from research_logbook.setup.workflows import WORKFLOWS, ActionPin, NoWorkflowError

T = TypeVar("T")


def doctor(
    repository: Repository, source: str, environment: Mapping[str, str], github: GitHub | None
) -> tuple[DoctorCheck, ...]:
    """Return all that was looked at; without `github` what only GitHub knows is unknown."""
    condition = _local(repository, ActionSource.of(source), environment)
    if github is None:
        return tuple(checks(replace(condition, why_not_github="set GITHUB_TOKEN or GH_TOKEN, and name --repo")))
    return tuple(checks(replace(condition, github=_asked(github))))


def _local(repository: Repository, source: ActionSource, environment: Mapping[str, str]) -> Condition:
    texts = {one.name: files.text_there(repository.root, f"{FOLDER}/{one.file}") for one in WORKFLOWS}
    there = {name: text for name, text in texts.items() if isinstance(text, str)}
    config, problem = _configuration(repository)
    newest, why = _newest(repository, source, environment)
    return Condition(
        workflows=there,
        templates=templates.workflows(),
        merged=_merged(repository),
        config=config,
        config_problem=problem,
        without=without(
            repository, config, [f"{FOLDER}/logbook-{name}.yml" for name in there if _listens(there[name])]
        ),
        newest=newest,
        why_not_newest=why,
    )


def _listens(text: str) -> bool:
    try:
        return bool(workflows.pushed_branches(text))
    except NoWorkflowError:
        return False


def _configuration(repository: Repository) -> tuple[Config, str]:
    try:
        return settings.of_work_tree(repository), ""
    except ConfigurationError as error:
        return Config(), error.message.replace(f"{repository.root}/", "")


def _newest(
    repository: Repository, source: ActionSource, environment: Mapping[str, str]
) -> tuple[ActionPin | None, str]:
    try:
        return resolve(source, repository, environment), ""
    except UnfinishedError as error:
        return None, error.message


def _merged(repository: Repository) -> frozenset[str] | None:
    default = repository.default_branch
    tip = repository.commit(f"refs/remotes/origin/{default}") if default else None
    if tip is None:
        return None
    there = repository.paths(tip, [FOLDER])
    return frozenset(one.name for one in WORKFLOWS if f"{FOLDER}/{one.file}" in there)


def _asked(github: GitHub) -> OnGitHub:
    return OnGitHub(
        labels=_told(github.repository_labels), secrets=_told(github.secrets), rulesets=_told(github.tag_rulesets)
    )


def _told(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except (DeniedError, MissingError):
        return None
