"""Find committed credentials in a text, in process and without ever showing one.

The detectors are those of the `redact-secret` library (Rust, no dependencies of
its own). It opens no file and no socket, and its findings carry positions and a
type, never the matched value. This module adds what the library leaves to its
caller: a bound on the work that hostile text can cause, line numbers as Markdown
counts them, and names fit for a person. It also knows the secrets that a run was
given, which it finds whatever they look like.
"""

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

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


LONGEST_SECRET = AFTER
"""Characters after the start of a secret within which its end is looked for."""
HIDDEN = "***"
"""What is shown in the place of a secret."""


def find_secrets(text: str, scan: "Scan | None" = None) -> Iterator[FoundSecret]:
    """Yield the credentials in the text, one for each line and kind, in order; `scan` searches one window of it."""
    seen: set[FoundSecret] = set()
    line_starts: list[int] = []
    for start, _, kind in _found(text, scan or _scan):
        line_starts = line_starts or [0, *(end.end() for end in _LINE_END.finditer(text))]
        secret = FoundSecret(bisect_right(line_starts, start), kind)
        if secret not in seen:
            seen.add(secret)
            yield secret


def masked(text: str) -> str:
    """Return the text with stars in the place of each credential: for messages that repeat what they were given."""
    shown = text
    for start, end, _ in sorted(_found(text, _scan), reverse=True):
        shown = f"{shown[:start]}{HIDDEN}{shown[end:]}"
    return shown


def _found(text: str, scan: "Scan") -> Iterator[tuple[int, int, str]]:
    """Yield the start, the end and the kind of each credential."""
    for owned in range(0, len(text), STEP):
        start = max(0, owned - BEFORE)
        # Lone surrogates (undecodable bytes) would be refused as "not a string".
        window = text[start : owned + STEP + AFTER].encode("utf-8", "replace").decode("utf-8")
        if window.count("J") > FEW:
            window = _LONG_RUN.sub(lambda run: " " * len(run[0]), window)
        for finding in sorted(scan(window), key=lambda found: found.start):
            offset = start + finding.start
            if owned <= offset < owned + STEP and _is_credential(window, finding):
                yield offset, start + finding.end, _kind(finding.type)


SHORTEST = 5
"""Characters of the shortest secret of a run that is looked for; anything shorter is also a part of other words."""


class KnownSecrets:
    """The secrets that a run was given, whatever their form, as a server may repeat them."""

    def __init__(self, values: Iterable[str]) -> None:
        known = sorted({value for value in values if len(value) >= SHORTEST}, key=len, reverse=True)
        forms = [form for value in known for form in _forms(value)]
        self._forms = re.compile("|".join(forms)) if forms else None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Return those that the environment holds."""
        return cls(environment.get(name, "").strip() for name in SECRET_VARIABLES)

    @classmethod
    def among(cls, environment: Mapping[str, str]) -> Self:
        """Return those that any program's environment seems to hold, by the names of its variables."""
        named = (value.strip() for name, value in environment.items() if is_secret_name(name))
        return cls(value for value in named if len(value) >= LIKELY)

    def mask(self, text: str) -> str:
        """Return the text with three stars in the place of each of them."""
        return self._forms.sub(HIDDEN, text) if self._forms else text


LIKELY = 12
"""Characters of the shortest value that is taken for a secret because of its variable's name."""
_SECRET_NAME = re.compile(
    r"TOKEN(?!S|IZ)|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|(?:ACCESS|PRIVATE)_KEY|_AUTH\b", re.IGNORECASE
)


def is_secret_name(name: str) -> bool:
    """Return whether a variable of this name holds a secret: `HF_TOKEN` does, `TOKENIZERS_PARALLELISM` does not."""
    return bool(_SECRET_NAME.search(name))


SECRET_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN", "WANDB_API_KEY")
"""Where the environment of a run holds secrets of its own."""


def _forms(secret: str) -> Iterator[str]:
    """Yield expressions for a secret as it is, and as JSON, an address or a header for git may write it."""
    yield "".join(rf"(?:{re.escape(letter)}|\\[uU]00{ord(letter):02x}|%{ord(letter):02X})" for letter in secret)
    for told in (secret, f"x-access-token:{secret}", f"{secret}:", f"{secret}:x-oauth-basic"):
        yield re.escape(b64encode(told.encode()).decode().rstrip("="))


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
