"""What protects a repository's tags, as plain values."""

from typing import NamedTuple


class Ruleset(NamedTuple):
    """A ruleset of tags that is in force."""

    name: str
    include: tuple[str, ...]
    """Patterns of full reference names; `~ALL` for all."""
    exclude: tuple[str, ...]
    rules: frozenset[str]
    """Such as `update`, `deletion`, `creation`."""
