"""A comment as its readers see it, in a terminal: GitHub's Markdown without what GitHub does not show."""

import html
import re
import textwrap
import unicodedata
from collections.abc import Iterator

WIDTH = 100
"""Columns of the demo."""

_INVISIBLE = re.compile(r"<!--.*?-->\n?|</?span>|\[\]\([^)]*\)", re.DOTALL)
_LINK = re.compile(r"\[((?:\\.|[^\]\\])*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FOLDED = re.compile(r"<details>\s*<summary>(.*?)</summary>.*?</details>", re.DOTALL)
_CHART = re.compile(r"```mermaid\n.*?\n```", re.DOTALL)
_RULE = re.compile(r"\|(?: ?:?-+:? ?\|)+")


def plain(comment: str) -> str:
    """Return a comment without markers, addresses and escapes; what is folded stays so, and a chart is a remark."""
    text = _INVISIBLE.sub("", comment)
    text = _CHART.sub("[a chart of the metric over the steps, which GitHub draws]", text)
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    shown = (part if index % 2 else _words(part) for index, part in enumerate(parts))
    return re.sub(r"\n{3,}", "\n\n", "".join(shown)).strip()


def _words(text: str) -> str:
    return html.unescape(_ESCAPED.sub(r"\1", _LINK.sub(r"\1", _FOLDED.sub(r"▸ \1", text))))


def framed(comment: str) -> Iterator[str]:
    """Yield the lines of a comment behind a bar, tables aligned."""
    lines = plain(comment).splitlines()
    while lines:
        table = _leading_table(lines)
        lines = lines[len(table) or 1 :] if table else lines
        for line in _table(table) if table else _wrapped(lines.pop(0)):
            yield f"  │ {line}".rstrip()


def _leading_table(lines: list[str]) -> list[str]:
    end = next((index for index, line in enumerate(lines) if not line.startswith("|")), len(lines))
    return lines[:end]


def _wrapped(line: str, width: int = WIDTH - 4) -> list[str]:
    indent = re.match(r"\s*(?:[-*>] |\d+\. )?", line)
    hanging = re.sub(r"[^\s>]", " ", indent[0]) if indent else ""
    broken = textwrap.wrap(line, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
    return broken or [""]


def _table(lines: list[str]) -> Iterator[str]:
    """Yield a table: aligned where it fits, else each row as a short list."""
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if not _RULE.fullmatch(line)]
    widths = [max(map(_columns, column)) for column in zip(*rows, strict=False)]
    if sum(widths) + 2 * len(widths) <= WIDTH - 4:
        for row in rows:
            yield "  ".join(cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=False))
        return
    for name, *about in rows[1:]:
        fault, *remedies = about
        yield from _wrapped(f"- {name}: {fault}")
        for remedy in remedies:
            yield from (f"  {line}" for line in _wrapped(f"→ {remedy}", WIDTH - 6))


def _columns(text: str) -> int:
    """Return how wide a terminal shows a text."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
