"""Claims about fetching an outsider's commits."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository import Repository as Work
from research_logbook.errors import UnfinishedError
from research_logbook.repo.git import Repository, _credentials, _git, _version

TOKEN = "ghs_" + "a" * 36


@pytest.fixture
def fresh_version() -> Iterator[None]:
    """Let git be asked for its version again, before and after."""
    _version.cache_clear()
    yield
    _version.cache_clear()


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


OLD = """#!/bin/sh
case "$*" in *version) echo "git version 2.30.2"; exit ;; esac
unset GIT_CONFIG_COUNT
exec {real} "$@"
"""


@pytest.mark.parametrize("before", ["", "'logbook.before=yes'"])
@pytest.mark.usefixtures("fresh_version")
def test_an_old_git_is_shown_the_token_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    """Before 2.31 git knows no GIT_CONFIG_COUNT; it gets the token by the way that `-c` goes, and keeps the others."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text(OLD.format(real=shutil.which("git")))
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", before)
    told = _credentials("https://github.com/lab/it's", TOKEN)
    asked = ["config", "--get-all", "http.https://github.com/lab/it's.extraHeader"]
    said = _git(tmp_path, asked, more=told).stdout.decode().splitlines()
    assert said[0] == ""
    assert [line[:21] for line in said[1:]] == ["AUTHORIZATION: basic "]
    assert _git(tmp_path, ["config", "logbook.before"], more=told).stdout == (b"yes\n" if before else b"")


@pytest.mark.usefixtures("fresh_version")
def test_a_git_that_is_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What such a git does not know is no fault of the repository's."""
    Work(tmp_path / "work").commit()
    answers = '*version) echo "git version 1.8.3.1" ;; *) echo "unknown option: x" >&2; exit 129 ;;'
    (tmp_path / "git").write_text(f'#!/bin/sh\ncase "$*" in {answers} esac\n')
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(UnfinishedError, match=r"git 1\.8 is too old: install git 2\.30 or newer"):
        Repository(tmp_path / "work").fetch("refs/pull/1/head")


@pytest.mark.parametrize("scheme", ["https", "nonsense"])
def test_no_message_holds_the_password_of_a_remote(tmp_path: Path, scheme: str) -> None:
    """What git says of a remote's address is told without what stands before the host."""
    work = Work(tmp_path / "work")
    work.git("remote", "add", "origin", f"{scheme}://x-access-token:{TOKEN}@localhost:9/lab/tiles")
    with pytest.raises(UnfinishedError) as caught:
        Repository(work.root).fetch("refs/pull/1/head", TOKEN)
    assert "`git fetch` failed" in caught.value.message
    assert TOKEN not in caught.value.sentence


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


def test_commits_are_fetched_by_their_hashes(tmp_path: Path, spied: Path) -> None:
    """All that a clone lacks come with one fetch, and what it has is not asked for."""
    work = Work(tmp_path / "work")
    here = work.commit()
    lacking = ["a" * 40, "b" * 40]
    assert Repository(work.root).fetch_commits([here, *lacking]) == {}
    assert spied.read_text().splitlines()[0].endswith(f"--end-of-options origin {' '.join(lacking)}")
    assert len(spied.read_text().splitlines()) == 1


def _pushed_over(tmp_path: Path, number: int) -> tuple[Work, Work, list[str]]:
    """Make an origin and a clone, and commits that no branch leads to, which only origin has."""
    origin = Work(tmp_path / "origin")
    origin.commit()
    origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
    work = Work(tmp_path / "work", origin=origin.root)
    origin.git("checkout", "--quiet", "--detach")
    return origin, work, [origin.commit({f"{index}.md": "text"}) for index in range(number)]


def test_commits_that_are_gone_do_not_hide_the_others(tmp_path: Path) -> None:
    """What the remote no longer has is named, and the rest is fetched."""
    origin, work, commits = _pushed_over(tmp_path, 6)
    gone = ["a" * 40, "b" * 40]
    origin.git("checkout", "--quiet", "main")
    asked = [commits[0], gone[0], *commits[1:4], gone[1], *commits[4:]]
    repository = Repository(work.root)
    assert repository.fetch_commits(asked) == dict.fromkeys(gone, "the remote no longer has it")
    assert all(repository.exist(commits).values())
    assert work.git("for-each-ref", "refs/heads") == work.git("for-each-ref", "refs/heads/main")


def test_a_commit_that_is_not_sound_does_not_hide_the_others(tmp_path: Path) -> None:
    """Git refuses a whole fetch for one object that it finds a fault in; the others come all the same."""
    origin, work, (sound,) = _pushed_over(tmp_path, 1)
    tree = origin.git("rev-parse", f"{sound}^{{tree}}")
    (tmp_path / "bad").write_text(f"tree {tree}\nauthor Ana 1 +0000\ncommitter Ana 1 +0000\n\nno address\n")
    bad = origin.git("hash-object", "-t", "commit", "--literally", "-w", str(tmp_path / "bad"))
    repository = Repository(work.root)
    lacking = repository.fetch_commits([bad, sound])
    assert list(lacking) == [bad]
    assert lacking[bad].startswith("`git fetch` failed: fatal: ")
    assert repository.exist([sound])[sound]


def test_the_search_for_commits_that_are_gone_ends(tmp_path: Path) -> None:
    """Where hundreds are gone, the ones asked for first are found, and the others are named as not looked for."""
    _, work, commits = _pushed_over(tmp_path, 40)
    asked = [it for index, commit in enumerate(commits) for it in (commit, f"{index:040x}")]
    repository = Repository(work.root)
    lacking = repository.fetch_commits(asked)
    assert repository.exist(commits[:4]) == dict.fromkeys(commits[:4], True)
    assert set(lacking.values()) == {"the remote no longer has it", "over 64 fetches would be needed"}
    assert {commit for commit, is_here in repository.exist(asked).items() if not is_here} == set(lacking)


def test_a_remote_that_does_not_answer_is_asked_once(tmp_path: Path) -> None:
    """Without an answer nothing is known of any commit, and no half would do better."""
    work = Work(tmp_path / "work")
    work.commit()
    work.git("remote", "add", "origin", str(tmp_path / "none"))
    lacking = Repository(work.root).fetch_commits(["a" * 40, "b" * 40])
    assert list(lacking) == ["a" * 40, "b" * 40]
    assert "`git fetch` failed" in lacking["a" * 40]


def test_what_git_was_told_before_still_counts(tmp_path: Path, spied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of an earlier step, such as `safe.directory`, stay; a header that a checkout left is taken back."""
    for name, value in (("COUNT", "1"), ("KEY_0", "safe.directory"), ("VALUE_0", "*")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    work = Work(tmp_path / "work")
    work.git("remote", "add", "origin", "https://github.com/lab/tiles")
    Repository(work.root).fetch("refs/pull/1/head", TOKEN)
    told = Path(f"{spied}.env").read_text().splitlines()
    assert {"GIT_CONFIG_COUNT=3", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_1="} <= {*told}
