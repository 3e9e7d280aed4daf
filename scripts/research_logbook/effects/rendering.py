"""Plans as text and as JSON: what would be done, or was."""

from collections.abc import Iterable

import msgspec

from research_logbook.effects.plan import (
    AddLabels,
    CloseIssue,
    CreateIssue,
    CreateLabel,
    CreateTag,
    Effect,
    MarkSealed,
    ReopenIssue,
    UpsertComment,
    WriteBody,
)
from research_logbook.markdown.escape import json_text, terminal_line


def plan_text(effects: Iterable[Effect]) -> str:
    """Return a line for each effect."""
    return "".join(f"{terminal_line(str(effect))}\n" for effect in effects) or "nothing to do\n"


_KINDS = {
    CreateLabel: "create-label",
    CreateTag: "create-tag",
    CreateIssue: "create-issue",
    AddLabels: "add-labels",
    WriteBody: "write-body",
    UpsertComment: "upsert-comment",
    CloseIssue: "close-issue",
    ReopenIssue: "reopen-issue",
    MarkSealed: "mark-sealed",
}


def plan_json(effects: Iterable[Effect], *, applied: bool) -> str:
    """Return the plan for programs: `{"version": 1, "effects": [{"kind", …}], "applied"}`."""
    return json_text({"version": 1, "effects": effect_rows(effects), "applied": applied})


def effect_rows(effects: Iterable[Effect]) -> list[dict[str, object]]:
    """Return effects as plain values."""
    return [{"kind": _KINDS[type(effect)], **_fields(effect)} for effect in effects]


def _fields(effect: Effect) -> dict[str, object]:
    # A comment has a kind of its own, which must not pass for the effect's.
    return {"comment" if name == "kind" else name: value for name, value in msgspec.to_builtins(effect).items()}
