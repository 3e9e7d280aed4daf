"""From what was decided on snapshots to what is done: their tags, their comments, and what is refused."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from research_logbook.effects.plan import CommandResult, CreateTag, Effect, UpsertComment, in_order
from research_logbook.effects.publish_guard import is_private, private
from research_logbook.errors import RefusedError
from research_logbook.snapshots import comment as report
from research_logbook.snapshots.candidates import Refused, gaps
from research_logbook.snapshots.plan import KIND, Fate, TagDecision, own_issue
from research_logbook.snapshots.tag_message import message

Result = Effect | Refused | str
"""What comes of a snapshot commit: something to do, a refusal, or a sentence to be told."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was looked up once it was decided which snapshots there are."""

    page: str
    """The address of the repository's page."""
    held_back: tuple[str, ...]
    """Expressions of text that must not be published."""
    told: frozenset[str]
    """The tags that need no comment."""
    missing: frozenset[tuple[str, str]]
    """The scripts, as (tree, path), that commands run and their trees have not."""


def results(decision: TagDecision, known: Known) -> Iterator[Result]:
    """Yield what comes of a snapshot."""
    found, tag, other = decision.evidence, decision.tag, decision.other
    if decision.fate is Fate.NEW or (decision.fate is Fate.TAGGED and _needs_comment(decision, known)):
        yield from _published(decision, known)
    elif decision.fate is Fate.COPY and other and found.candidate.is_own:
        copy = f"{found.commit.hash[:12]} is a rebased copy of {other.hash[:12]}"
        yield f"{copy}, which stays the snapshot {tag}; for the copy, make a snapshot with another name"
    elif decision.fate is Fate.CLASH and other:
        yield Refused(
            found.candidate,
            f"{tag} is on {other.hash[:12]} already, which it does not descend from, and a tag is never moved",
            "make a new snapshot commit with another experiment ID or slug in its `Snapshot:` trailer",
            RefusedError.exit_code,
        )


def _needs_comment(decision: TagDecision, known: Known) -> bool:
    return own_issue(decision.evidence.issue, known.page) is not None and decision.tag not in known.told


def _published(decision: TagDecision, known: Known) -> Iterator[Result]:
    """Yield the tag, where it is not there, and the comment; nothing of them where a word must not be published."""
    found, tag, text = decision.evidence, decision.tag, message(decision.evidence)
    if bad := next(private("\n".join([tag, text, *report.told(found)]), known.held_back), None):
        where = f"{found.path}:{found.entry.span.line}"
        help_text = "take it out (revoke a secret first), then make a new snapshot commit"
        yield Refused(found.candidate, f"the entry at {where}, or a name in the commit, holds {bad.what}", help_text)
        return
    if decision.fate is Fate.NEW:
        yield CreateTag(tag, found.commit.hash, text)
    issue = own_issue(found.issue, known.page)
    if issue is None:
        yield f"{tag} is told of nowhere: {found.path} names no issue of this repository"
    else:
        yield UpsertComment(issue, KIND, tag, report.comment(found, tag, gaps(found, known.missing), known.page))


def outcome(every: Iterable[Result], held_back: Collection[str] = ()) -> CommandResult:
    """Return the outcome; a refused commit fails only the run that was started for it, and not each one after.

    A refusal that would quote what is `held_back` says no more than the commit: it keeps no other from its tag.
    """
    found = list(every)
    refused = [it for it in found if isinstance(it, Refused)]
    own = [it for it in refused if it.candidate.is_own]
    notes = (
        *(_said(it, held_back) for it in own),
        *(it for it in found if isinstance(it, str)),
        *report.others(len(refused) - len(own)),
    )
    plan = in_order(it for it in found if not isinstance(it, Refused | str))
    exit_code = max((it.exit_code for it in own), default=0)
    return CommandResult(plan, notes, report.summary(map(str, plan), notes), exit_code)


def _said(refused: Refused, held_back: Collection[str]) -> str:
    if not is_private(str(refused), held_back):
        return str(refused)
    return str(replace(refused, why="the reason holds private text", help="`logbook lint` says where it stands"))
