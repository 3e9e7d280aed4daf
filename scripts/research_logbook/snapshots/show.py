"""`logbook snapshot --list` and `--show`: a snapshot found again, from the clone alone."""

from collections.abc import Iterator
from pathlib import Path

from research_logbook.config.settings import of_default_branch
from research_logbook.errors import UserError
from research_logbook.logbook.model import Snapshot
from research_logbook.repo.git import Repository, Tag
from research_logbook.repo.snapshot_tags import ALL_TAGS, tags_of
from research_logbook.snapshots import collect as git
from research_logbook.snapshots.candidates import Refused, SnapshotCandidate, SnapshotCommit, gaps
from research_logbook.snapshots.collect import Ground
from research_logbook.snapshots.tag_message import block_in, facts_in, snapshot_of

_FETCH = "run `git fetch --tags origin`"


def listed(topic: str, folder: Path) -> tuple[tuple[Snapshot, str], ...]:
    """Return the snapshots of a topic, oldest first, each with the day it was made."""
    tags = Repository.here(folder).annotated(tags_of(topic))
    if not tags:
        help_text = f"{_FETCH}; `git tag --list 'snapshot/*'` lists those of all topics"
        raise UserError(f"this clone has no snapshot of the topic {topic!r}", help_text)
    return tuple((_read(tag), tag.day) for tag in tags)


def shown(name: str, folder: Path) -> tuple[Snapshot, str, tuple[str, ...]]:
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


def _read(tag: Tag) -> Snapshot:
    return snapshot_of(tag.name, tag.commit, tag.message)


def _pinned(place: Ground, tag: Tag) -> SnapshotCandidate | Refused:
    """Return what a tag's commit holds of its experiment; in the logbook that the message names, if it names one."""
    named, snapshot = facts_in(tag.message).get("Logbook"), _read(tag)
    touched = (named,) if named else place.repository.touched([tag.commit]).get(tag.commit, ())
    commit = place.repository.about([tag.commit])[tag.commit]
    return git.evidence(place, SnapshotCommit(commit, snapshot.topic, snapshot.experiment_id, touched))


def _missing(place: Ground, tag: Tag, found: SnapshotCandidate | Refused) -> Iterator[str]:
    if not tag.is_annotated:
        yield "the tag is a lightweight one: it has no message, and nobody is known to have made it"
    if isinstance(found, Refused):
        yield found.why
    else:
        yield from gaps(found, git.missing_scripts(place, [found]))
