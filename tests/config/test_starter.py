"""Claims about the configuration that `logbook init` writes."""

import re
from itertools import pairwise

from research_logbook.config.load import load, schema
from research_logbook.config.schema import Config
from research_logbook.config.starter import Setting, starter


def loaded(text: str) -> Config:
    """Return what a text configures."""
    return load(text, "logbook.yml")


def test_as_it_is_written_it_changes_nothing() -> None:
    """All is commented out, so it says what an empty file says."""
    assert loaded(starter(schema())) == Config()


def test_what_is_commented_out_are_the_defaults() -> None:
    """Taken out of their comments, the keys that have a default are accepted and change nothing."""
    keys = [line[2:] for line in starter(schema()).splitlines()[1:] if re.match(r"# (  )?[a-z-]+:", line)]
    kept = [key for key, below in pairwise([*keys, ""]) if not key.endswith(":") or is_parent(key, below)]
    assert {"branches:", '  research: ["research/**"]', "  mode: fix", "fail-on: error"} <= set(kept)
    assert loaded("\n".join(kept)) == Config()


def is_parent(key: str, below: str) -> bool:
    """Return whether a line belongs to the key above it."""
    return below.startswith("  ") and not key.startswith("  ")


def test_every_key_is_there_with_its_meaning() -> None:
    """No key of the type is left out, and each has its documentation above it."""
    text = starter(schema())
    for name, taken in schema()["properties"].items():
        assert f"# {taken['description']}\n# {name}:" in text


def test_a_setting_stands_with_its_reason() -> None:
    """What is set is set, beside it stands why, and the rest stays a comment."""
    settings = [
        Setting("branches.research", ("research/**", "exp/**"), "two of them"),
        Setting("rules.missing-scope", "off", "hides 3"),
        Setting("rules.pasted-output", "error", "we mean it"),
        Setting("labels.mode", "check", "for now"),
    ]
    text = starter(schema(), settings)
    assert 'research: ["research/**", "exp/**"] # two of them' in text
    found = loaded(text)
    assert found.branches.research == ("research/**", "exp/**")
    assert found.rules == {"missing-scope": "off", "pasted-output": "error"}
    assert (found.labels.mode, found.fail_on) == ("check", "error")


def test_a_day_is_written_as_text() -> None:
    """A date is quoted, for YAML may take it for something else."""
    text = starter(schema(), [Setting("guard.since", "2026-11-28", "older ones are left alone")])
    assert '  since: "2026-11-28" # older ones are left alone\n' in text
