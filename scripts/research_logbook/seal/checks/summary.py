"""Seal checks of what the issue tells its readers: its body, and the final comment."""

import datetime as dt
import re
from collections.abc import Iterator

from research_logbook.issues import IssueSection, IssueText
from research_logbook.issues.links import IssueLink, LinkKind, Pin
from research_logbook.issues.summaries import TOPICS, next_line
from research_logbook.logbook import dates, experiment_ids, vocabulary
from research_logbook.logbook.model import Entry, Status
from research_logbook.seal.checks.facts import Evidence, SealFacts, check, without_logbook


def _named(*titles: str) -> str:
    return " or ".join(f"`## {title}`" for title in titles)


@check()
def tldr_current(facts: SealFacts) -> Iterator[Evidence]:
    """The TL;DR, or Summary, tells of the last result.

    It names the last experiment ID that has a result, or the final snapshot, or it is dated on or after that entry:
    in its heading, at its start, or as “as of 2026-05-27”.

    Why: the issue is what others read of a thread; a summary of its beginning misleads them (research workflow,
    Before closing the issue: final TL;DR is current).

    Fails:

    ```markdown
    ## TL;DR

    The sweep is specified, no runs were launched.
    ```

    Passes:

    ```markdown
    ## TL;DR

    Block sparsity keeps the loss (SPA-AT-002) at 0.7 of the step time.
    ```
    ```markdown
    ## Summary (2026-05-27)

    Block sparsity keeps the loss at 0.7 of the step time.
    ```

    How to fix: write what came of the thread, and name the entry that it rests on.
    """
    section, entry = facts.section("tldr"), facts.entry
    page = facts.issue_page
    if section is None or section.is_empty:
        what = "has no TL;DR" if section is None else f"has nothing under “{section.title}”"
        yield Evidence(f"the body {what}", page, f"write {_named('TL;DR')} with what came of the thread")
    elif entry is None:
        yield from without_logbook(facts)
    elif found := next(filter(None, (_currency(facts, one, entry) for one in facts.body.named("tldr"))), ""):
        yield Evidence(found, page)
    else:
        yield Evidence(
            f"“{section.title}” does not tell of {entry.name}, the last result",
            facts.line(entry.span.line),
            f"bring it up to date and name {_handle(entry)} in it",
        )


def _handle(entry: Entry) -> str:
    return entry.ids[-1] if entry.ids else "the final snapshot, or the day it is written"


def _currency(facts: SealFacts, section: IssueSection, entry: Entry) -> str:
    """Return by what a section shows that it is current; empty where by nothing."""
    named = [name for name in entry.ids if _names(section, name)]
    snapshot = facts.final_snapshot
    if section.is_empty:
        return ""
    if named:
        return f"“{section.title}” names {named[-1]}, the last result"
    if snapshot and (snapshot.name in section.text or any(link.ref == snapshot.name for link in section.links)):
        return f"“{section.title}” names {snapshot.name}"
    day = _day_of(section, facts.now.date() + dt.timedelta(days=1))
    if day and entry.when and entry.when.date and day >= entry.when.date:
        return f"“{section.title}” is of {day}, on or after the last result"
    return ""


def _names(section: IssueSection, name: str) -> bool:
    text = f"{section.title}\n{section.text}"
    return name in experiment_ids.found(text, experiment_ids.prefix_of(name))


_AS_OF = re.compile(
    r"\b(?:as of|as at|updated(?: on)?|last updated?|status(?: of| on)?|dated?)\b[:\s]{0,3}", re.IGNORECASE
)


def _day_of(section: IssueSection, latest: dt.date) -> dt.date | None:
    """Return the day that a section says it is of, the latest of several; none in the future counts."""
    starts = [section.text, *(section.text[found.end() :] for found in _AS_OF.finditer(section.text))]
    written = [dates.first(section.title), *(found[0] for text in starts if (found := dates.leading(text[:80])))]
    return max((when.date for when in written if when and when.date and when.date <= latest), default=None)


@check()
def conclusion(facts: SealFacts) -> Iterator[Evidence]:
    """The body has a Conclusion, with content.

    Why: a thread ends in an answer, a negative one included (research workflow, Before closing the issue).

    Fails:

    ```markdown
    ## Conclusion

    _pending_
    ```

    Passes:

    ```markdown
    ## Conclusion

    Block sparsity does not pay at this width: use it from 1024 on only.
    ```

    How to fix: answer what the thread set out to learn, in the issue's body.
    """
    section = facts.section("conclusion")
    if section is None:
        what = "the body has no Conclusion"
    elif section.is_empty or section.says_none or section.is_not_applicable:
        what = f"nothing is said under “{section.title}”"
    else:
        yield Evidence(f"“{section.title}” has content", facts.issue_page)
        return
    yield Evidence(what, facts.issue_page, f"write {_named('Conclusion')} with the answer that the thread gives")


@check()
def next_steps(facts: SealFacts) -> Iterator[Evidence]:
    """Next steps are listed, or it is said that there are none; in the body or in the final comment.

    Why: whoever comes next begins there (research workflow, Before closing the issue: next steps are listed).

    Fails:

    ```markdown
    ## Next steps

    - TBD
    ```

    Passes:

    ```markdown
    ## Next steps

    1. Measure width 1024.
    ```
    ```markdown
    ## Next steps

    None.
    ```

    How to fix: list them in their order, or write “none”.
    """
    sections = [section for text in facts.texts for section in text.named("next-steps")]
    good = next((one for one in sections if one.items or one.says_none), None)
    if good:
        said = f"lists {len(good.items)}" if good.items else "says that there are none"
        yield Evidence(f"“{good.title}” {said}", facts.issue_page)
    elif facts.summary and (line := next_line(facts.summary.content)) and _NONE.match(line):
        yield Evidence("the final comment says that there are none", facts.summary.comment.url)
    else:
        what = f"“{sections[0].title}” has no list" if sections else "no next steps are listed"
        yield Evidence(what, facts.issue_page, f"list them under {_named('Next steps')}, or write “none” there")


_NONE = re.compile(r"\W*(?:none|nothing)\b", re.IGNORECASE)


@check()
def decision_log(facts: SealFacts) -> Iterator[Evidence]:
    """The decisions stand in the body, or the body links them in the logbook, pinned to a commit or tag.

    Why: a decision is worth what its evidence and date are (research workflow, Epilogue: Seal 1).

    Fails:

    ```markdown
    ## Decision log

    _empty_
    ```

    Passes:

    ```markdown
    ## Decision log

    - 2026-05-26: stop at two seeds, both agree (SPA-AT-002).
    ```
    ```markdown
    ## Decision log

    None.
    ```

    How to fix: copy them into the body, or link the logbook's section at the final snapshot; “none” is an answer.
    """
    yield from _index(facts, "decision-log", "Decision log")


@check()
def negative_results(facts: SealFacts) -> Iterator[Evidence]:
    """What did not work stands in the body, or the body links it in the logbook, pinned to a commit or tag.

    “None” is an answer only while no hypothesis is falsified.

    Why: failures and negative results are first-class data (research workflow, Practical Rules; Epilogue: Seal 1).

    Fails:

    ```markdown
    ## Negative results

    None.
    ```
    ```markdown logbook
    ## Hypothesis Queue

    - H1 (falsified): a single block keeps the loss. Evidence: SPA-AT-001.
    ```

    Passes:

    ```markdown
    ## Negative results index

    - A single block loses 0.2 (SPA-AT-001).
    ```
    ```markdown logbook
    ## Hypothesis Queue

    - H1 (falsified): a single block keeps the loss. Evidence: SPA-AT-001.
    ```

    How to fix: list them with links, or link the logbook's section at the final snapshot.
    """
    section, book = facts.section("negative-results"), facts.book
    falsified = [one for one in (book.hypotheses if book else ()) if one.status is Status.FALSIFIED]
    if section and not section.is_empty and falsified and (section.says_none or section.is_not_applicable):
        names = ", ".join(one.name for one in falsified[:3])
        yield Evidence(
            f"“{section.title}” says that there are none, but {names} is falsified",
            facts.line(falsified[0].span.line),
            "list what was falsified, and by what",
        )
    else:
        yield from _index(facts, "negative-results", "Negative results")


def _index(facts: SealFacts, name: str, title: str) -> Iterator[Evidence]:
    """Yield whether a living index stands in the body, or is linked where it cannot change."""
    section, page = facts.section(name), facts.issue_page
    pinned = [link for link in facts.body.links if _is_about(link, name, section)]
    if section and not section.is_empty and not _is_only_link(section):
        yield Evidence(f"“{section.title}” stands in the body", page)
    elif good := next((link for link in pinned if _has_section(facts, link, name)), None):
        yield Evidence(
            f"the logbook's {title.casefold()} is linked at {good.ref}",
            facts.page("blob", good.ref, good.path),
        )
    else:
        what = f"nothing is said under “{section.title}”" if section else f"the body has no {title.casefold()}"
        if pinned or (section and section.links):
            what = f"the body links no {title.casefold()} at a commit or tag that has one"
        way = f"write {_named(title)}, or link the logbook's section at the final snapshot; “none” is an answer"
        yield Evidence(what, page, way)


_WORD = re.compile(r"[^\W\d_]{2,}|\d+")
_POINTING = frozenset(
    vocabulary.slug(
        "all and are at can decision decisions details entries entry failures find for found full here in index is it "
        "kept link list listed lives log logbook logged negative of our recorded research results see section stand "
        "stands that the there them they these this to was we were where with"
    ).split("-")
)


def _is_only_link(section: IssueSection) -> bool:
    """Return whether a section leads to the logbook and says no more than that."""
    books = [link for link in section.links if link.kind is LinkKind.LOGBOOK]
    rest = section.text
    for link in books:
        rest = rest.replace(link.text, " ")
    return bool(books) and len(set(_WORD.findall(rest.casefold())) - _POINTING) < 2


def _is_about(link: IssueLink, name: str, section: IssueSection | None) -> bool:
    if link.kind is not LinkKind.LOGBOOK or link.pin not in {Pin.COMMIT, Pin.TAG}:
        return False
    spoken = (vocabulary.section_name(link.text), vocabulary.section_name(link.url.partition("#")[2].replace("-", " ")))
    return name in spoken or (section is not None and link in section.links)


def _has_section(facts: SealFacts, link: IssueLink, name: str) -> bool:
    held = facts.linked.get(link.ref)
    book = held.book if held and held.is_reachable and facts.is_own(link.repository) else None
    if book is None:
        return False
    return any(one.text.strip() for one in book.named(name)) or (name == "decision-log" and bool(book.decisions))


@check()
def final_comment(facts: SealFacts) -> Iterator[Evidence]:
    """The last comment that sums the thread up covers what worked, what did not, confidence, limitations, next steps.

    The form is free: headings, a list, or sentences. A heading with nothing below it covers nothing, and what was
    written before the last result cannot cover it.

    Why: those who follow the issue read its end (research workflow, Epilogue: Seal 2).

    Fails:

    ```markdown comment
    ## What worked

    Block sparsity keeps the loss.

    ## What did not work

    A single block.

    ## Next steps

    None.
    ```

    Passes:

    ```markdown comment
    Final summary. Block sparsity kept the loss; a single block diverged. Confidence: replicated over two seeds.
    Limitations: one width. Next steps: measure width 1024.
    ```

    How to fix: comment once more, with all five.
    """
    summary, entry = facts.summary, facts.entry
    if summary is None:
        yield Evidence("no comment sums the thread up", facts.issue_page, f"comment on {_all_of(TOPICS)}")
        return
    lacking = [topic for topic in TOPICS if topic not in summary.topics]
    day = summary.comment.created_at.date() + dt.timedelta(days=1)  # a log may be kept in another zone
    if lacking:
        what = f"the last summary does not say {_all_of(lacking)}"
        yield Evidence(what, summary.comment.url, "comment once more, and cover all five")
    elif entry and entry.when and entry.when.date and day < entry.when.date:
        what = f"the last summary is older than {entry.name}, the last result"
        yield Evidence(what, summary.comment.url, "comment once more, on how it ended")
    else:
        yield Evidence("the last summary covers all five", summary.comment.url)


def _all_of(topics: list[str] | tuple[str, ...]) -> str:
    return f"{', '.join(topics[:-1])} and {topics[-1]}" if len(topics) > 1 else topics[0]


@check()
def checklist(facts: SealFacts) -> Iterator[Evidence]:
    """Every item of a close-out checklist in the body is ticked, or struck out as not applicable.

    Only lists under a heading such as “Close-out” or “Before closing” count. No such list: nothing to do. Ticks are
    evidence of nothing else: what they speak of is looked at by the other checks.

    Why: what the thread itself set down to be done is done (research workflow, Before closing the issue).

    Fails:

    ```markdown
    ## Before closing

    - [x] Final TL;DR is current
    - [ ] Checkpoints are published
    ```

    Passes:

    ```markdown
    ## Before closing

    - [x] Final TL;DR is current
    - [ ] ~~Checkpoints are published~~ (no model was trained)
    ```

    How to fix: do it and tick it, or strike it out and say why.
    """
    tasks = [task for task in facts.body.tasks if "close-out" in task.under]
    for task in tasks:
        if not task.is_settled:
            yield Evidence(f"“{task.text[:80]}” is open", facts.issue_page, "do it and tick it, or strike it out")
    if all(task.is_settled for task in tasks):
        what = f"{len(tasks)} of {len(tasks)} items are settled" if tasks else "there is no close-out checklist"
        yield Evidence(what, facts.issue_page)


@check()
def sections(facts: SealFacts) -> Iterator[Evidence]:
    """The sections that `seal.sections` of the configuration lists stand in the body, with content.

    Why: a repository may owe its readers more than the workflow asks for.

    Fails: `seal.sections` lists “Ethics review”, and the body has no such heading, or nothing below it.

    Passes: a body with `## Ethics review` and a sentence below it, be it “none needed”.

    How to fix: write the section.
    """
    wanted = {vocabulary.slug(title): title for title in facts.config.seal.sections}
    full = {vocabulary.slug(section.title) for section in facts.body.sections if not section.is_empty}
    for slug, title in wanted.items():
        if slug not in full:
            what = f"the body has no section “{title}” with content"
            yield Evidence(what, facts.issue_page, f"write {_named(title)}")
    if full >= wanted.keys():
        yield Evidence("no further sections are asked for" if not wanted else "all sections are there")


@check("advisory")
def docs_updated(facts: SealFacts) -> Iterator[Evidence]:
    """Changed documentation is linked, or it is said that none is needed; in the body or in the final comment.

    Why: durable findings belong into durable documents (research workflow, Epilogue: Seal 3).

    Fails:

    ```markdown
    ## Documentation

    To be updated.
    ```

    Passes:

    ```markdown
    ## Documentation

    None needed.
    ```
    ```markdown
    ## Documentation

    - [Choosing a block size](docs/blocks.md)
    ```

    How to fix: link what was updated, or write “Documentation: none needed”.
    """
    for text in facts.texts:
        if found := _documented(text):
            yield Evidence(found, facts.issue_page)
            return
    way = "link what was updated under `## Documentation`, or write “none needed” there"
    yield Evidence("no documentation is linked", facts.issue_page, way)


_DOCUMENTS = re.compile(r"\b(?:docs?|documentation|runbooks?|readme)\b", re.IGNORECASE)
_NOT_NEEDED = re.compile(
    r"\b(?:none|no|not|nothing)\b[\w ]{0,30}\b(?:needed|required|necessary|changes?|changed)\b", re.IGNORECASE
)
_DOCUMENT = {LinkKind.FILE, LinkKind.PULL_REQUEST, LinkKind.COMMIT}


def _documented(text: IssueText) -> str:
    for section in text.sections:
        if _DOCUMENTS.search(section.title) and not section.is_empty:
            if section.says_none or section.is_not_applicable or _NOT_NEEDED.search(section.text):
                return "none is needed"
            if any(link.is_link and link.kind in _DOCUMENT for link in section.links):
                return f"“{section.title}” links it"
    if any(_DOCUMENTS.search(line.text) and _NOT_NEEDED.search(line.text) for line in text.lines):
        return "none is needed"
    pages = (link for link in text.links if link.is_link and link.kind is LinkKind.FILE)
    return next((f"{link.path} is linked" for link in pages if link.path.endswith((".md", ".rst"))), "")
