"""Applying a plan: exactly the effects that its dry run printed, in their order."""

from dataclasses import dataclass, field

from research_logbook.core.plan import AddLabels, CreateIssue, CreateLabel, Plan, UpsertComment, WriteBody
from research_logbook.core.planning.comments import Origin
from research_logbook.shell.comments import upsert
from research_logbook.shell.github import GitHub


@dataclass(slots=True)
class Applied:
    """What came of a plan."""

    comments: list[str] = field(default_factory=list)
    """The addresses of the comments that it asks for, in its order; of one that is stale none."""
    issues: list[int] = field(default_factory=list)
    """The numbers of the issues that it opened."""
    notes: list[str] = field(default_factory=list)
    """Sentences for whoever started the command."""


def apply(github: GitHub, plan: Plan, origin: Origin) -> Applied:
    """Do what a plan says."""
    done = Applied()
    for effect in plan:
        match effect:
            case CreateLabel(name, colour, description):
                github.create_label(name, colour, description)
            case CreateIssue(title, body, labels):
                done.issues.append(github.create_issue(title, body, labels))
            case AddLabels(issue, names):
                github.add_labels(issue, names)
            case WriteBody(issue, body):
                github.write_body(issue, body)
            case UpsertComment():
                _comment(github, effect, origin, done)
    return done


def _comment(github: GitHub, wanted: UpsertComment, origin: Origin, done: Applied) -> None:
    comment = upsert(github, wanted, origin)
    done.comments += filter(None, [comment.url])
    done.notes += filter(None, [comment.note])
