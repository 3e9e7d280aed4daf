"""Claims about Markdown as HTML: it looks as on GitHub, and nothing of it can do anything."""

import pytest

from research_logbook.render.html import SafeHtml, with_links


def page(text: str, **how: object) -> str:
    """Return text as HTML, with relative links that lead to one host."""
    return SafeHtml(lambda url: f"https://github.test/{url}").html(text, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- a\n  - b\n", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n"),
        ("~~old~~ new\n", "<p><del>old</del> new</p>\n"),
        ("> [!WARNING]\n> hot\n", '<div class="markdown-alert markdown-alert-warning">'),
        ("- [x] done\n- [ ] open\n", '<input type="checkbox" disabled checked aria-label="done"> done'),
        ("- [x] done\n- [ ] open\n", '<input type="checkbox" disabled aria-label="open"> open'),
        ("| a | b |\n|---|--:|\n| 1 | 2 |\n", '<td align="right">2</td>'),
        ("a[^1]\n\n[^1]: note\n", '<a href="#in-fn-1" id="in-fnref-1"'),
        ("```mermaid\ngraph TD\n```\n", "<pre><code>graph TD\n</code></pre>"),
        ("---\ntopic: x\n---\n\nbody\n", "<p>body</p>\n"),
        ("see www.example.org\n", 'href="http://www.example.org"'),
        ("<details><summary>more</summary>\n\ntext\n\n</details>\n", "<details><summary>more</summary>"),
        ("[x](../train.py)\n", 'href="https://github.test/../train.py"'),
        ("## Base line\n\n[up](#base-line)\n", 'href="#in-base-line"'),
    ],
)
def test_it_is_shown_as_on_github(text: str, shown: str) -> None:
    """Lists with two spaces, tasks, tables, alerts, footnotes and folded parts; Mermaid as its source."""
    assert shown in page(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
        "<iframe src='https://evil.test'></iframe>",
        "<form action='https://evil.test'><input name=q><button>go</button></form>",
        "<style>body{display:none}</style>",
        "<p style='position:fixed'>x</p>",
        "<base href='https://evil.test/'>",
        "<meta http-equiv=refresh content='0;url=https://evil.test'>",
        "<link rel=stylesheet href='https://evil.test/x.css'>",
        "<object data='https://evil.test'></object><embed src='https://evil.test'>",
        "<video src='https://evil.test/x' autoplay></video><audio src='https://evil.test/x'></audio>",
        "<div id=query name=query onclick=alert(1)>x</div>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<a href='https://x.test' target=_blank>x</a>",
        "![x](https://evil.test/pixel.png)",
        "<picture><source srcset='https://evil.test/x'><img src='https://evil.test/x'></picture>",
    ],
)
def test_nothing_of_it_does_anything(text: str) -> None:
    """No script, style, frame, form or picture remains, nor an address that runs or a name of the page's own."""
    html = page(f"before\n\n{text}\n\nafter {text}\n").casefold()
    for what in (
        "<script",
        "<style",
        "<iframe",
        "<form",
        "<img",
        "<svg",
        "<object",
        "<embed",
        "<video",
        "<base",
        "<meta",
    ):
        assert what not in html
    for what in (" on", "javascript:", "vbscript:", "data:", " style=", ' id="query"', "target=", "srcset", "name="):
        assert what not in html.replace(" on ", " "), what
    assert "before" in html


def test_a_picture_is_a_link() -> None:
    """Nobody's host learns who reads the page; within a link a picture is its words."""
    assert page("![loss](https://evil.test/a.png)\n") == (
        '<p><a href="https://evil.test/a.png" rel="noopener noreferrer nofollow">[picture: loss]</a></p>\n'
    )
    assert page("[![ci](https://a.test/b.svg)](https://a.test)\n").count("<a ") == 1


def test_a_relative_link_that_leads_nowhere_is_text() -> None:
    """Where it is not known whose repository it is."""
    assert "href" not in SafeHtml(lambda _: None).html("[x](train.py)\n")


def test_what_begins_on_a_line_is_named_by_it() -> None:
    """A heading, an item and a paragraph; no name appears twice."""
    html = page("# T\n\n## 2026-01-02 - A-001\n\n- one\n- two\n", anchors={3, 6})
    assert '<h2 id="in-2026-01-02---a-001"><span id="L3"></span>' in html
    assert '<li><span id="L6"></span>two' in html
    assert html.count('id="L') == 2


def test_headings_go_deeper() -> None:
    """Below the headings of the page that they stand on; the sixth is the last."""
    html = page("# a\n\n##### b\n", deeper=3)
    assert "<h4" in html
    assert "</h4>" in html
    assert "<h6" in html


def test_ids_become_links_outside_of_links() -> None:
    """In text and in code in a line; not in a link, in a block of code, or as part of another ID."""
    html = page("A-001, `A-001` and [A-001](https://x.test) A-0011 B-A-001\n\n```\nA-001\n```\n")
    linked = with_links(html, lambda name: "a.html" if name == "A-001" else None)
    assert linked.count('<a href="a.html">A-001</a>') == 2


def test_deep_nesting_is_no_crash() -> None:
    """What the parser of logbooks survives, this does too."""
    assert "deep" in page("*" * 3_000 + "deep" + "*" * 3_000 + "\n")
