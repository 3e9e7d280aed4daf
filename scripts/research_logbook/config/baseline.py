"""The baseline: the findings that a repository accepted when it adopted logbook, by what they are about.

It holds no line numbers, so that it outlives edits elsewhere, and it only shrinks: `logbook lint --update-baseline`
drops what no longer occurs, and nothing adds to it but `logbook init --adopt`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from research_logbook.errors import ConfigurationError

BASELINE = ".github/logbook-baseline.json"
"""Where it is in a repository."""
_VERSION = 1


class Accepted(NamedTuple):
    """What findings are about: those of one rule that say the same of one thing in one file."""

    path: str
    rule: str
    subject: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """Accepted findings, each with how often it may occur."""

    counts: Mapping[Accepted, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether anything is accepted."""
        return bool(self.counts)

    def of(self, path: str) -> Iterator[tuple[Accepted, int]]:
        """Yield what is accepted in a file."""
        return ((it, number) for it, number in self.counts.items() if it.path == path)

    def text(self) -> str:
        """Return the file's text, with a line for each, in an order that keeps merges small."""
        lines = [json.dumps({**it._asdict(), "count": number}) for it, number in sorted(self.counts.items())]
        listed = "".join(f"\n    {line}," for line in lines).removesuffix(",")
        return f'{{\n  "version": {_VERSION},\n  "accepted": [{listed}\n  ]\n}}\n'


def load_baseline(data: bytes | str, path: str = BASELINE) -> Baseline:
    """Return the baseline that a file holds; raises `ConfigurationError` where it holds none."""
    again = "bring it back from git, or write it anew with `logbook init --adopt --force`"
    try:
        read = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path} is not JSON: {error}", again) from error
    listed = read.get("accepted") if isinstance(read, dict) and read.get("version") == _VERSION else None
    if not isinstance(listed, list):
        raise ConfigurationError(f"{path} is no baseline of version {_VERSION}", again)
    counts: dict[Accepted, int] = {}
    for number, item in enumerate(listed, 1):
        match item:
            case {"path": str(where), "rule": str(rule), "subject": str(subject), "count": int(count)} if count > 0:
                about = Accepted(where, rule, subject)
                # A merge may keep the line of both sides.
                counts[about] = max(count, counts.get(about, 0))
            case _:
                lacks = f"item {number} of `accepted` lacks path, rule, subject, or a count above 0"
                raise ConfigurationError(f"{path}: {lacks}", again)
    return Baseline(counts)
