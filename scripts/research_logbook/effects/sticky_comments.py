"""Sticky comments: which comment of an issue is ours, and what has to change so that one remains and says the newest.

The first line of such a comment is its marker, which no reader sees. It names the comment and the workflow run
that wrote it, so that a run that finishes late does not overwrite what a newer one said.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self
from urllib.parse import quote, unquote

from research_logbook.effects import UpsertComment
from research_logbook.github.models import Comment, same_login

LONGEST = 65_536
"""Characters that a comment holds, as GitHub's refusal counts them (it takes more of the shorter ones)."""

_MARKER = re.compile(r"<!-- logbook:(?P<name>\S+) run=(?P<id>[0-9]{1,18})\.(?P<attempt>[0-9]{1,9}) -->")
_RUN = re.compile(r"[0-9]{1,18}\.[0-9]{1,9}")


class RunId(NamedTuple):
    """A workflow run, in the order in which GitHub starts them; zeroes outside of Actions."""

    id: int = 0
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """What writes a comment: the workflow run and the address of its job summary, both empty on a laptop."""

    run: RunId = RunId()  # noqa: RUF009 - frozen
    summary_url: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Return the workflow run that the environment describes.

        Source: GitHub's documentation, "Default environment variables".
        """
        run, attempt = environment.get("GITHUB_RUN_ID", ""), environment.get("GITHUB_RUN_ATTEMPT", "") or "1"
        if environment.get("GITHUB_ACTIONS") != "true" or not _RUN.fullmatch(f"{run}.{attempt}"):
            return cls()
        server = environment.get("GITHUB_SERVER_URL", "https://github.com")
        page = f"{server}/{environment.get('GITHUB_REPOSITORY', '')}/actions/runs/{run}/attempts/{attempt}"
        return cls(RunId(int(run), int(attempt)), page)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What must happen so that one comment of a name remains and says the newest."""

    oldest: Comment | None
    """The comment that remains; None where there is none yet."""
    text: str | None
    """What it has to say; None when it says so already."""
    surplus: tuple[Comment, ...] = ()
    """Others of that name, left by runs that raced."""
    is_late: bool = False
    """Whether a newer run has commented already, so that this one's text is not wanted."""

    @property
    def is_reached(self) -> bool:
        """Whether nothing is left to do."""
        return self.text is None and not self.surplus


def reconcile(wanted: UpsertComment, origin: Origin, comments: Iterable[Comment], login: str) -> Reconciliation:
    """Return what must happen for the comment `wanted`, among all comments of its issue.

    A comment counts when `login` wrote it and its first line is the marker. What was asked for on a laptop is
    always the newest. One that announces a snapshot is never made to announce another commit.
    """
    own = _own(wanted.kind, wanted.key, comments, login)
    text = comment_text(wanted, origin)
    if not own:
        return Reconciliation(None, text)
    (oldest, _), *others = own
    pinned = {announced_commit(comment.text) for comment, _ in own} - {"", announced_commit(wanted.body)}
    if pinned and announced_commit(wanted.body):
        # What was announced stays announced: a tag that was made anew elsewhere must not take the old one's place.
        return Reconciliation(oldest, None)
    newest, newest_run = max(own, key=lambda pair: pair[1])
    is_late = bool(origin.run.id) and origin.run < newest_run
    newest_text = newest.text if is_late else text
    # The others take what their markers tell with them, so then the marker counts too.
    is_said = oldest.text == newest_text if others else _below_marker(oldest.text) == _below_marker(newest_text)
    return Reconciliation(oldest, None if is_said else newest_text, tuple(comment for comment, _ in others), is_late)


def is_posted(kind: str, key: str, comments: Iterable[Comment], login: str) -> bool:
    """Return whether `login` has posted a comment of that kind and key, whatever it says."""
    return bool(_own(kind, key, comments, login))


def key_of(kind: str, comment: Comment) -> str | None:
    """Return the key of a comment of that kind, or of one that is made to look like one; None for any other."""
    mark = _marker_of(comment)
    found, _, key = mark["name"].partition(":") if mark else ("", "", "")
    return unquote(key, errors="surrogateescape") if mark and found == kind else None


_ANNOUNCED = re.compile(r"\*\*Snapshot\*\* [^\n]{1,2000}\bat commit [^\n]{1,2000}/commit/([0-9a-f]{40,64})\b")


def announced_commit(text: str) -> str:
    """Return the commit that the text of a snapshot's comment pins; empty where it pins none."""
    found = _ANNOUNCED.search(text)
    return found[1] if found else ""


def is_marked(comment: Comment) -> bool:
    """Return whether a comment is a sticky one, or is made to look like one; whose it is does not matter.

    What a report says of a thread is no evidence of anything, also when another login of ours wrote it.
    """
    return _marker_of(comment) is not None


def _own(kind: str, key: str, comments: Iterable[Comment], login: str) -> Sequence[tuple[Comment, RunId]]:
    """Return our comments of that kind and key, oldest first, each with the run that wrote it."""
    name = comment_name(kind, key)
    ours = ((comment, _marker_of(comment)) for comment in comments if same_login(comment.author, login))
    found = [(one, RunId(int(mark["id"]), int(mark["attempt"]))) for one, mark in ours if mark and mark["name"] == name]
    return sorted(found, key=lambda pair: pair[0].id)


def _marker_of(comment: Comment) -> re.Match[str] | None:
    return _MARKER.fullmatch(comment.text.partition("\n")[0].rstrip("\r"))


def _below_marker(text: str) -> str:
    """Return what a comment says below its marker, as GitHub keeps it."""
    return text.replace("\r\n", "\n").partition("\n")[2].rstrip()


def comment_name(kind: str, key: str) -> str:
    """Return the name of a comment in its marker: no such name can end an HTML comment, or be two words."""
    words = (quote(word, safe="/", errors="surrogatepass").replace("--", "-%2D") for word in (kind, key))
    return ":".join(words)


def comment_text(wanted: UpsertComment, origin: Origin) -> str:
    """Return the comment in full: its marker and its body, which is cut where it is too long."""
    marker = f"<!-- logbook:{comment_name(wanted.kind, wanted.key)} run={origin.run.id}.{origin.run.attempt} -->"
    # An HTML comment in the body would hide what follows, or pass for a marker.
    body = wanted.body.replace("<!--", "<! --").encode("utf-8", "replace").decode()
    text = f"{marker}\n{body}"
    if len(text) <= LONGEST:
        return text
    source = f"the [job summary]({origin.summary_url}) has" if origin.summary_url else "the same command prints"
    # The note stands on top: below, a table or a block of code that was cut would swallow it.
    top = f"{marker}\n_Too long for a comment, so the end is cut off: {source} all of it._\n\n"
    kept = body[: LONGEST - len(top)]
    return top + (kept[: kept.rfind("\n")] if "\n" in kept else kept)
