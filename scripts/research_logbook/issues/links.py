"""What an issue's text points at: links, bare paths, `#N` and commits, each with its kind as far as the text tells."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from research_logbook import patterns
from research_logbook.markdown.tree import CODE, HTML, STRUCK, Block, BlockKind, InlineRun, walk

_LONGEST = 4_000
"""Characters of an address that are read."""


class LinkKind(StrEnum):
    """What a link leads to."""

    LOGBOOK = "logbook"
    FILE = "file"
    BRANCH = "branch"
    TAG = "tag"
    COMMIT = "commit"
    PULL_REQUEST = "pull-request"
    ISSUE = "issue"
    NUMBER = "number"
    """`#N`, which may be an issue or a pull request: only GitHub knows."""
    WANDB_RUN = "wandb-run"
    WANDB_REPORT = "wandb-report"
    WANDB = "wandb"
    """Something else at W&B: a project, a group, a workspace."""
    OTHER = "other"


class Pin(StrEnum):
    """What a link's `ref` is, by its form; GitHub may know a branch by the same name."""

    NONE = "none"
    BRANCH = "branch"
    """A branch, or a tag that is no snapshot: it may move."""
    ABBREVIATED = "abbreviated"
    """7 to 39 hexadecimal digits."""
    COMMIT = "commit"
    """40 hexadecimal digits."""
    TAG = "tag"
    """`snapshot/<topic>/<experiment ID>`, or a tag by its address."""


class IssueLink(NamedTuple):
    """Something that a text points at; empty where the text does not say."""

    kind: LinkKind
    host: str = ""
    repository: str = ""
    """`owner/name`; empty for the issue's own."""
    ref: str = ""
    """The branch, tag or commit. A name with slashes ends where a logbook's path begins, else where `tail` says."""
    pin: Pin = Pin.NONE
    path: str = ""
    """In the repository, or at W&B: `entity/project/runs/ID`."""
    number: int | None = None
    tail: str = ""
    """What follows `blob/` or `tree/`, for a caller who knows the names of the branches.

    Without that, the first part of what follows `blob/` is taken for the branch, and all of what follows `tree/`.
    """
    line: int = 0
    """In the text, counted from 1."""
    text: str = ""
    url: str = ""
    """As it was written; empty for a bare path, `#N` or commit."""
    is_link: bool = True
    """Whether a reader on GitHub can follow it: code and bare paths lead nowhere."""

    @property
    def is_snapshot(self) -> bool:
        """Whether its `ref` is the name of a snapshot's tag."""
        return self.pin is Pin.TAG and self.ref.startswith("snapshot/")


class Place(NamedTuple):
    """Where a text stands: the host of its GitHub, and the patterns of the paths that are logbooks."""

    host: str = "github.com"
    logbooks: tuple[str, ...] = (".agents/logbooks/*.md",)

    def is_logbook(self, path: str) -> bool:
        """Return whether the path is a logbook's."""
        return patterns.matches(path, self.logbooks)


def links_in(blocks: Iterable[Block], place: Place) -> Iterator[IssueLink]:
    """Yield what `blocks` point at, in document order.

    Blocks of code, HTML comments and what is struck out point at nothing. A link's text is not searched.
    """
    for leaf in walk(blocks):
        if leaf.kind is BlockKind.HTML:
            for line, row in enumerate(visible_html(leaf.literal).split("\n"), leaf.line):
                yield from _in_tags(row, line, place)
                yield from _in_text(without_tags(row), line, place, is_code=False)
            continue
        for _, group in groupby((run for run in leaf.runs if not run.style & STRUCK), key=_stretch):
            runs = list(group)
            first, text = runs[0], "".join([run.text for run in runs])
            if first.url:
                yield _target(first.url, place)._replace(line=first.line, text=text, url=first.url)
            elif first.style & HTML:
                yield from _in_tags(text, first.line, place)
            else:
                yield from _in_text(text, first.line, place, is_code=bool(first.style & CODE))


def _stretch(run: InlineRun) -> tuple[str, int, int]:
    """Return what runs have in common that are read as one: a link's address, or line and style."""
    return (run.url, 0, 0) if run.url else ("", run.line, run.style & (CODE | HTML))


_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:-->|\Z))", re.DOTALL)
_TAG = re.compile(r"<[^<>]{1,2000}>")
_RAW = ("<pre", "<script", "<style", "<textarea")
_ADDRESS = re.compile(r"\b(?:href|src)\s{0,9}=\s{0,9}[\"']([^\"'<>]{1,2000})[\"']", re.IGNORECASE)


def visible_html(literal: str) -> str:
    """Return a block of HTML without its comments, line for line; nothing for one that holds code or no text."""
    if literal.lstrip()[:9].casefold().startswith(_RAW):
        return ""
    return _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), literal)


def without_tags(html: str) -> str:
    """Return the text between the tags."""
    return _TAG.sub(" ", html)


def _in_tags(html: str, line: int, place: Place) -> Iterator[IssueLink]:
    for tag in _TAG.finditer(_COMMENT.sub("", html)):
        if match := _ADDRESS.search(tag[0]):
            yield _target(match[1], place)._replace(line=line, url=match[1])


# Every part is bounded and none begins inside of another: the time is linear whatever the text.
_NAME = r"[A-Za-z0-9_.+-]{1,200}+"
_NAMED = re.compile(
    rf"""(?P<url>https?://[^\s<>"'`\\]{{1,{_LONGEST}}}+)|
    (?<![\w./#&@+-])(?:
        (?P<numbered>{_NAME}/{_NAME})?+\#(?P<number>[1-9]\d{{0,8}}+)(?!\w)|
        (?:(?P<committed>{_NAME}/{_NAME})@)?+(?P<commit>[0-9A-Fa-f]{{40}}(?:[0-9A-Fa-f]{{24}})?+)(?![\w-])|
        (?P<path>{_NAME}(?:/{_NAME}){{1,20}}+)
    )""",
    re.VERBOSE,
)


def _in_text(text: str, line: int, place: Place, *, is_code: bool) -> Iterator[IssueLink]:
    """Yield what a text without links points at by name; `#N` in code is code."""
    for match in _NAMED.finditer(text):
        url, path = (match["url"] or "").rstrip(".,;:!?)]}*_"), (match["path"] or "").rstrip(".")
        if url:
            yield _target(url, place)._replace(line=line, text=url, url=url, is_link=False)
        elif match["number"] and not is_code:
            number, repository = int(match["number"]), match["numbered"] or ""
            yield IssueLink(LinkKind.NUMBER, repository=repository, number=number, line=line, text=match[0])
        elif match["commit"]:
            ref, pin = _pinned(match["commit"])
            found = IssueLink(LinkKind.COMMIT, repository=match["committed"] or "", ref=ref, pin=pin)
            yield found._replace(line=line, text=match[0], is_link=not is_code)
        elif path and (named := _bare_path(path, place)):
            yield named._replace(line=line, text=path, is_link=False)


_UP = re.compile(r"^(?:\.{0,2}/)+")


def _bare_path(written: str, place: Place) -> IssueLink | None:
    """Return what a path in a text leads to: a snapshot's tag, a logbook, a document; None for any other."""
    path = _UP.sub("", written)
    if place.is_logbook(path):
        return IssueLink(LinkKind.LOGBOOK, path=path)
    if path.startswith(f"{place.host}/"):
        return _target(f"https://{path}", place)
    if path.startswith("snapshot/") and path.count("/") == 2:
        return IssueLink(LinkKind.TAG, ref=path, pin=Pin.TAG)
    return IssueLink(LinkKind.FILE, path=path) if path.endswith(".md") else None


def _target(url: str, place: Place) -> IssueLink:
    try:
        parts = urlsplit(url[:_LONGEST].strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return IssueLink(LinkKind.OTHER)
    if parts.scheme and parts.scheme not in {"http", "https"}:
        return IssueLink(LinkKind.OTHER)
    if not host:
        return _relative(unquote(parts.path), place)
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if host == "raw.githubusercontent.com" and place.host == "github.com":
        steps.insert(2, "raw")
    elif host != place.host.casefold():
        return _elsewhere(steps, host)
    return _on_github(steps, place)._replace(host=host)


def _elsewhere(steps: list[str], host: str) -> IssueLink:
    """Return what an address that is not of the issue's GitHub leads to; W&B's are known."""
    if host != "wandb.ai" and not host.endswith((".wandb.ai", ".wandb.io")):
        return IssueLink(LinkKind.OTHER, host)
    kind = LinkKind.WANDB
    if steps[2:3] == ["runs"] and len(steps) > 3:
        kind = LinkKind.WANDB_RUN
    elif "reports" in steps or steps[:1] == ["links"]:
        kind = LinkKind.WANDB_REPORT
    return IssueLink(kind, host, path="/".join(steps))


def _relative(written: str, place: Place) -> IssueLink:
    """Return where an address without a host leads, from an issue's page or as its writer meant it."""
    path = _UP.sub("", written)
    steps = [step for step in path.split("/") if step]
    if place.is_logbook(path):
        return IssueLink(LinkKind.LOGBOOK, path=path)
    inside = _in_repository(steps, place)
    if inside.kind is LinkKind.OTHER and written.startswith("/"):
        return _on_github(steps, place)
    is_document = inside.kind is LinkKind.OTHER and path.endswith(".md")
    return IssueLink(LinkKind.FILE, path=path) if is_document else inside


def _on_github(steps: list[str], place: Place) -> IssueLink:
    repository = "/".join(steps[:2]) if len(steps) > 1 else ""
    return _in_repository(steps[2:], place)._replace(repository=repository)


_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def _in_repository(steps: list[str], place: Place) -> IssueLink:
    """Return what stands at an address inside of a repository."""
    match steps:
        case ["blob" | "raw" | "blame" | "edit" | "tree" | "commits" as view, _, *_]:
            return _at_ref(view, steps[1:], place)
        case ["commit", ref, *_]:
            return IssueLink(LinkKind.COMMIT, "", "", *_pinned(ref))
        case ["pull", number, "commits", ref] if _NUMBER.fullmatch(number):
            return IssueLink(LinkKind.COMMIT, "", "", *_pinned(ref), number=int(number))
        case ["pull" | "issues" as view, number, *_] if _NUMBER.fullmatch(number):
            return IssueLink(LinkKind.ISSUE if view == "issues" else LinkKind.PULL_REQUEST, number=int(number))
        case ["releases", "tag", _, *_]:
            return IssueLink(LinkKind.TAG, ref="/".join(steps[2:]), pin=Pin.TAG)
    return IssueLink(LinkKind.OTHER)


_HEX = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)
_MOST_PARTS = 30
"""Parts of an address among which the end of a branch's name is looked for."""


def _at_ref(view: str, steps: list[str], place: Place) -> IssueLink:
    """Return what a page of a file, a folder or the commits shows: a branch, tag or commit, and a path in it."""
    tail, named = "/".join(steps), None
    if steps[0] == "refs" and len(steps) > 2 and steps[1] in {"heads", "tags"}:
        named = Pin.BRANCH if steps[1] == "heads" else Pin.TAG
        steps = steps[2:]
    if steps[0] == "snapshot" and len(steps) > 2:
        cut = 3
    elif _HEX.fullmatch(steps[0]):
        cut = 1
    else:
        cuts = range(1, min(len(steps), _MOST_PARTS))
        before_logbook = (cut for cut in cuts if place.is_logbook("/".join(steps[cut:])))
        cut = next(before_logbook, len(steps) if view in {"tree", "commits"} else 1)
    ref, pin = _pinned("/".join(steps[:cut]))
    path = "/".join(steps[cut:])
    if path:
        kind = LinkKind.LOGBOOK if place.is_logbook(path) else LinkKind.FILE
    else:
        kind = {Pin.BRANCH: LinkKind.BRANCH, Pin.TAG: LinkKind.TAG}.get(pin, LinkKind.COMMIT)
    return IssueLink(kind, "", "", ref, named or pin, path, tail=tail)


def _pinned(ref: str) -> tuple[str, Pin]:
    if _HEX.fullmatch(ref):
        return ref.lower(), Pin.COMMIT if len(ref) in {40, 64} else Pin.ABBREVIATED
    is_snapshot = ref.startswith("snapshot/") and ref.count("/") == 2
    return ref, Pin.TAG if is_snapshot else Pin.BRANCH
