"""What a record has to be after a change that took something from it: the newer text with the older words put back.

Whoever puts the old words back must not be told that the words which stood in their place meanwhile are gone. So a
version that broke the record is not held against later ones as it is, but as it ought to have been. Pure.
"""

from collections.abc import Callable, Iterator, Sequence

from research_logbook.diff import compare
from research_logbook.diff.patience_diff import Gap, align, gaps
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, Span

_MOST_ROUNDS = 16
"""A comparison shows one loss of each entry. What takes more rounds than these is no slip that somebody mended."""


def restored(old: Logbook, new: Logbook, may_go: Callable[[str], bool] = lambda _: False) -> Logbook | None:
    """Return `new` with the lines of `old` in the places where it lost something of the record.

    What `new` added stays. None where putting lines back does not bring back all that was lost.
    """
    for _ in range(_MOST_ROUNDS):
        changes = compare(old, new, may_go)
        if not changes.has_loss:
            return new
        text = _with_lines_back(old.text, new.text, list(changes.losses))
        mended = parse(new.path, text.encode())
        if text == new.text or not isinstance(mended, Logbook):
            return None
        new = mended
    return None


def _with_lines_back(old: str, new: str, losses: Sequence[tuple[Span, Span]]) -> str:
    was, now = old.split("\n"), new.split("\n")
    hunks = list(_hunks(was, now))
    back = set[int]()
    for before, after in losses:
        near = [place for place, hunk in enumerate(hunks) if _touches(hunk.old, before)]
        back.update([place for place in near if _touches(hunks[place].new, after)] or near)
    lines: list[str] = []
    done = 0
    for place, hunk in enumerate(hunks):
        lines += now[done : hunk.new.start]
        lines += [was[line] for line in hunk.old] if place in back else [now[line] for line in hunk.new]
        done = hunk.new.stop
    return "\n".join([*lines, *now[done:]])


def _hunks(was: Sequence[str], now: Sequence[str]) -> Iterator[Gap]:
    """Yield where lines differ; as many lines for others are each a difference of their own."""
    whole = Gap(range(len(was)), range(len(now)))
    # A line is first looked for below its own heading: many are the same in each entry.
    sure = align(*([*_below_headings(lines)] for lines in (was, now)))
    pairs = list(sure)
    for gap in gaps(sure, whole):
        near = align([was[i] for i in gap.old], [now[j] for j in gap.new])
        pairs += [(gap.old[i], gap.new[j]) for i, j in near]
    for gap in gaps(sorted(pairs), whole):
        if len(gap.old) == len(gap.new):
            yield from (Gap(range(i, i + 1), range(j, j + 1)) for i, j in zip(gap.old, gap.new, strict=True))
        elif gap.old:
            yield gap


def _below_headings(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    heading = ""
    for line in lines:
        heading = line if line.startswith("#") else heading
        yield heading, line


def _touches(lines: range, span: Span) -> bool:
    """Return whether some of the lines, counted from 0, are in a place."""
    return lines.start < span.end_line and span.line <= lines.stop
