"""Rules about what a logbook says of itself near its top."""

import re
from collections.abc import Iterator

from research_logbook.lint.rule import ERROR, WARNING, LintCase, RuleGroup, RuleHit
from research_logbook.logbook.model import Span, Spot
from research_logbook.logbook.vocabulary import slug

HEADER = RuleGroup("header")


@HEADER.rule(
    ERROR, help="write it as `key: value` lines between two `---` lines; quote values with `: ` or ` #` in them"
)
def invalid_front_matter(case: LintCase) -> Iterator[RuleHit]:
    """Front matter that is no YAML, or is not closed.

    Why: topic and issue are read from it by people and tools (task-logbook: front matter).

    Fails:

    ```markdown
    ---
    topic: sparse: attention
    ---

    # Sparse attention: Research Logbook
    ```

    Passes:

    ```markdown
    ---
    topic: sparse-attention
    issue: 8734
    ---

    # Sparse attention: Research Logbook
    ```

    Way out: quote the value, or close the block with `---`.
    """
    front = case.book.front_matter
    if front and front.problem:
        line = front.problem_line
        yield RuleHit(Spot(Span(case.book.path, line, line), front.subject), front.problem)


@HEADER.rule(ERROR, help="add a first heading such as `# Sparse attention: Research Logbook`")
def missing_title(case: LintCase) -> Iterator[RuleHit]:
    """A logbook without a title.

    Why: a reader who lands on the file must see which thread it is (task-logbook: `<Topic>: Research Logbook`).

    Fails:

    ```markdown
    Longer sequences cost more than they should.

    ## Entry Log
    ```

    Passes:

    ```markdown
    # Longer sequences: Research Logbook
    ```

    Way out: add the title as the first heading, one level above the others.
    """
    if not case.book.title.strip():
        yield RuleHit(case.book, "the logbook has no title")


@HEADER.rule(WARNING, help="put the value in quotes; `logbook lint --fix` does", fixable=True)
def swallowed_front_matter(case: LintCase) -> Iterator[RuleHit]:
    """A front-matter value that an unquoted ` #` cuts short: YAML reads the rest as a comment.

    Why: `issue: Lab issue #7` says “Lab issue” to every program that reads it (YAML 1.2, Comments).

    Fails:

    ```markdown
    ---
    issue: Lab issue #7
    ---

    # Sparse attention: Research Logbook
    ```

    Passes:

    ```markdown
    ---
    issue: "Lab issue #7"
    ---

    # Sparse attention: Research Logbook
    ```

    Way out: quote the value.
    """
    for number, key, lost in swallowed(case.book.text):
        where = Spot(Span(case.book.path, number, number), f"front matter {key}")
        yield RuleHit(where, f"the value of `{key[:40]}` ends before “{lost[:60]}”")


_CUT = re.compile(r"(?P<key>[\w-]++):\s++[^\s'\"\[{|>#&*!][^#]*+(?<=\s)(?P<lost>#\S.*)")


def swallowed(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, key and lost text of each value that ` #` cuts; a space after `#` makes a real comment."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "---":
            return
        if match := _CUT.fullmatch(line.rstrip()):
            yield number, match["key"], match["lost"]


@HEADER.rule(WARNING, help="make `topic` and the file name say the same; links and tags use the file name")
def mismatched_topic(case: LintCase) -> Iterator[RuleHit]:
    """A `topic` that is not the one the file is named for.

    Why: branches, tags and links are found by the topic (research workflow, Core Artifacts 2).

    Fails: a file `router-temperature.md` whose front matter says

    ```markdown
    ---
    topic: dense baselines
    ---

    # Sparse attention: Research Logbook
    ```

    Passes: letter case, punctuation, a leading issue number and extra words do not matter in it

    ```markdown
    ---
    topic: Router temperature
    ---

    # Router temperature: Research Logbook
    ```

    Way out: correct the `topic`, or rename the file.
    """
    header = case.book.header
    if not header.topic or header.topic_span is None or case.book.front_matter is None:
        return
    said, name = (re.sub(r"^\d+-", "", slug(text)) for text in (header.topic, case.book.topic))
    if said and name and said not in name and name not in said:
        where = Spot(header.topic_span, "topic")
        yield RuleHit(where, f"the topic is “{header.topic[:60]}”, but the file is named “{case.book.topic[:60]}”")


@HEADER.rule(WARNING, help="add `issue: NUMBER` to the front matter, or `- Coordinating issue: #NUMBER` under Scope")
def unlinked_issue(case: LintCase) -> Iterator[RuleHit]:
    """A logbook that does not name its experiment issue.

    Why: logbook and issue link each other (research workflow, Prologue 3).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    ## Scope

    - Goal: halve the attention cost.
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    Issue: #8734
    ```

    Way out: name the issue in the front matter or under the title: a URL, `#N`, `owner/repo#N`, or another tracker's
    issue in words.
    """
    if case.book.header.issue is None:
        yield RuleHit(case.book, "the logbook names no experiment issue")


RULES = (invalid_front_matter, missing_title, swallowed_front_matter, mismatched_topic, unlinked_issue)
