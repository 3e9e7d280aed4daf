"""Where the record comes from: the logbooks of all threads in a clone, their snapshots, and GitHub's issues."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from research_logbook.context import RunContext
from research_logbook.effects import SEALED
from research_logbook.errors import UnfinishedError
from research_logbook.github.client import GitHub
from research_logbook.github.models import Comment
from research_logbook.repo import ALL_TAGS, files
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import BranchLogbooks
from research_logbook.repo.versions import logbook_files


@dataclass(frozen=True, slots=True)
class ThreadSource:
    """The one text of a thread's logbook that counts."""

    path: str
    branch: str
    commit: str
    """Of the branch; empty where the work tree holds what no commit does."""
    data: bytes

    @property
    def digest(self) -> str:
        """A name for the text."""
        return sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """What GitHub says of an experiment issue."""

    number: int
    title: str
    url: str
    is_open: bool
    is_sealed: bool
    body: str
    comments: tuple[Comment, ...]


def thread_sources(context: RunContext) -> Iterator[ThreadSource]:
    """Yield each logbook of the default and the research branches once, by path.

    On a laptop a local branch counts before what was pushed of it, and the work tree before the branch that is checked
    out: whoever looks at their own clone sees what they have written.
    """
    repository, config = context.clone(), context.work_tree_config
    known = _known(context, repository)
    versions = {path: found[0] for path, found in known.preferred().items()}
    here = "" if context.in_actions else repository.branch or "HEAD"
    paths = list(logbook_files(repository, config)) if here else []
    own = [path for path in paths if path not in versions or versions[path][0] in {here, "HEAD"}]
    texts = files.read_all(repository, own)
    digests = {digest for _, digest in versions.values()}
    contents = repository.contents(sorted(digests))
    for path in sorted({*versions, *own}):
        branch, digest = versions.get(path, (here, ""))
        data = texts.get(path, contents.get(digest))
        if isinstance(data, bytes):
            is_committed = contents.get(digest) == data
            commit = known.tips.get(branch, "") if is_committed else ""
            yield ThreadSource(path, (repository.branch or "") if branch == "HEAD" else branch, commit, data)


def _known(context: RunContext, repository: Repository) -> BranchLogbooks:
    tips = dict(repository.remote_branches())
    if not (context.in_actions and tips):
        heads = (
            (ref, commit) for ref, commit in repository.branches().commits.items() if ref.startswith("refs/heads/")
        )
        tips |= {ref.removeprefix("refs/heads/"): commit for ref, commit in heads}
    default = context.default_branch if context.default_branch in tips else "HEAD"
    head = repository.commit("HEAD") if default == "HEAD" else None
    return BranchLogbooks.read(repository, context.work_tree_config, default, {**tips, "HEAD": head} if head else tips)


def snapshots(repository: Repository) -> dict[str, list[tuple[str, str]]]:
    """Return the snapshot tags by the part of their name that is the topic's, newest first, with their commits."""
    found: dict[str, list[tuple[str, str]]] = {}
    for tag, commit in repository.newest_first(repository.tags(ALL_TAGS)):
        found.setdefault(tag.split("/")[1], []).append((tag, commit))
    return found


def issues(numbers: Iterable[int], github: GitHub, notes: list[str]) -> dict[int, IssueFacts]:
    """Return what GitHub says of issues; one that cannot be read is left out, and `notes` says so."""
    found = {}
    for number in numbers:
        try:
            issue = github.issue(number)
            if issue is None:
                notes.append(f"#{number} is not an issue of {github.repository}")
                continue
            comments = github.comments(number) if issue.comment_count else ()
        except UnfinishedError as error:
            notes.append(f"#{number}: {error.sentence}")
            continue
        is_sealed = not issue.is_open and SEALED in {name.casefold() for name in issue.label_names}
        found[number] = IssueFacts(number, issue.title, issue.url, issue.is_open, is_sealed, issue.text, comments)
    return found


def newest_day(repository: Repository, commits: Iterable[str]) -> str:
    """Return the day on which the newest of some commits was made, ISO 8601; empty for none."""
    return max((commit.authored_at[:10] for commit in repository.about(sorted(set(commits))).values()), default="")
