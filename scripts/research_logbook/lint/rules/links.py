"""Rules about links: they must still lead somewhere in years."""

import re
from collections.abc import Iterator
from itertools import groupby

from research_logbook.lint.rule import ERROR, STRIKE, WARNING, LintCase, Needs, RuleGroup, RuleHit
from research_logbook.logbook.entry_references import target
from research_logbook.logbook.model import Entry, Span, Spot
from research_logbook.markdown.tree import plain, walk

LINKS = RuleGroup("links")


@LINKS.rule(
    ERROR, help="commit the file, or correct the path; it is read from the logbook's own folder", needs=Needs.GIT
)
def broken_relative_link(case: LintCase) -> Iterator[RuleHit]:
    """A relative link to a file that is not in the repository.

    Why: evidence that cannot be opened is none (task-snapshot: links pinned to what they name).

    Fails: `[results](../../results/seed-0.json)` where no such file is committed.

    Passes: a link to a committed file or folder, to a heading, or to another site.

    Way out: commit the file, or correct the path.
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

    Way out: replace the branch in the address by the commit.
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

    Way out: upload it and link the copy.
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


RULES = (broken_relative_link, unpinned_link, local_path)
