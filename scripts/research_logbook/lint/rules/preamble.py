"""Rules about what precedes the log: the header, and what is recorded before the first experiment."""

import re
from collections.abc import Iterator

from research_logbook.lint.rules.rule import ERROR, WARNING, LintCase, RuleGroup, RuleHit
from research_logbook.logbook.model import Logbook, Section, Span, Spot
from research_logbook.logbook.vocabulary import slug
from research_logbook.markdown.tree import CODE

HEADER = RuleGroup("header")


@HEADER.rule(
    ERROR, help="write it as `key: value` lines between two `---` lines; quote values that contain `: ` or ` #`"
)
def invalid_front_matter(case: LintCase) -> Iterator[RuleHit]:
    """Front matter that is not valid YAML, or is not closed.

    Why: people and tools read the topic and the issue from it (task-logbook: front matter).

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

    How to fix: quote the value, or close the block with `---`.
    """
    front = case.book.front_matter
    if front and front.problem:
        line = front.problem_line
        yield RuleHit(Spot(Span(case.book.path, line, line), front.subject), front.problem)


@HEADER.rule(ERROR, help="add a first heading such as `# Sparse attention: Research Logbook`")
def missing_title(case: LintCase) -> Iterator[RuleHit]:
    """A logbook without a title.

    Why: a reader who opens the file must see which thread it belongs to (task-logbook:
    `<Topic>: Research Logbook`).

    Fails:

    ```markdown
    Longer sequences cost more than they should.

    ## Entry Log
    ```

    Passes:

    ```markdown
    # Longer sequences: Research Logbook
    ```

    How to fix: add a title as the first heading, one level above the others.
    """
    if not case.book.title.strip():
        yield RuleHit(case.book, "the logbook has no title")


@HEADER.rule(WARNING, help="quote the value, or run `logbook lint --fix`", fixable=True)
def swallowed_front_matter(case: LintCase) -> Iterator[RuleHit]:
    """A front-matter value cut short by an unquoted ` #`: YAML reads the rest as a comment.

    Why: every program reads `issue: Lab issue #7` as “Lab issue” (YAML 1.2, Comments).

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

    How to fix: quote the value, or run `logbook lint --fix`.
    """
    for number, key, lost in swallowed(case.book.text):
        where = Spot(Span(case.book.path, number, number), f"front matter {key}")
        yield RuleHit(where, f"the value of `{key[:40]}` ends before “{lost[:60]}”")


_CUT = re.compile(r"(?P<key>[\w-]++):\s++[^\s'\"\[{|>#&*!][^#]*+(?<=\s)(?P<lost>#\S.*)")


def swallowed(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, key and lost text of each value that ` #` cuts short; `# ` with a space starts a real comment."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "---":
            return
        if match := _CUT.fullmatch(line.rstrip()):
            yield number, match["key"], match["lost"]


@HEADER.rule(WARNING, help="make `topic` match the file name, which links and tags use")
def mismatched_topic(case: LintCase) -> Iterator[RuleHit]:
    """A `topic` that does not match the file name.

    Case, punctuation, a leading issue number and extra words make no difference.

    Why: branches, tags and links are looked up by topic (research workflow, Core Artifacts 2).

    Fails:

    ```yaml given
    file: .agents/logbooks/router-temperature.md
    ```
    ```markdown
    ---
    topic: dense baselines
    ---

    # Sparse attention: Research Logbook
    ```

    Passes:

    ```yaml given
    file: .agents/logbooks/42-router-temperature.md
    ```
    ```markdown
    ---
    topic: Router temperature
    ---

    # Router temperature: Research Logbook
    ```

    How to fix: correct the `topic`, or rename the file.
    """
    header = case.book.header
    if header.topic_span is None or case.book.front_matter is None:
        return
    said, name = (re.sub(r"^\d+-", "", slug(text)) for text in (header.topic, case.book.topic))
    if said and name and said not in name and name not in said:
        where = Spot(header.topic_span, "topic")
        yield RuleHit(where, f"the topic is “{header.topic[:60]}” but the file is named “{case.book.topic[:60]}”")


@HEADER.rule(WARNING, help="add `issue: NUMBER` to the front matter, or `- Coordinating issue: #NUMBER` under Scope")
def unlinked_issue(case: LintCase) -> Iterator[RuleHit]:
    """A logbook that does not name its experiment issue.

    Why: the logbook and the issue link to each other (research workflow, Prologue 3).

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

    How to fix: name the issue in the front matter or below the title, as a URL, `#N`, `owner/repo#N`, or in words for
    another tracker.
    """
    if case.book.header.issue is None:
        yield RuleHit(case.book, "the logbook does not name an experiment issue")


PROLOGUE = RuleGroup("prologue")


@PROLOGUE.rule(WARNING, help="add `## Scope` with the goal, the primary metric and the constraints")
def missing_scope(case: LintCase) -> Iterator[RuleHit]:
    """A logbook that does not say what the thread is for. One that names a parent logbook may leave that to the parent.

    Why: results are judged against a goal that was set beforehand (research workflow, Prologue 6).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    ## Entry Log

    ### 2026-05-25 - kickoff
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    ## Scope

    - Goal: halve the attention cost.
    ```

    How to fix: add the section, with goal, primary metric and constraints.
    """
    book = case.book
    if book.header.parent or any(book.named("scope", "motivation")):
        return
    if not any(_GOAL.search(section.text) for section in _before_entries(book)):
        yield RuleHit(book, "the logbook has no scope: it does not say what the thread is for")


_GOAL = re.compile(r"(?im)^[^\w\n]*+(?:goals?|objectives?|question)\b.{0,20}:")


def _before_entries(book: Logbook) -> list[Section]:
    first = book.everything[0].span.line if book.everything else len(book.text)
    return [section for section in book.sections if section.span.line < first]


@PROLOGUE.rule(WARNING, help="add `## Entry Log` with an entry `### YYYY-MM-DD HH:MM - label` for each experiment")
def missing_entry_log(case: LintCase) -> Iterator[RuleHit]:
    """A logbook without a log: no section is one by its title or its content.

    Why: the log is the core of a logbook (research workflow, Research Logbook).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    ## Scope

    - Goal: halve the attention cost.
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    ## Entry Log
    ```

    How to fix: add the section; any title will do if the entries below it are dated.
    """
    if case.book.log is None and not case.book.everything and not case.book.header.parent:
        yield RuleHit(case.book, "the logbook has no log")


_STOP = re.compile(
    r"(?i)\bstop(?:ping)?[ -](?:criteri|condition|rule|when|after|if)|\bgate\b|\b(?:exit|success|promotion) criteri"
)
_METRIC = re.compile(r"(?i)\bmetrics?\b")


@PROLOGUE.rule(WARNING, help="record these before the first result; write “none” for what does not apply")
def incomplete_prologue(case: LintCase) -> Iterator[RuleHit]:
    """A new logbook that lacks something the research workflow requires at the start; one finding lists it all.

    Only new logbooks are checked, or all of them with `--all`.

    Why: a metric, baseline or stop criterion chosen after the results tests nothing (research workflow,
    Prologue 4 to 6).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    ## Scope

    - Goal: halve the attention cost.

    ## Entry Log
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    - Experiment ID prefix: SPA-AT
    - Tags: SPA-AT, issue-8734

    ## Scope

    - Goal: halve the attention cost.
    - Primary metric: step time in ms, at equal loss.

    ## Baseline

    - Dense attention: 13.89 s a step at loss 2.214.

    ## Stop criteria

    - Stop when three variants are slower than the baseline.

    ## Hypothesis Queue

    - `H1` (proposed): block sparsity keeps the loss.

    ## Entry Log
    ```

    How to fix: add what is missing, or write “none”.
    """
    if (case.is_new or case.everything) and not case.book.header.parent:
        sections = _before_entries(case.book)
        text = "\n".join(f"{section.title}\n{section.text}" for section in sections)
        baseline = "\n".join(section.text for section in case.book.named("baseline"))
        recorded = {
            "the primary metric": _METRIC.search(text),
            "the baseline's numbers": re.search(r"\d|(?i:\bnone\b)", baseline),
            "stop criteria": any(case.book.named("stop-criteria")) or _STOP.search(text),
            "a hypothesis queue": case.book.hypotheses or any(case.book.named("hypotheses")),
            "an experiment ID prefix": case.book.prefix,
            "2 to 4 shared tags": 2 <= len(case.book.header.tags) <= 4,
        }
        missing = [name for name, found in recorded.items() if not found]
        if missing:
            yield RuleHit(
                Spot(case.book.span, "prologue"), f"the start of the logbook does not record {', '.join(missing)}"
            )


@PROLOGUE.rule(WARNING, help="fill it in, or delete the line")
def unfilled_template(case: LintCase) -> Iterator[RuleHit]:
    """A template placeholder that was not filled in.

    Why: readers cannot tell a forgotten value from one that does not exist (research workflow, Prologue 6).

    Fails:

    ```markdown
    ## Baseline

    - Date: YYYY-MM-DD
    ```

    Passes:

    ```markdown
    ## Baseline

    - Date: 2026-05-25
    ```

    How to fix: fill it in, or delete the line.
    """
    for section in case.book.sections:
        for block in (leaf for top in section.blocks for leaf in top.walk()):
            for run in block.runs:
                if not run.style & CODE and (match := _PLACEHOLDER.search(run.text)):
                    yield _unfilled(match[0], Span(case.book.path, run.line, run.line))
        if match := _PLACEHOLDER.search(section.title):
            yield _unfilled(match[0], section.span)


_PLACEHOLDER = re.compile(
    r"YYYY-MM-DD|\{\{[^{}\n]{0,80}\}\}|<(?:short label|label|topic|issue(?: url)?|goal|metrics?|"
    r"commands?|prefix|hash|commit|result|config|hypothesis|"
    r"fill[^>\n]{0,60}|your [^>\n]{0,60}|describe[^>\n]{0,60}|what [^>\n]{0,60})>|\bPREFIX-\d+\b",
    re.IGNORECASE,
)


def _unfilled(text: str, span: Span) -> RuleHit:
    return RuleHit(Spot(span, f"placeholder {text}"), f"the placeholder “{text}” was not filled in")


RULES = (
    invalid_front_matter,
    missing_title,
    swallowed_front_matter,
    mismatched_topic,
    unlinked_issue,
    missing_scope,
    missing_entry_log,
    incomplete_prologue,
    unfilled_template,
)
