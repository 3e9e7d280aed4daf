"""A draft of what a record lacks, with all that is known filled in: IDs, failures, hypotheses, decisions, links. Pure.

What nobody but its author can know is a `TODO` at the end of its line, and what stands behind it says what to write.
Pasted in as it is, a draft satisfies no check by anything but what is true.
"""

import re
from collections.abc import Callable, Collection, Iterator

from research_logbook.issues.wandb_server import on_wandb
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Entry, Logbook, Status
from research_logbook.logbook.queries import (
    commit_of,
    is_newest_first,
    is_pending,
    last_entry,
    oldest_first,
    says_none,
    tells_failure,
    unanswered,
)
from research_logbook.markdown.escape import one_line
from research_logbook.seal.checks.facts import SealFacts
from research_logbook.seal.checks.record import is_an_end, open_hypotheses
from research_logbook.seal.plan import SealReport

_LONGEST = 160
"""Characters of a text of the logbook that a draft repeats."""
_LONGEST_SECTION = 2_000
"""Characters of a section of the logbook that a draft repeats."""
_MOST = 20
"""Entries, hypotheses or decisions that a draft names."""


def drafts(facts: SealFacts, report: SealReport) -> str:
    """Return skeletons for the checks that fail, Markdown, by where they belong."""
    failed = {verdict.check for verdict in report.verdicts if not verdict.passes}
    where = "at the top of the log" if facts.book and is_newest_first(facts.book) else "at the end of the log"
    places = {
        "<!-- In the issue's body -->": [*_body(facts, failed), *_links(facts, failed)],
        "<!-- As a comment -->": [_comment(facts)] if "final-comment" in failed else [],
        "<!-- In the logbook's front matter -->": list(_front_matter(facts, failed)),
        f"<!-- In the logbook, {where}; commit it with a line `Snapshot: ID` where it has a result -->": list(
            _entries(facts, failed)
        ),
    }
    parts = [f"{title}\n\n" + "\n\n".join(found) for title, found in places.items() if found]
    return "\n\n".join(parts) + "\n" if parts else "nothing is missing\n"


def _body(facts: SealFacts, failed: Collection[str]) -> Iterator[str]:
    sections: tuple[tuple[str, Callable[[SealFacts], Iterator[str]]], ...] = (
        ("tldr-current", _tldr),
        ("conclusion", _conclusion),
        ("next-steps", _next_steps),
        ("decision-log", _decisions),
        ("negative-results", _failures),
    )
    for check, of in sections:
        if check in failed or (check == "next-steps" and "hypotheses-settled" in failed):
            yield "\n".join(of(facts))
    if "sections" in failed:
        written = {vocabulary.slug(it.title) for it in facts.body.sections if not (it.is_empty or it.says_nothing)}
        for title in facts.config.seal.sections:
            if vocabulary.slug(title) not in written:
                yield f"## {title}\n\nTODO"
    if "filled-in" in failed:
        yield from _still_to_fill_in(facts)
    if "docs-updated" in failed:
        yield "## Documentation\n\nTODO: a link to what was updated, or “none needed”"


_DRAFTED = frozenset({"tldr", "conclusion", "next-steps", "decision-log", "negative-results", "links", "close-out"})
"""Sections that are drafted for other checks."""


def _still_to_fill_in(facts: SealFacts) -> Iterator[str]:
    """Yield the sections that hold a placeholder, with what the logbook knows of them."""
    wanted = {vocabulary.slug(title) for title in facts.config.seal.sections}
    for section in facts.body.sections:
        names = set(section.names)
        if not section.placeholders or not names.isdisjoint(_DRAFTED) or vocabulary.slug(section.title) in wanted:
            continue
        known: list[str] = []
        if not names.isdisjoint({"description", "scope", "goal"}):
            known += _scope(facts, ("goal", "motivation") if "description" in names else ("goal", "primary metric"))
        if not names.isdisjoint({"hypothesis", "hypotheses"}):
            known += _hypotheses(facts)
        if "results" in names:
            known += [f"- {text}" for text in [": ".join(filter(None, _end(facts)[::2]))] if _end(facts)[2]]
        yield f"## {section.title}\n\n" + ("\n".join(known) or "TODO")


def _scope(facts: SealFacts, wanted: Collection[str]) -> Iterator[str]:
    for section in facts.book.named("scope") if facts.book else ():
        for line in section.text.splitlines():
            name, _, value = line.partition(":")
            is_told = value.strip() and not is_pending(value.strip()) and "{{" not in value
            if name.strip(" -*").casefold() in wanted and is_told and (shown := _quoted(line, facts)):
                yield f"- {shown.lstrip('-* ')}"


def _hypotheses(facts: SealFacts) -> Iterator[str]:
    for one in (facts.book.hypotheses if facts.book else ())[:_MOST]:
        claim = "" if "{{" in one.text else _quoted(one.claim or one.text, facts)
        if claim:
            name = " ".join(filter(None, [f"`{one.id}`" if one.id else "", f"({one.status})" if one.status else ""]))
            yield f"- {name}: {claim}" if name else f"- {claim}"


def _own(facts: SealFacts, name: str) -> str:
    """Return what the logbook itself has below a heading, to be told on the issue in the same words."""
    if facts.book is None:
        return ""
    lines = facts.book.text.split("\n")
    sections = (it for it in facts.book.named(name) if it.blocks)
    said = ("\n".join(lines[it.span.line : it.blocks[-1].end_line]).strip() for it in sections)
    text = next(said, "")
    is_more = len(text) > _LONGEST_SECTION or re.search(r"TODO|<!--|-->|\{\{", text)
    return "" if is_more or facts.is_private(text) or is_pending(text) else text


def _tldr(facts: SealFacts) -> Iterator[str]:
    yield from ("## TL;DR", "")
    name, day, said = _end(facts)
    own = _own(facts, "tldr")
    if own and name and name in own:
        yield own
        return
    known = ", ".join(filter(None, [name, day]))
    yield f"{known}: TODO: what came out, in a sentence or two{f' (its result: {said})' if said else ''}".lstrip(": ")


def _end(facts: SealFacts) -> tuple[str, str, str]:
    """Return the ID, the day and the result of the last entry with a result, once what is pending has one."""
    left = [entry for entry, _ in unanswered(facts.book)] if facts.book else []
    if left:
        return next(iter(left[-1].ids), ""), facts.now.date().isoformat(), ""
    entry = facts.entry
    day = entry.when.date.isoformat() if entry and entry.when and entry.when.date else ""
    return (next(iter(entry.ids[::-1]), ""), day, _result_of(entry, facts)) if entry else ("", "", "")


def _conclusion(facts: SealFacts) -> Iterator[str]:
    goal = next(
        (section for section in (facts.book.named("scope") if facts.book else ()) if section.text.strip()), None
    )
    asked = _quoted(next(filter(str.strip, goal.text.splitlines())), facts) if goal else ""
    own = _own(facts, "conclusion")
    if own:
        yield from ("## Conclusion", "", own)
        return
    yield from ("## Conclusion", "", f"TODO: the answer to the thread's question{f' ({asked})' if asked else ''}")


def _next_steps(facts: SealFacts) -> Iterator[str]:
    yield from ("## Next steps", "")
    left, own = open_hypotheses(facts)[:_MOST], _own(facts, "next-steps")
    if own and not left:
        yield own
        return
    for place, one in enumerate(left, 1):
        name = f"`{one.id}`" if one.id else _quoted(one.text[:60], facts)
        yield f"{place}. {name}: TODO: how it could be taken up again, or settle it in the queue with its evidence"
    if not left:
        last = last_entry(facts.book) if facts.book else None
        action = next((it.text for it in last.all("next-action") if not it.is_pending), "") if last else ""
        planned = "" if says_none(action) else _quoted(action, facts)
        known = f" (the log says: {planned})" if planned else ""
        yield f"1. TODO: what comes next{known}, or “None.” in place of the list"


def _decisions(facts: SealFacts) -> Iterator[str]:
    yield from ("## Decision log", "")
    told = [_quoted(one.text, facts) for one in (facts.book.decisions if facts.book else ())]
    told += [
        f"{_named(entry)}: {_quoted(field.text, facts)}"
        for entry in _entries_of(facts.book)
        for field in entry.all("decision")
        if not (field.is_pending or says_none(field.text))
    ]
    yield from (f"- {text}" for text in [*filter(None, told)][:_MOST])
    if not any(told):
        yield "- TODO: date, decision, evidence; or “None.” in place of the list"


def _failures(facts: SealFacts) -> Iterator[str]:
    yield from ("## Negative results", "")
    told = list(_failed(facts))[:_MOST]
    yield from (f"- {text}" for text in told)
    if not told:
        yield "- TODO: what did not work, with its entry; or “None.” in place of the list"


def _failed(facts: SealFacts) -> Iterator[str]:
    """Yield the hypotheses that were falsified and the entries whose results say that something failed."""
    for one in facts.book.hypotheses if facts.book else ():
        if one.status is Status.FALSIFIED:
            evidence = f" Evidence: {_quoted(one.evidence, facts)}" if one.evidence else ""
            yield f"{one.id or 'A hypothesis'} is falsified: {_quoted(one.claim or one.text, facts)}{evidence}"
    for entry in _entries_of(facts.book):
        texts = [it.text for it in entry.all("result", "error") if not it.is_pending and tells_failure(it.text)]
        if texts and not is_pending(texts[0]):
            yield f"{_named(entry)}: {_quoted(texts[0], facts)}"


def _links(facts: SealFacts, failed: Collection[str]) -> Iterator[str]:
    links = list(_link_lines(facts, failed))
    if links:
        yield "\n".join(["## Links", "", *links])


_WANDB = re.compile(r"\W{0,9}(?:W&B|wandb|weights (?:&|and) biases)\b", re.IGNORECASE)


def _link_lines(facts: SealFacts, failed: Collection[str]) -> Iterator[str]:
    if "final-entry" in failed and facts.book and not any(link.path == facts.book.path for link in facts.body.links):
        yield f"- Logbook: [{facts.book.path}]({facts.site.url('blob', facts.ref, facts.book.path)})"
    if "final-snapshot" in failed:
        is_unanswered = facts.book is not None and any(unanswered(facts.book))
        found = None if is_unanswered else facts.snapshot_to_link
        name = _end(facts)[0] or "ID"
        way = f"TODO: the tag of a commit with the line `Snapshot: {name}`, linked as {facts.site.url('tree', 'TAG')}"
        there = f"[{found.name}]({facts.site.url('tree', found.name)})" if found else way
        yield f"- Final snapshot: {there}"
    awaited = [line for it in facts.body.sections for line in it.placeholders] if "filled-in" in failed else []
    if any(_WANDB.match(line) for line in awaited):
        host = facts.config.wandb.host
        runs = {it.url: it for one in _entries_of(facts.book) for it in one.links if on_wandb(it.url, host)}
        yield from (f"- W&B: {url}" for url in [*runs][:_MOST] if not facts.is_private(url))
        if not runs:
            yield "- W&B: TODO: a link to the runs, or “none”"
    if "production-pr" in failed:
        linked = {link.number for link in facts.body.links if link.is_link}
        merged = (pull.number for pull in facts.pulls if pull.is_merged and pull.number not in linked)
        yield from (f"- Production pull request: #{number}" for number in merged)


def _comment(facts: SealFacts) -> str:
    failed = "; ".join(_failed(facts))
    known = f" (the log says: {one_line(failed, 300)})" if failed else ""
    return "\n".join(
        [
            "- What worked: TODO",
            f"- What did not: TODO{known}",
            "- Confidence: TODO: exploratory, replicated or stable, and why",
            "- Limitations: TODO: what was not measured",
            "- Next steps: TODO, or “none”",
        ]
    )


def _front_matter(facts: SealFacts, failed: Collection[str]) -> Iterator[str]:
    if "final-entry" in failed and facts.book:
        issue = facts.book.header.issue
        if issue is None or issue.number != facts.issue.number or not facts.is_own(issue.repository or ""):
            yield f"issue: {facts.issue.number}"


def _entries(facts: SealFacts, failed: Collection[str]) -> Iterator[str]:
    """Yield an entry for each result that is still pending, and one that ends a log which has no end."""
    book = facts.book
    if book is None or "final-entry" not in failed:
        return
    last = last_entry(book)
    level, now = "#" * (last.level if last and last.level else 3), f"{facts.now:%Y-%m-%d %H:%M} UTC"
    left = [entry for entry, _ in unanswered(book)][:_MOST]
    for entry in left:
        name = f"{entry.ids[0]} outcome" if entry.ids else f"outcome of {entry.label or entry.heading}"
        commit = commit_of(entry)
        ran = f"`{commit}`" if commit else "TODO: the commit that ran"
        yield (
            f"{level} {now} - {name}\n\n- Commit Hash: {ran}\n"
            "- Result: TODO: what came of it; “abandoned”, and why, is a result\n"
            "- Interpretation: TODO\n- Next action: TODO, or “none”"
        )
    if last is None or not (left or is_an_end(last)):
        yield (
            f"{level} {now} - close-out\n\n- Decision: TODO: that the thread ends, and because of what\n"
            "- Next action: TODO, or “none”"
        )


def _entries_of(book: Logbook | None) -> tuple[Entry, ...]:
    return oldest_first(book) if book else ()


def _named(entry: Entry) -> str:
    return entry.ids[-1] if entry.ids else one_line(entry.label or entry.heading, 60)


def _result_of(entry: Entry, facts: SealFacts) -> str:
    return next((_quoted(it.text, facts) for it in entry.all("result") if not it.is_pending), "")


def _quoted(text: str, facts: SealFacts) -> str:
    """Return a text of the logbook on one line, which nobody may take for a `TODO`; nothing of a private one."""
    shown = one_line(text, _LONGEST).strip()
    return "" if facts.is_private(text) else re.sub(r"<!--|-->", "", shown).replace("TODO", "to do")
