"""Escaping of all output: text from anywhere is made inert for the place where it will be shown.

A terminal, a workflow's log, JSON and GitHub's Markdown each give some characters a meaning. Nothing in a logbook, a
path, a branch or a configuration keeps that meaning; what a reader sees is kept.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

from research_logbook.secret_scanner import LONGEST_SECRET, masked

LONGEST = 2_000
"""The most characters of one text that are shown."""

# Unicode's Default_Ignorable_Code_Point: bidirectional controls, zero widths, tags. They show nothing, and a
# runner that compares by the rules of a language overlooks them between the two colons of a command.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_INVISIBLE = re.compile(f"[{_CONTROLS}{_UNSEEN}\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def visible(text: str) -> str:
    """Return `text` without invisible characters; a byte of a path that is not UTF-8 becomes U+FFFD."""
    return _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))


def one_line(text: str, most: int) -> str:
    """Return `text` on one line of at most `most` visible characters."""
    line = " ".join(visible(" ".join(text.split())).split())
    return line if len(line) <= most else f"{line[: max(0, most - 1)].rstrip()}…"


# A runner takes `::` at the start of a line for a command, white space before it ignored; and the older `##[`
# wherever it stands (actions/runner, ActionCommand.cs).
_NEW_COMMAND = re.compile(r"^(\s*)(?=:)")
_OLD_COMMAND = re.compile(r"##(?=\[)")


def terminal(text: str) -> str:
    """Return the lines of `text` without control characters, so that a runner takes none for a workflow command."""
    return "\n".join(_told(visible(line)) for line in text.splitlines())


def terminal_line(text: str, most: int = LONGEST) -> str:
    """Return `text` as `terminal` does, on one line."""
    return _told(one_line(text, most))


def _told(line: str) -> str:
    return _OLD_COMMAND.sub(r"##\\", _NEW_COMMAND.sub(r"\1\\", line))


def annotation_value(text: str) -> str:
    """Return `text` as the message of a workflow command, with its lines."""
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def annotation_property(text: str) -> str:
    """Return `text` as a property of a workflow command, such as its `file` or `title`."""
    return annotation_value(text).replace(":", "%3A").replace(",", "%2C")


def command(name: str, message: str, **properties: str | int) -> str:
    """Return a workflow command as a line; `name` is our own, everything else may come from anywhere."""
    pairs = ",".join(f"{key}={annotation_property(str(value))}" for key, value in properties.items())
    return f"::{name}{' ' if pairs else ''}{pairs}::{annotation_value(message)}"


def json_text(value: object) -> str:
    """Return a plain `value` as JSON with an indent of two spaces, in ASCII so that any locale can print it."""
    text = _SURROGATE.sub("\ufffd", json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
    in_ascii = re.sub(r"[^\n -~]+", lambda others: json.dumps(others[0])[1:-1], text)
    return in_ascii.replace("##[", r"##\u005b") + "\n"


# GitHub looks for mentions, references and addresses in the text nodes of the rendered page, where no escape
# is left: only a mark in a node of its own is safe (github/markup#1168), as its manual says of a dollar sign.
# The name of a commit is left alone: it links inside the repository only.
_MEANT = re.compile(r"[&<>|\\`]|[*_~\[\]]|[@#$]|:(?=\S)|(?<=www)\.|(?<=GH)-", re.IGNORECASE)
_LEADING = re.compile(r"^(\d{0,9})([-+=.)])")


def markdown(text: str, most: int = LONGEST) -> str:
    """Return `text` as one line of GitHub's Markdown that shows every character and has no effect.

    It mentions nobody, refers to nothing, links to nothing, and stays in its table cell.
    """
    return _LEADING.sub(r"\1\\\2", _inert(one_line(text, most)))


def _inert(line: str) -> str:
    return _MEANT.sub(_without_meaning, line)


def _without_meaning(match: re.Match[str]) -> str:
    mark = match[0]
    if mark in "&<>|\\`":
        return f"&#{ord(mark)};"
    return f"\\{mark}" if mark in "*_~[]" else f"<span>\\{mark}</span>"


_UNMISTAKABLE = re.compile(r"[\w .,:;=+/@#()%'\"*?!{}^-]+")


def code(text: str, most: int = LONGEST) -> str:
    """Return `text` as inline code on one line, also in a table and with backticks in it."""
    line = one_line(text, most)
    return f"`{line}`" if _UNMISTAKABLE.fullmatch(line) else f"<code>{_inert(line)}</code>"


def prose(text: str, most: int = LONGEST) -> str:
    """Return a sentence as `markdown` does, but with what is in backticks as inline code."""
    parts = re.split(r"`([^`]+)`", one_line(text, most))
    shown = (code(part) if index % 2 else _inert(part) for index, part in enumerate(parts))
    return _LEADING.sub(r"\1\\\2", "".join(shown))


def link(text: str, url: str, most: int = LONGEST) -> str:
    """Return a link to a web page; only `text` if `url` is not the address of one."""
    shown = _inert(one_line(text, most))
    return f"[{shown}]({quote(url, safe=_OF_URLS)})" if url.startswith(("https://", "http://")) else shown


_OF_URLS = "%/:?#@&+,;=~-._"
"""Characters that an address keeps; others could end it, or its table cell."""


def block(text: str, info: str = "") -> str:
    """Return `text` as a block of code, with its lines and tabs; `info` is our own name of the language."""
    lines = "\n".join(map(visible, re.split(r"\r\n?|\n", text)))
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", lines)), default=0))
    return f"{fence}{info}\n{lines}\n{fence}"


_NOT_FOR_CHARTS = re.compile(r"[^\w ./(),:+-]+")  # `%%` begins a comment, quotes or not


def chart_text(text: str, most: int = 60) -> str:
    """Return `text` as a quoted title in a Mermaid chart; nothing in it can end the quotes or the fence."""
    return f'"{" ".join(_NOT_FOR_CHARTS.sub(" ", one_line(text, most)).split()) or "value"}"'


def row(cells: Iterable[str]) -> str:
    """Return a table row from cells that are already Markdown."""
    return f"| {' | '.join(cells)} |"


LONGEST_QUOTE = 60
"""The most characters of outside text that a message quotes."""


def printable(text: str) -> str:
    """Return outside text on one line, without characters that hide or move others."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def quoted(text: str) -> str:
    """Return outside text as a message quotes it: printable, short, without backticks or a part of a secret."""
    if len(text) > LONGEST_QUOTE:  # what is cut would not be known for a secret any more
        text = masked(text[: LONGEST_QUOTE + LONGEST_SECRET])
    return printable(text[:LONGEST_QUOTE]).replace("`", "'") + "…" * (len(text) > LONGEST_QUOTE)
