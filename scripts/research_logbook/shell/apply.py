"""Applying a plan: exactly the effects that its dry run printed, in their order."""

from research_logbook.core.plan import AddLabels, CreateLabel, Plan, UpsertComment
from research_logbook.core.planning.comments import Origin
from research_logbook.shell.comments import upsert
from research_logbook.shell.github import GitHub


def apply(github: GitHub, plan: Plan, origin: Origin) -> dict[int, str]:
    """Do what a plan says; return the addresses of the comments by issue."""
    comments = {}
    for effect in plan:
        match effect:
            case CreateLabel(name, colour, description):
                github.create_label(name, colour, description)
            case AddLabels(issue, names):
                github.add_labels(issue, names)
            case UpsertComment(issue=issue):
                comments[issue] = upsert(github, effect, origin).url
    return comments
