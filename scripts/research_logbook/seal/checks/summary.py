"""Seal checks of what the issue tells its readers: its body, and the final comment."""

import datetime as dt
import re
from collections.abc import Iterator

from research_logbook.issues import IssueSection, IssueText
from research_logbook.issues.classification import TOPICS, next_line
from research_logbook.issues.links import IssueLink, LinkKind
from research_logbook.logbook import dates, experiment_ids, vocabulary
from research_logbook.logbook.model import Entry, Status
from research_logbook.logbook.queries import says_none
from research_logbook.render import counted, enumerated
from research_logbook.seal.checks.facts import Evidence, SealFacts, check, without_logbook


@check()
def tldr_current(facts: SealFacts) -> Iterator[Evidence]:
    """The TL;DR, or Summary, tells of the last result.

    It names the ID of the last experiment that has a result, or the final snapshot, or it is dated on or after that
    entry: in its heading, at its start or end, or as “as of 2026-05-27”.

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

    How to fix: write down the outcome of the thread, and name the entry that it rests on.
    """
    section, entry = facts.section("tldr"), facts.entry
    if section is None or section.is_wordless:
        empty = "is empty" if section is None or section.is_empty else "has no words"
        what = f"“{section.title}” {empty}" if section else "the body has no TL;DR"
        yield Evidence(what, facts.issue_page, f"write `## TL;DR` with what came out, {_naming_last(entry)}")
    elif not section.has_content or _restates_title(facts, section):
        what = f"“{section.title}” tells no outcome: {_shown(section)}"
        yield Evidence(what, facts.issue_page, f"write in a sentence or two what came out, {_naming_last(entry)}")
    elif entry is None:
        yield from without_logbook(facts)
    elif found := next(filter(None, (_currency(facts, one, entry) for one in facts.body.named("tldr"))), ""):
        yield Evidence(found, facts.issue_page)
    else:
        what = f"“{section.title}” does not mention {entry.name}, the last result"
        named = entry.ids[-1] if entry.ids else "the final snapshot or the date"
        yield Evidence(what, facts.line(entry.span.line), f"bring it up to date, and mention {named} in it")


def _restates_title(facts: SealFacts, section: IssueSection) -> bool:
    """Return whether a section says what the issue's title says, and no more."""
    title = facts.issue.title
    return vocabulary.slug(section.text) in {vocabulary.slug(title), vocabulary.slug(title.partition(":")[2] or title)}


def _naming_last(entry: Entry | None) -> str:
    return f"and name {entry.ids[-1]}, the last result" if entry and entry.ids else "and its date"


def _currency(facts: SealFacts, section: IssueSection, entry: Entry) -> str:
    """Return what shows that a section is current; empty if nothing does."""
    if not section.has_content or _restates_title(facts, section):
        return ""
    text = f"{section.title}\n{section.text}"
    named = [name for name in entry.ids if name in experiment_ids.found(text, experiment_ids.prefix_of(name))]
    if named:
        return f"“{section.title}” names {named[-1]}, the last result"
    snapshot = facts.final_snapshot
    if snapshot and (snapshot.name in section.text or any(link.ref == snapshot.name for link in section.links)):
        return f"“{section.title}” names {snapshot.name}"
    day = _day_of(section, facts.now.date() + dt.timedelta(days=1))
    if day and entry.when and entry.when.date and day >= entry.when.date:
        return f"“{section.title}” is dated {day}, no earlier than the last result"
    return ""


_AS_OF = re.compile(
    r"\b(?:as of|as at|updated(?: on)?|last updated?|status(?: of| on)?|dated?)\b[:\s]{0,3}", re.IGNORECASE
)


def _day_of(section: IssueSection, latest: dt.date) -> dt.date | None:
    """Return the day that a section is of, the latest of several; none in the future counts."""
    text = section.text
    starts = [text, *(text[found.end() :] for found in _AS_OF.finditer(text))]
    written = [dates.first(section.title), *(found[0] for text in starts if (found := dates.leading(text[:80])))]
    lines = [line.strip(" .*_")[-80:] for line in text.splitlines()]
    written += [ended[1] for line in lines if (ended := dates.trailing(line))]
    sentences = (part.strip(" .*_()[]") for part in re.split(r"[.;!?]\s+|\n", text))
    alone = (dates.leading(part) for part in sentences)
    written += [found[0] for found in alone if found and not found[1].strip()]
    return max((when.date for when in written if when and when.date and when.date <= latest), default=None)


@check()
def conclusion(facts: SealFacts) -> Iterator[Evidence]:
    """The body has a Conclusion, in words; a picture may illustrate it, and does not stand for it.

    Words that say nothing do not count here, nor in the TL;DR, the indices, the next steps and the final comment: “see
    above”, “done”, the heading again, what a template says, or that a run was submitted. It may be a heading of any
    level, a bold line such as `**Conclusion: …**`, or a paragraph that begins with `Conclusion:`.

    Why: a thread ends with an answer, even a negative one (research workflow, Before closing the issue).

    Fails:

    ```markdown
    ## Conclusion

    _pending_
    ```
    ```markdown
    ## Conclusion

    Done, see the comments.
    ```
    ```markdown
    ## Conclusion

    ![Block sparsity pays from width 1024 on](loss.png)
    ```

    Passes:

    ```markdown
    ## Conclusion

    Block sparsity does not pay at this width: use it from 1024 on only.
    ```

    How to fix: in the issue's body, answer what the thread set out to learn.
    """
    section = facts.section("conclusion")
    is_told = section is not None and section.has_content and not _restates_title(facts, section)
    if section and is_told and not (section.says_none or section.is_not_applicable):
        yield Evidence(f"“{section.title}” has content", facts.issue_page)
    else:
        is_picture = section and section.is_wordless and not section.is_empty
        answer = "shows a picture and gives no answer in words" if is_picture else "gives no answer"
        said = f": {_shown(section)}" if section and not section.is_wordless else ""
        what = f"“{section.title}” {answer}{said}" if section else "the body has no Conclusion"
        yield Evidence(what, facts.issue_page, "write `## Conclusion` with the answer to the thread's question")


@check()
def next_steps(facts: SealFacts) -> Iterator[Evidence]:
    """The body or the final comment lists next steps, or says that there are none.

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

    How to fix: list them in order, or write “none”.
    """
    sections = [section for text in facts.texts for section in text.named("next-steps")]
    good = next((section for section in sections if section.items or section.says_none), None)
    if good:
        said = f"lists {len(good.items)}" if good.items else "says that there are none"
        yield Evidence(f"“{good.title}” {said}", facts.issue_page)
    elif facts.summary and (line := next_line(facts.summary.content)) and says_none(line):
        yield Evidence("the final comment says that there are none", facts.summary.comment.url)
    else:
        what = f"“{sections[0].title}” has no list" if sections else "no next steps are listed"
        yield Evidence(what, facts.issue_page, "list them under `## Next steps`, or write “none” there")


@check()
def decision_log(facts: SealFacts) -> Iterator[Evidence]:
    """The body has the decisions, or links the logbook's decision log, pinned to a commit or tag.

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
    """The body has what did not work, or links the logbook's negative results, pinned to a commit or tag.

    “None” is an answer only if no hypothesis is falsified.

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
    if section and falsified and (section.says_none or section.is_not_applicable):
        more = [f"{len(falsified) - 3} more"] if len(falsified) > 3 else []
        names, are = enumerated([*(one.name for one in falsified[:3]), *more]), "are" if falsified[1:] else "is"
        yield Evidence(
            f"“{section.title}” says that there are none, but {names} {are} falsified",
            facts.line(falsified[0].span.line),
            "list what was falsified, and by what",
        )
    else:
        yield from _index(facts, "negative-results", "Negative results")


def _index(facts: SealFacts, name: str, title: str) -> Iterator[Evidence]:
    """Yield whether a living index is in the body, or is linked where it cannot change."""
    section = facts.section(name)
    links = [link for link in facts.body.links if link.kind is LinkKind.LOGBOOK and _is_about(link, name, section)]
    if section and not section.is_empty and not section.says_nothing and not _is_only_link(section):
        yield Evidence(f"“{section.title}” is in the body", facts.issue_page)
    elif good := next((link for link in links if _leads_to_section(facts, link, name)), None):
        page = facts.site.url("blob", good.ref, good.path)
        yield Evidence(f"the logbook's {title.casefold()} is linked at {good.ref}", page)
    else:
        what = f"“{section.title}” is empty" if section else f"the body has no {title.casefold()}"
        if section and section.says_nothing:
            what = f"“{section.title}” lists nothing: {_shown(section)}"
        if links or (section and section.links):
            what = f"the body links no {title.casefold()} at a commit or tag that has one"
        way = f"write `## {title}`, or link the logbook's section at the final snapshot; “none” is an answer"
        yield Evidence(what, facts.issue_page, way)


def _is_about(link: IssueLink, name: str, section: IssueSection | None) -> bool:
    """Return whether a link is meant to show an index: by its words, by its anchor, or by where it is."""
    titles = (link.text, link.url.partition("#")[2].replace("-", " "))
    return name in map(vocabulary.section_name, titles) or (section is not None and link in section.links)


def _leads_to_section(facts: SealFacts, link: IssueLink, name: str) -> bool:
    """Return whether a link is pinned to a version of the logbook that has the index."""
    pinned = facts.linked.get(link.ref)
    book = pinned.book if pinned and pinned.is_reachable and facts.is_own(link.repository) else None
    if book is None:
        return False
    return any(one.text.strip() for one in book.named(name)) or (name == "decision-log" and bool(book.decisions))


def _shown(section: IssueSection) -> str:
    """Return how a section begins, for a finding about what it says."""
    text = " ".join(section.text.split())
    return f"“{text[:_LONGEST_SHOWN]}{'…' if len(text) > _LONGEST_SHOWN else ''}”"


_LONGEST_SHOWN = 60
_WORD = re.compile(r"[^\W\d_]{2,}|\d+")
_POINTING = frozenset(
    _WORD.findall(
        "all and are at can decision decisions details entries entry failures find for found full here in index is it "
        "kept link list listed lives log logbook logged negative of our recorded research results see section stand "
        "stands that the there them they these this to was we were where with"
    )
)


def _is_only_link(section: IssueSection) -> bool:
    """Return whether a section only points at the logbook."""
    books = [link for link in section.links if link.kind is LinkKind.LOGBOOK]
    rest = section.text
    for link in books:
        rest = rest.replace(link.text, " ")
    return bool(books) and len(set(_WORD.findall(rest.casefold())) - _POINTING) < 2


@check()
def final_comment(facts: SealFacts) -> Iterator[Evidence]:
    """The last comment that sums the thread up covers what worked, what did not, confidence, limitations, next steps.

    It may use headings, a list, or sentences. A heading with nothing below it covers nothing, and a comment from
    before the last result cannot cover it.

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

    How to fix: post another comment that covers all five.
    """
    summary, entry = facts.summary, facts.entry
    all_five = f"{enumerated(TOPICS)}, a line or a sentence each"
    if summary is None:
        way = f"post a comment on {all_five}"
        yield Evidence("no comment sums the thread up", facts.issue_page, way)
        return
    lacking = [topic for topic in TOPICS if topic not in summary.topics]
    day = summary.comment.created_at.date() + dt.timedelta(days=1)  # a log may be kept in another zone
    if lacking:
        what = f"the last summary does not cover {enumerated(lacking)}"
        yield Evidence(what, summary.comment.url, f"post another comment on {all_five}")
    elif entry and entry.when and entry.when.date and day < entry.when.date:
        what = f"the last summary is older than {entry.name}, the last result"
        yield Evidence(what, summary.comment.url, f"post another comment on {all_five}, as it ended")
    else:
        yield Evidence("the last summary covers all five topics", summary.comment.url)


@check()
def checklist(facts: SealFacts) -> Iterator[Evidence]:
    """Every item of a close-out checklist in the body is ticked, or struck out as not applicable.

    Only lists under a heading such as “Close-out” or “Before closing” count; without one, the check passes. A tick is
    evidence of nothing else: the other checks look at what it claims.

    Why: what the thread itself planned to do is done (research workflow, Before closing the issue).

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
    unsettled = [task for task in tasks if not task.is_settled]
    for task in unsettled:
        yield Evidence(f"“{task.text[:80]}” is open", facts.issue_page, "do it and tick it, or strike it out")
    if not unsettled:
        what = f"{counted(len(tasks), 'item')} settled, none open" if tasks else "there is no close-out checklist"
        yield Evidence(what, facts.issue_page)


@check()
def sections(facts: SealFacts) -> Iterator[Evidence]:
    """The body has the sections that `seal.sections` of the configuration lists, with content.

    Why: a repository may owe its readers more than the workflow asks for.

    Fails:

    ```yaml given
    configuration: {seal: {sections: [Ethics review]}}
    ```
    ```markdown
    ## Ethics review

    TBD
    ```

    Passes:

    ```yaml given
    configuration: {seal: {sections: [Ethics review]}}
    ```
    ```markdown
    ## Ethics review

    None needed: the data is synthetic.
    ```

    How to fix: write the section.
    """
    wanted = facts.config.seal.sections
    written = (section for section in facts.body.sections if not (section.is_empty or section.says_nothing))
    full = {vocabulary.slug(section.title) for section in written}
    missing = [title for title in wanted if vocabulary.slug(title) not in full]
    for title in missing:
        yield Evidence(f"“{title}” is missing or empty", facts.issue_page, f"write `## {title}` in the body")
    if not missing:
        yield Evidence("all required sections are there" if wanted else "no additional sections are required")


@check("advisory")
def filled_in(facts: SealFacts) -> Iterator[Evidence]:
    """No section of the body still holds a placeholder, such as “To be filled in” or “Pending”.

    Next steps and the close-out checklist may say what is still to do.

    Why: readers of a closed issue take its text for the outcome (research workflow, Before closing the issue).

    Fails:

    ```markdown
    ## Results

    Pending.
    ```

    Passes:

    ```markdown
    ## Results

    Block sparsity keeps the loss (SPA-AT-002).
    ```

    How to fix: write what was found, or “none”.
    """
    is_whole = True
    for section in facts.body.sections:
        if section.placeholders and {"next-steps", "close-out"}.isdisjoint(section.names):
            is_whole = False
            said = f"“{section.title[:80]}” still holds “{section.placeholders[0][:80]}”"
            yield Evidence(said, facts.issue_page, "write what is known now (`--draft` offers it), or “none”")
    if is_whole:
        yield Evidence("no section of the body holds a placeholder", facts.issue_page)


@check("advisory")
def docs_updated(facts: SealFacts) -> Iterator[Evidence]:
    """The body or the final comment links the documentation that changed, or says that no update is needed.

    Why: durable findings belong in durable documents (research workflow, Epilogue: Seal 3).

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
    found = next(filter(None, map(_documentation_in, facts.texts)), "")
    way = "link what was updated under `## Documentation`, or write “none needed” there"
    yield Evidence(found or "no documentation is linked", facts.issue_page, "" if found else way)


_DOCUMENTS = re.compile(r"\b(?:docs?|documentation|runbooks?|readme)\b", re.IGNORECASE)
_NOT_NEEDED = re.compile(
    r"\b(?:none|no|not|nothing)\b[\w ]{0,30}\b(?:needed|required|necessary|changes?|changed)\b", re.IGNORECASE
)


def _documentation_in(text: IssueText) -> str:
    """Return what a text says about updated documentation; empty if nothing."""
    for section in text.sections:
        if _DOCUMENTS.search(section.title) and not section.is_empty:
            if section.says_none or section.is_not_applicable or _NOT_NEEDED.search(section.text):
                return "no update is needed"
            documents = {LinkKind.FILE, LinkKind.PULL_REQUEST, LinkKind.COMMIT}
            if any(link.is_link and link.kind in documents for link in section.links):
                return f"“{section.title}” links it"
    if any(_DOCUMENTS.search(line.text) and _NOT_NEEDED.search(line.text) for line in text.lines):
        return "no update is needed"
    pages = (link for link in text.links if link.is_link and link.kind is LinkKind.FILE)
    return next((f"{link.path} is linked" for link in pages if link.path.endswith((".md", ".rst"))), "")
