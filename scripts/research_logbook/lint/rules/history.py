"""Rules about the history of the record: what was written stays."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps

from research_logbook.diff import Changes
from research_logbook.diff.append_only import OUT_OF_SIGHT
from research_logbook.diff.protected_text import Passage
from research_logbook.lint.rules.rule import (
    ERROR,
    WARNING,
    ChangeSet,
    LintCase,
    Needs,
    Revision,
    RuleGroup,
    RuleHit,
    Scope,
)
from research_logbook.logbook.model import Entry, Span, Spot
from research_logbook.markdown.escape import one_line

HISTORY = RuleGroup("history", needs=Needs.BASE, can_be_allowed=False)

_MOST_QUOTED = 120


def _quoted(text: str) -> str:
    return one_line(text, _MOST_QUOTED)


def _named(entry: Entry) -> str:
    """Return what a message calls an entry, or protected text that is none."""
    return f"{'the text below' if isinstance(entry, Passage) else 'entry'} {_quoted(entry.name)}"


_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _shell(word: str) -> str:
    """Return `word` quoted for a shell, on one line."""
    if word.isprintable():
        return shlex.quote(word)
    quoted = ""
    for sign in word:
        octal = "".join(f"\\{byte:03o}" for byte in sign.encode(errors="surrogateescape"))
        quoted += _ESCAPES.get(sign) or (sign if sign.isprintable() else octal)
    return f"$'{quoted}'"


def _git_show(revision: Revision) -> str:
    return f"`git show {_shell(f'{revision.name}:{revision.path}')}`"


def _restore(revision: Revision) -> str:
    return f"restore the old text (see {_git_show(revision)})"


def per_revision(check: Callable[[Changes, Revision], Iterator[RuleHit]]) -> Callable[[LintCase], Iterator[RuleHit]]:
    """Return a rule that runs `check` against each earlier version; what two versions show alike counts once.

    What only a recent one had may be taken back, and is excused; such versions come last. What had been taken back
    before the branch was pushed over is none of that push's losses.
    """

    @wraps(check)
    def against_all(case: LintCase) -> Iterator[RuleHit]:
        seen: Counter[tuple[str, str]] = Counter()
        for place, (revision, changes) in enumerate(case.changes):
            here: Counter[tuple[str, str]] = Counter()
            hits = list(check(changes, revision))
            then = case.taken_back[place] if hits else ()
            gone = [{(it.where.subject, it.message) for it in check(before, revision)} for before in then]
            for hit in hits:
                key = hit.where.subject, hit.message
                if gone and all(key in keys for keys in gone):
                    continue
                here[key] += 1
                if here[key] > seen[key]:
                    yield hit._replace(is_excused=True) if revision.is_recent else hit
            seen |= here

    return against_all


@HISTORY.rule(ERROR, help="restore the entry, and describe the change in a new entry")
@per_revision
def removed_entry(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    """An entry, or other text of the log, that was removed from the log, or moved among the others.

    All of the log is protected, whatever it is read as: text below the log's own heading, sections without a date, and
    what stands between and after dated bullets. So is all below a heading with a date or an ID elsewhere. Sections that
    are kept up to date are not, such as the hypothesis queue, the TL;DR, a status or the next steps.

    Why: an entry is never deleted because a hypothesis was revised, and failures are first-class data
    (task-logbook; research workflow, Practical Rules).

    Fails:

    ```markdown before
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.

    ### 2026-05-25 15:00 - MOE-HC-002 second seed

    - Command: `uv run python train.py --seed 1`
    - Result: diverged at step 120.
    ```
    ```markdown after
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```

    Passes:

    ```markdown before
    ### 2026-05-25 15:00 - MOE-HC-002 second seed

    - Command: `uv run python train.py --seed 1`
    - Result: diverged at step 120.
    ```
    ```markdown after
    ### 2026-05-25 15:00 - MOE-HC-002 second seed

    - Command: `uv run python train.py --seed 1`
    - Result: diverged at step 120.

    ### 2026-05-26 10:00 - MOE-HC-003 second seed, warm-up of 500 steps

    - Command: `uv run python train.py --seed 1 --warmup 500`
    - Result: loss 2.33 at step 400.
    ```

    How to fix: restore the entry from the earlier version, and explain in a new one why it no longer counts.
    """
    for gone in changes.removed:
        what = "was moved out of the log into an index or a quote" if gone.is_aside else "was removed from the log"
        if gone.quote:
            what = f"lost “{_quoted(gone.quote)}”"
        message = f"{_named(gone.entry)} {what}"
        way = f"{_restore(revision)} in its old place, and describe the change in a new entry"
        yield RuleHit(Spot(gone.span, gone.entry.subject), message, way)
    for moved in changes.moved:
        message = f"{_named(moved.entry)} was moved among the other entries"
        way = f"restore the earlier version of the file (see {_git_show(revision)}), and make the change in that"
        yield RuleHit(Spot(moved.span, moved.entry.subject), message, way)


@HISTORY.rule(ERROR, help="restore the old text, and add the change as a new entry or as ~~old~~ new")
@per_revision
def rewritten_entry(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    """An entry, or other text of the log, that lost words, had words inserted, or says something else where it is now.

    Formatting, link targets, new lines, sentences added at the end, pending values filled in, and corrections that
    strike out the old text are fine. Capital and small letters, commas, quotes and a final stop are formatting too,
    unless they change a number, a unit, a sign, a negation or code; so are the order of bullets, fields and rows, and a
    heading over old text that says nothing of it, such as “Notes” or “May 2026”. The path of a file that the same
    change moved may be corrected.

    What is found though every word is still there: old text below a new item, heading, label or table header, or in a
    quote; an item below another parent; a task that is ticked or unticked; other numbers of a list; paragraphs in
    another order; a link with other words in place of `#12` or an address.

    What counts is what a reader of GitHub's page sees: words that a change moves into
    a comment, a closed `<details>`, a footnote or the alternative text of an image are lost, and so is a number that it
    raises or turns round. Output in blocks of code may be folded away.

    Why: the log is append-only: later readers need what was thought at the time (task-logbook; research workflow,
    Core Artifacts 3).

    Fails:

    ```markdown before
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```
    ```markdown after
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.13 at step 400.
    ```

    Passes:

    ```markdown before
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```
    ```markdown after
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss ~~2.31~~ 2.13 at step 400. The first reading was of the wrong run.
    ```

    How to fix: restore the old text; correct it as `~~old~~ new`, or in a new entry.
    """
    for change in changes.rewritten:
        what = _loss(change.quote, is_insertion=change.is_insertion)
        if change.stands:
            what = f"has “{_quoted(change.quote)}” {_quoted(change.stands)} now, where it says something else"
        way = f"{_restore(revision)}, and add the change as a new entry or as ~~old~~ new"
        if change.stands == OUT_OF_SIGHT:
            what = f"no longer shows “{_quoted(change.quote)}” to a reader of GitHub's page"
            way = (
                f"{_restore(revision)}: what stands in a closed `<details>`, in the alternative text of an image or in "
                "a footnote does not count as shown; `<details open>` does"
            )
        yield RuleHit(Spot(change.span, change.entry.subject), f"{_named(change.entry)} {what}", way)


def _loss(quote: str, *, is_insertion: bool) -> str:
    if is_insertion:
        return f"no longer reads “{_quoted(quote)}”: words were inserted into the sentence"
    return f"lost “{_quoted(quote)}”"


@HISTORY.rule(ERROR, help="restore the decision, and add the new one next to it")
@per_revision
def rewritten_decision(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    """A decision that was removed from the decision log, or lost words.

    Why: the decision log records what was decided when and on what evidence; a decision is revised by a later one
    (task-logbook: decision log).

    Fails:

    ```markdown before
    ## Decision Log

    - 2026-05-25: go on with two seeds, see MOE-HC-001.
    ```
    ```markdown after
    ## Decision Log

    - 2026-05-25: go on with five seeds, see MOE-HC-001.
    ```

    Passes:

    ```markdown before
    ## Decision Log

    - 2026-05-25: go on with two seeds, see MOE-HC-001.
    ```
    ```markdown after
    ## Decision Log

    - 2026-05-25: go on with two seeds, see MOE-HC-001.
    - 2026-05-27: five seeds instead, see MOE-HC-002.
    ```

    How to fix: restore the old decision, and add the new one next to it.
    """
    for lost in changes.decisions:
        what = _loss(lost.quote, is_insertion=lost.is_insertion) if lost.quote else "was removed"
        message = f"decision “{_quoted(lost.decision.text[:60])}” {what}"
        way = f"{_restore(revision)}, and add the new decision next to it"
        yield RuleHit(Spot(lost.span, lost.decision.subject), message, way)


@HISTORY.rule(ERROR, help="restore the hypothesis with its current status")
@per_revision
def dropped_hypothesis(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    """A hypothesis that was removed from the queue. Its status and position may change.

    Why: hypotheses are falsified or promoted with evidence; one that disappears will be tried again (research
    workflow, Core Artifacts 3).

    Fails:

    ```markdown before
    ## Hypothesis Queue

    - H1 (active): a cooler router balances the experts. Next test: MOE-HC-002.
    - H2 (proposed): more warm-up keeps the second seed from diverging.
    ```
    ```markdown after
    ## Hypothesis Queue

    - H2 (active): more warm-up keeps the second seed from diverging. Next test: MOE-HC-003.
    ```

    Passes:

    ```markdown before
    ## Hypothesis Queue

    - H1 (active): a cooler router balances the experts. Next test: MOE-HC-002.
    - H2 (proposed): more warm-up keeps the second seed from diverging.
    ```
    ```markdown after
    ## Hypothesis Queue

    - H2 (active): more warm-up keeps the second seed from diverging. Next test: MOE-HC-003.
    - H1 (falsified): a cooler router balances the experts. Evidence: MOE-HC-002, load varies by 0.41.
    ```

    How to fix: restore it with its current status and the evidence.
    """
    for gone in changes.dropped:
        message = f"hypothesis {_quoted(gone.hypothesis.name)} was removed from the queue"
        way = f"restore it (see {_git_show(revision)}) with its current status, such as falsified, and the evidence"
        yield RuleHit(Spot(gone.span, gone.hypothesis.subject), message, way)


@HISTORY.rule(
    ERROR, help="restore the claim, strike out what is wrong in it, or add a hypothesis with an ID of its own"
)
@per_revision
def reworded_hypothesis(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    """A hypothesis whose claim lost words, or had words put in, after a result named it.

    A result names it where its ID stands in an entry that has one, outside of the next action, or where its status is
    supported, falsified or promoted. Until then all of it may change. Status, evidence, next test, place and form may
    change ever after, and so may words that are struck out: `~~old~~ new`.

    Why: a claim that is fitted to its result was never tested; hypotheses are falsified or promoted with evidence
    (research workflow, Core Artifacts 3).

    Fails:

    ```markdown before
    ## Hypothesis Queue

    - H1 (active): a cooler router balances the experts. Next test: MOE-HC-002.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: load varies by 0.41 at step 400.
    - Interpretation: H1 does not hold.
    ```
    ```markdown after
    ## Hypothesis Queue

    - H1 (supported): a cooler router keeps the loss. Evidence: MOE-HC-001.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: load varies by 0.41 at step 400.
    - Interpretation: H1 does not hold.
    ```

    Passes:

    ```markdown before
    ## Hypothesis Queue

    - H1 (active): a cooler router balances the experts. Next test: MOE-HC-002.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: load varies by 0.41 at step 400.
    - Interpretation: H1 does not hold.
    ```
    ```markdown after
    ## Hypothesis Queue

    - H2 (proposed): a cooler router keeps the loss.
    - H1 (falsified): a cooler router balances the experts. Evidence: MOE-HC-001, load varies by 0.41.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: load varies by 0.41 at step 400.
    - Interpretation: H1 does not hold.
    ```

    How to fix: restore the claim, or strike out what is wrong in it. A new claim is a new hypothesis, with its own ID.
    """
    for change in changes.reworded:
        what = _loss(change.quote, is_insertion=change.is_insertion)
        message = f"hypothesis {_quoted(change.hypothesis.name)} {what} after a result named it"
        way = f"{_restore(revision)}, write ~~old~~ new, or add the new claim as a hypothesis of its own"
        yield RuleHit(Spot(change.span, change.hypothesis.subject), message, way)


@HISTORY.rule(ERROR, help="restore it, or say in a new entry or decision that it changed, and why")
@per_revision
def moved_goalposts(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    """A goal, primary metric, success threshold or stop criterion that changed after the first result, unexplained.

    They are found outside of the entries: below headings such as “Success criteria”, in fields such as `Goal:`, in
    tables, in front matter, and in sentences such as “The goal is to …”. Form, order and place may change, and so may
    all of it until an entry has a result. Additions are fine unless they make it easier to reach (“or 2.5”), and so is
    what is struck out where it stands.

    A new entry or decision explains a change if it names what changed, by its kind or in its words; says that it
    changed, or what it is now; and says why: a word such as “because”, a few words more than the bare statement, or
    “see MOE-HC-003”. “The goal is 1.2 now” explains nothing.

    Why: a goal that moves with the results is not a goal (research workflow, Prologue 6: goal, primary metric, stop
    criteria).

    Fails:

    ```markdown before
    ## Scope

    - Goal: halve the attention cost.
    - Primary metric: step time in ms, at equal loss.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```
    ```markdown after
    ## Scope

    - Goal: keep the attention cost below 1.2 of what it is.
    - Primary metric: step time in ms, at equal loss.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```

    ```markdown before
    ## Stop Criteria

    - Gate 1: loss under 2.30 at step 400 for two seeds.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```
    ```markdown after
    ## Stop Criteria

    - Gate 1: loss under 2.30 at step 400 for two seeds; or under 2.35 for one.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```

    Passes:

    ```markdown before
    ## Scope

    - Goal: halve the attention cost.
    - Primary metric: step time in ms, at equal loss.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```
    ```markdown after
    ## Scope

    - Goal: keep the attention cost below 1.2 of what it is.
    - Primary metric: step time in ms, at equal loss.

    ## Decision Log

    - 2026-05-26: the goal is 1.2 of the cost from now on, because no kernel we have halves it.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```

    ```markdown before
    ## Stop Criteria

    - Gate 1: loss under 2.30 at step 400 for two seeds.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```
    ```markdown after
    ## Stop Criteria

    - Gate 1: loss under 2.30 at step 400 for two seeds.
    - Gate 2: the same at step 4,000.

    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: loss 2.31 at step 400.
    ```

    How to fix: put it back; or say in a new entry or decision that it changed, and why.
    """
    for moved in changes.goalposts:
        what = f"gained “{_quoted(moved.quote)}”" if moved.is_addition else f"lost “{_quoted(moved.quote)}”"
        way = f"{_restore(revision)}, or say in a new entry or decision that the {moved.kind} changed, and why"
        yield RuleHit(moved, f"the {moved.kind} changed after the first result: it {what}", way)


@HISTORY.rule(ERROR, help="restore the logbook", scope=Scope.CHANGE)
def deleted_logbook(change: ChangeSet) -> Iterator[RuleHit]:
    """A logbook that was deleted, or moved where no logbooks are looked for.

    In the examples, an empty file after the change stands for a deleted one.

    Why: long-lived work leaves a durable record, whatever the outcome (research workflow, General Principle).

    Fails:

    ```markdown before
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: diverged at step 120.
    ```
    ```markdown after
    ```

    Passes:

    ```markdown before
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: diverged at step 120.
    ```
    ```markdown after
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: diverged at step 120.

    ### 2026-05-26 10:00 - conclusion

    - Conclusion: nothing to follow up; the thread ends here.
    ```

    How to fix: restore the file. A finished thread ends with an entry that says so.
    """
    for path, revision in change.facts.deleted.items():
        spot = Spot(Span(path, 1, 1), f"logbook {path}")
        moved = change.facts.moved.get(path)
        if moved is None:
            way = f"restore it: `git restore --source={_shell(revision)} -- {_shell(path)}`"
            is_excused = path in change.facts.taken_back
            yield RuleHit(spot, f"the logbook {_quoted(path)} was deleted", way, is_excused)
        else:
            message = f"the logbook {_quoted(path)} was moved to {_quoted(moved)}, where no logbooks are looked for"
            yield RuleHit(spot, message, f"move it back: `git mv -- {_shell(moved)} {_shell(path)}`")


@HISTORY.rule(
    ERROR, help="start the branch anew with fewer versions of the logbook that have all of it", scope=Scope.CHANGE
)
def unchecked_history(change: ChangeSet) -> Iterator[RuleHit]:
    """A logbook of which the branch has had more versions, or larger ones, than can be compared.

    The limits are a gigabyte of versions together, and ten megabytes of what differs between them. No work of people
    or agents comes near: five hundred versions of a logbook of 200 kB have a tenth of it.

    Why: what cannot be checked must not pass for checked, or many versions would be a way to lose an entry (research
    workflow, Core Artifacts 3).

    Fails:

    ```yaml given
    uncompared: 1200
    ```
    ```markdown
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: diverged at step 120.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: diverged at step 120.
    ```

    How to fix: start the branch anew from the default branch, with one commit that has everything the old one ever had.
    """
    for path, count in change.facts.uncompared.items():
        what = f"{count} version{'s' * (count > 1)} of {_quoted(path)} on this branch could not be compared"
        yield RuleHit(Spot(Span(path, 1, 1), f"versions of {path}"), f"{what}: they are too many, or too large")


@HISTORY.rule(WARNING, help="add a new entry at the end of the log, with the date on which it is written")
def backdated_entry(case: LintCase) -> Iterator[RuleHit]:
    """A new entry inserted before existing ones, in a log that grows at the end.

    The dates of the entries that were there tell which end grows, or where no date tells, the numbers of their IDs;
    where neither does, or where the log is newest first, nothing is found. A new entry above all others is found only
    if it claims to be older than one of them, and one at the end never, however late it is written.

    Why: the log shows what was known when; an entry inserted later claims to have been written earlier
    (task-logbook: the log is append-only).

    Fails:

    ```markdown before
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Result: loss 2.31 at step 400.

    ### 2026-05-26 10:00 - MOE-HC-002 second seed

    - Result: loss 2.33 at step 400.
    ```
    ```markdown after
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Result: loss 2.31 at step 400.

    ### 2026-05-25 17:00 - prediction for the second seed

    - Hypothesis: the second seed reaches 2.33.

    ### 2026-05-26 10:00 - MOE-HC-002 second seed

    - Result: loss 2.33 at step 400.
    ```

    Passes:

    ```markdown before
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Result: loss 2.31 at step 400.

    ### 2026-05-26 10:00 - MOE-HC-002 second seed

    - Result: loss 2.33 at step 400.
    ```
    ```markdown after
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Result: loss 2.31 at step 400.

    ### 2026-05-26 10:00 - MOE-HC-002 second seed

    - Result: loss 2.33 at step 400.

    ### 2026-05-27 09:00 - note on the second seed

    - Interpretation: on 25 May we expected 2.33, and did not write it down.
    ```

    How to fix: add the new entry at the end; it may refer back to earlier dates.
    """
    # What any earlier version has came with that, as with a merge of the default branch.
    known = {entry.subject for revision in case.revisions for entry in revision.book.everything}
    inserted = (entry for _, changes in case.changes for entry in changes.backdated if entry.subject not in known)
    for entry in {entry.span.line: entry for entry in inserted}.values():
        yield RuleHit(entry, f"new entry {_quoted(entry.name)} was inserted before existing ones")


@HISTORY.rule(WARNING, help="keep the old next action, and add the new one after it")
@per_revision
def replaced_next_action(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    """An entry whose next action was replaced when its result was added.

    Why: what was planned before the result was known is part of the record (research workflow, Propose / Run
    / Interpret 3: next decision).

    Fails:

    ```markdown before
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: pending
    - Next action: wait for step 400, then start the second seed.
    ```
    ```markdown after
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: diverged at step 120.
    - Next action: lower the learning rate.
    ```

    Passes:

    ```markdown before
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: pending
    - Next action: wait for step 400, then start the second seed.
    ```
    ```markdown after
    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Command: `uv run python train.py --seed 0`
    - Result: diverged at step 120.
    - Next action: wait for step 400, then start the second seed. It diverged: lower the learning rate.
    ```

    How to fix: keep the old plan and add the new one after it, or strike out the old one.
    """
    for change in changes.replaced_next_actions:
        what = _loss(change.quote, is_insertion=change.is_insertion)
        message = f"the next action of entry {_quoted(change.entry.name)} {what} when its result was added"
        way = f"{_restore(revision)}, and add the new next action after it or write ~~old~~ new"
        yield RuleHit(Spot(change.span, f"{change.entry.subject} next action"), message, way)


@HISTORY.rule(WARNING, help="say in a new entry or decision that the baseline changed, and why")
@per_revision
def changed_baseline(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    """A baseline that lost words or numbers without a new entry or decision that says so.

    Why: repeated comparisons need a fixed baseline (research workflow, Prologue 6).

    Fails:

    ```markdown before
    ## Baseline

    - 2026-05-20, commit 1691d0a: loss 2.41 at step 400.
    ```
    ```markdown after
    ## Baseline

    - 2026-05-20, commit 1691d0a: loss 2.36 at step 400.
    ```

    Passes:

    ```markdown before
    ## Baseline

    - 2026-05-20, commit 1691d0a: loss 2.41 at step 400.
    ```
    ```markdown after
    ## Decision Log

    - 2026-05-26: the baseline is 2.36 from now on; the old one had half the batch size.

    ## Baseline

    - 2026-05-26, commit 77c1f6e: loss 2.36 at step 400.
    ```

    How to fix: explain in an entry or a decision why the baseline changed.
    """
    if lost := changes.baseline:
        way = f"{_restore(revision)}, or say in a new entry or decision that the baseline changed, and why"
        yield RuleHit(Spot(lost.span, lost.section.subject), f"the baseline lost “{_quoted(lost.quote)}”", way)


RULES = (
    removed_entry,
    rewritten_entry,
    rewritten_decision,
    moved_goalposts,
    deleted_logbook,
    unchecked_history,
    dropped_hypothesis,
    reworded_hypothesis,
    backdated_entry,
    replaced_next_action,
    changed_baseline,
)
