"""Which tag a snapshot gets: `snapshot/<topic>/<experiment ID>`, and a number behind it when the ID comes again."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from research_logbook.effects.plan import CommandResult, CreateTag, Effect, UpsertComment, in_order
from research_logbook.effects.publish_guard import is_private, private
from research_logbook.errors import RefusedError
from research_logbook.logbook.model import Reference
from research_logbook.repo.commits import Commit, tag_part, tags_of
from research_logbook.snapshots import comment as report
from research_logbook.snapshots.candidates import Refused, SnapshotCandidate, gaps
from research_logbook.snapshots.tag_message import message


def first_tag(evidence: SnapshotCandidate) -> str:
    """Return the tag that a snapshot gets when its name comes for the first time."""
    return f"{tags_of(evidence.topic)}/{tag_part(evidence.name)}"


KIND = "snapshot"
"""Of the comment on a snapshot, whose key is the tag."""


def own_issue(issue: Reference | None, page: str) -> int | None:
    """Return the number of an issue of the repository whose page is `page` (https://HOST/OWNER/NAME); None for others.

    Nothing is ever written on the issue of another repository.
    """
    host, _, repository = page.partition("://")[2].partition("/")
    return issue.number_in(repository, host) if issue else None


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag that is there, or is going to be."""

    tag: str
    commit: Commit


class Fate(StrEnum):
    """What becomes of a snapshot commit."""

    NEW = "new"
    """It gets a tag."""
    TAGGED = "tagged"
    """It has one."""
    COPY = "copy"
    """It is a rebased copy of the commit that has the tag, which stays there."""
    CLASH = "clash"
    """The tag is on another commit, which this one does not descend from."""


@dataclass(frozen=True, slots=True)
class TagDecision:
    """What becomes of a snapshot."""

    evidence: SnapshotCandidate
    fate: Fate
    tag: str
    """The tag that it gets or has, or that is on another commit."""
    other: Commit | None = None
    """The commit that has the tag, of a copy and of a clash."""


def decide(
    snapshots: Iterable[SnapshotCandidate], tags: Iterable[Tagged], descents: Collection[tuple[str, str]]
) -> tuple[TagDecision, ...]:
    """Return what becomes of each snapshot, in order: the older of a branch come before the younger.

    `descents` are the pairs (ancestor, descendant) among the hashes of tagged commits and snapshots that share the
    first part of a name. A snapshot that comes twice, from two branches, is decided on once.
    """
    taken, decided = list(tags), dict[tuple[str, str], TagDecision]()
    for evidence in snapshots:
        key = first_tag(evidence), evidence.commit.hash
        if key not in decided:
            decided[key] = decision = _decide(evidence, family(key[0], taken), descents)
            taken += [Tagged(decision.tag, evidence.commit)] * (decision.fate is Fate.NEW)
    return tuple(decided.values())


def family(first: str, tags: Iterable[Tagged]) -> list[Tagged]:
    """Return the tags of a name: `first` itself, `first.2`, `first.3` and so on."""
    return [tagged for tagged in tags if _number(first, tagged.tag)]


def _number(first: str, tag: str) -> int:
    """Return which of its name a tag is, counted from 1; 0 for none of them."""
    if tag == first:
        return 1
    rest = tag.removeprefix(f"{first}.")
    return int(rest) if rest != tag and re.fullmatch(r"[1-9][0-9]{0,8}", rest) else 0


def _decide(evidence: SnapshotCandidate, kin: Sequence[Tagged], descents: Collection[tuple[str, str]]) -> TagDecision:
    commit = evidence.commit
    own = next((tagged for tagged in kin if tagged.commit.hash == commit.hash), None)
    if own:
        return TagDecision(evidence, Fate.TAGGED, own.tag)
    foreign = [tagged for tagged in kin if (tagged.commit.hash, commit.hash) not in descents]
    original = next((tagged for tagged in foreign if tagged.commit.origin == commit.origin), None)
    if original:
        return TagDecision(evidence, Fate.COPY, original.tag, original.commit)
    if foreign:
        return TagDecision(evidence, Fate.CLASH, foreign[0].tag, foreign[0].commit)
    first = first_tag(evidence)
    highest = max((_number(first, tagged.tag) for tagged in kin), default=0)
    return TagDecision(evidence, Fate.NEW, f"{first}.{highest + 1}" if kin else first)


Result = Effect | Refused | str
"""What comes of a snapshot commit: something to do, a refusal, or a sentence to be told."""


@dataclass(frozen=True, slots=True)
class PublishFacts:
    """What was looked up once it was decided which snapshots there are."""

    page: str
    """The address of the repository's page."""
    held_back: tuple[str, ...]
    """Expressions of text that must not be published."""
    told: frozenset[str]
    """The tags that need no comment."""
    missing: frozenset[tuple[str, str]]
    """The scripts, as (tree, path), that commands run and their trees have not."""


def results(decision: TagDecision, known: PublishFacts) -> Iterator[Result]:
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


def _needs_comment(decision: TagDecision, known: PublishFacts) -> bool:
    return own_issue(decision.evidence.issue, known.page) is not None and decision.tag not in known.told


def _published(decision: TagDecision, known: PublishFacts) -> Iterator[Result]:
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
