"""Snapshots: annotated tags that stay, and the comments that say how to run them again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from research_logbook.actions.event import Event, EventKind
from research_logbook.actions.runner import event_of
from research_logbook.config.schema import Config
from research_logbook.config.settings import of_default_branch
from research_logbook.effects.plan import CommandResult
from research_logbook.errors import UserError, not_a_research_branch
from research_logbook.github.client import GitHub
from research_logbook.repo.commits import ALL_TAGS, tags_of
from research_logbook.repo.git import Repository, Tag
from research_logbook.seal.collect import SealView
from research_logbook.snapshots import collect
from research_logbook.snapshots.candidates import Refused, SnapshotCandidate, SnapshotCommit, gaps
from research_logbook.snapshots.collect import Ground
from research_logbook.snapshots.plan import PublishFacts, Tagged, decide, outcome, results
from research_logbook.snapshots.tag_message import SnapshotTag, block_in, facts_in, snapshot_of

_FETCH = "run `git fetch --tags origin`"


def listed(topic: str, folder: Path) -> tuple[tuple[SnapshotTag, str], ...]:
    """Return the snapshots of a topic, oldest first, each with the day it was made."""
    tags = Repository.here(folder).annotated(tags_of(topic))
    if not tags:
        help_text = f"{_FETCH}; `git tag --list 'snapshot/*'` lists those of all topics"
        raise UserError(f"this clone has no snapshot of the topic {topic!r}", help_text)
    return tuple((_read(tag), tag.day) for tag in tags)


def shown(name: str, folder: Path) -> tuple[SnapshotTag, str, tuple[str, ...]]:
    """Return a snapshot, the commands that reproduce it, and what is missing for that."""
    repository = Repository.here(folder)
    tag = next((tag for tag in repository.annotated(ALL_TAGS) if tag.name == name), None)
    if tag is None:
        help_text = f"{_FETCH}; `logbook snapshot --list TOPIC` lists those of a topic"
        raise UserError(f"this clone has no snapshot tag {name!r}", help_text)
    place = Ground(repository, of_default_branch(repository, None), "", tag.commit)
    found = _pinned(place, tag)
    commands = block_in(tag.message, "Commands")
    if isinstance(found, SnapshotCandidate):
        commands = commands or "\n".join(found.commands)
    return _read(tag), commands, tuple(_missing(place, tag, found))


def _read(tag: Tag) -> SnapshotTag:
    return snapshot_of(tag.name, tag.commit, tag.message)


def _pinned(place: Ground, tag: Tag) -> SnapshotCandidate | Refused:
    """Return what a tag's commit holds of its experiment; in the logbook that the message names, if it names one."""
    named, snapshot = facts_in(tag.message).get("Logbook"), _read(tag)
    touched = (named,) if named else place.repository.touched([tag.commit]).get(tag.commit, ())
    commit = place.repository.about([tag.commit])[tag.commit]
    return collect.evidence(place, SnapshotCommit(commit, snapshot.topic, snapshot.experiment_id, touched))


def _missing(place: Ground, tag: Tag, found: SnapshotCandidate | Refused) -> Iterator[str]:
    if not tag.is_annotated:
        yield "the tag is a lightweight one: it has no message, and nobody is known to have made it"
    if isinstance(found, Refused):
        yield found.why
    else:
        yield from gaps(found, collect.missing_scripts(place, [found]))


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """What a user asked `logbook snapshot` for; nothing means the event's branch."""

    commit: str | None = None
    branch: str | None = None


def snapshot(
    asked: SnapshotRequest, github: GitHub, config: Config, environment: Mapping[str, str], folder: Path
) -> CommandResult:
    """Return what gives the snapshot commits of a branch, or one commit, their tags and comments."""
    event = event_of(environment)
    if asked == SnapshotRequest() and event.is_deletion:
        return CommandResult(notes=("the branch was deleted; its snapshots stay",))
    place = _ground(event, config, folder)
    return _tagged(place, _candidates(place, asked, event), github)


def all_snapshots(view: SealView) -> CommandResult:
    """Return what gives all snapshot commits of all research branches of origin their tags and comments."""
    place = collect.ground(view.repository, view.config, view.default_branch)
    branches = collect.known_branches(place)
    found = (it for name, head in branches.items() for it in collect.of_branch(place, name, head, before=head))
    return _tagged(place, found, view.github)


def is_due(environment: Mapping[str, str], folder: Path, path: str | None) -> bool:
    """Return whether the event is a push to a research branch with snapshot commits; `path` is of the configuration."""
    event = event_of(environment)
    if event.kind is not EventKind.PUSH or event.is_deletion:
        return False
    config = of_default_branch(Repository.around(folder), event.default_branch, path)
    return bool(_pushed(_ground(event, config, folder), event))


def _ground(event: Event, config: Config, folder: Path) -> Ground:
    return collect.ground(Repository.around(folder), config, event.default_branch)


def _candidates(place: Ground, asked: SnapshotRequest, event: Event) -> tuple[SnapshotCommit, ...]:
    if asked.commit is not None:
        return collect.of_commit(place, asked.commit)
    if asked.branch is None and event.kind is EventKind.PUSH:
        return _pushed(place, event)
    branch = asked.branch or (event.branch if event.in_actions else None)
    if branch is None:
        raise UserError("no commit or branch given", "pass `--commit SHA` or `--branch NAME`")
    head = place.repository.commit(f"refs/remotes/origin/{branch}")
    if head is None:
        raise UserError(f"origin has no branch {branch!r} in this clone", "run `git fetch origin`, or push it first")
    if not collect.is_research(place, branch, head):
        raise not_a_research_branch(branch)
    return collect.of_branch(place, branch, head)


def _pushed(place: Ground, event: Event) -> tuple[SnapshotCommit, ...]:
    head, branch = place.repository.commit("HEAD"), event.branch
    if head is None or branch is None or not collect.is_research(place, branch, head):
        return ()
    before = place.repository.commit(event.before) if event.before else None
    return collect.of_branch(place, branch, head, before)


def _tagged(place: Ground, candidates: Iterable[SnapshotCommit], github: GitHub) -> CommandResult:
    """Gather, decide, look up what the decisions ask about, and return the outcome."""
    read = [collect.evidence(place, candidate) for candidate in candidates]
    tags = collect.tagged(place)
    snapshots = [it for it in read if isinstance(it, SnapshotCandidate)]
    decisions = decide(snapshots, tags, collect.descents(place, snapshots, tags))
    told, missing = collect.told(github, decisions), collect.missing_scripts(place, snapshots)
    known = PublishFacts(github.page, place.config.held_back, told, missing)
    found = [*_refused(read, tags), *(result for it in decisions for result in results(it, known))]
    return outcome(found, place.config.held_back)


def _refused(read: Iterable[SnapshotCandidate | Refused], tags: Iterable[Tagged]) -> Iterator[Refused]:
    """Yield the refusals, but those of commits that somebody has tagged by hand."""
    done = {tagged.commit.hash for tagged in tags}
    yield from (it for it in read if isinstance(it, Refused) and it.candidate.commit.hash not in done)
