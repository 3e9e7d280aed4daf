"""What a logbook says of itself near its top: front matter, and ``Key: value`` lines."""

import re
from collections.abc import Iterable, Sequence

from research_logbook.logbook import experiment_ids, vocabulary
from research_logbook.logbook.fields import SourceText, facts_of
from research_logbook.logbook.front_matter import facts_of_front_matter
from research_logbook.logbook.model import Field, FrontMatter, Header, Reference, Section
from research_logbook.markdown.tree import Block

_KEYS = {
    "issue": "issue, issues, github issue, coordinating issue, coordinating issue pr, linked issue, experiment issue, "
    "tracking issue, coordination issue, github, coordinating issues",
    "parent-issue": "parent issue",
    "branch": "branch, research branch, git branch, working branch",
    "prefix": "experiment id prefix, experiment prefix, series id, id prefix, prefix, experiment ids, series, "
    "experiment id, experiment series, experiment id series",
    "tags": "tags, shared tags, w b tags, wandb tags, w b shared tags",
    "parent": "parent logbook, parent, continues, continued from, supersedes",
    "topic": "topic",
}
_NAMES = {vocabulary.slug(alias): key for key, aliases in _KEYS.items() for alias in aliases.split(", ")}
_SECTIONS = frozenset({"scope", "links", "metadata", "header", "setup", "coordination", "identification", "kickoff"})
_NONE = frozenset({"", "none", "none-yet", "n-a", "na", "not-applicable", "no-issue", "unknown"})


def facts_in(
    preamble: Sequence[Block], sections: Iterable[Section], front_matter: FrontMatter | None, source: SourceText
) -> dict[str, Field]:
    """Return the header's facts by canonical name: the first that says something, front matter before all."""
    facts: dict[str, Field] = {}
    for field in [
        *facts_of_front_matter(front_matter),
        *facts_of(preamble, source),
        *(fact for section in sections if section.name in _SECTIONS for fact in facts_of(section.blocks, source)),
    ]:
        key = _NAMES.get(vocabulary.slug(field.name))
        if key and key not in facts and not _says_nothing(field.text):
            facts[key] = field
    return facts


def _says_nothing(text: str) -> bool:
    return vocabulary.slug(text[:80]) in _NONE or vocabulary.is_pending(text)


def header_of(facts: dict[str, Field]) -> Header:
    """Return the header from its facts."""
    issue, branch, prefix = facts.get("issue") or facts.get("parent-issue"), facts.get("branch"), facts.get("prefix")
    tags, parent, topic = facts.get("tags"), facts.get("parent"), facts.get("topic")
    named = _prefix(prefix.text) if prefix else ""
    return Header(
        issue=_reference(issue) if issue else None,
        issue_span=issue.span if issue else None,
        branch=_branch(branch) if branch else "",
        branch_span=branch.span if branch else None,
        prefix=named,
        prefix_span=prefix.span if prefix and named else None,
        tags=tuple(_tags(tags.text)) if tags else (),
        parent=parent.text if parent else "",
        topic=topic.text.strip() if topic else "",
        topic_span=topic.span if topic else None,
    )


_URLS = [
    re.compile(rf"https?://([^/\s]{{1,255}})/([\w.-]{{1,100}}/[\w.-]{{1,100}})/{kind}/(\d{{1,9}})(?!\d)")
    for kind in ("issues", "pull")
]
_SHORT = re.compile(r"(?<![\w/.-])(?:([\w.-]{1,100}/[\w.-]{1,100}))?#(\d{1,9})\b")
_NUMBER = re.compile(r"(\d{1,9})\s*(?=[(,;]|$)")
_LONGEST = 2_000
"""Characters of a fact in which its value stands."""


def _reference(field: Field) -> Reference:
    # A link's target says more than its text, so the value as written is read first.
    written = reference(field.value)
    return written if written.host else reference(field.text)


def reference(text: str) -> Reference:
    """Return the issue that `text` names: a URL, ``#N``, ``owner/repo#N``, a number, or words for another tracker."""
    written = text.strip()[:_LONGEST]
    for url in _URLS:
        if match := url.search(written):
            return Reference(match[0], int(match[3]), match[2], match[1])
    if match := _SHORT.search(written):
        return Reference(match[0], int(match[2]), match[1])
    if match := _NUMBER.match(written):
        return Reference(match[1], int(match[1]))
    return Reference(written)


def _branch(field: Field) -> str:
    """Return the branch's name: the first word, without what is said about it; of a link to it its end."""
    name = re.split(r"[\s,;(]", field.text.strip()[:_LONGEST].strip("`'\""), maxsplit=1)[0].strip("`'\"")
    return name.partition("/tree/")[2] if name.startswith(("https://", "http://")) else name


def _prefix(text: str) -> str:
    """Return the prefix: the first word, without a number that stands for the series' first ID."""
    name = re.split(r"[\s,;(]", text.strip()[:_LONGEST], maxsplit=1)[0].strip("`'\".*:").rstrip("-")
    name = re.sub(r"-(?:\d{2,5}|[NXnx#*]{1,5}|<[^<>]*>|\{[^{}]*\})$", "", name)
    return name if len(name) < 40 and experiment_ids.PREFIX.match(name) else ""


def _tags(text: str) -> list[str]:
    return [tag for part in re.split(r"[,;\s]+", text[:_LONGEST]) if (tag := part.strip("`'\"[]()."))]
