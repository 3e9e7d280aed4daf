"""Gathering: everything that a lint run reads, before anything is judged."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from research_logbook.config.schema import Config
from research_logbook.errors import UserError
from research_logbook.logbook import parse, symlink
from research_logbook.logbook.model import Logbook, Unreadable, topic_of
from research_logbook.patterns import matches
from research_logbook.repo import files
from research_logbook.repo.commits import tag_part, tags_of
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.git import Blob, Renamed, Repository

Source = bytes | Unreadable | Path
"""A logbook's bytes, why there are none, or the file that holds them: a large tree is read where it is judged."""


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
    pushed: Mapping[str, Earlier] = field(default_factory=dict)
    """Their versions that origin has of the branch in the work tree, by the judged path."""
    present: frozenset[str] = frozenset()
    """The paths of all logbooks of the judged tree."""
    is_kept: bool = True
    """Whether the branch added or continued a logbook since it left the default branch, or one is named for it."""
    changed: tuple[str, ...] | None = None
    deleted: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RepositoryView:
    """What a run looks at, and through which configuration."""

    repository: Repository
    basis: Comparison
    branch: str | None
    config: Config

    @property
    def is_research(self) -> bool:
        """Whether the branch is a research branch by its name."""
        return bool(self.branch and matches(self.branch, self.config.branches.research))


def outside(paths: Sequence[str]) -> Gathered:
    """Gather the files that the user named, where there is no repository."""
    return Gathered({str(path): path for path in files.named(tuple(paths))})


def inside(view: RepositoryView, paths: Sequence[str], *, everything: bool = False) -> Gathered:
    """Gather the logbooks of a repository: those named, else those that changed, or all where `everything` is asked."""
    repository, basis = view.repository, view.basis
    if basis.is_deletion:
        return Gathered({}, changed=())
    changes = repository.changes(basis.base, basis.head) if basis.base else None
    present = _present(view)
    names = (
        [_inside(repository, path) for path in files.named(tuple(paths))]
        if paths
        else _chosen(view, present, None if everything else changes)
    )
    came_from = {change.new: change.old for change in changes or () if change.new and change.old}
    earlier = {name: came_from.get(name, name) for name in names}
    judged = _read(view, names)
    deleted, moved = _gone(view, changes or (), present) if basis.base and not paths else ({}, {})
    return Gathered(
        judged=judged,
        base=_base(view, earlier),
        snapshots=_snapshots(view, earlier, judged),
        pushed=_pushed(view, earlier),
        present=present,
        is_kept=_is_kept(view, present, changes),
        changed=tuple(change.new or change.old for change in changes) if changes is not None else None,
        deleted={**({} if paths else _lost(view, present | set(came_from.values()))), **deleted},
        moved=moved,
    )


def _present(view: RepositoryView) -> frozenset[str]:
    """Return the paths of all logbooks of the judged tree."""
    folders, head = roots(view.config), view.basis.head
    listed = view.repository.paths(head, folders) if head else view.repository.tracked(folders)
    return frozenset(path for path in listed if matches(path, view.config.logbooks))


def roots(config: Config) -> tuple[str, ...]:
    """Return the folders that hold the logbooks: the patterns up to their first wild card."""
    patterns = [pattern for pattern in config.logbooks if pattern[:1] != "!"]
    return tuple("/".join(_fixed(pattern.split("/")[:-1])) or "." for pattern in patterns)


def _fixed(parts: Sequence[str]) -> Sequence[str]:
    stop = next((index for index, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return parts[:stop]


def _inside(repository: Repository, path: Path) -> str:
    # Only the folder is resolved: a logbook that is a link itself must be seen as one.
    absolute = path.parent.resolve() / path.name
    root = repository.root.resolve()
    if not absolute.is_relative_to(root):
        raise UserError(f"{path} is outside of the repository {root}", "name only files of one repository")
    return absolute.relative_to(root).as_posix()


def _chosen(view: RepositoryView, present: frozenset[str], changes: Sequence[Renamed] | None) -> list[str]:
    if changes is None:
        return sorted(present)
    touched = {change.new for change in changes if change.new in present} | _kept(view, present)
    return sorted((touched - _brought(view)) | _untracked(view, present))


def _kept(view: RepositoryView, present: frozenset[str]) -> set[str]:
    """Return the logbooks of a pushed research branch that have snapshots: every push is held to these."""
    basis = view.basis
    if not (view.is_research and basis.head and basis.left and basis.left != basis.base):
        return set()
    tags = _tags(view.repository)
    own = {change.new for change in view.repository.changes(basis.left, basis.head)} & present if tags else set()
    return {path for path in own if tags_of(topic_of(path)) in tags}


def _brought(view: RepositoryView) -> set[str]:
    """Return the logbooks that a merge of the default branch brought in as they are, and the branch never touched."""
    basis, repository, folders = view.basis, view.repository, roots(view.config)
    tip = basis.rules_from
    fork = repository.merge_base(basis.base, tip) if basis.base and tip and basis.head else None
    if not (basis.head and basis.base and tip and fork) or basis.base == tip:
        return set()
    head, there, before, then = (repository.files(commit, folders) for commit in (basis.head, tip, basis.base, fork))
    return {path for path in head if head[path] == there.get(path) and before.get(path) == then.get(path)}


def _untracked(view: RepositoryView, present: frozenset[str]) -> frozenset[str]:
    """Return the logbooks of the work tree that the base has not: git's comparison leaves out the untracked."""
    if not view.basis.base or view.basis.head:
        return frozenset()
    return present - view.repository.paths(view.basis.base, roots(view.config))


def _is_kept(view: RepositoryView, present: frozenset[str], changes: Sequence[Renamed] | None) -> bool:
    basis = view.basis
    if basis.left is None or not view.is_research:
        return True
    name = tag_part((view.branch or "").rpartition("/")[2])
    if any(tag_part(topic_of(path)) in name for path in present):
        return True
    since = changes if basis.left == basis.base else view.repository.changes(basis.left, basis.head)
    return any(change.new in present for change in since or ()) or bool(_untracked(view, present))


def _read(view: RepositoryView, names: Sequence[str]) -> dict[str, Source]:
    head = view.basis.head
    if head is None:
        return {name: view.repository.root / name for name in names}
    blobs = view.repository.read([(head, name) for name in names])
    return {name: _source(name, blobs[head, name]) for name in names if (head, name) in blobs}


def _base(view: RepositoryView, earlier: Mapping[str, str]) -> dict[str, Earlier]:
    base = view.basis.base
    old = view.repository.read([(base, path) for path in earlier.values()]) if base else {}
    return {
        name: Earlier(base[:12], path, _source(path, old[base, path]))
        for name, path in earlier.items()
        if base and (base, path) in old
    }


def _source(path: str, blob: Blob) -> Source:
    return symlink(path) if blob.is_symlink else blob.data


def _gone(
    view: RepositoryView, changes: Sequence[Renamed], present: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the logbooks that a change deletes, and which of them it moves to where no logbook is looked for."""
    was = [change for change in changes if change.old and matches(change.old, view.config.logbooks)]
    gone = [change for change in was if change.old not in present and change.new not in present]
    return {change.old: (view.basis.base or "")[:12] for change in gone}, {
        change.old: change.new for change in gone if change.new
    }


def _snapshots(view: RepositoryView, earlier: Mapping[str, str], judged: Mapping[str, Source]) -> dict[str, Earlier]:
    """Return the versions in the newest snapshot of each topic that the judged branch must still contain."""
    tags = _tags(view.repository) if earlier else {}
    head = (view.basis.head or view.repository.commit("HEAD")) if tags else None
    found = {}
    for name, old in earlier.items() if tags else ():
        topics = dict.fromkeys(tags_of(topic_of(path)) for path in (name, old))
        for tag, commit in (tag for topic in topics for tag in tags.get(topic, ())):
            # A branch of another thread need not have what only the research branch has yet.
            is_known = head and (view.is_research or view.repository.is_ancestor(commit, head))
            is_ours = is_known or (head and _is_named(view, name, judged))
            if is_ours and (source := _at(view.repository, commit, (name, old))):
                found[name] = Earlier(tag, *source)
                break
    return found


def _pushed(view: RepositoryView, earlier: Mapping[str, str]) -> dict[str, Earlier]:
    """Return what the branch in the work tree has in common with what was pushed of it: that is on record."""
    tip = view.repository.commit(f"refs/remotes/origin/{view.branch}") if view.branch and not view.basis.head else None
    head = view.repository.commit("HEAD") if tip else None
    common = view.repository.merge_base(tip, head) if tip and head else None
    if common is None or common == view.basis.base:
        return {}
    found = ((name, _at(view.repository, common, (name, old))) for name, old in earlier.items())
    return {name: Earlier(common[:12], *source) for name, source in found if source}


def _is_named(view: RepositoryView, name: str, judged: Mapping[str, Source]) -> bool:
    """Return whether a logbook's header names the branch that it stands on, which makes that one of research."""
    source = judged.get(name)
    data = files.read(source, name) if isinstance(source, Path) else source
    book = parse(name, data) if isinstance(data, bytes) else None
    return isinstance(book, Logbook) and bool(view.branch) and book.header.branch == view.branch


def _tags(repository: Repository) -> dict[str, list[tuple[str, str]]]:
    """Return the snapshots of each topic, newest first."""
    tags: dict[str, list[tuple[str, str]]] = {}
    for name, commit in repository.tags("snapshot"):
        tags.setdefault("/".join(name.split("/")[:2]), []).append((name, commit))
    return tags


def _at(repository: Repository, commit: str, paths: Sequence[str]) -> tuple[str, Source] | None:
    blobs = repository.read([(commit, path) for path in dict.fromkeys(paths)])
    return next(((path, _source(path, blob)) for (_, path), blob in blobs.items()), None)


def _lost(view: RepositoryView, present: Collection[str]) -> dict[str, str]:
    """Return the logbooks of this research branch that only a snapshot still holds: a restart dropped them."""
    topic = tag_part((view.branch or "").rpartition("/")[2])
    if not view.is_research or topic in {tag_part(topic_of(path)) for path in present}:
        return {}
    for tag, commit in view.repository.tags(tags_of(topic)):
        held = view.repository.paths(commit, roots(view.config))
        return {path: tag for path in held if matches(path, view.config.logbooks) and tag_part(topic_of(path)) == topic}
    return {}
