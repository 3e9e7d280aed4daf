"""Which tag a snapshot gets, and what is done, refused and said for it. Pure.

A tag is `snapshot/<topic>/<experiment ID>`, with a number behind it when the ID comes again.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from research_logbook.effects import CommandResult, CreateTag, Effect, UpsertComment, as_plan
from research_logbook.errors import RefusedError
from research_logbook.github import RepositorySite
from research_logbook.private_text import find_private, is_private
from research_logbook.render import counted
from research_logbook.repo import Commit, tag_part, tags_of
from research_logbook.repo.logbook_resolution import own_issue
from research_logbook.snapshots.candidates import RefusedSnapshot, SnapshotCandidate, reproducibility_gaps
from research_logbook.snapshots.render import comment, message, quoted_texts

COMMENT_KIND = "snapshot"
"""Of the comment on a snapshot, whose key is the tag."""


def first_tag(candidate: SnapshotCandidate) -> str:
    """Return the tag that a snapshot gets when its name comes for the first time."""
    return f"{tags_of(candidate.topic)}/{tag_part(candidate.name)}"


@dataclass(frozen=True, slots=True)
class TaggedCommit:
    """A snapshot tag that exists, or is about to, and its commit."""

    tag: str
    commit: Commit


class TagStatus(StrEnum):
    """How a snapshot commit relates to the tags of its name."""

    NEW = "new"
    """It gets a tag."""
    EXISTS = "exists"
    """It has one."""
    REBASED_COPY = "rebased-copy"
    """It is a rebased copy of the commit that has the tag, which stays there."""
    CONFLICT = "conflict"
    """The tag is on another commit, which this one does not descend from."""
    BLOCKED = "blocked"
    """A tag is in the way: of a name that differs in letter case alone, or that is a folder of the other."""


@dataclass(frozen=True, slots=True)
class TagDecision:
    """What becomes of a snapshot."""

    candidate: SnapshotCandidate
    status: TagStatus
    tag: str
    """The tag that it gets or has, or that is on another commit."""
    other: Commit | None = None
    """The commit that has the tag, of a rebased copy and of a conflict."""
    obstacle: str = ""
    """The tag that is in the way of a blocked one."""


def decide(
    candidates: Iterable[SnapshotCandidate],
    tags: Iterable[TaggedCommit],
    ancestries: Collection[tuple[str, str]],
    names: Iterable[str] = (),
) -> tuple[TagDecision, ...]:
    """Return what becomes of each snapshot, in order: the older of a branch come before the younger.

    `ancestries` are the pairs (ancestor, descendant) among the hashes of tagged commits and snapshots that share the
    first part of a name; `names` are those of all tags, whatever they are on. A snapshot that comes twice, from two
    branches, is decided on once.
    """
    taken, decided = list(tags), dict[tuple[str, str], TagDecision]()
    known = {name.casefold(): name for name in (*names, *(it.tag for it in taken))}
    for candidate in candidates:
        key = first_tag(candidate), candidate.commit.hash
        if key in decided:
            continue
        decision = _decide(candidate, family(key[0], taken), ancestries)
        if decision.status is TagStatus.NEW:
            obstacle = _obstacle(decision.tag, known)
            on = next((it.commit.hash for it in taken if it.tag == obstacle), "")
            if obstacle and obstacle.casefold() == decision.tag.casefold() and on == candidate.commit.hash:
                decision = TagDecision(candidate, TagStatus.EXISTS, obstacle)
            elif obstacle:
                decision = TagDecision(candidate, TagStatus.BLOCKED, decision.tag, obstacle=obstacle)
            else:
                taken.append(TaggedCommit(decision.tag, candidate.commit))
                known[decision.tag.casefold()] = decision.tag
        decided[key] = decision
    return tuple(decided.values())


def _obstacle(tag: str, known: Mapping[str, str]) -> str:
    """Return the tag that keeps git, or a clone where letter case does not count, from holding another; else nothing.

    Git keeps a reference as a file, so that none can be a folder of another. `known` are names in lower case.
    """
    folded = tag.casefold()
    parts = folded.split("/")
    above = (known.get("/".join(parts[:count])) for count in range(1, len(parts) + 1))
    below = (name for key, name in known.items() if key.startswith(f"{folded}/"))
    return next(filter(None, above), "") or next(below, "")


def family(first: str, tags: Iterable[TaggedCommit]) -> list[TaggedCommit]:
    """Return the tags of a name: `first` itself, `first.2`, `first.3` and so on."""
    return [tagged for tagged in tags if _number(first, tagged.tag)]


def _number(first: str, tag: str) -> int:
    """Return which of its name a tag is, counted from 1; 0 for none of them."""
    if tag == first:
        return 1
    rest = tag.removeprefix(f"{first}.")
    return int(rest) if rest != tag and re.fullmatch(r"[1-9][0-9]{0,8}", rest) else 0


def _decide(
    candidate: SnapshotCandidate, siblings: Sequence[TaggedCommit], ancestries: Collection[tuple[str, str]]
) -> TagDecision:
    commit = candidate.commit
    own = next((tagged for tagged in siblings if tagged.commit.hash == commit.hash), None)
    if own:
        return TagDecision(candidate, TagStatus.EXISTS, own.tag)
    foreign = [tagged for tagged in siblings if (tagged.commit.hash, commit.hash) not in ancestries]
    original = next((tagged for tagged in foreign if tagged.commit.origin == commit.origin), None)
    if original:
        return TagDecision(candidate, TagStatus.REBASED_COPY, original.tag, original.commit)
    if foreign:
        return TagDecision(candidate, TagStatus.CONFLICT, foreign[0].tag, foreign[0].commit)
    first = first_tag(candidate)
    highest = max((_number(first, tagged.tag) for tagged in siblings), default=0)
    return TagDecision(candidate, TagStatus.NEW, f"{first}.{highest + 1}" if siblings else first)


@dataclass(frozen=True, slots=True)
class PublishFacts:
    """What was looked up once it was decided which snapshots there are."""

    site: RepositorySite
    """The repository's pages."""
    held_back: tuple[str, ...]
    """Expressions of text that must not be published."""
    commented: frozenset[str]
    """The tags that need no comment."""
    missing: frozenset[tuple[str, str]]
    """The scripts, as (tree, path), that commands run and their trees have not."""
    wandb_host: str
    """The W&B server, by the address of its API; links to others are not live."""


Consequence = Effect | RefusedSnapshot | str
"""What comes of a snapshot commit: something to do, a refusal, or a sentence to be told."""


def consequences(decision: TagDecision, facts: PublishFacts) -> Iterator[Consequence]:
    """Yield what comes of a snapshot: its tag and its comment where they are lacking, a refusal, or a note.

    Nothing is published of an entry with a word that must not be.
    """
    candidate, tag, other = decision.candidate, decision.tag, decision.other
    issue = own_issue(candidate.issue, facts.site)
    if other and decision.status is TagStatus.CONFLICT:
        yield RefusedSnapshot(
            candidate.source,
            f"{tag} already points to {other.hash[:12]}, which is not an ancestor, and tags are never moved",
            "make a new snapshot commit with another experiment ID or slug in its line `Snapshot:`",
            RefusedError.exit_code,
        )
        return
    if decision.status is TagStatus.BLOCKED:
        yield RefusedSnapshot(candidate.source, *_in_the_way(tag, decision.obstacle), RefusedError.exit_code)
        return
    if other:
        if candidate.source.is_requested:
            copy = f"{candidate.commit.hash[:12]} is a rebased copy of {other.hash[:12]}"
            yield f"{copy}, which keeps the tag {tag}; to snapshot the copy too, give it another name"
        return
    if decision.status is TagStatus.EXISTS and (issue is None or tag in facts.commented):
        return
    text = message(candidate)
    if bad := next(
        find_private("\n".join([tag, text, *quoted_texts(candidate, facts.wandb_host)]), facts.held_back), None
    ):
        yield RefusedSnapshot(
            candidate.source,
            f"the entry at {candidate.path}:{candidate.entry.span.line}, or a name in the commit, contains {bad.what}",
            "remove it (revoke a secret first), then make a new snapshot commit",
        )
        return
    if decision.status is TagStatus.NEW:
        yield CreateTag(tag, candidate.commit.hash, text)
    if issue is None:
        yield f"nothing to comment on for {tag}: {candidate.path} names no issue of this repository"
    else:
        gaps = reproducibility_gaps(candidate, facts.missing)
        yield UpsertComment(issue, COMMENT_KIND, tag, comment(candidate, tag, gaps, facts.site, facts.wandb_host))


def _in_the_way(tag: str, obstacle: str) -> tuple[str, str]:
    """Return why a tag cannot be made, and what to do."""
    if obstacle.casefold() == tag.casefold() and obstacle != tag:
        why = f"{tag} would differ from the tag {obstacle} in letter case alone, and a clone on macOS cannot hold both"
        return why, "make a new snapshot commit with another name in its line `Snapshot:`"
    why = f"there is a tag {obstacle}, and git can hold no tag {tag} beside it"
    return why, f"delete or rename that tag (`git push origin --delete refs/tags/{obstacle}`), and run it again"


def result(every: Iterable[Consequence], held_back: Collection[str] = ()) -> CommandResult:
    """Return the command's result; a refused commit fails only the run that was started for it, and not each after.

    A refusal that would quote what is `held_back` says no more than the commit: it keeps no other from its tag.
    """
    found = list(every)
    refused = [item for item in found if isinstance(item, RefusedSnapshot)]
    requested = [item for item in refused if item.source.is_requested]
    notes = [
        str(replace(item, why="the reason contains private text", help="`logbook lint` shows where"))
        if is_private(str(item), held_back)
        else str(item)
        for item in requested
    ]
    notes += [item for item in found if isinstance(item, str)]
    if older := len(refused) - len(requested):
        lack = "has" if older == 1 else "have"
        notes.append(
            f"{counted(older, 'older snapshot commit')} {lack} no tag: `logbook snapshot --branch NAME` says why"
        )
    plan = as_plan(item for item in found if not isinstance(item, RefusedSnapshot | str))
    return CommandResult(plan, tuple(notes), exit_code=max((item.exit_code for item in requested), default=0))
