"""A claim about Pythons that are too old."""

import ast
import runpy
import sys
from pathlib import Path

import pytest

import research_logbook

PACKAGE = Path(research_logbook.__file__)


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]) -> None:
    """It ends in a sentence and not in a fault of syntax: what says so is all that it has to read."""
    ast.parse(PACKAGE.read_text(), feature_version=version[:2])
    with monkeypatch.context() as old:
        old.setattr(sys, "version_info", version)
        with pytest.raises(SystemExit, match=rf"this is Python 3\.{version[1]}, and logbook needs 3\.11 or newer"):
            runpy.run_path(str(PACKAGE))
    assert runpy.run_path(str(PACKAGE))["__version__"] == research_logbook.__version__
