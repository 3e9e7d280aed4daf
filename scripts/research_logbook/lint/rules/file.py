"""Rules about the file as a whole."""

import re
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from itertools import groupby

from research_logbook.lint.rule import ERROR, WARNING, LintCase, RuleGroup, RuleHit, Scope
from research_logbook.logbook.model import Allowance, Span, Spot, Unreadable
from research_logbook.logbook.vocabulary import slug
from research_logbook.markdown.tree import CODE, HTML, Block, BlockKind, parse, walk
from research_logbook.secret_scanner import find_secrets

FILE = RuleGroup("file")


@FILE.rule(ERROR, help="", scope=Scope.JUDGE, can_be_allowed=False)
def unreadable_logbook(unreadable: Unreadable) -> Iterator[RuleHit]:
    """A file that cannot be read as a logbook: not UTF-8, a NUL byte, a symbolic link, too large, nested too deep.

    Why: a record that a reader or a program cannot open is no record (research workflow, General Principle).

    Fails: a logbook that is a symbolic link, holds a NUL byte, is not UTF-8, is over 5 MB large or nested more than
    200 levels deep.

    Passes:

    ```markdown
    # Sparse attention: Research Logbook

    Plain text in UTF-8.
    ```

    How to fix: save the file as UTF-8 text; link large output instead of pasting it.
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


@FILE.rule(ERROR, help="delete it; `logbook lint --fix` does", fixable=True, can_be_allowed=False)
def hidden_characters(case: LintCase) -> Iterator[RuleHit]:
    """Characters that no reader sees: direction overrides, zero-width characters, invisible tags.

    One that is written as an entity outside of code counts too; that one is deleted by hand.

    Why: they make a text read differently from what it says, to people and to agents alike (research workflow,
    General Principle: a durable record).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kick\u200boff
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff 👩‍🔬
    ```

    How to fix: delete the character, or let `logbook lint --fix` do it.
    """
    lines = case.book.text.split("\n")
    seen = set()
    for number, line in enumerate(lines, 1):
        match = None if line.isascii() else _HIDDEN.search(line)
        if match:
            seen.add(number)
            spot = Spot(Span(case.book.path, number, number, match.start() + 1), f"line {visible(line)}")
            yield RuleHit(spot, f"the hidden character U+{ord(match[0]):04X} stands here")
    for number, sign in _written_out(case.book.text).items():
        if number not in seen:
            spot = Spot(Span(case.book.path, number, number), f"line {visible(lines[number - 1])}")
            message = f"the hidden character U+{ord(sign):04X} stands here, written as an entity"
            yield RuleHit(spot, message, "delete the entity, or set it as `code`")


def _written_out(text: str) -> dict[int, str]:
    """Return by line the first hidden character that a reader gets of each, whatever way it is written."""
    if not any(_HIDDEN.search(f"x{unescape(written)}x") for written in set(_WRITTEN_OUT.findall(text))):
        return {}
    shown = ((number, _HIDDEN.search(line)) for block in walk(parse(text)) for number, line in _shown(block))
    found: dict[int, str] = {}
    for number, match in shown:
        if match:
            found.setdefault(number, match[0])
    return found


def _shown(block: Block) -> Iterator[tuple[int, str]]:
    """Yield the lines of a block's own text with their numbers, code left out."""
    if block.kind == BlockKind.HTML:
        yield from enumerate(unescape(block.literal).split("\n"), block.line)
    for number, runs in groupby(block.runs, lambda run: run.line):
        yield number, "".join("x" if run.style & (CODE | HTML) else run.text for run in runs)


def visible(text: str) -> str:
    """Return `text` without its hidden characters."""
    if text.isascii():
        return text
    # Line by line, as they are found: a joiner at the end of a line has no neighbour on the next one.
    return "\n".join(line if line.isascii() else _HIDDEN.sub("", line) for line in text.split("\n"))


@FILE.rule(
    ERROR,
    help="revoke it at once, then take it out of the file and of the history; a reader may have copied it already",
    can_be_allowed=False,
)
def committed_secret(case: LintCase) -> Iterator[RuleHit]:
    """A credential in the text: an access token, a private key, a password in a URL.

    Why: a logbook is published with its repository; secrets are never published (research workflow, General
    Principle: do not publish secrets).

    Fails: a line that holds an access token of GitHub, a cloud, a model provider or W&B, a private key, or a URL with
    a password. No example stands here, because scanners would find it.

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff

    - Command: `WANDB_API_KEY=<redacted> python train.py`
    ```

    How to fix: revoke the credential first; then write `<redacted>` in its place. Deleting the line is not enough: it
    stays in the history.
    """
    lines = case.book.text.split("\n")
    for secret in find_secrets(case.book.text):
        spot = Spot(
            Span(case.book.path, secret.line, secret.line), f"{secret.kind} in line {hash_of(lines, secret.line)}"
        )
        yield RuleHit(spot, f"this line holds what looks like a secret ({secret.kind})")


def hash_of(lines: list[str], number: int) -> str:
    """Return what tells a line apart without repeating it: its digest."""
    return sha256(lines[number - 1].strip().encode()).hexdigest()[:12]


@FILE.rule(ERROR, help="take it out; the repository's configuration lists it under `held-back`", can_be_allowed=False)
def held_back_text(case: LintCase) -> Iterator[RuleHit]:
    """Text that the repository has decided not to publish: a match of a pattern under `held-back`.

    Why: private work that somebody asked to hold back must not be published (research workflow, General Principle).

    Fails: a line that matches one of the patterns that `.github/logbook.yml` lists under `held-back`.

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff
    ```

    How to fix: write what may be said instead, or ask whoever holds it back.
    """
    patterns = [re.compile(pattern) for pattern in case.config.held_back]
    if not patterns:
        return
    lines = case.book.text.split("\n")
    for number, line in enumerate(lines, 1):
        for index, pattern in enumerate(patterns, 1):
            if match := pattern.search(line):
                where = Span(case.book.path, number, number, match.start() + 1)
                spot = Spot(where, f"held back {index} in line {hash_of(lines, number)}")
                yield RuleHit(spot, f"this line matches pattern {index} of `held-back`")


@FILE.rule(WARNING, help="rename it to lower-case letters, digits and hyphens; git follows the rename")
def unslugged_file_name(case: LintCase) -> Iterator[RuleHit]:
    """A new logbook whose file name is no short stable slug.

    Why: the name is the thread's topic in branches, tags and links (task-logbook: a short stable slug).

    Fails: a new file `.agents/logbooks/My Experiment (final).md`.

    Passes:

    ```markdown
    # Sparse attention: Research Logbook
    ```

    How to fix: name it like `8734-sparse-attention.md`: lower-case letters, digits, hyphens or underscores.
    """
    if case.is_new and not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,79}", case.book.topic):
        better = slug(case.book.topic)[:80] or "topic"
        yield RuleHit(
            case.book, f"the file name “{case.book.topic[:80]}” is no slug", f"rename it, for example to `{better}.md`"
        )


@FILE.rule(WARNING, help="delete the comment", scope=Scope.JUDGE, can_be_allowed=False)
def unused_allowance(allowance: Allowance) -> Iterator[RuleHit]:
    """An allowance that hides nothing.

    Why: an allowance that outlives its fault hides the next one (design of this linter: allowances are for faults).

    Fails:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff

    <!-- logbook: allow impossible-date -- the instrument's own clock -->

    Nothing here is dated impossibly.
    ```

    Passes:

    ```markdown
    ### 2026-05-25 - MOE-HC-001 kickoff
    ```

    How to fix: delete the comment.
    """
    yield RuleHit(allowance, f"the allowance for {allowance.rule} hides nothing")


@FILE.rule(WARNING, help="", scope=Scope.JUDGE, can_be_allowed=False)
def invalid_allowance(allowance: Allowance, why: str, how_to_fix: str) -> Iterator[RuleHit]:
    """An allowance that cannot work: of an unknown rule, without a reason, or of a rule that cannot be allowed.

    Why: whoever reads the record must see why a fault is accepted; history and secrets are never negotiable
    (research workflow, Research Logbook; General Principle).

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


RULES = (
    unreadable_logbook,
    hidden_characters,
    committed_secret,
    held_back_text,
    unslugged_file_name,
    unused_allowance,
    invalid_allowance,
)
