"""The rule about text that a reader of GitHub's page does not see, or sees otherwise than the file says."""

import re
from collections.abc import Iterator, Sequence

from research_logbook.lint.rules.file import FILE
from research_logbook.lint.rules.rule import ERROR, LintCase, RuleHit
from research_logbook.logbook import vocabulary
from research_logbook.logbook.entries import fields_of, read_heading
from research_logbook.logbook.model import Logbook, Section, SourceText, Span, Spot
from research_logbook.markdown.escape import one_line
from research_logbook.markdown.page import tag_of
from research_logbook.markdown.tree import (
    ASIDE,
    CODE,
    FOLDED,
    HTML,
    LOWERED,
    RAISED,
    STRUCK,
    TURNED,
    Block,
    BlockKind,
    InlineRun,
    NestingError,
    parse,
    walk,
)


@FILE.rule(ERROR, help="write it as Markdown that shows what it says, or format it as `code`")
def hidden_text(case: LintCase) -> Iterator[RuleHit]:
    """Text in the log that a reader of GitHub's page does not see, or sees otherwise than the file says.

    That is text turned from right to left with `dir`; a heading written as HTML; text in elements that show nothing,
    such as `<rp>` and `<template>`; invisible parts of formulas; an entry or a result inside a comment; an entry inside
    a closed `<details>` or another element that is left open; and what an unclosed comment or attribute swallows. Plain
    comments, alternative text, powers, `<details>` within an entry and any other HTML are fine.

    Why: people read the page, and agents and tools read the file: both have to find the same record (research workflow,
    General Principle: a durable record).

    Fails:

    ```markdown
    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    - Result: accuracy <bdo dir="rtl">0.19</bdo> at step 400.
    ```

    Passes:

    ```markdown
    ## Entry Log

    ### 2026-05-25 09:00 - MOE-HC-001 first seed

    <!-- the plot is made by plot.py -->

    - Result: accuracy 0.19 at step 400, 10<sup>-3</sup> below the second seed.

    ![The loss over 400 steps](loss.png)
    ```

    How to fix: write plain Markdown: `###` for a heading, `~~old~~` for what is withdrawn, `<details open>` for what is
    long. Close every element and comment in the entry in which it begins.
    """
    if not _SUSPECT.search(case.book.text):
        return
    seen = set()
    for line, shown, how, way in _hidden(case.book):
        quote = one_line(shown, _MOST_QUOTED)
        if (line, how) not in seen:
            seen.add((line, how))
            spot = Spot(Span(case.book.path, line, line), f"hidden text {how} {quote}")
            yield RuleHit(spot, f"“{quote}” {how}", way)


_SUSPECT = re.compile(r"<[A-Za-z/!?]|\\(?:[hv]?phantom|color)\b")
_MOST_QUOTED = 80

_Found = tuple[int, str, str, str]
"""The line, the text, what is wrong with it, and what to do where the rule's own help is too general."""


def _hidden(book: Logbook) -> Iterator[_Found]:
    heads = {entry.span.line for entry in book.everything if entry.level}
    last = book.sections[-1] if book.sections else None
    ends_struck = last is not None and bool((last.blocks[-1] if last.blocks else last.head).style & STRUCK)
    for section in book.sections:
        yield from _swallowed(section)
    for section in _record(book):
        if section.span.line in heads and (how := _set(section.head.style & ~(0 if ends_struck else STRUCK))):
            way = "close the element above this heading" + (
                ", or write `<details open>`" if section.head.style & FOLDED else ""
            )
            yield section.span.line, section.title, f"stands in an element that {how}", way
        for leaf in walk(section.with_heading):
            if leaf.runs:
                yield from _in_runs(leaf)
            elif leaf.kind is BlockKind.CODE and leaf.info.strip().lower() == "math":
                yield from _unseen_math(leaf.literal, leaf.line)


def _record(book: Logbook) -> Iterator[Section]:
    """Yield the sections of the log, and those that hold entries elsewhere."""
    logs = (section.end_line for section in book.sections if book.log and section.span.line == book.log.line)
    spans = [(entry.span.line, entry.span.end_line) for entry in book.everything]
    log = (book.log.line, next(logs, 0)) if book.log else (1, 0)
    place = 0
    for section in book.sections:
        first = section.span.line
        end = section.blocks[-1].end_line if section.blocks else section.span.end_line
        while place < len(spans) and spans[place][1] < first:
            place += 1
        if log[0] <= first <= log[1] or (place < len(spans) and spans[place][0] <= end):
            yield section


def _set(style: int) -> str:
    """Return what the elements around a heading do with it."""
    if style & (ASIDE | FOLDED):
        return "a reader of the page does not see"
    if style & TURNED:
        return "is shown from right to left"
    if style & (RAISED | LOWERED):
        return "is raised or lowered"
    return "strikes out all that follows" if style & STRUCK else ""


def _swallowed(section: Section) -> Iterator[_Found]:
    """Yield where a comment or an attribute begins that is not closed."""
    before = section.head
    for leaf in walk(section.blocks):
        if leaf.kind is BlockKind.HTML and (not leaf.runs and not leaf.literal):
            way = "close the comment, or the quotation mark, in the block in which it begins"
            begin = (before.literal or before.text).strip().split("\n")[-1]
            yield before.end_line, begin, "is not closed, and swallows what follows", way
            return
        if leaf.kind is BlockKind.HTML and leaf.runs and leaf.runs[-1].text.startswith("<!--"):
            comment = leaf.runs[-1].text
            if not comment.rstrip().endswith(("-->", "--!>")) and "\n" in comment.strip():
                yield leaf.runs[-1].line, comment.split("\n")[0], "is not closed, and swallows what follows", ""
                return
        before = leaf if not leaf.blocks else before


_HIDING = frozenset({"rp", "template", "noscript", "picture", "video", "audio", "svg", "canvas"})
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def _in_runs(leaf: Block) -> Iterator[_Found]:
    turned = [run for run in leaf.runs if run.style & TURNED and not run.style & HTML]
    text = "".join(run.text for run in turned)
    if re.search(r"\w", text) and not _RTL.search(text):
        yield turned[0].line, text.strip(), "is shown from right to left", "delete the `dir`"
    prose = "".join(run.text for run in leaf.runs if not run.style & (CODE | HTML))
    if "\\" in prose:
        yield from _unseen_math(prose, leaf.line)
    for place, run in enumerate(leaf.runs):
        if not run.style & HTML:
            continue
        if run.text.startswith("<!--"):
            yield from _in_comment(run)
        elif (tag := tag_of(run.text)) and not tag.is_end:
            if re.fullmatch("h[1-6]", tag.name):
                way = f"write `{'#' * int(tag.name[1])}`"
                yield run.line, run.text, "makes a heading that is none in the file", way
            elif tag.name in _HIDING and re.search(r"\w", text := _inner_text(leaf.runs, place)):
                yield run.line, text, f"is not shown on the page: it stands in `<{tag.name}>`", ""


def _inner_text(runs: Sequence[InlineRun], place: int) -> str:
    """Return the text from the tag at `place` up to the next one of an element that shows nothing."""
    texts = []
    for run in map(runs.__getitem__, range(place + 1, len(runs))):
        if not run.style & HTML:
            texts.append(run.text)
        elif (tag := tag_of(run.text)) and tag.name in _HIDING:
            break
    return "".join(texts).strip()


def _in_comment(run: InlineRun) -> Iterator[_Found]:
    """Yield an entry's heading and a measured result inside a comment."""
    text = run.text.removeprefix("<!--").removesuffix("-->")
    if not run.text.rstrip().endswith("-->") or not re.search("(?i)#|result", text):
        return
    try:
        blocks = parse(text.strip())
    except NestingError:
        return
    way = "show it, struck out as `~~old~~` if it is withdrawn, or delete it if it was never on record"
    for block in walk(blocks):
        if block.kind is BlockKind.HEADING and read_heading(block.text).when:
            yield run.line, block.text, "is an entry inside a comment", way
            return
    for field in fields_of(blocks, SourceText("", text.strip().split("\n"))):
        if field.key == "result" and not field.is_pending and vocabulary.is_measured(field.text):
            yield run.line, field.text, "is a result inside a comment", way
            return


_UNSEEN_MATH = re.compile(
    r"\\[hv]?phantom\s*+\{(?P<phantom>[^{}]{2,200})\}|\\color\s*+\{(?:white|transparent)\}\s*+\{?+(?P<white>[^{}$]{1,200})"
)


def _unseen_math(text: str, line: int) -> Iterator[_Found]:
    for match in _UNSEEN_MATH.finditer(text):
        shown = (match["phantom"] or match["white"]).strip()
        if re.search(r"[^\W\d]|\d{2}", shown):
            yield line + text.count("\n", 0, match.start()), shown, "is not shown on the page: the formula hides it", ""


RULES = (hidden_text,)
