"""Rules about the record itself: what was written stays, whoever would like it otherwise."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterator

from research_logbook.diff import Changes
from research_logbook.diff.index_sections import Shift
from research_logbook.lint.rule import ERROR, WARNING, ChangeSet, LintCase, Needs, Revision, RuleGroup, RuleHit, Scope
from research_logbook.logbook.model import Span, Spot

HISTORY = RuleGroup("history")

_LONGEST = 120


def _plain(text: str) -> str:
    """Return hostile text as one line of at most 120 printable characters."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


_SIGNS = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _shell(word: str) -> str:
    """Return `word` as one word for a shell, on one line."""
    if word.isprintable():
        return shlex.quote(word)
    signs = (_SIGNS.get(sign) or (sign if sign.isprintable() else _octal(sign)) for sign in word)
    return f"$'{''.join(signs)}'"


def _octal(sign: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in sign.encode(errors="surrogateescape"))


def _git_show(revision: Revision) -> str:
    return f"`git show {_shell(f'{revision.name}:{revision.path}')}`"


def _restore(revision: Revision) -> str:
    return f"put the words back ({_git_show(revision)} shows them)"


_Faults = Callable[[Changes, Revision], Iterator[RuleHit]]


def _each(case: LintCase, faults: _Faults) -> Iterator[RuleHit]:
    """Yield the faults against each revision; what two revisions show alike counts once."""
    seen: Counter[tuple[str, str]] = Counter()
    for revision, changes in case.changes:
        here: Counter[tuple[str, str]] = Counter()
        for fault in faults(changes, revision):
            key = fault.where.subject, fault.message
            here[key] += 1
            if here[key] > seen[key]:
                yield fault
        seen |= here


@HISTORY.rule(
    ERROR,
    help="put the entry back as it was, and add what changed as a new entry",
    needs=Needs.BASE,
    can_be_allowed=False,
)
def removed_entry(case: LintCase) -> Iterator[RuleHit]:
    """An entry that was in the log and is gone, or that no longer stands in its place among the others.

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

    How to fix: restore the entry from the earlier version, and say in a new one why it no longer counts.
    """
    yield from _each(case, _removals)


def _removals(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    for gone in changes.removed:
        what = (
            "no longer stands in the log, but in an index or a quote" if gone.is_aside else "was removed from the log"
        )
        message = f"entry {_plain(gone.entry.name)} {what}"
        way = f"{_restore(revision)}, in their old place, and add what changed as a new entry"
        yield RuleHit(Spot(gone.span, gone.entry.subject), message, way)
    for moved in changes.moved:
        message = f"entry {_plain(moved.entry.name)} no longer stands where it stood among the others"
        way = f"restore the file's earlier text ({_git_show(revision)} shows it), and add the change to it"
        yield RuleHit(Spot(moved.span, moved.entry.subject), message, way)


@HISTORY.rule(
    ERROR,
    help="put the words back, and add what changed as a new entry or as ~~old~~ new",
    needs=Needs.BASE,
    can_be_allowed=False,
)
def rewritten_entry(case: LintCase) -> Iterator[RuleHit]:
    """An entry that lost words, or had words put inside a sentence.

    Formatting, link targets, additions on new lines, sentences at an end, a pending value that comes in and a
    correction that strikes out are no rewriting.

    Why: the log is append-only: what was thought at the time is what a later reader needs (task-logbook;
    research workflow, Core Artifacts 3).

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

    How to fix: put the words back; correct them as `~~old~~ new`, or in a new entry.
    """
    yield from _each(case, _rewrites)


def _rewrites(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    for change in changes.rewritten:
        what = _loss(change.quote, is_insertion=change.is_insertion)
        way = f"{_restore(revision)} and add what changed as a new entry or as ~~old~~ new"
        yield RuleHit(Spot(change.span, change.entry.subject), f"entry {_plain(change.entry.name)} {what}", way)


def _loss(quote: str, *, is_insertion: bool) -> str:
    if is_insertion:
        return f"no longer reads “{_plain(quote)}”: words were put into the sentence"
    return f"lost “{_plain(quote)}”"


@HISTORY.rule(
    ERROR,
    help="put the decision back as it was, and add the new one",
    needs=Needs.BASE,
    can_be_allowed=False,
)
def rewritten_decision(case: LintCase) -> Iterator[RuleHit]:
    """A decision that is gone from the decision log, or lost words.

    Why: the decision log tells what was decided when, on what evidence; a decision is revised by a later one
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

    How to fix: put the old decision back, and add the new one beside it.
    """
    yield from _each(case, _decisions)


def _decisions(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    for lost in changes.decisions:
        what = _loss(lost.quote, is_insertion=lost.is_insertion) if lost.quote else "was removed"
        message = f"decision “{_plain(lost.decision.text[:60])}” {what}"
        way = f"{_restore(revision)} and add the new decision beside it"
        yield RuleHit(Spot(lost.span, lost.decision.subject), message, way)


@HISTORY.rule(
    ERROR,
    help="put the hypothesis back with the status it has now",
    needs=Needs.BASE,
    can_be_allowed=False,
)
def dropped_hypothesis(case: LintCase) -> Iterator[RuleHit]:
    """A hypothesis that is in the queue no more. Its wording, status and place may change.

    Why: hypotheses are falsified or promoted, with the evidence; one that vanishes is tried again (research
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

    How to fix: put it back with its status and the evidence for that.
    """
    yield from _each(case, _drops)


def _drops(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    for gone in changes.dropped:
        message = f"hypothesis {_plain(gone.hypothesis.name)} is gone from the queue"
        way = (
            f"put it back ({_git_show(revision)} shows it) with the status it has now, such as falsified, "
            "and its evidence"
        )
        yield RuleHit(Spot(gone.span, gone.hypothesis.subject), message, way)


@HISTORY.rule(
    ERROR,
    help="bring the logbook back",
    scope=Scope.CHANGE,
    needs=Needs.BASE,
    can_be_allowed=False,
)
def deleted_logbook(change: ChangeSet) -> Iterator[RuleHit]:
    """A logbook that was deleted, or that stands where none is looked for.

    In the examples, an empty text after the change stands for a file that is gone.

    Why: long-lived work leaves a durable record, whatever came of it (research workflow, General Principle).

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

    How to fix: bring the file back; a thread that is over ends with an entry that says so.
    """
    for path, revision in change.facts.deleted.items():
        spot = Spot(Span(path, 1, 1), f"logbook {path}")
        moved = change.facts.moved.get(path)
        if moved is None:
            way = f"bring it back: `git restore --source={_shell(revision)} -- {_shell(path)}`"
            yield RuleHit(spot, f"the logbook {_plain(path)} was deleted", way)
        else:
            message = f"the logbook {_plain(path)} was moved to {_plain(moved)}, where no logbooks are looked for"
            yield RuleHit(spot, message, f"bring it back: `git mv -- {_shell(moved)} {_shell(path)}`")


@HISTORY.rule(
    WARNING,
    help="write a new entry at the end of the log, with the date on which it is written",
    needs=Needs.BASE,
    can_be_allowed=False,
)
def backdated_entry(case: LintCase) -> Iterator[RuleHit]:
    """A new entry that stands before older ones, in a log that grows at its end.

    Why: the log tells what was known when; an entry put in later claims that it was known before
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

    How to fix: put the new entry at the end; it may say what it looks back on.
    """
    yield from _each(case, _backdated)


def _backdated(changes: Changes, _revision: Revision) -> Iterator[RuleHit]:
    for entry in changes.backdated:
        yield RuleHit(entry, f"entry {_plain(entry.name)} is new and stands before older entries")


@HISTORY.rule(
    WARNING,
    help="keep the old next action, and add the new one after it",
    needs=Needs.BASE,
    can_be_allowed=False,
)
def replaced_next_action(case: LintCase) -> Iterator[RuleHit]:
    """An entry whose next action was replaced when its result came in.

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

    How to fix: keep the old plan and add the new one after it, or strike the old one out.
    """
    yield from _each(case, _next_actions)


def _next_actions(changes: Changes, revision: Revision) -> Iterator[RuleHit]:
    for change in changes.replaced_next_actions:
        what = _loss(change.quote, is_insertion=change.is_insertion)
        message = f"the next action of entry {_plain(change.entry.name)} {what}, when its result came in"
        way = f"{_restore(revision)} and add the new next action after them, or write ~~old~~ new"
        yield RuleHit(Spot(change.span, f"{change.entry.subject} next action"), message, way)


@HISTORY.rule(
    WARNING,
    help="say in a new entry or decision that the baseline changed, and why",
    needs=Needs.BASE,
    can_be_allowed=False,
)
def changed_baseline(case: LintCase) -> Iterator[RuleHit]:
    """A baseline that lost words or numbers, with no new entry or decision that says so.

    Why: repeated comparisons need a fixed baseline case (research workflow, Prologue 6).

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

    How to fix: write down in an entry or a decision why the baseline changed.
    """
    yield from _each(case, lambda changes, revision: _shifted(changes.baseline, "baseline", revision))


@HISTORY.rule(
    WARNING,
    help="say in a new entry or decision that the stop criteria changed, and why",
    needs=Needs.BASE,
    can_be_allowed=False,
)
def changed_stop_criteria(case: LintCase) -> Iterator[RuleHit]:
    """Stop criteria that lost words or numbers, with no new entry or decision that says so.

    Why: a goal that moves with the results is no goal (research workflow, Prologue 6: stop criteria).

    Fails:

    ```markdown before
    ## Stop Criteria

    - Gate 1: loss under 2.30 at step 400 for two seeds.
    ```
    ```markdown after
    ## Stop Criteria

    - Gate 1: loss under 2.35 at step 400 for two seeds.
    ```

    Passes:

    ```markdown before
    ## Stop Criteria

    - Gate 1: loss under 2.30 at step 400 for two seeds.
    ```
    ```markdown after
    ## Stop Criteria

    - Gate 1: loss under 2.30 at step 400 for two seeds.
    - Gate 2: the same at step 4,000.
    ```

    How to fix: write down in an entry or a decision why they changed.
    """
    yield from _each(case, lambda changes, revision: _shifted(changes.stop_criteria, "stop criteria", revision))


def _shifted(shift: Shift | None, name: str, revision: Revision) -> Iterator[RuleHit]:
    if shift:
        way = f"{_restore(revision)}, or say in a new entry or decision that the {name} changed, and why"
        yield RuleHit(Spot(shift.span, shift.section.subject), f"the {name} lost “{_plain(shift.quote)}”", way)


RULES = (
    removed_entry,
    rewritten_entry,
    rewritten_decision,
    deleted_logbook,
    dropped_hypothesis,
    backdated_entry,
    replaced_next_action,
    changed_baseline,
    changed_stop_criteria,
)
