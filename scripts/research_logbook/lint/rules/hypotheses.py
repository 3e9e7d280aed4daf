"""Rules about the hypothesis queue (research workflow, Core Artifacts 3)."""

import re
from collections.abc import Iterator, Sequence, Set

from research_logbook.lint.rules.rule import WARNING, LintCase, RuleGroup, RuleHit
from research_logbook.logbook.model import Entry, Hypothesis, Spot, Status
from research_logbook.logbook.queries import SETTLED, oldest_first, says_none
from research_logbook.logbook.vocabulary import slug, status

HYPOTHESES = RuleGroup("hypotheses")


def _with(case: LintCase, *states: Status) -> Iterator[Hypothesis]:
    return (item for item in case.book.hypotheses if item.status in states)


@HYPOTHESES.rule(WARNING, help="use proposed, active, blocked, supported, falsified or promoted")
def unknown_hypothesis_status(case: LintCase) -> Iterator[RuleHit]:
    """A status that is not one of the six, nor a common synonym.

    Why: people and agents act on the queue (research workflow, Core Artifacts 3).

    Fails:

    ```markdown
    ## Hypothesis Queue

    | ID | Hypothesis | Status |
    |----|------------|--------|
    | H1 | sparsity keeps the loss | purple |
    ```

    Passes:

    ```markdown
    ## Hypothesis Queue

    | ID | Hypothesis | Status |
    |----|------------|--------|
    | H1 | sparsity keeps the loss | Falsified / Dead End |
    ```

    How to fix: use proposed, active, blocked, supported, falsified or promoted.
    """
    for item in case.book.hypotheses:
        if item.status is None:
            half = re.match(r"\W*(?:partial|partly|mixed|refined)", item.status_written, re.IGNORECASE)
            done = re.match(r"\W*(?:resolved|answered|settled|done|complete)", item.status_written, re.IGNORECASE)
            yield RuleHit(
                item,
                f"hypothesis {item.name} has the unknown status “{item.status_written[:40]}”",
                "write `supported` or `falsified`, and say which part of it is" * bool(half)
                + "write `supported` or `falsified`: the word does not say which" * bool(done),
            )


@HYPOTHESES.rule(WARNING, help="start it with an ID such as `H1` or `MOE-HC-H1`")
def hypothesis_without_id(case: LintCase) -> Iterator[RuleHit]:
    """A hypothesis without an ID that entries can refer to.

    Why: each hypothesis has an ID and evidence (task-logbook: hypothesis queue).

    Fails:

    ```markdown
    ## Hypothesis Queue

    - Sparsity keeps the loss.
    ```

    Passes:

    ```markdown
    ## Hypothesis Queue

    - `H1`: sparsity keeps the loss.
    ```

    How to fix: start it with an ID.
    """
    for item in case.book.hypotheses:
        if not item.id:
            yield RuleHit(item, f"hypothesis {item.name} has no ID")


_EVIDENCE = re.compile(r"\b[A-Z][A-Z0-9]*+-\d|#\d|\b[0-9a-f]{7,64}\b")  # An ID of more parts ends in one of two.
_NUMBER = re.compile(r"(?<![\w-])\d")
_SETTLED = "confirmed|disproved|falsified|promoted|refuted|rejected|settled|supported"
_REASON = re.compile(
    rf"(?i)\b(?:because|due to|since|as shown|shown (?:by|in)|see \w|(?:{_SETTLED}) (?:by|in)\b)|"
    rf"\b(?:{_SETTLED}|results?|outcome|verdict|observed|findings?):\s*+\w"
)


def _tells_more(item: Hypothesis) -> bool:
    """Return whether what is written for the state tells more than a state: what settled it, or why."""
    written = item.status_written
    rest = re.sub(r"\W+", " ", written).split()
    return bool(_EVIDENCE.search(written) or _REASON.search(written)) or (
        len(rest) > 4 and bool(_NUMBER.search(written))
    )


@HYPOTHESES.rule(WARNING, help="name the entry, run or numbers that settled it")
def settled_without_evidence(case: LintCase) -> Iterator[RuleHit]:
    """A supported, falsified or promoted hypothesis without evidence.

    A link, an experiment ID, an issue, a commit, numbers in a sentence, or a reason count as evidence, behind the claim
    or behind the state.

    Why: each item in the queue links to what supports it (task-logbook: hypothesis queue).

    Fails:

    ```markdown
    ## Hypothesis Queue

    ### Falsified

    - `H1`: sparsity keeps the loss.
    ```

    Passes:

    ```markdown
    ## Hypothesis Queue

    ### Falsified

    - `H1`: sparsity keeps the loss. It rose from 2.21 to 2.35 at the same number of tokens.
    ```

    How to fix: add the evidence.
    """
    for item in _with(case, *SETTLED):
        is_explained = bool(_NUMBER.search(item.text)) and len(item.text) > 40
        is_cited = item.has_link or item.evidence or _EVIDENCE.search(item.text) or _tells_more(item)
        if not (is_cited or is_explained or _REASON.search(item.text)):
            yield RuleHit(item, f"hypothesis {item.name} is {item.status} but cites no evidence")


def _ids_in(text: str) -> set[str]:
    """Return the words of a text that may be IDs."""
    return {word.strip(".-_") for word in re.findall(r"[\w.-]+", text)}


_TEST = re.compile(
    r"(?i)\bnext\b|\btest(?:ed|ing)? (?:by|with|in|on)\b|"
    r"(?:^|[.;:]\s)\W*(?:to be )?(?:check|compare|confirm|measure|probe|run|test|validate|verify|verified)(?:d|ed)?\b"
)
_PLAN = re.compile(r"(?i)\b(?:next|plan|planned|matrix|roadmap|todo)\b")


@HYPOTHESES.rule(WARNING, help="add `Next test: …`")
def active_without_next_test(case: LintCase) -> Iterator[RuleHit]:
    """An active hypothesis without a next test.

    The last next action of the entries that name it, or no hypothesis at all, is one too, and so is a plan that names
    it.

    Why: active means that it is being tested (task-logbook: active, with the next test).

    Fails:

    ```markdown
    ## Hypothesis Queue

    ### Active

    - `H1`: sparsity keeps the loss.
    ```

    Passes:

    ```markdown
    ## Hypothesis Queue

    ### Active

    - `H1`: sparsity keeps the loss. Next test: one seed at 512 blocks.
    ```

    How to fix: name the next test, or change the status to `proposed`.
    """
    planned = _ids_in("\n".join(section.text for section in case.book.sections if _PLAN.search(section.title)))
    settled = {item.id for item in _with(case, *SETTLED) if item.id}
    ids = {item.id for item in case.book.hypotheses}
    steps = [
        (_ids_in(f"{entry.heading}\n{entry.text}") & ids, field.text)
        for entry in oldest_first(case.book)
        for field in entry.all("next-action")
    ]
    for item in _with(case, Status.ACTIVE):
        # An entry on other hypotheses says nothing of this one's next test, and “none” in one on no hypothesis neither.
        own = [action for names, action in steps if item.id in names or not (names or says_none(action))]
        is_planned = (own and not says_none(own[-1])) or item.id in planned
        if item.id in settled or is_planned or item.next_step:
            continue
        if not _TEST.search(item.text):
            yield RuleHit(item, f"hypothesis {item.name} is active but names no next test")


_RESUME = re.compile(
    r"(?i)\b(?:block(?:ed|er|s)?|until|resum\w*|unblock\w*|when|once|wait\w*|needs?|requires?|depends|after)\b"
)


_BLOCKED_BY = re.compile(r"(?i)\b(?:on|by|for|until|till|when|once|after|pending|needs|waits?|waiting)\b\W+\w")


@HYPOTHESES.rule(WARNING, help="say what would unblock it: `Resume when: …`")
def blocked_without_resume_condition(case: LintCase) -> Iterator[RuleHit]:
    """A blocked hypothesis that does not say what would resume it.

    Why: otherwise blocked means forgotten (task-logbook: blocked, with what would resume it).

    Fails:

    ```markdown
    ## Hypothesis Queue

    ### Blocked

    - `H1`: sparsity keeps the loss.
    ```

    Passes:

    ```markdown
    ## Hypothesis Queue

    ### Blocked

    - `H1`: sparsity keeps the loss. Resume when: the sparse kernel lands.
    ```

    How to fix: name the condition.
    """
    for item in _with(case, Status.BLOCKED):
        if not (item.next_step or _RESUME.search(item.text) or _BLOCKED_BY.search(item.status_written)):
            yield RuleHit(item, f"hypothesis {item.name} is blocked but does not say what would resume it")


@HYPOTHESES.rule(WARNING, help="give it the status that the entry gives it, with the entry as evidence")
def stale_hypothesis(case: LintCase) -> Iterator[RuleHit]:
    """A hypothesis that is active or proposed in the queue although an entry settles it.

    Why: the queue is updated as the entries come in (research workflow, Core Artifacts 3).

    Fails:

    ```markdown
    # Sparse attention: Research Logbook

    ## Hypothesis Queue

    ### Active

    - `SPA-H1`: sparsity keeps the loss. Next test: one seed.

    ## Entry Log

    ### 2026-05-25 - first seed

    - Interpretation: SPA-H1 is falsified.
    ```

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    ## Hypothesis Queue

    ### Falsified

    - `SPA-H1`: sparsity keeps the loss. The first seed rose from 2.21 to 2.35.

    ## Entry Log

    ### 2026-05-25 - first seed

    - Interpretation: SPA-H1 is falsified.
    ```

    How to fix: update its status in the queue, with the entry as evidence.
    """
    settled = {item.id for item in _with(case, *SETTLED)}  # In a table of verdicts beside the list, for one.
    open_ones = [it for it in _with(case, Status.ACTIVE, Status.PROPOSED) if it.id and it.id not in settled]
    verdicts = _verdicts({item.id for item in open_ones}, case.book.everything)
    for item in open_ones:
        if item.id in verdicts:
            entry, verdict = verdicts[item.id]
            spot = Spot(item.span, f"{item.subject} settled by {entry.subject}")
            yield RuleHit(
                spot, f"hypothesis {item.id} is {item.status} in the queue but {verdict} in entry {entry.name}"
            )


_VERDICTS = ("supported", "confirmed", "falsified", "refuted", "rejected", "disproved", "promoted")
_SETTLES = re.compile(
    r"(?<![\s:–—→=-])(?:\*\*)?(?:\s++(?:is|was|has been|(?P<many>are|were|have been))\s++"
    r"(?:now\s++|both\s++|therefore\s++|thus\s++|clearly\s++)?|\s*+(?::|→|[–—=-]>?\s)\s*+[*_`]{0,3}|\s++(?=\w++\s*+[.;,)\n*]))"
    rf"(?P<verdict>{'|'.join(_VERDICTS)})\b(?!\s++(?:only|by the baseline)|,?\s++(?:if|when|unless|once)\b)"
)
_AND = re.compile(r"\s*+,\s*+and\s|\s*+[,/&]|\s++and\s")
_NO_VERDICT = re.compile(
    r"(?i)\b(?:if|whether|unless|when|once|until|till|neither|nor|not|should|would|could|might|may|as soon as|in case|"
    r"suppose|assum\w+|expect\w*|predict\w*)\b"
)
_SENTENCE_END = re.compile(r"[.;!?\n]\s")
_VERDICT_COLUMNS = frozenset({"verdict", "status", "state", "outcome"})
_LONGEST_ID = 200
_MOST_BEFORE = 400
"""Characters in front of a verdict in which its sentence and the hypotheses are looked for."""
_IN_A_WORD = re.compile(r"[\w-]")


def _verdicts(names: Set[str], entries: Sequence[Entry]) -> dict[str, tuple[Entry, str]]:
    """Return, for each of the IDs `names` that an entry settles, the first such entry and its verdict."""
    lengths = {len(name) for name in names if len(name) <= _LONGEST_ID}
    verdicts: dict[str, tuple[Entry, str]] = {}
    for entry, table in ((one, table) for one in entries for table in one.tables if names):
        places = [place for place, title in enumerate(table.header) if slug(title) in _VERDICT_COLUMNS]
        for row in table.rows if places else ():
            name = next((cell.strip(" *`") for cell in row if cell.strip(" *`") in names), "")
            said = row[places[0]] if places[0] < len(row) else ""
            if name and status(said) in SETTLED:
                verdicts.setdefault(name, (entry, " ".join(said.split())[:40]))
    telling = (entry for entry in entries if any(word in entry.text for word in _VERDICTS))
    for entry in telling if names else ():
        for match in _SETTLES.finditer(entry.text):
            before = entry.text[max(0, match.start() - _MOST_BEFORE) : match.start()]
            sentence = _SENTENCE_END.split(before)[-1]
            if _NO_VERDICT.search(sentence):
                continue
            # "H1, H2 and H3 are falsified": of the parts between commas, those that are no more than a name.
            for part in reversed(_AND.split(sentence) if match["many"] else [sentence]):
                if name := _name_at_end(part, names, lengths):
                    verdicts.setdefault(name, (entry, match["verdict"]))
                if len(part.split()) > 1:
                    break
    return verdicts


def _name_at_end(text: str, names: Set[str], lengths: Set[int]) -> str:
    """Return the one of the IDs, which have these `lengths`, that a text ends with as a whole word."""
    text = text.rstrip("*`")
    starts = (len(text) - length for length in lengths if length <= len(text))
    whole = (start for start in starts if start == 0 or not _IN_A_WORD.match(text, start - 1))
    return next((text[start:] for start in whole if text[start:] in names), "")


RULES = (
    unknown_hypothesis_status,
    hypothesis_without_id,
    settled_without_evidence,
    active_without_next_test,
    blocked_without_resume_condition,
    stale_hypothesis,
)
