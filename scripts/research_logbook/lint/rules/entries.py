"""Rules about the entries of the log and their IDs (research workflow, Propose / Run / Interpret, Prologue 4)."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

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
from research_logbook.logbook.experiment_ids import found, prefix_of
from research_logbook.logbook.model import Code, Entry, Field, Logbook, Span, Spot
from research_logbook.logbook.queries import (
    SHORTENED,
    commands_of,
    commit_of,
    has_result,
    is_newest_first,
    is_numbered_after,
    oldest_first,
    outermost_headings,
    own_commits,
    says_none,
    says_not_applicable,
    scripts_of,
    unanswered,
    unexplained,
)
from research_logbook.logbook.vocabulary import CONFIDENCES, is_command, is_measured
from research_logbook.markdown.tree import CODE, Block, BlockKind, walk
from research_logbook.render import enumerated

ENTRIES = RuleGroup("entries")


def experiments(book: Logbook) -> Iterator[Entry]:
    """Yield the entries with a command, a job or a measured result."""
    return (entry for entry in book.everything if entry.is_run)


def at_heading(entry: Entry, about: str = "") -> Spot:
    """Return the line of an entry's heading, where a finding about the whole entry points."""
    span = entry.span
    return Spot(Span(span.path, span.line, span.line, span.column), f"{entry.subject} {about}".rstrip())


@ENTRIES.rule(ERROR, help="start the heading with the date: `### YYYY-MM-DD HH:MM - label`")
def undated_entry(case: LintCase) -> Iterator[RuleHit]:
    """An entry without a date: a heading in the log with an entry's fields or its own ID, but no date there.

    A `Date:` field dates it, too.

    Why: the log is read in chronological order (task-logbook: `### YYYY-MM-DD HH:MM - <short label>`).

    Fails:

    ```markdown
    ### Kickoff

    - Hypothesis: sparsity keeps the loss.
    - Result: TBD.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 04:50 - Kickoff

    - Hypothesis: sparsity keeps the loss.
    - Result: TBD.
    ```

    How to fix: put the date before the label.
    """
    for entry in case.book.undated:
        yield RuleHit(at_heading(entry), f"the entry “{entry.heading[:60]}” has no date")


@ENTRIES.rule(ERROR, help="correct the date" + STRIKE)
def impossible_date(case: LintCase) -> Iterator[RuleHit]:
    """A date or time that does not exist.

    Why: an impossible date is a typo, and nobody can tell which day was meant (task-logbook).

    Fails:

    ```markdown
    ### 2026-02-30 - MOE-HC-001 kickoff
    ```

    Passes:

    ```markdown
    ### 2026-02-28 - MOE-HC-001 kickoff
    ```

    How to fix: correct the date.
    """
    for entry in case.book.entries:
        if entry.when and entry.when.date is None:
            yield RuleHit(at_heading(entry), f"{entry.when.written} is not a valid date")


@ENTRIES.rule(ERROR, help="use the date on which it was written; put plans in the next action" + STRIKE)
def future_entry(case: LintCase) -> Iterator[RuleHit]:
    """An entry dated more than a day in the future; the day allows for time zones.

    Why: an entry records what happened, not what is planned (research workflow, Research Loop).

    Fails:

    ```markdown
    ### 2999-01-01 - MOE-HC-001 kickoff
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff
    ```

    How to fix: correct the date.
    """
    latest = case.facts.now.date() + dt.timedelta(days=1)
    for entry in case.book.entries:
        if entry.when and entry.when.date and entry.when.date > latest:
            yield RuleHit(at_heading(entry), f"the entry is dated in the future: {entry.when.date}")


_RUN_NAMES = re.compile(
    r"wandb\.ai/|\brun[ _-]?id|\bjob\b|\.(?:py|sh|ipynb|ya?ml)\b|"
    # A run by its name, such as sweep_v1_9b8d0555e0.
    r"\bruns?:?\s(?=[\w./-]{0,80}[_-])(?=[\w./-]{0,80}\d)[A-Za-z][\w./-]{4,}|\w[_-](?=[a-f]{0,7}\d)(?=\d{0,7}[a-f])[0-9a-f]{8,40}\b|"
    # A job, such as /ana/moe-hc-001; no file, and no path on one machine.
    r"(?<![\w.~/-])/(?!(?:home|Users|tmp|var|root|scratch|mnt|data|Volumes)/)[\w.-]+/[\w.-]*\w-[\w-]+(?![\w-]*\.[A-Za-z])",
    re.IGNORECASE,
)
# A run named by its time, such as sweep__20260525-045000; no file.
_TIMED_RUN = re.compile(r"[A-Za-z][_-]{1,2}20\d{6}[-_T]\d{6}(?!\d)(?![\w-]{0,80}\.[A-Za-z])")
_RUN_COLUMN = re.compile(r"\b(?:runs?|jobs?|command|script|w&?b)\b", re.IGNORECASE)


def names_what_ran(entry: Entry) -> bool:
    """Return whether an entry names a command, job, run or script in any form."""
    if any(not field.is_pending for field in entry.all("job", "run")) or any(commands_of(entry)):
        return True
    if _RUN_NAMES.search(entry.text) or any("wandb" in link.url for link in entry.links):
        return True
    if _TIMED_RUN.search(entry.heading) or _TIMED_RUN.search(entry.text):
        return True
    if any(_RUN_COLUMN.search(cell) for table in entry.tables for cell in table.header):
        return True
    return any(is_command(line.lstrip("-*+ `")) for line in entry.text.split("\n"))


@ENTRIES.rule(ERROR, help="add the exact command as `- Command:`, or the job or run as `- Job:` or `- Run:`")
def result_without_command(case: LintCase) -> Iterator[RuleHit]:
    """A measured result without a command, shell code, job, run or script to say where it came from.

    Another entry with the same job or experiment ID may name it.

    Why: record exact command lines for every headline number (research workflow, Practical Rules).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Result: loss 2.214 after 400 steps.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Command: `python -m train --seed 0`
    - Result: loss 2.214 after 400 steps.
    ```

    How to fix: add the command that produced the number, whoever ran it.
    """
    measured = (entry for entry in experiments(case.book) if entry.is_measured)
    for entry in unexplained(measured, case.book.everything, names_what_ran):
        where = entry.first("result")
        spot = Spot(where.span, f"{entry.subject} result") if where else at_heading(entry)
        yield RuleHit(spot, f"entry {entry.name} has a measured result but does not say what was run")


@ENTRIES.rule(WARNING, help="give it an entry with the exact command, or name the experiment, run or source it is from")
def unsourced_figure(case: LintCase) -> Iterator[RuleHit]:
    """A measured figure that the log claims in passing: no command, run, experiment or source is named with it.

    That is a figure for a metric, in text outside the entries or in an entry that is a note. Targets, expectations and
    what others published are no claims. An experiment with a result is held to `result-without-command`.

    Why: record exact command lines for every headline number (research workflow, Practical Rules).

    Fails:

    ```markdown
    ### 2026-05-25 - state of the art

    State of the art: loss 0.0001 after tuning.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - state of the art

    State of the art: loss 0.0001 after tuning, by MOE-HC-004.
    ```

    How to fix: write an entry for the run, or name the one that has it.
    """
    book = case.book
    notes = (entry for entry in book.everything if not (entry.is_run or entry.ids))
    for entry in notes:
        if _FIGURE.search(entry.text) and not names_what_ran(entry) and (found := _claim(entry.blocks, book.prefix)):
            line, claim = found
            spot = Spot(Span(book.path, line, line), f"{entry.subject} figure")
            yield RuleHit(spot, f"entry {entry.name} claims “{claim[:80]}” but not what was run")
    first = book.everything[0].span.line if book.everything else None
    for section in book.sections:
        if book.log and section.span.line == book.log.line and section.span.line != first:
            above = tuple(block for block in section.blocks if first is None or block.line < first)
            if found := _claim(above, book.prefix):
                line, claim = found
                spot = Spot(Span(book.path, line, line), f"{section.subject} figure")
                yield RuleHit(spot, f"the log claims “{claim[:80]}” in no entry, and not what was run")


_FIGURE = re.compile(
    r"\b(?:loss|accuracy|perplexity|ppl|bpb|f1|auc|auroc|bleu|rouge|mfu|throughput|speed-?up|latency|step time|reward|"
    r"win rate|pass@\d+|exact match|error rate|recall|precision|rmse|mse|mae)\b[^.;\n]{0,40}?"
    r"\b(?:\d{1,9}\.\d|\d{1,9} ?(?:%|x\b|ms\b|tok))",
    re.IGNORECASE,
)
_NO_CLAIM = re.compile(
    r"\b(?:target\w*|goals?|aim\w*|expect\w*|predict\w*|would|should|must|could|may|might|will|threshold\w*|gates?|criteri\w+|"
    r"stop\w*|if|until|unless|when|budget\w*|plan\w*|assum\w*|estimat\w*|papers?|publish\w*|report\w*|literature|"
    r"references?|prior|previous\w*|earlier|et al|see|want\w*|need\w*|hypothes\w+|propos\w+|whether|limit\w*|"
    r"at (?:least|most)|above|below|under|over|baselines?|from|per|runs?|jobs?|seeds?|experiments?|exp\d*|"
    r"entry|entries|require\w*|commits?|logs?|table|figure)\b|[\u2265\u2264<>?]|https?:|\[\d",
    re.IGNORECASE,
)


def _claim(blocks: Iterable[Block], prefix: str) -> tuple[int, str] | None:
    """Return the first sentence that claims a figure and names no source of it, with its line."""
    for leaf in walk(blocks):
        if leaf.kind is not BlockKind.PARAGRAPH or not _FIGURE.search(leaf.text):
            continue
        has_source = (prefix and prefix in leaf.text) or any(run.url or run.style & CODE for run in leaf.runs)
        if not has_source and is_measured(leaf.text) and not _NO_CLAIM.search(leaf.text):
            return leaf.line, " ".join(leaf.text.split())
    return None


@ENTRIES.rule(WARNING, help="add the command that submitted the job as `- Command:`")
def job_without_command(case: LintCase) -> Iterator[RuleHit]:
    """A job or run without the command that started it, in this entry or another with the same job or ID.

    Why: a command can be run again, a job name cannot (research workflow, Propose / Run / Interpret 3).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Job: `/ana/moe-hc-001`
    - Result: succeeded.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Command: `sbatch --job-name moe-hc-001 train.sh`
    - Job: `/ana/moe-hc-001`
    - Result: succeeded.
    ```

    How to fix: add the command that submitted the job.
    """
    started = (entry for entry in experiments(case.book) if entry.first("job", "run"))
    for entry in unexplained(started, case.book.everything, lambda entry: any(commands_of(entry))):
        # "Run: `make`" is a command by another name.
        job = entry.first("job", "run")
        if job and not any(is_command(line) for line in job.text.split("\n") if not line.startswith("/")):
            yield RuleHit(
                Spot(job.span, f"{entry.subject} job"),
                f"entry {entry.name} names a job but not the command that started it",
            )


_OUTCOME = re.compile(
    r"(?i)\b(?:pass(?:ed|es)|fail(?:ed|s)|succeeded|completed|crashed|finished|diverged|killed|stopped|reached)\b"
)


_LAUNCH = re.compile(
    r"\b(?:(?:re-?)?launch(?:ed|ing)|(?:re-?)?submitted|(?:re-?)?started|kick-?off|kicked off|queued|resumed)\b|"
    r"\blaunch\W*\Z|\bbug\b",
    re.IGNORECASE,
)
_PLAN = re.compile(
    r"\b(?:design|plan|pre-?registration|specification)(?=\W*(?:\Z|[+&]|and\b))|\band design\b", re.IGNORECASE
)
_INTERPRETS = re.compile(
    r"=>|⇒|^[^\w\n]*+(?:\w++ ){0,2}(?:analysis|answer|beliefs?|cautions?|dead ends?|diagnos\w+|findings?|implications?|"
    r"insights?|interpretation|issues found|known issues?|lessons?|limitations?|null result|observations?|"
    r"significance|verdict)\b|"
    r"\b(?:crash|diverg|fail|hang|hung|improv|los[ts]|regress|slow|stall)\w*+ [^.\n]{0,60}\bbecause\b|"
    r"\b(?:caused by|caveats?|conclu(?:de|des|ded|sion)|confirms?|contradicts?|explain(?:s|ed)|falsifie[sd]|"
    r"hence|implie[sd]|indicates?|interpret(?:ation|ed|s)?|means that|premature|refute[sd]|root cause|"
    r"retract(?:ed|ion|s)?|"
    r"rules? out|ruled out|suggests?|takeaways?|therefore|thus|was wrong)\b",
    re.IGNORECASE | re.MULTILINE,
)
_PLANS = re.compile(
    r"(?<!previous )\bnext (?:\w++ ){0,2}(?:ablations?|actions?|candidates?|comparisons?|decisions?|deliverables?|"
    r"experiments?|gates?|moves?|phase|probes?|questions?|runs?|sessions?|steps?|tasks?|tests?|versions?|work)\b|"
    r"\bnext[.;,]|[/&] next\b[^:\n]{0,30}:|"
    r"\bif (?:this|the) (?:direction|line of work|approach|thread) (?:is )?continue[sd]\b|"
    r"(?:^|[.;]\s)[^\w\n]{0,8}+(?:next(?!-)|remaining|still to do|to ?do|open|outstanding|pending|"
    r"follow[- ]?ups?)\b[^:\n]{0,60}:|(?:^|[.;!?]\s)[^\w\n]{0,8}+(?:next|then) \w|"
    r"\b(?:we|i) (?:now |next |still )?(?:need to|will|should|plan to)\b|\bstill needs?\b|\bready (?:for|to)\b|"
    r"(?:^|[.;]\s)[^\w\n]{0,8}+(?:must|needs?) (?:to )?(?:be )?\w|\b(?:next|then) (?:we|i) \b|"
    r"\b(?:remaining|outstanding) (?:\w++ ){0,3}(?:is|are)\b|\bshould (?:add|remove|test|use|be)\b|"
    r"\bno (?:further|more) (?:runs?|work|experiments?|submissions?|action)\b|\bnot worth (?:further|more|any)\b|"
    r"^[^\w\n]*+stop(?:ped)?\b",
    re.IGNORECASE | re.MULTILINE,
)
_GOES_ON_WITH = re.compile(
    r"(?:^|[.;:,!?–—(]\s)[ *_`]{0,8}+(?:accept|acquire|add|adopt|advance|begin|build|choose|confirm|continue|create|"
    r"defer|design|develop|diagnose|do not|don['’]t|drop|exclude|extend|freeze|hold|implement|investigate|keep|launch|"
    r"leave|merge|move|park|pause|proceed|promote|rebuild|reconsider|reduce|reject|re-?run|re-?launch|remove|repeat|"
    r"replace|reserve|resume|retain|revert(?:ed)?|revisit|run|scale|select|ship|skip|start|stop|switch|test|treat|try|"
    r"use|validate|wait)\b",
    re.IGNORECASE | re.MULTILINE,
)
_DECISION = re.compile(
    r"^decision:\n\s*+(?P<text>(?![^\n:]{1,40}:)[^\n]++(?:\n[^\n]++)*+)", re.IGNORECASE | re.MULTILINE
)
"""A label alone on its line, and the paragraph below it."""
_DECIDES = re.compile(r"\b(?:conclusions?|verdict|recommendations?)\b", re.IGNORECASE)
_ENDS = re.compile(r"\b(?:abandon(?:ed)?|closed|discard(?:ed)?|fail(?:ed|s)?|pending|reject(?:ed)?)\b", re.IGNORECASE)
"""How a text says in other words what the numbers mean, and a decision what follows: go on with what, or no further."""


_RAN = "done|ok(?:ay)?|finished"
_ONLY_RAN = re.compile(rf"\W*(?:{_RAN})\W*\Z", re.IGNORECASE)
"""That a command ended, and nothing of what came out."""
_A_FINDING = 4
"""An interpretation of so many words says what came out."""


@ENTRIES.rule(WARNING, help="add the missing fields")
def incomplete_entry(case: LintCase) -> Iterator[RuleHit]:
    """An experiment without a result, an interpretation or a next action.

    A pending result needs no interpretation, and a plan, the record of a launch or the report of a bug none of the
    three. A failure is a result, and a verdict that says what is kept or dropped is a next action. “Done”, “ok” and
    “finished” by themselves are no result of a command, unless the entry shows or links what came out.

    Why: append key outputs, interpretation and next decision (research workflow, Propose / Run / Interpret 3).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Command: `python -m train --seed 0`
    - Result: diverged at step 40.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Command: `python -m train --seed 0`
    - Result: diverged at step 40.
    - Interpretation: the learning rate is too high for this width.
    - Next action: halve it.
    ```

    How to fix: add the missing fields; `none` is a valid next action.
    """
    for entry in experiments(case.book):
        has_result = bool(entry.tables) or is_measured(entry.text) or bool(_OUTCOME.search(entry.text))
        results = list(entry.all("result"))
        # There is nothing to interpret yet, unless there are figures on a hypothesis in fields of their own.
        is_told = entry.is_measured and entry.first("hypothesis") is not None
        is_pending = all(field.is_pending for field in results) if results else not is_told
        is_launch = is_pending and not entry.is_measured and _LAUNCH.search(entry.label)
        if is_launch or (_PLAN.search(entry.label) and not entry.first("command", "job", "run")):
            continue
        decided = [field.text for field in entry.all("decision")]
        decided += (found["text"] for found in _DECISION.finditer(entry.text))
        # A verdict that says what is kept or done decides.
        judged = [it.text for it in entry.all("conclusion", "interpretation") if _DECIDES.search(it.name)]
        is_bare = bool(entry.first("command")) and bool(results) and all(_ONLY_RAN.match(it.text) for it in results)
        if is_bare:
            rest = re.sub(rf"(?i)\b(?:{_RAN})\b", " ", entry.text)
            is_shown = entry.tables or entry.links or entry.is_measured or is_measured(rest) or _OUTCOME.search(rest)
            read = (it.text.split() for it in entry.all("interpretation", "conclusion"))
            is_bare = not (is_shown or any(len(words) >= _A_FINDING for words in read))
        has = {
            "result": (has_result or results) and not is_bare,
            "interpretation": is_pending
            or entry.first("interpretation", "conclusion", "decision")
            or any(decided)
            or _INTERPRETS.search(entry.text),
            "next action": entry.first("next-action")
            or _PLANS.search(entry.text)
            or _ENDS.search("\n".join(decided))
            or _GOES_ON_WITH.search("\n".join((*decided, *judged))),
        }
        missing = [name for name, found in has.items() if not found]
        if is_bare:
            message = f"entry {entry.name} says only “{results[0].text.strip()[:20]}” of what came out"
            yield RuleHit(at_heading(entry), message, "write what came out, such as a number, a file or how it failed")
            missing.remove("result")
        if missing:
            lines = enumerated(f"`- {name.capitalize()}: …`" for name in missing)
            none = "; `none` is a valid next action" * ("next action" in missing)
            message = f"entry {entry.name} records {enumerated(f'no {name}' for name in missing)}"
            yield RuleHit(at_heading(entry), message, f"add {lines}{none}")


@ENTRIES.rule(WARNING, help="write the command out in full, with `<redacted>` in place of secrets" + STRIKE)
def inexact_command(case: LintCase) -> Iterator[RuleHit]:
    """A command that cannot be run as it stands: abbreviated with `...`, “as above”, with a placeholder, or in prose.

    What stands for a secret (`<redacted>`, `<api-key>`) is no placeholder. A command field that holds code, or begins
    like a command, is no prose.

    Why: a number cannot be reproduced without the exact command (research workflow, Practical Rules).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Command: `python -m train ... --seed 0`
    ```

    ```markdown
    ### 2026-05-25 - MOE-HC-002 second seed

    - Command: as above, with seed 1
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Command: `WANDB_API_KEY=<redacted> python -m train --width 512 --seed 0`
    ```

    How to fix: write every word of the command, as it was typed.
    """
    lines = case.book.text.split("\n")
    for entry in case.book.everything:
        for place in commands_of(entry):
            if match := SHORTENED.search(place.text):
                first, last = place.span.line, place.span.end_line
                dotted = (number for number in range(first, last) if SHORTENED.search(lines[number - 1]))
                spot = Spot(Span(case.book.path, next(dotted, last), last), f"{entry.subject} {place.text[:200]}")
                yield RuleHit(spot, f"the command in entry {entry.name} is abbreviated with “{match[0]}”")
            elif fault := _left_out(place):
                spot = Spot(place.span, f"{entry.subject} {place.text[:200]}")
                yield RuleHit(spot, f"the command in entry {entry.name} {fault}")


_AS_ABOVE = re.compile(
    r"[\W_]*+(?:(?:the )?(?:same|identical)(?: (?:exact )?(?:command|commands|as|invocation|script)\b| ?[,.;(]|\s*\Z)|"
    r"(?:exactly )?(?:as|see|like) (?:above|before|previous|previously|earlier|in the (?:previous|last))\b|"
    r"(?:exactly )?(?:(?:same )?as|see|like|(?:re-?run|repeat) of|identical to)(?: in| for| entry| run| experiment)*+"
    r"\W{1,3}(?-i:[A-Z][A-Z0-9]*+(?:-[A-Z0-9]++)*-?\d)|"
    r"(?:ditto|above|unchanged)\b)",
    re.IGNORECASE,
)
_STAND_IN = re.compile(
    r"(?<![<\w])<(?!/)(?P<name>[A-Za-z][A-Za-z0-9_-]+(?:[ .|/-][A-Za-z0-9_-]+){0,7})(?:\.\.\.)?>(?!\w)|"
    r"\{\{[^{}\n]{1,80}\}\}|(?<![\w.-])/?path/to/[\w./-]*"
)
_NO_STAND_IN = re.compile(
    r"redact|secret|token|\bkey|[_-]key|passw|credential|private|mask|hidden|removed|omitted|censored|login|user|"
    r"^(?:bos|eos|pad|unk|sep|cls|mask|think|answer|iostream|stdio|vector|string)$",
    re.IGNORECASE,
)
_COMMAND_NAME = re.compile(r"\b(?:commands?|cmd|cli|invocation)\b", re.IGNORECASE)
_CODE_WORD = re.compile(r"(?:^|\s)(?:--?\w|[.~$/]\S)|\w[=/_.\\]\w|[`$|&{}\[\]]")
_MOST_LOOKED_AT = 4_000


def why_inexact(place: Field | Code) -> str:
    """Return why a command cannot be run as it stands, in words that follow its name; empty for one that can."""
    shortened = SHORTENED.search(place.text)
    return f"is abbreviated with “{shortened[0]}”" if shortened else _left_out(place)


def _left_out(place: Field | Code) -> str:
    """Return why a command cannot be run as it is written, in words; empty for one that can."""
    text = place.text[:_MOST_LOOKED_AT]
    stand_ins = (match for match in _STAND_IN.finditer(text) if not _NO_STAND_IN.search(match["name"] or ""))
    # An element that is closed is markup, which a command may hold.
    if match := next((it for it in stand_ins if not (it["name"] and f"</{it['name']}>" in text)), None):
        return f"has the placeholder “{match[0][:60]}”"
    # What ends with a colon introduces the code below it.
    if isinstance(place, Code) or text.rstrip().endswith(":") or says_none(text) or says_not_applicable(text):
        return ""
    is_code = any(is_command(line.lstrip("-*+ `")) for line in text.split("\n"))
    if not is_code and (match := _AS_ABOVE.match(text)):
        return f"refers to another one: “{' '.join(text.split())[:60]}”"
    is_prose = not (is_code or _CODE_WORD.search(text)) and ("`" not in place.value or _EXAMPLE.search(text))
    if is_prose and _COMMAND_NAME.search(place.name) and len(text.split()) > 1 and not _NOT_RUN.search(text):
        return f"is told in prose: “{' '.join(text.split())[:60]}”"
    return ""


_NOT_RUN = re.compile(
    r"^\W*(?:no|not|never|nothing|manual)\b|\b(?:pending|tbd|todo|not yet)\b|"
    r"\b(?:no|nothing)\b[\w ]{0,40}\b(?:run|ran|submitted|launched|yet)\b",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"^\W*(?:the|an?|your|exact)\b.*\bcommand", re.IGNORECASE)


@ENTRIES.rule(
    WARNING, help="commit the script and record the new commit, or correct the path" + STRIKE, needs=Needs.GIT
)
def command_not_in_tree(case: LintCase) -> Iterator[RuleHit]:
    """A command that runs a script missing from the repository at the entry's commit.

    Why: before a result counts as evidence, its command must reproduce from the commit (task-snapshot).

    A commit that this clone does not have is not checked.

    Fails:

    ```yaml given
    files: [experiments/evaluate.py]
    ```
    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Command: `python experiments/train.py`
    ```

    Passes:

    ```yaml given
    files: [experiments/train.py]
    ```
    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Command: `python experiments/train.py`
    ```

    How to fix: commit the script, and record that commit as `- Commit Hash:`.
    """
    for script in scripts_of(case.book):
        tree = script.tree or case.tree
        if case.facts.missing is not None and (tree, script.path) in case.facts.missing:
            at = f"commit {tree[:10]}" if script.tree else "the repository"
            yield RuleHit(script, f"entry {script.entry.name} runs `{script.path[:120]}`, which is not in {at}")


@ENTRIES.rule(WARNING, help="add the commit it ran from as `- Commit Hash:`")
def result_without_commit(case: LintCase) -> Iterator[RuleHit]:
    """A measured result without the commit that produced it, in this entry or another with the same job or ID.

    An entry whose configuration or command names that other one (“same launcher as MOE-HC-002”) has its commit.

    Why: a number is only meaningful for a known version of the code (task-logbook: Commit Hash).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Command: `python -m train --seed 0`
    - Result: loss 2.214 after 400 steps.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Commit Hash: `1691d0a9afbfe849538e180186bec7759574cf2c`
    - Command: `python -m train --seed 0`
    - Result: loss 2.214 after 400 steps.
    ```

    How to fix: add the commit hash, at least seven digits of it.
    """
    measured = (entry for entry in experiments(case.book) if entry.is_measured)
    known = {name for entry in case.book.everything if _names_commit(entry) for name in entry.ids}
    for entry in unexplained(measured, case.book.everything, _names_commit):
        # "Config: as MOE-HC-002" has the commit of that one.
        ran = "\n".join(field.text for field in entry.all("command", "commit", "config", "job", "run"))
        if not known.isdisjoint(found(ran, case.book.prefix)):
            continue
        if _uncommitted(entry) is None:  # `uncommitted-changes` says it.
            yield RuleHit(at_heading(entry, "commit"), f"entry {entry.name} has a measured result but no commit")


@ENTRIES.rule(
    WARNING,
    help="push the branch that has it, run `git fetch`, or name the repository that it is of" + STRIKE,
    needs=Needs.GIT,
)
def unknown_commit(case: LintCase) -> Iterator[RuleHit]:
    """A commit that the repository does not hold.

    A clone without all of the history cannot tell, nor can a repository that was never fetched into: nothing is said
    there. A hash beside the name of another repository is that one's.

    Why: a number is only meaningful for a known version of the code (task-logbook: Commit Hash).

    Fails:

    ```yaml given
    unknown-commits: [0b5e0d1c7a94]
    ```
    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Commit Hash: `0b5e0d1c7a94`
    - Result: loss 2.214 after 400 steps.
    ```

    Passes:

    ```yaml given
    unknown-commits: [0b5e0d1c7a94]
    ```
    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Commit Hash: lab/trainer@`0b5e0d1c7a94`
    - Result: loss 2.214 after 400 steps.
    ```

    How to fix: correct a typo. Push a commit that is on another machine; push one that was rebased away as a tag.
    """
    for entry in experiments(case.book):
        for field, commit in own_commits(entry):
            if commit in case.facts.unknown_commits:
                spot = Spot(field.span, f"{entry.subject} commit {commit}")
                yield RuleHit(spot, f"entry {entry.name} ran from `{commit[:12]}`, which this repository does not hold")


# A checksum is of a file, whatever stands beside it. `git describe` puts a "g" before a hash.
_HASH = re.compile(
    r"(?<![\w/.-])(?<!sha256[:=])(?<!sha256[:=] )(?:g(?=[0-9a-f]*\d)|(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f]))[0-9a-f]{7,64}"
    r"(?:-dirty\b|(?![\w/-]))|/commit/[0-9a-f]{7,64}"
)


def _names_commit(entry: Entry) -> bool:
    return (
        commit_of(entry) is not None
        or bool(_HASH.search(entry.text))
        or any("/commit/" in link.url for link in entry.links)
    )


@ENTRIES.rule(
    WARNING, help="leave it in place; correct the date if it is a typo, otherwise say when the work was done" + STRIKE
)
def entry_out_of_order(case: LintCase) -> Iterator[RuleHit]:
    """An entry dated before the one above it (after it, in a log with the newest entry first). Only days are compared.

    Where each ID comes after the one above it, the log has the oldest entry first, whatever its dates say.

    Why: the log is append-only and read in chronological order (research workflow, Research Logbook).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    ### 2026-05-27 - MOE-HC-002 second seed

    ### 2026-05-26 - MOE-HC-003 third seed
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    ### 2026-05-25 - MOE-HC-002 second seed

    ### 2026-05-26 - MOE-HC-003 third seed
    ```

    How to fix: correct the date if it is a typo. Never move entries.
    """
    dated = [(entry, entry.when.day) for entry in case.book.entries if entry.when and entry.when.day]
    newest_first = is_newest_first(case.book) and not _is_numbered_upwards([entry for entry, _ in dated])
    parts = outermost_headings(case.book)
    for (before, earlier), (entry, later) in pairwise(dated):
        # A later section goes on from wherever the log was when it was begun.
        is_same_part = parts[before.span.line] == parts[entry.span.line]
        if is_same_part and (later > earlier if newest_first else later < earlier):
            than = "newer" if newest_first else "older"
            yield RuleHit(
                at_heading(entry),
                f"entry {entry.name} ({later}) is {than} than the one above it ({before.name}, {earlier})",
            )


def _is_numbered_upwards(dated: Sequence[Entry]) -> bool:
    """Return whether each entry's ID comes after the ID of the one above: then it is the dates that run backwards."""
    return len(dated) > 1 and all(is_numbered_after(below, above) for above, below in pairwise(dated))


@ENTRIES.rule(WARNING, help="say in the second that it is a duplicate, or give each its own label and time")
def repeated_entry(case: LintCase) -> Iterator[RuleHit]:
    """An entry with the same heading and text as an earlier one.

    Why: identical entries count one experiment twice, or are left over from a bad merge (task-logbook).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    Diverged at step 40.

    ### 2026-05-25 - MOE-HC-001 first seed

    Diverged at step 40.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    Diverged at step 40.

    ### 2026-05-25 - MOE-HC-001 first seed, again

    Diverged at step 41.
    ```

    How to fix: give each its own label and time, or say in the second that it is a duplicate.
    """
    seen: dict[tuple[str, str], Entry] = {}
    for entry in case.book.everything:
        key = entry.subject, " ".join(entry.text.split())
        if key in seen:
            yield RuleHit(at_heading(entry), f"this entry duplicates the one on line {seen[key].span.line}")
        seen.setdefault(key, entry)


@ENTRIES.rule(
    WARNING, help="record the outcome in this field or in a new entry with the same ID; “abandoned” is a result"
)
def stale_pending_result(case: LintCase) -> Iterator[RuleHit]:
    """A result pending for more than `pending-days` days (default 14) that no later entry supplies.

    Why: a run that nobody followed up on is a lost result (research workflow, Practical Rules: failures are
    first-class data).

    Fails:

    ```markdown
    ### 2020-05-25 - MOE-HC-001 first seed

    - Command: `python -m train --seed 0`
    - Result: pending.
    ```

    Passes:

    ```markdown
    ### 2020-05-25 - MOE-HC-001 first seed

    - Command: `python -m train --seed 0`
    - Result: pending.

    ### 2020-05-26 - MOE-HC-001 first seed, result

    - Result: diverged at step 40.
    ```

    How to fix: complete the field, or add an entry with the same ID and the result.
    """
    oldest = case.facts.now.date() - dt.timedelta(days=case.config.pending_days)
    for entry, field in unanswered(case.book):
        if entry.when and entry.when.date and entry.when.date < oldest:
            spot = Spot(field.span, f"{entry.subject} pending")
            yield RuleHit(spot, f"the result of entry {entry.name} has been pending since {entry.when.date}")


@ENTRIES.rule(WARNING, help="record the commit that ran, or say that it was lost; a patch may be linked")
def stale_pending_commit(case: LintCase) -> Iterator[RuleHit]:
    """A commit pending for more than `pending-days` days (default 14), in an entry that has a result.

    An entry with the same ID or job may record it.

    Why: a number is only meaningful for a known version of the code (task-logbook: Commit Hash).

    Fails:

    ```markdown
    ### 2020-05-25 - MOE-HC-001 first seed

    - Commit Hash: pending
    - Command: `python -m train --seed 0`
    - Result: diverged at step 40.
    ```

    Passes:

    ```markdown
    ### 2020-05-25 - MOE-HC-001 first seed

    - Commit Hash: pending
    - Command: `python -m train --seed 0`
    - Result: diverged at step 40.

    ### 2020-05-26 - MOE-HC-001 second seed

    - Commit Hash: `1691d0a9afbf`
    - Command: `python -m train --seed 1`
    - Result: diverged at step 38.
    ```

    How to fix: complete the field, or add an entry with the same ID and the commit.
    """
    oldest = case.facts.now.date() - dt.timedelta(days=case.config.pending_days)
    asked = (entry for entry in case.book.everything if _is_stale(entry, oldest) and has_result(entry))
    for entry in unexplained(asked, case.book.everything, _names_commit):
        if (field := next((it for it in entry.all("commit") if it.is_pending), None)) and entry.when:
            spot = Spot(field.span, f"{entry.subject} pending commit")
            yield RuleHit(spot, f"the commit of entry {entry.name} has been pending since {entry.when.date}")


def _is_stale(entry: Entry, oldest: dt.date) -> bool:
    """Return whether an entry is older than that and has a field that is still to come."""
    is_old = bool(entry.when and entry.when.date and entry.when.date < oldest)
    return is_old and any(field.is_pending for field in entry.fields)


@ENTRIES.rule(WARNING, help="commit what ran and record that commit, or keep the patch and link it" + STRIKE)
def uncommitted_changes(case: LintCase) -> Iterator[RuleHit]:
    """A result from code that no commit holds: a commit recorded with “dirty” or “uncommitted changes”.

    An entry that names the patch is fine, and so is a run that failed.

    Why: before a result counts as evidence, its command must reproduce from the commit (task-snapshot).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Commit Hash: `1691d0a9afbf` plus uncommitted changes
    - Command: `python -m train --seed 0`
    - Result: loss 2.214 after 400 steps.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Commit Hash: `1691d0a9afbf`, no uncommitted changes
    - Command: `python -m train --seed 0`
    - Result: loss 2.214 after 400 steps.
    ```

    How to fix: commit before you run. What was run already: commit it now, and say so.
    """
    for entry in experiments(case.book):
        if (found := _uncommitted(entry)) and _is_relied_on(entry):
            field, words = found
            spot = Spot(field.span, f"{entry.subject} uncommitted")
            yield RuleHit(spot, f"entry {entry.name} ran code that no commit holds: “{words}”")


def _is_relied_on(entry: Entry) -> bool:
    """Return whether an entry has a result that others build on: a figure, or a run that did not fail."""
    results = [field.text for field in entry.all("result") if not field.is_pending]
    has_ended_well = bool(results) and not any(_FAILED.search(text[:_MOST_LOOKED_AT]) for text in results)
    return entry.is_measured or (has_ended_well and any(commands_of(entry)))


_FAILED = re.compile(
    r"\b(?:abort|crash|died|diverge|error|fail|kill|oom\b|out of memory|refuse|reject|stopped)", re.IGNORECASE
)


def _uncommitted(entry: Entry) -> tuple[Field, str] | None:
    """Return the commit's field that says that what ran was not committed, and the words that do."""
    for field in entry.all("commit"):
        text = field.text[:_MOST_LOOKED_AT]
        match = _DIRTY.search(text)
        if match and not _CLEAN.search(text) and not _PATCH.search(field.value[:_MOST_LOOKED_AT]):
            return field, match[0].strip("-+ ")
    return None


_DIRTY = re.compile(
    r"\b(?:dirty|uncommitted|unstaged|not (?:yet )?committed)\b|"
    r"\b(?:local|working[- ]tree|worktree) (?:changes?|edits?|modifications?|diffs?|fix(?:es)?|hacks?|tweaks?)\b",
    re.IGNORECASE,
)
_CLEAN = re.compile(
    r"\b(?:no|not|without|nothing|zero|never)\b[\w ,]{0,30}\b(?:dirty|uncommitted|unstaged|local|changes|edits)\b|"
    r"\b(?:clean|now|later|since|afterwards|subsequently)\b|\b(?:dirty|uncommitted)[\w ]{0,30}: ?(?:no|none|false)\b",
    re.IGNORECASE,
)
_PATCH = re.compile(
    r"\b(?:patch|stash|diff)(?:ed)? (?:is|was|saved|kept|stored|at|in)\b|\.(?:patch|diff)\b|://|\]\(", re.IGNORECASE
)


_MOST_PASTED_LINES = 80


@ENTRIES.rule(WARNING, help="keep the lines that matter; move the rest to an artefact and link it")
def pasted_output(case: LintCase) -> Iterator[RuleHit]:
    """A block of code or output longer than 80 lines.

    Why: large artefacts are linked, not pasted (task-logbook).

    Fails:

    ````markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    ```
    <81 lines>
    ```
    ````

    Passes:

    ````markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    ```
    <80 lines>
    ```
    ````

    How to fix: keep the lines that matter, and link the rest.
    """
    for entry in case.book.everything:
        for code in entry.code:
            lines = code.text.count("\n")
            if lines > _MOST_PASTED_LINES:
                spot = Spot(code.span, f"{entry.subject} code {code.text[:120]}")
                yield RuleHit(
                    spot, f"entry {entry.name} has {lines} lines of pasted output (limit: {_MOST_PASTED_LINES})"
                )


@ENTRIES.rule(
    WARNING,
    help="use `exploratory` (one run), `replicated` (repeated) or `stable` (holds across shapes, seeds and hardware)"
    + STRIKE,
)
def unknown_confidence(case: LintCase) -> Iterator[RuleHit]:
    """A confidence other than `exploratory`, `replicated` or `stable`.

    Why: the labels describe what was done, not how sure the author feels (task-logbook: claims may be labelled).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Confidence: pretty high.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 first seed

    - Confidence: `exploratory` (single seed).
    ```

    How to fix: use one of the three words; you may add to it.
    """
    for entry in case.book.everything:
        for field in entry.all("confidence"):
            if not field.is_pending and not CONFIDENCES & set(re.findall(r"[a-z]+", field.text.casefold())):
                spot = Spot(field.span, f"{entry.subject} confidence")
                yield RuleHit(
                    spot, f"the confidence “{' '.join(field.text.split())[:60]}” is not one of the three labels"
                )


IDS = RuleGroup("IDs")


@IDS.rule(WARNING, help="add the next ID after the date: `### YYYY-MM-DD HH:MM - PREFIX-NNN label`")
def entry_without_id(case: LintCase) -> Iterator[RuleHit]:
    """An experiment without an ID, in a logbook that declares an ID prefix.

    Why: IDs like `MOE-HC-001` tie entries, run names and issue comments together (research workflow, Prologue 4).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    Experiment ID prefix: SPA-AT

    ## Entry Log

    ### 2026-05-25 - first seed

    - Command: `python -m train --seed 0`
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    Experiment ID prefix: SPA-AT

    ## Entry Log

    ### 2026-05-25 - SPA-AT-001 first seed

    - Command: `python -m train --seed 0`
    ```

    How to fix: give it the next number. Decisions and incidents need no ID.
    """
    if case.book.header.prefix:
        for entry in experiments(case.book):
            if not entry.ids:
                yield RuleHit(
                    at_heading(entry), f"entry {entry.name} has no experiment ID such as {case.book.prefix}-001"
                )


@IDS.rule(
    WARNING, help="use this logbook's prefix in headings; refer to other threads' experiments in the text" + STRIKE
)
def foreign_id(case: LintCase) -> Iterator[RuleHit]:
    """A heading whose ID does not use the prefix that the logbook declares.

    Why: each series has one short prefix, so an ID leads to one place (research workflow, Prologue 4).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    Experiment ID prefix: SPA-AT

    ## Entry Log

    ### 2026-05-25 - MOE-HC-001 first seed
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    Experiment ID prefix: SPA-AT

    ## Entry Log

    ### 2026-05-25 - SPA-AT-001 first seed, after MOE-HC-001
    ```

    How to fix: use the logbook's prefix. A longer one that starts with it (`SPA-AT-PERF`) is fine.
    """
    declared = case.book.header.prefix
    for entry in case.book.everything if declared else ():
        for name in entry.heading_ids[:1]:
            prefix = prefix_of(name)
            if prefix != declared and not prefix.startswith(f"{declared}-"):
                yield RuleHit(at_heading(entry), f"ID {name} does not use this logbook's prefix {declared}")


_GOES_ON = re.compile(
    r"\b(?:again|continu\w*|complet\w*|correct\w*|evaluat\w*|analys\w*|follow[ -]?up|post-?mortem|part|re-?\w*run|"
    r"re-?launch\w*|re-?start\w*|repeat\w*|replicat\w*|resum\w*|retr(?:y|ied)|update\w*|verif\w*)\b",
    re.IGNORECASE,
)


@IDS.rule(
    WARNING,
    help="give the later experiment the next free ID, or say in its heading that it is a rerun or a follow-up" + STRIKE,
)
def reused_id(case: LintCase) -> Iterator[RuleHit]:
    """Two entries with results under one experiment ID, of different commands or different commits.

    An entry that goes on with the experiment of the earlier one says so in its heading (“rerun”, “follow-up”,
    “evaluation”), or has the ID with a letter, as in `MOE-HC-001b`.

    Why: an ID must lead to one experiment; two branches that take the same next number make two of one when they are
    merged (research workflow, Prologue 4).

    Fails:

    ```markdown
    ### 2026-05-25 09:00 - MOE-HC-002 second seed

    - Command: `python -m train --seed 2`
    - Result: loss 2.33 at step 400.

    ### 2026-05-25 11:30 - MOE-HC-002 twice the width

    - Command: `python -m train --width 1024`
    - Result: loss 2.21 at step 400.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 09:00 - MOE-HC-002 second seed

    - Command: `python -m train --seed 2`
    - Result: diverged at step 120.

    ### 2026-05-25 11:30 - MOE-HC-002 rerun with more warm-up

    - Command: `python -m train --seed 2 --warmup 500`
    - Result: loss 2.33 at step 400.

    ### 2026-05-26 09:00 - MOE-HC-003 twice the width

    - Command: `python -m train --width 1024`
    - Result: loss 2.21 at step 400.
    ```

    How to fix: give the later one the next free ID, or call it a rerun or a follow-up. If it was already pushed, strike
    out the old ID in its heading.
    """
    first: dict[str, tuple[Entry, frozenset[str], str]] = {}
    for entry in oldest_first(case.book):
        commands = frozenset(
            " ".join(it.text.strip("`\n ").split()) for it in commands_of(entry) if is_command(it.text)
        )
        if not (entry.heading_ids and commands and has_result(entry)):
            continue
        name, commit = entry.heading_ids[0], commit_of(entry) or ""
        before, ran, at = first.setdefault(name, (entry, commands, commit))
        # An abbreviated hash is the start of the full one.
        is_same_commit = not (at and commit) or at.startswith(commit) or commit.startswith(at)
        if before is entry or (is_same_commit and commands & ran) or _GOES_ON.search(entry.heading):
            continue
        how = "ran from another commit" if commands & ran else "ran another command"
        message = f"{name} already names the entry “{before.label or before.heading}”, which {how}"
        yield RuleHit(at_heading(entry), message)


@IDS.rule(
    WARNING,
    help="choose another prefix, or name the other logbook in this one (`Parent logbook:`) if they are one series",
    scope=Scope.CHANGE,
)
def shared_prefix(change: ChangeSet) -> Iterator[RuleHit]:
    """A prefix that another logbook also uses, when neither logbook names the other.

    Why: an ID must lead to one experiment (research workflow, Prologue 4).

    Fails:

    ```yaml given
    logbooks:
      .agents/logbooks/sparse.md: "Experiment ID prefix: SPA-AT"
    ```
    ```markdown
    # Sparse attention, part 2: Research Logbook

    Experiment ID prefix: SPA-AT
    ```

    Passes:

    ```yaml given
    logbooks:
      .agents/logbooks/sparse.md: "Experiment ID prefix: SPA-AT"
    ```
    ```markdown
    # Sparse attention, part 2: Research Logbook

    Parent logbook: sparse.md

    Experiment ID prefix: SPA-AT
    ```

    How to fix: choose another prefix for the newer thread, or link the two.
    """
    users = defaultdict(list)
    for book in (*change.facts.others, *change.books):
        if book.prefix:
            users[book.prefix].append(book)
    for book in change.books:
        for other in users[book.prefix]:
            if other.path != book.path and other.topic not in book.names and book.topic not in other.names:
                yield RuleHit(book, f"{other.path} also uses the prefix {book.prefix}")
                break


RULES = (
    undated_entry,
    impossible_date,
    future_entry,
    result_without_command,
    unsourced_figure,
    job_without_command,
    incomplete_entry,
    inexact_command,
    command_not_in_tree,
    result_without_commit,
    unknown_commit,
    entry_out_of_order,
    repeated_entry,
    stale_pending_result,
    stale_pending_commit,
    uncommitted_changes,
    pasted_output,
    unknown_confidence,
    entry_without_id,
    foreign_id,
    reused_id,
    shared_prefix,
)
