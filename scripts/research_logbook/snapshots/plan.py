"""Which tag a snapshot gets: `snapshot/<topic>/<experiment ID>`, and a number behind it when the ID comes again."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from research_logbook.logbook.model import Reference
from research_logbook.repo.commit import Commit
from research_logbook.repo.snapshot_tags import tag_part, tags_of
from research_logbook.snapshots.candidates import SnapshotCandidate


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
