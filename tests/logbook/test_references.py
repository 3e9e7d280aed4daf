"""Claims about what a logbook refers to in its repository."""

import pytest

from book import parsed
from research_logbook.logbook.model import Link, Span
from research_logbook.logbook.references import commands_of, commit_of, paths_in, scripts_of, target, wanted

BOOK = ".agents/logbooks/run.md"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("notes.md", ".agents/logbooks/notes.md"),
        ("../../src/a.py", "src/a.py"),
        ("/src/a.py", "src/a.py"),
        ("a%20b.md#part", ".agents/logbooks/a b.md"),
        ("a.md?raw=1", ".agents/logbooks/a.md"),
        ("./plots/", ".agents/logbooks/plots"),
        ("../../../../etc/passwd", "../../etc/passwd"),
        ("#part", None),
        ("https://a.b/c", None),
        ("//a.b/c", None),
        ("mailto:a@b.c", None),
        ("C:\\a", None),
        ("<a>", None),
        ("", None),
        ("a%0Ab", None),
        ("a%00b", None),
        ("$HOME/a", None),
        ("{a,b}", None),
        ("a/*.md", None),
        ("a" * 3_000, None),
    ],
)
def test_where_a_link_leads(url: str, path: str | None) -> None:
    """A relative link leads from the logbook's folder, an absolute one from the root; others lead elsewhere."""
    assert target(BOOK, Link(Span(BOOK, 1, 1), url, "")) == path


@pytest.mark.parametrize(
    ("command", "paths"),
    [
        ("python exp/train.py --seed 0", ["exp/train.py"]),
        ("bash ./a/b.sh && python -m x; source c/d.sh|tee e", ["a/b.sh", "c/d.sh"]),
        ("uv run python 'exp/train.py' \"exp/b.py\"", ["exp/train.py", "exp/b.py"]),
        ("sbatch a/b/c.sbatch\njulia a/d.jl (Rscript e/f.R)", ["a/b/c.sbatch", "a/d.jl", "e/f.R"]),
        ("python train.py /abs/a.py ~/b/c.py ../d/e.py s3://f/g.py --x=h/i.py $A/j.py k/l.pyc", []),
        ("", []),
    ],
)
def test_scripts_in_commands(command: str, paths: list[str]) -> None:
    """Scripts that a command names by a relative path with a folder are found, and nothing else is."""
    assert list(paths_in(command)) == paths


@pytest.mark.parametrize(
    "command", ["a/" * 200_000, " " * 400_000, "a" * 400_000, "a/b.py " * 50_000, ("a." * 100_000) + "p"]
)
def test_hostile_commands_do_not_hang(command: str) -> None:
    """Half a megabyte is read, and names no more scripts than it has words."""
    assert sum(1 for _ in paths_in(command)) <= len(command.split())


def test_the_commit_of_an_entry() -> None:
    """The first hash in a commit field counts; a path or a word with hexadecimal letters does not."""
    hashes = {
        "`1691d0a9afbf`": "1691d0a9afbf",
        "based on 0A37854, unclean": "0a37854",
        "a/1691d0a9afbf": None,
        "pending": None,
        "123456": None,
    }
    for value, expected in hashes.items():
        (entry,) = parsed(f"## 2026-05-25\n\n- Commit: {value}\n").entries
        assert commit_of(entry) == expected


def test_commands_stand_in_fields_and_in_code() -> None:
    """A pending command is none, and code within a command's field is not a second one."""
    text = "- Command: TBD\n- Launch:\n  ```sh\n  a/b.sh\n  ```\n\n```\npython c/d.py\n```\n\n```json\n{}\n```\n"
    logbook = parsed(f"## 2026-05-25\n\n{text}\n\n[x](y.md) [z](https://z)\n")
    (entry,) = logbook.entries
    assert [place.span.line for place in commands_of(entry)] == [4, 9]
    assert [(script.path, script.tree) for script in scripts_of(logbook)] == [("a/b.sh", ""), ("c/d.py", "")]
    assert set(wanted(logbook, "tree")) == {("tree", ".agents/logbooks/y.md"), ("tree", "a/b.sh"), ("tree", "c/d.py")}
