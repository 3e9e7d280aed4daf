"""Claims about `scripts/demo`, run as a newcomer runs it."""

import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from demo.__main__ import folder
from demo.pictures import PICTURES, WIDTH, photograph
from e2e.bench import CHECKOUT
from hub.emulate import NotInstalledError, program

STORY = (
    "1. A research thread begins",
    "opened the issue “Experiment: Momentum” with “experiment”",
    "2. Two experiments",
    "exit status 0 after ",
    "MOM-001",
    "completed MOM-002: ",
    "│ - Command: `python train.py --momentum 0.99`",
    "│ - Result: loss 0.308637",
    "3. A change that would lose something",
    "error removed-entry: entry MOM-002 was removed from the log",
    "error result-without-command: entry MOM-003 has a measured result but does not say what was run",
    "2 errors in 1 logbook\n(exit code 1)",
    "no problems found in 1 logbook",
    "4. A snapshot",
    "tagged snapshot/momentum/MOM-003 on ",
    "│ python train.py --momentum 0.9",
    "5. The W&B runs in the thread",
    "3 runs in `momentum`: 3 finished.",
    "**0.009891** (−0.190124 ✓)",
    "“MOM-003 momentum 0.9”",
    "6. Closing it too early",
    "❌ Not closed out: 5 of ",
    "- `conclusion`: the body has no Conclusion",
    " checks passed",
    "7. The record is completed, and sealed",
    "🔒 Closed out",
    " checks passed",
    "“Experiment: Momentum” is closed as completed; labels: experiment, sealed.",
    "Next, in a repository of your own: ",
)
"""What is told, in this order."""


CHART = 'xychart-beta\n    x-axis "step" 0 --> 2\n    line [3, 2, 1]'


def demo(folder: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the demo with a temporary folder of its own."""
    return subprocess.run(
        [CHECKOUT / "scripts/demo", *arguments],
        check=False,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )


def tree() -> str:
    """Return what differs in the checkout from what git has, ignored files included, with times of change."""
    asked = ["git", "status", "--porcelain", "--ignored", "--untracked-files=all"]
    names = subprocess.run(asked, cwd=CHECKOUT, capture_output=True, check=True, text=True).stdout
    files = [CHECKOUT / line[3:].strip('"') for line in names.splitlines()]
    return names + "".join(f"{file.stat().st_mtime_ns}\n" for file in files if file.exists())


@pytest.fixture
def told(tmp_path: Path) -> str:
    """Run the demo, and return what it told."""
    try:
        program()
    except NotInstalledError as error:
        pytest.skip(str(error))
    before = tree()
    done = demo(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert tree() == before
    return done.stdout


def test_the_story_is_told_to_its_end(told: str, tmp_path: Path) -> None:
    """Every stage happens in its order, and neither files nor processes nor ugly marks are left."""
    place = 0
    for words in STORY:
        assert words in told[place:], f"not told, or not there: {words}"
        place = told.index(words, place) + len(words)
    assert list(tmp_path.iterdir()) == []
    assert running(tmp_path) == []
    assert not re.findall(r"<!--|</?\w+>|&\w+;|\\[^\w\s]|Traceback|\x1b", told)


def running(folder: Path) -> list[str]:
    """Return the processes whose working directory or command lies in a folder."""
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, check=True, text=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    """Without Node it is a sentence and exit code 2, and so is an option that it has not."""
    for name in ("bash", "git", "uname", "dirname"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    done = demo(tmp_path, PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "the demo needs git, npm and Node.js 20 or newer" in done.stderr
    assert "node is not installed" in done.stderr
    assert demo(tmp_path, "--fast").returncode == 2


def test_its_help_is_short_and_starts_nothing(tmp_path: Path) -> None:
    """How it is called, what happens, and what is left: nothing is looked for or installed first."""
    done = demo(tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: scripts/demo [--keep]\n")
    assert len(done.stdout.splitlines()) == 4
    assert "#" not in done.stdout


@pytest.mark.parametrize("keep", [True, False])
def test_the_folder_stays_where_that_is_asked_for(keep: bool, tmp_path: Path) -> None:
    """With what was played in it; else all of it is gone."""
    with folder(tmp_path, keep=keep) as place:
        (place / "momentum").mkdir()
    assert (place / "momentum").is_dir() is keep


def size(picture: Path) -> tuple[int, int]:
    """Return width and height of a PNG."""
    head = picture.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:])
    return width, height


def test_a_comment_becomes_a_picture(tmp_path: Path) -> None:
    """A chart is drawn, and the picture is as high as the comment."""
    photograph("### Short", tmp_path / "short.png", tmp_path)
    photograph(f"### Long\n\n```mermaid\n{CHART}\n```\n", tmp_path / "long.png", tmp_path)
    short, long = size(tmp_path / "short.png"), size(tmp_path / "long.png")
    assert (short[0], long[0]) == (WIDTH, WIDTH)
    assert short[1] < 100
    assert long[1] > 400


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_are_there_and_small(name: str) -> None:
    """The README's pictures have the width that they are made with, and are quickly loaded."""
    picture = CHECKOUT / f"docs/images/{name}.png"
    assert size(picture)[0] == WIDTH
    assert picture.stat().st_size < 150_000
    assert f"docs/images/{name}.png" in (CHECKOUT / "README.md").read_text()
