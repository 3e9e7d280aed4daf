"""`.github/logbook.yml` becomes a `Config`, or every problem in it at once."""

from typing import Literal

import msgspec

Level = Literal["error", "warning", "off"]
FailOn = Literal["error", "warning", "never"]


class Branches(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Which branches are which."""

    research: tuple[str, ...] = ("research/**",)
    """Patterns of research branches; a logbook's header may name others."""


class Allow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A rule that is silenced, with the reason for it."""

    rule: str
    reason: str
    path: str = "**"
    """Pattern of the logbooks it holds for."""
    heading: str = ""
    """Holds only in the block of headings that contain this text."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The configuration; every key has a default that needs no explanation to a new user."""

    logbooks: tuple[str, ...] = (".agents/logbooks/*.md",)
    branches: Branches = Branches()
    fail_on: FailOn = "error"
    rules: dict[str, Level] = {}
    allow: tuple[Allow, ...] = ()
    held_back: tuple[str, ...] = ()
    """Regular expressions of text that must not be published."""
    pending_days: int = 14
    """Days after which a result that is still pending is stale."""
