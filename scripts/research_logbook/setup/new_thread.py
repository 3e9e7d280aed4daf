"""How a research thread begins: its names, its logbook and its issue (research workflow, Prologue)."""

import re
from dataclasses import dataclass
from string import Template

from research_logbook.effects.plan import Effect, UpsertComment, WriteBody
from research_logbook.github.models import Issue, same_login
from research_logbook.logbook import vocabulary
from research_logbook.logbook.experiment_ids import PREFIX

_LONGEST = 60
"""Characters of a topic, which becomes a file's name, a part of a branch and of tags."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A thread that begins. Every name is made of letters, digits and hyphens, whatever the topic was."""

    topic: str
    path: str
    """Of the logbook."""
    prefix: str
    repository: str = ""
    """OWNER/NAME on GitHub; empty where no issue is wanted."""
    server: str = "https://github.com"

    @property
    def branch(self) -> str:
        """The research branch."""
        return f"research/{self.topic}"

    @property
    def title(self) -> str:
        """The topic in words."""
        return self.topic.replace("-", " ").capitalize()

    @property
    def issue_title(self) -> str:
        """The title of the experiment issue."""
        return f"Experiment: {self.title}"

    @property
    def url(self) -> str:
        """Of the logbook on its branch."""
        return f"{self.server}/{self.repository}/blob/{self.branch}/{self.path}"


def topic_of(text: str) -> str:
    """Return the topic that a text names: lower case, hyphens between words; empty where nothing is left of it."""
    return vocabulary.slug(text)[:_LONGEST].strip("-")


def prefix_of(topic: str) -> str:
    """Return a short experiment-ID prefix for a topic: `MOE-HC` for moe-hill-climb, `SPAR-ATT` for sparse-attention."""
    first, *rest = [word for word in topic.upper().split("-") if word[0].isalpha()] or ["EXP"]
    if not rest:
        return first[:6]
    return f"{first[:4]}-{rest[0][:3] if len(rest) == 1 else ''.join(word[0] for word in rest[:4])}"


def is_prefix(text: str) -> bool:
    """Return whether a text can be the prefix of experiment IDs."""
    return len(text) <= 20 and PREFIX.match(text) is not None


def logbook_text(template: str, opening: Opening, issue: int | str | None) -> str:
    """Return the first version of the logbook; `issue` is its number, or a word for one that is still to come."""
    tags = (opening.prefix, *([f"issue-{issue}"] if issue else []), opening.topic)
    return Template(template).substitute(
        topic=opening.topic,
        title=opening.title,
        branch=opening.branch,
        prefix=opening.prefix,
        tags=", ".join(f"`{tag}`" for tag in tags),
        issue=f"\nissue: {issue}" if issue else "",
        issue_link=f"#{issue}" if issue else "none yet",
    )


def issue_body(template: str, opening: Opening, *, by_agent: bool) -> str:
    """Return the body of the experiment issue, with its close-out checklist."""
    text = Template(template).substitute(
        path=opening.path, url=opening.url, branch=opening.branch, prefix=opening.prefix
    )
    return f"🤖 Opened by an agent.\n\n{text}" if by_agent else text


def is_of(opening: Opening, issue: Issue, login: str) -> bool:
    """Return whether we opened this issue for the same thread before, and were interrupted."""
    is_ours = same_login(issue.author, login) and not issue.is_pull_request
    return is_ours and issue.title == opening.issue_title and opening.path in issue.body


def link(opening: Opening, issue: Issue, login: str) -> tuple[Effect, ...]:
    """Return what makes an issue name the logbook: in its body where we wrote it, else in a comment."""
    if re.search(rf"(?<![\w-]){re.escape(opening.topic)}\.md\b", issue.body):
        return ()
    line = f"Logbook: [`{opening.path}`]({opening.url}), on the branch `{opening.branch}`."
    if same_login(issue.author, login):
        return (WriteBody(issue.number, f"{issue.body.rstrip()}\n\n{line}\n".lstrip()),)
    return (UpsertComment(issue.number, "new", opening.topic, line),)
