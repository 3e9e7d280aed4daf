"""`.github/logbook.yml` becomes a `Config`, or every problem in it at once."""

import datetime as dt
import re
from collections.abc import Callable, Collection
from functools import partial
from itertools import islice
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from research_logbook import patterns
from research_logbook.config import expressions, placed, shape
from research_logbook.config.placed import Items, Kind, Mapping, Node, Problem, Scalar
from research_logbook.errors import ConfigurationError, Refusal
from research_logbook.logbook import vocabulary
from research_logbook.markdown.escape import printable, quoted

Level = Literal["error", "warning", "off"]
Demand = Literal["required", "advisory", "off"]
FailOn = Literal["error", "warning", "never"]


def _checked(name: str) -> msgspec.Meta:
    """Bind a type to its check in `_checks`, and to the definition of that name in the JSON schema."""
    return msgspec.Meta(extra={"is": name}, extra_json_schema={"$ref": f"#/$defs/{name}"})


RuleName = Annotated[str, _checked("rule")]
AllowedRule = Annotated[str, _checked("allowed-rule")]
CheckName = Annotated[str, _checked("check")]
Title = Annotated[str, _checked("title")]
Day = Annotated[str, _checked("day")]
Reason = Annotated[str, _checked("reason")]
Pattern = Annotated[str, _checked("pattern")]
OnePattern = Annotated[str, _checked("one-pattern")]
Patterns = Annotated[tuple[Pattern, ...], _checked("patterns"), msgspec.Meta(max_length=100)]
Expression = Annotated[str, _checked("expression")]
Host = Annotated[str, _checked("host")]
Project = Annotated[str, _checked("project")]


class Branches(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Which branches are which."""

    research: Patterns = ("research/**",)
    """Patterns of research branches; a logbook's header may name others."""


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """How experiment issues get their labels."""

    agents: Patterns = ()
    """Patterns of the logins of agents, besides apps; `*` stands for any characters."""
    not_put_back: tuple[str, ...] = ()
    """Labels that stay off once somebody took them off."""
    mode: Literal["fix", "check"] = "fix"
    """Whether missing labels are added, or only reported as a failure."""


class Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What must hold before an experiment issue is closed."""

    checks: dict[CheckName, Demand] = {}
    """Seal checks that are only advice here, or that are off."""
    sections: Annotated[tuple[Title, ...], msgspec.Meta(max_length=50)] = ()
    """Titles of sections that the body must have besides those that the checks ask for."""


class Guard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What happens when an experiment issue is closed before it is closed out."""

    mode: Literal["reopen", "comment"] = "reopen"
    """Whether it is reopened with the report, or only gets the report."""
    since: Day = ""
    """Issues that were opened before this day, such as `2026-05-25`, are left alone."""


class Wandb(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What is read from W&B for the summary of a thread's runs."""

    host: Host = "https://api.wandb.ai"
    """Address of the API of the W&B server, which gets the key; links to other servers are not followed."""
    projects: Annotated[tuple[Project, ...], msgspec.Meta(max_length=20)] = ()
    """The projects that runs are read from, and no others; what they show is published on experiment issues."""
    metrics: Annotated[tuple[str, ...], msgspec.Meta(max_length=8)] = ()
    """The metrics to compare runs by, the primary one first; without them the logbook's, else those of most runs."""
    better: dict[str, Literal["lower", "higher"]] = {}
    """Which values of a metric are the better ones; without it, what the metric's definition in W&B says."""
    baseline: dict[str, str] = {}
    """For a topic the run to compare with, by its experiment ID, name or ID; else the one of the logbook's baseline."""


class Allow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A rule that is silenced, with the reason for it."""

    rule: AllowedRule
    """The rule; those about history and about secrets cannot be silenced."""
    reason: Reason
    """Why it is silenced, for whoever reads the logbook next."""
    path: OnePattern = "**"
    """Pattern of the logbooks it holds for."""
    heading: str = ""
    """Holds only in the block of headings that contain this text."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The configuration; every key has a default that needs no explanation to a new user."""

    logbooks: Annotated[Patterns, msgspec.Meta(min_length=1)] = (".agents/logbooks/*.md",)
    """Patterns of the files that are logbooks, from the root of the repository."""
    branches: Branches = Branches()
    """Which branches are which."""
    fail_on: FailOn = "error"
    """The least severity of a finding that fails a run."""
    rules: dict[RuleName, Level] = {}
    """Rules whose severity is another one here, or that are off."""
    allow: tuple[Allow, ...] = ()
    """Rules that are silenced for some logbooks or headings, each with a reason."""
    held_back: Annotated[tuple[Expression, ...], msgspec.Meta(max_length=100)] = ()
    """Regular expressions of text that must not be published."""
    labels: Labels = Labels()
    """How experiment issues get their labels."""
    seal: Seal = Seal()
    """What must hold before an experiment issue is closed."""
    guard: Guard = Guard()
    """What happens when an experiment issue is closed before it is closed out."""
    wandb: Wandb = Wandb()
    """What is read from W&B for the summary of a thread's runs."""
    pending_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 14
    """Days after which a result that is still pending is stale."""


def with_mode(config: Config, mode: Literal["fix", "check"] | None) -> Config:
    """Return the configuration with another mode for labels, where one is given."""
    return replace(config, labels=replace(config.labels, mode=mode)) if mode else config


MOST_PROBLEMS = 100
"""Problems that are told at once; a file with more is no configuration."""


def load(
    text: str,
    path: str,
    rules: Collection[str],
    never_allowed: Collection[str] = (),
    checks: Collection[str] = (),
) -> Config:
    """Return the configuration that `text` holds; an empty one is all defaults.

    `path` names the file in messages, `rules` are the names of all rules, `never_allowed` of those that no reason
    silences, and `checks` of the seal checks. Raises `ConfigurationError`, whose message has a line for every
    problem. What is read is bounded by `placed.LARGEST` and `placed.DEEPEST`.
    """
    root, unreadable = placed.read(text)
    if root is None and not unreadable:
        return Config()
    known = _checks(rules, never_allowed, checks)
    misfits = shape.problems(root, msgspec.inspect.type_info(Config), known) if root else ()
    problems = [*islice(unreadable, MOST_PROBLEMS), *islice(misfits, MOST_PROBLEMS)]
    if problems or root is None:
        raise ConfigurationError(_told(problems, path), "docs/configuration.md describes every key")
    return msgspec.convert(_plain(root), Config)


def _told(problems: list[Problem], path: str) -> str:
    problems.sort(key=lambda problem: problem.line)
    lines = [f"{path}:{problem.line}: {problem.why}; {problem.help}" for problem in problems[:MOST_PROBLEMS]]
    more = [f"{path}: there are more problems; correct these first"] * (len(problems) >= MOST_PROBLEMS)
    return "\n".join(printable(line) for line in lines + more)


def _plain(node: Node) -> object:
    match node:
        case Mapping(pairs=pairs):
            return {key.text: _plain(value) for key, value in pairs}
        case Items(items=items):
            return [_plain(item) for item in items]
        case Scalar(text=text, kind=kind):
            return int(text) if kind is Kind.WHOLE else text
    raise TypeError(node)


def _checks(rules: Collection[str], never_allowed: Collection[str], checks: Collection[str]) -> dict[str, shape.Check]:
    return {
        "rule": _of_text(partial(_rule, known=rules)),
        "allowed-rule": _of_text(partial(_allowed_rule, known=rules, never=never_allowed)),
        "check": _of_text(partial(_check, known=checks)),
        "title": _of_text(_title),
        "day": _of_text(_day),
        "reason": _of_text(_reason),
        "pattern": _of_text(patterns.refusal),
        "one-pattern": _of_text(_one_pattern),
        "patterns": _patterns,
        "expression": _of_text(expressions.refusal),
        "host": _of_text(_host),
        "project": _of_text(_project),
    }


def _of_text(check: Callable[[str], Refusal | None]) -> shape.Check:
    return lambda node: check(node.text) if isinstance(node, Scalar) else None


def _rule(name: str, known: Collection[str]) -> Refusal | None:
    if name in known:
        return None
    meant = shape.nearest(name, known)
    return Refusal("is no rule", f"did you mean `{meant}`?" if meant else "`logbook rules` lists them")


def _allowed_rule(name: str, known: Collection[str], never: Collection[str]) -> Refusal | None:
    if name in never:
        return Refusal("cannot be allowed", "remove it: what it finds has to be put right")
    return _rule(name, known)


def _check(name: str, known: Collection[str]) -> Refusal | None:
    if name in known:
        return None
    meant = shape.nearest(name, known)
    return Refusal("is no seal check", f"did you mean `{meant}`?" if meant else "`logbook rules --seal` lists them")


def _title(text: str) -> Refusal | None:
    return None if vocabulary.slug(text) else Refusal("is no title of a section", "write it as its heading has it")


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _day(text: str) -> Refusal | None:
    refusal = Refusal("is no day", "write it as 2026-05-25")
    if not text:
        return None
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return refusal
    return None if _DAY.fullmatch(text) else refusal


HOST = r"^(https://[A-Za-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?$"
PROJECT = r"^[A-Za-z0-9_-]{1,100}/[^/\\#?%:\u0000-\u001f]{1,128}$"


def _host(text: str) -> Refusal | None:
    """Return why `text` is no address that a key is sent to; None when it is."""
    if re.fullmatch(HOST, text):
        return None
    return Refusal("is no address of a server", "write it as in `https://api.wandb.ai`; `http` only for this machine")


def with_host(config: Config, host: str | None) -> Config:
    """Return the configuration with the W&B server that the user names; `ConfigurationError` where it can be none."""
    if not host:
        return config
    refusal = _host(host)
    if refusal:
        raise ConfigurationError(f"`{quoted(host)}` {refusal.why}", refusal.help)
    return msgspec.structs.replace(config, wandb=msgspec.structs.replace(config.wandb, host=host))


def _project(text: str) -> Refusal | None:
    if re.fullmatch(PROJECT, text):
        return None
    return Refusal("is no project of W&B", "write it as ENTITY/PROJECT, as in the project's address")


def _reason(text: str) -> Refusal | None:
    return None if text.strip() else Refusal("is empty", "say why the rule is silenced")


def _one_pattern(text: str) -> Refusal | None:
    if text.startswith("!"):
        return Refusal("begins with `!`, which takes back from nothing", "write what it holds for")
    return patterns.refusal(text)


def _patterns(node: Node) -> Refusal | None:
    first = node.items[0] if isinstance(node, Items) and node.items else None
    if isinstance(first, Scalar) and first.text.startswith("!"):
        return Refusal("begins with a pattern that takes back from nothing", "put a pattern without `!` first")
    return None
