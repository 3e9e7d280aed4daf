"""What an event asks the root action for."""

from collections.abc import Mapping

from research_logbook.actions.event import EventKind
from research_logbook.actions.runner import event_of
from research_logbook.errors import UserError

_NEED_A_COMMAND = ("workflow_dispatch", "repository_dispatch", "schedule")
_COMMANDS = {
    EventKind.PULL_REQUEST: "lint",
    EventKind.MERGE_GROUP: "lint",
    EventKind.PUSH: "lint",
    EventKind.ISSUES: "labels",
}


def command_for(environment: Mapping[str, str]) -> str | None:
    """Return the command for the event that started this run; None where there is nothing to do for it."""
    name = environment.get("GITHUB_EVENT_NAME", "")
    if name in _NEED_A_COMMAND:
        raise UserError(
            f"the event {name} does not say what to do", "say it with the action's input `command`, such as `sweep`"
        )
    event = event_of(environment)
    is_closing = event.kind is EventKind.ISSUES and event.action == "closed"
    return "seal" if is_closing else _COMMANDS.get(event.kind)
