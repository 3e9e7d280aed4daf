"""What an issue or a comment is, by what it says: an experiment's, an agent's, a final summary, a part of an issue.

What a final summary covers is the research workflow's (Epilogue: Seal 2), in whatever form it is written.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import zip_longest

from research_logbook import patterns
from research_logbook.github.models import TRUSTED
from research_logbook.issues import ExperimentIssue, IssueSection, IssueText
from research_logbook.logbook import vocabulary

LABEL, AGENT_LABEL = "experiment", "agent-generated"
"""The labels of an enrolled issue, and of one that an agent made."""


def is_enrolled(
    issue: ExperimentIssue, *, is_named: bool, agents: Collection[str], role_of: Callable[[str], str] | None = None
) -> bool:
    """Return whether the issue is an experiment's, so that something may be written on it.

    `is_named` is whether the header of a logbook on the default or a research branch names it as its issue; mentions
    elsewhere enrol nothing. `agents` are patterns of the logins that count as bots. `role_of` tells somebody's
    `Permission.role`, and is asked only where it alone decides; None where nobody can be asked.
    """
    if issue.is_pull_request:
        return False
    if is_named or issue.has_label(LABEL):
        return True
    if not says_experiment(issue):
        return False
    return is_agent(issue, agents) or bool(role_of and issue.author and role_of(issue.author) in TRUSTED)


def missing_labels(
    issue: ExperimentIssue, agents: Collection[str], not_put_back: Collection[str] = (), removed: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the labels that an enrolled issue lacks, except those that people `removed` (in lower case) for good."""
    wanted = (LABEL, AGENT_LABEL) if is_agent_made(issue, agents) else (LABEL,)
    freed = {name.casefold() for name in not_put_back}.intersection(removed)
    return tuple(name for name in wanted if not issue.has_label(name) and name not in freed)


def says_experiment(issue: ExperimentIssue) -> bool:
    """Return whether the title or the sections of the body say that the issue is an experiment's."""
    return is_experiment_title(issue.title) or is_experiment_outline(issue.content.sections)


_TITLE = re.compile(r"(?:\*\*|__)?(?:\[experiment\]|experiment\s?[:：])", re.IGNORECASE)


def is_experiment_title(title: str) -> bool:
    """Return whether a title begins with `Experiment:` or `[Experiment]`, an emoji before it aside."""
    start = title[:200].strip()
    return _TITLE.match(vocabulary.ICONS.sub("", start, count=1).lstrip() or start) is not None


_ANSWERS = frozenset({"results", "negative-results", "decision-log"})
_RECORD = frozenset({"links", "baseline", "tldr", "conclusion", "decision-log", "negative-results"})
_OF_REPORTS = re.compile(
    r"describe-|bug(?:-description|-report)?\Z|steps-to-|to-reproduce|repro\Z|reproduc|minimal-(?:repro|example)|"
    r"(?:expected|actual|observed|current)-behaviou?r|actual-results?\Z|stack-?trace|traceback|is-your-feature|"
    r"feature-request|user-stor"
)


def is_experiment_outline(sections: Iterable[IssueSection]) -> bool:
    """Return whether the sections are an experiment's.

    They are when there is a Hypothesis and something that answers it (Results, a decision log or a negative-results
    index), or a Goal with Results and one more section that experiments have (task-logbook's template). Sections
    of a bug report or of a feature request rule it out.
    """
    names = {name for section in sections for name in section.names}
    if any(_OF_REPORTS.match(name) for name in names):
        return False
    has_answer = "hypothesis" in names and not _ANSWERS.isdisjoint(names)
    return has_answer or ({"goal", "results"} <= names and not _RECORD.isdisjoint(names))


def is_agent_made(issue: ExperimentIssue, agents: Collection[str]) -> bool:
    """Return whether an agent made the issue: by its author, or because its body says so; comments do not count."""
    return is_agent(issue, agents) or issue.content.says_agent


def is_agent(issue: ExperimentIssue, agents: Collection[str]) -> bool:
    """Return whether the author is an app, or has a login that `agents` name; `*` stands for any characters."""
    # An app's login ends in `[bot]`, which would be one of three letters in a pattern of paths.
    logins = (pattern.casefold().replace("[", "[[]") for pattern in agents)
    return issue.is_bot or patterns.matches(issue.author.casefold(), logins)


# What a summary covers


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
    below = zip_longest(content.lines, content.lines[1:])
    said = (line.text for line, following in below if not line.is_title or (following and not following.is_title))
    return frozenset(topic for text in (*titles, *said) for topic in _topics(text[:_LONGEST]))


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
