"""`logbook init`: the files with which a repository uses logbook, and the steps that are left to a person."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from research_logbook.config.baseline import BASELINE
from research_logbook.config.load import NotYamlError, schema
from research_logbook.config.schema import PATH, Config
from research_logbook.config.starter import starter
from research_logbook.context import RunContext
from research_logbook.effects import FileRewrite
from research_logbook.errors import UserError, did_you_mean
from research_logbook.repo import files
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.files import Obstacle
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import research_branches
from research_logbook.setup import workflows
from research_logbook.setup.adopt import adopt, configuration
from research_logbook.setup.git_merging import TO_DO, GitSetting, plan_merging
from research_logbook.setup.skill import FOLDER as SKILL_FOLDER
from research_logbook.setup.skill import plan_skill, skill_state, skill_there
from research_logbook.setup.workflows import (
    FOLDER,
    OURS,
    WORKFLOWS,
    ActionPin,
    ActionSource,
    resolve,
    template_text,
    workflow_path,
    workflow_templates,
)

SOURCE = f"{OURS}@v1"
_ISSUE_FORM = ".github/ISSUE_TEMPLATE/experiment.yml"
_MOST_BRANCHES = 5
"""Branches that a step names."""


@dataclass(frozen=True, slots=True)
class InitOptions:
    """What a user asked `logbook init` for."""

    workflows: tuple[str, ...] = ()
    """The workflows to add; the usual ones where none is named."""
    source: str = SOURCE
    org: bool = False
    adopt: bool = False
    force: bool = False
    skill: bool = False
    """Whether agents get the skill."""
    merge_driver: bool = False
    """Whether git merges logbooks with `logbook merge-driver`."""

    @property
    def has_workflows(self) -> bool:
        """Whether workflows are wanted: always, but where nothing is named besides the skill or the merge driver."""
        return bool(self.workflows) or self.adopt or self.org or not (self.skill or self.merge_driver)


@dataclass(frozen=True, slots=True)
class InitPlan:
    """What to write below `root`, notes on what is not written, and what is left for a person to do."""

    root: Path
    rewrites: tuple[FileRewrite, ...]
    notes: tuple[str, ...]
    to_do: tuple[str, ...]
    settings: tuple[GitSetting, ...] = ()
    """What to write into the settings of this clone."""


def plan_init(options: InitOptions, context: RunContext) -> InitPlan:
    """Return what makes the repository use logbook, or gives it one part more: the skill, or the merge driver.

    A skill that is there, and that nobody has edited, is brought up to date each time.

    Raises `UserError` outside of a repository and for unknown names, `UnfinishedError` where the version of the actions
    cannot be found out.
    """
    repository = context.clone()
    if options.org and (options.skill or options.merge_driver):
        raise UserError("--org writes templates alone", "run --skill and --merge-driver in the repositories themselves")
    plan, config = InitPlan(repository.root, (), (), ()), None
    if options.has_workflows:
        plan, config = _plan_workflows(options, context)
    if options.skill or (not options.org and skill_state(skill_there(repository)) == "older"):
        rewrites, notes = plan_skill(repository, force=options.force)
        to_do = (f"commit {SKILL_FOLDER}: agents that work in this repository find it there",) if rewrites else ()
        plan = replace(plan, rewrites=plan.rewrites + rewrites, notes=plan.notes + notes, to_do=plan.to_do + to_do)
    if options.merge_driver:
        rewrites, settings, notes = plan_merging(repository, config or context.work_tree_config, context.environment)
        plan = replace(
            plan,
            rewrites=plan.rewrites + rewrites,
            notes=plan.notes + notes,
            to_do=plan.to_do + ((TO_DO,) if rewrites or settings else ()),
            settings=settings,
        )
    return plan


def _plan_workflows(options: InitOptions, context: RunContext) -> tuple[InitPlan, Config]:
    """Return what gives a repository its workflows, configuration and issue form, and that configuration."""
    repository = context.clone()
    templates = workflow_templates()
    unknown = [name for name in options.workflows if name not in templates]
    if unknown:
        choices = f"choose from {', '.join(templates)}"
        raise UserError(f"no workflow {unknown[0]!r}", did_you_mean(unknown[0], templates, otherwise=choices))
    names = options.workflows or [workflow.name for workflow in WORKFLOWS if workflow.is_usual]
    chosen = {name: text for name, text in templates.items() if name in names}
    pin = resolve(ActionSource.of(options.source), repository, context.environment)
    if options.org:
        return _for_organisation(options, repository, chosen, pin), Config()
    has_own = (repository.root / PATH).is_file() and not options.force
    own = context.work_tree_config if has_own else None
    has_baseline = (repository.root / BASELINE).is_file() and not options.force
    old = context.baseline_for(Comparison(None)) if has_baseline and options.adopt else None
    adoption = adopt(repository, context.now, own, old) if options.adopt else None
    found = adoption.settings if adoption else ()
    config = context.work_tree_config if has_own else configuration(found)
    listed = [pattern for pattern in config.branches.research if workflows.is_filter(pattern)]
    wanted = {
        workflow_path(name): workflows.with_branches(workflows.pinned(text, pin), listed)
        for name, text in chosen.items()
    }
    wanted |= {PATH: starter(schema(), found), _ISSUE_FORM: template_text("experiment.yml")}
    if adoption and adoption.baseline and not has_baseline:
        wanted[BASELINE] = adoption.baseline.text()
    rewrites, notes = _plan_files(repository, wanted, pin, force=options.force)
    notes += adoption.notes if adoption else ()
    return InitPlan(repository.root, rewrites, notes, tuple(_to_do(repository, config, chosen))), config


def _for_organisation(
    options: InitOptions, repository: Repository, chosen: Mapping[str, str], pin: ActionPin
) -> InitPlan:
    """Return what an organisation's `.github` repository offers to all its repositories.

    Source: GitHub's documentation, "Creating workflow templates for your organization".
    """
    if options.adopt:
        raise UserError("--adopt and --org are for two repositories", "run --adopt in the one with the logbooks")
    wanted: dict[str, str] = {}
    for workflow in (workflow for workflow in WORKFLOWS if workflow.name in chosen):
        about = {"name": f"Research logbook: {workflow.name}", "description": f"{workflow.does.capitalize()}."}
        properties = json.dumps({**about, "iconName": "octicon book", "categories": ["Automation"]}, indent=2)
        path = f"workflow-templates/{workflow.file}"
        wanted[path] = workflows.as_starter(workflows.pinned(chosen[workflow.name], pin))
        wanted[f"{path.removesuffix('.yml')}.properties.json"] = f"{properties}\n"
    to_do = (
        "commit the files in the organisation's `.github` repository; Actions > New workflow then offers them",
        "run `logbook init` in each repository that uses one, to add its configuration",
    )
    return InitPlan(repository.root, *_plan_files(repository, wanted, pin, force=options.force), to_do)


def _plan_files(
    repository: Repository, wanted: Mapping[str, str], pin: ActionPin, *, force: bool
) -> tuple[tuple[FileRewrite, ...], tuple[str, ...]]:
    """Return what gives the repository the files of `wanted`, by path, and notes on what is not written.

    In a file that people changed every change is kept: in a workflow only our pins are updated, any other file is left
    alone. With `force` it is replaced.
    """
    rewrites, notes = [], []
    for path, text in wanted.items():
        there = files.text_there(repository.root, path)
        if isinstance(there, Obstacle):
            notes.append(f"{path} {there.why}, so it was left alone")
        elif there is None or (force and there != text):
            rewrites.append(FileRewrite(path, there, text))
        elif there != text:
            newer, note = _updated(path, there, text, pin)
            rewrites += [FileRewrite(path, there, newer)] if newer != there else []
            notes += [f"{path} {note}; pass --force to replace it"] if note else []
    return tuple(rewrites), tuple(notes)


def _updated(path: str, there: str, wanted: str, pin: ActionPin) -> tuple[str, str]:
    """Return a changed file with newer pins, and a note on what is kept."""
    if not path.startswith(f"{FOLDER}/"):
        return there, "already exists and was left alone"
    try:
        if not any(workflows.is_ours(use, pin.source) for use in workflows.uses(there)):
            return there, f"uses no action of {pin.source} and was left alone"
        newer = workflows.pinned(there, pin)
    except NotYamlError as error:
        return there, f"cannot be read and was left alone ({error})"
    return newer, "" if newer == wanted else "differs from the template, so only its pins are updated"


def _to_do(repository: Repository, config: Config, chosen: Mapping[str, str]) -> Iterator[str]:
    """Yield the steps that no file in a repository can do."""
    main = repository.default_branch or "the default branch"
    yield (
        f"commit these files and merge them into {main}: GitHub starts workflows for issues, schedules and manual runs "
        "only from there"
    )
    pushed = [workflow_path(name) for name, text in chosen.items() if workflows.pushed_branches(text)]
    if branches := branches_without(repository, config, pushed):
        more = len(branches) - _MOST_BRANCHES
        named = ", ".join(branches[:_MOST_BRANCHES]) + (f" and {more} more research branches" if more > 0 else "")
        yield (
            f"then merge {main} into {named}: a push runs the workflows on its own branch, so until then pushes there "
            "are neither checked nor tagged; pull requests from there already are checked"
        )
    for secret in dict.fromkeys(secret for text in chosen.values() for secret in workflows.secrets(text)):
        yield f"add the secret {secret}: Settings > Secrets and variables > Actions, or `gh secret set {secret}`"
    if "snapshot" in chosen:
        yield (
            "protect snapshot tags: Settings > Rules > New tag ruleset for `snapshot/**/*` with “Restrict updates” and "
            "“Restrict deletions”; leave out “Restrict creations”, which would stop the workflow from tagging"
        )


def branches_without(repository: Repository, config: Config, paths: Collection[str]) -> tuple[str, ...]:
    """Return the research branches of origin that lack one of the files at `paths`."""
    research = research_branches(repository, config, None)
    there = repository.exist(f"{tip}:{path}" for tip in research.values() for path in paths)
    return tuple(name for name, tip in research.items() if not all(there[f"{tip}:{path}"] for path in paths))
