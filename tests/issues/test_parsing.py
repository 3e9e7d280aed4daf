"""Claims about reading experiment issues."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_issue import github_comment, github_issue
from research_logbook.github.models import Account
from research_logbook.issues import BOLD, ExperimentIssue, IssueSection, Task, parse_issue, read
from research_logbook.issues.links import IssueLink, LinkKind, Pin, Place

SHA = "1691d0a9afbfe849538e180186bec7759574cf2c"
BOOK = ".agents/logbooks/attention.md"
GITHUB = "https://github.com/lab/maze"

TEMPLATE = """### Description

Does a wider window help?

### Hypothesis or Goal

_No response_

### Links

* Logbook: (link)
* W&B report: (link)

### Results

_No response_
"""


def issue(body: str | None = "", title: str = "Experiment: mazes") -> ExperimentIssue:
    """Return an issue with this body."""
    return parse_issue(github_issue(body, title, labels=["tldr"]))


def section(body: str, name: str) -> IssueSection:
    """Return the only section of this name."""
    (found,) = read(body).named(name)
    return found


def link(text: str) -> IssueLink:
    """Return the only thing that a text points at."""
    (found,) = read(text).links
    return found


def task(line: str) -> Task:
    """Return the only task-list item of a text."""
    (found,) = read(line).tasks
    return found


def names(body: str) -> list[tuple[str, ...]]:
    """Return the names of the sections, in order."""
    return [found.names for found in read(body).sections]


# Sections


@pytest.mark.parametrize(
    "heading",
    [
        "# Conclusion",
        "## Conclusion",
        "### Conclusion",
        "###### Conclusion ######",
        "Conclusion\n---",
        "Conclusion\n===",
        "## 🏁 Conclusion",
        "## **Conclusion**",
        "## 4. Conclusions:",
        "## Conclusion (final)",
        "**Conclusion**",
        "__Conclusion__",
        "**Conclusion:**",
        "**Conclusion**:",
        "***Conclusion***",
        "🏁 **Conclusion**",
        '<a id="end"></a>**Conclusion**',
    ],
)
def test_a_section_is_known_by_any_heading(heading: str) -> None:
    """Headings of every level, underlined ones and bold lines open the section alike."""
    found = section(f"Before.\n\n{heading}\n\nWider is better.\n\n# Other\n\nx\n", "conclusion")
    assert (found.text, found.is_empty) == ("Wider is better.", False)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("TL;DR", ("tldr",)),
        ("tldr", ("tldr",)),
        ("Summary", ("tldr",)),
        ("TL;DR / Summary", ("tldr",)),
        ("Current TL;DR (2026-05-12)", ("tldr",)),
        ("TL;DR: state of play", ("tldr",)),
        ("Decision Log", ("decision-log",)),
        ("Negative results index", ("negative-results",)),
        ("Next steps", ("next-steps",)),
        ("Current baseline", ("baseline",)),
        ("Goal", ("goal",)),
        ("Hypothesis", ("hypothesis",)),
        ("Hypothesis or Goal", ("hypothesis", "goal")),
        ("Hypothesis queue", ("hypotheses",)),
        ("Conclusion and next steps", ("conclusion", "next-steps")),
        ("Conclusion & Next Steps", ("conclusion", "next-steps")),
        ("Success criterion", ("success-criteria",)),
        ("Success criteria", ("success-criteria",)),
        ("Helpful links", ("links",)),
        ("Before closing the issue", ("close-out",)),
        ("Close-out checklist", ("close-out",)),
        ("Gate 1 runs (2 total)", ("gate-1-runs",)),
        ("Summary of the meeting", ("summary-of-the-meeting",)),
    ],
)
def test_names(title: str, expected: tuple[str, ...]) -> None:
    """A section has its canonical name, both where the title joins two, and a slug where none is known."""
    assert names(f"## {title}\n") == [expected]


def test_a_section_knows_its_place() -> None:
    """Lines are the body's, counted from 1, and a section ends before the next of its level."""
    found = read("Hello.\n\n## Goal\n\nWin.\n\n## Results\nNone yet.\nStill.\n").sections
    assert [(one.line, one.end_line, one.level) for one in found] == [(3, 5, 2), (7, 9, 2)]


def test_nested_sections_belong_to_their_parent() -> None:
    """What stands under a deeper heading is the parent's too: text, items, links and lines."""
    body = f"## Conclusion\n\n### Details\n\n- wider is better, see {GITHUB}/pull/5\n\n## Scope\n\nMazes.\n"
    parent, child = section(body, "conclusion"), section(body, "details")
    assert parent.text == f"Details\nwider is better, see {GITHUB}/pull/5"
    assert (parent.is_empty, parent.items, parent.links) == (False, child.items, child.links)
    assert (parent.line, parent.end_line, child.line, child.end_line) == (1, 5, 3, 5)


def test_nested_headings_alone_are_no_content() -> None:
    """A section whose sub-sections are all empty is empty."""
    assert section("## Results\n\n### Table\n\n### Plots\n\n_pending_\n", "results").is_empty


def test_every_tldr_is_kept_in_order() -> None:
    """A summary between a bot's markers and the author's own are two; which one counts is not decided here."""
    body = "<!-- tldr:start -->\n## Summary\nOld.\n<!-- tldr:end -->\n\n## TL;DR\n\nNew.\n"
    assert [one.text for one in read(body).named("tldr")] == ["Old.", "New."]


def test_bold_lines_in_one_paragraph() -> None:
    """Each bold line with a known name opens a section, with text behind it or below it."""
    body = "**TL;DR:** wider is better.\nBy 3 %.\n**Results** - loss 2.1\n**Conclusion** — keep it.\n**Note:** odd.\n"
    assert [(one.names[0], one.line, one.end_line, one.level, one.text) for one in read(body).sections] == [
        ("tldr", 1, 2, BOLD, "wider is better.\nBy 3 %."),
        ("results", 3, 3, BOLD, "loss 2.1"),
        ("conclusion", 4, 5, BOLD, "keep it.\nNote: odd."),
    ]


@pytest.mark.parametrize("line", ["**Results** were mixed.", "See **Conclusion**", "**We won by 3 %**", "*Results*"])
def test_bold_prose_opens_no_section(line: str) -> None:
    """A bold word at the start of a sentence, in it, or a bold sentence is text."""
    assert section(f"## Scope\n\n{line}\n", "scope").text == line.replace("*", "")
    assert len(read(f"## Scope\n\n{line}\n").sections) == 1


def test_a_bold_section_ends_at_a_heading() -> None:
    """A bold line is below all headings, and above nothing."""
    body = "## Status\n\n**TL;DR:** fine.\n\n### More\n\nx\n\n## Goal\n"
    assert [(one.names[0], one.text) for one in read(body).sections] == [
        ("status", "TL;DR\nfine.\nMore\nx"),
        ("tldr", "fine."),
        ("more", "x"),
        ("goal", ""),
    ]


def test_a_dated_entry_has_no_sections_of_the_issue() -> None:
    """A conclusion inside of a dated entry is the entry's."""
    assert names("## 2026-05-12 Run 3\n\n### Conclusion\n\nDone.\n") == [("2026-05-12-run-3",), ()]


@pytest.mark.parametrize(
    "body",
    [
        "> ## Conclusion\n> Done.\n",
        "- ## Conclusion\n",
        "```\n## Conclusion\n```\n",
        "~~~md\n**Conclusion**\n~~~\n",
        "    ## Conclusion\n",
        "<!--\n## Conclusion\n\n**TL;DR:** x\n-->\n",
        "<!-- never closed\n\n## Conclusion\n",
        "<details>\n<!-- opened in a block of HTML\n\n## Conclusion\n\n-->\n",
        "<pre>\n## Conclusion\n</pre>\n",
        "Text, then # Conclusion\n",
        "- **Conclusion:** done\n",
    ],
)
def test_what_is_no_heading(body: str) -> None:
    """What is quoted, listed, code or hidden in a comment is no section of the issue."""
    assert names(body) == []


def test_what_follows_a_comment_is_read() -> None:
    """Reading goes on where a block of HTML closes the comment that another one opened."""
    body = "<p>\n<!-- one\n\n## Goal\n\n<p> -->\n\n## Results\n"
    assert names(body) == [("results",)]


def test_details_hold_sections() -> None:
    """A fold hides nothing from a reader who opens it."""
    body = "<details>\n<summary>More</summary>\n\n## Results\n\n- [ ] plot\n\n</details>\n"
    assert (section(body, "results").is_empty, task(body).under) == (False, ("results",))


def test_three_hyphens_at_the_top_are_no_front_matter() -> None:
    """GitHub has no front matter in issues, so nothing after the line is lost."""
    assert names("---\n## Goal\nWin.\n---\n\n## Results\n") == [("goal",), ("win",), ("results",)]
    assert section("---\n\n## Goal\n\n---Win.", "goal").text == "---Win."


def test_windows_line_ends() -> None:
    r"""GitHub's ``\r\n`` changes nothing."""
    assert read(TEMPLATE) == read(TEMPLATE.replace("\n", "\r\n")) == read(TEMPLATE.replace("\n", "\r"))


def test_an_issue_form_as_it_comes() -> None:
    """In a form that nobody filled in all but the description is empty."""
    assert [(one.names, one.is_empty) for one in read(TEMPLATE).sections] == [
        (("description",), False),
        (("hypothesis", "goal"), True),
        (("links",), True),
        (("results",), True),
    ]


# Content


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n\t",
        "_No response_",
        "_pending_",
        "_empty_",
        "*(to be updated)*",
        "To be written later.",
        "TBD",
        "tbd.",
        "TODO: write this up",
        "TBD after the sweep",
        "Pending: two seeds",
        "Pending final runs.",
        "(link)",
        "[link]",
        "[Report](link)",
        "-",
        "—",
        "…",
        "...",
        "???",
        "XXX",
        "In progress",
        "No results yet.",
        "<!-- what did you learn? -->",
        "<!--\nwhat\n\ndid you learn?\n-->",
        "Text: <!-- hidden -->",
        "{{ conclusion }}".replace("conclusion", "link"),
        "<one paragraph summary>",
        "- \n- \n",
        "- [ ] \n",
        "* Logbook: (link)\n* W&B report: TBD\n* Data browser:\n",
        "| decision | evidence |\n|---|---|\n",
        "| decision | evidence |\n|---|---|\n| | _pending_ |\n",
        "---",
        "```\n```",
        "~~Wider is better.~~",
        "<details>\n<summary>Results</summary>\n</details>",
        "### Sub-heading",
    ],
)
def test_what_is_empty(text: str) -> None:
    """Placeholders of any kind, and what nobody sees, are no content."""
    assert section(f"## Results\n\n{text}\n", "results").is_empty


@pytest.mark.parametrize(
    "text",
    [
        "Wider is better.",
        "None.",
        "N/A: nothing was trained.",
        "3",
        "✅",
        "Running a wider window helps.",
        "Pending changes to the optimiser were dropped.",
        "Links between rooms matter.",
        "TBD\n\nBut loss is 2.1.",
        "**We won by 3 %**",
        "> We won.",
        "```\nloss 2.1\n```",
        "![](https://example.org/plot.png)",
        '<img width="9" alt="Image" src="https://example.org/plot.png" />',
        '<img src="https://example.org/a.png"> <img src="https://example.org/b.png">',
        "<p>We won.</p>",
        "| width | loss |\n|---|---|\n| 1 | 2.1 |\n",
        "- Logbook: (link)\n- https://wandb.ai/lab/maze/reports/x\n",
        "x" * 300,
    ],
)
def test_what_is_content(text: str) -> None:
    """A statement, a number, a picture, code or a table's row is content; so are "none" and "N/A"."""
    assert not section(f"## Results\n\n{text}\n", "results").is_empty


@pytest.mark.parametrize("text", ["None.", "- none", "None needed", "_none_", "Nothing so far", "No next steps."])
def test_it_says_none(text: str) -> None:
    """An explicit "none" is told from silence."""
    assert section(f"## Next steps\n\n{text}\n", "next-steps").says_none


@pytest.mark.parametrize("text", ["None of the arms helped.", "", "Nothing but width matters.", "N/A", "No width won."])
def test_it_does_not_say_none(text: str) -> None:
    """A sentence that only begins so is no "none"."""
    assert not section(f"## Next steps\n\n{text}\n", "next-steps").says_none


@pytest.mark.parametrize(
    ("text", "expected"),
    [("N/A", True), ("_n/a_", True), ("Not applicable: no runs.", True), ("N/A for now", True), ("None", False)],
)
def test_a_section_that_does_not_apply(text: str, *, expected: bool) -> None:
    """That something does not apply is told from "none" and from silence."""
    found = section(f"## Results\n\n{text}\n", "results")
    assert (found.is_not_applicable, found.is_empty) == (expected, False)


def test_text_is_what_a_reader_sees() -> None:
    """Marks and comments are gone, code and tables are there, struck-out words are not."""
    body = "**Wide** [won](https://x.org) <!-- no -->~~lost~~\n\n| a | b |\n|-|-|\n| 1 | 2 |\n\n```\nx\n```\n"
    assert section(f"## Results\n\n{body}", "results").text == "Wide won\na | b\n1 | 2\nx"


def test_items() -> None:
    """Items are those with words, of any list, with what stands below them."""
    body = "## Next steps\n\n1. one more seed\n   - on H100\n2. \n\nthen\n\n- [ ] wider\n- TBD\n- ~~taller~~\n"
    assert section(body, "next-steps").items == ("one more seed on H100", "wider")


# Links


@pytest.mark.parametrize(
    ("text", "kind", "pin", "ref", "path"),
    [
        (BOOK, "logbook", "none", "", BOOK),
        (f"`{BOOK}`.", "logbook", "none", "", BOOK),
        (f"([log](./{BOOK}))", "logbook", "none", "", BOOK),
        (f"[log](../blob/main/{BOOK}#scope)", "logbook", "branch", "main", BOOK),
        (f"[log](/lab/maze/blob/main/{BOOK})", "logbook", "branch", "main", BOOK),
        (f"{GITHUB}/blob/main/{BOOK}?plain=1#L3", "logbook", "branch", "main", BOOK),
        (f"{GITHUB}/blob/research/ada/7-x/{BOOK}", "logbook", "branch", "research/ada/7-x", BOOK),
        (f"{GITHUB}/blob/refs/heads/research/x/{BOOK}", "logbook", "branch", "research/x", BOOK),
        (f"{GITHUB}/blob/{SHA.upper()}/{BOOK}", "logbook", "commit", SHA, BOOK),
        (f"{GITHUB}/tree/{SHA}/{BOOK}", "logbook", "commit", SHA, BOOK),
        (f"{GITHUB}/raw/{SHA}/{BOOK}", "logbook", "commit", SHA, BOOK),
        (f"https://raw.githubusercontent.com/lab/maze/{SHA}/{BOOK}", "logbook", "commit", SHA, BOOK),
        (f"{GITHUB}/blob/1691d0a9/{BOOK}", "logbook", "abbreviated", "1691d0a9", BOOK),
        (f"{GITHUB}/blob/snapshot/x/MZ-003/{BOOK}", "logbook", "tag", "snapshot/x/MZ-003", BOOK),
        (f"{GITHUB}/blob/refs/tags/v1/{BOOK}", "logbook", "tag", "v1", BOOK),
        (f"{GITHUB}/blob/main/docs/mazes.md", "file", "branch", "main", "docs/mazes.md"),
        (f"{GITHUB}/blob/{SHA}/conf/a%20b.yml", "file", "commit", SHA, "conf/a b.yml"),
        ("docs/mazes.md", "file", "none", "", "docs/mazes.md"),
        ("[docs](docs/mazes.md)", "file", "none", "", "docs/mazes.md"),
        (f"{GITHUB}/tree/research/wide", "branch", "branch", "research/wide", ""),
        (f"{GITHUB}/tree/snapshot/x/MZ-003.2", "tag", "tag", "snapshot/x/MZ-003.2", ""),
        (f"{GITHUB}/releases/tag/snapshot%2Fx%2FMZ-003", "tag", "tag", "snapshot/x/MZ-003", ""),
        (f"{GITHUB}/releases/tag/snapshot/x/MZ-003", "tag", "tag", "snapshot/x/MZ-003", ""),
        ("`snapshot/x/MZ-003`", "tag", "tag", "snapshot/x/MZ-003", ""),
        (f"{GITHUB}/tree/{SHA}", "commit", "commit", SHA, ""),
        (f"{GITHUB}/commit/{SHA}", "commit", "commit", SHA, ""),
        (f"{GITHUB}/commit/1691d0a9a", "commit", "abbreviated", "1691d0a9a", ""),
        (f"at {SHA}.", "commit", "commit", SHA, ""),
        (f"lab/maze@{SHA}", "commit", "commit", SHA, ""),
        ("https://wandb.ai/lab/maze/runs/a1b2?nw=x", "wandb-run", "none", "", "lab/maze/runs/a1b2"),
        ("https://wandb.ai/lab/maze/reports/R--Vm", "wandb-report", "none", "", "lab/maze/reports/R--Vm"),
        ("https://api.wandb.ai/links/lab/x1", "wandb-report", "none", "", "links/lab/x1"),
        ("https://lab.wandb.io/lab/maze/groups/g", "wandb", "none", "", "lab/maze/groups/g"),
        ("https://example.org/lab/maze/blob/main/x.md", "other", "none", "", ""),
        (f"https://wandb.ai.example.org/{BOOK}", "other", "none", "", ""),
        ("[x](#scope)", "other", "none", "", ""),
        ("[x](javascript:alert)", "other", "none", "", ""),
        (f"{GITHUB}/compare/a...b", "other", "none", "", ""),
    ],
)
def test_kinds_of_links(text: str, kind: str, pin: str, ref: str, path: str) -> None:
    """A link has its kind, and what its `ref` is, as far as the text tells."""
    found = link(text)
    assert (found.kind, found.pin, found.ref, found.path) == (kind, pin, ref, path)


@pytest.mark.parametrize(
    ("text", "kind", "repository", "number"),
    [
        ("#12", "number", "", 12),
        ("Part of #12.", "number", "", 12),
        ("(#12)", "number", "", 12),
        ("lab/maze#12", "number", "lab/maze", 12),
        ("lab/maze.py#12", "number", "lab/maze.py", 12),
        (f"{GITHUB}/pull/12", "pull-request", "lab/maze", 12),
        (f"{GITHUB}/pull/12/files#r1", "pull-request", "lab/maze", 12),
        (f"[the change]({GITHUB}/pull/12)", "pull-request", "lab/maze", 12),
        ("[it](../pull/12)", "pull-request", "", 12),
        (f"{GITHUB}/issues/12#issuecomment-99", "issue", "lab/maze", 12),
        ("https://www.github.com/lab/maze/issues/12", "issue", "lab/maze", 12),
        (f"{GITHUB}/pull/12/commits/{SHA}", "commit", "lab/maze", 12),
        ("`github.com/lab/maze/pull/12`", "pull-request", "lab/maze", 12),
    ],
)
def test_numbers(text: str, kind: str, repository: str, number: int) -> None:
    """Issues and pull requests have their number, and their repository where it is named."""
    found = link(text)
    assert (found.kind, found.repository, found.number) == (kind, repository, number)


@pytest.mark.parametrize(
    "text",
    [
        "```\nhttps://x.org #12\n```",
        f"~~~\n{BOOK}\n~~~",
        f"<!-- {BOOK} #12 https://x.org -->",
        f'<!-- <a href="https://x.org">\n\n[x](y) {SHA} -->',
        "text <!-- https://x.org #12 --> text",
        "<pre>\nhttps://x.org #12\n</pre>",
        "~~#12 and [x](https://x.org)~~",
        "`#12`",
        "issue#12",
        "#12a",
        "C# 12",
        "#0",
        "and/or",
        "src/train.py",
        f"/home/ada/maze/{BOOK}",
        SHA + "00",
        SHA[:39],
    ],
)
def test_what_is_no_link(text: str) -> None:
    """Code, comments, what is struck out and what only looks like it point at nothing."""
    assert read(text).links == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"[log]({GITHUB}/blob/main/{BOOK})", True),
        (f"{GITHUB}/blob/main/{BOOK}", True),
        ("#12", True),
        (SHA, True),
        ('<a href="https://x.org">x</a>', True),
        (f"`{GITHUB}/blob/main/{BOOK}`", False),
        (BOOK, False),
        (f"`{SHA}`", False),
    ],
)
def test_what_a_reader_can_follow(text: str, *, expected: bool) -> None:
    """Bare paths and code are mentions that lead nowhere."""
    assert link(text).is_link is expected


def test_links_know_their_line_and_order() -> None:
    """Every link is told once, where it stands, in the order of the text."""
    body = "# See [a](https://a.org)\n\n- #1 and `b/c.md`\n\n| x |\n|-|\n| [d](https://d.org) |\n\n<p>\n#2\n</p>\n"
    assert [(one.line, one.text) for one in read(body).links] == [
        (1, "a"),
        (3, "#1"),
        (3, "b/c.md"),
        (7, "d"),
        (10, "#2"),
    ]


def test_sections_have_their_own_links() -> None:
    """A link belongs to the sections around it, the heading's own line included."""
    body = "#1\n\n## Results ([here](https://x.org))\n\n#2\n\n**Links:** #3\n\n## Goal\n\n#4\n"
    found = {one.names[0]: [link.text for link in one.links] for one in read(body).sections}
    assert found == {"results": ["here", "#2", "#3"], "links": ["#3"], "goal": ["#4"]}


def test_a_link_around_formatting_is_one() -> None:
    """Bold words and code inside of a link do not split it."""
    assert link("[a **b** `c`](https://x.org)").text == "a b c"


def test_another_host_and_other_logbooks() -> None:
    """On GitHub Enterprise the host is another one, and a repository may keep its logbooks elsewhere."""
    place = Place("git.lab.org", ("notes/**/*.txt",))
    url = "https://git.lab.org/lab/maze/blob/research/x/notes/a/b.txt"
    (found,) = read(url, place).links
    assert (found.kind, found.ref, found.path) == (LinkKind.LOGBOOK, "research/x", "notes/a/b.txt")
    assert [one.kind for one in read(f"{GITHUB}/pull/1 notes/b.txt", place).links] == ["other", "logbook"]


def test_a_branch_with_slashes_can_be_told_by_who_knows_it() -> None:
    """Where the text leaves open how far a branch's name goes, all of it is kept."""
    found = link(f"{GITHUB}/blob/research/x/docs/mazes.md")
    assert (found.ref, found.tail) == ("research", "research/x/docs/mazes.md")


def test_which_tags_are_snapshots() -> None:
    """A release's tag is no snapshot, whatever link names it."""
    assert link(f"{GITHUB}/blob/snapshot/x/MZ-003/{BOOK}").is_snapshot
    assert not link(f"{GITHUB}/releases/tag/v1").is_snapshot
    assert link(f"{GITHUB}/releases/tag/v1").pin is Pin.TAG


# Task-list items


@pytest.mark.parametrize(
    ("line", "ticked", "struck", "not_applicable"),
    [
        ("- [ ] write it up", False, False, False),
        ("- [x] write it up", True, False, False),
        ("* [X] write it up", True, False, False),
        ("1. [ ] write it up", False, False, False),
        ("> - [x] write it up", True, False, False),
        ("- [ ] ~~write it up~~", False, True, False),
        ("- [ ] ~~write it up~~ (no results)", False, True, False),
        ("- [ ] ~~write it up~~ — no results", False, True, False),
        ("- [ ] <del>write it up</del>", False, True, False),
        ("- [ ] ~~write~~ publish it", False, False, False),
        ("- [ ] write it up ~~now~~", False, False, False),
        ("- [ ] N/A: nothing to write", False, False, True),
        ("- [ ] write it up (n/a)", False, False, True),
        ("- [ ] write it up (not applicable: no results)", False, False, True),
        ("- [ ] write it up — not applicable", False, False, True),
        ("- [ ] **N/A** — nothing to write", False, False, True),
        ("- [ ] mask rows that are not applicable to width", False, False, False),
        ("- [ ] N/A values are dropped", False, False, False),
        ("- [x] ~~write it up~~ N/A: none", True, False, True),
    ],
)
def test_tasks(line: str, *, ticked: bool, struck: bool, not_applicable: bool) -> None:
    """An item is ticked, struck out, said not to apply, or open."""
    found = task(line)
    assert (found.is_ticked, found.is_struck, found.is_not_applicable) == (ticked, struck, not_applicable)
    assert found.is_settled is (ticked or struck or not_applicable)


@pytest.mark.parametrize(
    "body",
    [
        "```\n- [ ] x\n```",
        "    - [ ] x",
        "<!-- - [ ] x -->",
        "<!--\n\n- [ ] x\n\n-->",
        "- [ ] <!-- x -->",
        "- [ ]",
        "- [1] a paper",
        "- [-] x",
        "- [ ]x",
        "[ ] x",
        "- `[ ] x`",
        "- [ ](https://x.org)",
    ],
)
def test_what_is_no_task(body: str) -> None:
    """Code, comments, boxes without words and marks that GitHub shows as text are no items."""
    assert read(body).tasks == ()


def test_tasks_know_where_they_stand() -> None:
    """Nested items count; each has its line and the sections around it, the outermost first."""
    body = "- [ ] a\n\n## Close-out\n\n- plain\n  - [x] b\n\n### Results\n\n**Links**\n\n- [ ] c [x](https://x.org)\n"
    assert [(one.text, one.line, one.under) for one in read(body).tasks] == [
        ("a", 1, ()),
        ("b", 6, ("close-out",)),
        ("c x", 12, ("close-out", "results", "links")),
    ]


# What it says of itself


@pytest.mark.parametrize(
    "body",
    [
        "🤖 Update: two seeds",
        "\n\n  🤖 Update",
        "<!-- bot:start -->\n🤖 Update",
        "<!-- bot -->\n\n**🤖 Update**",
        "## 🤖 Update",
        "- 🤖 first",
        "<p>🤖 Update</p>",
        "Agent-driven experiment issue: made by an agent.",
        "Text.\n\nCo-authored-by: Claude <noreply@anthropic.com>",
        "Text.\nco-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>",
        "Text.\n\nCo-Authored-By: devin <158243242+devin-ai-integration[bot]@users.noreply.github.com>",
        "Text.\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)",
        "Text.\n\nGenerated by GitHub Copilot.",
    ],
)
def test_an_agent_says_so(body: str) -> None:
    """A robot first, an agent's co-author line and an agent's signature say who wrote it."""
    assert read(body).says_agent


@pytest.mark.parametrize(
    "body",
    [
        "",
        "We let an agent 🤖 run this.",
        "> 🤖 Update: two seeds\n\nIs this right?",
        "```\n🤖\n```",
        "![plot](https://x.org/a.png) 🤖",
        "The plots were generated with Claude Code.",
        "Generated with Claude, then corrected by hand in three places.",
        "Agents such as Claude <noreply@anthropic.com> were not used.",
        "Co-authored-by: Claude Monet <claude@monet.example>",
        "> Co-authored-by: Claude <noreply@anthropic.com>",
        "```\nCo-authored-by: Claude <noreply@anthropic.com>\n```",
        "<!-- 🤖 Generated with Claude Code -->\nText.",
        "This is no agent-driven experiment issue.",
    ],
)
def test_a_person_who_speaks_of_agents_is_none(body: str) -> None:
    """Prose about agents, and what is quoted or hidden, say nothing of who wrote it."""
    assert not read(body).says_agent


# The whole issue


def test_an_issue_keeps_what_it_was_given() -> None:
    """Facts pass through as they are; comments are kept, and not taken for the body."""
    comment = github_comment("## Conclusion\n\nDone.")
    given = github_issue("🤖", "::error::@all", labels=["A", "b"], user=Account("x[bot]"))
    found = parse_issue(given, iter([comment]))
    assert (found.number, found.title, found.body, found.label_names) == (7, "::error::@all", "🤖", ("A", "b"))
    assert (found.author, found.is_bot, found.state, found.comments) == ("x[bot]", True, "open", (comment,))
    assert (found.has_label("a"), found.has_label("c")) == (True, False)
    assert (found.content.sections, read(comment.body).sections[0].names) == ((), ("conclusion",))


@pytest.mark.parametrize("body", [None, "", " \r\n "])
def test_nothing_is_a_body_too(body: str | None) -> None:
    """An issue without a body is one with an empty one."""
    assert issue(body).content == read("")


@pytest.mark.parametrize("body", [">" * 65_536, "- " * 32_768, "*a " * 2_000 + "b* " * 2_000 + "\n\n## Goal"])
def test_what_is_nested_too_deeply_is_unreadable(body: str) -> None:
    """Such a body has no sections, links or items, and says so."""
    content = read(body).is_unreadable, read(body).sections, read(body).links, read(body).tasks
    assert content == (True, (), (), ())


@pytest.mark.parametrize("body", ["## Goal\0\n\nWin.\0", "## Goal\n\nWin\ud800.", "\ufeff## Goal\n\nWin."])
def test_odd_characters_do_no_harm(body: str) -> None:
    """NUL, half a character and a byte order mark are read past."""
    assert [(one.line, one.text[:3]) for one in read(body).sections] == [(1, "Win")]


PIECES = [
    *(
        "*",
        "[",
        "]",
        "(",
        "`",
        "<",
        "<!--",
        "!",
        "#",
        "/",
        ".",
        "f",
        "_",
        "|",
        "\r",
        "\0",
        " ",
        "\n",
        "\\",
        "\t",
        "🤖",
        ": ",
    ),
    *(
        "#1 ",
        "a",
        "a/",
        "A/a",
        "a/a ",
        "~~a",
        "[a](b",
        "![](",
        "www.",
        "http://",
        "http://a/",
        "a@b.",
        "[^1]",
        "a and ",
    ),
    *(
        "https://github.com/a/b/blob/",
        "snapshot/",
        ".agents/logbooks/",
        "&amp;",
        "(n/a",
        "N/A ",
        "| a ",
        "- ",
        "+",
        "-",
    ),
    *(
        "# a\n",
        "## Goal\n",
        "**TL;DR**\n",
        "**TL;DR:** a ",
        "- [ ] a\n",
        "- [ ] ~~a\n",
        "-\n",
        "=\n",
        "TBD\n",
        "pending ",
    ),
    *("<a href='", '<a href="x">', "<summary>", "<p>\n<!--\n\n", "Co-authored-by: ", "generated with ", "insert a "),
]


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_no_body_hangs(piece: str) -> None:
    """The longest body that GitHub takes, all of one piece, is read like any other."""
    body = (piece * 65_536)[:65_536]
    assert issue(body, body).body == body


MARKED = st.lists(st.sampled_from([*PIECES, "\n\n", "  ", "x", BOOK, SHA, GITHUB, "```\n", "</summary>"]), max_size=40)


@settings(deadline=None)
@given(st.one_of(st.text(), MARKED.map("".join), st.text(st.characters(categories=["Cs", "Cc", "Po", "Ps", "So"]))))
def test_no_body_fails(body: str) -> None:
    """Whatever a body holds, it is read, and everything found stands in it."""
    content = issue(body, body).content
    last = body.count("\n") + body.count("\r") + 1
    assert {*(one.line for one in content.links), *(one.line for one in content.tasks)} <= set(range(1, last + 1))
    assert all(1 <= one.line <= one.end_line <= last for one in content.sections)
    assert content.links == tuple(sorted(content.links, key=lambda one: one.line))


@settings(deadline=None)
@given(st.one_of(st.text(), MARKED.map("".join)), st.sampled_from(["```", "~~~"]))
def test_nothing_in_a_fence_is_found(code: str, fence: str) -> None:
    """Whatever stands in a fence, nothing of it is found."""
    mark = fence * 25
    content = read(f"{mark}\n{code.replace(mark, '')}\n{mark}\n")
    assert (content.sections, content.links, content.tasks, content.says_agent) == ((), (), (), False)


@settings(deadline=None)
@given(st.one_of(st.text(), MARKED.map("".join)))
def test_nothing_in_a_comment_is_found(hidden: str) -> None:
    """Whatever stands in a comment, nothing of it is found."""
    content = read(f"<!-- {hidden.replace('--', '')}\n-->\n")
    assert (content.sections, content.links, content.tasks, content.says_agent) == ((), (), (), False)


# Real issues

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "issues"
READERS = {
    "marin-5203": (
        {"tldr": True, "scope": True, "decision-log": False, "conclusion": False},
        {"number": 1},
    ),
    "marin-6443": ({"plan": True, "branch": True}, {"branch": 1, "file": 2}),
    "marin-7856": (
        {"tldr": True, "links": True, "description": True, "goal": True, "status": True},
        {"number": 2, "file": 3},
    ),
    "marin-8003": (
        {"tldr": True, "links": True, "description": True, "hypothesis": True, "goal": True, "status": True}
        | {"decision-log": False, "conclusion": False},
        {"number": 5, "issue": 1, "file": 2},
    ),
    "marin-9615": (
        {"tldr": True, "description": True, "results": True, "links": True, "conclusion": True},
        {"number": 4, "commit": 1, "wandb-run": 9},
    ),
}
"""What a careful reader sees in the body: which sections, with content or without, and how many links of each kind."""

LOOKED_FOR = {
    *("tldr", "scope", "baseline", "description", "hypothesis", "goal", "plan", "branch", "status", "links", "results"),
    *("decision-log", "negative-results", "conclusion", "next-steps", "success-criteria", "close-out"),
}


def real(name: str) -> tuple[str, list[str]]:
    """Return the body and the comments of a real issue."""
    path = CORPUS / f"{name}.md"
    if not path.exists():
        pytest.skip("the real issues are not beside this checkout")
    body, _, comments = path.read_text().partition("===== COMMENTS =====\n")
    return body.partition("\n")[2], [one.partition("\n")[2] for one in comments.split("----- author:")[1:]]


@pytest.mark.parametrize("name", READERS)
def test_real_issues(name: str) -> None:
    """The sections, links and task-list items of a real issue are those that a careful reader sees."""
    content = read(real(name)[0])
    sections, links = READERS[name]
    seen = {one: not found.is_empty for found in content.sections for one in found.names if one in LOOKED_FOR}
    assert (seen, Counter(one.kind for one in content.links), content.tasks) == (sections, links, ())


def test_the_summaries_of_real_issues() -> None:
    """One has two summaries, one has none, the others have one."""
    counts = {name: len(read(real(name)[0]).named("tldr")) for name in READERS}
    assert counts == {"marin-5203": 1, "marin-6443": 0, "marin-7856": 1, "marin-8003": 2, "marin-9615": 1}


def test_real_issues_of_agents() -> None:
    """One of the bodies says that an agent made it; agents' comments say nothing of the issue."""
    assert [name for name in READERS if read(real(name)[0]).says_agent] == ["marin-9615"]
    comments = {name: sum(read(one).says_agent for one in real(name)[1]) for name in READERS}
    assert comments == {"marin-5203": 2, "marin-6443": 1, "marin-7856": 4, "marin-8003": 1, "marin-9615": 1}


def test_the_logbook_in_a_real_comment() -> None:
    """It is linked on a branch with a slash in its name, and then pinned to an abbreviated commit."""
    links = [one for text in real("marin-7856")[1] for one in read(text).links if one.kind is LinkKind.LOGBOOK]
    assert [(one.pin, one.ref, one.path) for one in links] == [
        ("branch", "codex/research-kaiyuew-7856-d512-constant-lr", ".agents/logbooks/7856-d512-constant-lr-tpu.md"),
        ("abbreviated", "fdc6d312f5", ".agents/logbooks/7856-d512-constant-lr-tpu.md"),
    ]
