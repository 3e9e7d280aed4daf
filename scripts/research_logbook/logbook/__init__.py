"""A logbook: its text, read into a frozen, located model. Pure."""

import traceback
from collections.abc import Sequence
from itertools import takewhile

from research_logbook.logbook.entries import decisions_of, log_of
from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.header import facts_in, front_matter_of, header_of
from research_logbook.logbook.hypotheses import hypotheses_of
from research_logbook.logbook.model import Logbook, Section, Unreadable
from research_logbook.logbook.sections import allowances_of, contents_of, sections_of
from research_logbook.markdown import tree
from research_logbook.markdown.tree import Block, BlockKind, NestingError

MAX_BYTES = 5_000_000
"""The size of a logbook that is read; large output belongs in an artefact that it links."""


def too_large(path: str, size: int) -> Unreadable:
    """Say that a logbook of `size` bytes is not read."""
    reason = f"is {size / 1e6:.1f} MB large, more than the {MAX_BYTES // 1_000_000} MB that are read"
    return Unreadable(path, reason, "move large output to an artefact and link it")


def symlink(path: str) -> Unreadable:
    """Say that a logbook is a symbolic link, which is not followed."""
    return Unreadable(path, "is a symbolic link", "put the logbook itself there: a link can lead anywhere")


def decode(path: str, data: bytes) -> str | Unreadable:
    r"""Return the text of a logbook with ``\n`` for every line end and no byte order mark, or why there is none."""
    if len(data) > MAX_BYTES:
        return too_large(path, len(data))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Unreadable(path, "is UTF-16", "save it as UTF-8, for example: `iconv -f UTF-16 -t UTF-8`")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        return Unreadable(path, "holds a NUL byte: it is no text", "save it as UTF-8 text without the byte", line)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"is not UTF-8: byte 0x{data[error.start]:02x} cannot be read"
        return Unreadable(path, reason, "save it as UTF-8, for example: `iconv -f LATIN1 -t UTF-8`", line)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parse(path: str, data: bytes) -> Logbook | Unreadable:
    """Return the logbook at `path`, a path inside its repository, or why it cannot be read: nothing is raised.

    Any branch can bring any file, and one that nobody foresaw must not keep all others from being read.
    """
    text = decode(path, data)
    if isinstance(text, Unreadable):
        return text
    try:
        return _logbook(SourceText(path, text.split("\n")), text, tree.parse(text))
    except NestingError as error:
        reason = f"is nested more than {tree.MAX_NESTING} levels deep"
        return Unreadable(path, reason, "flatten the lists, quotes or emphasis at this line", error.line)
    except Exception as error:  # noqa: BLE001 - a bug, but one file's: it is that file's finding, and says what to report
        at = traceback.extract_tb(error.__traceback__)[-1]
        reason = (
            f"cannot be read, which is a bug ({type(error).__name__} in {at.filename.rpartition('/')[2]}:{at.lineno})"
        )
        return Unreadable(path, reason, "report it with the file at https://github.com/run-research/logbook/issues")


def _logbook(source: SourceText, text: str, blocks: tuple[Block, ...]) -> Logbook:
    front = front_matter_of(blocks, source)
    sections = sections_of(blocks, source)
    header = header_of(facts_in(_preamble(blocks, sections), sections, front, source))
    leaves = list(tree.walk(blocks))
    contents = contents_of(leaves, source)
    log = log_of(sections, header.prefix, source, contents)
    return Logbook(
        path=source.path,
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


def _preamble(blocks: Sequence[Block], sections: Sequence[Section]) -> tuple[Block, ...]:
    """Return what stands before the first heading, and between the title and the next one."""
    before = takewhile(lambda block: block.kind is not BlockKind.HEADING, blocks)
    title = sections[0].blocks if sections and sections[0].level == 1 else ()
    return (*before, *title)
