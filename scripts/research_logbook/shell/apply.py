"""Applying a plan: exactly the effects that its dry run printed, in their order."""

from dataclasses import dataclass, field

from research_logbook.core.plan import AddLabels, CloseIssue, CreateLabel, MarkSealed, Plan, ReopenIssue, UpsertComment
from research_logbook.core.planning.comments import Origin
from research_logbook.core.thread import SEALED
from research_logbook.shell.comments import Done, upsert
from research_logbook.shell.github import GitHub


@dataclass(slots=True)
class Applied:
    """What came of a plan."""

    comments: list[str] = field(default_factory=list)
    """The addresses of the comments that it asks for, in its order; of one that is stale none."""
    notes: list[str] = field(default_factory=list)
    """Sentences for whoever started the command."""
    overtaken: set[int] = field(default_factory=set)
    """Issues on which a newer run has spoken: this one closes and opens none of them."""


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
            case CloseIssue(issue) | ReopenIssue(issue) | MarkSealed(issue) if issue not in done.overtaken:
                _close(github, effect)
    return done


def _close(github: GitHub, effect: CloseIssue | ReopenIssue | MarkSealed) -> None:
    match effect:
        case CloseIssue(issue):
            github.close(issue)
        case ReopenIssue(issue):
            github.reopen(issue)
        case MarkSealed(issue, again):
            if again:
                github.remove_label(issue, SEALED)
            github.add_labels(issue, [SEALED])


def _comment(github: GitHub, wanted: UpsertComment, origin: Origin, done: Applied) -> None:
    comment = upsert(github, wanted, origin)
    if comment.done is Done.STALE:
        done.overtaken.add(wanted.issue)
        done.notes.append(f"a newer run has judged #{wanted.issue} meanwhile, so this one changed nothing there")
    done.comments += filter(None, [comment.url])
    done.notes += filter(None, [comment.note])
