"""The record of one experiment: `trace` follows its ID through logbooks, tags and comments."""

from collections.abc import Iterator

from research_logbook.config.schema import Config
from research_logbook.context import RunContext
from research_logbook.errors import UserError
from research_logbook.github.client import GitHub
from research_logbook.logbook import experiment_ids, parse
from research_logbook.logbook.model import Logbook, topic_of
from research_logbook.markdown.escape import quoted
from research_logbook.patterns import matches
from research_logbook.record.experiment import Trace, TracedTag, entries_of, is_snapshot_of
from research_logbook.repo import files
from research_logbook.repo.commits import tags_of
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import research_branches
from research_logbook.repo.versions import roots


def trace(name: str, context: RunContext, github: GitHub | None) -> Trace:
    """Return what carries the experiment ID; raises `UserError` where no logbook has an entry of it."""
    if experiment_ids.before(name) != ((name,), ""):
        raise UserError(
            f"`{quoted(name)}` is not an experiment ID", "write it as in an entry's heading, such as MOE-HC-003"
        )
    repository = context.clone()
    books = list(_books(name, repository, context.work_tree_config))
    entries = tuple(entry for book, branch in books for entry in entries_of(name, book, branch))
    if not entries:
        raise UserError(
            f"no logbook here has an entry {name}", "`git fetch origin` brings the research branches into this clone"
        )
    # Only an issue of this repository; without GitHub nobody knows which that is.
    issues = (book.header.issue for book, _ in books if book.header.issue)
    numbers = (github.site.own_issue(one) if github else one.number for one in issues)
    issue = next(filter(None, numbers), None)
    comments = github.comments(issue) if github and issue else None
    tags = [
        tag
        for topic in dict.fromkeys(topic_of(book.path) for book, _ in books)
        for tag in repository.tags(tags_of(topic))
    ]
    commits = dict.fromkeys(entry.commit for entry in entries if entry.commit)
    return Trace(
        id=name,
        entries=entries,
        snapshots=tuple(TracedTag(*tag) for tag in tags if is_snapshot_of(tag[0], name)),
        issue=issue,
        comments=None
        if comments is None
        else tuple(one for one in comments if name in experiment_ids.found(one.text, experiment_ids.prefix_of(name))),
        unknown_commits=tuple(commit for commit in commits if repository.commit(commit) is None),
    )


def _books(name: str, repository: Repository, config: Config) -> Iterator[tuple[Logbook, str]]:
    """Yield the logbooks that name the ID: the work tree's, then each that only a research branch has, with that."""
    seen: set[str] = set()
    for branch, tip in {"": "", **research_branches(repository, config, None)}.items():
        # The work tree's files have no digests that git knows.
        found = repository.files(tip, roots(config)) if branch else dict.fromkeys(repository.tracked(roots(config)), "")
        digests = {path: found[path] for path in sorted(found) if matches(path, config.logbooks) and path not in seen}
        contents = repository.contents(list(digests.values())) if branch else {}
        for path, digest in digests.items():
            data = contents.get(digest) if branch else files.read(repository.root / path, path)
            if isinstance(data, bytes) and name.encode() in data:
                seen.add(path)
                book = parse(path, data)
                if isinstance(book, Logbook):
                    yield book, branch
