"""What somebody says in an entry, as Markdown that stays where it is put.

It begins no entry or section of its own, hides nothing, and ends what it begins: whatever is said is shown as it was
said. Lists, tables, links, emphasis and code keep their meaning.
"""

import re
from collections.abc import Mapping

from research_logbook.errors import UserError
from research_logbook.markdown.escape import visible

IN_CODE = frozenset({"command", "commit"})
"""The fields whose value is shown as code."""

LONGEST = 50_000
"""Characters of a value: a record is read by people, and a log is linked."""


def checked(values: Mapping[str, str]) -> dict[str, str]:
    """Return what an entry is to say; raises `UserError` for what is empty, too long, or no text."""
    for key, text in values.items():
        if not text.strip():
            raise UserError(f"the {key} is empty", f"say what it is, or leave out `--{key}`")
        if len(text) > LONGEST:
            raise UserError(
                f"the {key} has {len(text):,} characters, and {LONGEST:,} are the most",
                "link a file, and quote its end",
            )
        if re.search("[\ud800-\udfff]", text):
            raise UserError(f"the {key} is not UTF-8", "convert it, or link the file")
    return dict(values)


def value_of(key: str, text: str) -> str:
    """Return a value as Markdown: a command or a commit as code that pastes as it was, all else as it is.

    It begins with an empty line where it begins with a block, which stands on lines of its own.
    """
    text = visible(_ESCAPES.sub("", re.sub(r"\r\n?", "\n", text))).strip("\n").rstrip()
    is_code = key in IN_CODE and not (text.rstrip(".").casefold() == "pending" or _FENCE.match(text))
    if is_code and not (_IS_CODE.fullmatch(text) or (key == "commit" and "`" in text)):
        return as_code(text)
    text = "\n".join(_inert(text.split("\n")))
    return f"\n\n{text}" if "\n" in text and _BLOCK.match(text) else text


def in_line(text: str) -> str:
    """Return what is said as Markdown on one line."""
    return " ".join(" ".join(_inert([" ".join(visible(text).split())])).split())


def as_code(text: str) -> str:
    """Return a text as code that holds it as it is: inline, or, of several lines, as a block."""
    marks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    if "\n" not in text:
        space = " " * (text.startswith("`") or text.endswith("`"))
        return f"{marks}{space}{text}{space}{marks}"
    marks = marks.rjust(3, "`")
    return f"\n\n{marks}bash\n{text}\n{marks}"


_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
"""Sequences for a terminal, such as colours (ECMA-48, 5.4)."""
_IS_CODE = re.compile(r"(?P<marks>`+)(?!`).*?(?<!`)(?P=marks)", re.DOTALL)
_BLOCK = re.compile(r"(?:`{3,}|~{3,}|[-*+] |\d{1,9}[.)] |>|\|)")
_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}(?=[^`]*\Z)|~{3,})")
_BEGINS = re.compile(
    r"(?P<space>\s{0,3})(?=#{1,6}(?:\s|\Z)|=+\s*\Z|-+\s*\Z|[*_](?:\s*[*_]){2,}\s*\Z|\[[^\]]*\]:|<{7}|>{7})"
)
"""A heading, the underline of one, a line between parts, the target of a link, a side of a conflict."""
_SPAN_OR_TAG = re.compile(r"(?P<code>(?P<marks>(?<!`)`+(?!`)).*?(?<!`)(?P=marks)(?!`))|(?P<before>\\*)<(?=[A-Za-z/!?])")
_ADDRESS = re.compile(r"<https?://[^\s<>]+>")


def _inert(lines: list[str]) -> list[str]:
    """Return lines without what begins a heading, without HTML, and with each block of code closed."""
    found, fence = [], ""
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            is_end = mark and mark["marks"].startswith(fence) and not line.strip().strip(fence[0])
            fence = "" if is_end else fence
        elif mark:
            fence = mark["marks"]
        else:
            line = _SPAN_OR_TAG.sub(_without_tag, _BEGINS.sub(r"\g<space>\\", line, count=1))  # noqa: PLW2901
        found.append(line)
    return [*found, fence] if fence else found


def _without_tag(match: re.Match[str]) -> str:
    if match["code"] or _ADDRESS.match(match.string, match.end() - 1) or len(match["before"]) % 2:
        return match[0]
    return f"{match['before']}\\<"
