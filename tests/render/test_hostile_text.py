"""Whatever a logbook, a path or a branch says: it is shown, and does nothing."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import comrak
from hypothesis import example, given, settings
from hypothesis import strategies as st

from research_logbook.actions.runner import annotations
from research_logbook.findings import Finding, Judged, Report, Severity, Skipped
from research_logbook.logbook.model import Span
from research_logbook.markdown import escape
from research_logbook.render.json_report import json_report
from research_logbook.render.markdown import summary
from research_logbook.render.sarif import sarif
from research_logbook.render.text import text

# What GitHub, a runner or a terminal might act upon, in pieces that random text is put together from.
WORDS = r"""
    @octocat @org/team #12 owner/repo#3 GH-4 https://evil.example/a?b=c www.evil.example a@b.example
    mailto:a@b.example [a](b) [a](http://b.example) ![i](http://b.example/i.png) <https://b.example>
    <!-- --> <script> </details> </code> &lt; &#64;x ` `` ** **a** _a_ ~~a~~ `a` `a|b` \|a __ ~~ |
    \| \ === [^1] [!NOTE] $x$ $`x`$ :tada: :: : , % %0A %3A ::error::x ##[error]x ##[
    ::stop-commands::x a word é 漢 😀
"""
SPACED = [
    "[x]: http://b.example", "<!-- logbook:seal:1 -->", "<a href=x>", "<img src=x>", "```\n", "~~~\n",
    "1) a", "\n", "\r", "\n\n", "\n---\n", "\n| --- | --- |\n", "\t", "    ", "# ", "> ", "- ", "1. ", "+ ",
    "- [ ] ", "\n::set-output name=a::b", "\x1b[31m", "\x1b]0;x\x07", "\x9b2J", "\x00", "\u202e", "\u2066",
    "\u200b", "\ufeff", "\u2028", "\x85", "\x0b", "\U000e0041", "\u3000", " ",
]  # fmt: skip
PIECES = [*WORDS.split(), *SPACED]


def hostile() -> st.SearchStrategy[str]:
    """Return a strategy for text that means harm."""
    return st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join)


def hostile_report(evil: str) -> Report:
    """Return a report with the same text wherever a logbook, a path or a branch has a say."""
    found = (
        Finding("removed-entry", Severity.ERROR, evil, Span(evil, 3, 3, 2), evil, evil),
        Finding(
            "missing-scope",
            Severity.WARNING,
            evil,
            Span("a.md", 1, 9),
            f"entry “{evil}” is odd",
            f"see `{evil}`",
        ),
    )
    book = Judged(evil, evil, evil, evil, 1, 1)
    return Report((book,), found, 2, (Skipped("broken-relative-link", evil),), (f"compared with {evil}", evil))


quickly = settings(deadline=None, database=None, max_examples=100)


def attacked(test: Callable[[str], None]) -> Callable[[], None]:
    """Run a test on every piece by itself, and on texts put together from them."""
    for piece in PIECES:
        test = example(piece)(test)
    return quickly(given(hostile())(test))


# What GitHub renders. No tag is left out as unsafe: GitHub lets many pass, and here none may get so far.
GITHUB = comrak.ExtensionOptions(
    alerts=True,
    autolink=True,
    footnotes=True,
    math_code=True,
    math_dollars=True,
    shortcodes=True,
    strikethrough=True,
    table=True,
    tasklist=True,
)
AS_IS = comrak.RenderOptions(unsafe_=True)

# What becomes a link, a mention or a reference after that: GitHub's filters read one text node at a time.
ALIVE = re.compile(r"@[a-z0-9]|#\d|\bGH-\d|https?://|\bwww\.|\w@\w", re.IGNORECASE)


class Page(HTMLParser):
    """A rendered page: its tags, its comments, and its text."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.comments: list[str] = []
        self.nodes = [""]
        self.in_code = False
        self.text = ""
        self.feed(comrak.markdown_to_html(markdown, GITHUB, None, AS_IS))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002, D102
        self.tags.append(tag)
        self.nodes.append("")
        self.in_code = self.in_code or tag == "code"

    def handle_endtag(self, tag: str) -> None:  # noqa: D102
        self.nodes.append("")
        self.in_code = self.in_code and tag != "code"

    def handle_comment(self, data: str) -> None:  # noqa: D102
        self.comments.append(data)
        self.nodes.append("")

    def handle_data(self, data: str) -> None:  # noqa: D102
        self.text += data
        if not self.in_code:
            self.nodes[-1] += data

    @property
    def alive(self) -> list[str]:
        """The text nodes outside code that GitHub would make something of."""
        return [node for node in self.nodes if ALIVE.search(node)]


def seen(evil: str) -> str:
    """Return what a reader must see of a text: all of it but white space and what is invisible anyway."""
    return "".join(escape.one_line(evil, 10**6).split())


@attacked
def test_markdown_shows_everything_and_does_nothing(evil: str) -> None:
    """Markdown from anywhere renders as its own characters in one paragraph."""
    page = Page(escape.markdown(evil, 10**6))

    assert seen(evil) == "".join(page.text.split())
    assert not page.alive
    assert not page.comments
    assert set(page.tags) <= {"p", "span"}


@attacked
def test_code_shows_everything_and_does_nothing(evil: str) -> None:
    """Inline code from anywhere stays code, backticks and pipes included."""
    page = Page(f"a {escape.code(evil, 10**6)} b")

    assert f"a{seen(evil)}b" == "".join(page.text.split())
    assert [node for node in page.nodes if node.strip()] == ["a ", " b"]
    assert set(page.tags) == {"p", "code"} | ({"span"} & set(page.tags))


@attacked
def test_prose_shows_everything_but_its_backticks_and_does_nothing(evil: str) -> None:
    """A sentence of ours may set code in backticks, and hostile words in it gain nothing by that."""
    page = Page(escape.prose(evil, 10**6))

    assert seen(evil).replace("`", "") == "".join(page.text.split()).replace("`", "")
    assert not page.alive
    assert not page.comments
    assert set(page.tags) <= {"p", "span", "code"}


@quickly
@given(hostile(), hostile())
def test_a_row_keeps_its_cells(first: str, second: str) -> None:
    """A table has as many cells in a row of hostile text as in its header."""
    cells = [escape.markdown(first), escape.code(second), escape.prose(second)]
    page = Page("\n".join([escape.row("abc"), escape.row(["---"] * 3), escape.row(cells)]))

    assert page.tags.count("td") == 3
    assert page.tags.count("tr") == 2


@attacked
def test_the_summary_has_no_links_but_those_to_the_rules(evil: str) -> None:
    """The job summary links each rule's page and each line, and nothing that the logbook would have linked."""
    report = hostile_report(evil)
    places = sum(bool(finding.span.path) for finding in report.findings)
    for links, pages in ((2, ""), (2 + places, "https://github.com/lab/tiles/blob/1691d0a9afbf")):
        page = Page(summary(replace(report, pages=pages)))
        assert page.tags.count("a") == links
        assert page.tags.count("li") == 2 + 2 + len({skip.why for skip in report.skipped if skip.matters})
        assert not page.comments
        assert not page.alive
        assert not {"img", "script", "h1", "h2", "pre", "blockquote", "hr", "input"} & set(page.tags)


@quickly
@given(hostile(), st.sampled_from([annotations, summary, json_report, lambda report: sarif(report, ())]))
def test_no_output_contains_a_workflow_command_from_outside_text(evil: str, render: Callable[[Report], str]) -> None:
    """No line of any output is a command but the annotations themselves, and none has a control character."""
    shown = render(hostile_report(evil))

    commands = [line for line in re.split(r"[\r\n]", shown) if line.lstrip().startswith("::")]
    ours = re.compile(r"::(error|warning) (file=[^:,]*,line=\d+,endLine=\d+,(col=\d+,)?)?title=[a-z-]+::.*")
    assert all(ours.fullmatch(line) for line in commands)
    assert (2 if render is annotations else 0) == len(commands)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]", shown)


@attacked
def test_a_runner_decodes_an_annotation_to_the_same_text(evil: str) -> None:
    """The runner undoes the escapes of an annotation and has the message, line by line, and the file."""
    shown = annotations(hostile_report(f"a{evil}")).splitlines()[0]
    _, properties, message = shown.split("::", 2)
    said = "".join(escape.visible(f"a{evil}"))

    assert unescaped(message) == f"{said}\n{said}"
    assert unescaped(properties.split(",")[0]) == f"error file={said}"


def unescaped(text: str) -> str:
    """Undo the escapes of a workflow command, the percent sign last."""
    for escaped, mark in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, mark)
    return text


@attacked
def test_a_terminal_shows_lines_and_no_commands(evil: str) -> None:
    """The text for a terminal has one line a statement, none a workflow command of either kind."""
    shown = text(hostile_report(evil), colour=False)

    assert len(shown.splitlines()) == shown.count("\n") <= 9
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())
    assert "##[" not in shown
    assert "\x1b" not in shown


@attacked
def test_json_keeps_outside_text_exactly(evil: str) -> None:
    """JSON escapes what a terminal or a runner would act upon, and reads back as it was."""
    shown = json_report(hostile_report(evil))

    assert evil == json.loads(shown)["findings"][0]["message"]
    assert "##[" not in shown


def test_a_path_that_is_not_utf8_breaks_no_renderer() -> None:
    """A path with a byte that is no UTF-8 can be written by every renderer."""
    report = hostile_report("caf\udce9.md")

    for shown in (
        text(report, colour=True),
        annotations(report),
        json_report(report),
        summary(report),
        sarif(report, ()),
    ):
        assert shown.encode()
