"""`.github/logbook.yml` becomes a `Config`, or every problem in it at once."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from research_logbook.errors import ConfigurationError, Refusal
from research_logbook.markdown.escape import quoted

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
