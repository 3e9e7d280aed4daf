"""Claims about what a run prints: nothing that anybody writes becomes a command of a runner."""

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repository import GOOD, PATH, Repository
from research_logbook.cli import safe_streams

EVIL = "::stop-commands::x\n  ::add-mask::y\n##[error]z\x1b[31m"
COMMAND = re.compile(r"^\s*::|##\[|\x1b", re.MULTILINE)


@settings(deadline=None, database=None)
@given(
    st.lists(st.sampled_from([":", "::", "::error::x", "#", "##", "[", " ", "\t", "\n", "\r", "a", "\u200b", "\x1b["]))
)
@example([" ", "::add-mask::x", "\n"])
@example(["#", "#[error]"])
def test_nothing_written_in_parts_becomes_a_command(parts: list[str]) -> None:
    """Lines are passed on whole, so no two parts of one make what neither is."""
    stream, before = io.StringIO(), sys.stderr
    try:
        sys.stderr = stream
        with safe_streams():
            for part in parts:
                sys.stderr.write(part)
                sys.stderr.flush()
    finally:
        sys.stderr = before
    assert not COMMAND.search(stream.getvalue())
    assert stream.getvalue().count("a") == "".join(parts).count("a")


def test_what_libraries_say_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings, log records, prints and the traceback of a thread all arrive, and do nothing."""
    printed = io.StringIO()
    monkeypatch.setattr(sys, "stderr", printed)
    with safe_streams(), warnings.catch_warnings(action="always"):
        showing = warnings.showwarning
        warnings.showwarning = lambda *about: sys.stderr.write(warnings.formatwarning(*about[:4]))
        warnings.warn(EVIL, stacklevel=1)
        warnings.showwarning = showing
        assert logging.lastResort
        logging.lastResort.handle(logging.makeLogRecord({"msg": EVIL, "levelno": logging.ERROR}))
        print(EVIL, file=sys.stderr)  # noqa: T201 - as a library would
        threading.__excepthook__(threading.ExceptHookArgs((ValueError, ValueError(EVIL), None, None)))
    assert printed.getvalue().count("stop-commands") == 4
    assert not COMMAND.search(printed.getvalue())
    assert sys.stderr is printed


def test_a_run_without_standard_error_is_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may start with it closed."""
    monkeypatch.setattr(sys, "stderr", None)
    with safe_streams():
        assert sys.stderr is None


def run(work: Repository, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[bytes]":
    """Run logbook in a process of its own."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GH_", "LC_", "PYTHON"))
    }
    path = str(Path(__file__).parents[2] / "scripts")
    command = [sys.executable, "-P", "-m", "research_logbook", *arguments]
    environment = {**kept, "PYTHONPATH": path, **variables}
    return subprocess.run(command, cwd=work.root, env=environment, capture_output=True, check=False)


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A repository with a logbook that has something wrong in it."""
    work = Repository(tmp_path / "work")
    work.commit({PATH: GOOD})
    return work


@pytest.mark.parametrize("actions", ["true", ""])
def test_an_anchor_that_is_used_again_issues_no_command(work: Repository, actions: str) -> None:
    """Front matter cannot speak to the runner through a warning."""
    keys = "".join(f"{line.strip()}: &a {number}\n" for number, line in enumerate(EVIL[:-5].split("\n")))
    work.write(PATH, GOOD.replace("---\n", f"---\n{keys}", 1))
    said = run(work, "lint", PATH, GITHUB_ACTIONS=actions)
    assert said.stderr == b"" or not COMMAND.search(said.stderr.decode())
    assert not re.search(r"^\s*::(?!error|warning|notice)|##\[", said.stdout.decode(), re.MULTILINE)


def test_a_command_that_is_none_is_told_safely(work: Repository) -> None:
    """What the words of a command line say is quoted by the library that reads them."""
    said = run(work, "lint", "--a\n::add-mask::x")
    assert said.returncode == 2
    assert not COMMAND.search(said.stderr.decode())


FORMS = ("text", "json", "github", "sarif", "markdown")


@pytest.mark.parametrize(
    ("encoding", "form", "actions"),
    [
        *((encoding, form, "") for encoding in ("latin-1", "ascii") for form in FORMS),
        *(("latin-1", form, "true") for form in FORMS),
        *(("utf-8", "text", ""), ("utf-8", "github", "true")),
    ],
)
def test_no_character_is_one_too_many(work: Repository, encoding: str, form: str, actions: str) -> None:
    """A locale that is not UTF-8 gets the findings too, JSON that is JSON, and a runner UTF-8."""
    work.git("switch", "--quiet", "--create", "research/sparse-attention")
    work.commit({PATH: GOOD.replace("2.231", "2.131 é 漢 😀")})
    variables = {"PYTHONIOENCODING": encoding, "GITHUB_ACTIONS": actions, "PYTHONUTF8": "0"}
    said = run(work, "lint", "--base", "main", "--format", form, **variables)
    assert (said.returncode, said.stderr) == (1, b"")
    if form in {"json", "sarif"}:
        assert "2.231" in json.dumps(json.loads(said.stdout.decode("ascii")), ensure_ascii=False)
    elif actions or encoding == "utf-8":
        assert "“2.231" in said.stdout.decode()
    else:
        assert b"2.231" in said.stdout


def test_what_is_written_to_files_is_utf_8(work: Repository, tmp_path: Path) -> None:
    """The job summary is read as UTF-8, whatever the locale is."""
    work.git("switch", "--quiet", "--create", "research/sparse-attention")
    work.write(PATH, GOOD.replace("2.231", "2.131"))
    summary = tmp_path / "summary"
    variables = {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    run(work, "lint", "--base", "main", GITHUB_STEP_SUMMARY=str(summary), **variables)
    assert "“2.231" in summary.read_text(encoding="utf-8")


def test_an_ascii_locale_reads_paths_beyond_it(tmp_path: Path) -> None:
    """A repository and a logbook may be named in any letters."""
    other = Repository(tmp_path / "Zoë")
    other.commit({".agents/logbooks/mäßig.md": GOOD})
    said = run(other, "lint", "--all", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (said.returncode, said.stderr) == (0, b"")
    assert b"1 logbook" in said.stdout


@pytest.fixture(scope="session")
def latin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a locale in ISO 8859-1, as `LANG=en_US` is on many clusters."""
    folder = tmp_path_factory.mktemp("locales")
    made = subprocess.run(
        ["localedef", "-i", "en_US", "-f", "ISO-8859-1", str(folder / "en_US")], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("this machine cannot make a locale")
    return folder


@pytest.mark.parametrize("actions", ["", "true"])
def test_a_locale_of_another_encoding_reads_the_same_names(tmp_path: Path, latin: Path, actions: str) -> None:
    """Names of files are git's, in UTF-8; what is printed is in the encoding of the terminal, for a runner in UTF-8."""
    name = ".agents/logbooks/mäßig.md"
    other = Repository(tmp_path / "Zoë")
    other.commit({name: GOOD})
    other.write(name, GOOD.replace("2.231", "2.131 é"))
    variables = {"LC_ALL": "en_US", "LOCPATH": str(latin), "GITHUB_ACTIONS": actions}
    event = {"GITHUB_EVENT_NAME": "workflow_dispatch"} if actions else {}
    said = run(other, "lint", name, "--base", "main", "--format", "text", **variables, **event)
    assert (said.returncode, said.stderr) == (1 - bool(actions), b"")  # in Actions the commit is judged
    shown = said.stdout.decode("utf-8" if actions else "latin-1")
    assert (f"{name}:" in shown) is not bool(actions)
    told = run(other, "inspect", name, "--format", "json", **variables)
    assert (told.returncode, json.loads(told.stdout)["path"]) == (0, name)
    assert run(other, "lint", "mäßig.md", **variables).returncode == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_ended_leaves_no_folder(work: Repository, tmp_path: Path, number: int) -> None:
    """A cancelled job gets the signal first; what a run has made for itself goes with it, and it says how it ended."""
    work.git("config", "filter.slow.clean", "sleep 2; cat")
    work.write(".gitattributes", "*.md filter=slow\n")
    work.write(PATH, GOOD.replace("2.231", "2.131"))
    folders = tmp_path / "temporary"
    folders.mkdir()
    variables = {"PYTHONPATH": str(Path(__file__).parents[2] / "scripts"), "TMPDIR": str(folders)}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "research_logbook", "lint"],
        cwd=work.root,
        env={**os.environ, **variables, "GITHUB_ACTIONS": ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not list(folders.iterdir()):
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(60) == 128 + number
    assert list(folders.iterdir()) == []
