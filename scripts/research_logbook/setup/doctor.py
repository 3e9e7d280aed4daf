"""`logbook doctor`: whether a repository has all that logbook needs to work, and has it up to date."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from research_logbook.config.load import NotYamlError
from research_logbook.config.schema import PATH, Config
from research_logbook.context import RunContext
from research_logbook.errors import ConfigurationError, UnfinishedError
from research_logbook.github.client import GitHub
from research_logbook.github.models import Ruleset
from research_logbook.github.transport import DeniedError, MissingError
from research_logbook.labels import LABELS
from research_logbook.markdown.escape import json_text, terminal_line
from research_logbook.patterns import matches, refusal
from research_logbook.render import enumerated
from research_logbook.repo import files
from research_logbook.setup import workflows
from research_logbook.setup.git_merging import ATTRIBUTES, MergeDriverState, driver_state
from research_logbook.setup.init import branches_without
from research_logbook.setup.skill import skill_state, skill_there
from research_logbook.setup.workflows import (
    FOLDER,
    WORKFLOWS,
    ActionPin,
    ActionSource,
    resolve,
    workflow_path,
    workflow_templates,
)

T = TypeVar("T")
_AGAIN = "run `logbook init` again"
_TAG = "refs/tags/snapshot/topic/ID"


class State(StrEnum):
    """How something is."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


class DoctorCheck(NamedTuple):
    """One thing that was checked."""

    name: str
    state: State
    says: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class RepositorySetup:
    """What is known about a repository; of what GitHub says, None for what it does not tell this token."""

    workflows: Mapping[str, str]
    """The text of our workflows in the work tree, by name."""
    templates: Mapping[str, str]
    merged: frozenset[str] | None
    """The workflows that are on the default branch; None where that is not in this clone."""
    config: Config
    config_problem: str = ""
    has_config: bool = True
    without: tuple[str, ...] = ()
    """The research branches that lack a workflow which runs on their pushes."""
    newest: ActionPin | None = None
    """The release to pin; None where no server answered."""
    why_not_newest: str = ""
    labels: frozenset[str] | None = None
    """In lower case."""
    secrets: frozenset[str] | None = None
    """The names of those that a workflow can read."""
    rulesets: tuple[Ruleset, ...] | None = None
    why_not_github: str = ""
    skill: str = "missing"
    """How the skill is, as `skill_state` says."""
    merging: MergeDriverState = MergeDriverState()  # noqa: RUF009 - frozen


def diagnose(context: RunContext, source: str, github: GitHub | None) -> tuple[DoctorCheck, ...]:
    """Return all checks; what GitHub does not tell, or nobody can ask it without `github`, is unknown.

    Raises `UserError` for a bad `source`.
    """
    setup = _collect(context, ActionSource.of(source))
    if github is None:
        return tuple(checks(replace(setup, why_not_github="set GITHUB_TOKEN or GH_TOKEN, and pass --repo")))
    try:
        setup = replace(setup, labels=_unless_denied(github.repository_labels))
        setup = replace(setup, secrets=_unless_denied(github.secrets))
        setup = replace(setup, rulesets=_unless_denied(github.tag_rulesets))
    except UnfinishedError as error:  # it answers nobody, or not this token, and would not the next time
        setup = replace(setup, why_not_github=error.sentence)
    return tuple(checks(setup))


def _collect(context: RunContext, source: ActionSource) -> RepositorySetup:
    repository = context.clone()
    texts = {one.name: files.text_there(repository.root, workflow_path(one.name)) for one in WORKFLOWS}
    there = {name: text for name, text in texts.items() if isinstance(text, str)}
    config, problem, newest, why_not_newest = Config(), "", None, ""
    try:
        config = context.work_tree_config
    except ConfigurationError as error:
        problem = error.message.replace(f"{repository.root}/", "")
    try:
        newest = resolve(source, repository, context.environment)
    except UnfinishedError as error:
        why_not_newest = error.message
    tip = repository.tip(repository.default_branch)
    merged = repository.entries(tip, [FOLDER]) if tip else None
    return RepositorySetup(
        workflows=there,
        templates=workflow_templates(),
        merged=None
        if merged is None
        else frozenset(one.name for one in WORKFLOWS if workflow_path(one.name) in merged),
        config=config,
        config_problem=problem,
        has_config=(repository.root / PATH).is_file(),
        without=branches_without(repository, config, [workflow_path(it) for it in there if _runs(there[it])]),
        newest=newest,
        why_not_newest=why_not_newest,
        skill=skill_state(skill_there(repository)),
        # A runner's clone is nobody's to set up.
        merging=MergeDriverState() if context.in_actions else driver_state(repository, config, context.environment),
    )


def _runs(text: str) -> bool:
    """Return whether a workflow runs on pushes to branches."""
    try:
        return bool(workflows.pushed_branches(text))
    except NotYamlError:
        return False


def _unless_denied(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except (DeniedError, MissingError):
        return None


def checks(setup: RepositorySetup) -> Iterator[DoctorCheck]:
    """Yield every check."""
    for workflow in (one for one in WORKFLOWS if one.is_usual and one.name in setup.templates):
        if workflow.name not in setup.workflows:
            one = f" --workflow {workflow.name}" if setup.workflows else ""  # Where none is there, one run adds all.
            help_text = f"run `logbook init{one}`; without it nothing {workflow.does}"
            yield DoctorCheck(f"workflow {workflow.name}", State.BAD, "is missing", help_text)
    if setup.merged is None:
        yield DoctorCheck("default branch", State.UNKNOWN, "is not in this clone", "run `git fetch origin`")
    elif missing := [name for name in setup.workflows if name not in setup.merged]:
        yield DoctorCheck(
            "default branch", State.BAD, f"does not have {enumerated(missing)}", "merge the workflows into it"
        )
    for name, text in setup.workflows.items():
        yield from _workflow(name, text, setup)
    if setup.config_problem:
        yield DoctorCheck("configuration", State.BAD, setup.config_problem, "docs/configuration.md describes every key")
    else:
        says = "is valid" if setup.has_config else f"is not there ({PATH}), so the defaults count"
        yield DoctorCheck("configuration", State.GOOD, says)
    for branch in setup.without:
        help_text = "merge the default branch into it: a push runs the workflows on its own branch"
        yield DoctorCheck(f"branch {branch}", State.BAD, "lacks the workflows that run on its pushes", help_text)
    yield from _skill(setup.skill)
    yield from _merging(setup.merging)
    yield _labels(setup)
    yield from _secrets(setup)
    yield from _tags(setup)


def _workflow(name: str, text: str, setup: RepositorySetup) -> Iterator[DoctorCheck]:
    subject = f"workflow {name}"
    try:
        found = [*_pins(subject, text, setup), *_permissions(subject, name, text, setup)]
        pushed = workflows.pushed_branches(text)
    except NotYamlError as error:
        yield DoctorCheck(subject, State.BAD, f"cannot be read: {error}", "correct it, or run `logbook init --force`")
        return
    wanted = tuple(filter(workflows.is_filter, setup.config.branches.research))
    if pushed and set(pushed) != set(wanted):
        help_text = f"write `branches: [{', '.join(wanted)}]` there, or correct `branches.research`"
        says = f"runs on pushes to {enumerated(pushed)}, not to the research branches"
        found.append(DoctorCheck(subject, State.BAD, says, help_text))
    says = "is there and up to date" if setup.newest else "is there"
    yield from found or [DoctorCheck(subject, State.GOOD, says)]


def _pins(subject: str, text: str, setup: RepositorySetup) -> Iterator[DoctorCheck]:
    newest = setup.newest
    ours = [use for use in workflows.uses(text) if workflows.is_ours(use, newest.source if newest else workflows.OURS)]
    if not ours:
        yield DoctorCheck(subject, State.BAD, "uses none of our actions", "rename it, and run `logbook init`")
    for use in ours:
        pinned = use.comment or use.reference[:12]
        if not workflows.is_pinned(use):
            says = f"uses {use.reference}, which can be moved, instead of a commit"
            yield DoctorCheck(subject, State.BAD, says, _AGAIN)
        elif newest is None:
            yield DoctorCheck(subject, State.UNKNOWN, f"pins {pinned}", setup.why_not_newest)
        elif use.reference != newest.commit:
            says = f"pins {pinned}, but {newest.version or newest.commit[:12]} is available"
            yield DoctorCheck(subject, State.BAD, says, _AGAIN)


def _permissions(subject: str, name: str, text: str, setup: RepositorySetup) -> Iterator[DoctorCheck]:
    if name not in setup.templates:
        return
    wanted, granted = (workflows.permissions(one) for one in (setup.templates[name], text))
    less = [f"{key}: {level}" for key, level in wanted.items() if granted.get(key) not in {level, "write"}]
    more = [f"{key}: {level}" for key, level in granted.items() if level == "write" and wanted.get(key) != "write"]
    if less:
        says = f"lacks the permission{'s' * (len(less) > 1)} {enumerated(less)}"
        yield DoctorCheck(subject, State.BAD, says, "add it to the job's `permissions:`")
    if more:
        says = f"has the permission{'s' * (len(more) > 1)} {enumerated(more)}, which it does not need"
        yield DoctorCheck(subject, State.BAD, says, "remove it")


def _skill(state: str) -> Iterator[DoctorCheck]:
    says = {"current": "is there and up to date", "edited": "has changes of your own, so it is not updated"}
    if state in says:
        yield DoctorCheck("agent skill", State.GOOD, says[state])
    elif state == "older":
        yield DoctorCheck("agent skill", State.BAD, "is not of this version", "run `logbook init --skill`")


def _merging(state: MergeDriverState) -> Iterator[DoctorCheck]:
    """Yield the check of the merge driver, where the repository's attributes name it."""
    if not state.covered:
        return
    help_text = "run `logbook init --merge-driver` here; git takes no command from a repository"
    if not state.command:
        says = f"is named in {ATTRIBUTES}, but this clone lacks it, so git merges logbooks line by line"
        yield DoctorCheck("merge driver", State.BAD, says, help_text)
    elif state.missing_program:
        says = f"starts {state.missing_program}, which is not found, so git merges logbooks line by line"
        yield DoctorCheck("merge driver", State.BAD, says, help_text)
    elif state.uncovered:
        says = f"is not used for {', '.join(state.uncovered[:3])}{', …' * (len(state.uncovered) > 3)}"
        yield DoctorCheck("merge driver", State.BAD, says, f"{help_text}, or correct {ATTRIBUTES}")
    else:
        yield DoctorCheck("merge driver", State.GOOD, "is set up in this clone")


def _labels(setup: RepositorySetup) -> DoctorCheck:
    labels = setup.labels
    if labels is None:
        return DoctorCheck("labels", State.UNKNOWN, "were not checked", setup.why_not_github)
    missing = [name for name in LABELS if name not in labels]
    if not missing:
        return DoctorCheck("labels", State.GOOD, "exist")
    if "labels" in setup.workflows:
        says = f"{' and '.join(missing)} will be created with the first issue that needs it"
        return DoctorCheck("labels", State.GOOD, says)
    return DoctorCheck("labels", State.BAD, f"lack {' and '.join(missing)}", "`logbook labels` creates them")


def _secrets(setup: RepositorySetup) -> Iterator[DoctorCheck]:
    wanted = {secret: name for name, text in setup.workflows.items() for secret in workflows.secrets(text)}
    known = setup.secrets
    if wanted and known is None:
        why = setup.why_not_github or "use a token that may read the names of secrets (`actions secrets: read`)"
        yield DoctorCheck("secrets", State.UNKNOWN, "were not checked", why)
        return
    for secret, name in wanted.items():
        if known and secret in known:
            yield DoctorCheck(f"secret {secret}", State.GOOD, "exists")
        else:
            says = f"is missing, and the workflow {name} reads it"
            yield DoctorCheck(f"secret {secret}", State.BAD, says, f"`gh secret set {secret}`")


def _tags(setup: RepositorySetup) -> Iterator[DoctorCheck]:
    rulesets = setup.rulesets
    if rulesets is None:
        why = setup.why_not_github or "use a token that may read the repository's rulesets"
        yield DoctorCheck("snapshot tags", State.UNKNOWN, "were not checked", why)
        return

    def fits(names: tuple[str, ...]) -> bool:
        return "~ALL" in names or matches(_TAG, [name for name in names if not refusal(name)])

    holding = [ruleset for ruleset in rulesets if fits(ruleset.refs.include) and not fits(ruleset.refs.exclude)]
    rules = {rule.type: ruleset.name for ruleset in holding for rule in ruleset.rules}
    unprotected = [rule for rule in ("update", "deletion") if rule not in rules]
    if "creation" in rules:
        says = f"the ruleset “{rules['creation']}” restricts creations, which stops the workflow from tagging"
        yield DoctorCheck("snapshot tags", State.BAD, says, "restrict updates and deletions only")
    if unprotected:
        help_text = "add a tag ruleset for `snapshot/**/*` that restricts updates and deletions"
        says = f"are not protected from {' and '.join(unprotected)}"
        yield DoctorCheck("snapshot tags", State.BAD, says, help_text)
    elif "creation" not in rules:
        yield DoctorCheck("snapshot tags", State.GOOD, "can be neither moved nor deleted")


_MARKS = {State.GOOD: "ok", State.BAD: "!!", State.UNKNOWN: "??"}


def health_text(checks: Sequence[DoctorCheck]) -> str:
    """Return a line for each check, how to fix it below, and the count."""
    lines = []
    for check, following in zip_longest(checks, checks[1:]):
        lines.append(f"{_MARKS[check.state]}  {terminal_line(f'{check.name} {check.says}')}\n")
        # What helps several checks in a row is said once, below the last of them.
        if check.help and not (following and following.help == check.help):
            lines.append(f"    help: {terminal_line(check.help)}\n")
    bad, unknown = (sum(check.state is state for check in checks) for state in (State.BAD, State.UNKNOWN))
    return "".join(lines) + f"{bad or 'nothing'} to fix{f', {unknown} not checked' if unknown else ''}\n"


def health_json(checks: Sequence[DoctorCheck]) -> str:
    """Return `{"version": 1, "checks": [{"name", "state", "says", "help"}], "good"}`; good where nothing is bad."""
    good = all(check.state is not State.BAD for check in checks)
    return json_text({"version": 1, "checks": [check._asdict() for check in checks], "good": good})
