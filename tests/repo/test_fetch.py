"""Claims about fetching an outsider's commits."""

import os
import shutil
from pathlib import Path

import pytest

from repository import Repository as Work
from research_logbook.errors import UnfinishedError
from research_logbook.repo.git import Repository

TOKEN = "ghs_" + "a" * 36


@pytest.fixture
def spied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a git first on the PATH that notes how it is asked to fetch, and fetches nothing; return its notes."""
    notes, real = tmp_path / "notes", shutil.which("git")
    note = f'echo "$*" >>{notes}; env >>{notes}.env'
    script = f'#!/bin/sh\ncase "$*" in *\\ fetch\\ *) {note} ;; *) exec {real} "$@" ;; esac\n'
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text(script)
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return notes


def test_the_token_stands_in_no_argument(tmp_path: Path, spied: Path) -> None:
    """Arguments can be read by every process, so the token goes another way, and only to origin."""
    work = Work(tmp_path / "work")
    work.git("remote", "add", "origin", "https://github.com/lab/tiles")
    Repository(work.root).fetch("refs/pull/1/head", TOKEN)
    told = Path(f"{spied}.env").read_text()
    assert TOKEN not in spied.read_text()
    assert "GIT_CONFIG_KEY_0=http.https://github.com/lab/tiles.extraHeader\n" in told
    assert "GIT_CONFIG_VALUE_1=AUTHORIZATION: basic " in told
    assert spied.read_text().endswith("--end-of-options origin refs/pull/1/head\n")


@pytest.mark.parametrize("origin", ["http://github.com/lab/tiles", "git@github.com:lab/tiles", "/srv/tiles"])
def test_a_token_is_shown_only_over_https(origin: str, tmp_path: Path, spied: Path) -> None:
    """Where the way is not encrypted, or is no web at all, git gets no token."""
    work = Work(tmp_path / "work")
    work.git("remote", "add", "origin", origin)
    Repository(work.root).fetch("refs/pull/1/head", TOKEN)
    assert "GIT_CONFIG_VALUE_0" not in Path(f"{spied}.env").read_text()


def test_a_reference_that_is_gone_is_told(tmp_path: Path) -> None:
    """A pull request that GitHub no longer has ends in a sentence."""
    Work(tmp_path / "origin").commit()
    work = Work(tmp_path / "work", origin=tmp_path / "origin")
    with pytest.raises(UnfinishedError, match="`git fetch` failed"):
        Repository(work.root).fetch("refs/pull/9/head")


def test_what_git_was_told_before_still_counts(tmp_path: Path, spied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of an earlier step, such as `safe.directory`, stay; a header that a checkout left is taken back."""
    for name, value in (("COUNT", "1"), ("KEY_0", "safe.directory"), ("VALUE_0", "*")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    work = Work(tmp_path / "work")
    work.git("remote", "add", "origin", "https://github.com/lab/tiles")
    Repository(work.root).fetch("refs/pull/1/head", TOKEN)
    told = Path(f"{spied}.env").read_text().splitlines()
    assert {"GIT_CONFIG_COUNT=3", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_1="} <= {*told}
