"""`logbook new`: begin a research thread with its branch, logbook and issue, or go on where one was interrupted."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from string import Template

from research_logbook.config.schema import PATH, Config
from research_logbook.context import RunContext
from research_logbook.effects import (
    AddLabels,
    CreateIssue,
    Effect,
    FileRewrite,
    Plan,
    UpsertComment,
    WriteBody,
    as_plan,
)
from research_logbook.errors import UserError, no_such_issue
from research_logbook.github import RepositorySite
from research_logbook.github.client import GitHub
from research_logbook.github.models import TRUSTED, Issue, same_login
from research_logbook.github.transport import DeniedError
from research_logbook.issues.classification import AGENT_LABEL, LABEL
from research_logbook.labels import LABELS
from research_logbook.logbook import parse, vocabulary
from research_logbook.logbook.experiment_ids import PREFIX
from research_logbook.logbook.model import Logbook, Reference
from research_logbook.markdown.escape import quoted
from research_logbook.patterns import matches
from research_logbook.private_text import is_private
from research_logbook.repo import files, own_clone
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_resolution import own_issue
from research_logbook.repo.versions import roots
from research_logbook.secret_scanner import find_secrets
from research_logbook.setup.topic_names import latin, topic_name, topic_title
from research_logbook.setup.workflows import template_text


@dataclass(frozen=True, slots=True)
class NewOptions:
    """What a user asked `logbook new` for."""

    topic: str
    prefix: str | None = None
    issue: int | None = None
    by_agent: bool = False
    """Whether an agent opens the thread."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the thread's issue."""
        return (LABEL, AGENT_LABEL) if self.by_agent else (LABEL,)


@dataclass(frozen=True, slots=True)
class NewThread:
    """The names of a thread: but for its title, letters, digits and hyphens whatever the topic was."""

    topic: str
    path: str
    """Of the logbook."""
    prefix: str
    title: str = ""
    """The topic in words, with its own letters."""
    site: RepositorySite = RepositorySite()  # noqa: RUF009 - frozen
    """The repository's pages on GitHub; empty where no issue is wanted."""

    @property
    def branch(self) -> str:
        """The research branch."""
        return f"research/{self.topic}"

    @property
    def issue_title(self) -> str:
        """The title of the experiment issue."""
        return f"Experiment: {self.title}"

    @property
    def url(self) -> str:
        """Of the logbook on its branch."""
        return self.site.url("blob", self.branch, self.path)


@dataclass(frozen=True, slots=True)
class ThreadState:
    """How far a thread has begun."""

    repository: Repository
    thread: NewThread
    is_here: bool
    """Whether its branch is checked out."""
    has_branch: bool
    config: Config
    there: str | None
    """The logbook, where its branch has it."""
    begins_at: str = ""
    """What is checked out, which a new branch begins at."""
    notes: tuple[str, ...] = ()

    @property
    def reference(self) -> Reference | None:
        """The issue that the logbook names, in whichever repository."""
        book = parse(self.thread.path, self.there.encode()) if self.there is not None else None
        return book.header.issue if isinstance(book, Logbook) else None

    def logbook(self, issue: int | str | None) -> tuple[FileRewrite, ...]:
        """Return what writes the logbook, where there is none; `issue` is its number, or a word in place of it."""
        if self.there is not None:
            return ()
        thread = self.thread
        tags = (thread.prefix, *([f"issue-{issue}"] if issue else []), thread.topic)
        text = Template(template_text("logbook.md")).substitute(
            topic=thread.topic,
            title=thread.title,
            branch=thread.branch,
            prefix=thread.prefix,
            tags=", ".join(f"`{tag}`" for tag in tags),
            issue=f"\nissue: {issue}" if issue else "",
            issue_link=f"#{issue}" if issue else "none was created; {{what stands in for it}}",
        )
        return (FileRewrite(thread.path, None, text),)


def prefix_of(topic: str) -> str:
    """Return a short experiment-ID prefix for a topic: `MOE-HC` for moe-hill-climb, `SPAR-ATT` for sparse-attention."""
    first, *rest = [word for word in topic.upper().split("-") if word[0].isalpha()] or ["EXP"]
    if not rest:
        return first[:6]
    return f"{first[:4]}-{rest[0][:3] if len(rest) == 1 else ''.join(word[0] for word in rest[:4])}"


def is_prefix(text: str) -> bool:
    """Return whether a text can be the prefix of experiment IDs."""
    return len(text) <= 20 and PREFIX.match(text) is not None


@contextmanager
def alone(context: RunContext) -> Iterator[None]:
    """Let no two threads begin at once: in this clone, or in another one of this machine and the same repository."""
    name = sha256(str(context.github_name).encode()).hexdigest()[:20]
    home = context.environment.get("XDG_CACHE_HOME") or Path(context.environment.get("HOME") or "/nowhere", ".cache")
    clone = context.clone().common_folder / "logbook-new.lock"
    with ExitStack() as stack:
        if context.github_name:
            stack.enter_context(files.one_at_a_time(Path(home, "research-logbook", f"new-{name}.lock")))
        stack.enter_context(files.one_at_a_time(clone))
        yield


def find_thread(options: NewOptions, context: RunContext) -> ThreadState:
    """Return how far the thread has begun; raises `UserError` where it cannot begin under these names.

    Nor does it begin where git ignores its logbook.
    """
    repository = context.clone()
    if any(find_secrets(options.topic)):
        raise UserError("the topic looks like a secret", "name it in a few words, like sparse-attention")
    topic = topic_name(options.topic)
    prefix = options.prefix or prefix_of(topic)
    if not is_prefix(prefix):
        raise UserError("the prefix cannot be used for experiment IDs", "use capital letters and digits, like MOE-HC")
    config = context.work_tree_config
    root = roots(config)[0]
    thread = NewThread(topic, f"{root}/{topic}.md".removeprefix("./"), prefix, topic_title(options.topic))
    if not matches(thread.path, config.logbooks):
        raise UserError(f"{thread.path} matches no pattern in `logbooks`", f"add `{root}/*.md` to `logbooks` in {PATH}")
    notes = []
    if not matches(thread.branch, config.branches.research):
        notes.append(f"{thread.branch} matches no pattern in `branches.research` of {PATH}")
    if users := [path for path in repository.containing(f"{prefix}-", roots(config)) if path != thread.path]:
        notes.append(f"{users[0]} uses the prefix {prefix} too; choose another with --prefix")
    tip = repository.commit(f"refs/heads/{thread.branch}") or repository.tip(thread.branch)
    is_here = repository.branch == thread.branch
    there = _logbook_there(repository, thread, None if is_here else tip)
    if (there is None or is_here) and repository.ignored(thread.path):
        shows = f"`git check-ignore --verbose {thread.path}` shows the line"
        raise UserError(
            f"git ignores {thread.path}, so nobody would ever commit the logbook",
            f"take {root} out of .gitignore; {shows}",
        )
    head = (repository.commit("HEAD") or "")[:12]
    begins_at = f"{repository.branch} ({head})" if repository.branch and head else repository.branch or head
    return ThreadState(repository, thread, is_here, tip is not None, config, there, begins_at, tuple(notes))


def _logbook_there(repository: Repository, thread: NewThread, tip: str | None) -> str | None:
    """Return the thread's logbook at a commit, or in the work tree where that is the branch's; None for none."""
    there = files.text_there(repository.root, thread.path)
    if tip:
        blob = repository.read([(tip, thread.path)]).get((tip, thread.path))
        if blob is None and there is not None:
            raise UserError(
                f"{thread.path} exists here, but not on the branch {thread.branch}",
                "commit it there, or choose another topic",
            )
        return blob.data.decode("utf-8-sig", "replace") if blob else None
    if there is not None and not isinstance(there, str):
        raise UserError(f"{thread.path} {there.why}", "move it out of the way, or choose another topic")
    return there


def find_issue(options: NewOptions, state: ThreadState, github: GitHub) -> Issue | None:
    """Return the thread's issue: the one that was named, the logbook's, or one that an interrupted run opened.

    Raises `UserError` where the logbook names another, or the number is not an issue's.
    """
    reference = state.reference
    named = own_issue(reference, github.site)
    if reference and reference.number and named is None:
        raise UserError(
            f"the logbook names an issue outside {github.repository}: {quoted(reference.written)}",
            "pass --no-issue to go on without GitHub, or name an issue of this repository in its header",
        )
    if options.issue and named and options.issue != named:
        raise UserError(f"the logbook already names #{named}", "leave out --issue, or choose another topic")
    number = options.issue or named
    if number is not None:
        issue = github.issue(number)
        if issue is None or issue.is_pull_request:
            raise no_such_issue(number, github.repository, is_pull_request=issue is not None)
        return issue
    return next(iter(issues_of(state.thread, github)), None)


def issues_of(thread: NewThread, github: GitHub) -> Sequence[Issue]:
    """Return the open issues that `logbook new` opened for a thread, oldest first: one, unless two began it at once.

    They are ours, and those of others who may label issues here.
    """

    def is_known(login: str) -> bool:
        try:
            return same_login(login, github.login()) or github.role(login) in TRUSTED
        except DeniedError:  # who may not push is not told what others may do
            return False

    alike = (
        issue
        for issue in github.open_issues()
        if _is_title(issue.title, thread) and thread.path in issue.text and not issue.is_pull_request
    )
    return [issue for issue in alike if is_known(issue.author)]


def _is_title(title: str, thread: NewThread) -> bool:
    """Return whether an issue's title is the thread's, whatever letters the topic was written in."""
    return vocabulary.slug(latin(title)) == vocabulary.slug(latin(thread.issue_title))


def chosen(issue: Issue, opened: Sequence[Issue], *, is_named: bool) -> tuple[Issue, str]:
    """Return which issue of a thread counts, and a note where `logbook new` opened several, else an empty one.

    The oldest counts, whoever runs this: so two people who begin at once come to the same. One that was named on
    purpose stays; of one that a logbook names and that is not the oldest the note says so.
    """
    by_number = {one.number: one for one in [*opened, issue]}
    is_on_purpose = is_named and issue.number not in {one.number for one in opened}
    kept = issue if is_on_purpose else by_number[min(by_number)]
    surplus = sorted(by_number.keys() - {kept.number})
    if not surplus:
        return issue, ""
    close = f"`gh issue close {surplus[0]} --reason 'not planned' --comment 'Duplicate of #{kept.number}'`"
    rest = " and ".join(f"#{number}" for number in surplus)
    note = f"this thread has {len(by_number)} issues: keep #{kept.number}, and close {rest} ({close})"
    if is_named and kept is not issue:
        return issue, f"{note}; the logbook names #{issue.number}: write #{kept.number} in its place first"
    return kept, note


def open_issue(options: NewOptions, state: ThreadState, github: GitHub) -> Plan:
    """Return what opens the thread's issue; raises `UserError` where its text must not be published."""
    thread = state.thread
    body = Template(template_text("issue.md")).substitute(
        path=thread.path, url=thread.url, branch=thread.branch, prefix=thread.prefix
    )
    if options.by_agent:
        body = f"🤖 Opened by an agent.\n\n{body}"
    if is_private(f"{thread.issue_title}\n{body}", state.config.held_back):
        raise UserError("`held-back` in the configuration blocks this topic", "choose another name for the thread")
    created = CreateIssue(thread.issue_title, body, options.labels)
    return as_plan([*_missing_labels(options.labels, github), created])


def _missing_labels(names: Iterable[str], github: GitHub) -> list[Effect]:
    known = github.repository_labels()
    return [LABELS[name] for name in names if name not in known]


def link_issue(options: NewOptions, state: ThreadState, issue: Issue, github: GitHub) -> Plan:
    """Return what labels the issue and makes it name its logbook: in its body where we wrote it, else in a comment."""
    thread = state.thread
    have = {name.casefold() for name in issue.label_names}
    lacking = tuple(name for name in options.labels if name not in have)
    effects = [*_missing_labels(lacking, github), AddLabels(issue.number, lacking)] if lacking else []
    if not re.search(rf"(?<![\w-]){re.escape(thread.topic)}\.md\b", issue.text):
        line = f"Logbook: [`{thread.path}`]({thread.url}), on the branch `{thread.branch}`."
        if same_login(issue.author, github.login()):
            effects.append(WriteBody(issue.number, f"{issue.text.rstrip()}\n\n{line}\n".lstrip()))
        else:
            effects.append(UpsertComment(issue.number, "new", thread.topic, line))
    return as_plan(effects)


def begin_thread(state: ThreadState, rewrites: tuple[FileRewrite, ...]) -> None:
    """Check the branch out and write the logbook."""
    if not state.is_here:
        own_clone.switch(state.repository, state.thread.branch, is_new=not state.has_branch)
    for rewrite in rewrites:
        files.write(state.repository.root / rewrite.name, rewrite.new)
