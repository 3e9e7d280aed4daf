"""The copies of logbooks that git holds: on the branches that may be meant, and in snapshots."""

from collections.abc import Iterable, Mapping, Sequence

from research_logbook.config.schema import Config
from research_logbook.issues.links import IssueLink
from research_logbook.logbook import parse, symlink
from research_logbook.logbook.model import Header, Logbook, topic_of
from research_logbook.patterns import matches
from research_logbook.repo.git import Blob, Repository
from research_logbook.repo.logbook_resolution import LogbookCopies, LogbookCopy, PinnedLogbook, branches_named
from research_logbook.repo.logbook_versions import roots
from research_logbook.repo.research_branches import header_of, research_branches
from research_logbook.repo.snapshot_tags import tags_of


def copies_of(
    repository: Repository, config: Config, default_branch: str | None, links: Sequence[IssueLink]
) -> LogbookCopies:
    """Return all copies of logbooks on the default branch, on research branches, and on those that are named.

    A branch is named by one of `links`, or by the header of a logbook that is found on another.
    """
    known = branches(repository)
    default = default_branch if default_branch and default_branch in known else next(iter(known), "")
    research = research_branches(repository, config, default) & known.keys()
    first = {default, *research, *branches_named(links, known)} & known.keys()
    found = _on(repository, config, {name: known[name] for name in sorted(first)})
    headers = _headers(repository, found)
    told = {header.branch for header in headers.values()} & known.keys() - first
    more = _on(repository, config, {name: known[name] for name in sorted(told)})
    headers |= _headers(repository, (copy for copy in more if copy.digest not in headers))
    return LogbookCopies((*found, *more), (), headers, default, frozenset(research))


def branches(repository: Repository) -> Mapping[str, str]:
    """Return the branches of origin, each with its commit; what is checked out, where nothing was fetched."""
    head = repository.commit("HEAD")
    return repository.remote_branches() or ({repository.branch or "HEAD": head} if head else {})


def _on(repository: Repository, config: Config, chosen: Mapping[str, str]) -> list[LogbookCopy]:
    return [
        LogbookCopy(path, name, digest)
        for name, commit in chosen.items()
        for path, digest in repository.files(commit, roots(config)).items()
        if matches(path, config.logbooks)
    ]


def _headers(repository: Repository, found: Iterable[LogbookCopy]) -> dict[str, Header]:
    paths = {copy.digest: copy.path for copy in found}
    contents = repository.contents(list(paths))
    return {digest: header_of(paths[digest], data) for digest, data in contents.items()}


def snapshots_of(repository: Repository, path: str) -> tuple[PinnedLogbook, ...]:
    """Return the snapshots of a logbook's topic, newest first."""
    tags = repository.tags(tags_of(topic_of(path)))
    blobs = repository.read([(commit, path) for _, commit in tags])
    return tuple(
        PinnedLogbook(tag, commit, book_of(path, blobs.get((commit, path))), is_tag=True) for tag, commit in tags
    )


def book_of(path: str, blob: Blob | None) -> Logbook | None:
    """Return the logbook in a file; None where there is none that can be read."""
    parsed = None if blob is None else symlink(path) if blob.is_symlink else parse(path, blob.data)
    return parsed if isinstance(parsed, Logbook) else None


def held(repository: Repository, path: str, names: Iterable[str]) -> dict[str, PinnedLogbook]:
    """Return those of the `names` that are tags, or full hashes of commits, of the repository, with the logbook."""
    tags = dict(repository.tags(""))
    commits = {name: tags.get(name) or _commit(repository, name) for name in names}
    blobs = repository.read([(commit, path) for commit in commits.values() if commit])
    return {
        name: PinnedLogbook(
            name,
            commit,
            book_of(path, blobs.get((commit, path))),
            is_reachable=name in tags or repository.is_led_to(commit),
            is_tag=name in tags,
        )
        for name, commit in commits.items()
        if commit
    }


def _commit(repository: Repository, name: str) -> str | None:
    is_full = len(name) == 40 and set(name) <= set("0123456789abcdef")
    return repository.commit(name) if is_full else None
