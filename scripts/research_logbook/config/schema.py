"""The configuration's keys: what each one means, takes and defaults to.

The JSON schema, `docs/configuration.md` and the file that `logbook init` writes are made from these types and the text
below each key. A type's `title` is what the reference calls its values; `errorMessage` is the sentence for a value that
is refused, which some editors show too. `docs.json_schema` adds the names of rules and seal checks, which this package
does not import.
"""

import datetime as dt
import re
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from research_logbook import patterns, private_text
from research_logbook.errors import ConfigurationError
from research_logbook.markdown.escape import quoted

Level = Literal["error", "warning", "off"]
Demand = Literal["required", "advisory", "off"]
FailOn = Literal["error", "warning", "never"]

PATH = ".github/logbook.yml"
"""Where a repository has its configuration."""


def _text(title: str, why: str, fix: str, pattern: str | None = None, **schema: Any) -> Meta:
    """Describe a kind of text, with the sentence for text that is not one."""
    return Meta(title=title, pattern=pattern, extra_json_schema={"errorMessage": f"{why}; {fix}", **schema})


# The end of the text in Python's and in JavaScript's regular expressions; Python's `$` also matches before a newline.
_END = r"(?![\s\S])"
HOST = rf"^(https://[A-Za-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:[0-9]{{1,5}})?(/[A-Za-z0-9._/-]*)?{_END}"
NOT_A_HOST = ("is not a server address", "write it like `https://api.wandb.ai`; only this machine may use `http`")

_KNOWN_RULE = ("is not a rule", "`logbook rules` lists them")
RuleName = Annotated[str, _text("rule", *_KNOWN_RULE)]
SilencedRule = Annotated[str, _text("rule to silence", *_KNOWN_RULE)]
CheckName = Annotated[str, _text("seal check", "is not a seal check", "`logbook rules --seal` lists them")]
SectionTitle = Annotated[
    str, _text("title", "is not a section title", "write it as in its heading, without the `#`", "[0-9A-Za-z]")
]
Day = Annotated[
    str, _text("day", "is not a day", "write it like 2026-05-25", rf"^(\d{{4}}-\d\d-\d\d)?{_END}", format="day")
]
Duration = Annotated[
    Annotated[str, Meta(pattern=rf"^(0|[0-9]{{1,4}}[mhd]){_END}")] | Literal[0],
    _text("duration", "is not a duration", "write it like `1h`, `30m` or `2d`, or `0` for none"),
]
VariableName = Annotated[
    str,
    _text(
        *("variable", "is not the name of an environment variable", "write it like `LAB_CLUSTER`"),
        rf"^[A-Za-z_][A-Za-z0-9_]{{0,99}}{_END}",
    ),
]
Reason = Annotated[str, _text("text", "is empty", "say why the rule is silenced", r"\S")]
Host = Annotated[str, _text("address", *NOT_A_HOST, HOST)]
Project = Annotated[
    str,
    _text(
        *("project", "is not a W&B project", "write it as ENTITY/PROJECT, as in the project's address"),
        rf"^[A-Za-z0-9_-]{{1,100}}/[^/\\#?%:\u0000-\u001f]{{1,128}}{_END}",
    ),
]
Expression = Annotated[
    str,
    Meta(
        title="regular expression",
        extra_json_schema={"format": "re2", "minLength": 1, "maxLength": private_text.LONGEST_EXPRESSION},
    ),
]

_NOT_EXCLUDING = {
    "not": {"pattern": "^!"},
    "errorMessage": "excludes with `!`, but nothing comes before it; put a pattern without `!` first",
}
Pattern = Annotated[str, Meta(title="pattern", extra_json_schema={"$ref": "#/$defs/pattern"})]
OnePattern = Annotated[
    str, Meta(title="pattern", extra_json_schema={"$ref": "#/$defs/pattern", "allOf": [_NOT_EXCLUDING]})
]
Patterns = Annotated[
    tuple[Pattern, ...], Meta(max_length=100, extra_json_schema={"allOf": [{"prefixItems": [_NOT_EXCLUDING]}]})
]

DEFINITIONS: dict[str, Any] = {
    "pattern": {
        "format": "path-pattern",
        "maxLength": patterns.LONGEST,
        "allOf": [
            {"not": {"pattern": wrong}, "errorMessage": f"{refusal.why}; {refusal.help}"}
            for wrong, refusal in patterns.REFUSALS.items()
        ],
    }
}
"""What the types above refer to."""


class Branches(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Which branches are research branches."""

    research: Patterns = ("research/**",)
    """Patterns of research branches; a logbook's header can name others."""


class RecordHistory(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """How a record is held to its history."""

    grace: Duration = "1h"
    """How long after its first push a text may be taken back by a force push: a warning then, and an error later."""

    @property
    def grace_time(self) -> dt.timedelta:
        """The grace as a span of time."""
        number, unit = int(str(self.grace).rstrip("mhd")), str(self.grace)[-1]
        return number * {"m": dt.timedelta(minutes=1), "h": dt.timedelta(hours=1)}.get(unit, dt.timedelta(days=1))


class Labels(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """How experiment issues are labelled."""

    agents: Patterns = ()
    """Logins of agents that are not GitHub Apps; `*` matches any characters."""
    not_put_back: tuple[str, ...] = ()
    """Labels that are not added again once someone has removed them."""
    mode: Literal["fix", "check"] = "fix"
    """Whether missing labels are added, or only reported as a failure."""


class Seal(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What an experiment issue must have before it is closed."""

    checks: dict[CheckName, Demand] = {}
    """Seal checks that are required, only advisory, or off."""
    sections: Annotated[tuple[SectionTitle, ...], Meta(max_length=50)] = ()
    """Titles of sections that the issue must have, besides the ones that the checks look for."""


class Guard(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What happens when an experiment issue is closed before its record is complete."""

    mode: Literal["reopen", "comment"] = "reopen"
    """Whether the issue is reopened with a report, or only gets the report."""
    since: Day = ""
    """Issues opened before this day, such as `2026-05-25`, are left alone."""


class Wandb(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What is read from W&B for the summary of a thread's runs."""

    host: Host = "https://api.wandb.ai"
    """API address of the W&B server, which receives your key; links to other servers are not followed."""
    projects: Annotated[tuple[Project, ...], Meta(max_length=20)] = ()
    """The only projects that runs are read from; what they show is published on experiment issues."""
    metrics: Annotated[tuple[str, ...], Meta(max_length=8)] = ()
    """Metrics to compare runs by, the primary one first; by default the logbook's, or else the likeliest."""
    better: dict[str, Literal["lower", "higher"]] = {}
    """Whether lower or higher values of a metric are better; by default what W&B, the logbook or its name says."""
    baseline: dict[str, str] = {}
    """The run that a topic is compared with, by experiment ID, name or ID; by default the logbook's baseline."""


class RunRecord(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What `logbook run` records."""

    environment: Annotated[tuple[VariableName, ...], Meta(max_length=100)] = ()
    """Names of further environment variables that are recorded; what looks like a secret never is."""


class Allow(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A rule that is silenced, with the reason."""

    rule: SilencedRule
    """The rule; those about history and secrets cannot be silenced."""
    reason: Reason
    """Why it is silenced, for whoever reads the logbook next."""
    path: OnePattern = "**"
    """Pattern of the logbooks in which it is silenced."""
    heading: str = ""
    """Silences it only below headings that contain this text."""


class Config(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The configuration of logbook; every key has a default that suits a new repository."""

    logbooks: Annotated[Patterns, Meta(min_length=1)] = (".agents/logbooks/*.md",)
    """Patterns of the files that are logbooks, from the root of the repository."""
    branches: Branches = Branches()
    """Which branches are research branches."""
    fail_on: FailOn = "error"
    """The lowest severity of a finding that fails a run."""
    rules: dict[RuleName, Level] = {}
    """Rules that have another severity here, or are off."""
    allow: tuple[Allow, ...] = ()
    """Rules that are silenced for some logbooks or headings, each with a reason."""
    held_back: Annotated[tuple[Expression, ...], Meta(max_length=100)] = ()
    """Regular expressions for text that must not be published."""
    history: RecordHistory = RecordHistory()
    """How a record is held to its history."""
    labels: Labels = Labels()
    """How experiment issues are labelled."""
    seal: Seal = Seal()
    """What an experiment issue must have before it is closed."""
    guard: Guard = Guard()
    """What happens when an experiment issue is closed before its record is complete."""
    wandb: Wandb = Wandb()
    """What is read from W&B for the summary of a thread's runs."""
    run: RunRecord = RunRecord()
    """What `logbook run` records."""
    pending_days: Annotated[int, Meta(ge=1, le=3650)] = 14
    """Days after which a pending result is stale."""


def with_mode(config: Config, mode: Literal["fix", "check"] | None) -> Config:
    """Return the configuration with another mode for labels, where one is given."""
    return replace(config, labels=replace(config.labels, mode=mode)) if mode else config


def with_host(config: Config, host: str | None) -> Config:
    """Return the configuration with the W&B server that the user names; raises `ConfigurationError`."""
    if not host:
        return config
    if not re.search(HOST, host):
        raise ConfigurationError(f"`{quoted(host)}` {NOT_A_HOST[0]}", NOT_A_HOST[1])
    return replace(config, wandb=replace(config.wandb, host=host))
