"""Rules about experiment IDs (research workflow, Prologue 4)."""

from collections import defaultdict
from collections.abc import Iterator

from research_logbook.lint.rule import STRIKE, WARNING, ChangeSet, LintCase, RuleGroup, RuleHit, Scope
from research_logbook.lint.rules.entries import at_heading, experiments
from research_logbook.logbook.experiment_ids import prefix_of

IDS = RuleGroup("IDs")


@IDS.rule(WARNING, help="put the next ID after the date: `### YYYY-MM-DD HH:MM - PREFIX-NNN label`")
def entry_without_id(case: LintCase) -> Iterator[RuleHit]:
    """An experiment without an experiment ID, in a logbook that declares a prefix.

    Why: IDs like `MOE-HC-001` tie entries, run names and issue comments together (research workflow, Prologue 4).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    Experiment ID prefix: SPA-AT

    ## Entry Log

    ### 2026-05-25 - first seed

    - Command: `python -m train --seed 0`
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    Experiment ID prefix: SPA-AT

    ## Entry Log

    ### 2026-05-25 - SPA-AT-001 first seed

    - Command: `python -m train --seed 0`
    ```

    Way out: give it the next number; a decision or an incident needs none.
    """
    if case.book.header.prefix:
        for entry in experiments(case.book):
            if not entry.ids:
                yield RuleHit(
                    at_heading(entry), f"the entry {entry.name} has no experiment ID, such as {case.book.prefix}-001"
                )


@IDS.rule(
    WARNING,
    help="use this logbook's own prefix in headings; name other threads' experiments in the text" + STRIKE,
)
def foreign_id(case: LintCase) -> Iterator[RuleHit]:
    """A heading with an ID of another prefix than the one the logbook declares.

    Why: one short prefix a series, so that an ID leads to one place (research workflow, Prologue 4).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    Experiment ID prefix: SPA-AT

    ## Entry Log

    ### 2026-05-25 - MOE-HC-001 first seed
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    Experiment ID prefix: SPA-AT

    ## Entry Log

    ### 2026-05-25 - SPA-AT-001 first seed, after MOE-HC-001
    ```

    Way out: use the logbook's prefix. A longer one that begins with it (`SPA-AT-PERF`) is no fault.
    """
    declared = case.book.header.prefix
    for entry in case.book.everything if declared else ():
        for name in entry.heading_ids[:1]:
            prefix = prefix_of(name)
            if prefix != declared and not prefix.startswith(f"{declared}-"):
                yield RuleHit(at_heading(entry), f"the ID {name} has not this logbook's prefix {declared}")


@IDS.rule(
    WARNING,
    help="take another prefix, or name the other logbook in this one (`Parent logbook:`) when both are one series",
    scope=Scope.CHANGE,
)
def shared_prefix(change: ChangeSet) -> Iterator[RuleHit]:
    """A prefix that another logbook uses too, when neither names the other.

    Why: an ID must lead to one experiment (research workflow, Prologue 4).

    Fails: `sparse.md` and `dense.md` both use `SPA-AT`, and neither mentions the other.

    Passes: `sparse-2.md` says `Parent logbook: sparse.md` and goes on with `SPA-AT`.

    Way out: take another prefix for the newer thread, or link the two.
    """
    users = defaultdict(list)
    for book in (*change.facts.others, *change.books):
        if book.prefix:
            users[book.prefix].append(book)
    for book in change.books:
        for other in users[book.prefix] if book.prefix else ():
            if other.path != book.path and other.topic not in book.names and book.topic not in other.names:
                yield RuleHit(book, f"the prefix {book.prefix} is also the one of {other.path}")
                break


RULES = (entry_without_id, foreign_id, shared_prefix)
