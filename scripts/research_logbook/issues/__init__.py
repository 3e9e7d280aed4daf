"""An experiment issue: its body's sections, links and task-list items, and what it says of itself.

GitHub's Markdown is read as GitHub shows it: what stands in HTML comments and in blocks of code is not there.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import msgspec

from research_logbook.github.models import Comment, Issue
from research_logbook.issues.links import IssueLink, LinkKind, Place, links_in, visible_html, without_tags
from research_logbook.logbook import dates, sections_of, vocabulary
from research_logbook.logbook.model import Section, SourceText, text_of
from research_logbook.logbook.queries import (
    has_content,
    is_pending,
    is_placeholder,
    pending_phrase,
    says_none,
    says_not_applicable,
)
from research_logbook.markdown import tree
from research_logbook.markdown.page import as_shown
from research_logbook.markdown.tree import (
    ASIDE,
    EMPHASIS,
    HTML,
    STRONG,
    STRUCK,
    Block,
    BlockKind,
    InlineRun,
    NestingError,
    plain,
)


@dataclass(frozen=True, slots=True)
class IssueSection:
    """A heading, or a bold line with a known name, and all that stands below it, further headings included."""

    title: str
    names: tuple[str, ...]
    """The canonical names; several for "Conclusion and next steps", none inside of a dated entry."""
    level: int
    """Of its heading; `BOLD` for a bold line."""
    line: int
    """Where its heading begins, in the body, counted from 1."""
    end_line: int
    text: str
    """As a reader sees it, code included, its own heading not."""
    is_empty: bool
    """Whether nothing stands there but placeholders, such as `_No response_`; "N/A" and "none" are content."""
    is_wordless: bool
    """Whether nothing stands there but placeholders and pictures, whose alternative text no reader sees."""
    items: tuple[str, ...]
    """The items of its lists that say something, as a reader sees them."""
    links: tuple[IssueLink, ...]
    placeholders: tuple[str, ...] = ()
    """The lines that still say that something is to be written, of sections below it none."""
    has_content: bool = False
    """Whether it says something in words: more than "none", "done", "see above" or what its own heading says."""

    @property
    def says_nothing(self) -> bool:
        """Whether words stand there that neither say something nor that there is nothing to say."""
        return not (self.is_empty or self.has_content or self.says_none or self.is_not_applicable)

    @property
    def says_none(self) -> bool:
        """Whether it says that there is nothing to say: "none", "none needed", "no next steps"."""
        return says_none(self.text.lstrip(_AROUND)[:_LONGEST_PLACEHOLDER])

    @property
    def is_not_applicable(self) -> bool:
        """Whether it says that it does not apply: "N/A: no model was trained"."""
        return says_not_applicable(self.text.lstrip(_AROUND)[:_LONGEST_PLACEHOLDER])


@dataclass(frozen=True, slots=True)
class Task:
    """A task-list item: a box on GitHub, with words beside it."""

    line: int
    text: str
    """As a reader sees it, what is struck out included."""
    is_ticked: bool
    is_struck: bool
    """Whether it is struck out; a reason may follow in parentheses, after a dash or a colon."""
    is_not_applicable: bool
    """Whether it says so: "N/A: …", "… (n/a)", "not applicable"."""
    under: tuple[str, ...]
    """The canonical names of the sections it stands in, the outermost first."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.is_ticked or self.is_struck or self.is_not_applicable


class Line(NamedTuple):
    """A line of prose as a reader sees it, quotations and code left out."""

    text: str
    is_title: bool
    """Whether it is a heading or a label, which says nothing by itself."""


@dataclass(frozen=True, slots=True)
class IssueText:
    """What the body of an issue or of a comment holds."""

    sections: tuple[IssueSection, ...] = ()
    """In order; one that stands inside of another follows it, and is part of its text."""
    links: tuple[IssueLink, ...] = ()
    tasks: tuple[Task, ...] = ()
    says_agent: bool = False
    """Whether it says that an agent wrote it."""
    lines: tuple[Line, ...] = ()
    """Without those that only hold a place for text to come."""
    is_unreadable: bool = False
    """Whether it is nested too deeply to be read; then nothing is known of it."""

    def named(self, *names: str) -> tuple[IssueSection, ...]:
        """Return the sections with one of these canonical names."""
        return tuple(section for section in self.sections if not set(names).isdisjoint(section.names))


class ExperimentIssue(Issue, frozen=True, kw_only=True):
    """An issue that may be an experiment's, and its texts; `classification.is_enrolled` says whether it is one."""

    # It is never decoded: to GitHub `comments` is how many there are.
    comments: tuple[Comment, ...] = msgspec.field(default=(), name="comments_read")
    content: IssueText = IssueText()
    """What the body holds."""

    def has_label(self, name: str) -> bool:
        """Return whether it has the label; GitHub tells no letter case apart."""
        return name.casefold() in {label.casefold() for label in self.label_names}


def parse_issue(issue: Issue, comments: Iterable[Comment] = (), place: Place | None = None) -> ExperimentIssue:
    """Return an issue with what its body says; whatever its texts hold, nothing is raised."""
    return ExperimentIssue(**msgspec.structs.asdict(issue), comments=tuple(comments), content=read(issue.body, place))


BOLD = 7
"""The level of a section whose heading is a bold line: below all headings."""
LABEL = 8
"""The level of a section that a plain label begins, and that ends with its paragraph."""


def read(body: str | None, place: Place | None = None) -> IssueText:
    """Return what the body of an issue or of a comment holds, in time linear in its length."""
    text = (body or "").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "replace").decode()  # JSON may hold half a character, which the parser refuses.
    if text.startswith("---\n"):
        # GitHub reads no front matter in issues: there three hyphens are a line across the page, as three stars are.
        text = "***" + text[3:]
    try:
        blocks = tuple(as_shown(tree.parse(text), text))
    except NestingError:
        return IssueText(is_unreadable=True)
    links = tuple(links_in(blocks, place or Place()))
    outline = sections_of(tuple(_with_bold_headings(blocks)), SourceText("", text.split("\n")))
    sections = tuple(_section(outline[start : head.stop], links) for start, head in enumerate(outline))
    return IssueText(sections, links, tuple(_tasks(blocks, outline)), _says_agent(blocks), tuple(_prose(blocks)))


# Sections


_KNOWN = frozenset(vocabulary.ISSUE_SECTIONS.values()) | frozenset(vocabulary.SECTIONS.values())
_JOINT = re.compile(r"\s(?:and|or)\s|\s?[/&+,]\s?")
_TITLE_END = re.compile(r"\s[-–—|]\s|:(?:\s|\Z)")
_LONGEST_TITLE = 200


def section_names(title: str) -> tuple[str, ...]:
    """Return the canonical names of a section of an issue: one, or several for a title that joins known names.

    "TL;DR / Summary" is one name, "Hypothesis or Goal" two (task-logbook's template); an unknown title is its slug.
    """
    title = title[:_LONGEST_TITLE]
    bare = _bare_title(title)
    for written in dict.fromkeys((title, bare)):
        parts = tuple(dict.fromkeys(map(_name, _JOINT.split(written))))
        if _KNOWN.issuperset(parts):
            return parts
    return (_name(title),)


_SHORTCODE = re.compile(r":[a-z0-9_+-]{2,40}:")
_COUNTED = re.compile(
    r"\s*(?:(?:part|section|step|§)\s?\d{1,2}|[IVX]{1,5}[.):]|[A-Z][.)]|\(?\d{1,2}[.):-]?\)?)\s*[-–—:.]?\s+",
    re.IGNORECASE,
)
_OF_A_DAY = r"(?:\b(?:as (?:of|at)|(?:last )?update[ds]?(?: on)?|dated?|status|from|on|of)\b[:\s]*)*"
_BESIDE_DATE = " ,;:()[]|–—-·/"


def _bare_title(title: str) -> str:
    """Return a title without symbols, a number in front, and a date wherever it stands: "3. 2026-05-27 TL;DR 🎯"."""
    bare = vocabulary.ICONS.sub("", _SHORTCODE.sub(" ", title).replace("\ufe0f\u20e3", ".").strip())
    if when := dates.first(bare):
        before, _, after = bare.partition(when.written)
        before = re.sub(rf"{_OF_A_DAY}[\s(\[]*\Z", "", before.rstrip(" (["), flags=re.IGNORECASE)
        kept = (part.strip(_BESIDE_DATE) for part in (before, after))
        bare = " ".join(filter(None, kept)) or bare
    return _COUNTED.sub("", bare, count=1).strip() or bare


def _name(title: str) -> str:
    bare = vocabulary.without_asides(title)
    starts = (bare, _TITLE_END.split(bare, maxsplit=1)[0])
    known = (vocabulary.ISSUE_SECTIONS.get(vocabulary.slug(start)) for start in starts)
    name = next(filter(None, known), None) or vocabulary.section_name(title)
    # "Executive summary of the proposal" is a summary of something else.
    is_goer = name == "tldr" and vocabulary.slug(starts[1]) not in {*vocabulary.SECTIONS, *vocabulary.ISSUE_SECTIONS}
    return vocabulary.slug(title) if is_goer else name


def _with_bold_headings(blocks: Iterable[Block]) -> Iterator[Block]:
    """Make a heading of each bold line that a paragraph has in a heading's place."""
    for block in blocks:
        if block.kind is BlockKind.PARAGRAPH and (labelled := _labelled(block)):
            yield from labelled
            continue
        if block.kind is not BlockKind.PARAGRAPH or not any(run.style & (STRONG | EMPHASIS) for run in block.runs):
            yield block
            continue
        kept: list[InlineRun] = []
        for is_break, runs in groupby(block.runs, key=lambda run: run.text == "\n"):
            line = list(runs)
            heading = None if is_break else _bold_heading(line)
            if heading:
                yield from _paragraph_of(block, kept)
                title, kept = heading
                place = line[0].line
                yield Block(BlockKind.HEADING, place, place, block.column, BOLD, text=title)
            else:
                kept += line
        yield from _paragraph_of(block, kept)


def _paragraph_of(paragraph: Block, runs: Sequence[InlineRun]) -> Iterator[Block]:
    """Yield a part of a paragraph, unless it shows nothing; without the line ends around it."""
    shown = [index for index, run in enumerate(runs) if run.text != "\n"]
    runs = runs[shown[0] : shown[-1] + 1] if shown else ()
    if any(run.text.strip() or run.url for run in runs):
        first, last = runs[0].line, runs[-1].line
        yield paragraph._replace(line=first, end_line=last, runs=tuple(runs), text=plain(runs).strip())


_LABELS = frozenset({"tldr", "conclusion"})
"""What a plain label at the start of a paragraph may name: other words before a colon are parts of sentences."""
_PLAIN_LABEL = re.compile(r"(?P<title>[^:：\n]{3,40}?)\s?(?:[:：]|\s[–—])\s+(?=\S)")


def _labelled(paragraph: Block) -> Iterator[Block] | None:
    """Return a heading and what follows, for a paragraph that begins with a plain label: "TL;DR: wider is better"."""
    first = paragraph.runs[0] if paragraph.runs else None
    label = _PLAIN_LABEL.match(first.text) if first and not first.style and not first.url else None
    if first is None or label is None or not _LABELS.issuperset(section_names(label["title"])):
        return None
    head = Block(BlockKind.HEADING, first.line, first.line, paragraph.column, LABEL, text=label["title"])
    runs = (first._replace(text=first.text[label.end() :]), *paragraph.runs[1:])
    return iter((head, *_paragraph_of(paragraph, runs)))


_WHOLE = re.compile(r"(?P<title>[^:：\n]{2,60}?)(?:\s?[:：]\s+|\s[—–-]\s)(?P<rest>\S.*)", re.DOTALL)
_AFTER_TITLE = re.compile(r"\s*+(?:[:–—]|-\s)\s*+")


def _bold_heading(line: Sequence[InlineRun]) -> tuple[str, list[InlineRun]] | None:
    """Return the title and what follows it, for a line that begins with a known name in bold, and maybe a colon."""
    marked = STRONG if any(run.style & STRONG for run in line) else EMPHASIS
    start = next((i for i, run in enumerate(line) if run.style & marked), len(line))
    stop = next((i for i in range(start, len(line)) if not line[i].style & marked), len(line))
    is_first = all(
        run.style & HTML or not run.text.strip() or vocabulary.ICONS.fullmatch(run.text) for run in line[:start]
    )
    if not is_first or start == stop:
        return None
    title, after = plain(line[start:stop]).strip(), list(line[stop:])
    whole = _WHOLE.match(title)
    if whole and _KNOWN.issuperset(section_names(whole["title"])):
        return whole["title"], [line[start]._replace(text=whole["rest"]), *after]
    if marked == EMPHASIS and not (title.endswith(":") or (after and after[0].text.lstrip().startswith((":", "：")))):
        return None
    if not title.endswith(":") and plain(after, struck=True).strip():
        separator = _AFTER_TITLE.match(after[0].text)
        if not separator:
            return None
        after[0] = after[0]._replace(text=after[0].text[separator.end() :])
    is_known = len(title) <= _LONGEST_TITLE and _KNOWN.issuperset(section_names(title))
    return (title.rstrip(": "), after) if is_known else None


def _section(parts: Sequence[Section], links: tuple[IssueLink, ...]) -> IssueSection:
    """Return the section of the first of `parts`; the others are below it."""
    first = parts[0]
    if first.level == LABEL:
        first = replace(first, blocks=first.blocks[:1], end_line=first.blocks[0].end_line)
        parts = (first,)
    blocks = [block for part in _own(parts) for block in part.blocks]
    items = (item for block in blocks if block.kind is BlockKind.LIST for item in block.blocks if _has_content(item))
    texts = [first.text, *(f"{part.title}\n{part.text}" for part in parts[1:])]
    title = first.title.rstrip(": ")
    start = bisect_left(links, first.span.line, key=attrgetter("line"))
    links = links[start : bisect_right(links, first.end_line, lo=start, key=attrgetter("line"))]
    is_wordless = not any(map(_has_words, blocks))
    told = "\n".join(line for block in blocks for line in _told(block))
    is_empty = not any(map(_has_content, blocks))
    # A heading that goes on may hold all there is to say: "Conclusion: use block sparsity from width 1024 on".
    head, _, subtitle = title.partition(": ")
    if is_empty and len(subtitle.split()) >= _LEAST_SUBTITLE and has_content(subtitle, head):
        is_empty = is_wordless = False
        told, texts = subtitle, [subtitle]
    return IssueSection(
        title=title,
        names=section_names(title) if first.name else (),
        level=first.level,
        line=first.span.line,
        end_line=first.end_line,
        text="\n".join(texts).strip(),
        is_empty=is_empty,
        is_wordless=is_wordless,
        items=tuple(text for item in items if has_content(text := " ".join(text_of(item).split()), title)),
        links=links,
        placeholders=tuple(line for block in first.blocks for line in _placeholders(block)),
        has_content=not is_wordless and (has_content(told, head) or any(map(_names_a_text, links))),
    )


_APART = frozenset({"tldr", "conclusion", "next-steps", "decision-log", "negative-results", "links", "close-out"})


def _own(parts: Sequence[Section]) -> Iterator[Section]:
    """Yield the first of `parts` and those below that are not sections of the thread themselves, as below a title."""
    own, below = section_names(parts[0].title), 0
    for part in parts:
        if below and part.level > below:
            continue
        names = section_names(part.title.rstrip(": ")) if part is not parts[0] and part.name else ()
        below = 0 if _APART.isdisjoint(names) or not set(names).isdisjoint(own) else part.level
        if not below:
            yield part


_LEAST_SUBTITLE = 4
"""Words of a heading, behind its name and a colon, that can be all of a section."""


def _told(block: Block) -> Iterator[str]:
    """Yield the lines that a block tells a reader; a table's header is a heading."""
    if block.blocks:
        for part in block.blocks[1:] if block.kind is BlockKind.TABLE else block.blocks:
            yield from _told(part)
    elif block.kind is BlockKind.HTML:
        yield without_tags(_FOLD.sub(" ", visible_html(block.literal)))
    else:
        yield text_of(block)


def _names_a_text(link: IssueLink) -> bool:
    """Return whether a link says what is read behind it: "the report" does, "here" and a bare address do not."""
    is_own = link.kind is LinkKind.LOGBOOK or (link.is_snapshot and link.kind is not LinkKind.FILE)
    words = {*re.findall(r"[^\W\d_]{2,}", link.text.casefold())} - {"http", "https"}
    says_what = not words <= vocabulary.CONTENTLESS or not words.isdisjoint(vocabulary.LINKED_TEXTS)
    says_what = says_what or (link.kind is LinkKind.FILE and not words <= {"here", "link", "see", "this"})
    return link.is_link and bool(words) and says_what and not is_own and "://" not in link.text


# Content


_MEDIA = re.compile(r"<(?:img|video|audio|picture|svg|table)\b", re.IGNORECASE)
_FOLD = re.compile(r"<summary[^<>]{0,200}>[^<]{0,400}</summary>", re.IGNORECASE)


def _has_content(block: Block) -> bool:
    """Return whether a block holds more than placeholders; a table's header alone is one."""
    if block.blocks:
        return any(map(_has_content, block.blocks[1:] if block.kind is BlockKind.TABLE else block.blocks))
    if block.kind is BlockKind.HTML:
        html = visible_html(block.literal)
        return bool(_MEDIA.search(html)) or not _are_placeholders(without_tags(_FOLD.sub(" ", html)))
    text = block.literal or plain(run for run in block.runs if not run.url)
    return any(map(_shows_something, block.runs)) or not _are_placeholders(text)


def _has_words(block: Block) -> bool:
    """Return whether a block holds more than placeholders to read, or a link to follow."""
    if block.blocks:
        return any(map(_has_words, block.blocks[1:] if block.kind is BlockKind.TABLE else block.blocks))
    if block.kind is BlockKind.HTML:
        return not _are_placeholders(without_tags(_FOLD.sub(" ", visible_html(block.literal))))
    seen = [run for run in block.runs if not run.style & ASIDE]
    is_linked = any(run.text.strip() and not run.style & HTML and _shows_something(run) for run in seen)
    return is_linked or not _are_placeholders(block.literal or plain(run for run in seen if not run.url))


def _shows_something(run: InlineRun) -> bool:
    """Return whether a run is something to see or to follow whatever its text; "[report](link)" is not."""
    if run.style & HTML:
        return _MEDIA.match(run.text) is not None
    return bool(run.url) and not run.style & STRUCK and not _is_placeholder(run.url)


def _are_placeholders(text: str) -> bool:
    return all(map(_is_placeholder, text.split("\n")))


_LONGEST_PLACEHOLDER = 200
_AROUND = " \t\xa0_*~`\"'“”‘’()[]{}<>.…:;,!?-–—=|#/\\\u200b\ufeff"
_LABEL = re.compile(r"[^:\n]{1,48}:(?:\s|\Z)")
_TO_FILL_IN = re.compile(
    r"links?|url|x{3,9}|(?:insert|add|paste) (?:\w{1,20} ){0,4}(?:link|url|here|text)", re.IGNORECASE
)
"""What a template writes where somebody is to put something in."""
_AWAITED = re.compile(
    r"\s*[(:;,.–—-]| (?:the|final|more|further|results?|runs?|review|until|on|completion)\b", re.IGNORECASE
)


def _is_placeholder(line: str) -> bool:
    """Return whether a line stands for text that is still to come, maybe after a label: "W&B report: (link)"."""
    line = line.strip()
    if len(line) > _LONGEST_PLACEHOLDER:
        return False
    label = _LABEL.match(line)
    return _is_to_come(line) or (label is not None and _is_to_come(line[label.end() :]))


def _is_to_come(text: str) -> bool:
    core = text.strip(_AROUND)
    if is_placeholder(core) or _TO_FILL_IN.fullmatch(core):
        return True
    phrase = pending_phrase(core)
    return phrase is not None and bool(
        phrase["note"] or (phrase["noun"] and is_pending(core) and _AWAITED.match(core, phrase.end()))
    )


def _placeholders(block: Block) -> Iterator[str]:
    """Yield the lines that say that something is still to be written: "Pending.", "W&B: to be filled in"."""
    if block.kind in {*_NOT_SAID, BlockKind.HTML}:
        return
    for part in block.blocks:
        yield from _placeholders(part)
    for line in () if block.blocks else map(str.strip, block.text.split("\n")):
        label = _LABEL.match(line)
        if len(line) <= _LONGEST_PLACEHOLDER and (
            _asks_for_text(line) or (label is not None and _asks_for_text(line[label.end() :]))
        ):
            yield line


def _asks_for_text(text: str) -> bool:
    core = text.strip(_AROUND)
    phrase = pending_phrase(core)
    if phrase is None or is_placeholder(core):
        return phrase is not None
    asked = core[phrase.end() :].lstrip("*_` ")
    is_template = (phrase["note"] or phrase["noun"] or phrase["future"]) and asked.startswith((":", "："))
    return bool(is_template) and is_pending(core) and not (says_none(asked[1:]) or says_not_applicable(asked[1:]))


# Prose


_NOT_SAID = (BlockKind.QUOTE, BlockKind.CODE)
"""What the author of a text does not say in it."""


def _prose(blocks: Iterable[Block]) -> Iterator[Line]:
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            yield Line(block.text, is_title=True)
        elif block.kind not in _NOT_SAID and block.blocks:
            yield from _prose(block.blocks)
        elif block.kind not in {*_NOT_SAID, BlockKind.HTML}:
            for line in filter(str.strip, block.text.split("\n")):
                is_title = _is_placeholder(line)
                if not is_title or line.rstrip(" *_").endswith(":"):
                    yield Line(line, is_title)


# Task-list items


_BOXES = " xX"
"""What GitHub takes in a box; `- [1] a paper` is an item of a plain list."""
_ASIDE_NOT_APPLICABLE = re.compile(
    r"\((?:n/a|not applicable)\b[^()]{0,200}\)|[:–—-]\s?(?:n/a|not applicable)[\s.]*\Z", re.IGNORECASE
)


def _tasks(blocks: Iterable[Block], outline: Sequence[Section]) -> Iterator[Task]:
    lines = [section.span.line for section in outline]
    paths: list[tuple[str, ...]] = []
    """For each section the canonical names of those it is in, and its own."""
    above: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for section in outline:
        while above[-1][0] >= section.level:
            above.pop()
        own = section_names(section.title.rstrip(": ")) if section.name else ()
        paths.append((*above[-1][1], *own))
        above.append((section.level, paths[-1]))
    for item in tree.walk(blocks):
        if item.kind is BlockKind.ITEM and item.checked and item.checked in _BOXES and item.blocks:
            runs = item.blocks[0].runs
            text, kept = " ".join(plain(runs, struck=True).split()), plain(runs)
            before = bisect_right(lines, item.line)
            if text:
                yield Task(
                    line=item.line,
                    text=text,
                    is_ticked=item.checked in {"x", "X"},
                    is_struck=_is_struck(runs),
                    is_not_applicable=says_not_applicable(kept) or _ASIDE_NOT_APPLICABLE.search(kept) is not None,
                    under=paths[before - 1] if before else (),
                )


_BEFORE_REASON = ("", *"(—–-:")


def _is_struck(runs: Sequence[InlineRun]) -> bool:
    """Return whether all of an item is struck out but a reason."""
    first = next((run for run in runs if run.text.strip() and not run.style & HTML), None)
    return bool(first and first.style & STRUCK) and plain(runs).strip()[:1] in _BEFORE_REASON


# What it says of itself


_ROBOT = "🤖"
_MAILS = (
    r"noreply@(?:anthropic|openai)\.com|cursoragent@cursor\.com|amp@ampcode\.com|openhands@all-hands\.dev|"
    r"(?:noreply|aider)@aider\.chat|(?:\d{1,12}\+)?copilot@users\.noreply\.github\.com|"
    r"(?:\d{1,12}\+)?(?:claude|codex|copilot-swe-agent|devin-ai-integration|google-labs-jules|gemini-code-assist|cursor)"
    r"\[bot\]@users\.noreply\.github\.com"
)
_AGENTS = (
    r"claude|codex|copilot|cursor|devin|jules|gemini|aider|amp|openhands|opencode|"
    r"(?:anthropic|openai|github|google)(?:['’]s)? (?:claude|codex|copilot|gemini|jules)"
)
_SIGNED = re.compile(
    rf"co-authored-by:\s{{0,5}}[^<>@]{{1,80}}[\s<](?:{_MAILS})>?|"
    rf"(?:{_ROBOT}\s?)?generated (?:with|by|using) (?:{_AGENTS})(?: (?:code|cli|agent))?(?:\s?\([^()]{{0,80}}\))?\.?",
    re.IGNORECASE,
)
_OPENING = re.compile(r"agent-driven experiment issue\b", re.IGNORECASE)


_UNSEEN = " \t\n\xa0\u200b\ufeff"


def _says_agent(blocks: Sequence[Block]) -> bool:
    """Return whether a text says that an agent wrote it.

    It does by 🤖 as the first thing to be seen, by an opening "Agent-driven experiment issue", or by a line of its
    own: a co-author whose address is an agent's, or "Generated with" and an agent's name and no more. Prose about
    agents, quotations and code say nothing.
    """
    first = next(filter(None, map(_seen, blocks)), "")
    lines = (line for block in blocks if block.kind is BlockKind.PARAGRAPH for line in block.text.split("\n"))
    return (
        first.startswith(_ROBOT)
        or _OPENING.match(first) is not None
        or any(len(line) <= _LONGEST_PLACEHOLDER and _SIGNED.fullmatch(line.strip()) for line in lines)
    )


def _seen(block: Block) -> str:
    """Return what is seen of a block; of a quotation, of code or of a picture only that it is there."""
    if block.kind in _NOT_SAID:
        return "“"
    text = without_tags(visible_html(block.literal)) if block.kind is BlockKind.HTML else text_of(block)
    is_picture = _MEDIA.search(block.literal) or any(map(_shows_something, block.runs))
    return text.strip(_UNSEEN) or ("“" if is_picture else "")
