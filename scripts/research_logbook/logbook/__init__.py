"""A logbook: `parse` reads its bytes into a frozen model in which everything has its place. Pure."""

import traceback

from research_logbook.logbook.entries import decisions_of, log_of
from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.header import front_matter_of, header_of
from research_logbook.logbook.hypotheses import hypotheses_of
from research_logbook.logbook.model import Logbook, Unreadable
from research_logbook.logbook.sections import allowances_of, contents_of, sections_of
from research_logbook.markdown import tree
from research_logbook.markdown.tree import NestingError

MAX_BYTES = 5_000_000
"""The size of the largest logbook that is read; large output belongs in an artefact that the logbook links."""


def too_large(path: str, size: int) -> Unreadable:
    """Return why a logbook of `size` bytes is not read."""
    reason = f"is {size / 1e6:.1f} MB; logbooks over {MAX_BYTES // 1_000_000} MB are not read"
    return Unreadable(path, reason, "move large output to an artefact and link to it")


def symlink(path: str) -> Unreadable:
    """Return why a symbolic link is not read."""
    return Unreadable(path, "is a symbolic link", "replace the link with the file itself; a link can lead anywhere")


def decode(path: str, data: bytes) -> str | Unreadable:
    r"""Return the text of a logbook with ``\n`` for every line end and no byte order mark, or why there is none."""
    if len(data) > MAX_BYTES:
        return too_large(path, len(data))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Unreadable(path, "is UTF-16", "save it as UTF-8, for example: `iconv -f UTF-16 -t UTF-8`")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        return Unreadable(
            path, "contains a NUL byte, so it is not text", "save it as UTF-8 text without that byte", line
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"is not valid UTF-8: byte 0x{data[error.start]:02x}"
        return Unreadable(path, reason, "save it as UTF-8, for example: `iconv -f LATIN1 -t UTF-8`", line)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parse(path: str, data: bytes) -> Logbook | Unreadable:
    """Return the logbook at `path`, a path inside its repository, or why it cannot be read: nothing is raised.

    Any branch can bring any file, and one that nobody expected must not keep the others from being read.
    """
    text = decode(path, data)
    if isinstance(text, Unreadable):
        return text
    try:
        blocks = tree.parse(text)
        source = SourceText(path, text.split("\n"))
        front = front_matter_of(blocks, source)
        sections = sections_of(blocks, source)
        header = header_of(blocks, sections, front, source)
        leaves = list(tree.walk(blocks))
        contents = contents_of(leaves, source)
        log = log_of(sections, header.prefix, source, contents)
        return Logbook(
            path=path,
            text=text,
            front_matter=front,
            title=next((section.title for section in sections if section.level == 1), ""),
            header=header,
            sections=sections,
            entries=log.entries,
            undated=log.undated,
            hypotheses=tuple(hypotheses_of(sections, source)),
            decisions=tuple(decisions_of(sections, source)),
            links=tuple(contents.links),
            allowances=tuple(allowances_of(leaves, sections, source)),
            prefix=log.prefix,
            log=log.heading,
        )
    except NestingError as error:
        reason = f"is nested more than {tree.MAX_NESTING} levels deep"
        return Unreadable(path, reason, "flatten the lists, quotes or emphasis at this line", error.line)
    except Exception as error:  # noqa: BLE001 - a bug, but one file's: it is that file's finding, and says what to report
        at = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{at.filename.rpartition('/')[2]}:{at.lineno}"
        reason = f"cannot be read, which is a bug ({type(error).__name__} in {place})"
        return Unreadable(path, reason, "report it with the file at https://github.com/run-research/logbook/issues")
