"""Gathering: everything that a lint run reads, before anything is judged."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from research_logbook.config import Config
from research_logbook.core.model import Unreadable, topic_of
from research_logbook.core.parse import symlink
from research_logbook.core.patterns import matches
from research_logbook.core.snapshots import tag_part, tags_of, topic_part
from research_logbook.errors import UserError
from research_logbook.shell import files
from research_logbook.shell.basis import Basis
from research_logbook.shell.git import Blob, Renamed, Repository
from research_logbook.shell.runner import Event

Source = bytes | Unreadable


@dataclass(frozen=True, slots=True)
class Earlier:
    """A version of a logbook that the judged one is compared with."""

    revision: str
    path: str
    source: Source


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read."""

    judged: Mapping[str, Source]
    """The logbooks to judge, by path."""
    base: Mapping[str, Earlier] = field(default_factory=dict)
    """Their versions in the base, by the judged path."""
    snapshots: Mapping[str, Earlier] = field(default_factory=dict)
    """Their versions in the newest snapshot of their topic, by the judged path."""
    present: frozenset[str] = frozenset()
    """The paths of all logbooks of the judged tree."""
    is_kept: bool = True
    """Whether the branch added or continued a logbook since it left the default branch, or one is named for it."""
    changed: tuple[str, ...] | None = None
    deleted: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)


def outside(paths: Sequence[str]) -> Gathered:
    """Gather the files that the user named, where there is no repository."""
    return Gathered({str(path): files.read(path, str(path)) for path in files.named(tuple(paths))})


def inside(repository: Repository, basis: Basis, event: Event, config: Config, paths: Sequence[str]) -> Gathered:
    """Gather the logbooks of a repository: those named, else those that changed, else all."""
    if basis.is_deletion:
        return Gathered({}, changed=())
    changes = repository.changes(basis.base, basis.head) if basis.base else None
    present = _present(repository, basis, config)
    names = _named(repository, paths) if paths else _chosen(repository, basis, present, changes, config)
    came_from = {change.new: change.old for change in changes or () if change.new and change.old}
    earlier = {name: came_from.get(name, name) for name in names}
    old = repository.read([(basis.base, path) for path in earlier.values()]) if basis.base else {}
    deleted, moved = _gone(changes or (), config, present) if basis.base and not paths else ({}, {})
    lost = {} if paths else _lost_snapshots(repository, basis, event, config, present)
    return Gathered(
        judged=_read(repository, basis, names),
        base={
            name: Earlier(basis.base, path, _source(path, old[basis.base, path]))
            for name, path in earlier.items()
            if basis.base and (basis.base, path) in old
        },
        snapshots=_snapshots(repository, basis, event, config, names, earlier),
        present=present,
        is_kept=_is_kept(repository, basis, event, config, present),
        changed=tuple(change.new or change.old for change in changes) if changes is not None else None,
        deleted={**lost, **dict.fromkeys(deleted, basis.base or "")},
        moved=moved,
    )


def _present(repository: Repository, basis: Basis, config: Config) -> frozenset[str]:
    """Return the paths of all logbooks of the judged tree."""
    listed = repository.paths(basis.head, roots(config)) if basis.head else repository.tracked(roots(config))
    return frozenset(path for path in listed if matches(path, config.logbooks))


def roots(config: Config) -> tuple[str, ...]:
    """Return the folders that hold the logbooks: the patterns up to their first wild card."""
    return tuple(
        "/".join(part for part in _fixed(pattern.split("/")[:-1])) or "." for pattern in config.logbooks if pattern[:1] != "!"
    )


def _fixed(parts: Sequence[str]) -> Sequence[str]:
    stop = next((index for index, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return parts[:stop]


def _named(repository: Repository, paths: Sequence[str]) -> list[str]:
    return [_inside(repository, path) for path in files.named(tuple(paths))]


def _inside(repository: Repository, path: Path) -> str:
    # Only the folder is resolved: a logbook that is a link itself must be seen as one.
    absolute = path.parent.resolve() / path.name
    root = repository.root.resolve()
    if not absolute.is_relative_to(root):
        raise UserError(f"{path} is outside of the repository {root}", "name only files of one repository")
    return absolute.relative_to(root).as_posix()


def _chosen(
    repository: Repository, basis: Basis, present: frozenset[str], changes: Sequence[Renamed] | None, config: Config
) -> list[str]:
    if changes is None:
        return sorted(present)
    touched = {change.new for change in changes if change.new in present}
    return sorted(touched | _untracked(repository, basis, present, config))


def _is_kept(
    repository: Repository, basis: Basis, event: Event, config: Config, present: frozenset[str]
) -> bool:
    if basis.left is None or not _is_research(repository, event, config):
        return True
    branch = tag_part((branch_of(repository, event) or "").rpartition("/")[2])
    if any(tag_part(topic_of(path)) in branch for path in present):
        return True
    since = repository.changes(basis.left, basis.head)
    return any(change.new in present for change in since) or bool(_untracked(repository, basis, present, config))


def _untracked(repository: Repository, basis: Basis, present: frozenset[str], config: Config) -> frozenset[str]:
    """Return the logbooks of the work tree that the base has not: git's comparison leaves out what it does not track."""
    return present - repository.paths(basis.base, roots(config)) if basis.base and not basis.head else frozenset()


def _read(repository: Repository, basis: Basis, names: Sequence[str]) -> dict[str, Source]:
    if basis.head is None:
        return {name: files.read(repository.root / name, name) for name in names}
    blobs = repository.read([(basis.head, name) for name in names])
    return {name: _source(name, blobs[basis.head, name]) for name in names if (basis.head, name) in blobs}


def _source(path: str, blob: Blob) -> Source:
    return symlink(path) if blob.is_symlink else blob.data


def _gone(
    changes: Sequence[Renamed], config: Config, present: Collection[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the logbooks that a change deletes, and which of them it moves to where no logbook is looked for."""
    was = [change for change in changes if change.old and matches(change.old, config.logbooks)]
    gone = [change for change in was if change.old not in present and change.new not in present]
    return [change.old for change in gone], {change.old: change.new for change in gone if change.new}


def _snapshots(
    repository: Repository,
    basis: Basis,
    event: Event,
    config: Config,
    names: Sequence[str],
    earlier: Mapping[str, str],
) -> dict[str, Earlier]:
    head = basis.head or repository.commit("HEAD")
    found = {}
    for name in names:
        for tag, commit in repository.tags(tags_of(topic_of(name))):
            if head and (_is_research(repository, event, config) or repository.is_ancestor(commit, head)):
                if source := _at(repository, commit, (name, earlier[name])):
                    found[name] = Earlier(tag, *source)
                break
    return found


def _at(repository: Repository, commit: str, paths: Sequence[str]) -> tuple[str, Source] | None:
    blobs = repository.read([(commit, path) for path in dict.fromkeys(paths)])
    return next(((path, _source(path, blob)) for (_, path), blob in blobs.items()), None)


def branch_of(repository: Repository, event: Event) -> str | None:
    """Return the branch that is judged."""
    return event.branch or repository.branch


def _is_research(repository: Repository, event: Event, config: Config) -> bool:
    branch = branch_of(repository, event)
    return bool(branch and matches(branch, config.branches.research))


def _lost_snapshots(
    repository: Repository, basis: Basis, event: Event, config: Config, present: Collection[str]
) -> dict[str, str]:
    """Return the logbooks of this research branch that only a snapshot still holds: a restart dropped them."""
    branch = branch_of(repository, event) or ""
    if not matches(branch, config.branches.research):
        return {}
    lost: dict[str, str] = {}
    here = {tag_part(topic_of(path)) for path in present}
    for tag, commit in repository.tags("snapshot"):
        topic = topic_part(tag)
        if topic in here or tag_part(branch.rpartition("/")[2]) != topic:
            continue
        held = [path for path in repository.paths(commit, roots(config)) if matches(path, config.logbooks)]
        for path in held:
            if tag_part(topic_of(path)) == topic:
                lost.setdefault(path, tag)
        here.add(topic)
    return lost

