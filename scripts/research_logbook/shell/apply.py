"""Applying a plan: exactly the effects that its dry run printed, in their order."""

from dataclasses import dataclass, field

from research_logbook.core.plan import AddLabels, CreateLabel, CreateTag, Plan, UpsertComment
from research_logbook.core.planning.comments import Origin
from research_logbook.core.planning.snapshots import by_hand
from research_logbook.errors import RefusedError, UnfinishedError
from research_logbook.shell.comments import upsert
from research_logbook.shell.failures import DeniedError, InvalidError, MissingError
from research_logbook.shell.github import GitHub


@dataclass(slots=True)
class Applied:
    """What came of a plan."""

    comments: list[str] = field(default_factory=list)
    """The addresses of the comments that it asks for, in its order; of one that is stale none."""
    notes: list[str] = field(default_factory=list)
    """Sentences for whoever started the command."""
    tags: list[str] = field(default_factory=list)
    """The tags that were made, or found made."""
    refused: set[str] = field(default_factory=set)
    """The tags that GitHub refused; nothing is said of them anywhere."""
    exit_code: int = 0


def apply(github: GitHub, plan: Plan, origin: Origin) -> Applied:
    """Do what a plan says."""
    done = Applied()
    for effect in plan:
        match effect:
            case CreateLabel(name, colour, description):
                github.create_label(name, colour, description)
            case AddLabels(issue, names):
                github.add_labels(issue, names)
            case CreateTag():
                _tag(github, effect, done)
            case UpsertComment() if effect.key not in done.refused:
                _comment(github, effect, origin, done)
    return done


def _tag(github: GitHub, wanted: CreateTag, done: Applied) -> None:
    """Create a tag; one that is refused for its own sake keeps no other from being made."""
    try:
        github.create_tag(wanted.tag, wanted.commit, wanted.message)
    except (DeniedError, InvalidError, RefusedError) as error:
        is_about_workflows = isinstance(error, DeniedError) and "workflows" in error.needs
        if isinstance(error, DeniedError) and not is_about_workflows:
            raise
        done.refused.add(wanted.tag)
        done.notes.append(_by_hand(wanted) if is_about_workflows else _said(error))
        done.exit_code = max(done.exit_code, error.exit_code)
    else:
        done.tags.append(wanted.tag)


def _said(error: RefusedError | UnfinishedError) -> str:
    return f"{error.message}; {error.help}" if error.help else error.message


def _by_hand(wanted: CreateTag) -> str:
    return (
        f"could not tag {wanted.commit[:12]} as {wanted.tag}: its workflow files differ from those of every branch, "
        f"so a workflow's token may not tag it; run `{by_hand(wanted.tag, wanted.commit)}` on your own machine"
    )


def _comment(github: GitHub, wanted: UpsertComment, origin: Origin, done: Applied) -> None:
    try:
        comment = upsert(github, wanted, origin)
    except (DeniedError, MissingError) as error:
        if isinstance(error, DeniedError) and error.needs:
            raise
        # One issue that is locked or gone keeps no other from its comment.
        done.notes.append(_said(error))
        done.exit_code = max(done.exit_code, error.exit_code)
        return
    done.comments += filter(None, [comment.url])
    done.notes += filter(None, [comment.note])
