"""Rules about the file as a whole and about what precedes its log: the header, and what is set down beforehand."""

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from itertools import groupby, takewhile

from research_logbook.lint.rules.rule import ERROR, WARNING, LintCase, RuleGroup, RuleHit, Scope
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Allowance, Logbook, Section, Span, Spot, Unreadable, text_of
from research_logbook.logbook.queries import has_result, oldest_first
from research_logbook.logbook.vocabulary import is_measured, slug
from research_logbook.markdown.tree import CODE, HTML, Block, BlockKind, parse, walk
from research_logbook.private_text import blocked_text
from research_logbook.render import enumerated
from research_logbook.secret_scanner import find_secrets

FILE = RuleGroup("file")


@FILE.rule(ERROR, help="", scope=Scope.JUDGE, can_be_allowed=False)
def unreadable_logbook(unreadable: Unreadable) -> Iterator[RuleHit]:
    """A file that cannot be read as a logbook.

    It is not UTF-8, contains a NUL byte, is a symbolic link, is over 5 MB, or is nested more than 200 levels deep.

    Why: a record that nobody can open is not a record (research workflow, General Principle).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    Output with <a NUL byte> in it.
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    Plain text in UTF-8.
    ```

    How to fix: save the file as UTF-8 text, and link large output instead of pasting it.
    """
    yield RuleHit(unreadable, f"the logbook {unreadable.reason}", unreadable.help)


_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_HIDDEN = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u061c]"  # direction overrides and isolates
    f"|(?<![{_RTL} ])[\u200e\u200f](?![{_RTL} ])"  # direction marks away from right-to-left text
    "|[\u200b\u2060\ufeff\u180e\u00ad]"  # zero width
    "|(?<=[!-~])[\u200c\u200d](?=[!-~])"  # joiners between Latin characters
    "|(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0000-\U000e007f]"  # tags that follow no flag
)


_WRITTEN_OUT = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,24});")


@FILE.rule(ERROR, help="delete it, or run `logbook lint --fix`", fixable=True, can_be_allowed=False)
def hidden_characters(case: LintCase) -> Iterator[RuleHit]:
    """Invisible characters: direction overrides, zero-width characters and invisible tags.

    One written as an entity outside code counts too, and has to be deleted by hand.

    Why: they make a text look different from what it says, to people and to agents (research workflow, General
    Principle: a durable record).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kick\u200boff
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff 👩‍🔬
    ```

    How to fix: delete the character, or run `logbook lint --fix`.
    """
    lines = case.book.text.split("\n")
    seen = set()
    for number, line in enumerate(lines, 1):
        match = None if line.isascii() else _HIDDEN.search(line)
        if match:
            seen.add(number)
            spot = Spot(Span(case.book.path, number, number, match.start() + 1), f"line {visible(line)}")
            yield RuleHit(spot, f"hidden character U+{ord(match[0]):04X}")
    for number, sign in _written_out(case.book.text).items():
        if number not in seen:
            spot = Spot(Span(case.book.path, number, number), f"line {visible(lines[number - 1])}")
            message = f"hidden character U+{ord(sign):04X}, written as an entity"
            yield RuleHit(spot, message, "delete the entity, or format it as `code`")


def _written_out(text: str) -> dict[int, str]:
    """Return the first hidden character of each rendered line, by line number."""
    if not any(_HIDDEN.search(f"x{unescape(written)}x") for written in set(_WRITTEN_OUT.findall(text))):
        return {}
    shown = ((number, _HIDDEN.search(line)) for block in walk(parse(text)) for number, line in _shown(block))
    found: dict[int, str] = {}
    for number, match in shown:
        if match:
            found.setdefault(number, match[0])
    return found


def _shown(block: Block) -> Iterator[tuple[int, str]]:
    """Yield the line numbers and rendered text of a block's own lines, without code."""
    if block.kind == BlockKind.HTML:
        yield from enumerate(unescape(block.literal).split("\n"), block.line)
    for number, runs in groupby(block.runs, lambda run: run.line):
        yield number, "".join(run.text for run in runs)


def visible(text: str) -> str:
    """Return `text` without its hidden characters."""
    if text.isascii():
        return text
    # Line by line, as in the search: a joiner at the end of a line has no neighbour on the next one.
    return "\n".join(line if line.isascii() else _HIDDEN.sub("", line) for line in text.split("\n"))


@FILE.rule(
    ERROR,
    help="revoke it now, then remove it from the file and the history; somebody may already have copied it",
    can_be_allowed=False,
)
def committed_secret(case: LintCase) -> Iterator[RuleHit]:
    """A credential in the text: an access token, a private key or a password in a URL.

    Why: a logbook is published with its repository (research workflow, General Principle: do not publish secrets).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff

    - Command: `GH_TOKEN=ghp_<36 letters and digits> python train.py`
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff

    - Command: `WANDB_API_KEY=<redacted> python train.py`
    ```

    How to fix: revoke the credential first, then replace it with `<redacted>`. Deleting it is not enough, because it
    stays in the git history.
    """
    lines = case.book.text.split("\n")
    for secret in find_secrets(case.book.text):
        spot = Spot(
            Span(case.book.path, secret.line, secret.line), f"{secret.kind} in line {hash_of(lines, secret.line)}"
        )
        yield RuleHit(spot, f"this line appears to contain a secret ({secret.kind})")


def hash_of(lines: list[str], number: int) -> str:
    """Return a digest of a line, which identifies it without repeating it."""
    return sha256(lines[number - 1].strip().encode()).hexdigest()[:12]


@FILE.rule(ERROR, help="remove it; the repository's configuration blocks it under `held-back`", can_be_allowed=False)
def held_back_text(case: LintCase) -> Iterator[RuleHit]:
    """Blocked text: text that matches a pattern under `held-back` in `.github/logbook.yml`.

    Why: work that somebody asked to keep private must not be published (research workflow, General Principle).

    Fails:

    ```yaml given
    configuration:
      held-back: ['(?i)project nightjar']
    ```
    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff

    - Decision: start with the data of Project Nightjar.
    ```

    Passes:

    ```yaml given
    configuration:
      held-back: ['(?i)project nightjar']
    ```
    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff

    - Decision: start with an internal data set.
    ```

    How to fix: write what may be published instead, or ask whoever blocked it.
    """
    lines = case.book.text.split("\n")
    for blocked in blocked_text(case.book.text, case.config.held_back):
        where = Span(case.book.path, blocked.line, blocked.line, blocked.column)
        spot = Spot(where, f"held back {blocked.number} in line {hash_of(lines, blocked.line)}")
        yield RuleHit(spot, f"this line matches pattern {blocked.number} under `held-back`")


@FILE.rule(WARNING, help="rename it to lower-case letters, digits and hyphens; git tracks the rename")
def unslugged_file_name(case: LintCase) -> Iterator[RuleHit]:
    """A new logbook whose file name is not a short slug of at most 80 characters.

    Why: branches, tags and links use the name as the thread's topic (task-logbook: a short stable slug).

    Fails:

    ```yaml given
    file: .agents/logbooks/Sparse Attention (final).md
    ```
    ```markdown
    # Sparse attention: Research Logbook
    ```

    Passes:

    ```yaml given
    file: .agents/logbooks/8734-sparse-attention.md
    ```
    ```markdown
    # Sparse attention: Research Logbook
    ```

    How to fix: rename it to lower-case letters, digits, hyphens or underscores, such as `8734-sparse-attention.md`.
    """
    if case.is_new and not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,79}", case.book.topic):
        better = slug(case.book.topic)[:80] or "topic"
        yield RuleHit(
            case.book,
            f"the file name “{case.book.topic[:80]}” is not a slug",
            f"rename it, for example to `{better}.md`",
        )


@FILE.rule(WARNING, help="delete the comment", scope=Scope.JUDGE, can_be_allowed=False)
def unused_allowance(allowance: Allowance) -> Iterator[RuleHit]:
    """An allowance that does not suppress anything.

    Why: an allowance that outlives its fault hides the next one (design of this linter).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff

    <!-- logbook: allow impossible-date -- the instrument's own clock -->

    Every date here is valid.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff
    ```

    How to fix: delete the comment.
    """
    yield RuleHit(allowance, f"the allowance for {allowance.rule} does not suppress anything")


@FILE.rule(WARNING, help="", scope=Scope.JUDGE, can_be_allowed=False)
def invalid_allowance(allowance: Allowance, why: str, how_to_fix: str) -> Iterator[RuleHit]:
    """An allowance that has no effect: for an unknown rule, without a reason, or for a rule that cannot be allowed.

    Why: readers must see why a fault is accepted, and history and secrets are not negotiable (research workflow,
    Research Logbook; General Principle).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff

    <!-- logbook: allow impossible-date -->
    ```

    Passes:

    ```markdown
    ### 2026-02-30 - MOE-HC-001 kickoff

    <!-- logbook: allow impossible-date -- the instrument's own clock -->
    ```

    How to fix: write it as `<!-- logbook: allow RULE -- reason -->`.
    """
    yield RuleHit(allowance, f"the allowance for {allowance.rule} {why}", how_to_fix)


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


@HEADER.rule(
    WARNING,
    help="add `issue: NUMBER` to the front matter; where there is none, write “No coordinating issue was created”",
)
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

    One from `logbook new` whose placeholders are still there, and that has no entry yet, is not asked for it.

    How to fix: name the issue in the front matter or below the title, as a URL, `#N`, `owner/repo#N`, or in words for
    another tracker. Where there is none, say so: “No coordinating issue was created”, and what stands in for it.
    """
    text = "\n".join(section.text for section in _before_entries(case.book))
    if case.book.header.issue is None and not (_is_fresh(case.book) or _NO_ISSUE.search(text)):
        yield RuleHit(case.book, "the logbook does not name an experiment issue")


_NO_ISSUE = re.compile(
    r"(?i)\bno (?:coordinating|coordination|experiment|github|tracking) issue\b|"
    r"\b(?:coordinating|coordination|experiment|tracking) issue\b[^\n:]{0,12}:[\W_]{1,6}none\b|"
    r"(?:\n|\A)[^\w\n]*+(?:\w+ )?issue:\s(?:https?://\S{1,80}/issues/\d|\S{0,80}#\d)|"
    r"\b(?:coordinating|coordination|tracking) (?:pr|pull request)\b\W{1,4}\S"
)


PROLOGUE = RuleGroup("prologue")


@PROLOGUE.rule(WARNING, help="add `## Scope` with the goal, the primary metric and the constraints")
def missing_scope(case: LintCase) -> Iterator[RuleHit]:
    """A logbook that does not say what the thread is for: in a section, a sentence under the title, or a description.

    One that names a parent logbook may leave that to the parent.

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
    if book.header.parent or any(book.named("scope", "motivation", "tldr")):
        return
    described = _words(str(book.front_matter.values.get("description", ""))) if book.front_matter else frozenset()
    before = _before_entries(book)
    # A first entry without a result may be where a thread begins: "Project initialised".
    first = [entry.text for entry in oldest_first(book)[:1] if not has_result(entry)]
    if any(map(_QUESTION.search, first)):
        return
    if len(described) < _FEWEST_WORDS and not any(map(_says_what_for, before)):
        yield RuleHit(book, "the logbook has no scope: it does not say what the thread is for")


_GOAL = re.compile(
    r"(?im)^[^\w\n]*+(?:goals?|objectives?|question)\b.{0,20}:|"
    r"(?:^|[.!?>*_]\s)[^\w\n]{0,8}+(?:(?:primary|main|central|core|key|overall) )?"
    r"(?:goals?|scope|aims?|objectives?|purpose|targets?|(?:research )?question|mission|"
    r"task|motivation):\s*+(?!none\b)\w|"
    r"\b(?:the|our|its|this|main) (?:goal|aim|objective|purpose|question) (?:is|was|here)\b|"
    r"\b(?:we|to) (?:test|ask|determine|find out|establish|investigate|measure) (?:whether|if|how|why|which)\b"
)
_QUESTION = re.compile(
    r"(?i)\b(?:central|core|main|overall|primary|research) (?:aim|goal|objective|question)s?\b[^\n:]{0,20}:"
)
_FEWEST_WORDS = 4


def _words(text: str) -> frozenset[str]:
    """Return the words of a text that say more than how a log is kept."""
    return frozenset(re.findall(r"[^\W\d_]{2,}", text.casefold())) - vocabulary.OF_LOGS


def _says_what_for(section: Section) -> bool:
    """Return whether a section says what the thread is for: as its goal, or in a sentence right under the title."""
    if _GOAL.search(section.text):
        return True
    if slug(section.title) in _OVERVIEWS:
        return any(len(_words(text_of(block))) >= _FEWEST_WORDS for block in section.blocks)
    prose = [block.text for block in section.blocks if block.kind is BlockKind.PARAGRAPH and section.level == 1]
    told = (_HEADER_LINE.sub("", text) for text in prose)
    return any(len(_words(text)) >= _FEWEST_WORDS for text in told)


_OVERVIEWS = frozenset({"overview", "project-overview", "about", "project-at-a-glance", "project-description"})
_HEADER_LINE = re.compile(r"(?m)^[^\W\d_][\w &/'-]{0,40}:.*$")


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
        yield RuleHit(case.book, "the logbook has no section for a log, and no entry with a date")


_STOP = re.compile(
    r"(?i)\bstop(?:s|ping)?\b[^.\n]{0,30}\b(?:criteri|condition|rule|when|after|if|once|at)|\bescalat|"
    r"\bfalsif(?:ier|ication|ied (?:if|when))|"
    r"\bacceptance\b|\bgate\b|\bgo/no-?go\b|\bpass/fail\b|\bdone when\b|"
    r"\b(?:abort|completion|decision|exit|kill|pass|promotion|success|termination) (?:criteri|rule|threshold)|"
    r"\b(?:budget|cap|ceiling|deadline|time-?box\w*)\b[^.\n]{0,30}\d|\d[^.\n]{0,20}\b(?:budget|cap|ceiling)\b"
)
_METRIC = re.compile(
    r"(?i)\bmetrics?\b|\b(?:targets?|objectives?|measured by)\s*+:|\btarget is\b|[≥≤<>]=?\s*+\d|"
    r"\b(?:maximi|minimi)[sz]|\b(?:falsification|success|decision|pass) (?:criteri|rule|threshold)|\bacceptance\b|"
    r"\bbar to clear\b|\bat (?:least|most) \d"
)
_ID = re.compile(r"\b(?P<prefix>[A-Z][A-Z0-9]{0,15}(?:-[A-Z0-9]{1,15}){0,3})-\d{2,6}\b")
_TAGS = re.compile(
    r"(?i)\b(?:tags|tagged(?: with)?)\b[^\w.]{1,6}[\w.:-]{1,40}[`'\"*]*+(?:\s?[,/·|+&]|\n[-*]|\sand\b)[\s`'\"*]*+\w"
)
_HYPOTHESIS = re.compile(
    r"(?im)^\W{0,8}(?:\w+ ){0,3}(?:hypothes[ei]s|predictions?)\b[^.\n]{0,40}(?::|$)|\bH\d{1,2}\b\W{0,4}[:–—(-]"
)
_CONTINUES = re.compile(r"(?i)\bcontinu(?:es|ing|ation of|ed from)\b(?:[^.]|\.\w){0,120}?(?:\blogbook|\.md\b)")
_BASELINE = re.compile(r"(?i)\b(?:baselines?|comparators?|reference (?:run|point)|control)\b")


def _gives_baseline(sections: list[Section]) -> bool:
    """Return whether a paragraph, list or table gives numbers of a baseline, which it names or the line above it."""
    for section in sections:
        above = section.title if section.level > 1 else ""
        for block in section.blocks:
            text = text_of(block)
            if _BASELINE.search(f"{above}\n{text}") and is_measured(text):
                return True
            above = text
    return False


@PROLOGUE.rule(WARNING, help="record these before the first result; write “none” for what does not apply")
def incomplete_prologue(case: LintCase) -> Iterator[RuleHit]:
    """A new logbook that lacks something the research workflow requires at the start; one finding lists it all.

    Only new logbooks are checked, or all of them with `--all`; one that still has its template's placeholders, and no
    entry yet, is told of those alone.

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
    if (case.is_new or case.everything) and not case.book.header.parent and not _is_fresh(case.book):
        sections = _before_entries(case.book)
        text = "\n".join(f"{section.title}\n{section.text}" for section in sections)
        if _CONTINUES.search(text):
            return
        # What a first entry lays down before it starts anything was chosen in time, too.
        first = list(takewhile(lambda entry: not has_result(entry), oldest_first(case.book)))
        planned = "\n".join(entry.text for entry in first)
        named = [entry for entry in case.book.everything if _ID.search(entry.heading[:200])]
        series = Counter(prefix for prefix, _ in {(match["prefix"], match[0]) for match in _ID.finditer(text)})
        baseline = "\n".join(section.text for section in case.book.named("baseline"))
        recorded = {
            "the primary metric": _METRIC.search(text),
            "the baseline's numbers": re.search(r"\d|(?i:\bnone\b)", baseline) or _gives_baseline(sections),
            "stop criteria": any(case.book.named("stop-criteria")) or _STOP.search(f"{text}\n{planned}"),
            "a hypothesis queue": case.book.hypotheses
            or any(case.book.named("hypotheses"))
            or _HYPOTHESIS.search(text),
            "an experiment ID prefix": case.book.prefix
            or 2 * len(named) > len(case.book.everything)
            or max(series.values(), default=0) > 1,
            "2 to 4 shared tags": 2 <= len(tags) <= 4 if (tags := case.book.header.tags) else _TAGS.search(text),
        }
        missing = [name for name, found in recorded.items() if not found]
        if missing:
            told = enumerated(missing, "or")
            yield RuleHit(Spot(case.book.span, "prologue"), f"the start of the logbook does not record {told}")


@PROLOGUE.rule(WARNING, help="fill it in, or delete the line")
def unfilled_template(case: LintCase) -> Iterator[RuleHit]:
    """A template placeholder that was not filled in, or the example text of an entry of `logbook new` left as it is.

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
    for text, span in _placeholders(case.book):
        yield RuleHit(Spot(span, f"placeholder {text}"), f"the placeholder “{text}” was not filled in")


def _placeholders(book: Logbook) -> Iterator[tuple[str, Span]]:
    sections = takewhile(lambda section: not _FOR_LATER.search(section.title), book.sections)
    for section in sections:
        for block in walk(section.blocks):
            for run in block.runs:
                # "<goal>" is HTML to the parser, and shows nothing.
                look = _PLACEHOLDER.fullmatch if run.style & HTML else _PLACEHOLDER.search
                if not run.style & CODE and (match := look(run.text)):
                    yield match[0], Span(book.path, run.line, run.line)
        if match := _PLACEHOLDER.search(section.title):
            yield match[0], section.span
    for entry in book.everything:
        for field in entry.fields:
            if (text := field.text.strip(" .`")) in EXAMPLE_TEXTS:
                yield text, field.span


_FOR_LATER = re.compile(r"(?i)\b(?:entry|entries|log)\b.*\btemplate\b|\btemplate\b.*\b(?:entry|entries)\b")
"""A heading below which an empty entry is kept on purpose, to be copied."""


def _is_fresh(book: Logbook) -> bool:
    """Return whether a logbook is a template that nobody has filled in yet, and holds no entry."""
    return not book.everything and any(_placeholders(book))


_PLACEHOLDER = re.compile(
    r"YYYY-MM-DD|\{\{[^{}\n]{0,80}\}\}|<(?:short label|label|topic|issue(?: url)?|goal|metrics?|"
    r"commands?|prefix|hash|commit|result|config|hypothesis|"
    r"fill[^>\n]{0,60}|your [^>\n]{0,60}|describe[^>\n]{0,60}|what [^>\n]{0,60})>|\bPREFIX-\d+\b",
    re.IGNORECASE,
)


EXAMPLE_TEXTS = frozenset(
    {
        "the commit that ran",
        "the exact command line",
        "what the command does not say",
        "the numbers, or how it failed",
        "against the baseline, with exploratory, replicated or stable",
        "the step that follows from this",
    }
)
"""What the template's own example of an entry says of each field, as a page shows it."""


RULES = (
    unreadable_logbook,
    hidden_characters,
    committed_secret,
    held_back_text,
    unslugged_file_name,
    unused_allowance,
    invalid_allowance,
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
