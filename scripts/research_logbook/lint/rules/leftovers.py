"""Rules about what an edit left behind and nobody meant to keep: a merge's markers, a fence that is still open."""

import re
from collections.abc import Iterator

from research_logbook.lint.rules.file import FILE
from research_logbook.lint.rules.rule import ERROR, LintCase, RuleHit
from research_logbook.logbook.model import Logbook, Span, Spot
from research_logbook.markdown.escape import one_line
from research_logbook.markdown.tree import Block, BlockKind, walk


@FILE.rule(ERROR, help="keep the entries of both sides, and delete the markers")
def conflict_marker(case: LintCase) -> Iterator[RuleHit]:
    """A marker that git put where a merge did not know which side to take: `<<<<<<< HEAD`, `>>>>>>> main`.

    A whole conflict that is quoted in one block of code is fine.

    Why: nobody can tell which side of a half-finished merge is on record (research workflow, General Principle: a
    durable record).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    <<<<<<< HEAD
    - Result: loss 2.214 after 400 steps.
    =======
    - Result: diverged at step 40.
    >>>>>>> main
    ```

    Passes:

    ````markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    The merge stopped at

    ```
    <<<<<<< HEAD
    seed = 1
    =======
    seed = 2
    >>>>>>> main
    ```
    ````

    How to fix: keep both sides where both are entries: a log only grows. Then delete the markers.
    """
    for number, line in conflict_markers(case.book):
        spot = Spot(Span(case.book.path, number, number), f"conflict marker {line[:80]}")
        yield RuleHit(spot, f"“{one_line(line, _MOST_QUOTED)}” is left over from a merge")


def conflict_markers(book: Logbook) -> Iterator[tuple[int, str]]:
    """Yield the lines where a conflict of a merge begins, or ends without a beginning, with their numbers."""
    if "<<<<<<<" not in book.text and ">>>>>>>" not in book.text:
        return
    quoted = {line for block in _code(book) if _is_whole_conflict(block) for line in _lines_of(block)}
    is_open = False
    for number, line in enumerate(book.text.split("\n"), 1):
        is_start, is_end = _STARTS.match(line) is not None, _ENDS.match(line) is not None
        if number in quoted or not (is_start or is_end):
            continue
        if is_start or not is_open:  # The end of a conflict is shown where its start is.
            yield number, line.strip()
        is_open = is_start


_MOST_QUOTED = 60
_STARTS = re.compile(r"<{7}(?: \S|\s*\Z)")
_ENDS = re.compile(r">{7}(?: \S|\s*\Z)")


def _code(book: Logbook) -> Iterator[Block]:
    return (block for section in book.sections for block in walk(section.blocks) if block.kind is BlockKind.CODE)


def _lines_of(block: Block) -> range:
    return range(block.line, block.end_line + 1)


def _is_whole_conflict(block: Block) -> bool:
    lines = block.literal.split("\n")
    return any(map(_STARTS.match, lines)) and any(map(_ENDS.match, lines))


@FILE.rule(ERROR, help="close the fence where the code ends")
def unclosed_block(case: LintCase) -> Iterator[RuleHit]:
    """A block of code that is not closed where the code ends, and swallows headings.

    A last block that swallows no heading is fine. An unclosed comment is found by `hidden-text`.

    Why: what a block of code swallows is no section and no entry, neither to readers nor to tools (research workflow,
    Research Logbook).

    Fails:

    ````markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    ~~~sh
    python -m train --seed 0

    ### 2026-05-26 - MOE-HC-002 second seed

    - Result: diverged at step 40.
    ````

    Passes:

    ````markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    ~~~sh
    python -m train --seed 0
    ~~~

    ### 2026-05-26 - MOE-HC-002 second seed

    - Result: diverged at step 40.
    ````

    How to fix: close the fence. To quote Markdown that has fences of its own, open and close with four backticks.
    """
    lines = case.book.text.split("\n")
    fenced = [block for block in _code(case.book) if _FENCE.match(lines[block.line - 1])]
    # Each fence after one that is missing is taken for its opposite, up to the last.
    is_odd = bool(fenced) and not _is_closed(fenced[-1], lines)
    for block in fenced:
        heading = _HEADING.search(block.literal)
        if heading and (is_odd or not _is_closed(block, lines) or _opens_another(block, heading.end(), lines)):
            spot = Spot(Span(case.book.path, block.line, block.line), f"unclosed block {heading[0].strip()[:80]}")
            swallowed = one_line(heading[0].strip(), _MOST_QUOTED)
            yield RuleHit(spot, f"the block of code that begins here swallows the heading “{swallowed}”")
            return


_FENCE = re.compile(r"[\s>]*(?:(?:[-+*]|\d{1,9}[.)])\s+)*(?P<fence>`{3,}|~{3,})")
_CLOSING = re.compile(r"[\s>]*(?P<fence>`{3,}|~{3,})\s*\Z")
_HEADING = re.compile(r"^ {0,3}(?:#{2,6} +\S.*|# .*\b20\d\d-\d\d-\d\d.*)$", re.MULTILINE)


def _is_closed(block: Block, lines: list[str]) -> bool:
    opening, closing = _FENCE.match(lines[block.line - 1]), _CLOSING.match(lines[block.end_line - 1])
    return bool(opening and closing and block.end_line > block.line and closing["fence"].startswith(opening["fence"]))


def _opens_another(block: Block, start: int, lines: list[str]) -> bool:
    """Return whether, after its `start`, a block holds a fence such as its own that begins a language's code."""
    opening = _FENCE.match(lines[block.line - 1])
    fence = re.escape(opening["fence"]) if opening else "```"
    return re.compile(rf"^\s*{fence}[A-Za-z]", re.MULTILINE).search(block.literal, start) is not None


RULES = (conflict_marker, unclosed_block)
