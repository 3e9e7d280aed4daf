"""Claims about the generator of the pages in `docs/`."""

from dataclasses import replace
from pathlib import Path

import pytest

import pages
from config_pages import EXAMPLE
from research_logbook.config.load import load
from research_logbook.lint.rules import CATALOGUE

PATHS = [
    "docs/configuration.md",
    "docs/logbook.schema.json",
    "scripts/research_logbook/config/logbook.schema.json",
    "docs/rules.md",
    "docs/seal-checks.md",
    "docs/for-agents.md",
    "skills/research-logbook/SKILL.md",
    "skills/research-logbook/references/entries.md",
    "skills/research-logbook/references/rules.md",
    "skills/research-logbook/references/sealing.md",
    "skills/research-logbook/references/names.md",
]


def test_writes_then_rests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first run writes every page, and the second finds nothing to do."""
    assert pages.main([], CATALOGUE, tmp_path) == 0
    assert capsys.readouterr().out.split("\n")[:-1] == [f"wrote {path}" for path in PATHS]
    assert pages.main([], CATALOGUE, tmp_path) == 0
    assert capsys.readouterr().out == ""


def test_check_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The check names every page that is missing, fails, and leaves the folder as it was."""
    assert pages.main(["--check"], CATALOGUE, tmp_path) == 1
    stale = [f"{path} is stale; run `python scripts/pages.py`" for path in PATHS]
    assert capsys.readouterr().out.split("\n")[:-1] == stale
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("edit", [b"by hand", b"\r\n"])
def test_check_finds_an_edit(edit: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page that was edited by hand, be it in its line ends, is stale, and the others are not."""
    pages.main([], CATALOGUE, tmp_path)
    (tmp_path / PATHS[2]).write_bytes((tmp_path / PATHS[2]).read_bytes() + edit)
    capsys.readouterr()
    assert pages.main(["--check"], CATALOGUE, tmp_path) == 1
    assert capsys.readouterr().out == f"{PATHS[2]} is stale; run `python scripts/pages.py`\n"


def test_check_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pages that are current pass the check without a word."""
    pages.main([], CATALOGUE, tmp_path)
    capsys.readouterr()
    assert pages.main(["--check"], CATALOGUE, tmp_path) == 0
    assert capsys.readouterr().out == ""


def test_rule_without_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule whose docstring is no page fails the run, is named, and nothing is written."""
    broken = replace(CATALOGUE[0], check=lambda: iter(()))
    assert pages.main([], [broken], tmp_path) == 1
    assert capsys.readouterr().err == f"{broken.name}: there is no `Why:`\n"
    assert list(tmp_path.iterdir()) == []


def test_unknown_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelled option is refused, and nothing is written."""
    assert pages.main(["--chekc"], CATALOGUE, tmp_path) == 2
    assert capsys.readouterr().err == "usage: pages.py [--check]\n"
    assert list(tmp_path.iterdir()) == []


def test_example_names_rules() -> None:
    """The example of the configuration's page names rules and seal checks that there are."""
    assert load(EXAMPLE, "logbook.yml").rules
