"""Claims about logbooks that were made to do harm: none crashes the parser, and work grows with size and no faster.

What could overflow the parser's stack is read in a process of its own, in a thread with half a megabyte of stack: a
crash there fails one test and not the run. Work is counted in calls; how long it takes is for benchmarks.
"""

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

import research_logbook
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, Unreadable

CHILD = """
import sys, threading
from research_logbook.logbook import parse
n, *expressions = sys.argv[1:]
def read():
    for expression in expressions:
        text = eval(expression, {"n": int(n)})
        print(type(parse("a.md", text.encode())).__name__)
threading.stack_size(512 * 1024)
thread = threading.Thread(target=read)
thread.start()
thread.join()
"""


def outcomes(depth: int, *expressions: str) -> list[str]:
    """Return what became of texts in a process of its own: `Logbook`, `Unreadable`, or nothing after a crash."""
    environment = {**os.environ, "PYTHONPATH": str(Path(research_logbook.__file__).parents[1])}
    command = [sys.executable, "-c", CHILD, str(depth), *expressions]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.split()


DEEP = {
    "quotes": "'> ' * n + 'a'",
    "tight quotes": "'>' * n + 'a'",
    "lists": "'- ' * n + 'a'",
    "numbered lists": "'1. ' * n + 'a'",
    "quotes in lists": "'- > ' * n + 'a'",
    "lists line by line": "'\\n'.join('  ' * i + '- a' for i in range(n // 100))",
    "lists by tabs": "'\\n'.join('\\t' * (450 * i) + '- ' * 900 for i in range(n // 1000))",
    "footnotes": "'[^a]: ' * n + 'a'",
    "quotes in a footnote": "'[^a]: ' + '>' * n + 'a'",
    "alerts": "'> [!NOTE]\\n' + '> ' * n + 'a'",
    "emphasis": "'*a ' * n + 'b' + '*' * n",
    "strong": "'**a ' * n + 'b' + '**' * n",
    "underscores": "'_a ' * n + 'b' + '_' * n",
    "emphasis in brackets": "'(*a' * n + 'b' + 'a*)' * n",
    "strikethrough": "'~~a ' * n + 'b' + ' a~~' * n",
    "a run of stars": "'*' * n + 'a' + '*' * n",
    "a mixture": "'*a _b **c __d ~~e ' * n + 'f' + ' e~~ d__ c** b_ a*' * n",
    "a mixture with quotes": "'> - 1. ' * n + '*a **b ' * n + 'c' + '** *' * n",
    "images": "'![' * n + 'a' + '](u)' * n",
    "links": "'[' * n + 'a' + '](u)' * n",
    "emphasis that a link closes": "'*a [b*](u) ' * n + ' c*' * n",
    "emphasis that code closes": "'*a `b*` ' * n + ' c*' * n",
    "emphasis that HTML closes": "'*a <b title=\"*\"> ' * n + ' c*' * n",
    "emphasis that an escape closes": "'*a b\\\\* ' * n + ' c*' * n",
    "emphasis in images": "'![*a ' * n + 'b' + '*](u)' * n",
    "emphasis over many lines": "'*a\\n' * n + 'b*\\n' * n",
    "emphasis in a quote": "'> ' + '**a ' * n + 'b' + '**' * n",
    "emphasis in a table": "'|a|b|\\n|-|-|\\n|' + '*a ' * n + 'b' + '*' * n + '|c|'",
    "brackets": "'[' * n + ']' * n",
    "parentheses": "'[a](' * n + ')' * n",
    "open marks": "'*a ![_b ~~c [' * n",
    "HTML": "'<b>' * n + '</b>' * n",
    "comments": "'<!-- ' * n",
    "backticks": "''.join('`' * (i % 300 + 1) + ' ' for i in range(n // 10))",
    "tables": "'|a' * n + '\\n' + '|-' * n + '\\n' + '|b\\n' * 100",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DEEP)
def test_depth_does_not_crash(name: str) -> None:
    """A hundred thousand levels of anything are read or refused."""
    assert outcomes(100_000, DEEP[name])[0] in {"Logbook", "Unreadable"}


def test_what_passes_the_guard_fits_the_stack() -> None:
    """Nesting that is just not refused before it is parsed does not overflow a small stack."""
    assert len(outcomes(390, *DEEP.values())) == len(DEEP)


@pytest.mark.parametrize("opening", ["[", "{", "[\n ", "[{", "{ ["])
def test_front_matter_of_many_levels_is_a_problem_at_once(opening: str) -> None:
    """The parser is not asked, whose time grows with the cube of the levels; what is flat is read."""
    book = parse("a.md", f"---\ntopic: a\nx: {opening * 1_000}\n---\n# T\n".encode())
    assert isinstance(book, Logbook)
    assert book.front_matter
    assert book.front_matter.problem.endswith("it is nested too deeply")
    flat = parse("a.md", b"---\ntopic: a\nx: [[a], [b], {c: [d]}]\n---\n# T\n")
    assert isinstance(flat, Logbook)
    assert flat.header.topic == "a"


@pytest.mark.parametrize(
    "line",
    [
        *("topic: !!omap [a: 1, a: 2]", "topic: !!set {a, b}", "topic: !!binary '%%'", "topic: !!timestamp 2020-99-99"),
        *("topic: !!float abc", "? [a, b]\n: c", "a: &a [*a]", "<<: *x", "<<: [1, 2]", '"\\uD800": x', "topic: !x!y z"),
        *(
            "topic: '\\UFFFFFFFF'",
            "%YAML 1.1111\n---\na: b",
            "topic: 2001-12-14t99:99:99",
            "issue: 1e999",
            "a: !!merge x",
        ),
        *("::add-mask::x: &a 1\n::add-mask::y: &a 2", "%TAG ! tag:x,2000:\n---\na: !b c", "a: [" * 60),
    ],
)
def test_whatever_the_reader_of_yaml_raises_is_a_fault_of_that_file(line: str) -> None:
    """No front matter keeps the logbook, and those on other branches, from being read, nor makes anybody warn."""
    with warnings.catch_warnings(action="error"):
        book = parse("a.md", f"---\n{line}\n---\n# T\n\n## Log\n\n{ENTRY}".encode())
    assert isinstance(book, Logbook)
    assert len(book.entries) == 1


ENTRY = "### 2026-05-25 - MOE-HC-001 a\n\n- Command: `make`\n- Result: 5.5 s\n\n"
LONG = {
    "one line": "a" * 5_000_000,
    "words": "word " * 1_000_000,
    "blank lines": "\n" * 5_000_000,
    "headings": "# h\n" * 100_000,
    "deep headings": "## Log\n" + "".join(f"{'#' * (3 + i % 4)} x\n" for i in range(25_000)),
    "entries of one line": "## Log\n\n" + "### 2026-05-25 a\n" * 30_000,
    "entries": "# T\n\n## Log\n\n" + ENTRY * 8_000,
    "undated entries": "## Log\n\n" + "### x\n\n- Result: 5 s\n\n" * 15_000,
    "bold lines": "## Log\n\n" + "**2026-05-25** a\n\n" * 25_000,
    "logs": "## Log\n\n- 2026-05-25: a\n\n" * 20_000,
    "empty logs": "## Log\n\n" * 60_000,
    "sections that may be logs": "## Runs\n\n" * 60_000 + "- 2026-05-25: a\n",
    "decision logs": "## Decisions\n\n### 2026-05-25\n\n- a\n\n" * 12_000,
    "hypotheses": "## Hypotheses\n\n" + "- H1 (active): a. Next test: b\n" * 25_000,
    "headed hypotheses": "## Hypotheses\n\n" + "### H1: a\n\n- b\n\n" * 30_000,
    "hypotheses in paragraphs": "## Hypotheses\n\n" + "H1: a\n\n" * 30_000,
    "queues": "## Hypotheses\n\n- H1: a\n\n" * 20_000,
    "hypothesis parts": "## Hypotheses\n\n- H1: " + "next: a " * 200_000,
    "allowances": "".join(f"## s{i}\n\n<!-- logbook: allow a-b -- c -->\n\n" for i in range(20_000)),
    "allowances in one comment": "# T\n\n<!-- -->" + "<!-- logbook: allow a-b -- c -->" * 60_000,
    "open allowances": "<!-- logbook: allow a " * 200_000,
    "a blank allowance": "<!-- logbook: allow a" + " " * 4_000_000 + "-->",
    "links": "[a](b) " * 100_000,
    "addresses": "https://a.b/c " * 100_000,
    "references": f"[a]: /{'u' * 50_000}\n\n" + "[a]" * 100_000,
    "fields": "## 2026-05-25\n\n" + "- Result: 5 s\n" * 30_000,
    "fields in a paragraph": "## 2026-05-25\n\n" + "Result: 5 s\n" * 30_000,
    "fields in headings": "## 2026-05-25\n\n" + "### Result\n\n5 s\n\n" * 20_000,
    "nested fields": "## 2026-05-25\n\n" + "".join("  " * (i % 90) + "- Setup:\n" for i in range(8_000)),
    "commands and code": "## 2026-05-25\n\n" + "- Command: x\n\n```sh\nx\n```\n\n" * 20_000,
    "fields and tables": "## 2026-05-25\n\n" + "- Config: x\n\n| a | b |\n|---|---|\n| 1 | x |\n\n" * 10_000,
    "rows": "## 2026-05-25\n\n| a | b |\n|---|---|\n" + "| 1 | 2.5 s |\n" * 30_000,
    "an ID of many parts": "## 2026-05-25 A" + "-1" * 400_000,
    "a date and blanks": "## 2026-05-25" + " " * 800_000 + "x",
    "a title of parentheses": "## " + "(" * 800_000,
    "a name of parentheses": "- " + "(" * 800_000 + ": x",
    "a long name": "- " + "a" * 800_000 + ": x",
    "a name of colons": "- FIELD" + ":" * 800_000,
    "numbers": "## 2026-05-25\n\n- Result: 1." + "1" * 800_000 + "x",
    "groups of digits": "## 2026-05-25\n\n- Result: " + "111," * 250_000,
    "pending in parentheses": "## 2026-05-25\n\n- Result: pending " + "(" * 800_000,
    "code of slashes": "## 2026-05-25\n\n```\n" + "a/" * 400_000 + "\n```\n",
    "emphasis": "*a* " * 100_000,
    "intraword emphasis": "*a_b " * 150_000,
    "inline HTML": "<b>x</b> " * 100_000,
    "footnotes": "[^a]: x\n\n" * 60_000 + "[^a]" * 60_000,
    "folded text": "<details>\n\n### 2026-05-25\n\n</details>\n\n" * 20_000,
    "underlined headings": "a\n===\n\n" * 60_000,
    "a quote of many lines": "> a\n" * 100_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_long_files_are_read(name: str) -> None:
    """Whatever a file is full of, it is read."""
    assert isinstance(parse("a.md", LONG[name].encode()), Logbook)


def calls(act: Callable[[], object]) -> int:
    """Return how many functions `act` calls, those of the package and all that they call."""
    made = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal made
        made += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return made


def test_twice_as_many_entries_are_twice_the_work() -> None:
    """The work for an entry does not grow with the number of entries beside it."""

    def reading(count: int) -> int:
        data = f"# T\n\n## Log\n\n{ENTRY * count}".encode()
        return calls(lambda: parse("a.md", data))

    reading(10)
    assert reading(800) < 2.1 * reading(400)


def test_a_file_that_is_too_large_is_not_decoded() -> None:
    """Fifty megabytes are refused after a look at their size."""
    noise = os.urandom(1_000) * 50_000
    assert isinstance(parse("a.md", noise), Unreadable)
    assert calls(lambda: parse("a.md", noise)) < 10
