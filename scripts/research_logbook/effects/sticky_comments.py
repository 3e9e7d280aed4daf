"""Comments that are kept current: whose they are, what they must say, and which of several remains.

The first line of such a comment is its marker, which no reader sees. It names the comment and the workflow run
that wrote it, so that a run that finishes late does not overwrite what a newer one said.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from research_logbook.effects.plan import UpsertComment
from research_logbook.github.models import Comment, same_login

LONGEST = 65_536
"""Characters that a comment holds, as GitHub's refusal counts them (it takes more of the shorter ones)."""

_MARKER = re.compile(r"<!-- logbook:(?P<name>\S+) run=(?P<id>[0-9]{1,18})\.(?P<attempt>[0-9]{1,9}) -->")


class RunId(NamedTuple):
    """A workflow run, in the order in which GitHub starts them; zeroes outside of Actions."""

    id: int = 0
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """What writes a comment: the workflow run and the address of its job summary, both empty on a laptop."""

    run: RunId = RunId()  # noqa: RUF009 - frozen
    summary_url: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What must happen so that one comment of a name remains and says the newest."""

    oldest: Comment | None
    """The comment that remains; None where there is none yet."""
    text: str | None
    """What it has to say; None when it says so already."""
    surplus: tuple[Comment, ...] = ()
    """Others of that name, which lost a race."""
    is_late: bool = False
    """Whether a newer run has spoken already, so that this one's words are not wanted."""

    @property
    def is_reached(self) -> bool:
        """Whether nothing is left to do."""
        return self.text is None and not self.surplus


def settle(wanted: UpsertComment, origin: Origin, comments: Iterable[Comment], login: str) -> Settlement:
    """Return what must happen for the comment `wanted`, among all comments of its issue.

    A comment counts when `login` wrote it and its first line is the marker. What was asked for on a laptop is
    always the newest.
    """
    own = _own(name_of(wanted.kind, wanted.key), comments, login)
    text = text_of(wanted, origin)
    if not own:
        return Settlement(None, text)
    (oldest, _), *others = own
    newest, newest_run = max(own, key=lambda pair: pair[1])
    is_late = bool(origin.run.id) and origin.run < newest_run
    says = newest.body if is_late else text
    # With the others goes what their markers know, so then the marker counts too.
    is_said = oldest.body == says if others else _said(oldest.body) == _said(says)
    return Settlement(oldest, None if is_said else says, tuple(comment for comment, _ in others), is_late)


def is_there(kind: str, key: str, comments: Iterable[Comment], login: str) -> bool:
    """Return whether `login` has posted a comment of that kind and key."""
    return bool(_own(name_of(kind, key), comments, login))


def is_marked(comment: Comment) -> bool:
    """Return whether a comment is one that is kept current, or is made to look like one; whose it is does not matter.

    What a report says of a thread is no evidence of anything, also when another login of ours wrote it.
    """
    return _MARKER.fullmatch(_first_line(comment.body)) is not None


def _own(name: str, comments: Iterable[Comment], login: str) -> Sequence[tuple[Comment, RunId]]:
    """Return our comments of that name, oldest first, each with the run that wrote it."""
    ours = (comment for comment in comments if same_login(comment.author, login))
    marked = ((comment, _MARKER.fullmatch(_first_line(comment.body))) for comment in ours)
    found = [(comment, _run(mark)) for comment, mark in marked if mark and mark["name"] == name]
    return sorted(found, key=lambda pair: pair[0].id)


def _first_line(body: str) -> str:
    return body.partition("\n")[0].rstrip("\r")


def _run(mark: re.Match[str]) -> RunId:
    return RunId(int(mark["id"]), int(mark["attempt"]))


def _said(body: str) -> str:
    """Return what a comment says below its marker, as GitHub keeps it."""
    return body.replace("\r\n", "\n").partition("\n")[2].rstrip()


def name_of(kind: str, key: str) -> str:
    """Return the name of a comment as its marker has it: no such name can end an HTML comment, or be two words."""
    return f"{_safe(kind)}:{_safe(key)}"


def _safe(text: str) -> str:
    return quote(text, safe="/", errors="surrogatepass").replace("--", "-%2D")


def text_of(wanted: UpsertComment, origin: Origin) -> str:
    """Return the comment in full: its marker and its body, which is cut where it is too long."""
    marker = f"<!-- logbook:{name_of(wanted.kind, wanted.key)} run={origin.run.id}.{origin.run.attempt} -->"
    return _fitted(marker, _without_comments(wanted.body), origin.summary_url)


def _without_comments(body: str) -> str:
    """Return `body` with no HTML comment in it, which would hide what follows, or pass for a marker."""
    return body.replace("<!--", "<! --").encode("utf-8", "replace").decode()


def _fitted(marker: str, body: str, summary_url: str) -> str:
    text = f"{marker}\n{body}"
    if len(text) <= LONGEST:
        return text
    # The note stands on top: below, a table or a block of code that was cut would swallow it.
    top = f"{marker}\n{_note(summary_url)}\n\n"
    kept = body[: LONGEST - len(top)]
    return top + (kept[: kept.rfind("\n")] if "\n" in kept else kept)


def _note(summary_url: str) -> str:
    where = f"the [job summary]({summary_url}) has all of it" if summary_url else "the same command prints all of it"
    return f"_Too long for a comment, so the end is cut off: {where}._"
