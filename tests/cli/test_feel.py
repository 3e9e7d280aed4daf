"""Claims about how the command line feels: what is near, what is shown, what is coloured."""

import ast
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from repository import GOOD, PATH, Repository
from research_logbook.cli import cli
from research_logbook.cli.appearance import Appearance, is_capable_terminal
from research_logbook.cli.commands import COMMANDS, LazyCommands
from research_logbook.errors import did_you_mean
from research_logbook.progress import Progress

SCRIPTS = str(Path(__file__).parents[2] / "scripts")
ESCAPE = "\x1b"

Start = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**variables: str) -> dict[str, str]:
    """Return this one without what a runner, a terminal or a person has set, and with `variables`."""
    ours = ("GITHUB_", "GH_", "LC_", "PYTHON", "NO_COLOR", "FORCE_", "CLICOLOR", "TERM", "VTE", "TMUX", "STY", "CI")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONPATH": SCRIPTS, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **variables}


def logbook(folder: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run logbook without a terminal."""
    command = [sys.executable, "-P", "-m", "research_logbook", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(**variables), capture_output=True, text=True, check=False
    )


def on_a_terminal(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """Run logbook on a terminal of its own; return its exit code and what the terminal got."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "research_logbook", *arguments]
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(command, cwd=folder, env=environment(**variables), **streams) as process:  # type: ignore[call-overload]
        os.close(theirs)
        got = b""
        while True:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # nobody holds the other end any more
                break
            if not part:
                break
            got += part
        code = process.wait(120)
    os.close(ours)
    return code, got.decode().replace("\r\n", "\n")


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A branch with a logbook that has lost a number and an issue."""
    work = Repository(tmp_path / "work")
    work.commit({PATH: GOOD})
    work.git("switch", "--quiet", "--create", "research/sparse-attention")
    work.commit({PATH: GOOD.replace("2.231", "2.131")})
    return work


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["lnt"], "did you mean `lint`?"),
        (["wandb_summary"], "did you mean `wandb-summary`?"),
        (["qqqq"], "`logbook --help` lists them"),
        (["hypothesis", "moov"], "did you mean `move`?"),
        (["lint", "--al"], "did you mean `--all`?"),
        (["trace"], "run it inside a clone of the repository"),
        (["labels", "--issue"], "`logbook labels --help` shows how it is used"),
        (["rerun"], "as in `logbook rerun SPA-AT-003`"),
        (["lint", "--select", "rewriten-entry", "x"], "did you mean `rewritten-entry`?"),
        (["lint", "--ignore", "histry", "x"], "did you mean `history`?"),
        (["lint", "--ignore", ",", "x"], "names no rule"),
        (["rules", "hidden-txt"], "did you mean `hidden-text`?"),
        (["rules", "--seal", "hidden-text"], "`logbook rules --seal` lists them"),
    ],
)
def test_bad_usage_has_one_voice(tmp_path: Path, arguments: list[str], says: str) -> None:
    """Exit code 2, one sentence that says what is wrong, and one that says what to do."""
    said = logbook(tmp_path, *arguments)
    assert (said.returncode, said.stdout) == (2, "")
    assert re.fullmatch(r"logbook: [^\n]+\n  help: [^\n]+\n", said.stderr), said.stderr
    assert says in said.stderr


def test_what_is_near_is_found_whatever_joins_its_words() -> None:
    """Case, hyphens and underscores do not count; what is far from everything is not guessed at."""
    assert did_you_mean("Wandb_Summary", COMMANDS) == "did you mean `wandb-summary`?"
    assert did_you_mean("moe-hc-03", ["MOE-HC-003", "SPA-AT-001"]) == "did you mean `MOE-HC-003`?"
    assert did_you_mean("x" * 10_000_000, COMMANDS, otherwise="look") == "look"


def test_every_command_has_a_line_and_an_example_and_fits_a_screen() -> None:
    """The list is one line each in 80 columns; a command's own help ends with an example."""
    assert isinstance(cli, LazyCommands)
    context = click.Context(cli, info_name="logbook")
    assert all(len(listing.line) <= 60 for listing in COMMANDS.values())
    shown = cli.get_help(click.Context(cli, info_name="logbook", terminal_width=80))
    assert shown.count("\n") < 45
    for name in COMMANDS:
        found = cli.get_command(context, name)
        assert found is not None
        told = found.get_help(click.Context(found, info_name=name, parent=context, terminal_width=80))
        assert f"`{COMMANDS[name].example}`" in " ".join(told.split())
        assert told.count("\n") < 40
        assert COMMANDS[name].is_hidden or re.search(rf"^  {name} +{COMMANDS[name].line}$", shown, re.MULTILINE)


def test_the_list_of_commands_imports_none_of_them(tmp_path: Path) -> None:
    """Help and completion are as quick as a program that does nothing."""
    script = (
        "import sys; sys.argv = ['logbook', '--help']\n"
        "from research_logbook.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted(it for it in sys.modules if it in {'github', 'wandb', 'comrak', 'jsonschema', "
        "'research_logbook.cli.publish', 'research_logbook.cli.instrument'}))"
    )
    command = [sys.executable, "-P", "-c", script]
    said = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said[-1] == "[]"


def test_the_version_says_the_commit(tmp_path: Path) -> None:
    """A clone knows it, wherever one stands and whatever git's own variables say."""
    said = logbook(tmp_path, "--version", GIT_DIR=str(tmp_path / "other"))
    assert re.fullmatch(r"logbook \d+\.\d+\.\d+( \([0-9a-f]{12}\))?\n", said.stdout)


def test_some_rules_can_be_looked_at_alone(work: Repository) -> None:
    """The exit code is that of what is shown, and the report says what was not judged."""
    assert logbook(work.root, "lint", "--base", "main").returncode == 1
    alone = logbook(work.root, "lint", "--base", "main", "--select", "history")
    assert (alone.returncode, "rewritten-entry" in alone.stdout) == (1, True)
    assert "not judged, as --select or --ignore leaves it out: " in alone.stdout
    without = logbook(work.root, "lint", "--base", "main", "--ignore", "history", "--quiet")
    assert (without.returncode, "rewritten-entry" in without.stdout) == (0, False)
    assert without.stdout.endswith("all of history\n")
    told = json.loads(logbook(work.root, "lint", "--base", "main", "--ignore", "history", "--format", "json").stdout)
    assert "all of history" in told["notes"][0]
    assert "rewritten-entry" in {it["rule"] for it in told["skipped"]}
    assert told["findings"] == []


def test_no_rule_is_left_out_where_the_gate_is(work: Repository) -> None:
    """In Actions every rule counts, whatever a workflow passes."""
    refused = logbook(work.root, "lint", "--ignore", "history", GITHUB_ACTIONS="true")
    assert (refused.returncode, "in Actions every rule counts" in refused.stdout) == (2, True)


def test_the_rules_can_be_counted(work: Repository) -> None:
    """Once each, with the sum that the report has; as JSON too, and as nothing that has no place for it."""
    shown = logbook(work.root, "lint", "--base", "main", "--statistics")
    assert (shown.returncode, shown.stdout) == (1, "1  error    rewritten-entry\n1 error in 1 logbook\n")
    told = json.loads(logbook(work.root, "lint", "--base", "main", "--statistics", "--format", "json").stdout)
    assert told["rules"] == [{"rule": "rewritten-entry", "severity": "error", "count": 1}]
    assert logbook(work.root, "lint", "--base", "main", "--statistics", "--format", "sarif").returncode == 2


def test_quiet_prints_findings_alone(work: Repository) -> None:
    """Notes and the sum are left out, findings and the exit code are not."""
    said = logbook(work.root, "lint", "--base", "main", "-q")
    assert (said.returncode, said.stderr) == (1, "")
    assert [line.split(":")[0] for line in said.stdout.splitlines()] == [PATH, "    help"]
    work.commit({PATH: GOOD})
    said = logbook(work.root, "lint", "--base", "main", "-q")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


class Screen:
    """A stream that is a terminal, or is none."""

    def __init__(self, *, is_terminal: bool) -> None:
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        """Return which it is."""
        return self.is_terminal


@pytest.mark.parametrize(
    ("variables", "on_terminal", "in_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"NO_COLOR": "0"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"CLICOLOR_FORCE": "0"}, True, False),
        ({"CLICOLOR": "0"}, False, False),
        ({"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, True, True),
        ({"GITHUB_ACTIONS": "true"}, False, False),
    ],
)
def test_colour_follows_the_conventions(variables: dict[str, str], *, on_terminal: bool, in_pipe: bool) -> None:
    """NO_COLOR has the last word, then what forces it; else a terminal that is not dumb has it."""
    for is_terminal, has_colour in ((True, on_terminal), (False, in_pipe)):
        found = Appearance.of(Screen(is_terminal=is_terminal), variables)  # type: ignore[arg-type]
        assert found.has_colour is has_colour


@pytest.mark.parametrize(
    ("variables", "has_links"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"VTE_VERSION": "6800"}, True),
        ({"VTE_VERSION": "5000"}, False),
        ({"VTE_VERSION": "x" * 100}, False),
        ({"VTE_VERSION": "6800", "TMUX": "/tmp/tmux-0/default,1,0"}, False),  # noqa: S108 - a value, no file
        ({"VTE_VERSION": "6800", "NO_COLOR": "1"}, False),
        ({"VTE_VERSION": "6800", "TERM": "dumb"}, False),
        ({"VTE_VERSION": "6800", "CI": "true"}, False),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.4.19"}, True),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.0.1"}, False),
        ({"TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.96.2"}, True),
        ({"TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20240203-110809-5046fc22"}, True),
        ({"TERM_PROGRAM": "Apple_Terminal", "TERM_PROGRAM_VERSION": "453"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
        ({"FORCE_HYPERLINK": "0", "TERM": "xterm-kitty"}, False),
    ],
)
def test_links_are_for_terminals_that_are_known_to_bear_them(variables: dict[str, str], *, has_links: bool) -> None:
    """An unknown one would print the sequence; no pipe has them, whatever is forced."""
    assert Appearance.of(Screen(is_terminal=True), variables).has_links is has_links  # type: ignore[arg-type]
    assert not Appearance.of(Screen(is_terminal=False), {**variables, "FORCE_COLOR": "1"}).has_links  # type: ignore[arg-type]


def test_findings_are_coloured_and_linked_on_a_terminal(work: Repository) -> None:
    """The severity is red, the rule leads to its page, and forms for programs have neither."""
    code, shown = on_a_terminal(work.root, "lint", "--base", "main", TERM="xterm-kitty")
    assert (code, f"{ESCAPE}[31m" in shown) == (1, True)
    assert f"{ESCAPE}]8;;https://github.com/run-research/logbook/blob/v1/docs/rules.md#rewritten-entry" in shown
    assert ESCAPE not in on_a_terminal(work.root, "lint", "--base", "main", NO_COLOR="1")[1]
    for form in ("json", "sarif", "markdown", "github"):
        assert ESCAPE not in logbook(work.root, "lint", "--base", "main", "--format", form, FORCE_COLOR="1").stdout
    assert f"{ESCAPE}[31m" in logbook(work.root, "lint", "--base", "main", FORCE_COLOR="1").stdout
    assert ESCAPE not in logbook(work.root, "lint", "--base", "main").stdout


def test_the_newest_experiment_is_traced_where_none_is_named(work: Repository) -> None:
    """From a subfolder and from another work tree too; the others are named."""
    said = logbook(work.root, "trace")
    assert (said.returncode, said.stdout.splitlines()[0]) == (0, "SPA-AT-001")
    work.write(PATH, GOOD + "\n### 2026-06-30 09:00 UTC - SPA-AT-002 wider tiles\n\n- Result: loss 2.2\n")
    said = logbook((work.root / PATH).parent, "trace")
    assert said.stdout.splitlines()[0] == "SPA-AT-002"
    assert (
        said.stderr
        == "note: SPA-AT-002 is the newest of sparse-attention.md; `logbook trace ID` takes others: SPA-AT-001\n"
    )
    other = work.root.parent / "other"
    work.git("worktree", "add", "--quiet", "--detach", str(other))
    assert logbook(other, "trace").stdout.splitlines()[0] == "SPA-AT-001"


def test_of_several_logbooks_all_are_named(work: Repository) -> None:
    """Whoever has to choose reads from what, and how to say it; a slip is recognised."""
    work.git("switch", "--quiet", "main")
    work.write(PATH.replace("sparse", "dense"), GOOD)
    for arguments in (
        ["inspect"],
        ["trace"],
        ["entry", "--label", "x"],
        ["snapshot", "--list"],
        ["snapshot", "--show"],
    ):
        said = logbook(work.root, *arguments)
        assert (said.returncode, said.stdout) == (2, "")
        assert "one of: dense-attention, sparse-attention" in said.stderr
    said = logbook(work.root, "entry", "sparse-atention", "--label", "x")
    assert "did you mean `sparse-attention`?" in said.stderr
    assert "did you mean `SPA-AT-001`?" in logbook(work.root, "trace", "SPA-TA-001").stderr
    assert "did you mean" not in logbook(work.root, "trace", "SPA-AT-099").stderr


def test_snapshots_of_the_branch_need_no_name(work: Repository) -> None:
    """`--list` and `--show` alone are about the thread that one stands in."""
    work.git("tag", "--annotate", "--message", "x", "snapshot/sparse-attention/SPA-AT-001")
    assert "SPA-AT-001" in logbook(work.root, "snapshot", "--list").stdout
    assert "snapshot/sparse-attention/SPA-AT-001" in logbook(work.root, "snapshot", "--show").stdout
    assert "SPA-AT-001" in logbook(work.root, "snapshot", "--list", "sparse-attention").stdout


def completed(folder: Path, *words: str, shell: str = "bash") -> list[str]:
    """Return what a shell is offered for the last of these words."""
    asked = {"COMP_WORDS": " ".join(["logbook", *words]), "COMP_CWORD": str(len(words))}
    said = logbook(folder, _LOGBOOK_COMPLETE=f"{shell}_complete", **asked)
    assert (said.returncode, said.stderr) == (0, "")
    return [line.partition(",")[2] for line in said.stdout.splitlines()]


def test_a_shell_completes_what_the_repository_holds(work: Repository) -> None:
    """Commands, topics, IDs, snapshots, rules and lists of them; no name that means something to a shell."""
    work.write(".agents/logbooks/x;touch y.md", GOOD)
    work.git("tag", "snapshot/sparse-attention/SPA-AT-001")
    assert completed(work.root, "l") == ["lint", "labels", "lint-comment"]
    assert completed(work.root, "trace", "spa") == ["SPA-AT-001"]
    assert completed(work.root, "entry", "complete", "S") == ["SPA-AT-001"]
    assert completed(work.root, "run", "--topic", "") == ["sparse-attention"]
    assert completed(work.root, "snapshot", "--show", "snap") == ["snapshot/sparse-attention/SPA-AT-001"]
    assert completed(work.root, "rules", "hidden-te") == ["hidden-text"]
    assert completed(work.root, "lint", "--ignore", "history,hidden-te") == ["history,hidden-text"]


def test_completion_fails_nowhere(tmp_path: Path, work: Repository) -> None:
    """Outside of a repository, with a broken configuration or half a command there is just nothing to offer."""
    for words in (["trace", "S"], ["entry", ""], ["nothing", "x"], ["snapshot", "--show", ""]):
        assert set(completed(tmp_path, *words)) <= {"", "add", "complete", "correct"}
    work.write(".github/logbook.yml", "rules: [")
    assert set(completed(work.root, "trace", "S")) <= {""}


def test_completion_imports_what_it_needs(tmp_path: Path) -> None:
    """Names of commands take no command; an ID takes no client of GitHub and no schema."""
    script = (
        "import sys\n"
        "from research_logbook.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted(it for it in sys.modules if it in {'github', 'wandb', 'requests', 'comrak', "
        "'jsonschema', 'research_logbook.cli.show', 'research_logbook.cli.publish'}))"
    )
    for words, modules in (("logbook l", "[]"), ("logbook trace S", "['comrak', 'research_logbook.cli.show']")):
        asked = environment(_LOGBOOK_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(words.count(" ")))
        command = [sys.executable, "-P", "-c", script]
        said = subprocess.run(command, cwd=tmp_path, env=asked, capture_output=True, text=True, check=True)
        assert said.stdout.splitlines()[-1] == modules


def test_the_documented_line_completes_in_bash(work: Repository, tmp_path: Path) -> None:
    """The line of the recipe, in a shell that has never seen it."""
    recipes = (Path(SCRIPTS).parent / "docs/recipes.md").read_text(encoding="utf-8")
    line = re.search(r"`(eval [^`]*bash_source logbook\)\")`", recipes)
    assert line
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "logbook").write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m research_logbook "$@"\n')
    (folder / "logbook").chmod(0o755)
    ask = "COMP_WORDS=(logbook trace SP); COMP_CWORD=2; _logbook_completion logbook; printf '%s\\n' \"${COMPREPLY[@]}\""
    script = f"{line[1]}\n{ask}\n"
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    said = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=work.root,
        env=environment(PATH=path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "SPA-AT-001\n"


def test_a_reader_who_leaves_changes_no_verdict(work: Repository) -> None:
    """`| head -1` and `| true` are quiet; what is found is still found."""
    script = f'"{sys.executable}" -P -m research_logbook "$@" | true; exit "${{PIPESTATUS[0]}}"'
    for arguments, code in ((["lint", "--base", "main"], 1), (["rules"], 0), (["rules", "hidden-text"], 0)):
        said = subprocess.run(
            ["bash", "--norc", "-c", script, "bash", *arguments],
            cwd=work.root,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (said.returncode, said.stderr) == (code, "")


def test_an_interruption_is_no_fault(tmp_path: Path) -> None:
    """While it is still loading too: exit code 130, and no traceback."""
    script = (
        "import sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'research_logbook.errors': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from research_logbook.__main__ import start\n"
        "start()\n"
    )
    command = [sys.executable, "-P", "-c", script]
    said = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (130, "", "")


class Clock:
    """Goes on by half a second each time that somebody looks."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        self.now += 0.5
        return self.now


def test_long_work_shows_one_line_and_takes_it_away() -> None:
    """Nothing in the first second; it makes way for what is printed, and in the end nothing of it is left."""
    drawn: list[str] = []
    progress = Progress(drawn.append, Clock())
    for number in progress.over("judging", range(4), 64, each=16):
        if number == 2:
            progress.clear()
    erased = f"\r{ESCAPE}[K"
    assert drawn == [
        f"{erased}judging: 16 of 64",
        f"{erased}judging: 32 of 64",
        erased,
        f"{erased}judging: 48 of 64",
        erased,
    ]
    drawn.clear()
    assert list(progress.over("judging", range(1))) == [0]
    assert drawn == []
    with pytest.raises(ZeroDivisionError):
        sum(1 / (5 - number) for number in progress.over("judging", range(9)))
    progress.clear()
    assert drawn[-1] == erased
    assert list(Progress().over("judging", range(3))) == [0, 1, 2]


def test_progress_is_for_terminals(work: Repository) -> None:
    """A short run on one shows none, and neither does a pipe, a log or a dumb terminal."""
    assert f"\r{ESCAPE}[K" not in on_a_terminal(work.root, "lint", "--all")[1]
    for variables in ({"TERM": "dumb"}, {"GITHUB_ACTIONS": "true"}):
        assert not is_capable_terminal(Screen(is_terminal=True), variables)  # type: ignore[arg-type]
    assert not is_capable_terminal(Screen(is_terminal=False), {})  # type: ignore[arg-type]


ERRORS = {"UserError", "ConfigurationError", "UnfinishedError", "RefusedError", "NoIssueError", "Refusal"}


def test_every_error_says_what_to_do() -> None:
    """No error that a user can see is raised without a second sentence."""
    for path in sorted(Path(SCRIPTS).glob("research_logbook/**/*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ERRORS:
                given = [*call.args, *(keyword.value for keyword in call.keywords)]
                is_whole = len(given) > 1 or isinstance(given[0], ast.Starred)
                is_empty = any(isinstance(value, ast.Constant) and not value.value for value in given)
                assert is_whole, f"{path.name}:{call.lineno} says nothing to do"
                assert not is_empty, f"{path.name}:{call.lineno} says nothing to do"


@pytest.mark.parametrize("columns", ["40", "80"])
def test_help_fits_its_terminal(tmp_path: Path, columns: str) -> None:
    """Nothing but an option with its choices, which cannot be broken, is longer than a line."""
    for arguments in ([], ["lint"], ["trace"], ["entry", "add"], ["snapshot"]):
        shown = logbook(tmp_path, *arguments, "-h", COLUMNS=columns).stdout
        long = [line for line in shown.splitlines() if len(line) > int(columns)]
        assert [line for line in long if not re.fullmatch(r"  --\S+ \[\S+\]", line)] == []
