"""Claims about what a logbook says of itself near its top."""

import pytest

from book import book, parsed
from research_logbook.logbook.header import reference
from research_logbook.logbook.model import Header, Reference

GITHUB = "github.com"


def header(text: str) -> Header:
    """Return the header of a text."""
    return parsed(text).header


REFERENCES = {
    "https://github.com/lab/models/issues/5": Reference(
        "https://github.com/lab/models/issues/5", 5, "lab/models", GITHUB
    ),
    "https://git.lab.example/lab/models/issues/5#c": Reference(
        "https://git.lab.example/lab/models/issues/5", 5, "lab/models", "git.lab.example"
    ),
    "see https://github.com/lab/models/pull/5": Reference(
        "https://github.com/lab/models/pull/5", 5, "lab/models", GITHUB
    ),
    "https://github.com/a/b/pull/4, https://github.com/a/b/issues/5": Reference(
        "https://github.com/a/b/issues/5", 5, "a/b", GITHUB
    ),
    "#5": Reference("#5", 5),
    "#5 (part of #4)": Reference("#5", 5),
    "lab/models#5": Reference("lab/models#5", 5, "lab/models"),
    "5": Reference("5", 5),
    "5 (the second)": Reference("5", 5),
    "LIN-512": Reference("LIN-512"),
    "5 things": Reference("5 things"),
    "https://linear.app/lab/issue/LIN-512": Reference("https://linear.app/lab/issue/LIN-512"),
    "https://gitlab.com/lab/models/-/issues/5": Reference("https://gitlab.com/lab/models/-/issues/5"),
    "#" + "9" * 30: Reference("#" + "9" * 30),
    "9" * 30: Reference("9" * 30),
}


@pytest.mark.parametrize("text", REFERENCES)
def test_the_forms_of_an_issue(text: str) -> None:
    """A URL, a number, `owner/repo#N`, or the words of another tracker."""
    assert reference(text) == REFERENCES[text]


FORMS = [
    "---\nissue: 5\nbranch: research/x\nprefix: KT\ntags: [KT, issue-5]\n---\n# T\n",
    "---\nissue: '#5'\nbranch: research/x\nprefix: KT-NNN\ntags: KT, issue-5\n---\n# T\n",
    "# T\n\n**Issue:** #5\n**Branch:** `research/x`\n**Experiment ID prefix:** `KT`\n**Tags:** `KT`, `issue-5`\n",
    "# T\n\nIssue: #5\nBranch: research/x\nSeries ID: **KT**\nTags: KT issue-5\n",
    "# T\n\n- Coordinating issue/PR: #5, #6\n- Branch: `research/x`, new\n- Prefix: KT-001\n- W&B tags: KT;issue-5\n",
    "Issue: #5\nBranch: research/x (new)\nPrefix: KT.\nTags: KT, issue-5\n\n# T\n",
    "# T\n\n## Scope\n\n- GitHub issue: #5\n- Git branch: `research/x`\n- ID prefix: KT-###\n- Tags: KT, issue-5\n",
    "## Links\n\n- Issue: [#5](#x)\n- Branch: http://a.b/c/d/tree/research/x\n- Prefix: KT\n- Tags: KT,issue-5\n",
    "T\n=\n\n__Issue__: #5\\\n__Branch__: research/x\\\n__Prefix__: KT\\\n__Tags__: KT, issue-5\n",
]


@pytest.mark.parametrize("text", FORMS)
def test_the_forms_of_a_header(text: str) -> None:
    """Front matter, bold lines, plain lines and lists say the same."""
    found = header(text)
    assert (found.issue and found.issue.number, found.branch, found.prefix, found.tags) == (
        *(5, "research/x", "KT", ("KT", "issue-5")),
    )


def test_a_fact_knows_its_line() -> None:
    """A finding about the header points at the line that says it."""
    found = header("---\ntopic: x\nissue: 5\n---\n# T\n\nBranch: y\nPrefix: KT\n")
    spans = (found.topic_span, found.issue_span, found.branch_span, found.prefix_span)
    assert [span and span.line for span in spans] == [2, 3, 7, 8]


def test_the_first_that_says_something_counts() -> None:
    """Front matter comes before lines, and "none" or "TBD" says nothing."""
    assert header("---\nissue: 5\n---\n# T\n\nIssue: #6\n").issue == Reference("5", 5)
    assert header("---\nissue: TBD\n---\n# T\n\nIssue: none yet\nIssue: #6\n").issue == Reference("#6", 6)
    assert header("# T\n\nIssue: n/a\nBranch: to be created\nPrefix: none\n") == Header()


def test_a_parent_issue_stands_in_for_the_issue() -> None:
    """The issue above counts only where the thread has none of its own."""
    assert header("# T\n\nParent issue: #4\nIssue: #5\n").issue == Reference("#5", 5)
    assert header("# T\n\nParent issue: #4\n").issue == Reference("#4", 4)


def test_what_stands_elsewhere_is_no_header() -> None:
    """Entries, plans and text may speak of branches and issues without declaring them."""
    text = "# T\n\n## Plan\n\n- Branch: y\n\n## 2026-05-25 a\n\n- Issue: #5\n- Prefix: KT\n\n### Scope\n\n- Branch: z\n"
    assert header(text) == Header()


@pytest.mark.parametrize("value", ["kt", "KT lower", "MOE-HC", "<prefix>", "", "A" * 200, "`KT-01`", "KT-"])
def test_a_prefix_is_capitals(value: str) -> None:
    """What is no prefix is not read as one; a number or a hyphen at its end is not part of it."""
    expected = {"KT lower": "KT", "MOE-HC": "MOE-HC", "KT-": "KT", "`KT-01`": "KT"}.get(value, "")
    assert header(f"# T\n\nPrefix: {value}\n").prefix == expected


def test_the_tiny_language_has_a_header() -> None:
    """Tests of rules say what they need in a few words."""
    found = book("issue=#8734 prefix=MOE-HC branch=research/moe; tags=MOE-HC,issue-8734").header
    assert (found.issue, found.prefix, found.branch) == (Reference("#8734", 8734), "MOE-HC", "research/moe")
    assert found.tags == ("MOE-HC", "issue-8734")


@pytest.mark.parametrize(
    "value",
    [
        *(
            "a-" * 200_000,
            "#" + "9" * 400_000,
            "A" + "-<" * 200_000,
            "https://" * 50_000,
            "a/" * 200_000,
            "(" * 400_000,
        ),
        *("https://a/" + "b" * 400_000, "a," * 200_000, " " * 400_000 + "x", "`" * 400_000),
    ],
    ids=lambda value: value[:10],
)
def test_hostile_values_do_not_hang(value: str) -> None:
    """Half a megabyte in every fact is read, and no more of it than a person would write is taken for a prefix."""
    found = header(
        "# T\n\n" + "".join(f"{name}: {value}\n" for name in ("Issue", "Branch", "Prefix", "Tags", "Parent logbook"))
    )
    assert len(found.prefix) < 200
