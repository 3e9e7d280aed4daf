"""Rules about the file as a whole."""

import re
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from itertools import groupby

from research_logbook.lint.rules.rule import ERROR, WARNING, LintCase, RuleGroup, RuleHit, Scope
from research_logbook.logbook.model import Allowance, Span, Spot, Unreadable
from research_logbook.logbook.vocabulary import slug
from research_logbook.markdown.tree import Block, BlockKind, parse, walk
from research_logbook.patterns import blocked_text
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


RULES = (
    unreadable_logbook,
    hidden_characters,
    committed_secret,
    held_back_text,
    unslugged_file_name,
    unused_allowance,
    invalid_allowance,
)
