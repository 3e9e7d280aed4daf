"""Snapshot commits, their logbooks and the tags that are there: all that git tells before any of it is decided on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from research_logbook.config.schema import Config
from research_logbook.effects.sticky_comments import is_there
from research_logbook.errors import UnfinishedError, UserError, no_repository, not_a_commit, shallow_clone
from research_logbook.github.client import GitHub
from research_logbook.github.errors import MissingError
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, Unreadable
from research_logbook.patterns import matches
from research_logbook.repo import files, research_branches
from research_logbook.repo.commits import ALL_TAGS
from research_logbook.repo.git import Repository
from research_logbook.repo.versions import roots
from research_logbook.snapshots.candidates import (
    Refused,
    SnapshotCandidate,
    SnapshotCommit,
    evidence_of,
    is_snapshot,
    names_asked,
    scripts,
)
from research_logbook.snapshots.plan import KIND, Fate, TagDecision, Tagged, family, first_tag, own_issue

_USUAL = ("main", "master")


@dataclass(frozen=True, slots=True)
class Ground:
    """A repository with all of its history, and what is known of its branches."""

    repository: Repository
    config: Config
    default: str
    """The name of the default branch."""
    tip: str
    """Its commit."""
    books: dict[tuple[str, str], Logbook | Unreadable] = field(default_factory=dict)
    """The logbooks that were parsed, by path and hash: many commits share them."""


def ground(repository: Repository | None, config: Config, default: str | None) -> Ground:
    """Return where snapshots are looked for, or raise a `UserError` that says why nothing can be told from it."""
    if repository is None:
        raise no_repository()
    if repository.is_shallow:
        raise shallow_clone("it is not known which commits are the branch's own, and which tags exist")
    name = default or repository.default_branch or next((it for it in _USUAL if _tip(repository, it)), None)
    tip = _tip(repository, name) if name else None
    if name is None or tip is None:
        raise UnfinishedError(
            f"the default branch of origin{f', {name!r},' if name else ''} is not in this clone",
            "check out with `fetch-depth: 0`, or run `git fetch origin` and `git remote set-head origin --auto`",
        )
    return Ground(repository, config, name, tip)


def _tip(repository: Repository, branch: str) -> str | None:
    return repository.commit(f"refs/remotes/origin/{branch}")


def known_branches(place: Ground) -> dict[str, str]:
    """Return the research branches of origin with their commits: by their names, or because a logbook names them."""
    research = research_branches.research_branches(place.repository, place.config, place.default)
    return {name: commit for name, commit in sorted(place.repository.remote_branches().items()) if name in research}


def is_research(place: Ground, branch: str, head: str) -> bool:
    """Return whether a branch is a research branch: by its name, or as a logbook on it or the default one names it."""
    return branch != place.default and (
        matches(branch, place.config.branches.research) or branch in _named_by(place, [head, place.tip])
    )


def _named_by(place: Ground, commits: Iterable[str]) -> set[str]:
    files = {item for commit in set(commits) for item in _logbooks(place, commit).items()}
    return {book.header.branch for book in _parsed(place, files) if isinstance(book, Logbook)} - {""}


def _logbooks(place: Ground, commit: str) -> dict[str, str]:
    listed = place.repository.files(commit, roots(place.config))
    return {path: digest for path, digest in listed.items() if matches(path, place.config.logbooks)}


def _parsed(place: Ground, files: Iterable[tuple[str, str]]) -> list[Logbook | Unreadable]:
    """Return logbooks from their paths and hashes."""
    wanted = list(files)
    unknown = {digest for path, digest in wanted if (path, digest) not in place.books}
    contents = place.repository.contents(sorted(unknown))
    for path, digest in wanted:
        if digest in contents:
            place.books[path, digest] = parse(path, contents[digest])
    return [place.books[item] for item in wanted if item in place.books]


def of_branch(place: Ground, branch: str, head: str, before: str | None = None) -> tuple[SnapshotCommit, ...]:
    """Return the snapshot commits of a branch, oldest first: its own, and not those that a merge brought in.

    Those that the branch had at `before` already are not what the run was started for.
    """
    commits = place.repository.commits(head, [place.tip])
    seen = {it.hash for it in place.repository.commits(before, [place.tip])} if before else set()
    found = [commit for commit in commits if is_snapshot(commit)]
    touched = place.repository.touched(commit.hash for commit in found)
    return tuple(
        SnapshotCommit(commit, branch, asked, touched.get(commit.hash, ()), commit.hash not in seen)
        for commit in found
        for asked in names_asked(commit)
    )


def of_commit(place: Ground, revision: str) -> tuple[SnapshotCommit, ...]:
    """Return a commit that somebody names as a snapshot, whatever its message says."""
    digest = place.repository.commit(revision)
    if digest is None:
        raise not_a_commit(revision)
    research = known_branches(place)
    holders = [name for name in place.repository.branches_with(digest) if name in {*research, place.default}]
    if not holders:
        raise UserError(
            f"{digest[:12]} is on no research branch of origin, nor on its default branch",
            "push it to a research branch first: GitHub tags only what it has",
        )
    commit = place.repository.about([digest])[digest]
    touched = place.repository.touched([digest]).get(digest, ())
    branch = holders[0] if len(holders) == 1 else ""
    return tuple(SnapshotCommit(commit, branch, asked, touched) for asked in names_asked(commit))


def evidence(place: Ground, candidate: SnapshotCommit) -> SnapshotCandidate | Refused:
    """Return what a snapshot commit publishes, read in its own tree; or why it gets no tag."""
    files = _logbooks(place, candidate.commit.hash)
    touched = {path: files[path] for path in candidate.touched if path in files}
    books = _parsed(place, (touched or files).items())
    return evidence_of(candidate, {book.path: book for book in books})


def tagged(place: Ground) -> tuple[Tagged, ...]:
    """Return the snapshot tags of the clone."""
    tags = place.repository.annotated(ALL_TAGS)
    commits = place.repository.about(tag.commit for tag in tags)
    return tuple(Tagged(tag.name, commits[tag.commit]) for tag in tags if tag.commit in commits)


def descents(
    place: Ground, snapshots: Sequence[SnapshotCandidate], tags: Sequence[Tagged]
) -> frozenset[tuple[str, str]]:
    """Return the pairs (ancestor, descendant) among snapshots and tagged commits of one name."""
    return frozenset(
        pair
        for snapshot in snapshots
        for pair in _pairs(snapshot, snapshots, tags)
        if place.repository.is_ancestor(*pair)
    )


def _pairs(
    snapshot: SnapshotCandidate, snapshots: Iterable[SnapshotCandidate], tags: Iterable[Tagged]
) -> Iterator[tuple[str, str]]:
    first, own = first_tag(snapshot), snapshot.commit.hash
    kin = [tag.commit.hash for tag in family(first, tags)]
    if own not in kin:
        others = [other.commit.hash for other in snapshots if first_tag(other) == first and other.commit.hash != own]
        yield from ((other, own) for other in dict.fromkeys([*kin, *others]))


def missing_scripts(place: Ground, snapshots: Iterable[SnapshotCandidate]) -> frozenset[tuple[str, str]]:
    """Return the scripts, as (tree, path), that the commands of snapshots run and their trees have not."""
    asked = {script for snapshot in snapshots for script in scripts(snapshot)}
    return files.missing(place.repository, None, sorted(asked))


def told(github: GitHub, decisions: Iterable[TagDecision]) -> frozenset[str]:
    """Return the tags among those that are there whose comment is there too, or whose issue is not."""
    tags = defaultdict(list)
    for decision in decisions:
        issue = own_issue(decision.evidence.issue, github.page)
        if decision.fate is Fate.TAGGED and issue is not None:
            tags[issue].append(decision.tag)
    return frozenset(tag for issue, those in tags.items() for tag in _told(github, issue, those))


def _told(github: GitHub, issue: int, tags: Iterable[str]) -> Iterable[str]:
    try:
        comments = github.comments(issue)
    except MissingError:
        return tags
    login = github.login()
    return (tag for tag in tags if is_there(KIND, tag, comments, login))
