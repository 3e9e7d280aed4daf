"""`logbook doctor`: whether a repository has all that logbook needs, and has it up to date."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from research_logbook.config.schema import Config
from research_logbook.context import RunContext
from research_logbook.errors import ConfigurationError, UnfinishedError
from research_logbook.github.client import GitHub
from research_logbook.github.errors import DeniedError, MissingError
from research_logbook.github.models import Ruleset
from research_logbook.labels.plan import LABELS
from research_logbook.markdown.escape import json_text, terminal_line
from research_logbook.patterns import matches, refusal
from research_logbook.repo import files
from research_logbook.repo.git import Repository
from research_logbook.setup import workflows
from research_logbook.setup.init import without
from research_logbook.setup.pins import ActionSource, resolve
from research_logbook.setup.workflows import FOLDER, WORKFLOWS, ActionPin, NoWorkflowError, workflow_templates

_AGAIN = "run `logbook init` again"


class State(StrEnum):
    """How something is."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


class DoctorCheck(NamedTuple):
    """One thing that was looked at."""

    name: str
    state: State
    says: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class OnGitHub:
    """What GitHub says of the repository; None for what it does not tell this token."""

    labels: frozenset[str] | None = None
    """In lower case."""
    secrets: frozenset[str] | None = None
    """The names of those that a workflow can read."""
    rulesets: tuple[Ruleset, ...] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of a repository."""

    workflows: Mapping[str, str]
    """The workflows of ours in the work tree, by name: their text."""
    templates: Mapping[str, str]
    merged: frozenset[str] | None
    """The workflows that the default branch has; None where it is not in this clone."""
    config: Config
    config_problem: str = ""
    without: tuple[str, ...] = ()
    """The research branches that lack a workflow which runs on their pushes."""
    newest: ActionPin | None = None
    """The release that is to be pinned; None where nobody could be asked."""
    why_not_newest: str = ""
    github: OnGitHub = field(default_factory=OnGitHub)
    why_not_github: str = ""


def checks(condition: Condition) -> Iterator[DoctorCheck]:
    """Yield every check."""
    yield from _there(condition)
    yield from _merged_check(condition)
    for name, text in condition.workflows.items():
        try:
            yield from _workflow(name, text, condition)
        except NoWorkflowError as error:
            yield DoctorCheck(
                f"workflow {name}", State.BAD, f"is no YAML: {error}", "correct it, or `logbook init --force`"
            )
    yield from _configuration_check(condition)
    yield from _branches(condition)
    yield from _labels(condition)
    yield from _secrets(condition)
    yield from _tags(condition)


def _there(condition: Condition) -> Iterator[DoctorCheck]:
    for workflow in (one for one in WORKFLOWS if one.is_usual and one.name in condition.templates):
        if workflow.name not in condition.workflows:
            help_text = f"run `logbook init --workflow {workflow.name}`; without it nothing {workflow.does}"
            yield DoctorCheck(f"workflow {workflow.name}", State.BAD, "is missing", help_text)


def _merged_check(condition: Condition) -> Iterator[DoctorCheck]:
    if condition.merged is None:
        yield _unknown("default branch", "is not in this clone", "run `git fetch origin`")
        return
    missing = [name for name in condition.workflows if name not in condition.merged]
    if missing:
        yield DoctorCheck(
            "default branch", State.BAD, f"has not yet {', '.join(missing)}", "merge the workflows into it"
        )


def _workflow(name: str, text: str, condition: Condition) -> Iterator[DoctorCheck]:
    found = [*_pins(text, condition), *_permissions(name, text, condition), *_listening(text, condition)]
    subject = f"workflow {name}"
    yield from (check._replace(name=subject) for check in found)
    if all(check.state is State.GOOD for check in found):
        yield DoctorCheck(subject, State.GOOD, "is there" + ("" if condition.newest is None else " and up to date"))


def _pins(text: str, condition: Condition) -> Iterator[DoctorCheck]:
    newest = condition.newest
    ours = [use for use in workflows.uses(text) if workflows.is_ours(use, newest.source if newest else workflows.OURS)]
    if not ours:
        yield DoctorCheck("", State.BAD, "uses none of our actions", "rename it, and run `logbook init`")
    for use in ours:
        if not workflows.is_pinned(use):
            yield DoctorCheck("", State.BAD, f"names {use.reference}, which can be moved, and no commit", _AGAIN)
        elif newest is None:
            yield _unknown("", f"pins {use.comment or use.reference[:12]}", condition.why_not_newest)
        elif use.reference != newest.commit:
            pinned = use.comment or use.reference[:12]
            yield DoctorCheck(
                "", State.BAD, f"pins {pinned}, and {newest.version or newest.commit[:12]} is out", _AGAIN
            )


def _permissions(name: str, text: str, condition: Condition) -> Iterator[DoctorCheck]:
    template = condition.templates.get(name)
    if template is None:
        return
    wanted, granted = (workflows.permissions(workflows.read(one)) for one in (template, text))
    less = [f"{key}: {level}" for key, level in wanted.items() if granted.get(key) not in {level, "write"}]
    more = [f"{key}: {level}" for key, level in granted.items() if level == "write" and wanted.get(key) != "write"]
    if less:
        yield DoctorCheck(
            "", State.BAD, f"lacks the permission {', '.join(less)}", "add it to the job's `permissions:`"
        )
    if more:
        yield DoctorCheck("", State.BAD, f"has the permission {', '.join(more)}, which it does not need", "take it out")


def _listening(text: str, condition: Condition) -> Iterator[DoctorCheck]:
    pushed = workflows.pushed_branches(text)
    wanted = tuple(filter(workflows.is_filter, condition.config.branches.research))
    if pushed and set(pushed) != set(wanted):
        help_text = f"write `branches: [{', '.join(wanted)}]` there, or correct `branches.research`"
        yield DoctorCheck(
            "", State.BAD, f"listens to pushes to {', '.join(pushed)}, not to the research branches", help_text
        )


def _configuration_check(condition: Condition) -> Iterator[DoctorCheck]:
    if condition.config_problem:
        yield DoctorCheck(
            "configuration", State.BAD, condition.config_problem, "docs/configuration.md describes every key"
        )
    else:
        yield DoctorCheck("configuration", State.GOOD, "can be read")


def _branches(condition: Condition) -> Iterator[DoctorCheck]:
    for branch in condition.without:
        help_text = "merge the default branch into it: a push runs the workflows of its own branch"
        yield DoctorCheck(f"branch {branch}", State.BAD, "has not the workflows that run on its pushes", help_text)


def _labels(condition: Condition) -> Iterator[DoctorCheck]:
    labels = condition.github.labels
    if labels is None:
        yield _unknown("labels", "were not looked at", condition.why_not_github)
        return
    missing = [name for name in LABELS if name not in labels]
    if not missing:
        yield DoctorCheck("labels", State.GOOD, "are there")
    elif "labels" in condition.workflows:
        yield DoctorCheck(
            "labels", State.GOOD, f"{' and '.join(missing)} will be created with the first issue that needs it"
        )
    else:
        yield DoctorCheck(
            "labels", State.BAD, f"there is no {' and no '.join(missing)}", "`logbook labels` creates them"
        )


def _secrets(condition: Condition) -> Iterator[DoctorCheck]:
    wanted = {secret: name for name, text in condition.workflows.items() for secret in workflows.secrets(text)}
    if not wanted:
        return
    known = condition.github.secrets
    if known is None:
        why = condition.why_not_github or "use a token that may read the names of secrets (`actions secrets: read`)"
        yield _unknown("secrets", "were not looked at", why)
        return
    for secret, name in wanted.items():
        if secret in known:
            yield DoctorCheck(f"secret {secret}", State.GOOD, "is there")
        else:
            help_text = f"`gh secret set {secret}`"
            yield DoctorCheck(f"secret {secret}", State.BAD, f"is missing, and the workflow {name} reads it", help_text)


_TAG = "refs/tags/snapshot/topic/ID"


def _tags(condition: Condition) -> Iterator[DoctorCheck]:
    rulesets = condition.github.rulesets
    if rulesets is None:
        yield _unknown("snapshot tags", "were not looked at", condition.why_not_github or "use a token that may")
        return
    rules = {rule.type: one.name for one in rulesets if _holds(one) for rule in one.rules}
    open_to = [rule for rule in ("update", "deletion") if rule not in rules]
    if "creation" in rules:
        why = f"the ruleset “{rules['creation']}” restricts their creation, which locks the workflow out"
        yield DoctorCheck("snapshot tags", State.BAD, why, "restrict update and deletion only")
    if open_to:
        help_text = "add a tag ruleset for `snapshot/**/*` that restricts updates and deletions"
        yield DoctorCheck("snapshot tags", State.BAD, f"nothing restricts their {' and '.join(open_to)}", help_text)
    elif "creation" not in rules:
        yield DoctorCheck("snapshot tags", State.GOOD, "can be neither moved nor deleted")


def _holds(ruleset: Ruleset) -> bool:
    def fits(names: tuple[str, ...]) -> bool:
        return "~ALL" in names or matches(_TAG, [name for name in names if not refusal(name)])

    return fits(ruleset.refs.include) and not fits(ruleset.refs.exclude)


def _unknown(name: str, says: str, why: str) -> DoctorCheck:
    return DoctorCheck(name, State.UNKNOWN, says, why)


T = TypeVar("T")


def doctor(context: RunContext, source: str, github: GitHub | None) -> tuple[DoctorCheck, ...]:
    """Return all that was looked at; without `github` what only GitHub knows is unknown."""
    condition = _local(context, ActionSource.of(source))
    if github is None:
        return tuple(checks(replace(condition, why_not_github="set GITHUB_TOKEN or GH_TOKEN, and name --repo")))
    return tuple(checks(replace(condition, github=_asked(github))))


def _local(context: RunContext, source: ActionSource) -> Condition:
    repository = context.clone()
    texts = {one.name: files.text_there(repository.root, f"{FOLDER}/{one.file}") for one in WORKFLOWS}
    there = {name: text for name, text in texts.items() if isinstance(text, str)}
    config, problem = _configuration(context)
    newest, why = _newest(repository, source, context.environment)
    return Condition(
        workflows=there,
        templates=workflow_templates(),
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


def _configuration(context: RunContext) -> tuple[Config, str]:
    try:
        return context.work_tree_config, ""
    except ConfigurationError as error:
        return Config(), error.message.replace(f"{context.clone().root}/", "")


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


_MARKS = {State.GOOD: "ok", State.BAD: "!!", State.UNKNOWN: "??"}


def health_text(checks: Sequence[DoctorCheck]) -> str:
    """Return a line for each check, what is to be done below it, and the count."""
    bad, unknown = (sum(check.state is state for check in checks) for state in (State.BAD, State.UNKNOWN))
    ending = f"{bad} to put right" if bad else "nothing to put right"
    return "".join(_lines(checks)) + f"{ending}{f', {unknown} not looked at' if unknown else ''}\n"


def _lines(checks: Sequence[DoctorCheck]) -> Iterator[str]:
    """Yield the lines; what helps several checks that follow each other stands once, below the last of them."""
    for check, following in zip_longest(checks, checks[1:]):
        yield f"{_MARKS[check.state]}  {terminal_line(f'{check.name} {check.says}')}\n"
        if check.help and not (following and following.help == check.help):
            yield f"    help: {terminal_line(check.help)}\n"


def health_json(checks: Sequence[DoctorCheck]) -> str:
    """Return `{"version": 1, "checks": [{"name", "state", "says", "help"}], "good"}`; good where nothing is bad."""
    good = all(check.state is not State.BAD for check in checks)
    return json_text({"version": 1, "checks": [check._asdict() for check in checks], "good": good})
