"""Claims about what a newer logbook does to the record of an older one."""

import itertools
import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research_logbook.diff import Changes, compare
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook

PAIRS = Path(__file__).parents[3] / "shared" / "corpus" / "pairs"
QUIET = Changes()


def book(text: str | bytes) -> Logbook:
    """Return the logbook of a text."""
    parsed = parse(".agents/logbooks/run.md", text.encode() if isinstance(text, str) else text)
    assert isinstance(parsed, Logbook)
    return parsed


def log(*entries: str, head: str = "") -> str:
    """Return a logbook with these entries, and `head` before its log."""
    return f"# Run: Research Logbook\n\n{head}\n\n## Entry Log\n\n" + "\n\n".join(entries) + "\n"


def entry(body: str, heading: str = "2026-05-20 - MOE-HC-001 run") -> str:
    """Return an entry."""
    return f"### {heading}\n\n{body}"


def changes(before: str, after: str) -> Changes:
    """Return what became of one logbook in another."""
    return compare(book(before), book(after))


def found(result: Changes) -> list[str]:
    """Return the names of what is not empty."""
    return [item.name for item in fields(Changes) if getattr(result, item.name)]


TABLE = "| run | loss |\n|---|---|\n| d512 | 3.64 |\n| d768 | 3.30 |"

ALLOWED = {
    "unchanged": ("It ran.", "It ran."),
    "wrapped": ("It ran for an hour and stopped.", "It ran for\nan hour and\nstopped."),
    "bold": ("It ran for an hour.", "It **ran** for *an hour*."),
    "code": ("Run d512-v1 is done.", "Run `d512-v1` is done."),
    "bullets": ("- one\n- two", "* one\n* two"),
    "numbers for bullets": ("- one\n- two", "1. one\n2. two"),
    "nested bullets": ("- one:\n- two", "- one:\n  - two"),
    "table aligned": (TABLE, TABLE.replace("|---|---|", "| :--- | ---: |").replace("| 3", "|     3")),
    "link target": ("See [the run](https://a.b/c).", "See [the run](https://a.b/d)."),
    "link unlinked": ("See [the run](https://a.b/c).", "See the run."),
    "address linked": ("See https://a.b/c-1.", "See [the run](https://a.b/c-1)."),
    "address in marks": ("See https://a.b/c-1.", "See <https://a.b/c-1>."),
    "issue linked": ("See #12.", "See [#12](https://github.com/a/b/issues/12)."),
    "typography": ('d512 -- "worse" than d768...', "d512 — “worse” than d768…"),
    "minus": ("a - b is -5", "a – b is −5"),
    "apostrophe": ("it's", "it’s"),
    "no-break space": ("3.64 nats", "3.64\u00a0nats"),
    "hidden characters gone": ("loss 3.64\u200b and \u202enot\u202c so", "loss 3.64 and not so"),
    "hidden characters gone from a table": (TABLE.replace("3.64", "\u202e3.64\u202c"), TABLE),
    "composed letters": ("Mu\u0308ller", "M\u00fcller"),
    "entity": ("a &lt; b", "a < b"),
    "escape": ("a \\* b", "a * b"),
    "comment added": ("It ran.", "It ran. <!-- logbook: allow result-without-command -- none -->"),
    "comment gone": ("<!-- for me -->\n\nIt ran.", "It ran."),
    "line break tag": ("one two", "one<br>two"),
    "other tags": ("H2O is wet.", "H<sub>2</sub>O is wet."),
    "wrapped without spaces": ("损失函数没有下降", "损失函数\n没有下降"),
    "new paragraph": ("One.", "Zero.\n\nOne.\n\nTwo."),
    "new paragraph between": ("One\n\nThree", "One\n\nTwo\n\nThree"),
    "new item": ("- one\n- three", "- zero\n- one\n- two\n- three"),
    "new nested item": ("- one\n- two", "- one\n  - more\n- two"),
    "new field": ("- Result: 3\n- Next: x", "- Result: 3\n- Interpretation: fine\n- Next: x"),
    "new field in a paragraph": ("Result: 3\nNext: x", "Result: 3\nInterpretation: fine\nNext: x"),
    "new line in a list of lines": ("a: 3\nc: 4", "a: 3\nb: 5\nc: 4"),
    "new line at the end": ("It ran", "It ran\nand it ran"),
    "new line between sentences": ("It ran.\nIt stopped.", "It ran.\nIt paused.\nIt stopped."),
    "new row": (TABLE, TABLE.replace("| d768", "| d640 | 3.44 |\n| d768")),
    "new rows and a column": (
        TABLE,
        "| run | loss | s |\n|---|---|---|\n| d512 | 3.64 | 1 |\n| d640 | 3 | 2 |\n| d768 | 3.30 | 3 |",
    ),
    "new code block": ("It ran.", "It ran.\n\n```sh\npython train.py\n```"),
    "new code line": ("```\na\nc\n```", "```\na\nb\nc\n```"),
    "command wrapped": ("```sh\npython a.py --lr 1 --wd 2\n```", "```sh\npython a.py \\\n  --lr 1 \\\n  --wd 2\n```"),
    "deeper indent": ("- one\n  - two", "- one\n    - two"),
    "other mark behind the numbers": ("1. one\n2. two", "1) one\n2) two"),
    "numbers that the page counts anyway": ("1. one\n1. two", "1. one\n2. two"),
    "item behind numbered ones": ("1. one\n2. two", "1. one\n2. two\n3. three"),
    "sub-heading at the end": ("One.", "One.\n\n#### Expected\n\nTwo."),
    "notes above old text": ("One.\n\nTwo.", "One.\n\n#### Notes\n\nTwo."),
    "details above old text": ("One.", "<details open>\n\nOne.\n\n</details>"),
    "items below a label": ("- Won:\n- s1\n- s2", "- Won:\n  - s1\n  - s2"),
    "box of a value that comes in": ("- [ ] Result: pending", "- [x] Result: 2.31"),
    "letters": ("It Diverged. Use Adam, NOT sgd.", "it diverged. Use ADAM, not SGD."),
    "comma put in": ("It ran and it stopped", "It ran, and it stopped"),
    "comma taken out": ("It ran, and it stopped.", "It ran and it stopped."),
    "final stop taken out": ("- It ran.\n- It won!", "- It ran\n- It won"),
    "final stop of a cell": (TABLE.replace("3.64", "3.64."), TABLE),
    "quotes put in": ("The best run.", 'The "best" run.'),
    "quotes taken out": ("The \u201cbest\u201d run.", "The best run."),
    "issue as it was, linked": ("See #12.", "See [issue #12](https://github.com/a/b/issues/12)."),
    "address without its scheme": ("See https://a.b/c/d-1 now.", "See [a.b/c/d-1](https://a.b/c/d-1) now."),
    "end of an address": ("See https://a.b/c/d-1 now.", "See [d-1](https://a.b/c/d-1) now."),
    "pending with a note that stays": (
        "- Result: pending; first try diverged at step 120",
        "- Result: loss 2.31; first try diverged at step 120",
    ),
    "pending with an aside that stays": (
        "- Result: pending (first try diverged at step 120)",
        "- Result: loss 2.31 (first try diverged at step 120)",
    ),
    "sentence after a full stop": ("- Result: gate 1 passed.", "- Result: gate 1 passed. Seed 2 agrees."),
    "sentence after a full stop of its own": ("- Result: gate 1 passed", "- Result: gate 1 passed. Seed 2 agrees."),
    "sentence after a bracket": ("It ran (twice)", "It ran (twice) and then it stopped"),
    "sentence after a quote": ('He said "done."', 'He said "done." It was.'),
    "clause": ("Gate 1 passed", "Gate 1 passed; seed 2 agrees"),
    "sentence in a cell": (TABLE, TABLE.replace("3.64", "3.64. Two seeds")),
    "pending completed": ("- Result: pending", "- Result: loss 2.31"),
    "pending in words": ("- **Result:** _pending_ (started 5 h ago)", "- **Result:** loss 2.31"),
    "pending into a list": ("- Result: TBD\n- Next: x", "- Result:\n  - d512: 3.64\n  - d768: 3.30\n- Next: x"),
    "pending further down": ("- Result: pending\n- Next: x", "- Next: x\n- Result: 3.64"),
    "pending under a heading": ("#### Result\n\npending (d768 took 10.5 h)", "#### Result\n\n3.64"),
    "pending under a label": ("**Result**:\n\n- pending", f"**Result**:\n\n{TABLE}"),
    "empty completed": ("- Result:\n- Next: x", "- Result: 3.64\n- Next: x"),
    "no response": ("#### Result\n\n_No response_", "#### Result\n\nIt diverged."),
    "cells completed": (
        "| run | loss |\n|---|---|\n| d512 | pending |\n| d768 | |",
        "| run | loss |\n|---|---|\n| d512 | 3.64 |\n| d768 | 3.30 |",
    ),
    "struck out": ("Loss 2.31 at step 400.", "Loss ~~2.31~~ 2.41 at step 400."),
    "struck out with no other word": ("It did improve.", "It did ~~improve~~."),
    "struck out twice": ("Loss ~~2.31~~ 2.41.", "Loss ~~2.31~~ ~~2.41~~ 2.51."),
    "struck out with a tag": ("Loss 2.31.", "Loss <del>2.31</del> 2.41."),
    "struck out in a cell": (TABLE, TABLE.replace("3.64", "~~3.64~~ 3.65")),
    "struck out as an item": ("- Result: 3\n- Next: x", "- ~~Result: 3~~\n- Result: 4\n- Next: x"),
    "struck out and continued": ("- a 1 b", "- a ~~1~~ 2 b. More."),
    "items in another order": ("- one\n- two\n- three", "- three\n- one\n- two"),
    "parents in another order": ("- A:\n  - x\n- B:\n  - x\n  - y", "- B:\n  - x\n  - y\n- A:\n  - x"),
    "items in another order and more": ("- one\n- two\n- three", "- three. Yes.\n- two\n- four\n- one"),
    "rows in another order": (TABLE, "| run | loss |\n|---|---|\n| d768 | 3.30 |\n| d512 | 3.64 |"),
    "paragraph into items": ("One. Two. Three.", "- One.\n- Two.\n- Three."),
    "paragraph into items in a sentence": ("One two three", "- One\n- two three"),
    "bold parts in another order": (
        "**Seed 1**\n\nIt won.\n\n**Seed 2**\n\nIt lost.",
        "**Seed 2**\n\nIt lost.\n\n**Seed 1**\n\nIt won.",
    ),
    "labels in another order": (
        "Seed 1:\n\nIt won.\n\nSeed 2:\n\nIt lost.",
        "Seed 2:\n\nIt lost.\n\nSeed 1:\n\nIt won.",
    ),
    "items into a paragraph": ("- one\n- two", "one two"),
    "value into a list": ("- Result: one; two", "- Result:\n  - one;\n  - two"),
    "paragraph into items, and more": ("One. Two.", "- One.\n- Two.\n- Three."),
    "table into a list": (TABLE, "- run loss\n- d512 3.64\n- d768 3.30"),
    "heading into a bold line": ("#### Setup\n\nIt ran.", "**Setup**\n\nIt ran."),
    "text into an open details block": (
        "It ran.\n\nTwice.",
        "<details open><summary>More</summary>\n\nIt ran.\n\nTwice.\n\n</details>",
    ),
    "text out of a details block": (
        "<details>\n\nIt ran.\n\nTwice.\n\n</details>",
        "It ran.\n\nTwice.",
    ),
    "code into a details block": (
        "Output:\n\n```\nstep 1\nstep 2\n```",
        "Output:\n\n<details>\n<summary>The log</summary>\n\n```\nstep 1\nstep 2\n```\n\n</details>",
    ),
    "code into a details block with a summary": (
        "```\nstep 1\n```",
        "<details><summary>Full output (click to expand)</summary>\n\n```\nstep 1\n```\n\n</details>",
    ),
    "new text in a details block": ("It ran.", "It ran.\n\n<details>\n\nStep 1.\n\n</details>"),
    "text becomes a summary": ("It ran.", "<details><summary>It ran.</summary>\n\nStep 1.\n\n</details>"),
    "comment below a label": ("Won:\n\n- s1\n- s2", "Won:\n\n<!-- two of three -->\n\n- s2\n- s1"),
    "pending interpretation": ("- Interpretation: awaiting d768 results", "- Interpretation: it hurts"),
    "result submitted": ("- Result: submitted as job 12", "- Result: loss 3.64"),
    "result scheduled": ("- Result: scheduled (tomorrow)", "- Result: loss 3.64"),
    "result not applicable": ("- Result: n/a", "- Result: loss 3.64"),
    "no result yet": ("- Result: (none yet)", "- Result: loss 3.64"),
    "commit pending in words": ("- Commit Hash: pending launch commit", "- Commit Hash: `1691d0a`"),
    "interpretation pending in words": ("- Interpretation: pending launch validation.", "- Interpretation: it hurts"),
    "pending with an aside": ("- Result: pending - see job 12", "- Result: loss 2.31"),
    "not submitted": ("- Result: not submitted yet", "- Result: loss 2.31"),
    "to be filled in": ("- Result: to be filled in", "- Result: loss 2.31"),
    "footnote added": ("The loss fell.", "The loss fell.[^1]\n\n[^1]: On seed 1."),
    "footnotes added": ("It fell, and it rose", "It fell,[^a] and it[^b] rose\n\n[^a]: One.\n\n[^b]: Two."),
    "prompt removed": ("```sh\n$ python a.py\n$ ls\n```", "```sh\npython a.py\nls\n```"),
    "running": ("- Status: running on v5p-8", "- Status: finished, loss 3.64"),
    "picture of its own": ("It ran.", "It ran.\n\n![](a.png)\n\n<img src='a.png'>"),
    "picture given words": ("![](a.png)", "![the loss](a.png)"),
    "picture in a sentence given words": ("See ![](a.png) of seed 1.", "See ![the loss](a.png) of seed 1."),
    "picture after a sentence": ("It ran.", "It ran. ![](a.png)"),
    "picture unlinked": ("See [![it](a.png)](https://a.b).", "See ![it](a.png)."),
    "link into a picture": ("See [the loss](plots/loss.png).", "See ![the loss](plots/loss.png)."),
    "address into a picture": ("See https://a.b/loss.png.", "See ![loss.png](https://a.b/loss.png)."),
    "words of a picture shown": ("See ![the loss](a.png).", "See the loss."),
    "new picture with words": ("Loss 2.31.", "Loss 2.31.\n\n![the loss, down to 2.31](a.png)"),
    "raised unit": ("An area of 3 m2.", "An area of 3 m<sup>2</sup>."),
    "raised ordinal": ("The 1st seed.", "The 1<sup>st</sup> seed."),
    "raised for a caret": ("A rate of 10^-3.", "A rate of 10<sup>-3</sup>."),
    "raised unit for a caret": ("An area of 3 m^2.", "An area of 3 m<sup>2</sup>."),
    "quote with a tag": ("> Two.", "<blockquote>Two.</blockquote>"),
    "small print in cells": (TABLE, TABLE.replace("3.64", "<sub>3.64</sub>").replace("3.30", "<sub>3.30</sub>")),
    "small print": ("Loss 2.31 of seed 1.", "<sub><sup>Loss 2.31 of seed 1.</sup></sub>"),
    "new power": ("It ran.", "It ran. The rate was 10<sup>-3</sup> and $10^{-3}$, x**2** and 4<sup>00</sup>."),
    "tags without effect": ("Loss 2.31.", '<span style="color:red" class=hidden>Loss</span> <kbd>2.31</kbd>.'),
    "left to right": ("Loss 0.19.", '<bdo dir="ltr">Loss</bdo> <span dir="auto">0.19</span>.'),
    "lines of hidden characters gone": ("It ran.\n\n\u202e\n\n\u202c\n\nIt won.", "It ran.\n\nIt won."),
    "turned text set right": ('Loss <bdo dir="rtl">0.19</bdo>.', "Loss 0.19."),
    "quoted with a tag": ('It is "fine".', "It is <q>fine</q>."),
    "ruby around nothing": ("Loss 0.19.", "<ruby>Loss</ruby> 0.19."),
    "struck out as a block": ("Loss 2.31.\n\nFine.", "<del>\n\nLoss 2.31.\n\n</del>\n\nLoss 2.41.\n\nFine."),
    "struck out to the end": ("Loss 2.31.\n\nFine.", "<s>Loss 2.31.\n\nFine."),
    "html into Markdown": ("<p>R&amp;D ran</p>\n<p>twice.</p>", "R&D ran\n\ntwice."),
    "drawing changed in form": ("```mermaid\ngraph TD\n```", "~~~ mermaid\ngraph TD\n~~~"),
    "text in html wrapped": ("<details>\nIt ran <b>twice</b>.\n</details>", "<details>\n\nIt ran twice.\n</details>"),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(name: str) -> None:
    """A change that takes no word and puts none inside a sentence is nothing."""
    before, after = (log(entry(body)) for body in ALLOWED[name])
    assert changes(before, after) == QUIET


FORBIDDEN = {
    "word inside a sentence": ("It did improve.", "It did not improve.", "did improve"),
    "word in a new line inside a sentence": ("It did\nimprove.", "It did\nnot\nimprove.", "did improve"),
    "sentence before one": ("Go.\nIt ran.", "Go.\nIt is wrong that\nIt ran.", "Go. It ran"),
    "word after a sentence's last": ("- Result: gate 1 passed", "- Result: gate 1 passed, not", "gate 1 passed"),
    "word added plainly": ("- Result: gate 1 passed", "- Result: gate 1 passed by luck", "gate 1 passed"),
    "word changed": ("It ran well.", "It ran badly.", "well"),
    "number changed": ("- Result: loss 2.31 at step 400.", "- Result: loss 2.13 at step 400.", "2.31"),
    "digits joined": ("Step 3. 5 runs.", "Step 3.5 runs.", "3. 5"),
    "digits added": ("Loss is 2", "Loss is 2.5", "2"),
    "sign changed": ("Gain +0.5 points.", "Gain -0.5 points.", "+"),
    "sentence gone": ("It ran. It stopped.", "It ran.", "It stopped"),
    "paragraph gone": ("It ran.\n\nIt stopped.", "It ran.", "It stopped."),
    "item gone": ("- one\n- two\n- three", "- one\n- three", "two"),
    "one of two equal items gone": ("- one\n- one", "- one", "one"),
    "field gone": ("- Result: 3\n- Next: x", "- Result: 3", "Next: x"),
    "row gone": (TABLE, TABLE.replace("\n| d768 | 3.30 |", ""), "d768 | 3.30"),
    "cell changed": (TABLE, TABLE.replace("3.64", "3.46"), "3.64"),
    "cells swapped": (TABLE, TABLE.replace("3.64", "X").replace("3.30", "3.64").replace("X", "3.30"), "3.64"),
    "value in another column": (
        "| a | b |\n|---|---|\n| x | |",
        "| a | b |\n|---|---|\n| | x |",
        "x",
    ),
    "column inside": (
        TABLE,
        "| run | n | loss |\n|---|---|---|\n| d512 | 1 | 3.64 |\n| d768 | 1 | 3.30 |",
        "run | loss",
    ),
    "column gone": (TABLE, "| run |\n|---|\n| d512 |\n| d768 |", "loss"),
    "code line gone": ("```\na\nb\n```", "```\na\n```", "b"),
    "code lines swapped": ("```\na\nb\n```", "```\nb\na\n```", "a"),
    "option added": ("```sh\npython a.py --lr 1\n```", "```sh\npython a.py --lr 1 --wd 2\n```", "lr 1"),
    "option added in a continued command": (
        "```sh\npython a.py \\\n --lr 1\n```",
        "```sh\npython a.py \\\n --wd 2 \\\n --lr 1\n```",
        "python a.py",
    ),
    "dollar inside a command": ("```sh\necho 5 $ 5\n```", "```sh\necho 55\n```", "5 $ 5"),
    "option turned": ("Command: `x --lr 1`", "Command: `x -lr 1`", "-"),
    "struck text gone": ("Loss ~~2.31~~ 2.41.", "Loss 2.41.", "2.31"),
    "struck text freed": ("Loss ~~2.31~~ 2.41.", "Loss 2.31 2.41.", "2.31"),
    "correction without the old words": ("Loss 2.31.", "Loss ~~2.13~~ 2.41.", "2.31"),
    "word before struck text": ("It did improve.", "It did not ~~improve~~.", "improve"),
    "text into a comment": ("It ran. It stopped.", "It ran. <!-- It stopped. -->", "It stopped"),
    "link text changed": ("See [seed 1](https://a.b/c).", "See [seed 2](https://a.b/c).", "1"),
    "address changed": ("See https://a.b/run-1.", "See https://a.b/run-2.", "https://a.b/run-1"),
    "address behind another link": ("See https://a.b/c.", "See [the run](https://a.b/d).", "https://a.b/c"),
    "issue behind another link": ("See #12.", "See [it](https://github.com/a/b/issues/13).", "#12"),
    "sentence in place of an issue": (
        "No regression, see #12.",
        "No regression, see [nothing. In truth a total regression](https://github.com/o/r/issues/12).",
        "12",
    ),
    "clause in place of an address": (
        "It holds, see https://a.b/c.",
        "It holds, see [what we then found to be quite wrong](https://a.b/c).",
        "https://a.b/c",
    ),
    "label of a linked address": (
        "[one](https://a.b/c) is https://a.b/c",
        "[two](https://a.b/c) is https://a.b/c",
        "one",
    ),
    "item to another parent": ("- ok:\n  - s1\n  - s2\n- bad:\n  - s3", "- ok:\n  - s1\n- bad:\n  - s2\n  - s3", "s2"),
    "children swapped": ("- A:\n  - won\n- B:\n  - lost", "- A:\n  - lost\n- B:\n  - won", "won"),
    "item below another label": ("Won:\n\n- s1\n- s2\n\nLost:\n\n- s3", "Won:\n\n- s1\n\nLost:\n\n- s2\n- s3", "s2"),
    "paragraphs swapped below bold lines": (
        "**Seed 1**\n\nThe loss was 2.31.\n\n**Seed 2**\n\nThe loss was 9.99, diverged.",
        "**Seed 1**\n\nThe loss was 9.99, diverged.\n\n**Seed 2**\n\nThe loss was 2.31.",
        "The loss was",
    ),
    "paragraphs swapped below labels": (
        "Seed 1:\n\nIt won.\n\nSeed 2:\n\nIt lost.",
        "Seed 1:\n\nIt lost.\n\nSeed 2:\n\nIt won.",
        "It",
    ),
    "sentences swapped": ("It ran. It stopped.", "It stopped. It ran.", "ran"),
    "value no longer pending": ("- Result: loss 2.31", "- Result: pending", "loss 2.31"),
    "result that only begins like pending": (
        "- Result: pending requests fell to 3.2 s",
        "- Result: good",
        "pending requests",
    ),
    "next action with no result come in": ("- Result: pending\n- Next: x", "- Result: pending\n- Next: y", "x"),
    "next action with a result that was there": ("- Result: 2.31\n- Next: x", "- Result: 2.31. Yes.\n- Next: y", "x"),
    "next action gone with a result": ("- Result: pending\n- Next: x", "- Result: 2.31", "Next: x"),
    "plan that begins like pending": (
        "- Next action: awaiting d512, then d768",
        "- Next action: stop",
        "awaiting d512",
    ),
    "reading that begins like pending": (
        "- Interpretation: running longer helps",
        "- Interpretation: it hurts",
        "running",
    ),
    "task that begins like pending": ("- TODO: rerun seed 2\n- x", "- x", "TODO"),
    "second item below a label": ("Plan:\n\n- a\n- running d768 at 3e-4 next", "Plan:\n\n- a", "running d768"),
    "text after a comment": ("<!-- x --> It ran.", "<!-- x --> It stopped.", "ran"),
    "html text gone": ("<details>\nIt ran.\n</details>", "<details>\nIt stopped.\n</details>", "ran"),
    "words joined": ("one two", "onetwo", "one two"),
    "footnote gone": ("It fell.[^1]\n\n[^1]: Once.", "It fell.\n\n[^1]: Once.", "[^1]"),
    "word written like a footnote": ("It did improve.", "It did[^not] improve.", "did"),
    "text turned around": ("Step 400 of 500.", "Step \u202e400\u202c of 500.", "400"),
    "text turned around by entity": ("Step 400 of 500.", "Step &#x202e;400&#x202c; of 500.", "400"),
    **{
        f"prose that begins like pending {number}": (f"- {prose}", f"- {prose.partition(':')[0]}: fine", "")
        for number, prose in enumerate(
            [
                "Conclusion: not done correctly, the claim is retracted",
                "Interpretation: waiting longer makes it diverge, a clear negative",
                "Result: to be dropped, because the run diverged on both seeds",
                "Result: empty outputs on all seeds: the method fails",
                "Result: pending was a mistake, the run had crashed",
                "Decision: to be dropped",
                "Result: submitted results do not hold",
                "Result: running out of memory on both seeds, the method does not fit",
            ]
        )
    },
    "word in a tag that strikes nothing out": ("The change helps.", "The <s-x>change</s-x> never helps.", "change"),
    "line begun by a tag that breaks none": ("It ran. It won.", "It ran. <br-x>Not so. It won.", "It ran"),
    "text into an instruction": ("It ran.\n\nIt stopped.", "It ran.\n\n<? It stopped. ?>", "It stopped"),
    "text into character data": ("It ran.\n\nIt stopped.", "It ran.\n\n<![CDATA[ It stopped. ]]>", "It stopped"),
    "text into a declaration": ("It ran.\n\nIt stopped.", "It ran.\n\n<!X It stopped. >", "It stopped"),
    "text into a style": ("It ran.\n\nIt stopped.", "It ran.\n\n<style>\nIt stopped.\n</style>", "It stopped"),
    "text into a script": ("It ran. It stopped.", "It ran. <script>It stopped.</script>", "It stopped"),
    "old result below a new item": (
        "- Result: loss 2.31",
        "- Expected from theory, never measured:\n  - Result: loss 2.31",
        "Result: loss 2.31",
    ),
    "old text below a new sub-heading": ("One.\n\nTwo.", "#### Expected\n\nOne.\n\nTwo.", "One."),
    "old text below new sub-headings": ("One.\n\nTwo.", "#### First\n\nOne.\n\n#### Second\n\nTwo.", "One."),
    "old text below a new bold line": ("One.\n\nTwo.", "One.\n\n**Not measured**\n\nTwo.", "Two."),
    "old text below a new label": ("One.\n\nTwo.", "One.\n\nIn theory:\n\nTwo.", "Two."),
    "old text in a quote": ("One.\n\nTwo.", "One.\n\n> Two.", "Two."),
    "quote no more": ("One.\n\n> Two.", "One.\n\nTwo.", "Two."),
    "old text below a new header": ("loss 2.31", "| expected |\n|---|\n| loss 2.31 |", "loss 2.31"),
    "old text folded away": (
        "One.",
        "<details><summary>Never measured</summary>\n\nOne.\n\n</details>",
        "One.",
    ),
    "sentence of old text below a new item": (
        "It ran. It won.",
        "- It ran.\n- In theory:\n  - It won.",
        "It ran. It won.",
    ),
    "old sentences below a new item": ("One won. Two lost.", "- In theory:\n  - One won.\n  - Two lost.", "One won."),
    "items divided by a new parent": ("- Won:\n  - s1\n  - s2", "- Won:\n  - s1\n- Lost:\n  - s2", "s2"),
    "item below no parent": ("- Failed:\n  - s1\n  - s2", "- Failed:\n  - s1\n- s2", "s2"),
    "item below its neighbour": ("- one\n- two won", "- one\n  - two won", "two won"),
    "label continued": ("- Won:\n  - s1", "- Won: none of these\n  - s1", "Won:"),
    "parent made a label": ("- Won\n  - s1", "- Won. In theory:\n  - s1", "Won"),
    "sub-heading continued": ("#### Won\n\ns1", "#### Won; in theory\n\ns1", "Won"),
    "header continued": (TABLE, TABLE.replace("loss |", "loss; expected |"), "loss"),
    "ticked": ("- [ ] reproduced", "- [x] reproduced", "[ ] reproduced"),
    "unticked": ("- [x] reproduced", "- [ ] reproduced", "[x] reproduced"),
    "boxed": ("- reproduced", "- [ ] reproduced", "reproduced"),
    "box gone": ("- [x] reproduced", "- reproduced", "reproduced"),
    "list begun at another number": ("1. one\n2. two", "3. one\n4. two", "1. one"),
    "numbered items swapped": ("1. one\n2. two", "1. two\n2. one", "one"),
    "numbers gone": ("1. one\n2. two", "- one\n- two", "1. one"),
    "paragraphs swapped": ("One.\n\nTwo.", "Two.\n\nOne.", "O"),
    "words in place of an issue": (
        "See #12 for why.",
        "See [a great success](https://a.b/c/d/issues/12) for why.",
        "#12",
    ),
    "issue no more seen": ("See #12.", "See [the issue](https://github.com/a/b/issues/12).", "#12"),
    "issue named with more": ("See #12.", "See [#12: all is well](https://github.com/a/b/issues/12).", "#12"),
    "words in place of an address": (
        "See https://a.b/bad now.",
        "See [the proof that all is well](https://a.b/bad) now.",
        "https://a.b/bad",
    ),
    "failure beside pending": (
        "- Result: pending (first try diverged at step 120)",
        "- Result: loss 2.31",
        "first try diverged",
    ),
    "failure in what is awaited": ("- Result: awaiting rerun after a crash", "- Result: loss 2.31", "awaiting rerun"),
    "figure beside pending": ("- Result: pending (2.9 at step 100)", "- Result: loss 2.31", "2.9 at step 100"),
    "failure in a cell": (TABLE.replace("3.64", "pending, crashed"), TABLE, "pending, crashed"),
    "paragraph in an item": ("- Next: x.\n\nIt won.", "- Next: x.\n  It won.", "Next: x."),
    "list to another side of a paragraph": (
        "These won.\n\n- s1\n- s2\n\nThese lost.\n\n- s3",
        "These won.\n\n- s1\n\nThese lost.\n\n- s2\n- s3",
        "s2",
    ),
    "failure behind pending": ("- Result: pending - first try crashed", "- Result: loss 2.31", "first try crashed"),
    "small letter of a unit": ("It took 3 mW", "It took 3 MW", "mW"),
    "capital letter of a unit": ("It took 3 Gb", "It took 3 GB", "Gb"),
    "letter of a symbol": ("For K = 3", "For k = 3", "K"),
    "letters in code": ("Run `--LR 1`.", "Run `--lr 1`.", "LR"),
    "letters in a command": ("- Command: python a.py --LR 1", "- Command: python a.py --lr 1", "LR"),
    "sign gone": ("Gain -0.3", "Gain 0.3", "-"),
    "about gone": ("Gain ~0.3", "Gain 0.3", "~"),
    "comma in a number": ("1,000 steps", "1.000 steps", "1,000"),
    "comma between numbers": ("Seeds 1, 2 ran", "Seeds 1 2 ran", ","),
    "comma moved": ("It failed, on seed 2 it won", "It failed on seed 2, it won", ","),
    "comma at a negation": ("No, seeds diverged", "No seeds diverged", ","),
    "stop moved": ("It failed. On seed 2 it won.", "It failed on seed 2. It won.", "On seed 2"),
    "question in place of a statement": ("It won", "It won?", "It won"),
    "statement in place of a question": ("It won?", "It won", "?"),
    "other comparison": ("Loss < 3", "Loss > 3", "<"),
    "negation gone from a comparison": ("a != b", "a = b", "!"),
    "apostrophe of a negation": ("I don't see it", "I dont see it", "don't"),
    "statement made a label": ("- gate 1 passed", "- gate 1 passed: no", "gate 1 passed"),
    "text into the words for a picture": ("It ran. It stopped.", "It ran. ![It stopped.](a.png)", "It stopped"),
    "number into the words for a picture": ("Loss 2.31.", "Loss ![2.31](a.png).", "2.31"),
    "digits into the words for a picture": ("Loss 2.31.", "Loss 2![.31](a.png).", "2.31"),
    "cell into the words for a picture": (TABLE, TABLE.replace("3.64", "![3.64](a.png)"), "3.64"),
    "link into the words for another picture": ("[Loss 2.31](a.md).", "![Loss 2.31](a.png).", "Loss 2.31"),
    "words of a picture changed": ("See ![loss 2.31](a.png).", "See ![loss 2.13](a.png).", "2.31"),
    "text into a tag": ("It ran. It stopped.", 'It ran. <img alt="It stopped.">', "It stopped"),
    "text into a details block": (
        "It ran.\n\nTwice.",
        "It ran.\n\n<details><summary>More</summary>\n\nTwice.\n\n</details>",
        "Twice",
    ),
    "text into html in a details block": ("It ran.\n\nTwice.", "It ran.\n\n<details>\nTwice.\n</details>", "Twice"),
    "text into details opened in a line": ("It ran. Twice.\n\nFine.", "It ran. <details>Twice.\n\nFine.", "Twice"),
    "text into code in a details block": (
        "It ran.\n\nTwice.",
        "It ran.\n\n<details>\n\n```\nTwice.\n```\n\n</details>",
        "Twice",
    ),
    "text out of a details block gone": ("It ran.\n\n<details>\n\nTwice.\n\n</details>", "It ran.", "Twice"),
    "text into a footnote": ("It ran.\n\nTwice.", "It ran.[^1]\n\n[^1]: Twice.", "Twice"),
    "text into a footnote without a reference": ("It ran.\n\nTwice.", "It ran.\n\n[^1]: Twice.", "Twice"),
    "text into a definition": ("It ran.\n\nTwice.", 'It ran.\n\n[x]: a.md "Twice."', "Twice"),
    "text into the title of a link": ("It ran twice.", 'It ran [](a.md "twice").', "twice"),
    "code into a drawing": ("```\nTwice.\n```", "```mermaid\nTwice.\n```", "Twice"),
    "code into the words for a picture": ("```\nTwice.\n```", "![Twice.](a.png)", "Twice"),
    "code into a footnote": ("It ran.\n\n```\nTwice.\n```", "It ran.\n\n[^1]:\n    Twice.", "Twice"),
    "code into a template": ("```\nTwice.\n```", "<template>\n\n```\nTwice.\n```\n\n</template>", "Twice"),
    "row into a details block": (TABLE, f"<details>\n\n{TABLE}\n\n</details>", "run"),
    "words beside the mark of an alert": ("> [!NOTE] loss 2.31", "> [!NOTE] loss 2.13", "2.31"),
    "cell behind the last column": ("| a |\n|---|\n| b |", "| a |\n|---|\n| | b |", "b"),
    "text into a drawing": ("It ran.\n\nTwice.", "It ran.\n\n```mermaid\nTwice.\n```", "Twice"),
    "text into a comment that a block opens": (
        "It ran.\n\nTwice.\n\nFine.",
        "It ran.\n\n<div> <!--\n\nTwice.\n\n<p> --> </p>\n\nFine.",
        "Twice",
    ),
    "text into an attribute that a block opens": (
        "It ran.\n\nTwice.\n\nFine.",
        'It ran.\n\n<div title="\n\nTwice.\n\n<p "></p>\n\nFine.',
        "Twice",
    ),
    "code into a comment that a block opens": ("It ran.\n\n```\na\n```", "It ran.\n\n<p> <!--\n\n```\na\n```", "a"),
    "number split by a power": ("After 400 steps.", "After 4<sup>00</sup> steps.", "400"),
    "old text in a quote with a tag": ("One.\n\nTwo.", "One.\n\n<blockquote>Two.</blockquote>", "Two."),
    "old item in a quote with a tag": ("- One.\n- Two.", "<blockquote>\n\n- One.\n- Two.\n\n</blockquote>", "One"),
    "old code in a quote with a tag": ("```\na\n```", "<blockquote>\n\n```\na\n```\n\n</blockquote>", "a"),
    "number raised as a whole": ("After 400 steps.", "After <sup>400</sup> steps.", "400"),
    "number split by an index": ("After 400 steps.", "After 4<sub>00</sub> steps.", "400"),
    "fraction raised": ("Loss 2.31.", "Loss 2.<sup>31</sup>.", "2.31"),
    "digit raised before others": ("After 400 steps.", "After <sup>4</sup>00 steps.", "400"),
    "range into a power": ("From 10-3.", "From 10<sup>-3</sup>.", "10"),
    "unit into a power": ("2n runs.", "2<sup>n</sup> runs.", "2n"),
    "configuration into a power": ("Run d512.", "Run d<sup>512</sup>.", "d512"),
    "number split by ruby": ("After 400 steps.", "After <ruby>4<rt>00</rt></ruby> steps.", "400"),
    "text into what ruby hides": ("It ran twice.", "It ran <ruby><rp>twice</rp></ruby>.", "twice"),
    "text under ruby": ("It won.", "It <ruby>won<rt>lost</rt></ruby>.", "won"),
    "number turned round": ("Loss 0.19.", 'Loss <bdo dir="rtl">0.19</bdo>.', "0.19"),
    "number turned round by any tag": ("From 0.19 to 0.23.", "From <span dir=RTL>0.19 to 0.23</span>.", "0.19"),
    "number turned round by an entity": ("Loss 0.19.", 'Loss <bdo dir="&#114;tl">0.19</bdo>.', "0.19"),
    "block turned round": ("It ran.\n\n0.19 to 0.23", '<div dir="rtl">\n\nIt ran.\n\n0.19 to 0.23\n\n</div>', "It"),
    "item turned round": ("- 0.19 to 0.23", '- <div dir="rtl">\n\n  0.19 to 0.23\n\n  </div>', "0.19"),
    "text too small to read": ("It ran. Twice.", f"It ran. {'<sub>' * 4}Twice.{'</sub>' * 4}", "Twice"),
    "text into a template": ("It ran.\n\nTwice.", "It ran.\n\n<template>\n\nTwice.\n\n</template>", "Twice"),
    "text into a hidden block": ("It ran.\n\nTwice.", "It ran.\n\n<div hidden>\n\nTwice.\n\n</div>", "Twice"),
    "text in white": ("It ran. Twice.", 'It ran. <span style="COLOR: white">Twice.</span>', "Twice"),
    "text into a title": ("It ran. Twice.", "It ran. <title>Twice.</title>", "Twice"),
    "text for want of a script": ("It ran. Twice.", "It ran. <noscript>Twice.</noscript>", "Twice"),
    "text for want of a video": ("It ran. Twice.", "It ran. <video src=a.mp4>Twice.</video>", "Twice"),
    "text into a style left open": ("It ran.\n\nTwice.", "It ran.\n\n<div><style>\n\nTwice.", "Twice"),
    "number split by a block": ("After 400 steps.", "After 4<p>00</p> steps.", "400"),
    "number split by a cell": ("After 400 steps.", "After 4<td>00</td> steps.", "400"),
    "html number split by a block": ("<p>400 steps</p>", "<p>4</p><p>00 steps</p>", "400"),
    "struck as a block and freed": ("<del>\n\nLoss 2.31.\n\n</del>\n\nFine.", "Loss 2.31.\n\nFine.", "2.31"),
    "phantom in a formula": ("Loss 2.31.", "Loss $\\phantom{2.31}$.", "2.31"),
    "picture inside a sentence": ("The loss is lower.", "The loss is ![](not.png) lower.", "is lower"),
    "picture inside a sentence as a tag": ("The loss is lower.", "The loss is <img alt='not'> lower.", "is lower"),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden(name: str) -> None:
    """A change that takes words, or puts some inside a sentence, is a rewrite that quotes what went."""
    old, new, quote = FORBIDDEN[name]
    result = changes(log(entry(old)), log(entry(new)))
    assert found(result) == ["rewritten"]
    (change,) = result.rewritten
    assert quote in change.quote
    assert change.now.span.line <= change.span.line <= change.now.span.end_line


def test_the_line_of_a_rewrite_is_where_the_text_differs() -> None:
    """The finding stands on the changed line, also after added ones."""
    after = log(entry("- New: 1\n- A: one\n- B: three"))
    (change,) = changes(log(entry("- A: one\n- B: two")), after).rewritten
    assert after.split("\n")[change.span.line - 1] == "- B: three"


def test_the_line_of_a_gap_is_before_it() -> None:
    """Where nothing took the place of the lost words, the finding stands on the line before."""
    after = log(entry("- A: one\n- C: three"))
    (change,) = changes(log(entry("- A: one\n- B: two\n- C: three")), after).rewritten
    assert after.split("\n")[change.span.line - 1] == "- A: one"


HEADINGS_KEPT = [
    ("2026-05-20 - Kickoff", "2026-05-20 — **Kickoff**"),
    ("2026-05-20 - Kickoff", "2026-05-20: Kickoff"),
    ("2026-05-20 - Kickoff", "2026-05-20 04:50 - Kickoff"),
    ("2026-05-20 - Kickoff", "2026-05-20 04:50 UTC - MOE-HC-001 Kickoff"),
    ("2026-05-20 - Kickoff", "MOE-HC-001 - 2026-05-20 - Kickoff"),
    ("2026-05-20 - Kickoff", "2026-05-20 - `MOE-HC-001`: Kickoff"),
    ("2026-05-20 09:00 - Kickoff", "2026-05-20 09:00 UTC - Kickoff"),
    ("2026-05-20 - MOE-HC-001 Kickoff", "2026-05-20 - MOE-HC-001 MOE-HC-002 Kickoff"),
    ("2026-05-20 - Kick\u202eoff\u202c", "2026-05-20 - Kickoff"),
    ("2026-05-20 - \u202eKickoff\u202c", "2026-05-20 - Kickoff"),
    ("2026-05-20 - Kickoff", "2026-05-20 - ~~Kickoff~~ Start"),
    ("Kickoff", "2026-05-20 - Kickoff"),
    ("2026-05-20 - [Kickoff](https://a.b/c)", "2026-05-20 - Kickoff"),
]


@pytest.mark.parametrize(("old", "new"), HEADINGS_KEPT)
def test_a_heading_may_gain_an_id_or_a_date(old: str, new: str) -> None:
    """Nothing is lost where IDs and dates are added, marks change, or a word is struck out."""
    assert changes(log(entry("- Result: it ran.", old)), log(entry("- Result: it ran.", new))) == QUIET


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2026-05-20 - Kickoff", "2026-05-20 - Failed kickoff"),
        ("2026-05-20 - Kickoff", "2026-05-20 - Kickoff: failed"),
        ("2026-05-20 - Kickoff", "2026-05-21 - Kickoff"),
        ("2026-05-20 - MOE-HC-001 Kickoff", "2026-05-20 - MOE-HC-002 Kickoff"),
        ("2026-05-20 - Kickoff of two", "2026-05-20 - Kickoff"),
        ("2026-05-25 09:00 - Kickoff", "2026-05-01 2026-05-25 09:00 - Kickoff"),
        ("2026-05-25 09:00 - Kickoff", "2026-05-25 07:00 09:00 - Kickoff"),
        ("2026-05-25 09:00 - Kickoff", "2026-05-25 09:00 PDT - Kickoff"),
        ("2026-05-20 - MOE-HC-001 Kickoff", "2026-05-20 - MOE-HC-009 MOE-HC-001 Kickoff"),
        ("2026-05-20 - Kickoff", "Kickoff"),
        ("2026-05-20 - Works?", "2026-05-20 - Works"),
        ("2026-05-20 - It did improve", "2026-05-20 - It did NOT improve"),
        ("2026-05-20 - Gain of -0.5", "2026-05-20 - Gain of 0.5"),
    ],
)
def test_a_heading_may_not_say_something_else(old: str, new: str) -> None:
    """An entry under another heading is a rewrite and no removal."""
    body = "- Result: it ran for an hour and then it stopped."
    assert found(changes(log(entry(body, old)), log(entry(body, new)))) == ["rewritten"]


ONE, TWO, THREE = (
    entry(f"- Result: loss 2.{day} after {day} days.", f"2026-05-{day} - MOE-HC-0{day} run") for day in (11, 12, 13)
)


def test_a_removed_entry_leaves_a_gap() -> None:
    """The removal points at the line before the gap, else at the heading of the log."""
    after = log(ONE, THREE)
    result = changes(log(ONE, TWO, THREE), after)
    assert found(result) == ["removed"]
    (gone,) = result.removed
    assert (gone.entry.name, gone.is_aside) == ("MOE-HC-012", False)
    assert after.split("\n")[gone.span.line - 1] == "- Result: loss 2.11 after 11 days."
    (first,) = changes(log(ONE, TWO), log(TWO)).removed
    assert log(TWO).split("\n")[first.span.line - 1] == "## Entry Log"


def test_one_of_two_twins_is_removed() -> None:
    """Entries are counted: a twin that is gone is gone, wherever it stood."""
    for before in (log(ONE, ONE), log(ONE, TWO, ONE), log(ONE, ONE, TWO)):
        result = changes(before, before.replace(ONE, "", 1))
        assert found(result) == ["removed"]
        assert [gone.entry.name for gone in result.removed] == ["MOE-HC-011"]


def test_entries_under_one_heading_are_told_apart() -> None:
    """Equal headings do not make one entry of two."""
    update = [entry(text, "2026-05-20 - Update") for text in ("First.", "Second.", "Third.")]
    assert found(changes(log(*update), log(update[0], update[2]))) == ["removed"]
    assert found(changes(log(*update), log(update[0], entry("Other.", "2026-05-20 - Update"), update[2]))) == [
        "rewritten"
    ]
    assert changes(log(*update), log(update[0], update[1] + " And more.", update[2])) == QUIET


def test_all_entries_removed() -> None:
    """An emptied log is as many removals as it had entries."""
    assert len(changes(log(ONE, TWO, THREE), log()).removed) == 3


def test_a_moved_entry() -> None:
    """An entry that stands elsewhere is moved, and nothing else is said."""
    result = changes(log(ONE, TWO, THREE), log(TWO, THREE, ONE))
    assert found(result) == ["moved"]
    assert [moved.entry.name for moved in result.moved] == ["MOE-HC-011"]


def test_a_moved_and_rewritten_entry() -> None:
    """An entry that was moved and rewritten is both."""
    assert found(changes(log(ONE, TWO), log(TWO, ONE.replace("2.11", "2.99")))) == ["moved", "rewritten"]


def test_an_entry_moved_out_of_the_log() -> None:
    """An entry that stands under another heading now, out of its place, is moved."""
    result = changes(log(ONE, TWO, THREE), log(ONE, THREE, "## Retired", f"#{TWO}"))
    assert found(result) == ["moved"]
    assert [moved.entry.name for moved in result.moved] == ["MOE-HC-012"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("## Entry Log", "## Negative Results"),
        lambda text: text.replace(TWO, f"## Summary\n\n{TWO}"),
        lambda text: text.replace(TWO, f"## Negative Results\n\n{TWO}"),
        lambda text: text.replace(
            (all_of := text.partition("Log\n\n")[2]), textwrap.indent(all_of, "> ", lambda _: True)
        ),
    ],
    ids=["log renamed", "summary put in", "index put in", "quoted"],
)
def test_an_entry_whose_text_is_an_entry_no_more(change: Callable[[str], str]) -> None:
    """An entry in an index or a quote is guarded no longer, so it is removed."""
    before = log(ONE, TWO, THREE)
    result = changes(before, change(before))
    assert found(result) == ["removed"]
    assert "MOE-HC-012" in [gone.entry.name for gone in result.removed]
    assert all(gone.is_aside for gone in result.removed)


def test_a_heading_that_divides_an_entry_takes_nothing() -> None:
    """What stands under a heading put into an entry still stands in the log."""
    before = log(ONE + "\n\nIt is done.", TWO)
    assert changes(before, before.replace("It is done.", "### Notes\n\nIt is done.")) == QUIET
    assert changes(before, before.replace("It is done.", "It is done.\n\n### Notes\n\nMore.")) == QUIET
    assert found(changes(before, before.replace("It is done.", "### Notes\n\nIt is over."))) == ["rewritten"]


def test_growing_at_the_end() -> None:
    """New entries at the end are what a log is for."""
    assert changes(log(ONE), log(ONE, TWO, THREE)) == QUIET
    assert changes(log(), log(ONE)) == QUIET


def test_growing_at_the_end_before_a_last_section() -> None:
    """A section may follow the log."""
    tail = "\n\n## Prior branches\n\n- none\n"
    assert changes(log(ONE) + tail, log(ONE, TWO) + tail) == QUIET


def test_a_new_entry_among_old_ones_is_backdated() -> None:
    """Between old entries, or before them, a log that is oldest first does not grow."""
    assert [new.name for new in changes(log(ONE, THREE), log(ONE, TWO, THREE)).backdated] == ["MOE-HC-012"]
    assert found(changes(log(TWO, THREE), log(ONE, TWO, THREE))) == ["backdated"]


def test_a_twin_among_old_entries_is_backdated() -> None:
    """A new entry is not excused by an old one with the same heading; a heading that was no entry yet is."""
    twin = entry("- Result: we knew it would fail.", "2026-05-11 - MOE-HC-011 run")
    assert found(changes(log(ONE, THREE), log(ONE, twin, THREE))) == ["backdated"]


def test_a_log_that_is_newest_first_grows_anywhere() -> None:
    """At its top, and in place."""
    assert changes(log(TWO, ONE), log(THREE, TWO, ONE)) == QUIET
    assert changes(log(THREE, ONE), log(THREE, TWO, ONE)) == QUIET
    assert changes(log(TWO), log(THREE, TWO)) == QUIET


def test_one_late_date_at_the_top_turns_no_log_around() -> None:
    """Most steps tell which end grows, so an entry among old ones is backdated though the first is the latest."""
    old = [entry("Text.", f"2026-05-{day} - MOE-HC-0{day} run") for day in (28, 20, 21, 22)]
    new = entry("Text.", "2026-05-23 - MOE-HC-023 run")
    assert found(changes(log(*old), log(*old[:2], new, *old[2:]))) == ["backdated"]
    assert changes(log(*old), log(*old, new)) == QUIET


@pytest.mark.parametrize(
    ("days", "new", "is_found"),
    [
        ((28, 20, 22, 23), 21, True),
        ((11, 12, 13, 10), 12, True),
        ((20, 28, 26, 25), 27, False),
        ((13, 12, 11, 14), 12, False),
        ((22, 20, 21), 19, False),
        ((11, 11), 11, False),
    ],
)
def test_one_odd_date_does_not_turn_a_log_around(days: tuple[int, ...], new: int, is_found: bool) -> None:
    """A log grows the way most of its entries do, first and last day aside; where that is even, they tell."""
    old = [entry(f"Text {number}.", f"2026-05-{day} - run") for number, day in enumerate(days)]
    added = entry("More.", f"2026-05-{new} - more")
    assert found(changes(log(*old), log(*old[:-1], added, old[-1]))) == ["backdated"] * is_found
    assert found(changes(log(*old), log(added, *old))) == ["backdated"] * is_found


def test_times_tell_the_direction_of_a_day() -> None:
    """A log of one day is newest first when its times are."""
    late, noon, dawn = (entry("Text.", f"2026-05-20T{hour}:00Z - run") for hour in ("22", "12", "05"))
    assert changes(log(noon, dawn), log(late, noon, dawn)) == QUIET
    assert found(changes(log(dawn, late), log(dawn, noon, late))) == ["backdated"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("11a", "10b 11a"),
        ("11a", "11b 11a"),
        ("11a 11b", "11c 11a 11b"),
        ("11a 11b", "11a 11c 11b"),
        ("11a", "12b 11a"),
        ("12b 11a", "13c 12b 11a"),
        ("12b 11a", "12c 12b 11a"),
        ("12b 11a", "12b 11c 11a"),
        ("11a 12b", "13c 11a 12b"),
        ("11a 12b", "12c 11a 12b"),
        ("11a 12b", "11a 12b 10c"),
        ("11a 12b 13c 12d 11e", "13f 11a 12b 13c 12d 11e"),
    ],
)
def test_nothing_is_backdated_where_nothing_tells_so(before: str, after: str) -> None:
    """One entry, equal dates, newest first, a log that turns around, and what is written late at the end."""
    old, new = (
        log(*(entry(f"Text {name[2]}.", f"2026-05-{name[:2]} - run {name[2]}") for name in text.split()))
        for text in (before, after)
    )
    assert changes(old, new) == QUIET
    bullets = [re.sub(r"### (.*)\n\n(.*)", r"- \1: \2", text) for text in (old, new)]
    assert len(book(bullets[1]).entries) == len(after.split())
    assert changes(*(text.replace("\n\n-", "\n-") for text in bullets)) == QUIET


@pytest.mark.parametrize(
    ("before", "after", "is_found"),
    [
        ("001 002", "001 003 002", True),
        ("002 003", "001 002 003", True),
        ("001 002", "003 001 002", False),
        ("002 001", "003 002 001", False),
        ("003 001", "003 002 001", False),
        ("002", "001 002", False),
    ],
)
@pytest.mark.parametrize("day", ["2026-05-11 - ", ""])
def test_ids_tell_the_direction_of_a_log_of_one_day(day: str, before: str, after: str, *, is_found: bool) -> None:
    """Numbers that rise or fall from entry to entry do, and tell which of two entries of a day is older."""
    old, new = (
        log(*(entry(f"- Result: loss 2.{name}.", f"{day}MOE-HC-{name} run") for name in text.split()))
        for text in (before, after)
    )
    assert found(changes(old, new)) == ["backdated"] * is_found


def test_the_plans_at_the_end_of_a_log_do_not_say_when_they_were_written() -> None:
    """A heading without a date or an ID may stay the last one; among entries that have them, a new one is found."""
    plans = entry("- Next: two more seeds.\n- Hypothesis: none.", "Planned experiments")
    assert len(book(log(ONE, TWO, plans)).undated) == 1
    assert changes(log(ONE, TWO, plans), log(ONE, TWO, THREE, plans)) == QUIET
    assert found(changes(log(ONE, THREE, plans), log(ONE, TWO, THREE, plans))) == ["backdated"]


def test_each_part_of_a_log_tells_its_own_direction() -> None:
    """Phases that are newest first grow at their top, whatever the order of the phases; and the other way round."""
    days = {day: "#" + entry("Text.", f"2026-05-{day} - run") for day in (11, 12, 13, 21, 22, 23)}
    parts = "### Phase A", days[12], days[11], "### Phase B", days[22], days[21]
    assert changes(log(*parts), log(*parts[:4], days[23], *parts[4:])) == QUIET
    assert changes(log(*parts), log(parts[0], days[13], *parts[1:])) == QUIET
    parts = "### Phase A", days[11], days[13], "### Phase B", days[21], days[23]
    assert changes(log(*parts), log(*parts, days[22])) == QUIET
    assert found(changes(log(*parts), log(*parts[:2], days[12], *parts[2:]))) == ["backdated"]
    assert found(changes(log(*parts), log(*parts[:5], days[22], parts[5]))) == ["backdated"]


def test_each_part_of_a_log_grows_at_its_end() -> None:
    """A new entry at the end of a part stands before the next part, and is not backdated."""
    before = log(f"### Part A\n\n#{ONE}", f"### Part B\n\n#{THREE}")
    assert changes(before, before.replace("\n\n### Part B", f"\n\n#{TWO}\n\n### Part B")) == QUIET


def test_an_entry_that_is_read_differently_is_not_gone() -> None:
    """Bullets that were the entries are still there when headings take over."""
    before = log("- 2026-05-11: started the sweep.\n- 2026-05-12: it ran.")
    assert len(book(before).entries) == 2
    after = before + f"\n{THREE}\n"
    assert len(book(after).entries) == 1
    assert changes(before, after) == QUIET


def test_bullets_are_entries() -> None:
    """A dated bullet may grow, and may not change."""
    before = log("- 2026-05-11: started the sweep\n- 2026-05-12: it ran for an hour")
    assert changes(before, before.replace("sweep", "sweep. Eight runs.")) == QUIET
    assert found(changes(before, before.replace("an hour", "a day"))) == ["rewritten"]
    assert found(changes(before, before.replace("- 2026-05-11: started the sweep\n", ""))) == ["removed"]


def test_bold_lines_are_entries() -> None:
    """A bold dated line begins an entry, which may grow and may not change."""
    before = log("**2026-05-11 - sweep**\n\nStarted.\n\n**2026-05-12 - more**\n\nIt ran for an hour.")
    assert len(book(before).entries) == 2
    assert changes(before, before.replace("Started.", "Started. Eight runs.")) == QUIET
    assert found(changes(before, before.replace("an hour", "a day"))) == ["rewritten"]


def test_bullets_may_become_headings() -> None:
    """How an entry is marked is formatting."""
    before = log("- 2026-05-11: started the sweep\n- 2026-05-12: it ran for an hour")
    assert changes(before, log("### 2026-05-11: started the sweep", "### 2026-05-12: it ran for an hour")) == QUIET


KICKOFF = entry("- Command: `a`\n- Result: pending\n- Next action: submit both, babysit.", "2026-05-20 - Kickoff")


def test_a_next_action_replaced_with_the_result() -> None:
    """When a pending value comes in, the plan may be replaced: that is said, and is no rewrite."""
    after = log(KICKOFF.replace("pending", "it diverged").replace("submit both, babysit", "lower the rate"))
    result = changes(log(KICKOFF), after)
    assert found(result) == ["replaced_next_actions"]
    (change,) = result.replaced_next_actions
    assert change.quote == "submit both, babysit"
    assert after.split("\n")[change.span.line - 1] == "- Next action: lower the rate."


def test_a_next_action_of_several_lines() -> None:
    """All of a plan belongs to it, its list too."""
    plan = entry("- Result: pending\n- Next action:\n  - submit d512\n  - submit d768")
    after = plan.replace("pending", "2.31").replace("submit d512", "stop").replace("\n  - submit d768", "")
    assert found(changes(log(plan), log(after))) == ["replaced_next_actions"]


def test_a_next_action_replaced_and_another_field_changed() -> None:
    """What else is lost in the entry is a rewrite."""
    after = KICKOFF.replace("pending", "2.31").replace("babysit", "stop").replace("`a`", "`b`")
    result = changes(log(KICKOFF), log(after))
    assert found(result) == ["rewritten"]
    assert result.rewritten[0].quote == "a"


def test_a_next_action_after_a_cell_came_in() -> None:
    """A cell of a table may be the result that a plan waited for."""
    plan = entry("| run | loss |\n|---|---|\n| d512 | pending |\n\n- Next action: wait")
    after = plan.replace("pending", "3.64").replace("wait", "stop")
    assert found(changes(log(plan), log(after))) == ["replaced_next_actions"]


def test_a_next_action_beside_a_row_that_only_grew() -> None:
    """A cell is known by its row and column: words in another cell are no result."""
    plan = entry("| run | loss |\n|---|---|\n| d512 | pending |\n\n- Next action: wait")
    assert found(changes(log(plan), log(plan.replace("d512 |", "d512. Two seeds |").replace("wait", "stop")))) == [
        "rewritten"
    ]


# Beside the log.

DECISIONS = "## Decision Log\n\n- D1: two seeds are enough.\n- D2: drop d768.\n"


def beside(before: str, after: str, *entries: str) -> Changes:
    """Return what became of the text before a log to which `entries` are added."""
    return changes(log(ONE, head=before), log(ONE, *entries, head=after))


@pytest.mark.parametrize(
    "after",
    [
        DECISIONS.replace("- D2", "- D0: new.\n- D2"),
        DECISIONS.replace("enough.", "enough. See MOE-HC-001."),
        DECISIONS.replace("two", "~~two~~ three"),
        "## Decision Log\n\n* D2: **drop d768**.\n* D1: two seeds are enough.\n",
        "## Decisions\n\n| decision |\n|---|\n| D1: two seeds are enough. |\n| D2: drop d768. |\n",
        "## What we chose\n\n- D1: two seeds are enough.\n- D2: drop d768.\n",
    ],
    ids=["added", "continued", "corrected", "reformatted", "table", "other title"],
)
def test_a_decision_survives(after: str) -> None:
    """Decisions may be added to, continued, corrected, reordered and reformatted."""
    assert beside(DECISIONS, after) == QUIET


@pytest.mark.parametrize(
    ("after", "quote"),
    [
        (DECISIONS.replace("two", "five"), "two"),
        (DECISIONS.replace("drop", "do not drop"), "D2: drop d768"),
        (DECISIONS.replace("- D2: drop d768.\n", ""), ""),
        ("## Decision Log\n\n- none\n", ""),
    ],
)
def test_a_decision_that_does_not(after: str, quote: str) -> None:
    """A decision that is rewritten is quoted, one that is gone is named."""
    result = beside(DECISIONS, after)
    assert found(result) == ["decisions"]
    assert quote in [item.quote.rstrip(".") for item in result.decisions]


def test_one_of_two_equal_decisions_is_gone() -> None:
    """Decisions are counted too."""
    twins = "## Decision Log\n\n- go on\n- go on\n"
    assert len(beside(twins, "## Decision Log\n\n- go on\n").decisions) == 1


@pytest.mark.parametrize("nothing", ["- none", "- None yet", "- _pending_", "- TBD"])
def test_no_decision_yet_may_be_replaced(nothing: str) -> None:
    """A placeholder is no decision."""
    assert beside(f"## Decision Log\n\n{nothing}\n", "## Decision Log\n\n- D1: go on.\n") == QUIET


QUEUE = "## Hypothesis Queue\n\n### Active\n\n- H1: cooler is better. Next test: d512.\n- H2: warmer is worse.\n"


@pytest.mark.parametrize(
    "after",
    [
        "## Hypothesis Queue\n\n### Falsified\n\n- H2: no.\n- H1: see MOE-HC-011.\n",
        "## Hypotheses\n\n| id | hypothesis | status |\n|---|---|---|\n| H2 | b | active |\n| H1 | a | active |\n",
        "## Ideas\n\n- **H1**: cooler is better.\n- [H2] warmer is worse.\n",
    ],
    ids=["status", "table", "other title"],
)
def test_a_hypothesis_stays(after: str) -> None:
    """Wording, status, order, form and the title above may change."""
    assert beside(QUEUE, after) == QUIET


def test_a_hypothesis_is_dropped() -> None:
    """An ID that no hypothesis has any more is gone, though a decision mentions it."""
    after = QUEUE.replace("- H2: warmer is worse.\n", "") + "\n## Decision Log\n\n- H2: dropped.\n"
    result = beside(QUEUE, after)
    assert [item.hypothesis.name for item in result.dropped] == ["H2"]
    assert found(result) == ["dropped"]


def test_hypotheses_without_an_id() -> None:
    """One without an ID is known by half of its words."""
    before = "## Hypothesis Queue\n\n- a cooler router balances the experts\n- warm-up keeps seeds from diverging\n"
    assert beside(before, before.replace("a cooler router", "**H1** (active): the cooler router")) == QUIET
    assert beside(before, before.replace("## Hypothesis Queue", "## Ideas")) == QUIET
    (gone,) = beside(before, before.replace("warm-up keeps seeds from diverging", "larger batches help")).dropped
    assert gone.hypothesis.text.startswith("warm-up")
    (twin,) = beside(before + "- warm-up keeps seeds from diverging\n", before).dropped
    assert twin.hypothesis.text.startswith("warm-up")


BASELINE = "## Baseline\n\n- 2026-05-01, commit 1691d0a: loss 3.64 at d512.\n"


def test_a_baseline_may_be_added_to() -> None:
    """Additions are no change, also inside a sentence; nor are formatting and a new title."""
    assert beside(BASELINE, BASELINE + "- d768: 3.30\n") == QUIET
    assert beside(BASELINE, BASELINE.replace("loss 3.64", "evaluation loss 3.64")) == QUIET
    assert beside(BASELINE, "## Current baseline\n\n2026-05-01, commit `1691d0a`: loss **3.64** at d512.\n") == QUIET
    assert beside(BASELINE, BASELINE.replace("Baseline", "Reference run")) == QUIET
    assert beside("## Baseline\n\nTBD\n", BASELINE) == QUIET


def test_a_changed_baseline() -> None:
    """Lost or changed words are, with the words and the line."""
    result = beside(BASELINE, BASELINE.replace("3.64", "3.46"))
    assert found(result) == ["baseline"]
    assert result.baseline
    assert result.baseline.quote == "3.64"
    assert found(beside(BASELINE, "")) == ["baseline"]


def test_swapped_numbers_are_a_changed_baseline() -> None:
    """The same words in another order say something else."""
    before = "## Baseline\n\n- d512: 3.64\n- d768: 3.30\n"
    assert found(beside(before, "## Baseline\n\n- d512: 3.30\n- d768: 3.64\n")) == ["baseline"]
    assert beside(before, "## Baseline\n\n- d768: 3.30\n- d512: 3.64\n") == QUIET


def test_a_change_that_is_said() -> None:
    """An added entry or decision that speaks of it answers for a changed baseline."""
    after = BASELINE.replace("3.64", "3.46")
    assert beside(BASELINE, after, entry("- Decision: new Baseline.", "2026-05-21 - rerun")) == QUIET
    assert beside(BASELINE, after + "\n## Decision Log\n\n- The baseline is 3.46 now.\n") == QUIET
    assert found(beside(BASELINE, after, entry("- Decision: go on.", "2026-05-21 - rerun"))) == ["baseline"]


# Whole files.


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("context-norm-a", ["replaced_next_actions"]),
        ("cw-grug-moe-accelerator-perf", []),
        ("gated_post_norm", []),
    ],
)
def test_pairs_that_people_wrote(name: str, expected: list[str]) -> None:
    """Real logbooks and what became of them."""
    if not PAIRS.is_dir():
        pytest.skip("the corpus is not at hand")
    before, after = (book((PAIRS / f"{name}.{when}.md").read_bytes()) for when in ("before", "after"))
    result = compare(before, after)
    assert expected == found(result)
    assert ["2026-05-19 - Kickoff"] * len(expected) == [item.entry.heading for item in result.replaced_next_actions]


LOGBOOKS = sorted((PAIRS.parent / "logbooks").glob("*.md"))


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_every_entry_that_people_wrote_is_guarded(path: Path) -> None:
    """Taking out any real entry is found, with its heading, and nothing else is."""
    text = path.read_text()
    parsed = book(text)
    lines = text.split("\n")
    for item in parsed.everything:
        after = "\n".join(lines[: item.span.line - 1] + lines[item.span.end_line :])
        result = compare(parsed, book(after))
        assert [item.heading] == [gone.entry.heading for gone in result.removed]
        assert found(result) == ["removed"]


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_every_number_that_people_wrote_is_guarded(path: Path) -> None:
    """Changing any number in a real entry's lists and paragraphs is found."""
    text = path.read_text()
    parsed = book(text)
    lines = text.split("\n")
    numbers = [
        (number, match)
        for item in parsed.everything
        for number in range(item.span.line, item.span.end_line)
        for match in list(re.finditer(r"(?<![\w./:@#%=?&-])\d+\.\d+(?![\w./%-])", lines[number]))[:1]
        if "](" not in lines[number] and not re.search(r"(?i)pending|tbd", lines[number])
    ]
    for number, match in numbers[:40]:
        line = lines[number][: match.start()] + "99.125" + lines[number][match.end() :]
        result = compare(parsed, book("\n".join([*lines[:number], line, *lines[number + 1 :]])))
        assert found(result) == ["rewritten"], lines[number]


@pytest.mark.parametrize("change", [lambda text: b"\xef\xbb\xbf" + text, lambda text: text.replace(b"\n", b"\r\n")])
def test_line_ends_and_byte_order_marks_are_no_change(change: object) -> None:
    """How a file is stored is not what it says."""
    text = log(ONE, TWO, head=DECISIONS).encode()
    assert callable(change)
    assert compare(book(text), book(change(text))) == QUIET


MOVED = {"scripts/train.py": "tools/train-all.py", "2.31": "2.13", "plot.py": "tools/plot.py"}


@pytest.mark.parametrize(
    ("old", "new", "is_found"),
    [
        ("Run `scripts/train.py` first.", "Run `tools/train-all.py` first.", False),
        ("- Command: python scripts/train.py --lr 1", "- Command: python tools/train-all.py --lr 1", False),
        ("See [../../scripts/train.py](../../scripts/train.py).", "See [../../tools/train-all.py](x.py).", False),
        ("Run plot.py.", "Run tools/plot.py.", False),
        ("Run `scripts/train.py` first.", "Run `scripts/train.py` first. Twice.", False),
        ("Run `scripts/train.py` first.", "Run `tools/train.py` first.", True),
        ("Run `scripts/eval.py` first.", "Run `tools/train-all.py` first.", True),
        ("Run `old/scripts/train.py` first.", "Run `old/tools/train-all.py` first.", True),
        ("- Result: loss 2.31", "- Result: loss 2.13", True),
    ],
)
def test_the_path_of_a_renamed_file_may_be_corrected(old: str, new: str, is_found: bool) -> None:
    """From its old path to its new one, wherever it stands; a figure is no path, and no other path changes."""
    before, after = (book(log(entry(text))) for text in (old, new))
    assert found(compare(before, after, renamed_files=MOVED)) == ["rewritten"] * is_found
    assert found(compare(before, after, renamed_files={})) == ["rewritten"] * (is_found or "Twice" not in new)


# Properties of all logbooks.

WORD = st.sampled_from(
    [
        "the",
        "loss",
        "fell",
        "rose",
        "again",
        "after",
        "warm-up",
        "d512",
        "d768",
        "seed",
        "3.64",
        "17",
        "0.25",
        "**bold**",
        "`code`",
        "sweep,",
        "(twice)",
        "[run](https://a.b)",
        "done.",
    ]
)
SENTENCE = st.lists(WORD, min_size=1, max_size=12).map(lambda words: "It says " + " ".join(words) + ".")
FIELD = st.tuples(st.sampled_from(["Command", "Result", "Interpretation", "Next action", "Notes"]), SENTENCE).map(
    lambda pair: f"- {pair[0]}: {pair[1]}"
)
ROWS = st.lists(st.tuples(WORD, WORD), min_size=1, max_size=4).map(
    lambda rows: "\n".join(["| a | b |", "|---|---|", *(f"| {one} | {two} |" for one, two in rows)])
)
CODE = st.lists(WORD, min_size=1, max_size=4).map(lambda lines: "\n".join(["```", *lines, "```"]))
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=4).map(" ".join)
BLOCK = st.one_of(PARAGRAPH, st.lists(FIELD, min_size=1, max_size=4).map("\n".join), ROWS, CODE)
BODY = st.lists(BLOCK, min_size=1, max_size=4).map("\n\n".join)


@st.composite
def logs(draw: st.DrawFn, least: int = 1) -> list[str]:
    """Draw the entries of a log that is oldest first; some are twins."""
    bodies = draw(st.lists(BODY, min_size=least, max_size=5))
    if draw(st.booleans()):
        bodies.append(bodies[-1])
    days = sorted(draw(st.lists(st.integers(10, 14), min_size=len(bodies), max_size=len(bodies))))
    return [entry(body, f"2026-05-{day} - MOE-HC-0{day} run") for body, day in zip(bodies, days, strict=True)]


@given(logs())
def test_a_logbook_is_no_change_to_itself(entries: list[str]) -> None:
    """Nothing changes where nothing changed, also when all is compared word by word."""
    assert changes(log(*entries), log(*entries)) == QUIET
    assert changes(log(*entries), log(*entries, head="One more line.")) == QUIET


@given(logs(), BODY)
def test_appending_is_never_a_fault(entries: list[str], body: str) -> None:
    """Whatever is appended, the old record stands."""
    for heading in ("2026-05-14 - MOE-HC-014 run", "2026-06-01 - MOE-HC-099 more"):
        assert changes(log(*entries), log(*entries, entry(body, heading))) == QUIET


@given(logs(), st.data())
def test_deleting_an_entry_is_always_found(entries: list[str], data: st.DataObject) -> None:
    """Any entry that is deleted is named, and nothing is said of the others."""
    place = data.draw(st.integers(0, len(entries) - 1))
    before = book(log(*entries))
    result = compare(before, book(log(*entries[:place], *entries[place + 1 :])))
    assert found(result) == ["removed"]
    assert [before.entries[place].heading] == [gone.entry.heading for gone in result.removed]


NUMBER = re.compile(r"(?<![\w/#-])\d+(?:\.\d+)?(?![\w-])")


@settings(max_examples=200)
@given(logs(), st.data())
def test_changing_a_number_is_always_found(entries: list[str], data: st.DataObject) -> None:
    """Any number of any old entry that becomes another is a rewrite of that entry alone."""
    places = [(place, match) for place, text in enumerate(entries) for match in NUMBER.finditer(text, text.index("\n"))]
    if not places:
        return
    place, match = data.draw(st.sampled_from(places))
    number = data.draw(st.sampled_from(["18", "3.46", "0.26"]))
    text = entries[place][: match.start()] + number + entries[place][match.end() :]
    result = changes(log(*entries), log(*entries[:place], text, *entries[place + 1 :]))
    assert found(result) == ["rewritten"]
    assert len(result.rewritten) == 1


@given(st.lists(PARAGRAPH, min_size=1, max_size=4), st.integers(20, 100), st.integers(20, 100))
def test_wrapping_is_never_a_fault(paragraphs: list[str], one: int, other: int) -> None:
    """A paragraph may be wrapped at any width."""
    before, after = (
        log(entry("\n\n".join(textwrap.fill(text, width, break_long_words=False) for text in paragraphs)))
        for width in (one, other)
    )
    assert changes(before, after) == QUIET


@given(logs(), BLOCK, st.data())
def test_adding_a_block_is_never_a_fault(entries: list[str], block: str, data: st.DataObject) -> None:
    """A block may be added after any other block of any entry."""
    place = data.draw(st.integers(0, len(entries) - 1))
    parts = entries[place].split("\n\n")
    cut = data.draw(st.integers(1, len(parts)))
    text = "\n\n".join([*parts[:cut], block, *parts[cut:]])
    assert changes(log(*entries), log(*entries[:place], text, *entries[place + 1 :])) == QUIET


@given(logs(), st.data())
def test_a_word_inside_a_sentence_is_always_found(entries: list[str], data: st.DataObject) -> None:
    """A word that is put between two words of a sentence is a rewrite."""
    places = [(place, match) for place, text in enumerate(entries) for match in re.finditer(r"It says (?=\S)", text)]
    if not places:
        return
    place, match = data.draw(st.sampled_from(places))
    text = entries[place][: match.end()] + "never " + entries[place][match.end() :]
    assert found(changes(log(*entries), log(*entries[:place], text, *entries[place + 1 :]))) == ["rewritten"]


@settings(deadline=None, max_examples=30)
@given(st.lists(logs(), min_size=2, max_size=2))
def test_any_two_logbooks_can_be_compared(both: list[list[str]]) -> None:
    """Comparing never fails, and what is lost one way shows the other way too when nothing is kept."""
    one, other = (log(*entries) for entries in both)
    compare(book(one), book(other))
    assert found(changes(one, other)) or changes(one, other) == QUIET


# Bounds.


def calls(before: str, after: str) -> int:
    """Return how many functions are called to compare two texts."""
    counted = itertools.count()
    old, new = book(before), book(after)
    sys.setprofile(lambda _frame, event, _arg: next(counted) if event == "call" else None)
    try:
        compare(old, new)
    finally:
        sys.setprofile(None)
    return next(counted)


HOSTILE: dict[str, Callable[[int], tuple[str, str]]] = {
    "all below a new item": lambda n: (items(n, "- a {}"), "- x\n" + items(n, "  - a {}")),
    "a label before each": lambda n: (items(n, "a {}.\n"), items(n, "x {0}:\n\na {0}.\n")),
    "commas": lambda n: (items(n, "- a, b {}, c"), items(n, "- a b, {} c")),
    "commas in a line": lambda n: ("a, " * n, "a " * n + "b"),
    "boxes": lambda n: (items(n, "- [ ] a {}"), items(n, "- [x] a {}")),
    "sentences into items": lambda n: (items(n, "a {}.").replace("\n", " "), items(n, "- a {}.")),
    "folded away in folds": lambda n: (items(n, "a {}\n"), "<details>\n\n" * n + items(n, "a {}\n")),
    "paragraphs reversed": lambda n: (items(n, "a {}.\n"), items(n, "a {}.\n", step=-1)),
    "small letters": lambda n: (items(n, "- Run {} Won `A`"), items(n, "- run {} won `a`")),
    "all lines changed": lambda n: (items(n, "- item {} says"), items(n, "- item {} said")),
    "equal lines": lambda n: (items(n, "- a"), items(n // 2, "- a")),
    "equal beginnings": lambda n: (items(n, "- a b c d e f {}"), items(n, "- a b c d e f x{}")),
    "reversed lines": lambda n: (items(n, "- a {}"), items(n, "- a {}", step=-1)),
    "continued and reversed": lambda n: (items(n, "- a {}"), items(n, "- a {}. Yes", step=-1)),
    "merged": lambda n: (items(n, "- a {}"), items(n, "a {}").replace("\n", " ")),
    "merged and changed": lambda n: (items(n, "- a {}") + "\n- z", items(n, "a {}").replace("\n", " ")),
    "struck words": lambda n: ("a " * n, "~~a~~ " + "a " * n),
    "a word among equals": lambda n: ("a " * n, "b " + "a " * n),
    "pending cells": lambda n: (table(n, "| | {} |"), table(n, "| {} | x |")),
    "rows reversed": lambda n: (table(n, "| {} | a |"), table(n, "| {} | b |", step=-1)),
}


def test_a_long_value_that_begins_like_pending_is_read_once() -> None:
    """Marks and spaces without end, after a placeholder, take no time of note."""
    text = log(entry("- Result: pending " + ", " * 50_000 + "x", "2026-05-20 - run"))
    assert changes(text, text + "\nMore.\n") == QUIET


def items(count: int, line: str, step: int = 1) -> str:
    """Return a numbered list of lines."""
    return "\n".join(line.format(number) for number in range(count)[::step])


def table(count: int, row: str, step: int = 1) -> str:
    """Return a table with numbered rows."""
    return "| a | b |\n|---|---|\n" + items(count, row, step)


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_large_entry_takes_time_in_proportion(name: str) -> None:
    """Twice the lines take about twice the work, whatever they are."""
    small, large = (calls(*(log(entry(text)) for text in HOSTILE[name](count))) for count in (400, 800))
    assert large <= 2.6 * small


MANY_ENTRIES: dict[str, Callable[[int], tuple[list[str], list[str]]]] = {
    "passages between": lambda n: (passages(n, "loss 2.{}"), passages(n, "loss 3.{}")),
    "passages gone": lambda n: (passages(n, "loss 2.{}"), pages(n, "loss 2.{}")),
    "passages reversed": lambda n: (passages(n, "loss 2.{}"), passages(n, "loss 2.{}")[::-1]),
    "a heading over each": lambda n: (
        pages(n, "x"),
        [f"### Wrong {k}\n\n#{page}" for k, page in enumerate(pages(n, "x"))],
    ),
    "all rewritten": lambda n: (pages(n, "loss 2.{}"), pages(n, "loss 3.{}")),
    "all under other headings": lambda n: (pages(n, "loss 2.{}"), pages(n, "loss 2.{}", "MOE-HD")),
    "all reversed": lambda n: (pages(n, "loss 2.{}"), pages(n, "loss 2.{}")[::-1]),
    "twins": lambda n: (pages(n, "x", "A-{}"), pages(n // 2, "x. y", "A-{}")),
    "all gone": lambda n: (pages(n, "loss 2.{}"), []),
}


def pages(count: int, body: str, prefix: str = "MOE-HC") -> list[str]:
    """Return numbered entries."""
    return [entry(body.format(n), f"2026-05-{n % 28 + 1:02} - {prefix}-{n:05} run") for n in range(count)]


def passages(count: int, body: str) -> list[str]:
    """Return numbered entries, each with an undated section after it."""
    return [f"{page}\n\n### Notes {n}\n\nSeen {n} times." for n, page in enumerate(pages(count, body))]


@pytest.mark.parametrize("name", MANY_ENTRIES)
def test_a_large_log_takes_time_in_proportion(name: str) -> None:
    """Twice the entries take about twice the work."""
    small, large = (calls(*(log(*entries) for entries in MANY_ENTRIES[name](count))) for count in (200, 400))
    assert large <= 2.6 * small


def test_a_large_honest_change_is_no_fault() -> None:
    """Thousands of lines that begin alike may all be continued and reordered at once."""
    before, after = items(3_000, "- run a b c d e f g {}"), items(3_000, "- run a b c d e f g {}. Yes")
    assert changes(log(entry(before)), log(entry(after))) == QUIET
    before, after = items(3_000, "- run {}"), items(3_000, "- run {}. Yes", step=-1)
    assert changes(log(entry(before)), log(entry(after))) == QUIET


AROUND = {
    "a closed details block": ("<details>\n<summary>Old</summary>\n", "</details>", "out of sight"),
    "a template": ("<template>\n", "</template>", "out of sight"),
    "a hidden block": ("<div hidden>\n", "</div>", "out of sight"),
    "a block from right to left": ('<div dir="rtl">\n', "</div>", ""),
}


@pytest.mark.parametrize("name", AROUND)
def test_an_element_around_an_entry(name: str) -> None:
    """An entry whose own lines stay as they are is rewritten where an element around it changes what is seen."""
    start, end, stands = AROUND[name]
    first, second, third = (entry(f"Seed {n} ran.", f"2026-05-2{n} - MOE-HC-00{n} run") for n in (1, 2, 3))
    result = changes(log(first, second, third), log(first, start, second, end, third))
    assert found(result) == ["rewritten"]
    assert [(change.entry.ids, change.stands) for change in result.rewritten] == [(("MOE-HC-002",), stands)]


@pytest.mark.parametrize("tags", [("<div>\n", "</div>"), ("<details open>\n", "</details>"), ("<del>\n", "</del>")])
def test_an_element_that_hides_nothing_around_an_entry(tags: tuple[str, str]) -> None:
    """What is laid out, or withdrawn as a whole, is all there."""
    first, second = (entry(f"Seed {n} ran.", f"2026-05-2{n} - MOE-HC-00{n} run") for n in (1, 2))
    assert changes(log(first, second), log(first, tags[0], second, tags[1])) == QUIET


@pytest.mark.parametrize(
    "heading",
    [
        "2026-05-20 - MOE-HC-0<sup>01</sup> run",
        "2026-05-2<sub>0</sub> - MOE-HC-001 run",
        "2026-05-20 - MOE-HC-<bdo dir=rtl>001</bdo> run",
        "![2026-05-20 - MOE-HC-001 run](a.png)",
        "2026-05-20 - MOE-HC-001 ![run](a.png)",
        "2026-05-20 - MOE-HC-001 <rp>run</rp>",
    ],
)
def test_a_heading_that_is_read_otherwise(heading: str) -> None:
    """A heading keeps what is seen of it, as any text does."""
    assert found(changes(log(entry("It ran.")), log(entry("It ran.", heading)))) == ["rewritten"]


LATER = "# Run\n\n## Log\n\n### 2026-05-25 - KT-001 first\n\nx\n\n{}## Follow-ups\n\n1. Refit.\n\n{}"


def test_an_entry_under_a_later_section_stays() -> None:
    """It is an entry like those of the log, and what is appended to the log is not put before it."""
    second = "### 2026-05-27 - KT-002 second\n\ny\n"
    third = "### 2026-05-28 - KT-003 third\n\nz\n\n"
    before = LATER.format("", second)
    assert found(changes(before, LATER.format("", ""))) == ["removed"]
    assert found(changes(before, LATER.format("", second.replace("y", "n")))) == ["rewritten"]
    assert changes(before, LATER.format(third, second)) == QUIET
    assert changes(before, LATER.format("", f"{second}\n{third}")) == QUIET


def test_an_entry_without_a_date_stays() -> None:
    """A heading that names itself by its ID is protected as any other."""
    first, second = entry("x", "KT-001 - first (2026-05-25)"), entry("y", "KT-002 - second")
    assert found(changes(log(first, second), log(first))) == ["removed"]
    assert changes(log(first), log(first, second)) == QUIET
    assert changes(log(first, second), log(first, entry("y", "KT-002 - second (2026-05-26)"))) == QUIET


def test_lines_of_a_log_in_an_entry_are_appended() -> None:
    """A second line makes entries of both, and loses nothing; a month newest first is appended to at its top."""
    start = "# Run\n\n## 2026-05-08 - plan\n\n1. Nine.\n\n### {}\n\n**2026-05-09 02:55Z - launched.**\n\nx\n"
    more = "\n**2026-05-09 03:37Z - failed.**\n\ny\n"
    for title in ("Launch log", "What happened", "Timeline"):
        assert changes(start.format(title), start.format(title) + more) == QUIET
        assert changes(start.format(title), start.format(title) + "\n### Results\n\n- Result: loss 2.31\n") == QUIET
        assert found(changes(start.format(title) + more, start.format(title))) != []
    top, rest = (
        "## 2026-05-25 (second run)\n\n- b\n\n",
        "## 2026-05-25 (first run)\n\n- a\n\n## 2026-05 (notes)\n\n- c\n",
    )
    assert changes(f"# Run\n\n{rest}", f"# Run\n\n{top}{rest}") == QUIET
