"""Rules about what a logbook refers to: files it links, its branch, its issue and pull requests."""

import re
from collections.abc import Iterator
from itertools import groupby

from research_logbook.actions.event import PullRequest
from research_logbook.issues.summaries import closed_by
from research_logbook.lint.rule import ERROR, STRIKE, WARNING, ChangeSet, LintCase, Needs, RuleGroup, RuleHit, Scope
from research_logbook.logbook.model import Entry, LogbookSummary, Span, Spot
from research_logbook.logbook.references import target
from research_logbook.markdown.tree import plain, walk
from research_logbook.patterns import matches

LINKS = RuleGroup("links")


@LINKS.rule(
    ERROR, help="commit the file, or correct the path; it is read from the logbook's own folder", needs=Needs.GIT
)
def broken_relative_link(case: LintCase) -> Iterator[RuleHit]:
    """A relative link to a file that is not in the repository.

    Why: evidence that cannot be opened is none (task-snapshot: links pinned to what they name).

    Fails: `[results](../../results/seed-0.json)` where no such file is committed.

    Passes: a link to a committed file or folder, to a heading, or to another site.

    How to fix: commit the file, or correct the path.
    """
    for link in case.book.links:
        path = target(case.book.path, link)
        if path is not None and case.facts.missing is not None and (case.tree, path) in case.facts.missing:
            yield RuleHit(link, f"the link leads to `{path[:120]}`, which is not in the repository")


_BRANCH_LINK = re.compile(r"https?://[^/\s]+/[\w.-]+/[\w.-]+/(?:blob|tree|raw)/(?P<ref>[^/\s?#]+(?:/[^/\s?#]+)?)")
_PINNED = re.compile(r"^(?:[0-9a-f]{7,40}|snapshot|v?\d+(?:\.\d+)+.*)(?:/|$)")


@LINKS.rule(WARNING, help="open the link on the web and press `y`: the address then names the commit")
def unpinned_link(case: LintCase) -> Iterator[RuleHit]:
    """A link from an entry to a file on a branch: the file changes, the entry does not.

    Why: links are pinned to the commit or tag that they speak of (task-snapshot).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    See [the config](https://github.com/lab/models/blob/main/configs/moe.yaml).
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    See [the config](https://github.com/lab/models/blob/1691d0a9afbfe849538e180186bec7759574cf2c/configs/moe.yaml).
    ```

    How to fix: replace the branch in the address by the commit.
    """
    for entry in case.book.everything:
        for link in entry.links:
            match = _BRANCH_LINK.match(link.url)
            if match and not _PINNED.match(match["ref"]):
                spot = Spot(link.span, f"{entry.subject} {link.subject}")
                yield RuleHit(
                    spot, f"entry {entry.name} links a file on the branch `{match['ref'].split('/')[0][:60]}`"
                )


_LOCAL = re.compile(
    r"(?<![\w/.:~-])(?:/(?:home|Users|tmp|var/tmp|root|private/tmp|scratch|mnt|Volumes)/[\w.@~/-]*[\w/]|~/[\w.-]+|[A-Z]:\\Users\\\S+|file://\S+)"
)


@LINKS.rule(
    WARNING,
    help="put the file where others can read it, and link that" + STRIKE,
)
def local_path(case: LintCase) -> Iterator[RuleHit]:
    """An entry that points at a file on somebody's own machine. Commands may: they are recorded as they were.

    Why: nobody else can open it, and soon its owner cannot either (task-logbook: large artefacts are linked).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Logs: `/home/ana/runs/seed-0.log`
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Logs: `s3://lab/runs/seed-0.log`
    ```

    How to fix: upload it and link the copy.
    """
    for entry in case.book.everything:
        # A look at all of the text first: nearly every entry has no such path.
        found = _own_path(entry) if _LOCAL.search(entry.text) else None
        if found:
            path, line = found
            spot = Spot(Span(case.book.path, line, line), f"{entry.subject} local path")
            yield RuleHit(spot, f"entry {entry.name} points at `{path[:80]}`, a path on one machine")


def _own_path(entry: Entry) -> tuple[str, int] | None:
    """Return the first local path outside of commands and code, with its line."""
    spans = [field.span for field in entry.all("command")]
    commands = {line for span in spans for line in range(span.line, span.end_line + 1)}
    for leaf in walk(entry.blocks):
        for line, runs in groupby(leaf.runs, lambda run: run.line):
            match = None if line in commands else _LOCAL.search(plain(runs))
            if match:
                return match[0], line
    return None


THREADS = RuleGroup("branch, issue, pull request")


def _at(change: ChangeSet, about: str) -> Spot:
    """Return where a finding about the whole change points: its first logbook, or the folder of logbooks."""
    path = change.books[0].path if change.books else change.config.logbooks[0].rpartition("/")[0]
    return Spot(Span(path, 1, 1), about)


def _is_research(change: ChangeSet, branch: str) -> bool:
    return matches(branch, change.config.branches.research) or any(
        book.header.branch == branch for book in change.books
    )


@THREADS.rule(WARNING, help="add `.agents/logbooks/TOPIC.md` on this branch", scope=Scope.CHANGE, needs=Needs.BASE)
def branch_without_logbook(change: ChangeSet) -> Iterator[RuleHit]:
    """A research branch with work on it and no logbook.

    Why: the branch holds the logbook, research code and configurations together (research workflow, Core Artifacts 4).

    Fails: a push to `research/sparse-attention` that changes code, where the branch changes no logbook and none is
    named for it.

    Passes: the same branch with a logbook that was added or continued on it, or whose header names the branch.

    How to fix: start the logbook.
    """
    facts = change.facts
    if not (facts.is_research_branch and facts.branch and facts.changed) or facts.has_logbook:
        return
    yield RuleHit(_at(change, "branch"), f"the research branch `{facts.branch[:80]}` has no logbook")


@THREADS.rule(
    WARNING, help="put a link to the logbook's path into the issue's body", scope=Scope.CHANGE, needs=Needs.GITHUB
)
def issue_without_logbook_link(change: ChangeSet) -> Iterator[RuleHit]:
    """An experiment issue whose body does not link the logbook.

    Why: logbook and issue link each other (research workflow, Prologue 3).

    Fails: the logbook names `#8734`, and the body of issue 8734 does not mention `sparse-attention.md`.

    Passes: the body names the logbook's path, in whatever form.

    How to fix: add the link to the issue.
    """
    facts = change.facts
    for book in change.books:
        number = book.header.issue.number_in(facts.repository, facts.host) if book.header.issue else None
        issue = (facts.issues or {}).get(number or 0)
        if issue and f"{book.topic}.md" not in issue.text:
            yield RuleHit(book, f"issue #{number} does not link this logbook")


@THREADS.rule(
    WARNING,
    help="take the logbook out of this branch and link it: `git checkout BASE -- LOGBOOK`",
    scope=Scope.CHANGE,
    needs=Needs.PULL_REQUEST,
)
def logbook_in_production_pr(change: ChangeSet) -> Iterator[RuleHit]:
    """A production pull request that carries a logbook among other changes.

    Why: a production branch links the logbook and does not include it (research workflow, Epilogue: Seal).

    Fails: a pull request from `fast-attention` into the default branch that changes `src/attention.py` and
    `.agents/logbooks/sparse-attention.md`.

    Passes: the same change without the logbook; a pull request from a research branch; one that changes nothing but
    logbooks.

    How to fix: extract the production change without the logbook.
    """
    pull = change.facts.pull_request
    if (
        not pull
        or not pull.same_repository
        or pull.base != change.facts.default_branch
        or _is_research(change, pull.head)
    ):
        return
    changed = change.facts.changed or ()
    carried = [path for path in changed if matches(path, change.config.logbooks)]
    if carried and any(not path.startswith(".agents/") for path in changed):
        yield RuleHit(Spot(Span(carried[0], 1, 1), "production"), "this production pull request includes a logbook")


@THREADS.rule(
    WARNING,
    help="name the experiment issue in the pull request's description, for example `Part of #8734`",
    scope=Scope.CHANGE,
    needs=Needs.PULL_REQUEST,
)
def unlinked_pull_request(change: ChangeSet) -> Iterator[RuleHit]:
    """A pull request with a logbook whose description names neither its issue nor the logbook.

    Why: readers follow the thread from wherever they meet it (research workflow, General Principle).

    Fails: a research pull request whose description says “Add results”.

    Passes: a description that says `Part of #8734`, or names the logbook.

    How to fix: edit the description; the check runs again by itself.
    """
    pull = change.facts.pull_request
    if not pull or not _is_research(change, pull.head):
        return
    for book in change.books:
        if not _names(pull, book):
            yield RuleHit(
                Spot(book.span, "pull request"),
                f"the pull request's description names neither its issue nor {book.topic}.md",
            )


def _names(pull: PullRequest, book: LogbookSummary) -> bool:
    issue = book.header.issue
    if f"{book.topic}.md" in pull.body or issue is None:
        return True
    if issue.number is None:
        return issue.written in pull.body
    return bool(re.search(rf"(?:#|/issues/){issue.number}\b", pull.body))


@THREADS.rule(
    WARNING,
    help="write `Part of #N` instead; the seal closes the issue when its record is complete",
    scope=Scope.CHANGE,
    needs=Needs.GITHUB,
)
def closing_keyword(change: ChangeSet) -> Iterator[RuleHit]:
    """A pull request that would close an experiment issue which is not sealed, by a keyword such as “Closes #8734”.

    Why: a thread is closed when it is closed out, not when code is merged (research workflow, Epilogue: Seal).

    Fails: the description says `Closes #8734`, an open experiment issue.

    Passes: the description says `Part of #8734`; or `Closes #12`, a bug.

    How to fix: write `Part of`.
    """
    facts = change.facts
    body = facts.pull_request.body if facts.pull_request else ""
    for number in closed_by(body, facts.repository, facts.host):
        issue = (facts.issues or {}).get(number)
        if issue and issue.is_experiment and issue.is_open and not issue.is_sealed:
            what = f"merging this pull request would close experiment issue #{number}, which is not sealed"
            yield RuleHit(_at(change, f"closes {number}"), what)


@THREADS.rule(
    WARNING,
    help="name it `research/TOPIC` or `research/USER/ISSUE-TOPIC`, or list its pattern under `branches.research`",
    scope=Scope.CHANGE,
    default_on=False,
)
def misnamed_branch(change: ChangeSet) -> Iterator[RuleHit]:
    """A logbook whose header names a branch that is no research branch by name. Off by default.

    Why: branches are found by their names (research workflow, Core Artifacts 4).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    Branch: `sparse_attention`
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    Branch: `research/sparse-attention`
    ```

    How to fix: rename the branch, or list the pattern.
    """
    for book in change.books:
        branch = book.header.branch
        if branch and not matches(branch, change.config.branches.research):
            where = Spot(book.header.branch_span or book.span, "branch")
            yield RuleHit(where, f"the branch `{branch[:80]}` is no research branch by its name")


RULES = (
    broken_relative_link,
    unpinned_link,
    local_path,
    branch_without_logbook,
    issue_without_logbook_link,
    logbook_in_production_pr,
    unlinked_pull_request,
    closing_keyword,
    misnamed_branch,
)
