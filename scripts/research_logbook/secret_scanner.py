"""Find committed credentials in a text, in process and without ever showing one.

The detectors are those of the `redact-secret` library (Rust, no dependencies of
its own). It opens no file and no socket, and its findings carry positions and a
type, never the matched value. This module adds what the library leaves to its
caller: a bound on the work that hostile text can cause, line numbers as Markdown
counts them, and names fit for a person.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redact_secret import Finding

    Scan = Callable[[str], "list[Finding]"]

# Text is scanned in windows. Each window owns the offsets of one step and sees a
# margin to both sides: what precedes a value (its name) and all of the value
# itself. So the work grows with the length of the text whatever a detector does
# inside a window (one is quadratic in the length of a line that repeats "`token="),
# and no text tried came near the library's limit of 50,000 findings a call.
STEP = 16 * 1024
BEFORE = 512
AFTER = 4 * 1024

# The library's JWT detector is quadratic in the length of an unbroken run of token
# characters ("eyJ" repeated: 1 s for 64 KB, measured on 0.1.0b15). No credential is
# an unbroken run of this length, so longer runs are blanked before the scan; but a
# window with few places where a JWT could begin is cheap, and is scanned as it is.
LONGEST_RUN = 2048
FEW = 128

# Anything but blanks and the marks that end a token for the library. Invisible
# characters belong to a run, because the library reads through them. The lookbehind
# and the possessive count keep the search linear.
_BREAKS = r"""\s"'`/=:.,;()\[\]<>{}@+&?$|"""
_LONG_RUN = re.compile(rf"(?<![^{_BREAKS}])[^{_BREAKS}]{{{LONGEST_RUN + 1},}}+")

_LINE_END = re.compile(r"\r\n?|\n")

# Eight times the same character is a template ("hf_xxxxxxxx..."), not a credential.
_TEMPLATE = re.compile(r"(.)\1{7}")

# Binary formats in base64 hold long runs of "A" where they hold zeroes.
_MAY_REPEAT = frozenset({"private_key", "jwt"})

# A value after a name such as "token" or "secret" is trusted to be a credential only where the library is sure and the
# value looks made by a machine: a long run of hex digits, or letters of both cases and digits without a break.
# `secret: a_long_name_in_words` is prose, and this rule can be allowed nowhere.
_NAMED = "contextual_secret"
_RANDOM = re.compile(
    r"[0-9a-f]{32,}|[0-9A-F]{32,}|(?=[A-Za-z0-9+/]{0,64}[a-z])(?=[A-Za-z0-9+/]{0,64}[A-Z])(?=[A-Za-z0-9+/]{0,64}\d)[A-Za-z0-9+/]{16,}"
)

# The one extension, in the library's own rule format: the 40 hex digits of a W&B
# key as a bare argument. The library knows WANDB_API_KEY=<key> and wandb_v1_ keys,
# but not these two ways to write the old key on a command line.
_RULES = """\
ruleset-revision: 1
detector: wandb-login-argument
specificity: contextual
prefix: "wandb login "
alphabet: lower-hex
run: exact 40
validator: none
detector: wandb-option-argument
specificity: contextual
prefix: "WANDB_API_KEY "
alphabet: lower-hex
run: exact 40
validator: none
"""

_NAMES = {
    "authorization_credential": "authorization header",
    "connection_string_password": "password in a URL or connection string",
    "contextual_secret": "credential assigned to a name",
    "jwt": "JSON web token",
    "vendor_prefixed_credential": "vendor token",
    "wandb-login-argument": "W&B API key",
    "wandb-option-argument": "W&B API key",
    "wandb_api_key": "W&B API key",
}

_WORDS = {
    "ai21": "AI21", "api": "API", "aws": "AWS", "cli": "CLI", "github": "GitHub",
    "gitlab": "GitLab", "huggingface": "Hugging Face", "id": "ID", "npm": "npm",
    "nvidia": "NVIDIA", "openai": "OpenAI", "openrouter": "OpenRouter", "pypi": "PyPI",
    "sendgrid": "SendGrid", "xai": "xAI",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """A credential in a text: its line and its kind, not its value."""

    line: int
    kind: str


def find_secrets(text: str, scan: "Scan | None" = None) -> Iterator[FoundSecret]:
    """Yield the credentials in the text, one for each line and kind, in order; `scan` searches one window of it."""
    seen: set[FoundSecret] = set()
    line_starts: list[int] = []
    for owned in range(0, len(text), STEP):
        start = max(0, owned - BEFORE)
        # Lone surrogates (undecodable bytes) would be refused as "not a string".
        window = text[start : owned + STEP + AFTER].encode("utf-8", "replace").decode("utf-8")
        if window.count("J") > FEW:
            window = _LONG_RUN.sub(lambda run: " " * len(run[0]), window)
        for finding in sorted((scan or _scan)(window), key=lambda found: found.start):
            offset = start + finding.start
            if not owned <= offset < owned + STEP or not _is_credential(window, finding):
                continue
            line_starts = line_starts or [0, *(end.end() for end in _LINE_END.finditer(text))]
            secret = FoundSecret(bisect_right(line_starts, offset), _kind(finding.type))
            if secret not in seen:
                seen.add(secret)
                yield secret


def _scan(window: str) -> "list[Finding]":
    """Run the library's detectors and the rules of this module over a window."""
    from redact_secret import scan  # noqa: PLC0415 - a run that does not look for secrets pays nothing

    return scan(window, ruleset=_RULES)


def _is_credential(window: str, finding: "Finding") -> bool:
    """Tell whether the value is more than a guess and more than a show of a credential's form."""
    start, end = finding.start, finding.end
    if finding.type == _NAMED and (finding.confidence == "medium" or not _RANDOM.search(window, start, end)):
        return False
    return finding.type in _MAY_REPEAT or _TEMPLATE.search(window, start, end) is None


def _kind(found: str) -> str:
    """Return the name that a person reads for one of the library's types."""
    if found in _NAMES:
        return _NAMES[found]
    words = " ".join(_WORDS.get(word, word) for word in found.split("_"))
    return words[0].upper() + words[1:] if found.split("_", maxsplit=1)[0] not in _WORDS else words
