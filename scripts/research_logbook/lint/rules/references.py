"""Rules about what a logbook refers to: files it links, its branch, its issue and pull requests."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from research_logbook.actions.event import closed_by
from research_logbook.lint.rules.rule import (
    ERROR,
    STRIKE,
    WARNING,
    ChangeSet,
    LintCase,
    Needs,
    RuleGroup,
    RuleHit,
    Scope,
)
from research_logbook.logbook.entries import facts_of
from research_logbook.logbook.model import Entry, SourceText, Span, Spot
from research_logbook.logbook.queries import link_target
from research_logbook.logbook.vocabulary import is_command
from research_logbook.markdown.escape import one_line
from research_logbook.markdown.tree import CODE, Block, InlineRun, plain, walk
from research_logbook.patterns import matches

LINKS = RuleGroup("links")


@LINKS.rule(
    ERROR, help="commit the file, or correct the path, which is relative to the logbook's folder", needs=Needs.GIT
)
def broken_relative_link(case: LintCase) -> Iterator[RuleHit]:
    """A relative link to a file that is not in the repository.

    Why: evidence that cannot be opened is not evidence (task-snapshot: links pinned to what they name).

    Fails:

    ```yaml given
    files: [results/seed-1.json]
    ```
    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    See [the results](../../results/seed-0.json).
    ```

    Passes:

    ```yaml given
    files: [results/seed-0.json]
    ```
    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    See [the results](../../results/seed-0.json).
    ```

    How to fix: commit the file, or correct the path.
    """
    for link in case.book.links:
        path = link_target(case.book.path, link)
        if path is not None and case.facts.missing is not None and (case.tree, path) in case.facts.missing:
            yield RuleHit(link, f"the link points to `{path[:120]}`, which is not in the repository")


_BRANCH_LINK = re.compile(r"https?://[^/\s]+/[\w.-]+/[\w.-]+/(?:blob|tree|raw)/(?P<ref>[^/\s?#]+(?:/[^/\s?#]+)?)")
_PINNED = re.compile(r"^(?:[0-9a-f]{7,64}|snapshot|v?\d+(?:\.\d+)+.*)(?:/|$)")


@LINKS.rule(WARNING, help="open the link on GitHub and press `y` to get a URL with the commit")
def unpinned_link(case: LintCase) -> Iterator[RuleHit]:
    """A link from an entry to a file on a branch, which may change after the entry was written.

    Why: links are pinned to the commit or tag they refer to (task-snapshot).

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

    How to fix: replace the branch in the URL with the commit.
    """
    for entry in case.book.everything:
        for link in entry.links:
            match = _BRANCH_LINK.match(link.url)
            if match and not _PINNED.match(match["ref"]):
                spot = Spot(link.span, f"{entry.subject} {link.subject}")
                yield RuleHit(
                    spot, f"entry {entry.name} links to a file on the branch `{match['ref'].split('/')[0][:60]}`"
                )


_LOCAL = re.compile(
    r"(?<![\w/.:~-])(?:/(?:home|Users|tmp|var/tmp|root|private/tmp|scratch|mnt|Volumes)/[\w.@~/-]*[\w/]|"
    r"~/(?!\.\w*(?:rc|profile|netrc|gitconfig|ssh)\b)[\w.-]+|[A-Z]:\\Users\\\S+|file://\S+)|"
    # A page that a service on the author's machine shows; no interface that programs call.
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d{1,5})?/(?!(?:v\d|api|health|metrics)\b)[\w.@~/#?=&%-]*[\w/]"
)


@LINKS.rule(WARNING, help="upload the file where others can read it, and link to that" + STRIKE)
def local_path(case: LintCase) -> Iterator[RuleHit]:
    """A file, or a page of a service, on one machine. Commands, configuration and code may name them, as they were run.

    There is one finding for each entry, and one for each section that holds none.

    Why: nobody else can open it, and soon its author cannot either (task-logbook: large artefacts are linked).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Logs: `/home/ana/runs/seed-0.log`
    ```

    ```markdown
    ## Baseline

    - Recovered probe: `/home/ana/probe.py`, loss 2.41.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Logs: `s3://lab/runs/seed-0.log`
    ```

    How to fix: upload the file and link to the copy.
    """
    book = case.book
    lines = book.text.split("\n")
    # Search the text first: almost no logbook has such a path.
    suspect = [number for number, line in enumerate(lines, 1) if _LOCAL.search(line)]
    if not suspect:
        return
    inside = [(entry.span.line, entry.span.end_line) for entry in book.everything]
    for entry in book.everything:
        if _any_within(suspect, entry.span.line, entry.span.end_line) and (found := _own_path(entry)):
            path, line = found
            spot = Spot(Span(book.path, line, line), f"{entry.subject} local path")
            yield RuleHit(spot, f"entry {entry.name} points to `{one_line(path, 80)}`, a path on one machine")
    for section in book.sections:
        last = section.blocks[-1].end_line if section.blocks else section.span.end_line
        if not _any_within(suspect, section.span.line, last):
            continue
        place = bisect_right(inside, (section.span.line, len(lines))) - 1
        if place >= 0 and section.span.line <= inside[place][1]:
            continue  # It is a part of an entry.
        first = inside[place + 1][0] if place + 1 < len(inside) else last + 1  # A log may hold dated bullets.
        blocks = tuple(block for block in section.blocks if block.line < first)
        source = SourceText(book.path, lines)
        commands = [field.span for field in facts_of(blocks, source) if field.key in _AS_RUN]
        if (found := _local_in(blocks, commands)) and found[1] < first:
            path, line = found
            spot = Spot(Span(book.path, line, line), f"{section.subject} local path")
            yield RuleHit(spot, f"“{section.title[:60]}” points to `{one_line(path, 80)}`, a path on one machine")


_AS_RUN = frozenset({"command", "config"})


def _any_within(numbers: Sequence[int], first: int, last: int) -> bool:
    place = bisect_left(numbers, first)
    return place < len(numbers) and numbers[place] <= last


def _own_path(entry: Entry) -> tuple[str, int] | None:
    """Return the first local path outside commands and code, with its line."""
    return _local_in(entry.blocks, [field.span for field in entry.all(*_AS_RUN)])


def _local_in(blocks: Iterable[Block], commands: Iterable[Span]) -> tuple[str, int] | None:
    as_run = {line for span in commands for line in range(span.line, span.end_line + 1)}
    for leaf in walk(blocks):
        for line, runs in groupby(leaf.runs, lambda run: run.line):
            match = None if line in as_run else _LOCAL.search(plain(it for it in runs if not _is_typed(it)))
            if match:
                return match[0], line
    return None


def _is_typed(run: InlineRun) -> bool:
    """Return whether a run of text is a command, with its arguments, in code."""
    return bool(run.style & CODE) and " " in run.text.strip() and is_command(run.text)


THREADS = RuleGroup("branch, issue, pull request", scope=Scope.CHANGE)


def _at(change: ChangeSet, about: str) -> Spot:
    """Return where a finding about the whole change points: the first logbook, or the folder of logbooks."""
    path = change.books[0].path if change.books else change.config.logbooks[0].rpartition("/")[0]
    return Spot(Span(path, 1, 1), about)


def _is_research(change: ChangeSet, branch: str) -> bool:
    return matches(branch, change.config.branches.research) or any(
        book.header.branch == branch for book in change.books
    )


@THREADS.rule(WARNING, help="add `.agents/logbooks/TOPIC.md` on this branch", needs=Needs.BASE)
def branch_without_logbook(change: ChangeSet) -> Iterator[RuleHit]:
    """A research branch with changes but no logbook.

    Why: the branch holds the logbook, research code and configuration together (research workflow, Core Artifacts 4).

    Fails:

    ```yaml given
    branch: research/sparse-attention
    changed: [src/attention.py]
    ```

    Passes:

    ```yaml given
    branch: research/sparse-attention
    changed: [src/attention.py, .agents/logbooks/sparse-attention.md]
    ```
    ```markdown
    # Sparse attention: Research Logbook
    ```

    How to fix: start a logbook on the branch, or name the branch in an existing one (`Branch: …`).
    """
    facts = change.facts
    if not (facts.is_research_branch and facts.branch and facts.changed) or facts.has_logbook:
        return
    yield RuleHit(_at(change, "branch"), f"the research branch `{facts.branch[:80]}` has no logbook")


@THREADS.rule(WARNING, help="add the logbook's path or a link to it to the issue's body", needs=Needs.GITHUB)
def issue_without_logbook_link(change: ChangeSet) -> Iterator[RuleHit]:
    """An experiment issue whose body does not name the logbook.

    Why: the logbook and the issue link to each other (research workflow, Prologue 3).

    Fails:

    ```yaml given
    file: .agents/logbooks/sparse-attention.md
    issues:
      8734: {body: Can attention be sparse?}
    ```
    ```markdown
    # Sparse attention: Research Logbook

    Issue: #8734
    ```

    Passes:

    ```yaml given
    file: .agents/logbooks/sparse-attention.md
    issues:
      8734: {body: "Logbook: `.agents/logbooks/sparse-attention.md`"}
    ```
    ```markdown
    # Sparse attention: Research Logbook

    Issue: #8734
    ```

    How to fix: add the logbook's path or a link to it to the issue's body.
    """
    facts = change.facts
    for book in change.books:
        number = book.header.issue.number_in(facts.repository, facts.host) if book.header.issue else None
        issue = (facts.issues or {}).get(number or 0)
        if issue and f"{book.topic}.md" not in issue.text:
            yield RuleHit(book, f"issue #{number} does not name this logbook")


@THREADS.rule(
    WARNING,
    help="remove the logbook from this branch (`git checkout BASE -- LOGBOOK`) and link to it instead",
    needs=Needs.PULL_REQUEST,
)
def logbook_in_production_pr(change: ChangeSet) -> Iterator[RuleHit]:
    """A production pull request that includes a logbook among other changes.

    Why: a production branch links to the logbook and does not include it (research workflow, Epilogue: Seal).

    A pull request that changes only logbooks is fine.

    Fails:

    ```yaml given
    pull-request: {from: fast-attention, into: main}
    changed: [src/attention.py, .agents/logbooks/sparse-attention.md]
    ```

    Passes:

    ```yaml given
    pull-request: {from: fast-attention, into: main}
    changed: [src/attention.py]
    ```
    ```yaml given
    pull-request: {from: research/sparse-attention, into: main}
    changed: [src/attention.py, .agents/logbooks/sparse-attention.md]
    ```

    How to fix: extract the production change without the logbook, and link to the logbook.
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
    needs=Needs.PULL_REQUEST,
)
def unlinked_pull_request(change: ChangeSet) -> Iterator[RuleHit]:
    """A research pull request whose description names neither the experiment issue nor the logbook.

    Why: readers should find the thread from wherever they start (research workflow, General Principle).

    Fails:

    ```yaml given
    pull-request: {from: research/sparse-attention, into: main, description: Add results}
    ```
    ```markdown
    # Sparse attention: Research Logbook

    Issue: #8734
    ```

    Passes:

    ```yaml given
    pull-request: {from: research/sparse-attention, into: main, description: "Part of #8734"}
    ```
    ```markdown
    # Sparse attention: Research Logbook

    Issue: #8734
    ```

    How to fix: edit the description; the check runs again automatically.
    """
    pull = change.facts.pull_request
    if not pull or not _is_research(change, pull.head):
        return
    for book in change.books:
        issue = book.header.issue
        if issue is None or f"{book.topic}.md" in pull.body:
            continue
        written = re.escape(issue.written) if issue.number is None else rf"(?:#|/issues/){issue.number}\b"
        if not re.search(written, pull.body):
            message = f"the pull request's description names neither the experiment issue nor {book.topic}.md"
            yield RuleHit(Spot(book.span, "pull request"), message)


@THREADS.rule(
    WARNING, help="write `Part of #N` instead; `seal` closes the issue when its record is complete", needs=Needs.GITHUB
)
def closing_keyword(change: ChangeSet) -> Iterator[RuleHit]:
    """A pull request with a keyword such as “Closes #8734” for an open experiment issue that is not sealed.

    Why: an issue is closed when its thread is closed out, not when code is merged (research workflow, Epilogue: Seal).

    Fails:

    ```yaml given
    pull-request: {from: research/sparse-attention, into: main, description: "Closes #8734"}
    issues:
      8734: {labels: [experiment]}
    ```

    Passes:

    ```yaml given
    pull-request: {from: research/sparse-attention, into: main, description: "Part of #8734, closes #12"}
    issues:
      8734: {labels: [experiment]}
      12: {labels: [bug]}
    ```

    How to fix: write `Part of #N` instead.
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
    help="rename it to `research/TOPIC` or `research/USER/ISSUE-TOPIC`, or add a pattern under `branches.research`",
    default_on=False,
)
def misnamed_branch(change: ChangeSet) -> Iterator[RuleHit]:
    """A logbook whose header names a branch that does not match `branches.research`. Off by default.

    Why: research branches are recognised by name (research workflow, Core Artifacts 4).

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

    How to fix: rename the branch, or add a pattern under `branches.research`.
    """
    for book in change.books:
        branch = book.header.branch
        if branch and not matches(branch, change.config.branches.research):
            where = Spot(book.header.branch_span or book.span, "branch")
            yield RuleHit(where, f"the branch `{branch[:80]}` is not named like a research branch")


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
