"""The pages of the record as HTML: the front page, and for each thread its page, its logbook and its experiments."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from research_logbook import __version__
from research_logbook.github import RepositorySite
from research_logbook.logbook.model import Entry
from research_logbook.logbook.queries import says_none
from research_logbook.markdown.escape import json_text
from research_logbook.record.metric_progress import MetricProgress
from research_logbook.record.sources import IssueFacts
from research_logbook.record.threads import EntryView, Thread, ThreadFacts, age, state_of
from research_logbook.record.trace import Surroundings, TracedEntry, trace_of
from research_logbook.render.html import SafeHtml, with_links
from research_logbook.render.line_chart import ChartLine, line_chart, sparkline
from research_logbook.wandb.runs import History, metric_format

_MOST_NEW = 8
_MOST_STUCK = 12


class Page(NamedTuple):
    """A file of the site."""

    path: str
    text: str


@dataclass(frozen=True)
class Site:
    """What all pages know: whose record it is, and of which day."""

    repository: str
    """OWNER/NAME on GitHub; empty where that is not known."""
    pages: RepositorySite
    as_of: str
    """The day of the newest commit."""
    logbooks: Mapping[str, str]
    """The paths of the logbooks, each with the slug of its thread."""
    version: str = __version__

    @property
    def name(self) -> str:
        """What readers call it."""
        return self.repository or "This repository"

    @property
    def url(self) -> str:
        """The address of the repository; empty where that is not known."""
        return self.pages.url() if self.repository else ""

    def page(self, *steps: str) -> str:
        """Return the address of a page of the repository."""
        return self.pages.url(*steps)


@dataclass(frozen=True, slots=True)
class Curves:
    """How a metric went in the runs of a thread."""

    metric: str
    histories: Sequence[History]


class Row(NamedTuple):
    """A thread in the table of the front page."""

    facts: ThreadFacts
    state: str
    issue: IssueFacts | None
    age: str
    snapshots: int
    sparkline: Markup


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("research_logbook.record"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _rendered(template: str, site: Site, root: str, **values: Any) -> str:
    return _templates().get_template(template).render(site=site, root=root, **values)


def front_pages(
    threads: Sequence[ThreadFacts], issues: Mapping[int, IssueFacts], snapshots: Mapping[str, int], site: Site
) -> Iterator[Page]:
    """Yield the front page, and what is searched; the thread with the newest entry comes first."""
    ordered = sorted(threads, key=lambda it: (it.last.when if it.last else "", it.slug), reverse=True)
    rows = []
    for facts in ordered:
        issue = issues.get(facts.issue) if facts.issue else None
        drawn = sparkline(facts.metric.values, about=f"{facts.metric.name} so far") if facts.metric else ""
        day = facts.last.when if facts.last else ""
        since = age(day, site.as_of) if day else ""
        small = Markup(drawn)  # noqa: S704 - drawn here
        rows.append(Row(facts, state_of(issue), issue, since, snapshots.get(facts.slug, 0), small))
    newest = [(facts, entry) for facts in ordered for entry in facts.newest if entry.when]
    newest.sort(key=lambda it: it[1].when, reverse=True)
    live = [row.facts for row in rows if row.state not in {"sealed", "closed"}]
    yield Page(
        "index.html",
        _rendered(
            "index.html",
            site,
            "",
            threads=rows,
            newest=newest[:_MOST_NEW],
            stuck=[(facts, what) for facts in live for what in facts.stuck][:_MOST_STUCK],
            refuted=[(facts, what) for facts in ordered for what in facts.refuted][:_MOST_STUCK],
        ),
    )
    yield Page("search.js", f'"use strict";\nwindow.recordIndex = {json_text(list(_searched(ordered)))};\n')


def _searched(threads: Iterable[ThreadFacts]) -> Iterator[tuple[str, str]]:
    """Yield what a search finds: a text, and the page that it leads to."""
    for facts in threads:
        tags = f" ({', '.join(facts.tags)})" if facts.tags else ""
        yield f"{facts.name} · {facts.topic}{tags}", f"threads/{facts.slug}.html"
        for one in facts.experiments:
            yield f"{one.id} {one.label}".strip(), f"experiments/{one.id}.html"


def thread_pages(
    thread: Thread, facts: ThreadFacts, site: Site, around: Surroundings, curves: Sequence[Curves] = ()
) -> Iterator[Page]:
    """Yield the pages of a thread: its own, its logbook, and one for each of its experiments."""
    writing = _Writing(thread, facts, site)
    yield Page(f"threads/{thread.slug}.html", writing.thread_page(curves))
    yield Page(f"logbooks/{thread.slug}.html", writing.logbook_page())
    for name in facts.ids:
        yield writing.experiment_page(name, around, [thread])


def experiment_page(name: str, group: Sequence[tuple[Thread, ThreadFacts]], site: Site, around: Surroundings) -> Page:
    """Return the page of an experiment ID, which says what `logbook trace` says; `group` are the threads with it."""
    writing = _Writing(*group[0], site)
    return writing.experiment_page(name, around, [thread for thread, _ in group])


class _Writing:
    """The pages of one thread."""

    def __init__(self, thread: Thread, facts: ThreadFacts, site: Site) -> None:
        self.thread = thread
        self.facts = facts
        self.site = site
        self.experiments = frozenset(facts.ids)
        self._made: dict[tuple[str, int], Markup] = {}
        self._safe = SafeHtml(self.linked)
        self.pinned = thread.source.commit

    def markdown(self, text: str, *, deeper: int = 3) -> Markup:
        """Return Markdown of the logbook as HTML, with links to experiments and threads."""
        known = self._made.get((text, deeper))
        if known is None:
            html = with_links(self._safe.html(text, deeper=deeper), self.experiment_link)
            known = self._made[text, deeper] = Markup(html)  # noqa: S704 - it is clean
        return known

    def linked(self, url: str) -> str | None:
        """Return where a relative link of the logbook leads to: a thread here, else the file on GitHub."""
        path, _, fragment = url.partition("#")
        steps = path.partition("?")[0]
        there = posixpath.normpath(posixpath.join(posixpath.dirname(self.thread.source.path), steps))
        if slug := self.site.logbooks.get(there):
            return f"../threads/{slug}.html"
        if not self.site.url or not self.pinned or there.startswith("..") or steps.startswith("/"):
            return None
        return self.site.page("blob", self.pinned, *there.split("/")) + (f"#{fragment}" if fragment else "")

    def experiment_link(self, name: str) -> str | None:
        """Return the page of an experiment."""
        return f"../experiments/{name}.html" if name in self.experiments else None

    def entry_link(self, entry: Entry) -> Markup:
        """Return a link to an entry's experiment, else to its place in the logbook."""
        name = next(iter(entry.ids), "")
        page = self.experiment_link(name) or f"../logbooks/{self.thread.slug}.html#L{entry.span.line}"
        return Markup('<a href="{}">{}</a>').format(page, name or entry.label or entry.heading)

    def thread_page(self, curves: Sequence[Curves]) -> str:
        """Return the thread's own page."""
        thread, progress = self.thread, self.thread.progress
        by_line = {view.entry.span.line: view for view in thread.entries}
        values = [self._value(entry, figure, by_line) for entry, figure in progress.points] if progress else []
        best = self._value(*progress.best, by_line) if progress and progress.best else None
        summary, place = thread.summary
        last = next((entry for entry in self.facts.newest if entry.said), None)
        number = self.facts.issue
        issue_url = (
            thread.issue.url
            if thread.issue
            else self.site.page("issues", str(number))
            if number and self.site.url
            else ""
        )
        return _rendered(
            "thread.html",
            self.site,
            "../",
            thread=thread,
            name=self.facts.name,
            number=number,
            issue_url=issue_url,
            logbook_url=self._on_github(),
            summary=self.markdown(summary) if summary else "",
            summary_place=place,
            last=last,
            next_action=self._next_action(),
            progress=progress,
            chart=Markup(_chart(progress)) if progress else "",  # noqa: S704 - drawn here
            values=values,
            best=best,
            curves=[_curve(one) for one in curves],
            decisions=[self.markdown(one.text) for one in thread.book.decisions],
            sections=[
                (title, self.markdown(text, deeper=2))
                for title, text in thread.sections("negative-results", "baseline", "stop-criteria", "next-steps")
            ],
            md=self.markdown,
        )

    def _value(self, entry: Entry, figure: Any, by_line: Mapping[int, EntryView]) -> dict[str, Any]:
        view = by_line[entry.span.line]
        return {"link": self.entry_link(entry), "figure": figure, "gain": view.gain, "is_gain": view.is_gain}

    def _next_action(self) -> Markup:
        """Return what the newest entry that says so wants to be done next."""
        for view in self.thread.entries:
            for field in view.entry.all("next-action"):
                return Markup() if says_none(field.text) else self.markdown(field.value)
        return Markup()

    def _on_github(self) -> str:
        return (
            self.site.page("blob", self.pinned, *self.thread.source.path.split("/"))
            if self.pinned and self.site.url
            else ""
        )

    def logbook_page(self) -> str:
        """Return the logbook as on GitHub, each entry named by its line."""
        book = self.thread.book
        lines = {entry.span.line for entry in book.everything}
        body = self._safe.html(book.text, anchors=lines)
        return _rendered(
            "logbook.html",
            self.site,
            "../",
            name=self.facts.name,
            slug=self.facts.slug,
            path=book.path,
            url=self._on_github(),
            body=Markup(with_links(body, self.experiment_link)),  # noqa: S704 - it is clean
        )

    def experiment_page(self, name: str, around: Surroundings, group: Sequence[Thread]) -> Page:
        """Return the page of an experiment: what `logbook trace` says of it."""
        books = [(thread.book, thread.source.branch) for thread in group]
        traced = trace_of(name, books, around)
        views: list[tuple[TracedEntry, EntryView, str]] = []
        of = {
            (thread.book.path, view.entry.span.line): (view, thread.slug) for thread in group for view in thread.entries
        }
        for entry in traced.entries:
            view, slug = of[entry.path, entry.line]
            views.append((entry, view, slug))
        text = _rendered(
            "experiment.html",
            self.site,
            "../",
            trace=traced,
            entries=views,
            slug=self.facts.slug,
            name=self.facts.name,
            md=self.markdown,
            link=_link,
        )
        return Page(f"experiments/{name}.html", text)


def _link(text: str) -> Markup:
    """Return an address as a link, and anything else as it is."""
    if re.fullmatch(r"https?://[^\s\"<>]+", text):
        return Markup('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>').format(text)
    return Markup.escape(text)


def _chart(progress: MetricProgress) -> str:
    """Return the course of the primary metric, with the baseline beside it."""
    values = [figure.value for _, figure in progress.points]
    names = [next(iter(entry.ids), "") or (entry.when.written if entry.when else "") for entry, _ in progress.points]
    lines = [ChartLine(progress.metric, list(enumerate(values)))]
    if progress.baseline and len(values) > 1:
        level = progress.baseline.value
        lines.append(ChartLine("baseline", [(0, level), (len(values) - 1, level)], is_reference=True))
    told = f"{progress.metric} in {len(values)} experiments, from {values[0]:.6g} to {values[-1]:.6g}"
    return line_chart(lines, about=told, names=names)


def _curve(curves: Curves) -> dict[str, Any]:
    """Return the curves of runs, and where each ended."""
    form = metric_format(curves.metric, [y for one in curves.histories for _, y in one.points])
    lines = [ChartLine(one.run.name or one.run.id, one.points) for one in curves.histories]
    return {
        "title": curves.metric,
        "chart": Markup(line_chart(lines, about=f"{curves.metric} in {len(lines)} runs", x_title="step")),  # noqa: S704
        "runs": [
            {
                "name": one.run.name or one.run.id,
                "url": one.run.url if one.run.url.startswith("https://") else "",
                "state": one.run.state,
                "value": form.value(one.run.summary[curves.metric]) if curves.metric in one.run.summary else "",
            }
            for one in curves.histories
        ],
    }
