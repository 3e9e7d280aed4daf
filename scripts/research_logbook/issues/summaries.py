"""What a summary comment covers, in whatever form (research workflow, Epilogue: Seal 2)."""

import re
from collections.abc import Callable, Iterator

from research_logbook.issues import IssueText
from research_logbook.logbook import vocabulary

TOPICS = ("what worked", "what did not", "confidence", "limitations", "next steps")

_FAILED = re.compile(
    r"\b(?:did|does|do|is|was|were|has|have|could|would)(?:n['’]?t\b| not\b)(?: \w+){0,2}|\bfail\w*|\bdiverg\w*|"
    r"\bnegative\b|\bdead[ -]ends?\b|\bworse\b|\bslower\b|\bregress\w*|\bfalsified\b|\brefuted\b|\brejected\b|"
    r"\bno (?:\w+ )?(?:gain|effect|improvement|benefit|difference|advantage)s?\b|\bnothing (?:failed|went wrong)\b",
    re.IGNORECASE,
)
_OTHERS = {
    "what worked": r"\bwork(?:s|ed)?\b|\bhelp(?:s|ed)\b|\bimprov|\bgain|\bw(?:on|ins?)\b|\bfaster\b|\bsucce|\bbetter\b|"
    r"\bkeeps?\b|\bkept\b|\bconfirmed\b|\bsupported\b|\bh(?:olds?|eld)\b|\bpass(?:es|ed)?\b|\breached\b",
    "confidence": r"\bconfiden|\bexploratory\b|\breplicated\b",
    "limitations": r"\blimit(?:s|ed|ations?)?\b|\bcaveats?\b|\buntested\b|\bnot (?:been )?(?:tested|measured)\b|"
    r"\b(?:one|a single|single) (?:seed|run|shape|machine)\b|\bout of scope\b|\bdoes not (?:cover|generali[sz]e)\b",
    "next steps": r"\bnext\b|\bfollow[- ]?ups?\b|\bfuture work\b|\bremaining work\b|\bnothing (?:more|further)\b",
}
_TOPICS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _OTHERS.items()}
_LONGEST = 2_000
"""Characters of a line that are searched."""


def covered(content: IssueText) -> frozenset[str]:
    """Return the topics that a comment says something about: a heading or label with nothing below says nothing."""
    titles = (section.title for section in content.sections if not section.is_empty)
    said = (line.text for index, line in enumerate(content.lines) if not line.is_title or _is_followed(content, index))
    return frozenset(topic for text in (*titles, *said) for topic in _topics(text[:_LONGEST]))


def _is_followed(content: IssueText, index: int) -> bool:
    following = content.lines[index + 1 : index + 2]
    return bool(following) and not following[0].is_title


def _topics(text: str) -> Iterator[str]:
    """Yield what a line is about; "what did not work" is not about what worked."""
    rest, failures = _FAILED.subn(" ", text)
    if failures:
        yield "what did not"
    for topic, pattern in _TOPICS.items():
        if pattern.search(rest if topic == "what worked" else text):
            yield topic


_NEXT = re.compile(r"(?:ordered |further )?next(?: steps?| actions?)?\s*[:：]\s*(?P<rest>.*)", re.IGNORECASE)


def next_line(content: IssueText) -> str | None:
    """Return what stands behind a plain "Next steps:" of a line; None where there is no such line."""
    for line in content.lines:
        found = _NEXT.match(line.text.strip(" *_-"))
        if found:
            return found["rest"]
    return None


def naming(text: str) -> Callable[[str], bool]:
    """Return what tells whether `text` holds a name as a word of its own, or a long name however it is formatted."""
    folded, slug = text.casefold(), vocabulary.slug(text)

    def names(name: str) -> bool:
        plain = name.strip().casefold()
        if plain and plain in folded and re.search(rf"(?<![\w-]){re.escape(plain)}(?![\w-])", folded):
            return True
        bare = vocabulary.slug(plain)
        return len(bare) >= _LONG and bare in slug

    return names


_LONG = 20
"""Characters of a name that is a sentence rather than an ID."""


def is_part_of(body: str, number: int, repository: str) -> bool:
    """Return whether a pull request's description says that it is part of an issue of `repository`, or closes it."""
    pattern = (
        r"(?i)\b(?:part\s+of|close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+"
        rf"(?:{re.escape(repository)}#|#|https?://\S{{1,300}}/issues/){number}\b"
    )
    return re.search(pattern, body) is not None
