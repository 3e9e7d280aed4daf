"""Snapshot commits, their logbooks and the existing tags: all that git and GitHub tell before anything is decided."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from research_logbook.config.schema import Config
from research_logbook.effects.sticky_comments import is_posted
from research_logbook.errors import UnfinishedError, UserError, no_repository, not_a_commit, shallow_clone
from research_logbook.github.client import GitHub
from research_logbook.github.transport import DeniedError, LimitedError, MissingError, MovedError
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, Unreadable
from research_logbook.repo import ALL_TAGS, Commit, files, research_branches
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_resolution import own_issue
from research_logbook.repo.versions import logbook_files
from research_logbook.snapshots.candidates import (
    MOST_LINES,
    CodeCommit,
    RefusedSnapshot,
    SnapshotCandidate,
    SnapshotCommit,
    candidate_of,
)
from research_logbook.snapshots.message_lines import SnapshotLine, snapshot_lines
from research_logbook.snapshots.plan import COMMENT_KIND, TagDecision, TaggedCommit, TagStatus, family, first_tag

_USUAL = ("main", "master")


@dataclass(frozen=True, slots=True)
class FullClone:
    """A repository with all of its history, and what is known of its branches."""

    repository: Repository
    config: Config
    default: str
    """The name of the default branch."""
    tip: str
    """Its commit."""
    books: dict[tuple[str, str], Logbook | Unreadable] = field(default_factory=dict)
    """The logbooks that were parsed, by path and hash: many commits share them."""


def whole(repository: Repository | None) -> Repository:
    """Return a repository that has all of its history; raises a `UserError` for any other, and for none."""
    if repository is None:
        raise no_repository("run it inside a clone; in a workflow, set the action's `working-directory` to its folder")
    if repository.is_shallow:
        raise shallow_clone("it is not known which commits are the branch's own, and which tags exist")
    return repository


def full_clone(repository: Repository | None, config: Config, default: str | None) -> FullClone:
    """Return where snapshots are looked for; raises a `UserError` that says why this clone cannot tell."""
    repository = whole(repository)
    known = default or repository.default_branch
    for name in [known] if known else _USUAL:
        if tip := repository.tip(name):
            return FullClone(repository, config, name, tip)
    raise UnfinishedError(
        f"the default branch of origin{f', {known!r},' if known else ''} is not in this clone",
        "check out with `fetch-depth: 0`, or run `git fetch origin` and `git remote set-head origin --auto`",
    )


def known_branches(clone: FullClone) -> dict[str, str]:
    """Return the research branches of origin with their commits, by name."""
    found = research_branches.research_branches(clone.repository, clone.config, clone.default)
    return dict(sorted(found.items()))


def commits_of_branch(
    clone: FullClone, branch: str, head: str, before: str | None = None
) -> tuple[SnapshotCommit, ...]:
    """Return the snapshot commits of a branch, oldest first: its own, and not those that a merge brought in.

    Those that the branch had at `before` already are not what the run was started for.
    """
    commits = clone.repository.commits(head, [clone.tip])
    seen = {it.hash for it in clone.repository.commits(before, [clone.tip])} if before else set()
    return _snapshots_at(clone, [commit for commit in commits if snapshot_lines(commit.message)], branch, seen)


def named_commit(clone: FullClone, revision: str) -> tuple[SnapshotCommit, ...]:
    """Return a commit that somebody names as a snapshot, whatever its message says.

    Raises `UserError` if it is not a commit, or is on neither a research branch nor the default branch of origin.
    """
    digest = clone.repository.commit(revision)
    if digest is None:
        raise not_a_commit(revision)
    known = {*known_branches(clone), clone.default}
    holders = [name for name in clone.repository.branches_with(digest) if name in known]
    if not holders:
        raise UserError(
            f"{digest[:12]} is on neither a research branch nor the default branch of origin",
            "push it to a research branch first: GitHub can only tag commits that it has",
        )
    commit = clone.repository.about([digest])[digest]
    return _snapshots_at(clone, [commit], holders[0] if len(holders) == 1 else "")


def _snapshots_at(
    clone: FullClone, commits: Sequence[Commit], branch: str, seen: Collection[str] = ()
) -> tuple[SnapshotCommit, ...]:
    """Return the snapshots that commits are, one for each line that says so; those `seen` are not requested.

    Of a commit that has too many such lines, one is returned.
    """
    changed = clone.repository.touched(commit.hash for commit in commits)
    found = []
    for commit in commits:
        lines = snapshot_lines(commit.message) or (SnapshotLine(),)
        found += [
            SnapshotCommit(
                commit,
                branch,
                line.name,
                changed.get(commit.hash, ()),
                commit.hash not in seen,
                line.is_title,
                lines=len(lines),
            )
            for line in (lines[:1] if len(lines) > MOST_LINES else lines)
        ]
    return tuple(found)


def candidate(clone: FullClone, source: SnapshotCommit) -> SnapshotCandidate | RefusedSnapshot:
    """Return what a snapshot commit publishes, read in its own tree; or why it gets no tag."""
    logbooks = logbook_files(clone.repository, clone.config, source.commit.hash)
    wanted = {path: logbooks[path] for path in source.changed_files if path in logbooks} or logbooks
    unknown = {digest for path, digest in wanted.items() if (path, digest) not in clone.books}
    contents = clone.repository.contents(sorted(unknown))
    for path, digest in wanted.items():
        if digest in contents:
            clone.books[path, digest] = parse(path, contents[digest])
    found = candidate_of(source, {item[0]: clone.books[item] for item in wanted.items() if item in clone.books})
    return found if isinstance(found, RefusedSnapshot) else replace(found, code=_code_of(found, clone.repository))


def _code_of(found: SnapshotCandidate, repository: Repository) -> CodeCommit | None:
    """Return the commit that the entry records for its command; None where that is the tagged one, or none is told."""
    recorded, own = found.code_commit, found.own_code_commit
    if recorded is None:
        return None
    digest = repository.commit(own or recorded)
    if digest == found.commit.hash:
        return None
    if digest and digest.startswith(own or recorded):  # a branch may have such a name
        return CodeCommit(digest, repository.is_ancestor(digest, found.commit.hash))
    lack = "is not in this clone" if own else "is not in this clone, and may be of another repository"
    return CodeCommit(why=f"commit {(own or recorded)[:12]}, which the entry records, {lack}")


def tagged_commits(clone: FullClone) -> tuple[TaggedCommit, ...]:
    """Return the snapshot tags of the clone."""
    tags = clone.repository.annotated(ALL_TAGS)
    commits = clone.repository.about(tag.commit for tag in tags)
    return tuple(TaggedCommit(tag.name, commits[tag.commit]) for tag in tags if tag.commit in commits)


def ancestries(
    clone: FullClone, candidates: Sequence[SnapshotCandidate], tags: Sequence[TaggedCommit]
) -> frozenset[tuple[str, str]]:
    """Return the pairs (ancestor, descendant) among candidates and tagged commits of one name."""
    pairs = set()
    for one in candidates:
        first, own = first_tag(one), one.commit.hash
        others = [tag.commit.hash for tag in family(first, tags)]
        if own not in others:
            others += [other.commit.hash for other in candidates if first_tag(other) == first]
            pairs |= {(other, own) for other in others if other != own}
    return frozenset(pair for pair in sorted(pairs) if clone.repository.is_ancestor(*pair))


def missing_scripts(clone: FullClone, candidates: Iterable[SnapshotCandidate]) -> frozenset[tuple[str, str]]:
    """Return the scripts, as (tree, path), that the commands of snapshots run and their trees have not."""
    wanted = {script for one in candidates for script in one.scripts}
    return files.missing(clone.repository, None, sorted(wanted))


def commented_tags(
    github: GitHub, decisions: Iterable[TagDecision]
) -> tuple[frozenset[str], Mapping[int, UnfinishedError]]:
    """Return the tags among the existing ones that need no comment, and the issues that GitHub does not tell of.

    They are those whose comment exists too, or whose issue does not, or whose issue GitHub does not tell of: that
    stops no other.
    """
    tags = defaultdict(list)
    for decision in decisions:
        issue = own_issue(decision.candidate.issue, github.site)
        if decision.status is TagStatus.EXISTS and issue is not None:
            tags[issue].append(decision.tag)
    found, untold = set[str](), dict[int, UnfinishedError]()
    for issue, named in tags.items():
        try:
            comments = github.comments(issue)
        except (LimitedError, DeniedError):
            raise
        except UnfinishedError as error:
            found.update(named)
            if not isinstance(error, MissingError | MovedError):
                untold[issue] = error
        else:
            login = github.login()
            found.update(tag for tag in named if is_posted(COMMENT_KIND, tag, comments, login))
    return frozenset(found), untold
