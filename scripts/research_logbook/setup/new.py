"""`logbook new`: begin a research thread with its branch, its logbook and its issue, or go on where one began."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from string import Template

from research_logbook.config.schema import PATH, Config
from research_logbook.context import RunContext
from research_logbook.effects.plan import (
    AddLabels,
    CreateIssue,
    Effect,
    FileRewrite,
    Plan,
    UpsertComment,
    WriteBody,
    as_plan,
)
from research_logbook.effects.publish_guard import is_private
from research_logbook.errors import UserError, no_such_issue
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue, same_login
from research_logbook.issues.enrolment import LABEL
from research_logbook.labels.plan import AGENT_LABEL, LABELS
from research_logbook.logbook import parse, vocabulary
from research_logbook.logbook.experiment_ids import PREFIX
from research_logbook.logbook.model import Logbook, Reference
from research_logbook.markdown.escape import quoted
from research_logbook.patterns import matches
from research_logbook.repo import files
from research_logbook.repo.git import Repository
from research_logbook.repo.versions import roots
from research_logbook.setup.workflows import template_text

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
    return is_ours and issue.title == opening.issue_title and opening.path in issue.text


def links_to_logbook(opening: Opening, issue: Issue, login: str) -> tuple[Effect, ...]:
    """Return what makes an issue name the logbook: in its body where we wrote it, else in a comment."""
    if re.search(rf"(?<![\w-]){re.escape(opening.topic)}\.md\b", issue.text):
        return ()
    line = f"Logbook: [`{opening.path}`]({opening.url}), on the branch `{opening.branch}`."
    if same_login(issue.author, login):
        return (WriteBody(issue.number, f"{issue.text.rstrip()}\n\n{line}\n".lstrip()),)
    return (UpsertComment(issue.number, "new", opening.topic, line),)


@dataclass(frozen=True, slots=True)
class New:
    """What a user asked `logbook new` for."""

    topic: str
    prefix: str | None = None
    issue: int | None = None
    by_agent: bool = False
    """Whether an agent opens the thread."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where the thread stands before anything is done."""

    repository: Repository
    opening: Opening
    is_here: bool
    """Whether its branch is checked out."""
    has_branch: bool
    config: Config
    there: str | None
    """The logbook, where its branch has it."""
    notes: tuple[str, ...] = ()

    @property
    def reference(self) -> Reference | None:
        """The issue that the logbook names, wherever it stands."""
        book = parse(self.opening.path, self.there.encode()) if self.there is not None else None
        return book.header.issue if isinstance(book, Logbook) else None

    @property
    def issue(self) -> int | None:
        """The issue that the logbook names."""
        return self.reference.number if self.reference else None

    def logbook(self, issue: int | str | None) -> tuple[FileRewrite, ...]:
        """Return what writes the logbook, where there is none."""
        if self.there is not None:
            return ()
        text = logbook_text(template_text("logbook.md"), self.opening, issue)
        return (FileRewrite(self.opening.path, None, text),)


def start(asked: New, context: RunContext) -> Start:
    """Look where the thread stands; raises `UserError` for a topic or a prefix that cannot be one."""
    repository = context.clone()
    topic = topic_of(asked.topic)
    if not topic:
        raise UserError("the topic must contain a letter or digit", "name it in a few words, as in sparse-attention")
    prefix = asked.prefix or prefix_of(topic)
    if not is_prefix(prefix):
        raise UserError("the prefix is none for experiment IDs", "use capital letters and digits, as in MOE-HC")
    config = context.work_tree_config
    opening = Opening(topic, _path(topic, config), prefix)
    return _found(repository, opening, config)


def _path(topic: str, config: Config) -> str:
    path = f"{roots(config)[0]}/{topic}.md".removeprefix("./")
    if not matches(path, config.logbooks):
        raise UserError(
            f"no pattern of logbooks lets in {path}", f"add `{roots(config)[0]}/*.md` to `logbooks` in {PATH}"
        )
    return path


def _found(repository: Repository, opening: Opening, config: Config) -> Start:
    branch, path = opening.branch, opening.path
    tips = (repository.commit(f"refs/{place}/{branch}") for place in ("heads", "remotes/origin"))
    tip = next(filter(None, tips), None)
    is_here = repository.branch == branch
    there = files.text_there(repository.root, path) if is_here or not tip else _at(repository, tip, path)
    if there is not None and not isinstance(there, str):
        raise UserError(f"{path} {there.why}", "move it out of the way, or choose another topic")
    if not is_here and files.text_there(repository.root, path) is not None and there is None:
        raise UserError(f"{path} lies here, and not on the branch {branch}", "commit it there, or choose another topic")
    return Start(
        repository, opening, is_here, tip is not None, config, there, tuple(_notes(repository, opening, config))
    )


def _at(repository: Repository, tip: str, path: str) -> str | None:
    blob = repository.read([(tip, path)]).get((tip, path))
    return blob.data.decode("utf-8-sig", "replace") if blob else None


def _notes(repository: Repository, opening: Opening, config: Config) -> Iterator[str]:
    if not matches(opening.branch, config.branches.research):
        yield f"no pattern in `branches.research` of {PATH} lets in {opening.branch}"
    users = [path for path in repository.containing(f"{opening.prefix}-", roots(config)) if path != opening.path]
    if users:
        yield f"{users[0]} uses the prefix {opening.prefix} too: choose another with --prefix"


def on_github(begun: Start, github: GitHub, server: str) -> Start:
    """Return the same thread with the repository on GitHub that its issue belongs to."""
    return replace(begun, opening=replace(begun.opening, repository=github.repository, server=server))


def find_issue(asked: New, begun: Start, github: GitHub) -> Issue | None:
    """Return the thread's issue: the one that was named, the logbook's, or one that an interrupted run opened."""
    told = begun.reference
    named = told.number_in(github.repository, github.host) if told else None
    if told and told.number and named is None:
        raise UserError(
            f"the logbook names an issue that is none of {github.repository}: {quoted(told.written)}",
            "go on without GitHub: --no-issue; or name an issue of this repository in its header",
        )
    if asked.issue and named and asked.issue != named:
        raise UserError(f"the logbook names #{named} already", "leave --issue out, or choose another topic")
    number = asked.issue or named
    if number is not None:
        issue = github.issue(number)
        if issue is None or issue.is_pull_request:
            raise no_such_issue(number, github.repository, is_pull_request=issue is not None)
        return issue
    login = github.login()
    return next((issue for issue in github.open_issues() if is_of(begun.opening, issue, login)), None)


def open_issue(asked: New, begun: Start, github: GitHub) -> Plan:
    """Return what opens the thread's issue; raises `UserError` where its text is not to be published."""
    body = issue_body(template_text("issue.md"), begun.opening, by_agent=asked.by_agent)
    title = begun.opening.issue_title
    if is_private(f"{title}\n{body}", begun.config.held_back):
        raise UserError("the configuration holds this topic back", "choose another name for the thread")
    labels = _labels(asked)
    return as_plan([*_new_labels(labels, github), CreateIssue(title, body, labels)])


def _labels(asked: New) -> tuple[str, ...]:
    return (LABEL, AGENT_LABEL) if asked.by_agent else (LABEL,)


def _new_labels(names: Iterable[str], github: GitHub) -> list[Effect]:
    known = github.repository_labels()
    return [LABELS[name] for name in names if name not in known]


def link(asked: New, begun: Start, issue: Issue, github: GitHub) -> Plan:
    """Return what makes the issue an experiment's and name its logbook; nothing where it does both."""
    have = {name.casefold() for name in issue.label_names}
    lacking = tuple(name for name in _labels(asked) if name not in have)
    effects = [*_new_labels(lacking, github), AddLabels(issue.number, lacking)] if lacking else []
    return as_plan([*effects, *links_to_logbook(begun.opening, issue, github.login())])


def server_of(environment: Mapping[str, str]) -> str:
    """Return the address of the pages that people read."""
    return (environment.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/")


def begin(begun: Start, rewrites: tuple[FileRewrite, ...]) -> None:
    """Check the branch out and write the logbook."""
    if not begun.is_here:
        begun.repository.switch(begun.opening.branch, is_new=not begun.has_branch)
    for rewrite in rewrites:
        files.write(begun.repository.root / rewrite.name, rewrite.new)
