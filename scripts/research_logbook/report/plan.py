"""Plans as text and as JSON: what would be done, or was."""

from collections.abc import Iterable

import msgspec

from research_logbook.core.plan import AddLabels, CreateIssue, CreateLabel, Effect, UpsertComment, WriteBody
from research_logbook.report.escape import json_text, terminal_line


def plan_text(effects: Iterable[Effect]) -> str:
    """Return a line for each effect."""
    return "".join(f"{terminal_line(str(effect))}\n" for effect in effects) or "nothing to do\n"


_KINDS = {
    CreateLabel: "create-label",
    CreateIssue: "create-issue",
    AddLabels: "add-labels",
    WriteBody: "write-body",
    UpsertComment: "upsert-comment",
}


def plan_json(effects: Iterable[Effect], *, applied: bool) -> str:
    """Return the plan for programs: `{"version": 1, "effects": [{"kind", …}], "applied"}`."""
    rows = [{"kind": _KINDS[type(effect)], **msgspec.to_builtins(effect)} for effect in effects]
    return json_text({"version": 1, "effects": rows, "applied": applied})
