"""The record as a folder of pages: what has changed is read and written again, what has gone is removed.

`record.json` in the folder is what other programs read, and how the next run knows what it need not do.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.resources import files as resources
from pathlib import Path
from typing import NamedTuple

import msgspec

from research_logbook.context import RunContext
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.github import RepositorySite
from research_logbook.github.client import GitHub
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, topic_of
from research_logbook.markdown.escape import quoted
from research_logbook.markdown.tree import NestingError
from research_logbook.private_text import without_private
from research_logbook.record.pages import Curves, Page, Site, experiment_page, front_pages, thread_pages
from research_logbook.record.sources import IssueFacts, ThreadSource, issues, newest_day, snapshots, thread_sources
from research_logbook.record.threads import Thread, ThreadFacts, facts_of, state_of
from research_logbook.record.trace import Surroundings
from research_logbook.repo import tag_part
from research_logbook.repo.logbook_resolution import own_issue
from research_logbook.repo.research_branches import header_of
from research_logbook.wandb import histories
from research_logbook.wandb.client import RunSource

MANIFEST = "record.json"
_VERSION = 1
_FEW = 12
"""Threads that one process makes about as fast as several."""
_HASH = re.compile(rb"(?<![0-9A-Za-z])[0-9a-f]{7,40}(?![0-9A-Za-z])")


class PageSet(msgspec.Struct, frozen=True):
    """The files of a thread, and a name for everything that they were made of."""

    key: str
    files: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True):
    """What `record.json` holds."""

    version: int = _VERSION
    repository: str = ""
    as_of: str = ""
    threads: tuple[ThreadFacts, ...] = ()
    states: dict[str, str] = {}
    """Where each thread stands, by its slug."""
    made: dict[str, PageSet] = {}
    """The files of each thread, by its slug."""
    files: tuple[str, ...] = ()
    """Those of all threads together."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a run made."""

    threads: int
    read: int
    """Threads whose pages were made, and not kept."""
    written: tuple[str, ...]
    """Files that are new or say something else than before."""
    removed: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    """All that the pages of one thread are made of."""

    slug: str
    source: ThreadSource
    site: Site
    held_back: tuple[str, ...]
    issue: int | None
    about: IssueFacts | None
    around: Surroundings
    curves: tuple[Curves, ...]

    def key(self, maker: str) -> str:
        """Return a name for it."""
        parts = (maker, self.slug, self.source.path, self.source.branch, self.source.commit, self.source.digest)
        around = (self.around.issue, self.around.comments, self.around.tags, sorted(self.around.unknown_commits))
        rest = (self.site, self.held_back, self.issue, self.about, around, self.curves)
        return sha256(repr((parts, rest)).encode("utf-8", "surrogateescape")).hexdigest()


class _Done(NamedTuple):
    facts: ThreadFacts | None
    """None for a logbook that cannot be read."""
    pages: tuple[Page, ...]
    note: str = ""


def make(
    out: Path, context: RunContext, github: GitHub | None, runs: RunSource | None = None, *, processes: int = 0
) -> Made:
    """Write the site into the folder `out`, and return what was done; runs of W&B are drawn where there is a source.

    Raises `UserError` where the folder holds something else.
    """
    before, notes = _manifest_in(out), list[str]()
    jobs = _jobs(context, github, runs, notes)
    maker = _maker()
    keys = {job.slug: job.key(maker) for job in jobs}
    kept = {
        facts.slug: facts
        for facts in before.threads
        if facts.slug in keys
        and keys[facts.slug] == before.made[facts.slug].key
        and _are_there(out, before, facts.slug)
    }
    todo = [job for job in jobs if job.slug not in kept]
    facts, made = dict(kept), {slug: before.made[slug] for slug in kept}
    pages: list[Page] = []
    done_jobs = context.progress.over("making pages of threads", _done(todo, processes), len(todo))
    for job, done in zip(todo, done_jobs, strict=True):
        if done.note:
            notes.append(done.note)
        if done.facts:
            facts[job.slug] = done.facts
            made[job.slug] = PageSet(keys[job.slug], tuple(page.path for page in done.pages))
            pages += done.pages
    threads = [facts[job.slug] for job in jobs if job.slug in facts]
    site = _site(context, jobs)
    by_slug = {job.slug: job for job in jobs}
    pages += _shared_pages(threads, by_slug)
    known = {job.issue: job.about for job in jobs if job.issue and job.about}
    tags = {job.slug: len(job.around.tags) for job in jobs}
    common = [*front_pages(threads, known, tags, site), *_static()]
    states = {one.slug: str(state_of(by_slug[one.slug].about)) for one in threads}
    manifest = Manifest(
        repository=site.repository,
        as_of=site.as_of,
        threads=tuple(threads),
        states=states,
        made=dict(sorted(made.items())),
        files=tuple(page.path for page in common),
    )
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1).decode() + "\n"
    written = _write(out, [*pages, *common, Page(MANIFEST, text)])
    old = {*before.files, *(file for one in before.made.values() for file in one.files)}
    new = {*manifest.files, *(file for one in made.values() for file in one.files)}
    removed = _remove(out, sorted(old - new))
    return Made(len(threads), len(todo), tuple(written), tuple(removed), tuple(notes))


def _jobs(context: RunContext, github: GitHub | None, runs: RunSource | None, notes: list[str]) -> list[_Job]:
    """Return what the pages of each thread are made of; nothing of it is parsed but the headers."""
    repository, config = context.clone(), context.work_tree_config
    sources = list(thread_sources(context))
    slugs = _slugs(source.path for source in sources)
    pages = (
        RepositorySite(github.repository, github.site.server)
        if github
        else RepositorySite(context.github_name or "", context.site.server)
    )
    site = Site(
        context.github_name or "", pages, "", {source.path: slug for source, slug in zip(sources, slugs, strict=True)}
    )
    headers = [header_of(source.path, source.data) for source in sources]
    numbers = [own_issue(header.issue, pages) if pages.repository else None for header in headers]
    asked = context.progress.over("asking GitHub about issues", sorted(set(filter(None, numbers))))
    about = issues(asked, github, notes) if github else {}
    tags = snapshots(repository)
    named = [frozenset(it.decode() for it in _HASH.findall(source.data)) for source in sources]
    there = repository.exist(f"{name}^{{commit}}" for name in sorted(frozenset().union(*named)))
    jobs = []
    for source, slug, number, names in zip(sources, slugs, numbers, named, strict=True):
        issue = about.get(number) if number else None
        unknown = frozenset(name for name in names if not there.get(f"{name}^{{commit}}"))
        topic = topic_of(source.path)
        unasked = "" if issue or not number else "GitHub was not asked" if github is None else "it could not be read"
        snapshots_here = tuple(tags.get(tag_part(topic), ()))
        around = Surroundings(number, issue.comments if issue else None, snapshots_here, unknown, unasked)
        curves = tuple(_curves(source, runs, context, notes)) if runs else ()
        jobs.append(_Job(slug, source, site, tuple(config.held_back), number, issue, around, curves))
    return jobs


def _curves(source: ThreadSource, runs: RunSource, context: RunContext, notes: list[str]) -> Iterator[Curves]:
    """Yield the curves of a thread's runs; where they cannot be read, `notes` says why."""
    book = parse(source.path, source.data)
    if not isinstance(book, Logbook):
        return
    runs.notes.clear()
    try:
        metric, found = histories(book, runs, context.work_tree_config)
    except UnfinishedError as error:
        notes.append(f"{source.path}: {error.sentence}")
        return
    notes += runs.notes
    if metric:
        yield Curves(metric, tuple(found))


def _slugs(paths: Iterable[str]) -> list[str]:
    """Return a name for the pages of each logbook: its topic, and where several have it, more of its path."""
    slugs: list[str] = []
    for path in paths:
        slug = tag_part(topic_of(path))
        if slug.casefold() in {other.casefold() for other in slugs}:
            slug = f"{slug}-{sha256(path.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}"
        slugs.append(slug)
    return slugs


def _site(context: RunContext, jobs: Sequence[_Job]) -> Site:
    """Return what the front page knows: as other pages do, and the day of the newest commit."""
    day = newest_day(context.clone(), (job.source.commit for job in jobs if job.source.commit))
    pages = jobs[0].site if jobs else Site(context.github_name or "", context.site, "", {})
    return Site(pages.repository, pages.pages, day or context.now.date().isoformat(), {})


# Making


def _done(jobs: Sequence[_Job], processes: int) -> Iterator[_Done]:
    """Yield what is made of each job, in their order; of many, in several processes."""
    count = min(processes or os.cpu_count() or 1, len(jobs))
    if count < 2 or len(jobs) <= _FEW:
        yield from map(_made, jobs)
        return
    with ProcessPoolExecutor(count) as pool:
        yield from pool.map(_made, jobs, chunksize=4)


def _made(job: _Job) -> _Done:
    thread = _thread(job)
    if isinstance(thread, str):
        return _Done(None, (), thread)
    facts = facts_of(thread, job.issue)
    try:
        return _Done(facts, tuple(thread_pages(thread, facts, job.site, job.around, job.curves)))
    except NestingError as error:
        return _Done(None, (), f"{job.source.path}:{error.line}: the logbook is {error}, so it has no page")


def _thread(job: _Job) -> Thread | str:
    """Return a thread without what must not be published, or a sentence that says why it cannot be read."""
    data = without_private(job.source.data.decode("utf-8", "surrogateescape"), job.held_back)
    book = parse(job.source.path, data.encode("utf-8", "surrogateescape"))
    if not isinstance(book, Logbook):
        return f"{book.path}:{book.line}: the logbook {book.reason}, so it has no page"
    about = job.about
    if about:
        about = replace(about, body=without_private(about.body, job.held_back))
    return Thread(job.slug, job.source, book, about, job.around.tags)


def _shared_pages(threads: Sequence[ThreadFacts], jobs: Mapping[str, _Job]) -> Iterator[Page]:
    """Yield the pages of the experiment IDs that several threads have an entry of."""
    having: dict[str, list[ThreadFacts]] = {}
    for facts in threads:
        for name in facts.ids:
            having.setdefault(name, []).append(facts)
    shared = {name: group for name, group in having.items() if len(group) > 1}
    parsed = {facts.slug: _thread(jobs[facts.slug]) for group in shared.values() for facts in group}
    for name, group in shared.items():
        members = [(thread, facts) for facts in group if isinstance(thread := parsed[facts.slug], Thread)]
        around = [jobs[facts.slug].around for facts in group]
        tags = tuple(tag for one in around for tag in one.tags)
        issue = next((one for one in around if one.issue), around[0])
        unknown = frozenset[str]().union(*(one.unknown_commits for one in around))
        yield experiment_page(
            name, members, jobs[group[0].slug].site, Surroundings(issue.issue, issue.comments, tags, unknown)
        )


def _static() -> Iterator[Page]:
    """Yield what is the same in every record: its style and its script, and what tells GitHub to take all as it is."""
    for one in sorted(resources("research_logbook.record").joinpath("static").iterdir(), key=lambda it: it.name):
        yield Page(one.name, one.read_text("utf-8"))
    yield Page(".nojekyll", "")


def _maker() -> str:
    """Return a name for the program: whatever it is that makes the pages, another one makes them anew."""
    digest = sha256()
    package = Path(str(resources("research_logbook")))
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".html"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()


# The folder


def _manifest_in(out: Path) -> Manifest:
    """Return what an earlier run made in the folder; raises `UserError` where something else is there."""
    if out.exists() and not out.is_dir():
        raise UserError(f"{quoted(str(out))} is not a folder", "name a folder for the pages")
    if not out.exists() or not any(out.iterdir()):
        return Manifest()
    file = out / MANIFEST
    if not file.is_file():
        raise UserError(f"{quoted(str(out))} is not empty, and holds no record", "name a new folder")
    try:
        found = msgspec.json.decode(file.read_bytes(), type=Manifest)
    except msgspec.MsgspecError as error:
        raise UserError(
            f"{quoted(str(file))} cannot be read: {error}", "delete the folder, then run it again"
        ) from error
    names = [*found.files, *(name for one in found.made.values() for name in one.files)]
    if found.version != _VERSION or not all(map(_is_inside, names)):
        raise UserError(f"{quoted(str(file))} is of another version of logbook", "delete the folder, then run it again")
    return found


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in name.split("/")


def _are_there(out: Path, before: Manifest, slug: str) -> bool:
    return all((out / name).is_file() for name in before.made[slug].files)


def _write(out: Path, pages: Iterable[Page]) -> Iterator[str]:
    """Write what is new or says something else than before, and yield its path; a reader never sees half a page."""
    for page in {page.path: page for page in pages}.values():
        path, data = out / page.path, page.text.encode("utf-8", "replace")
        if path.is_file() and path.read_bytes() == data:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(data)
        part.replace(path)
        yield page.path


def _remove(out: Path, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        path = out / name
        if path.is_file():
            path.unlink()
            yield name
