"""Claims about `logbook entry` and `hypothesis` as somebody uses them: what is written, where, and what is refused."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from repository import GOOD_ANYWHERE, PATH, Repository, context
from research_logbook.cli import cli
from research_logbook.context import RunContext
from research_logbook.errors import UserError
from research_logbook.instrument.entry import EntryOptions, add_entry, complete_entry
from research_logbook.logbook import parse
from research_logbook.logbook.model import Entry, Logbook

LOGBOOK = [sys.executable, "-m", "research_logbook"]
NOTE = {"decision": "two seeds are enough"}


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """Return a repository with a logbook and code."""
    made = Repository(tmp_path / "my work")
    made.commit({PATH: GOOD_ANYWHERE, "train.py": "print(1)\n"})
    return made


def run(work: Repository, *arguments: str, **how: object) -> "subprocess.CompletedProcess[bytes]":
    """Run `logbook`."""
    environment = {**os.environ, **how.pop("env", {})}  # type: ignore[dict-item]
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [*LOGBOOK, *arguments], cwd=work.root, env=environment, capture_output=True, check=False, **how
    )


def here(work: Repository) -> RunContext:
    """Return a run in the repository."""
    return context(work.root, {})


def book(work: Repository) -> Logbook:
    """Return the logbook as it is."""
    found = parse(PATH, (work.root / PATH).read_bytes())
    assert isinstance(found, Logbook)
    return found


def last(work: Repository) -> Entry:
    """Return the last entry."""
    return book(work).everything[-1]


def said(entry: Entry, name: str) -> str:
    """Return what an entry says under a name, canonical or its own."""
    return next((it.text for it in entry.fields if name in {it.key, it.name}), "")


def test_entries_are_appended_completed_and_corrected(work: Repository) -> None:
    """From the command line: each says what was written and where, and what is still open; lint has nothing to say."""
    assert run(work, "entry", "--label", "plan", "--decision", "two seeds are enough").returncode == 0
    assert said(last(work), "commit") == ""
    done = run(work, "entry", "sparse-attention", "--label", "by hand", "--command", "make x")
    line = last(work).span.line
    assert done.stdout.decode().split("\n")[:2] == [
        f"written SPA-AT-003: {PATH}:{line}",
        "still open: `logbook entry complete SPA-AT-003 --result … --interpretation … --next …`",
    ]
    done = run(work, "entry", "complete", "SPA-AT-003", "--result", "-", input=b"loss 2.1\n")
    assert (done.returncode, said(last(work), "result")) == (0, "loss 2.1")
    done = run(work, "entry", "complete", "SPA-AT-003", "--interpretation", "as before.", "--next", "none")
    assert b"still open" not in done.stdout
    for value in ("loss 2.4", "loss 2.5"):
        assert run(work, "entry", "correct", "SPA-AT-003", "--result", value).returncode == 0
    assert "- Result: ~~loss 2.1~~ ~~loss 2.4~~ loss 2.5" in (work.root / PATH).read_text()
    assert run(work, "lint", "--base", "HEAD").returncode == 0


def test_what_is_typed_all_day_is_short(work: Repository) -> None:
    """Options of one letter, and without an ID the newest entry is meant."""
    assert run(work, "entry", "-l", "first", "--command", "make x", "-r", "pending").returncode == 0
    assert run(work, "entry", "-l", "second", "--command", "make y", "-r", "loss 2.2").returncode == 0
    done = run(work, "entry", "complete", "-i", "no better", "-n", "none")
    assert (done.returncode, done.stdout.startswith(b"completed SPA-AT-003: ")) == (0, True), done.stderr
    assert [said(entry, "interpretation") for entry in book(work).everything[-2:]] == ["", "no better"]


def test_a_dry_run_shows_the_change_and_makes_none(work: Repository) -> None:
    """It says "would"; as JSON it is the same for programs."""
    before = (work.root / PATH).read_bytes()
    done = run(work, "entry", "--label", "x", "--dry-run")
    assert (done.returncode, done.stdout[:26], b"\n+### " in done.stdout) == (0, b"would have written SPA-AT-", True)
    told = json.loads(run(work, "entry", "--label", "x", "--dry-run", "--format", "json").stdout)
    assert (told["id"], told["path"], told["written"], told["open"]) == ("SPA-AT-002", PATH, False, [])
    assert (work.root / PATH).read_bytes() == before


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda work: (work.root / PATH).unlink(), "there is no logbook in this clone"),
        (
            lambda work: (work.root / PATH).write_text("<<<<<<< HEAD\n" + GOOD_ANYWHERE),
            f"{PATH}:1: “<<<<<<< HEAD” is left",
        ),
        (
            lambda work: work.write(PATH.replace("sparse", "other"), GOOD_ANYWHERE),
            "one of: other-attention, spa",
        ),
        (lambda work: (work.root / PATH).chmod(0o444), "`chmod u+w"),
        (lambda work: (work.root / PATH).parent.chmod(0o555), "`chmod u+w"),
        (lambda work: (work.root / PATH).write_bytes(b"\xff"), "not valid UTF-8"),
        (lambda work: _linked(work.root / PATH), "is a symbolic link"),
        (lambda work: _linked((work.root / PATH).parent), "a link that leads out of the repository"),
        (lambda work: (work.root / ".git").rename(work.root / "git"), "not a git repository"),
    ],
    ids=[
        "no logbook",
        "a conflict",
        "several",
        "read-only",
        "a read-only folder",
        "not text",
        "a link",
        "a linked folder",
        "no git",
    ],
)
def test_what_cannot_be_written_says_why(
    work: Repository, harm: Callable[[Repository], object], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks, root included, and nothing is written."""
    harm(work)
    before = sorted((it, it.is_file() and it.read_bytes()) for it in work.root.rglob("*.md"))
    monkeypatch.chdir(work.root)
    with pytest.raises(UserError) as raised:
        cli(["entry", "--label", "x"], standalone_mode=False)
    (work.root / PATH).parent.chmod(0o755)
    assert (says in raised.value.sentence, raised.value.exit_code) == (True, 2), raised.value.sentence
    assert sorted((it, it.is_file() and it.read_bytes()) for it in work.root.rglob("*.md")) == before


def _linked(path: Path) -> None:
    """Put a link in the place of a file or folder, which is moved out of the repository."""
    outside = path.parents[2].parent / "outside"
    outside.mkdir()
    path.rename(outside / path.name)
    path.symlink_to(outside / path.name)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["--id", "SPA-AT-001", "--label", "x"], "there is an entry SPA-AT-001 already"),
        (["--id", "MOE-HC-002", "--label", "x"], "does not use this logbook's prefix SPA-AT"),
        (["--id", "two", "--label", "x"], "two is not an experiment ID"),
        (["--label", "/ 009 x"], "would be read as an ID"),
        (["--result", ""], "the result is empty"),
        (["--result", "-", "--config", "-"], "only one value can be read from standard input"),
        (["--field", "x"], "has no name"),
        (["--label", "x" * 300], "the label has 300 characters"),
        (["--result", "x" * 60_000], "the result has 60,000 characters"),
        ([], "the entry would be empty"),
        (["moe", "--label", "x"], "no logbook for the topic `moe`"),
        (["sparse-atention", "--label", "x"], "did you mean `sparse-attention`?"),
        (["complete", "SPA-AT-1", "--result", "x"], "did you mean SPA-AT-001?"),
        (["complete", "SPA-AT-001", "--result", "x"], "`logbook entry correct SPA-AT-001 --result …`"),
        (["complete", "SPA-AT-001"], "nothing to fill in"),
        (["correct", "SPA-AT-001", "--confidence", "stable"], "`logbook entry complete SPA-AT-001 --confidence …`"),
    ],
)
def test_a_wrong_call_says_what_to_do(
    work: Repository, asked: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is written."""
    monkeypatch.chdir(work.root)
    with pytest.raises(UserError) as raised:
        cli(["entry", *asked], standalone_mode=False)
    assert says in raised.value.sentence
    assert (work.root / PATH).read_text() == GOOD_ANYWHERE


def test_an_empty_standard_input_is_no_value(work: Repository) -> None:
    """It is asked for by `-`."""
    done = run(work, "entry", "--result", "-", stdin=subprocess.DEVNULL)
    assert (done.returncode, b"the result is empty" in done.stderr) == (2, True), done.stderr


def test_of_several_logbooks_the_id_tells_which(work: Repository) -> None:
    """By its prefix, where neither a topic nor the branch does."""
    work.write(PATH.replace("sparse", "other"), GOOD_ANYWHERE.replace("SPA-AT", "OTH"))
    done = run(work, "entry", "complete", "SPA-AT-001", "--field", "Seeds=two", "--dry-run")
    assert (done.returncode, PATH in done.stdout.decode()) == (0, True)


def test_a_secret_is_refused_and_not_repeated(work: Repository) -> None:
    """Neither in the message nor in the logbook."""
    key = "ghp_" + "a1B2" * 9
    done = run(work, "entry", "--result", f"token {key}")
    assert (done.returncode, key.encode() in done.stderr + done.stdout) == (4, False)
    assert (work.root / PATH).read_text() == GOOD_ANYWHERE


HOSTILE = [
    "x\n### 2026-01-01 - SPA-AT-009 y\n\n- Result: loss 9",
    "a\n---\nb",
    "<!-- logbook: allow reused-id -- no -->",
    "<!-- open",
    "<details>\n\nx",
    "```\ncode that is not closed",
    "- a\n- b",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "a\n\nb",
    "\x1b[31mred\x1b[0m \u202eright\x00",
    "[x]: https://a.example\ny",
    "a ` b",
    "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b",
    "- 2026-01-01: loss 3",
    "**2026-01-01 SPA-AT-003** x",
    "a\\",
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "field", ["- Result: {}", "**Result:** {}", "#### Result\n\n{}"], ids=["list", "bold", "heading"]
)
def test_a_value_stays_what_it_is(tmp_path: Path, value: str, field: str) -> None:
    """It begins no entry and no section, hides nothing, allows nothing, and leaves what follows it as it was."""
    work = Repository(tmp_path)
    name = "lab/trainer@1691d0a9afbf"
    fields = [field.format("loss 2.2"), *(field.replace("Result", it).format(name) for it in ("Command", "Commit"))]
    text = "\n\n".join(
        ["# T", "- Experiment ID prefix: `SPA-AT`", "## Entry Log", "### 2026-05-25 - SPA-AT-001 x", *fields]
    )
    work.write(PATH, f"{text}\n\n## Notes\n\nz\n")
    add_entry(PATH, EntryOptions(None, "y", {"interpretation": value, "next-action": "stop"}), here(work))
    found = book(work)
    assert [entry.heading_ids for entry in found.everything] == [("SPA-AT-001",), ("SPA-AT-002",)]
    assert said(last(work), "next-action") == "stop"
    assert (found.allowances, found.sections[-1].title) == ((), "Notes")
    assert "\u202e" not in found.text


def test_line_ends_a_byte_order_mark_and_the_mode_stay(work: Repository) -> None:
    """As whoever wrote the file has them; and a file that ends without a line end gets one."""
    raw = b"\xef\xbb\xbf" + GOOD_ANYWHERE.rstrip().replace("\n", "\r\n").encode()
    (work.root / PATH).write_bytes(raw)
    (work.root / PATH).chmod(0o640)
    add_entry(PATH, EntryOptions(None, "x", NOTE), here(work))
    now = (work.root / PATH).read_bytes()
    assert now.startswith(raw)
    assert now.count(b"\n") == now.count(b"\r\n") > raw.count(b"\n")
    assert stat.S_IMODE((work.root / PATH).stat().st_mode) == 0o640


# Killed, crowded, full


def test_a_killed_process_leaves_the_old_or_the_new_file(work: Repository) -> None:
    """Killed at each system call that changes a file, whichever it is."""
    old = (work.root / PATH).read_bytes()
    script = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = {path}
from repository import PATH, context
from research_logbook.instrument.entry import EntryOptions, add_entry
left = {calls}
def die(event, arguments):
    global left
    opens = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    if opens or event in {{"os.rename", "os.chmod", "os.remove"}}:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.dont_write_bytecode = True
import subprocess, tempfile, redact_secret  # what is imported later opens files, too
sys.addaudithook(die)
add_entry(PATH, EntryOptions(None, "x", {{"decision": "y"}}), context(Path({root!r}), {{}}))
"""
    outcomes = []
    for calls in range(1, 30):
        (work.root / PATH).write_bytes(old)
        source = script.format(path=sys.path, calls=calls, root=str(work.root))
        status = subprocess.run([sys.executable, "-c", source], cwd=work.root, check=False).returncode
        now = (work.root / PATH).read_bytes()
        outcomes.append(now != old)
        assert now == old or (now.startswith(old.rstrip()) and now.endswith(b"y\n"))
        if status == 0:
            break
    assert outcomes[0] is False
    assert outcomes[-1] is True
    assert len(outcomes) > 3


@pytest.mark.parametrize("writers", [2, 8])
def test_all_who_append_at_once_find_their_entry(work: Repository, writers: int) -> None:
    """With an ID each."""
    commands = [[*LOGBOOK, "entry", "--label", f"by {it}"] for it in range(writers)]
    processes = [subprocess.Popen(it, cwd=work.root, stdout=subprocess.DEVNULL) for it in commands]
    assert [process.wait(120) for process in processes] == [0] * writers
    found = [(name, entry.label) for entry in book(work).everything[1:] for name in entry.heading_ids]
    assert {label for _, label in found} == {f"by {it}" for it in range(writers)}
    assert len({name for name, _ in found}) == writers


def test_a_full_disk_leaves_what_was_there(work: Repository) -> None:
    """The message says so, and nothing is left beside it."""
    full = (work.root / PATH).read_bytes().replace(b"## Entry Log", b"x" * 2_000 + b"\n\n## Entry Log")
    (work.root / PATH).write_bytes(full)
    limited = 'ulimit -f 1; trap "" XFSZ; exec "$@"'  # one block of 1,024 bytes
    done = subprocess.run(
        ["bash", "-c", limited, "-", *LOGBOOK, "entry", "--label", "x"], cwd=work.root, capture_output=True, check=False
    )
    assert (done.returncode, b"cannot be written" in done.stderr) == (3, True), done.stderr
    assert (work.root / PATH).read_bytes() == full
    assert [it.name for it in (work.root / PATH).parent.iterdir()] == [Path(PATH).name]


def test_an_open_editor_is_told_of(work: Repository) -> None:
    """It would write its own text over the entry; and its files are no logbooks."""
    (work.root / PATH).with_name(f".{Path(PATH).name}.swp").write_bytes(b"b0VIM")
    (work.root / PATH).with_name(f".#{Path(PATH).name}").symlink_to("ana@host.1:2")
    (work.root / PATH).with_name(f"{Path(PATH).name}~").write_text(GOOD_ANYWHERE)
    done = run(work, "entry", "--label", "x")
    assert (done.returncode, b"load it again there" in done.stderr) == (0, True)


def test_a_detached_head_will_do(work: Repository) -> None:
    """Where there is but one logbook."""
    work.git("checkout", "--quiet", "--detach")
    assert add_entry(PATH, EntryOptions(None, "x", NOTE), here(work)).id == "SPA-AT-002"


def test_a_dirty_tree_is_said_where_something_ran(work: Repository) -> None:
    """The commit that is recorded lacks what was changed since."""
    work.write("train.py", "print(2)\n")
    ran = EntryOptions(None, "x", {"command": "python train.py", "result": "loss 2.2"})
    assert "lacks changes" in " ".join(add_entry(PATH, ran, here(work)).notes)
    assert add_entry(PATH, EntryOptions(None, "x", NOTE), here(work)).notes == ()


def test_of_two_entries_with_an_id_the_open_one_is_completed(work: Repository) -> None:
    """Where both would do, neither is touched."""
    more = "\n### 2026-05-26 - SPA-AT-001 again\n\n- Command: `make`\n- Result: pending\n"
    work.write(PATH, GOOD_ANYWHERE + more)
    complete_entry(PATH, "SPA-AT-001", {"result": "loss 2.2"}, here(work))
    assert said(last(work), "result") == "loss 2.2"
    with pytest.raises(UserError, match="2 entries SPA-AT-001, on lines"):
        complete_entry(PATH, "SPA-AT-001", {"Seeds": "two"}, here(work))


# In an editor


def edited(work: Repository, script: str, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[bytes]":
    """Run `logbook entry --edit` with an editor that is a script for `sed` with arguments of its own."""
    return run(work, "entry", "--edit", *arguments, env={"EDITOR": f"sed -i -e '{script}'", "VISUAL": "", **variables})


def test_an_entry_is_edited_before_it_is_written(work: Repository) -> None:
    """The editor sees the entry alone, and what it leaves is written; lines without a value are not."""
    done = edited(work, "s/^- Result:.*/- Result: loss 2.3/", "--label", "x")
    assert (done.returncode, said(last(work), "result"), said(last(work), "hypothesis")) == (0, "loss 2.3", "")
    assert "<!-- This is" not in (work.root / PATH).read_text()
    assert not (work.root / ".git" / "LOGBOOK_EDITMSG.md").exists()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("d", "the entry says nothing"),
        ("", "the entry says nothing"),
        ("s/^- Result:.*/### 2026-01-01 - another/", "or begin another one"),
        ("s/SPA-AT-002/SPA-AT-001/; s/^- Result:.*/x/", "there is an entry SPA-AT-001 already"),
        ("s/^###.*/Nothing/; s/^- Result:.*/x/", "begin another one"),
        ("s/^- Result:.*/<!-- logbook: allow reused-id -- no -->/", "would silence a rule"),
        ("(", "ended with status"),
    ],
)
def test_an_edited_text_that_is_no_entry_is_not_written(work: Repository, script: str, says: str) -> None:
    """The message says where the text is kept."""
    done = edited(work, script, "--label", "x")
    assert (done.returncode, says in done.stderr.decode(), b"LOGBOOK_EDITMSG.md" in done.stderr) == (2, True, True), (
        done
    )
    assert (work.root / PATH).read_text() == GOOD_ANYWHERE


def test_without_an_editor_the_message_says_so(work: Repository) -> None:
    """One that is not installed, and none at all."""
    for variables in ({"EDITOR": "no-such-editor"}, {"EDITOR": "", "TERM": "dumb"}):
        done = edited(work, "", "--label", "x", **variables)
        assert (done.returncode, b"set EDITOR" in done.stderr) == (2, True), done.stderr


def test_an_id_that_is_taken_while_one_edits_is_replaced(work: Repository) -> None:
    """By the next free one, in what was edited."""

    def edit(text: str) -> str:
        add_entry(PATH, EntryOptions(None, "quick", NOTE), here(work))
        return text.replace("- Result:", "- Result: loss 2.3")

    assert add_entry(PATH, EntryOptions(None, "slow", {}), here(work), edit=edit).id == "SPA-AT-003"
    assert [entry.label for entry in book(work).everything[1:]] == ["quick", "slow"]
