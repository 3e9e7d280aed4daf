"""The record of one experiment: `trace` follows its ID through logbooks, tags and comments."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from research_logbook.config.schema import Config
from research_logbook.context import RunContext
from research_logbook.errors import UnfinishedError, UserError, did_you_mean
from research_logbook.github.client import GitHub
from research_logbook.github.models import Comment
from research_logbook.logbook import experiment_ids, parse
from research_logbook.logbook.model import EntryKind, Logbook, topic_of
from research_logbook.logbook.queries import (
    commands_of,
    commit_of,
    has_result,
    is_none,
    pending_result,
    says_none,
    second_runs,
)
from research_logbook.markdown.escape import json_text, quoted, terminal_line
from research_logbook.repo import files, tags_of
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_resolution import own_issue
from research_logbook.repo.research_branches import ids_here, research_branches
from research_logbook.repo.versions import logbook_files, roots


@dataclass(frozen=True, slots=True)
class TracedEntry:
    """An entry with the ID."""

    path: str
    branch: str
    """Where it was found; empty for the work tree."""
    line: int
    when: str
    label: str
    kind: str
    command: str
    """The first command it records; empty where it has none."""
    commit: str
    result: str
    is_pending: bool
    has_result: bool
    runs: tuple[str, ...]
    """What it says of its runs: links to W&B, else the field."""


@dataclass(frozen=True, slots=True)
class TracedRerun:
    """An entry that ran the experiment again."""

    id: str
    path: str
    branch: str
    """Where it was found; empty for the work tree."""
    line: int
    interpretation: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of one experiment."""

    id: str
    entries: tuple[TracedEntry, ...]
    snapshots: tuple[tuple[str, str], ...]
    """The snapshot tags of the ID, each with its commit."""
    issue: int | None
    issue_elsewhere: str
    """What a logbook says in place of an issue of this repository, such as that there is none; empty for nothing."""
    needs_no_snapshot: bool
    """Whether an entry says that there is no snapshot of it."""
    comments: tuple[Comment, ...] | None
    """Those on the issue that name the ID; None where GitHub did not tell."""
    unasked: str
    """Why it did not; empty where it did, and where there is no issue."""
    unknown_commits: tuple[str, ...]
    """Commits that the entries record and this clone lacks."""
    second_runs: tuple[TracedRerun, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What a whole record of an experiment has and this one lacks, in words."""
        entries = [entry for entry in self.entries if entry.kind == EntryKind.EXPERIMENT] or self.entries
        is_pending = any(entry.is_pending for entry in entries)
        lacks = {
            "no entry records its command": not any(entry.command for entry in entries),
            "no entry records its commit": not any(entry.commit for entry in entries),
            **{f"commit {commit} is not in this clone": True for commit in self.unknown_commits},
            "its result is pending" if is_pending else "no entry has a result": not any(
                entry.has_result for entry in entries
            ),
            "no entry links a run": not any(entry.runs for entry in entries),
            "no snapshot tag is named for it": not (self.snapshots or self.needs_no_snapshot),
            "its logbook names no issue": self.issue is None and not self.issue_elsewhere,
            f"no comment on #{self.issue} names it": self.issue is not None and self.comments == (),
        }
        return tuple(what for what, is_lacking in lacks.items() if is_lacking)


def trace(name: str, context: RunContext, github: GitHub | None) -> Trace:
    """Return what carries the experiment ID; raises `UserError` where no logbook has an entry of it."""
    if experiment_ids.before(name) != ((name,), ""):
        is_in_capitals = experiment_ids.before(name.upper()) == ((name.upper(),), "")
        fix = (
            f"did you mean {name.upper()}?"
            if is_in_capitals
            else "write it as in an entry's heading, such as MOE-HC-003"
        )
        raise UserError(f"`{quoted(name)}` is not an experiment ID", fix)
    repository = context.clone()
    books = list(_books(name, repository, context.work_tree_config))
    entries = tuple(entry for book, branch in books for entry in entries_of(name, book, branch))
    if not entries and books:
        where = f"{books[0][0].path}{f' on {books[0][1]}' if books[0][1] else ''}"
        raise UserError(
            f"{where} names {name}, but has no entry of it", f"a heading such as `### DATE - {name} label` makes one"
        )
    if not entries:
        fix = "`git fetch origin` brings the research branches into this clone"
        prefix = experiment_ids.prefix_of(name)
        if here := repository.containing(f"{prefix}-", roots(context.work_tree_config)):
            fix = f"`logbook inspect {here[0]}` lists the entries of {prefix} there; {fix}"
        # Another number is another experiment: only what differs otherwise can be a slip.
        number = _number_of(name)
        alike = (it for it in ids_here(repository, context.work_tree_config) if _number_of(it) == number)
        fix = did_you_mean(name, alike, otherwise=fix)
        raise UserError(f"no logbook here has an entry {name}", fix)
    # Only an issue of this repository; without GitHub nobody knows which that is.
    issues = [book.header.issue for book, _ in books if book.header.issue]
    numbers = [own_issue(one, github.site) if github else one.number for one in issues]
    issue = next(filter(None, numbers), None)
    comments, unasked = None, "GitHub was not asked; set GITHUB_TOKEN or GH_TOKEN" if issue else ""
    if github and issue:
        try:
            comments, unasked = github.comments(issue), ""
        except UnfinishedError as error:
            unasked = error.sentence
    topics = dict.fromkeys(topic_of(book.path) for book, _ in books)
    tags = [tag for topic in topics for tag in repository.newest_first(repository.tags(tags_of(topic)))]
    commits = dict.fromkeys(entry.commit for entry in entries if entry.commit)
    unknown = {commit for commit in commits if repository.commit(commit) is None}
    return trace_of(name, books, Surroundings(issue, comments, tuple(tags), frozenset(unknown), unasked))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around the logbooks that have an experiment."""

    issue: int | None
    comments: tuple[Comment, ...] | None
    """All of the issue's; None where GitHub was not asked."""
    tags: tuple[tuple[str, str], ...]
    """The snapshots of their topics, each with its commit."""
    unknown_commits: frozenset[str]
    """Commits that entries record and this clone lacks."""
    unasked: str = ""
    """Why GitHub did not tell the comments; empty where it did, and where there is no issue."""


def trace_of(name: str, books: Sequence[tuple[Logbook, str]], around: Surroundings) -> Trace:
    """Return what is known of one experiment; `books` have entries of it, each with the branch it was found on."""
    entries = tuple(entry for book, branch in books for entry in entries_of(name, book, branch))
    issues = [book.header.issue for book, _ in books if book.header.issue]
    comments = around.comments
    return Trace(
        id=name,
        entries=entries,
        snapshots=tuple(tag for tag in around.tags if is_snapshot_of(tag[0], name)),
        issue=around.issue,
        issue_elsewhere="" if around.issue or not issues else issues[0].written,
        needs_no_snapshot=any(_says_no_snapshot(name, book) for book, _ in books),
        comments=None
        if comments is None
        else tuple(one for one in comments if name in experiment_ids.found(one.text, experiment_ids.prefix_of(name))),
        unasked=around.unasked,
        unknown_commits=tuple(
            dict.fromkeys(entry.commit for entry in entries if entry.commit in around.unknown_commits)
        ),
        second_runs=tuple(
            TracedRerun(run.name, book.path, branch, run.entry.span.line, run.says)
            for book, branch in books
            for run in second_runs(book, name)
        ),
    )


def _number_of(name: str) -> str:
    return name.rpartition("-")[2].lstrip("0")


def _books(name: str, repository: Repository, config: Config) -> Iterator[tuple[Logbook, str]]:
    """Yield the logbooks that name the ID: the work tree's, then each that only a research branch has, with that."""
    seen: set[str] = set()
    for branch, tip in {"": "", **research_branches(repository, config, None)}.items():
        found = logbook_files(repository, config, tip)
        digests = {path: found[path] for path in sorted(found) if path not in seen}
        contents = repository.contents(list(digests.values())) if branch else {}
        here = {} if branch else files.read_all(repository, list(digests))
        for path, digest in digests.items():
            data = contents.get(digest) if branch else here[path]
            if isinstance(data, bytes) and name.encode() in data:
                seen.add(path)
                book = parse(path, data)
                if isinstance(book, Logbook):
                    yield book, branch


def entries_of(name: str, book: Logbook, branch: str) -> Iterator[TracedEntry]:
    """Yield the entries of a logbook with the ID."""
    for entry in book.everything:
        if name not in (*entry.ids, *entry.heading_ids):
            continue
        result = next((field for field in entry.all("result") if not field.is_pending), entry.first("result"))
        links = dict.fromkeys(link.url for link in entry.links if re.match(r"https?://[^/]*wandb", link.url))
        yield TracedEntry(
            path=book.path,
            branch=branch,
            line=entry.span.line,
            when=entry.when.written if entry.when else "",
            label=entry.label,
            kind=str(entry.kind),
            command=next((place.text for place in commands_of(entry)), "").strip(),
            commit=commit_of(entry) or "",
            result=result.text if result else "",
            is_pending=pending_result(entry) is not None,
            has_result=has_result(entry),
            runs=tuple(links or (field.text for field in entry.all("run"))),
        )


def _says_no_snapshot(name: str, book: Logbook) -> bool:
    """Return whether an entry with the ID says that there is no snapshot of it."""
    entries = (entry for entry in book.everything if name in (*entry.ids, *entry.heading_ids))
    fields = (field for entry in entries for field in entry.all("snapshot", "snapshots", "snapshot-tag"))
    return any(is_none(field.text) or says_none(field.text) for field in fields)


def is_snapshot_of(tag: str, name: str) -> bool:
    """Return whether a snapshot tag is one of the ID, or a later one of it: `MOE-HC-003.2`."""
    return re.fullmatch(rf"{re.escape(name)}(?:\.\d+)?", tag.rpartition("/")[2]) is not None


def trace_text(trace: Trace) -> str:
    """Return a line for each thing that carries the ID, and what is missing."""
    lines: list[tuple[str, str]] = []
    for entry in trace.entries:
        branch = f" on {entry.branch}" if entry.branch else ""
        about = [
            ("entry", f"{entry.path}:{entry.line}{branch}: {entry.when} {entry.label} ({entry.kind})"),
            ("command", entry.command),
            ("commit", entry.commit),
            ("result", entry.result),
            *(("run", run) for run in entry.runs),
        ]
        lines += [(name, terminal_line(value, 160)) for name, value in about if value]
    for run in trace.second_runs:
        branch = f" on {run.branch}" if run.branch else ""
        said = run.interpretation or "says nothing of it yet"
        lines.append(("rerun", terminal_line(f"{run.path}:{run.line}{branch}: {run.id} {said}", 300)))
    lines += [("snapshot", f"{terminal_line(tag)} at {commit[:12]}") for tag, commit in trace.snapshots]
    if trace.issue is not None:
        lines.append(("issue", f"#{trace.issue}"))
    elif trace.issue_elsewhere:
        lines.append(("issue", terminal_line(trace.issue_elsewhere, 160)))
    for comment in trace.comments or ():
        lines.append(("comment", terminal_line(f"{comment.url} by {comment.author}, {comment.created_at:%Y-%m-%d}")))
    lines += [("missing", terminal_line(what)) for what in trace.missing]
    if trace.unasked:
        lines.append(("unknown", terminal_line(f"comments on the issue: {trace.unasked}")))
    return f"{trace.id}\n" + "".join(f"  {name:<9} {text}\n" for name, text in lines)


def trace_json(trace: Trace) -> str:
    """Return `{"version": 1, "id", "entries", "second_runs", "snapshots", …, "missing", "unknown"}`."""
    comments = trace.comments
    return json_text(
        {
            "version": 1,
            "id": trace.id,
            "entries": [asdict(entry) for entry in trace.entries],
            "second_runs": [asdict(run) for run in trace.second_runs],
            "snapshots": [{"tag": tag, "commit": commit} for tag, commit in trace.snapshots],
            "issue": trace.issue,
            "comments": None
            if comments is None
            else [{"url": one.url, "author": one.author, "created": one.created_at.isoformat()} for one in comments],
            "missing": list(trace.missing),
            "unknown": [f"comments on the issue: {trace.unasked}"] if trace.unasked else [],
        }
    )
