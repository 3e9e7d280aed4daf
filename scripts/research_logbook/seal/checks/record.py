"""Seal checks of what the summary rests on: logbook, snapshots, pull requests, labels."""

import re
from collections.abc import Iterable, Iterator, Sequence

from research_logbook.issues.links import IssueLink, LinkKind, Pin
from research_logbook.issues.summaries import naming, next_line
from research_logbook.lint.rule import Facts, LintCase, Revision, RuleHit, Scope
from research_logbook.lint.rules import history
from research_logbook.lint.rules.entries import unanswered
from research_logbook.logbook.model import Entry, Hypothesis, Logbook, Status
from research_logbook.repo.logbook_resolution import PinnedLogbook
from research_logbook.seal.checks.facts import (
    Evidence,
    ProductionPull,
    SealFacts,
    check,
    has_result,
    last_entry,
    without_logbook,
)


@check()
def final_snapshot(facts: SealFacts) -> Iterator[Evidence]:
    """The body, or the final comment, links a snapshot that holds the logbook with its last result.

    A snapshot is a `snapshot/…` tag, or a full commit that a branch or a tag of this repository leads to. What it
    holds is looked at: a link to an older one, to a fork's commit or to a tag that is not there does not do.

    Why: what was published must be found again as it was (research workflow, Before closing the issue: final
    snapshot is linked).

    Fails:

    ```markdown
    ## Links

    - Snapshot: snapshot/sparse-attention/SPA-AT-002
    ```
    ```markdown
    ## Links

    - [Snapshot](https://github.com/lab/models/tree/snapshot/sparse-attention/SPA-AT-001)
    ```

    Passes:

    ```markdown
    ## Links

    - [Final snapshot](https://github.com/lab/models/tree/snapshot/sparse-attention/SPA-AT-002)
    ```
    ```markdown
    ## Links

    - Final snapshot: 8f2c1e07d5b3a49698e0c2d7f4b1a6935c8e2d10
    ```

    How to fix: snapshot the last entry that has a result, and link the tag from the body.
    """
    found, entry = facts.final_snapshot, facts.entry
    if found:
        where = facts.page("tree", found.name)
        yield Evidence(f"{_name(found)} holds the logbook with {entry.name if entry else ''}", where)
    elif entry is None:
        yield from without_logbook(facts)
    else:
        yield Evidence(_unsnapped(facts, entry), facts.issue_page, _SNAP.format(entry.name))


_SNAP = "snapshot the logbook with {}, and link the tag from the body"


def _name(held: PinnedLogbook) -> str:
    return held.name if held.is_tag else held.name[:12]


def _unsnapped(facts: SealFacts, entry: Entry) -> str:
    """Return what is wrong with what the issue links in place of a snapshot."""
    if facts.pinned_links:
        held = facts.pinned_links[-1][1]
        if not held.is_reachable:
            return f"{_name(held)} is linked, but no branch or tag of this repository leads to it"
        has = "without" if held.book else "but no logbook of this thread, and so not"
        return f"{_name(held)} is linked, and holds the logbook {has} the result of {entry.name}"
    pinned = [link for text in facts.texts for link in text.links if _is_snapshot(link, facts)]
    if not pinned:
        return "no snapshot is linked"
    link = pinned[-1]
    if not link.is_link:
        return f"{link.ref} is named, but not linked"
    if link.pin is Pin.ABBREVIATED:
        return f"{link.ref} is linked, which is not the full name of a commit"
    return f"{link.ref[:80]} is linked, but is neither a tag nor a commit of this repository"


def _is_snapshot(link: IssueLink, facts: SealFacts) -> bool:
    is_pinned = link.is_snapshot or link.pin in {Pin.COMMIT, Pin.ABBREVIATED}
    return is_pinned and facts.is_own(link.repository)


@check()
def production_pr(facts: SealFacts) -> Iterator[Evidence]:
    """Every merged production pull request is linked from the body, and brought no logbook into the default branch.

    These are the merged pull requests of this repository into its default branch that mention the issue, if they say
    “Part of #8734” or “Closes #8734”, link the logbook, or come from its branch. Of the last kind the logbook may be
    part. Those that are still open are only named.

    Why: from the summary a reader gets to what was shipped, and the production branch links the logbook and does not
    include it (research workflow, Epilogue: Seal; Before closing the issue).

    Fails: `#31 Faster attention` says “Part of #8734” and is merged, and the body does not mention it.

    Passes: the body says “Production: #31”; or no pull request says that it is part of the issue.

    How to fix: link it. A logbook that was merged along is taken out of the default branch again, by a further pull
    request.
    """
    linked = {link.number for link in facts.body.links if _is_number(link, facts)}
    for pull in facts.pulls:
        yield from _about(pull, facts, is_linked=pull.number in linked)
    if not facts.pulls:
        yield Evidence("no pull request is part of this issue", facts.issue_page)


_NUMBERED = {LinkKind.PULL_REQUEST, LinkKind.NUMBER, LinkKind.ISSUE}


def _is_number(link: IssueLink, facts: SealFacts) -> bool:
    return link.kind in _NUMBERED and link.is_link and facts.is_own(link.repository)


def _about(pull: ProductionPull, facts: SealFacts, *, is_linked: bool) -> Iterator[Evidence]:
    page = facts.page("pull", str(pull.number))
    if not pull.is_merged:
        yield Evidence(f"#{pull.number} is still open", page)
        return
    if not is_linked:
        way = f"link it: `- Production pull request: #{pull.number}`"
        yield Evidence(f"the body does not link #{pull.number}, which is merged", page, way)
    for path in pull.carries:
        what = f"#{pull.number} brought {path} into the default branch"
        yield Evidence(what, page, "take it out there again; it belongs to the research branch")
    if is_linked and not pull.carries:
        yield Evidence(f"#{pull.number} is linked", page)


@check()
def final_entry(facts: SealFacts) -> Iterator[Evidence]:
    """The logbook has come to an end, and logbook, issue and snapshot lead to each other.

    Its header names this issue, and the body names its path. It links the final snapshot, or the snapshot holds it.
    Its last entry has a result, a conclusion or a decision, and no result is pending that no later entry answers.

    Why: whoever finds one artefact finds the others, and a run that nobody came back to is a lost result (research
    workflow, Epilogue: Seal 4).

    Fails:

    ```markdown logbook
    ### 2026-05-28 10:00 - SPA-AT-003 third seed

    - Command: `python -m train --blocks 512 --seed 2`
    - Result: pending.
    ```

    Passes:

    ```markdown logbook
    ### 2026-05-28 10:00 - close-out

    - Decision: stop here, two seeds agree. The third was not started.
    ```

    How to fix: write what came of the last run, “abandoned” included, and link what is not linked.
    """
    if facts.book is None:
        yield from without_logbook(facts)
        return
    lacks = [*_unlinked(facts, facts.book), *_unfinished(facts, facts.book)]
    yield from lacks
    if not lacks:
        last = last_entry(facts.book)
        yield Evidence(f"the log ends with {last.name if last else ''}", facts.line(last.span.line if last else 1))


def _unlinked(facts: SealFacts, book: Logbook) -> Iterator[Evidence]:
    issue = book.header.issue
    number = facts.issue.number
    if issue is None or issue.number != number or not facts.is_own(issue.repository or ""):
        what = f"the logbook's header names {issue.written[:80] if issue else 'no issue'}, not #{number}"
        yield Evidence(what, facts.line(1), f"write `issue: {number}` into its front matter")
    if not any(link.kind is LinkKind.LOGBOOK and link.path == book.path for link in facts.body.links):
        yield Evidence("the body does not name the logbook", facts.issue_page, f"link `{book.path}` from it")
    snapshots = {name for held in facts.snapshots for name in (held.name, held.commit) if name}
    if not facts.final_snapshot and not any(name in link.url for link in book.links for name in snapshots):
        what = "the logbook links no snapshot, and no snapshot that the issue links holds its end"
        yield Evidence(what, facts.line(1), "snapshot it, and link the tag")


_ENDS = ("result", "conclusion", "decision")
_END = re.compile(
    r"\b(?:conclu(?:de|sion)|decision|decided|abandoned|closed?[ -]?out|wrap(?:ped)?[ -]?up)\w*", re.IGNORECASE
)


def _unfinished(facts: SealFacts, book: Logbook) -> Iterator[Evidence]:
    last = last_entry(book)
    if last is None:
        yield Evidence("the log has no entry", facts.line(1), "write one, with what was found or decided")
    elif not _is_an_end(last):
        what = f"the last entry, {last.name}, has no result, conclusion or decision"
        yield Evidence(what, facts.line(last.span.line), "say in it, or in a new entry, how it ended")
    for entry, field in unanswered(book):
        what = f"the result of {entry.name} is still pending"
        yield Evidence(what, facts.line(field.span.line), "write what came of it; “abandoned” is a result")


def _is_an_end(entry: Entry) -> bool:
    if has_result(entry) or any(not item.is_pending for item in entry.all(*_ENDS)):
        return True
    is_open = any(item.is_pending for item in entry.all(*_ENDS))
    return not is_open and bool(_END.search(f"{entry.heading}\n{entry.text}"))


_OPEN = {Status.PROPOSED, Status.ACTIVE, None}


@check()
def hypotheses_settled(facts: SealFacts) -> Iterator[Evidence]:
    """Each hypothesis that is proposed or active, or of unknown state, is named in Next steps, or there is none.

    Why: the queue tells the next reader what was tried (research workflow, Core Artifacts 3).

    Fails:

    ```markdown logbook
    ## Hypothesis Queue

    - `SPA-H1` (active): block sparsity keeps the loss. Next test: SPA-AT-003.
    ```

    Passes:

    ```markdown logbook
    ## Hypothesis Queue

    - `SPA-H1` (supported): block sparsity keeps the loss. Evidence: SPA-AT-002.
    ```
    ```markdown
    ## Next steps

    - Take `SPA-H1` up again at width 1024.
    ```
    ```markdown logbook
    ## Hypothesis Queue

    - `SPA-H1` (active): block sparsity keeps the loss. Next test: SPA-AT-003.
    ```

    How to fix: settle it with its evidence, or say in Next steps who may take it up.
    """
    book = facts.book
    if book is None:
        yield from without_logbook(facts)
        return
    is_planned = naming("\n".join(_planned(facts)))
    left = [one for one in book.hypotheses if one.status in _OPEN and not is_planned(one.id or one.text[:60])]
    for one in left:
        yield Evidence(_open(one), facts.line(one.span.line), "settle it with its evidence, or name it in Next steps")
    if not left:
        yield Evidence(f"{len(book.hypotheses)} in the queue, none left open", facts.line(1))


def _planned(facts: SealFacts) -> Iterator[str]:
    for text in facts.texts:
        yield from (section.text for section in text.named("next-steps"))
        yield next_line(text) or ""


def _open(one: Hypothesis) -> str:
    return f"{one.name} is {one.status or f'in the unknown state “{one.status_written[:40]}”'}"


@check()
def history_intact(facts: SealFacts) -> Iterator[Evidence]:
    """The logbook still has all that its snapshots had: the rules about history find nothing against any of them.

    So it is with a commit that is linked as the final snapshot. A next action that was replaced when its result came
    in is no reason to stay open.

    Why: the log is append-only; a thread whose past was changed cannot be closed on it (task-logbook).

    Fails:

    ```markdown before
    ### 2026-05-25 10:00 - SPA-AT-001 first seed

    - Command: `python -m train --blocks 512 --seed 0`
    - Result: loss 2.31 after 400 steps.
    ```
    ```markdown after
    ### 2026-05-25 10:00 - SPA-AT-001 first seed

    - Command: `python -m train --blocks 512 --seed 0`
    - Result: loss 2.13 after 400 steps.
    ```

    Passes:

    ```markdown before
    ### 2026-05-25 10:00 - SPA-AT-001 first seed

    - Command: `python -m train --blocks 512 --seed 0`
    - Result: loss 2.31 after 400 steps.
    ```
    ```markdown after
    ### 2026-05-25 10:00 - SPA-AT-001 first seed

    - Command: `python -m train --blocks 512 --seed 0`
    - Result: loss ~~2.31~~ 2.13 after 400 steps.
    ```

    How to fix: put the words back; correct them as `~~old~~ new`, or in a new entry.
    """
    if facts.book is None:
        yield from without_logbook(facts)
        return
    final = facts.final_snapshot
    known = [*facts.snapshots, *([final] if final and not final.is_tag else [])]
    revisions = [Revision(held.name, held.book.path, held.book) for held in known if held.book]
    faults = list(_faults(facts, facts.book, revisions))
    for fault in faults:
        yield Evidence(fault.message, facts.line(fault.where.span.line), fault.help)
    if not faults:
        against = f"against {len(revisions)} snapshots" if len(revisions) != 1 else f"against {revisions[0].name}"
        yield Evidence(f"nothing is missing {against}" if revisions else "there is no snapshot to compare with")


def _faults(facts: SealFacts, book: Logbook, revisions: Sequence[Revision]) -> Iterable[RuleHit]:
    case = LintCase(book=book, facts=Facts(facts.now), config=facts.config, revisions=tuple(revisions))
    for rule in history.RULES:
        is_on = rule.name != history.replaced_next_action.name and facts.config.rules.get(rule.name) != "off"
        if rule.scope is Scope.LOGBOOK and is_on:
            yield from (fault._replace(help=fault.help or rule.help) for fault in rule.check(case))


@check()
def labels(facts: SealFacts) -> Iterator[Evidence]:
    """The issue has the labels that it has to carry: `experiment`, and `agent-generated` when an agent made it.

    Why: a closed thread is found by its labels (research workflow, Core Artifacts 1).

    Fails: an issue by an agent has `experiment` only.

    Passes: it has both; or `labels.not-put-back` lists the one that people took off.

    How to fix: run `logbook labels`, or add them by hand.
    """
    page = facts.issue_page
    for name in facts.lacking_labels:
        yield Evidence(f"`{name}` is not on", page, "add it, or run `logbook labels`")
    if not facts.lacking_labels:
        yield Evidence("all are on", page)
