"""Markdown as HTML that is safe on any page, and looks as it does on GitHub. Pure.

The parser is the one that reads logbooks, so that a page shows what was judged. What it makes is cleaned by nh3:
whatever a logbook holds, nothing of it runs or is fetched, and nothing goes by the name of a part of the page.
"""

import re
from collections.abc import Callable, Collection

import nh3

from research_logbook.markdown.tree import to_html

Linked = Callable[[str], str | None]
"""Returns where a relative link leads to, or None where it leads nowhere."""

_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
"""Those that GitHub keeps (`SanitizationFilter` of gjtorikian/html-pipeline), without media."""
_DROPPED = frozenset(
    ["iframe", "math", "noscript", "object", "script", "style", "svg", "template", "textarea", "title"]
)
"""Those whose text is no reader's."""
_PLACED = ("h1", "h2", "h3", "h4", "h5", "h6", "li", "p")
_ATTRIBUTES = {
    "a": {"href", "id"},
    "details": {"open"},
    "img": {"alt", "src"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
    **{tag: {"id", "data-sourcepos"} for tag in _PLACED},
    "*": {"dir", "title"},
}
_ALERTS = {f"markdown-alert-{kind}" for kind in ("note", "tip", "important", "warning", "caution")}
_CLASSES = {
    "div": {"markdown-alert", *_ALERTS},
    "p": {"markdown-alert-title"},
    "ul": {"contains-task-list"},
    "section": {"footnotes"},
}
_BOX = {"type": {"checkbox"}, "checked": {""}, "disabled": {""}}
_PREFIX = "in-"
"""Of every name in a logbook, so that none is that of a part of the page."""

_SELF_LINK = re.compile(r'<a href="#[^"]*" rel="[^"]*"></a>(?=</h[1-6]>)')
_PLACE = re.compile(r'<(?P<tag>h[1-6]|li|p)(?P<before>[^>]*?) data-sourcepos="(?P<line>\d+):[^"]*"(?P<after>[^>]*)>')
_HEADING = re.compile(r"(</?h)([1-6])\b")
_LINKS_AND_PICTURES = re.compile(r"<a\b[^>]*>|</a>|<img\b[^>]*>")
_ATTRIBUTE = re.compile(r'\b(src|alt)="([^"]*)"')
_INPUT = re.compile(r"<input(?P<rest>[^>]*)>")


class SafeHtml:
    """Makes HTML of Markdown whose relative links lead where `linked` says."""

    def __init__(self, linked: Linked) -> None:
        """Set the cleaner up, which takes longer than to clean a short text."""
        self._cleaner = nh3.Cleaner(
            tags=set(_TAGS),
            clean_content_tags=set(_DROPPED),
            attributes=_ATTRIBUTES,
            allowed_classes=_CLASSES,
            tag_attribute_values={"input": _BOX},
            url_schemes={"http", "https", "mailto"},
            url_relative=lambda url: f"#{_PREFIX}{url[1:]}" if url.startswith("#") else linked(url),
            id_prefix=_PREFIX,
            link_rel="noopener noreferrer nofollow",
        )

    def html(self, text: str, *, anchors: Collection[int] = (), deeper: int = 0) -> str:
        """Return Markdown as HTML; raises `NestingError` as the parser does.

        What begins on a line of `anchors` is named `L` and that line. Headings are `deeper` by so many levels.
        Pictures, which a browser would fetch from elsewhere, are links.
        """
        waiting = set(anchors)

        def placed(match: re.Match[str]) -> str:
            line = int(match["line"])
            anchor = f'<span id="L{line}"></span>' if line in waiting else ""
            waiting.discard(line)
            return f"<{match['tag']}{match['before']}{match['after']}>{anchor}"

        marked = _PLACE.sub(placed, _SELF_LINK.sub("", self._cleaner.clean(to_html(text))))
        if deeper:
            marked = _HEADING.sub(lambda match: f"{match[1]}{min(int(match[2]) + deeper, 6)}", marked)
        return _INPUT.sub(_box, _without_pictures(marked) if "<img" in marked else marked)


def _box(match: re.Match[str]) -> str:
    """Return the box of a task, which a screen reader names; no other field is a reader's to fill in."""
    if 'type="checkbox"' not in match["rest"]:
        return ""
    is_done = "checked" in match["rest"]
    return (
        f'<input type="checkbox" disabled{" checked" if is_done else ""} aria-label="{"done" if is_done else "open"}">'
    )


def _without_pictures(html: str) -> str:
    """Put a link in the place of each picture; within another link only its words."""
    depth = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal depth
        tag = match[0]
        if not tag.startswith("<img"):
            depth += 1 if tag.startswith("<a") else -1
            return tag
        told = dict(_ATTRIBUTE.findall(tag))
        words = f"picture: {told.get('alt') or 'without words'}"
        if depth > 0 or not told.get("src"):
            return f"<span>[{words}]</span>"
        return f'<a href="{told["src"]}" rel="noopener noreferrer nofollow">[{words}]</a>'

    return _LINKS_AND_PICTURES.sub(replaced, html)


_TAGS_AND_TEXT = re.compile(r"<(/?)(a|pre)\b[^>]*>|<[^>]*>|[^<]+")
_NAME = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]*(?:-[A-Z0-9]+){0,6}-\d+[a-z]?(?![\w-])")


def with_links(html: str, named: Callable[[str], str | None]) -> str:
    """Return clean HTML with a link for each experiment ID that has a page; what is a link already stays one."""
    depth = 0

    def link(match: re.Match[str]) -> str:
        page = named(match[0])
        return f'<a href="{page}">{match[0]}</a>' if page else match[0]

    def part(match: re.Match[str]) -> str:
        nonlocal depth
        if match[2]:
            depth += -1 if match[1] else 1
        return match[0] if depth or match[0].startswith("<") else _NAME.sub(link, match[0])

    return _TAGS_AND_TEXT.sub(part, html)
