"""Applying a plan: exactly the effects that its dry run printed, in their order."""

from dataclasses import dataclass, field

from research_logbook.core.plan import AddLabels, CreateLabel, Plan, UpsertComment
from research_logbook.core.planning.comments import Origin
from research_logbook.shell.comments import upsert
from research_logbook.shell.github import GitHub


@dataclass(slots=True)
class Applied:
    """What came of a plan."""

    comments: list[str] = field(default_factory=list)
    """The addresses of the comments that it asks for, in its order; of one that is stale none."""
    notes: list[str] = field(default_factory=list)
    """Sentences for whoever started the command."""


def apply(github: GitHub, plan: Plan, origin: Origin) -> Applied:
    """Do what a plan says."""
    done = Applied()
    for effect in plan:
        match effect:
            case CreateLabel(name, colour, description):
                github.create_label(name, colour, description)
            case AddLabels(issue, names):
                github.add_labels(issue, names)
            case UpsertComment():
                _comment(github, effect, origin, done)
    return done


def _comment(github: GitHub, wanted: UpsertComment, origin: Origin, done: Applied) -> None:
    comment = upsert(github, wanted, origin)
    done.comments += filter(None, [comment.url])
    done.notes += filter(None, [comment.note])
