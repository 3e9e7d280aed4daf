"""Claims about the configuration that `logbook init` writes."""

import re
from itertools import pairwise

import msgspec
import pytest

from research_logbook.config.docs import docs_of
from research_logbook.config.load import load
from research_logbook.config.schema import Config
from research_logbook.config.starter import Setting, has_key, starter
from research_logbook.lint.rules import NAMES, NEVER_ALLOWED


def loaded(text: str) -> Config:
    """Return what a text configures."""
    return load(text, "logbook.yml", NAMES, NEVER_ALLOWED)


def test_as_it_is_written_it_changes_nothing() -> None:
    """All is commented out, so it says what an empty file says."""
    assert loaded(starter()) == Config()


def test_what_is_commented_out_are_the_defaults() -> None:
    """Taken out of their comments, the keys that have a default are accepted and change nothing."""
    keys = [line[2:] for line in starter().splitlines()[1:] if re.match(r"# (  )?[a-z-]+:", line)]
    kept = [key for key, below in pairwise([*keys, ""]) if not key.endswith(":") or is_parent(key, below)]
    assert {"branches:", '  research: ["research/**"]', "  mode: fix", "fail-on: error"} <= set(kept)
    assert loaded("\n".join(kept)) == Config()


def is_parent(key: str, below: str) -> bool:
    """Return whether a line belongs to the key above it."""
    return below.startswith("  ") and not key.startswith("  ")


def test_every_key_is_there_with_its_meaning() -> None:
    """No key of the type is left out, and each has its documentation above it."""
    text = starter()
    struct = msgspec.inspect.type_info(Config)
    assert isinstance(struct, msgspec.inspect.StructType)
    for name, meaning in docs_of(struct).items():
        assert f"# {meaning}\n# {name}:" in text


def test_a_setting_stands_with_its_reason() -> None:
    """What is set is set, beside it stands why, and the rest stays a comment."""
    settings = [
        Setting("branches.research", ("research/**", "exp/**"), "two of them"),
        Setting("rules.missing-scope", "off", "hides 3"),
        Setting("rules.pasted-output", "error", "we mean it"),
        Setting("labels.mode", "check", "for now"),
    ]
    text = starter(settings)
    assert 'research: ["research/**", "exp/**"] # two of them' in text
    found = loaded(text)
    assert found.branches.research == ("research/**", "exp/**")
    assert found.rules == {"missing-scope": "off", "pasted-output": "error"}
    assert (found.labels.mode, found.fail_on) == ("check", "error")


class _Guard(msgspec.Struct, frozen=True):
    """What guards."""

    since: str = ""
    """The day."""


class _Later(msgspec.Struct, frozen=True):
    """A configuration with a key that this one has not."""

    guard: _Guard = _Guard()
    """The guard."""


@pytest.mark.parametrize(
    ("key", "is_there"),
    [
        ("branches.research", True),
        ("rules.anything", True),
        ("fail-on", True),
        ("fail-on.x", False),
        ("nothing", False),
    ],
)
def test_a_key_is_known_by_the_type(key: str, is_there: bool) -> None:
    """What is written depends on the keys that there are."""
    assert has_key(key) is is_there


def test_a_day_is_written_as_text() -> None:
    """A date is quoted, for YAML may take it for something else."""
    assert has_key("guard.since", _Later)
    text = starter([Setting("guard.since", "2026-11-28", "older ones are left alone")], _Later)
    assert 'guard:\n  # The day.\n  since: "2026-11-28" # older ones are left alone\n' in text
