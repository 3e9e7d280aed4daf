"""Claims about links."""

from book import parsed


def links(text: str) -> list[tuple[int, str, str]]:
    """Return line, target and text of each link."""
    return [(link.span.line, link.url, link.text) for link in parsed(text).links]


def test_links_wherever_they_stand() -> None:
    """Headings, items, cells, quotes and footnotes hold links, each on its own line."""
    text = "# [a](1)\n\n- x\n  [b](2)\n\n| [c](3) |\n|---|\n| ![d](4) |\n\n> [e](5)\n\n[^f]: [g](6)\n"
    assert links(text) == [(1, "1", "a"), (4, "2", "b"), (6, "3", "c"), (8, "4", "d"), (10, "5", "e"), (12, "6", "g")]


def test_forms_of_links() -> None:
    """References, bare addresses and angle brackets are links; code is none."""
    text = "[a][r] [r] https://b.c/d. <https://e.f> www.g.h `[i](j)` [**k** `l`](m)\n\n[r]: n 'title'\n"
    assert links(text) == [
        *((1, "n", "a"), (1, "n", "r"), (1, "https://b.c/d", "https://b.c/d"), (1, "https://e.f", "https://e.f")),
        *((1, "http://www.g.h", "www.g.h"), (1, "m", "k l")),
    ]


def test_a_link_over_two_lines() -> None:
    """A link is on the line where it begins."""
    assert links("x\n[a\nb](c)\n") == [(2, "c", "a\nb")]


def test_links_without_text() -> None:
    """An empty link and a link around an image lead somewhere too."""
    assert links("[](a) [![b](c)](d)\n") == [(1, "a", ""), (1, "c", "b"), (1, "d", "")]
