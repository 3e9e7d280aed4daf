"""Skeletons of what a close-out lacks: to be filled in, for unchanged they satisfy nothing."""

from collections.abc import Callable, Iterator, Mapping

from research_logbook.repo.logbook_copies import PinnedLogbook
from research_logbook.seal.checks.check import Closing
from research_logbook.seal.facts import holds
from research_logbook.seal.judge import SealReport

_Draft = Callable[[Closing], Iterator[str]]


def drafts(closing: Closing, report: SealReport) -> str:
    """Return skeletons for the checks that do not hold, Markdown, by where they belong."""
    lacking = [verdict.check for verdict in report.verdicts if not verdict.holds]
    parts = [
        f"{title}\n\n" + "\n\n".join(found)
        for title, places in _PLACES.items()
        if (found := [part for name in lacking if name in places for part in places[name](closing)])
    ]
    return "\n\n".join(parts) + "\n" if parts else "nothing is missing\n"


def _text(text: str) -> _Draft:
    return lambda _: iter((text,))


def _snapshot(closing: Closing) -> Iterator[str]:
    found = _holding(closing)
    if found:
        yield f"- Final snapshot: [{found.name}]({closing.thread.page('tree', found.name)})"
    else:
        yield "- Final snapshot: TODO: snapshot the last entry that has a result, and link its tag"


def _holding(closing: Closing) -> PinnedLogbook | None:
    entry = closing.entry
    return next((held for held in closing.thread.snapshots if entry and holds(held.book, entry)), None)


def _pulls(closing: Closing) -> Iterator[str]:
    linked = {link.number for link in closing.body.links if link.is_link}
    merged = [pull for pull in closing.thread.pulls if pull.is_merged and pull.number not in linked]
    if merged:
        yield "\n".join(f"- Production pull request: #{pull.number}" for pull in merged)


def _logbook(closing: Closing) -> Iterator[str]:
    thread = closing.thread
    if thread.book and not any(link.path == thread.book.path for link in closing.body.links):
        yield f"- Logbook: [{thread.book.path}]({thread.page('blob', thread.ref, thread.book.path)})"


def _sections(closing: Closing) -> Iterator[str]:
    there = {section.title.casefold() for section in closing.body.sections if not section.is_empty}
    for title in closing.config.seal.sections:
        if title.casefold() not in there:
            yield f"## {title}\n\nTODO"


def _entry(closing: Closing) -> Iterator[str]:
    yield (
        f"### {closing.thread.now:%Y-%m-%d %H:%M} UTC - close-out\n\n"
        "- Decision: TODO\n- Result: TODO\n- Interpretation: TODO\n- Next action: TODO"
    )


_COMMENT = """\
- What worked: TODO
- What did not: TODO
- Confidence: TODO
- Limitations: TODO
- Next steps: TODO"""

_QUEUE = "## Hypothesis Queue\n\nTODO: settle each that is proposed or active, with its evidence"

_PLACES: Mapping[str, Mapping[str, _Draft]] = {
    "<!-- In the issue's body -->": {
        "tldr-current": _text("## TL;DR\n\nTODO: what came of it, with the ID of the last result"),
        "decision-log": _text("## Decision log\n\n- TODO: day, decision, evidence"),
        "negative-results": _text("## Negative results\n\n- TODO: what did not work, with its entry"),
        "conclusion": _text("## Conclusion\n\nTODO: the answer that the thread gives"),
        "next-steps": _text("## Next steps\n\n1. TODO"),
        "sections": _sections,
        "docs-updated": _text("## Documentation\n\nTODO: a link to what was updated, or that none is needed"),
    },
    "## Links": {"final-entry": _logbook, "final-snapshot": _snapshot, "production-pr": _pulls},
    "<!-- As a comment -->": {"final-comment": _text(_COMMENT)},
    "<!-- In the logbook -->": {"hypotheses-settled": _text(_QUEUE), "final-entry": _entry},
}
