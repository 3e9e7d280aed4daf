"""A logbook's bytes become a `Logbook`, or say why they cannot."""

import re
from collections.abc import Iterator, Sequence

from research_logbook.core import markdown
from research_logbook.core.contents import contents_of
from research_logbook.core.entries import log_of
from research_logbook.core.fields import Source
from research_logbook.core.header import facts_in, front_matter_of, header_of
from research_logbook.core.hypotheses import hypotheses_of
from research_logbook.core.markdown import HTML, Block, Kind, NestingError
from research_logbook.core.model import Allowance, Decision, Logbook, Section, Span, Unreadable, text_of
from research_logbook.core.outline import reach, sections_of

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
    """Return the logbook at `path`, a path inside its repository."""
    text = decode(path, data)
    if isinstance(text, Unreadable):
        return text
    try:
        blocks = markdown.parse(text)
    except NestingError as error:
        reason = f"is nested more than {markdown.MAX_NESTING} levels deep"
        return Unreadable(path, reason, "flatten the lists, quotes or emphasis at this line", error.line)
    return _logbook(Source(path, text.split("\n")), text, blocks)


def _logbook(source: Source, text: str, blocks: Sequence[Block]) -> Logbook:
    front = front_matter_of(blocks, source)
    sections = sections_of(blocks, source)
    header = header_of(facts_in(_preamble(blocks, sections), sections, front, source))
    leaves = [leaf for block in blocks for leaf in block.walk()]
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
        decisions=tuple(_decisions(sections, source)),
        links=tuple(contents.links),
        allowances=tuple(_allowances(leaves, sections, source)),
        prefix=log.prefix,
        log=log.heading,
    )


def _preamble(blocks: Sequence[Block], sections: Sequence[Section]) -> tuple[Block, ...]:
    """Return what stands before the first heading, and between the title and the next one."""
    first = sections[0].span.line if sections else len(blocks) and blocks[-1].end_line + 1
    before = tuple(block for block in blocks if block.line < first and block.kind != Kind.FRONT_MATTER)
    title = sections[0].blocks if sections and sections[0].level == 1 else ()
    return before + title


def _decisions(sections: Sequence[Section], source: Source) -> Iterator[Decision]:
    for index, section in enumerate(sections):
        if section.name != "decision-log":
            continue
        for part in sections[index : reach(sections, index)]:
            for block in part.blocks:
                for item in _items(block):
                    yield Decision(source.span(item), " ".join(text_of(item).split()), item)


def _items(block: Block) -> Sequence[Block]:
    if block.kind == Kind.LIST:
        return block.blocks
    return block.blocks[1:] if block.kind == Kind.TABLE else ()


_ALLOW = re.compile(r"<!--\s*logbook:\s*allow\s+(?P<rule>[\w-]+)\s*(?:--|—|–|:)?\s*(?P<reason>.*?)\s*-->", re.DOTALL)


def _allowances(leaves: Sequence[Block], sections: Sequence[Section], source: Source) -> Iterator[Allowance]:
    for leaf in leaves:
        if leaf.kind == Kind.HTML and "logbook:" in leaf.literal:
            yield from _allowed(leaf.literal, leaf.line, sections, source)
        for run in leaf.runs:
            if run.style & HTML and "logbook:" in run.text:
                yield from _allowed(run.text, run.line, sections, source)


def _allowed(text: str, line: int, sections: Sequence[Section], source: Source) -> Iterator[Allowance]:
    for match in _ALLOW.finditer(text):
        here = line + text.count("\n", 0, match.start())
        first, last = _block_at(here, sections, len(source.lines))
        yield Allowance(Span(source.path, here, here), match["rule"], " ".join(match["reason"].split()), first, last)


def _block_at(line: int, sections: Sequence[Section], length: int) -> tuple[int, int]:
    """Return the lines of the innermost heading's block at `line`; the whole file above the first heading."""
    around = [section for section in sections if section.span.line <= line]
    if not around or around[-1].level == 1:
        return 1, length
    return around[-1].span.line, max(around[-1].end_line, line)
