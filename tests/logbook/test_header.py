"""Claims about what a logbook says of itself near its top."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from book import book, parsed
from research_logbook.logbook.header import plain_values, reference
from research_logbook.logbook.model import FrontMatter, Header, Reference

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
    spans = (found.topic_span, found.branch_span, found.prefix_span)
    assert [span and span.line for span in spans] == [2, 7, 8]


def test_the_first_that_says_something_counts() -> None:
    """Front matter comes before lines, and "none" or "TBD" says nothing."""
    assert header("---\nissue: 5\n---\n# T\n\nIssue: #6\n").issue == Reference("5", 5)
    assert header("---\nissue: TBD\n---\n# T\n\nIssue: none yet\nIssue: #6\n").issue == Reference("#6", 6)
    assert header("# T\n\nIssue: n/a\nBranch: to be created\nPrefix: none\n") == Header()


def test_a_parent_issue_stands_in_for_the_issue() -> None:
    """The issue above counts only where the thread has none of its own."""
    assert header("# T\n\nParent issue: #4\nIssue: #5\n").issue == Reference("#5", 5)
    assert header("# T\n\nParent issue: #4\n").issue == Reference("#4", 4)


def test_text_below_the_header_declares_nothing() -> None:
    """Entries, plans and text may speak of branches and issues without declaring them."""
    text = "# T\n\n## Plan\n\n- Branch: y\n\n## 2026-05-25 a\n\n- Issue: #5\n- Prefix: KT\n\n### Scope\n\n- Branch: z\n"
    assert header(text) == Header()


@pytest.mark.parametrize("value", ["kt", "KT lower", "MOE-HC", "<prefix>", "", "A" * 200, "`KT-01`", "KT-"])
def test_a_prefix_is_in_capitals(value: str) -> None:
    """What is no prefix is not read as one; a number or a hyphen at its end is not part of it."""
    expected = {"KT lower": "KT", "MOE-HC": "MOE-HC", "KT-": "KT", "`KT-01`": "KT"}.get(value, "")
    assert header(f"# T\n\nPrefix: {value}\n").prefix == expected


def test_the_fixture_language_can_write_a_header() -> None:
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


def front(body: str) -> FrontMatter:
    """Return the front matter of a logbook."""
    found = parsed(f"---\n{body}\n---\n# T\n").front_matter
    assert found
    return found


def test_front_matter_has_the_values_that_yaml_gives_it() -> None:
    """Text, numbers, dates, lists and nothing are what YAML makes of them."""
    found = front("topic: a b\nissue: 5\ntags: [x, 'y z']\nwhen: 2026-05-25\nempty:\nurl: https://a.b/c")
    assert {key: str(value) for key, value in found.values.items()} == {
        "topic": "a b",
        "issue": "5",
        "tags": "['x', 'y z']",
        "when": "2026-05-25",
        "empty": "None",
        "url": "https://a.b/c",
    }
    assert (found.problem, found.span.line, found.span.end_line) == ("", 1, 8)


@pytest.mark.parametrize("text", ["# T\n", "", "\n---\na: b\n---\n", "text\n---\na: b\n---\n", "---\n\ntext\n"])
def test_front_matter_begins_on_the_first_line_only(text: str) -> None:
    """Only what begins in the first line is front matter."""
    assert parsed(text).front_matter is None


def test_a_logbook_may_hold_front_matter_alone() -> None:
    """A logbook may hold only its front matter."""
    logbook = parsed("---\ntopic: a\nissue: 5\n---")
    assert (logbook.title, logbook.sections, logbook.header.topic) == ("", (), "a")


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("---\ntopic: a\n# T\n", "no closing `---` line", 1),
        ("---\n- a\n- b\n---\n", "not a list of `key: value` lines", 2),
        ("---\ntext\n---\n", "not a list of `key: value` lines", 2),
        ("---\ntopic: a: b\n---\n", "mapping values are not allowed here", 2),
        ("---\ntopic: a\nissue: [\n---\n", "not valid YAML", 3),
        ("---\na: 1\n\tb: 2\n---\n", "cannot start any token", 3),
        ("---\na: 1\na: 2\n---\n", "duplicate key", 3),
        ("---\na: 2026-13-45\n---\n", "month must be in 1..12", 1),
        ("---\na: !!int x\n---\n", "not valid YAML", 1),
        ("---\na: !!int ''\n---\n", "not valid YAML", 1),
        ("---\na: !!bool x\n---\n", "not valid YAML", 1),
        ("---\na: !!timestamp x\n---\n", "not valid YAML", 2),
        ("---\na: !!binary a\n---\n", "not valid YAML", 2),
        ("---\na: !!python/object x\n---\n", "not valid YAML", 2),
        ("---\ntopic: !!omap [a: 1, a: 2]\n---\n", "a value does not fit its tag", 1),
        ("---\na: " + "[" * 10_000 + "\n---\n", "nested too deeply", 1),
        ("---\na: " + "b" * 70_000 + "\n---\n", "over 16 KiB", 1),
        ("---\na: " + "9" * 5_000 + "\n---\n", "not valid YAML", 1),
        ("---\n0x" + "f" * 5_000 + ": 1\n---\n", "not valid YAML", 2),
        ('---\na: "\\ud800"\n---\n', "", 1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_problem_of_front_matter_is_named_with_its_line(text: str, problem: str, line: int) -> None:
    """What keeps front matter from being read is said, shortly and with its line."""
    found = parsed(text).front_matter
    assert found
    assert problem in found.problem
    assert (found.problem_line, len(found.problem) < 200) == (line, True)


ODD = [
    *("!!omap [a: 1, a: 2]", "!!omap [1]", "!!omap {a: 1}", "!!omap [{a: 1, b: 2}]", "!!omap x", "!!omap &a [a: *a]"),
    *("!<tag:yaml.org,2002:omap> [a: 1, a: 2]", "!!set [a]", "!!set {a, a}", "!!set {? [b] : }", "!!set x"),
    *("!!pairs [a: 1, a: 2]", "!!pairs [[1]]", "!!pairs x", "!!python/object:os.system x", "!!python/name:os.system "),
    *("!!python/object/apply:os.system ['true']", "!!timestamp 2026-13-45", "!!timestamp [1]", "!!timestamp x"),
    *("2026-05-25T25:61:61Z", "2026-05-25T10:00:00+99:99", "0000-00-00", "!!binary [1]", "!!binary é", "!!binary ===="),
    *("!!merge x", "!!value x", "!!yaml x", "!!float x", "!!float ''", "!!int 0x", "!!int 1:99:x", "!!int _", "0b"),
    *("!!null x", "!!bool ''", "!!str [1]", "!!seq x", "!!map [1]", "!!seq {a: 1}", "!foo {x: 1}", "!<> b", "! b"),
    *("&a [*a]", "&a {<<: *a}", "{<<: [&x {<<: *x}]}", "*a", "*", "&", "&x 1\nb: &x 2", "=", "1e999999", "12e03"),
    *('"\\x00"', '"\\ud800"', '"\\UFFFFFFFF"', '"\\U00110000"', "\x01", "\x7f", "1\n...\n---\nb: 1"),
]
ODD_KEYS = [
    *("&a a: *a", "? &a [*a]\n: 1", "? &a {*a : 1}\n: 1", "<<: *a", "<<: 1", "<<: [1]", "<<: [[1]]", "? ? ?"),
    *("? [a]\n: 1", "? !!set {a}\n: 1", "? !!omap [a: 1]\n: 2", "!!merge x: 1", "!!omap [a: 1, a: 1]", "!!str x"),
    *("%TAG ! tag:x,2000:\n--- a", "%YAML 9.9\n---\na: b", "%YAML 1.1\n---\na: yes", ".nan: 1\n.NaN: 2", "=: 1"),
    *("1: 1\n1.0: 2\ntrue: 3", "*a : 1", "\u2028: 1", "\ufeffa: 1", "0x" + "f" * 5_000 + ": 1"),
]


@pytest.mark.parametrize("body", [*(f"topic: {value}" for value in ODD), *ODD_KEYS], ids=lambda body: ascii(body)[:30])
def test_odd_yaml_does_not_keep_the_logbook_from_being_read(body: str) -> None:
    """What YAML's reader raises for one file is that file's finding, and what stands below is read."""
    logbook = parsed(f"---\n{body}\n---\n# T\n")
    assert logbook.front_matter
    assert logbook.title == "T"


def test_yaml_prints_no_warnings() -> None:
    """YAML's reader would print the lines of an anchor that is used again, as they are; here warnings are errors."""
    assert front("::add-mask::x: &a 1\nb: &a 2\ntopic: *a").values["topic"] == 2


def test_a_value_that_contains_itself_is_ignored() -> None:
    """Aliases of aliases stand for more text than there is memory for, and are not written out."""
    bomb = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9) if i else 'x'}]" for i in range(12))
    logbook = parsed(f"---\n{bomb}\nissue: *a11\ntopic: &t [*t]\nbranch: {{a: b}}\ntags: [a, [b], c]\n---\n# T\n")
    assert (logbook.header.issue, logbook.header.topic, logbook.header.branch) == (None, "", "")
    assert logbook.header.tags == ("a", "c")


@pytest.mark.parametrize(
    "body",
    [
        *("? " * 5_000, "a: '" * 3_000, "a:" * 5_000, "a: [" + "a, " * 5_000 + "]", "&a " * 5_000, "a: " + "{" * 5_000),
        *("a: |\n" + " x\n" * 5_000, "a: " + "- " * 5_000, "\n".join(f"k{i}: v" for i in range(1_800)), "%a " * 4_000),
        *(
            "".join(f"k{i}: 1\n" for i in range(1_800)),
            "# " * 8_000,
            "a: " + " " * 16_000,
            ": " * 8_000,
            "<<: {}\n" * 2_000,
        ),
        "x: &x {"
        + ",".join(f"k{i}: 1" for i in range(700))
        + "}\n"
        + "".join(f"y{i}: {{<<: *x}}\n" for i in range(400)),
    ],
    ids=lambda body: body[:8],
)
def test_hostile_front_matter_does_not_hang(body: str) -> None:
    """As much as is read at all is read, and the title below is found."""
    assert parsed(f"---\n{body}\n---\n# T\n").title == "T"


SCALARS = st.one_of(
    st.sampled_from(
        ["8734", "01", "true", "No", "y", "null", "2026-05-25", "1e3", "7421-loader", "12-3", "a: b", "a #b", "a:"]
    ),
    st.sampled_from(
        ["https://a.b/c#d", "'q'", "[x]", "{", "- a", "*a", "&a", "é", "a\tb", "a\u00a0b", "#5", "0x1f", "1-e5", ".inf"]
    ),
    st.text(st.sampled_from("ab1:#- \t'\"[]{},&*!|>%@`é\u2028~?"), max_size=8),
)
KEYS = st.one_of(st.sampled_from(["topic", "issue", "yes", "on", "a b", "1", "a-b_c"]), st.text("ab-_:", max_size=3))
LINES = (
    st.builds("{}: {}".format, KEYS, SCALARS)
    | st.builds("{}:{}".format, KEYS, SCALARS)
    | st.sampled_from(["", "  a", "#"])
)


@settings(max_examples=1_000, deadline=None)
@given(st.lists(LINES, max_size=4).map("\n".join))
def test_plain_front_matter_is_read_as_yaml_reads_it(body: str) -> None:
    """What is read without YAML's reader is what YAML's reader reads."""
    short = plain_values(body)
    if short is not None:
        try:
            assert short == YAML(typ="safe", pure=True).load(body)
        except YAMLError as error:
            pytest.fail(f"{body!r} is no YAML: {error}")


@pytest.mark.parametrize(
    "body",
    ["topic: a\nissue: https://github.com/a/b/issues/5\ndescription: One, two; three.", "issue: 8734\ntopic: 8734-x"],
)
def test_usual_front_matter_needs_no_yaml_parser(body: str) -> None:
    """Nearly all front matter is plain."""
    assert plain_values(body)
