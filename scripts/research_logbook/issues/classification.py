"""What an issue or a comment is, by what it says: an experiment's, an agent's, a final summary, a part of an issue.

What a final summary covers is the research workflow's (Epilogue: Seal 2), in whatever form it is written.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import zip_longest

from research_logbook import patterns
from research_logbook.github.models import TRUSTED
from research_logbook.issues import ExperimentIssue, IssueSection, IssueText, Line
from research_logbook.logbook import vocabulary
from research_logbook.logbook.queries import has_content, says_none, says_not_applicable

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
_OF_A_KIND = re.compile(r"(?:\*\*|__)?(?P<kind>(?:[A-Z0-9][\w./+-]{0,20} ){1,4})Experiment\s?[:：]")
_ABOUT_ONE = re.compile(
    r"(?i)\b(?:bug|fix\w*|broken|breaks?|crash\w*|error|fail\w*|wrong|missing|docs?|document\w*|feature|request|add|"
    r"remove|rename|update|support|revert|question|proposal|rfc|re|why|how|what|when|no|not|after|before|during|post|"
    r"close|closed|stop|delete|help)\b"
)


def is_experiment_title(title: str) -> bool:
    """Return whether a title begins with `Experiment:` or `[Experiment]`, an emoji before it aside.

    Some capitalised words may say of what kind it is: `Agent MoE Experiment: tiles`.
    """
    start = title[:200].strip()
    start = vocabulary.ICONS.sub("", start, count=1).lstrip() or start
    kind = _OF_A_KIND.match(start)
    return _TITLE.match(start) is not None or (kind is not None and _ABOUT_ONE.search(kind["kind"]) is None)


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
    index), or a Goal with Results and one more section that experiments have (task-logbook's template), or the record
    alone: a decision log, a negative-results index and a Conclusion. Sections of a bug report or of a feature request
    rule it out.
    """
    names = {name for section in sections for name in section.names}
    if any(_OF_REPORTS.match(name) for name in names):
        return False
    has_answer = "hypothesis" in names and not _ANSWERS.isdisjoint(names)
    is_record = {"decision-log", "negative-results", "conclusion"} <= names
    return has_answer or is_record or ({"goal", "results"} <= names and not _RECORD.isdisjoint(names))


def is_agent_made(issue: ExperimentIssue, agents: Collection[str]) -> bool:
    """Return whether an agent made the issue: by its author, or because its body says so; comments do not count."""
    return is_agent(issue, agents) or issue.content.says_agent


def is_agent(issue: ExperimentIssue, agents: Collection[str]) -> bool:
    """Return whether the author is an app, or has a login that `agents` name; `*` stands for any characters."""
    return issue.is_bot or is_agent_login(issue.author, agents)


def is_agent_login(login: str, agents: Collection[str]) -> bool:
    """Return whether a login is that of an app, or one that `agents` name."""
    # An app's login ends in `[bot]`, which would be one of three letters in a pattern of paths.
    logins = (pattern.casefold().replace("[", "[[]") for pattern in agents)
    return login.endswith("[bot]") or patterns.matches(login.casefold(), logins)


# What a summary covers


TOPICS = ("what worked", "what did not", "confidence", "limitations", "next steps")

_NOT_OF_RESULTS = re.compile(
    r"\b(?:would|could|should|might|may|must|shall|let['’]?s|hope\w*|want\w*|if|unless|to be)\b[^.;,\n]{0,80}|"
    r"\b(?:did|does|do|had|have|has|was|were|is|are|could|can|will)(?:n['’]?t| not| no| never)\b (?:\w+ ){0,3}?"
    r"(?:get (?:to|around|it)|have (?:the |any |enough )?time|time|start\w*|look\w*|tr(?:y|ied)|know\w*|plan\w*|"
    r"need\w*|sure|clear|yet|clos\w+|writ\w+|stale|done|ready|answer\w*|repl(?:y|ied)|heard?|touch\w*|updat\w+)"
    r"[^.;,\n]{0,80}|"
    r"\b(?:closing|closed|reopen\w*)\b[^.;,\n]{0,80}",
    re.IGNORECASE,
)
"""Clauses of wishes, and of what somebody did not come to: they tell nothing of an experiment."""
_FAILED = re.compile(
    r"\b(?:did|does|do|is|was|were|has|have|could|would)(?:n['’]?t\b| not\b)(?: \w+){0,2}|\bfail\w*|\bdiverg\w*|"
    r"\bnegative\b|\bdead[ -]ends?\b|\bworse\b|\bslower\b|\bregress\w*|\bfalsified\b|\brefuted\b|\brejected\b|"
    r"\bno (?:\w+ )?(?:gain|effect|improvement|benefit|difference|advantage)s?\b|\bnothing (?:failed|went wrong)\b",
    re.IGNORECASE,
)

_OTHERS = {
    "what worked": r"\bwork(?:s|ed)\b|\bhelp(?:s|ed)\b|\bimprov|\bgain|\bw(?:on|ins?)\b|\bfaster\b|"
    r"\bsucce(?:ss|ed)|\bbetter\b|\bkeeps?\b|\bkept\b|\bconfirmed\b|\bsupported\b|\bh(?:olds?|eld)\b|"
    r"\bpass(?:es|ed)?\b|\breached\b",
    "confidence": r"\bconfidence\b(?![- ](?:intervals?|bounds?|bands?|regions?|scores?|maps?|thresholds?|limits?))|"
    r"\b(?:am|are|['’]m|['’]re|feel|quite|very|fairly|highly) confident\b|\bconfident (?:that|in|of|about)\b|"
    r"\bexploratory\b|\breplicated\b",
    "limitations": r"\blimitations?\b|\blimits?(?::| (?:are|is|include)\b)|"
    r"\b(?:is|are|was|were) limited to\b|\bcaveats?\b|\buntested\b|"
    r"\bnot (?:been )?(?:tested|measured)\b|\bout of scope\b|\bdoes not (?:cover|generali[sz]e)\b|"
    r"\b(?:one|a single|single) (?:seed|run|shape|machine|width|model|dataset|task|scale)\b",
    "next steps": r"\bnext(?: (?:steps?|actions?|experiments?|tests?|moves?))?\s?[:：]|"
    r"\bnext (?:steps?|actions?|experiments?|moves?) (?:is|are|would be|will be|include)\b|"
    r"^\W*next(?:,|\W*$| (?:we|i|up|comes?|is|measure|try|run|test|train|compare|sweep|scale|repeat)\b)|"
    r"\bfollow[- ]?ups?\b|\bfuture work\b|\bremaining work\b|\bnothing (?:more|further)\b",
}

_UNTRIED = re.compile(
    r"\b(?:was|were|is|are|ha(?:s|ve|d))(?:n['’]?t| not| never) (?:been )?tried\b(?! (?:again|to)\b)", re.IGNORECASE
)
"""What nobody tried did not fail: it is what the results do not cover."""
_TOPICS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _OTHERS.items()}
_TITLES = {
    "what worked": r"what (?:has |have )?work(?:s|ed)|works|worked|successes|positive results?|findings|results?",
    "what did not": r"what (?:did|does|has|have)(?:n['’]?t| not)(?: work(?:ed)?)?|what failed|failures|dead ends|"
    r"negative (?:results?|findings)|did(?: not|n['’]?t) work",
    "confidence": r"(?:our |overall |my )?confidence(?: level)?",
    "limitations": r"(?:known |main |remaining )?(?:limitations?|limits|caveats?)",
    "next steps": r"(?:ordered |further |possible )?next(?: steps?| actions?)?|follow[- ]?ups?|future work|"
    r"remaining work|to ?do",
}
_TITLE_OF = {name: re.compile(rf"\W*(?:{words})\W*", re.IGNORECASE) for name, words in _TITLES.items()}
_LABELLED = re.compile(
    r"[^\w\n]*(?P<label>[^:：\n|]{3,48}?)[*_`]{0,3}\s?(?:[:：|]|\s[–—-]\s)[*_`]{0,3}(?P<rest>.*)", re.DOTALL
)
_SENTENCES = re.compile(r"(?<=[.;!?])[*_]{0,3}\s+")

_LONGEST = 2_000
"""Characters of a line that are searched."""


def covered(content: IssueText) -> frozenset[str]:
    """Return the topics that a comment says something about.

    A heading or label with nothing below says nothing, and so does one above "see above" or "done".
    """
    titles = (section.title for section in content.sections if section.has_content or _is_told(section.text))
    found = {topic for title in titles for topic in _topics(title[:_LONGEST], is_title=True)}
    texts = [
        Line(text, line.is_title or _is_topic(text))
        for line in content.lines
        for text in _SENTENCES.split(line.text[:_LONGEST])
    ]
    for line, following in zip_longest(texts, texts[1:]):
        below = following.text if following and not following.is_title else ""
        labelled = None if line.is_title else _LABELLED.match(line.text)
        of_label = [*_topics(labelled["label"], is_title=True)] if labelled else []
        if line.is_title:
            found.update(_topics(line.text.strip(" :*_"), is_title=True) if _is_told(below, line.text) else ())
        elif labelled and of_label:
            if _is_told(labelled["rest"].strip(" *_") or below, labelled["label"]):
                found.update(of_label, _topics(labelled["rest"]))
        elif has_content(line.text, *TOPICS):
            found.update(_topics(line.text))
    return frozenset(found)


def _is_topic(text: str) -> bool:
    return any(pattern.fullmatch(vocabulary.ICONS.sub("", text.strip())) for pattern in _TITLE_OF.values())


def _is_told(text: str, *titles: str) -> bool:
    """Return whether a text says something, or that there is nothing to say."""
    return has_content(text, *titles) or says_none(text.lstrip(" *_`-")) or says_not_applicable(text.lstrip(" *_`-"))


def _topics(text: str, *, is_title: bool = False) -> Iterator[str]:
    """Yield what a line is about; "what did not work" is not about what worked."""
    if is_title:
        bare = vocabulary.ICONS.sub("", text.strip())
        named = [topic for topic, pattern in _TITLE_OF.items() if pattern.fullmatch(bare)]
        if named:
            yield from named
            return
    said = _NOT_OF_RESULTS.sub(" ", text)
    rest, failures = _FAILED.subn(" ", said)
    if failures:
        yield "what did not"
    for topic, pattern in _TOPICS.items():
        if pattern.search(rest if topic == "what worked" else said):
            yield topic
    if _UNTRIED.search(text):
        yield "limitations"


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
