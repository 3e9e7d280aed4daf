"""The versions of logbooks that a run reads: the judged one of each, and the earlier ones that it is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from research_logbook.config.schema import Config
from research_logbook.errors import UserError
from research_logbook.logbook import parse, symlink
from research_logbook.logbook.model import Logbook, Unreadable, topic_of
from research_logbook.patterns import matches
from research_logbook.repo import ALL_TAGS, files, tag_part, tags_of
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.git import Blob, Renamed, Repository

Source = bytes | Unreadable | Path
"""A logbook's bytes, why there are none, or the file that holds them: a large tree is read where it is judged."""


class VersionKind(StrEnum):
    """Where an earlier version of a logbook comes from."""

    BASE = "base"
    """The commit that the judged tree is compared with."""
    SNAPSHOT = "snapshot"
    """The newest snapshot of its topic."""
    PUSHED = "pushed"
    """What origin has of the branch in the work tree."""


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """A version of a logbook that the judged one is held against."""

    kind: VersionKind
    revision: str
    path: str
    source: Source


@dataclass(frozen=True, slots=True)
class LogbookVersions:
    """A logbook to judge, with its earlier versions; those in the base go first."""

    path: str
    source: Source
    earlier: tuple[EarlierVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedTree:
    """The logbooks to judge, and what else is known of the tree that holds them."""

    logbooks: tuple[LogbookVersions, ...] = ()
    present: frozenset[str] = frozenset()
    """The paths of all logbooks of the tree."""
    is_kept: bool = True
    """Whether the branch added or continued a logbook since it left the default branch, or one is named for it."""
    changed: tuple[str, ...] | None = None
    deleted: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RepositoryView:
    """What a run looks at, and through which configuration."""

    repository: Repository
    comparison: Comparison
    branch: str | None
    config: Config

    @property
    def is_research(self) -> bool:
        """Whether the configuration's patterns make the branch a research branch."""
        return bool(self.branch and matches(self.branch, self.config.branches.research))

    @cached_property
    def tree(self) -> Mapping[str, str]:
        """The logbooks of the judged tree, each with the hash of its contents; without one in the work tree."""
        if self.comparison.head:
            return self.logbooks_in(self.comparison.head)
        return logbook_files(self.repository, self.config)

    def logbooks_in(self, commit: str) -> dict[str, str]:
        """Return the logbooks of a commit's tree, each with the hash of its contents."""
        entries = self.repository.entries(commit, roots(self.config))
        return {path: entry.hash for path, entry in entries.items() if matches(path, self.config.logbooks)}

    @cached_property
    def snapshots(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The snapshot tags by topic, each with its commit, newest first."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, commit in self.repository.newest_first(self.repository.tags(ALL_TAGS)):
            found.setdefault("/".join(name.split("/")[:2]), []).append((name, commit))
        return found

    @cached_property
    def changes(self) -> Sequence[Renamed] | None:
        """What the judged change touches; None without a base."""
        base, head = self.comparison.base, self.comparison.head
        return self.repository.changes(base, head) if base else None

    @cached_property
    def own_changes(self) -> Sequence[Renamed]:
        """What changed since the branch left the default branch."""
        left, head = self.comparison.left, self.comparison.head
        if left == self.comparison.base:
            return self.changes or ()
        return self.repository.changes(left, head) if left else ()

    @cached_property
    def untracked(self) -> frozenset[str]:
        """The logbooks of the work tree that the base has not: git's comparison leaves out the untracked."""
        if not self.comparison.base or self.comparison.head:
            return frozenset()
        return frozenset(self.tree.keys() - self.logbooks_in(self.comparison.base).keys())

    @property
    def with_snapshots(self) -> frozenset[str]:
        """The logbooks of a pushed research branch that have snapshots: every push is held to these."""
        head, left = self.comparison.head, self.comparison.left
        if not (self.is_research and head and left and left != self.comparison.base and self.snapshots):
            return frozenset()
        own = (change.new for change in self.own_changes if change.new in self.tree)
        return frozenset(path for path in own if tags_of(topic_of(path)) in self.snapshots)

    @property
    def merged_in(self) -> frozenset[str]:
        """The logbooks that a merge of the default branch brought in as they are, and the branch never touched."""
        head, base, tip = self.comparison.head, self.comparison.base, self.comparison.rules_from
        fork = self.repository.merge_base(base, tip) if base and tip and head else None
        if not (base and tip and fork) or base == tip:
            return frozenset()
        there, before, then = (self.logbooks_in(commit) for commit in (tip, base, fork))
        same = (path for path, digest in self.tree.items() if digest == there.get(path))
        return frozenset(path for path in same if before.get(path) == then.get(path))

    @property
    def is_kept(self) -> bool:
        """Whether the branch added or continued a logbook since it left the default branch, or one is named for it."""
        if self.comparison.left is None or not self.is_research:
            return True
        name = tag_part((self.branch or "").rpartition("/")[2])
        is_named_for = any(tag_part(topic_of(path)) in name for path in self.tree)
        return is_named_for or bool(self.untracked) or any(change.new in self.tree for change in self.own_changes)

    def name_of(self, path: Path) -> str:
        """Return a file's path in the repository; raises `UserError` for one that is outside."""
        # Only the folder is resolved: a logbook that is a link itself must be seen as one.
        absolute, root = path.parent.resolve() / path.name, self.repository.root.resolve()
        if not absolute.is_relative_to(root):
            raise UserError(f"{path} is outside the repository {root}", "name only files of one repository")
        return absolute.relative_to(root).as_posix()


def logbook_files(repository: Repository, config: Config, commit: str = "") -> dict[str, str]:
    """Return the logbooks of a commit's tree by path, each with the hash of its contents; no symbolic links.

    Without a commit they are the work tree's, whose files have no hash that git knows.
    """
    folders = roots(config)
    found = repository.files(commit, folders) if commit else dict.fromkeys(sorted(repository.tracked(folders)), "")
    return {path: digest for path, digest in found.items() if matches(path, config.logbooks)}


def roots(config: Config) -> tuple[str, ...]:
    """Return the folders that hold the logbooks: the patterns up to their first wild card."""
    found = []
    for pattern in (pattern for pattern in config.logbooks if pattern[:1] != "!"):
        parts = pattern.split("/")[:-1]
        wild = next((index for index, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
        found.append("/".join(parts[:wild]) or ".")
    return tuple(found)


def inside(view: RepositoryView, paths: Sequence[str], *, everything: bool = False) -> JudgedTree:
    """Return the logbooks of a repository: those named, else those that changed, or all where `everything` is asked.

    Raises `UserError` for a path that is not in the repository.
    """
    comparison, changes = view.comparison, view.changes
    if comparison.is_deletion:
        return JudgedTree(changed=())
    renamed = {change.new: change.old for change in changes or () if change.new and change.old}
    if paths:
        names = [view.name_of(path) for path in files.named(tuple(paths))]
    elif everything or changes is None:
        names = sorted(view.tree)
    else:
        touched = {change.new for change in changes if change.new in view.tree} | view.with_snapshots
        names = sorted((touched - view.merged_in) | view.untracked)
    earlier = {name: renamed.get(name, name) for name in names}
    sources = _sources(view, names)
    base, snapshots, pushed = _in_base(view, earlier), _in_snapshots(view, earlier, sources), _pushed(view, earlier)
    # A logbook that moves to where none is looked for is gone too.
    was = [it for it in changes or () if it.old and matches(it.old, view.config.logbooks) and not paths]
    gone = {it.old: it.new for it in was if it.old not in view.tree and it.new not in view.tree}
    lost = {} if paths else _lost(view, renamed)
    return JudgedTree(
        logbooks=tuple(
            LogbookVersions(name, source, tuple(found[name] for found in (base, snapshots, pushed) if name in found))
            for name, source in sources.items()
        ),
        present=frozenset(view.tree),
        is_kept=view.is_kept,
        changed=tuple(change.new or change.old for change in changes) if changes is not None else None,
        deleted={**lost, **dict.fromkeys(gone, (comparison.base or "")[:12])},
        moved={old: new for old, new in gone.items() if new},
    )


def _sources(view: RepositoryView, names: Sequence[str]) -> dict[str, Source]:
    head = view.comparison.head
    if head is None:
        return {**files.sources(view.repository, names)}
    blobs = view.repository.read([(head, name) for name in names])
    return {name: _source(name, blobs[head, name]) for name in names if (head, name) in blobs}


def _source(path: str, blob: Blob) -> Source:
    return symlink(path) if blob.is_symlink else blob.data


def _at(
    view: RepositoryView, kind: VersionKind, commit: str, tried: Sequence[str], name: str = ""
) -> EarlierVersion | None:
    """Return the version in a commit, at the first of the paths that it has; `name` is the commit's."""
    blobs = view.repository.read([(commit, path) for path in dict.fromkeys(tried)])
    found = ((path, _source(path, blob)) for (_, path), blob in blobs.items())
    return next((EarlierVersion(kind, name or commit[:12], *it) for it in found), None)


def _in_base(view: RepositoryView, earlier: Mapping[str, str]) -> dict[str, EarlierVersion]:
    base = view.comparison.base
    old = view.repository.read([(base, path) for path in earlier.values()]) if base else {}
    return {
        name: EarlierVersion(VersionKind.BASE, base[:12], path, _source(path, old[base, path]))
        for name, path in earlier.items()
        if base and (base, path) in old
    }


def _in_snapshots(
    view: RepositoryView, earlier: Mapping[str, str], sources: Mapping[str, Source]
) -> dict[str, EarlierVersion]:
    """Return the versions in the newest snapshot of each topic that the judged branch must still contain."""
    tags = view.snapshots if earlier else {}
    head = (view.comparison.head or view.repository.commit("HEAD")) if tags else None
    found: dict[str, EarlierVersion] = {}
    for name, old in earlier.items() if head else ():
        topics = dict.fromkeys(tags_of(topic_of(path)) for path in (name, old))
        for tag, commit in (tag for topic in topics for tag in tags.get(topic, ())):
            # A branch of another thread need not have what only the research branch has yet.
            is_ours = view.is_research or view.repository.is_ancestor(commit, str(head))
            if is_ours or _is_named(view, name, sources):
                version = _at(view, VersionKind.SNAPSHOT, commit, (name, old), tag)
                if version:
                    found[name] = version
                    break
    return found


def _is_named(view: RepositoryView, name: str, sources: Mapping[str, Source]) -> bool:
    """Return whether a logbook's header names the branch that it is on, which makes that one of research."""
    source = sources.get(name)
    book = files.read_logbook(source, name) if isinstance(source, Path) else None
    book = parse(name, source) if isinstance(source, bytes) else book
    return isinstance(book, Logbook) and bool(view.branch) and book.header.branch == view.branch


def _pushed(view: RepositoryView, earlier: Mapping[str, str]) -> dict[str, EarlierVersion]:
    """Return what the branch in the work tree has in common with what was pushed of it: that is on record."""
    comparison, repository = view.comparison, view.repository
    tip = None if comparison.head else repository.tip(view.branch)
    head = repository.commit("HEAD") if tip else None
    common = repository.merge_base(tip, head) if tip and head else None
    if common is None or common == comparison.base:
        return {}
    found = {name: _at(view, VersionKind.PUSHED, common, (name, old)) for name, old in earlier.items()}
    return {name: version for name, version in found.items() if version}


def _lost(view: RepositoryView, renamed: Mapping[str, str]) -> dict[str, str]:
    """Return the logbooks of this research branch that only a snapshot still holds: a restart dropped them."""
    topic = tag_part((view.branch or "").rpartition("/")[2])
    known = {tag_part(topic_of(path)) for path in (*view.tree, *renamed.values())}
    for tag, commit in () if not view.is_research or topic in known else view.snapshots.get(tags_of(topic), ()):
        return {path: tag for path in view.logbooks_in(commit) if tag_part(topic_of(path)) == topic}
    return {}
