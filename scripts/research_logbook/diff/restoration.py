"""What a record has to be after a change that took something from it: the newer text with the older words put back.

Whoever puts the old words back must not be told that the words which stood in their place meanwhile are gone. So a
version that broke the record is not held against later ones as it is, but as it ought to have been. Pure.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from research_logbook.diff.patience_diff import Gap, align, gaps

_MOST_HUNKS = 24
"""Differences that are looked at one by one. A change that makes more of them is no slip that somebody mended."""


def restored(old: str, new: str, keeps: Callable[[str, str], bool | None]) -> str | None:
    """Return the older text with all that the newer one adds to it, and without what that takes away or rewrites.

    `keeps` tells whether a text, given first, has everything of another one. None where it cannot tell, and where too
    much differs to be told apart.
    """
    was, now = old.split("\n"), new.split("\n")
    hunks = list(_hunks(was, now))
    if len(hunks) > _MOST_HUNKS:
        return None
    added, taken = list[Gap](), list[list[str]]()
    for hunk in hunks:
        lines = [*was[: hunk.old.start], *now[hunk.new.start : hunk.new.stop], *was[hunk.old.stop :]]
        verdict = keeps("\n".join(lines), old)
        if verdict is None:
            return None
        if verdict:
            added.append(hunk)
        else:
            taken.append(_said(was[hunk.old.start : hunk.old.stop]))
    for hunk in reversed(added):
        # What was moved stays where it was.
        if hunk.old or _said(now[hunk.new.start : hunk.new.stop]) not in taken:
            was[hunk.old.start : hunk.old.stop] = now[hunk.new.start : hunk.new.stop]
    return "\n".join(was)


def with_changes(text: str, old: str, new: str) -> str:
    """Return a text with what became of an older one of it elsewhere, where it has not itself changed that."""
    lines, was, now = (it.split("\n") for it in (text, old, new))
    places = dict(align(was, lines))
    for gap in reversed([*gaps(align(was, now), Gap(range(len(was)), range(len(now))))]):
        there = [places.get(line) for line in gap.old]
        if gap.old and there == [*range(there[0] or 0, (there[0] or 0) + len(there))]:
            lines[there[0] or 0 : (there[-1] or 0) + 1] = now[gap.new.start : gap.new.stop]
    return "\n".join(lines)


def _said(lines: Sequence[str]) -> list[str]:
    """Return what lines say, quoted and set back or not."""
    return [said for line in lines if (said := line.strip(" \t>"))]


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
        elif gap.old and gap.new:
            yield gap
        else:  # What came or went is looked at section by section.
            yield from (Gap(part, gap.new) for part in _sections(was, gap.old))
            yield from (Gap(gap.old, part) for part in _sections(now, gap.new))


def _sections(lines: Sequence[str], within: range) -> Iterator[range]:
    starts = [within.start, *(place for place in within[1:] if lines[place].startswith("#")), within.stop]
    yield from (range(start, stop) for start, stop in pairwise(starts) if start < stop)


def _below_headings(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    heading = ""
    for line in lines:
        heading = line if line.startswith("#") else heading
        yield heading, line
