"""Claims about the questions that are asked of a logbook: values, results, order, and what entries refer to."""

from collections.abc import Callable

import pytest

from book import parsed
from research_logbook.logbook.model import Entry, Link, Logbook, Span
from research_logbook.logbook.queries import (
    commands_of,
    commit_of,
    files_wanted,
    has_result,
    is_newest_first,
    is_none,
    is_pending,
    is_placeholder,
    last_entry,
    last_result,
    link_target,
    oldest_first,
    own_commits,
    paths_in,
    pending_result,
    says_none,
    says_not_applicable,
    scripts_of,
    tells_outcome,
    unanswered,
)

STILL_TO_COME = [
    *("pending", "Pending.", "_pending_", "**TBD**", "TBA", "tbc", "TODO", "To-do", "to do", "WIP", "work in progress"),
    *("in progress", "in-progress", "in flight", "running", "currently running", "still running.", "⏳ running", "⏳"),
    *("queued", "ongoing", "waiting", "not yet", "not yet run", "not run", "Not submitted.", "not started yet"),
    *("has not started", "to be filled in", "to be added soon", "will be added", "will be added later", "to follow"),
    *("(to be determined)", "*(to be updated)*", "<fill in>", "filled in", "No response", "_No response_", "empty"),
    *("coming soon", "soon", "later", "results to come", "yet to run", "none yet", "nothing yet", "no results yet"),
    *("no run data yet.", "Results pending", "the result is pending", "results are pending", "review pending"),
    *("implementation in progress.", "—", "-", "--", "...", "…", "?", "???", "[pending]", "(pending)"),
]
"""All of it says that something is still to come."""

STILL_TO_COME_AND_MORE = [
    *("pending (baseline took 10.5 h)", "pending: job 12", "pending, job 12 is queued", "pending launch commit"),
    *("pending until 2026-06-01", "pending approval by Ana", "TBD after the sweep", "TBD: how many seeds"),
    *("TBD (filled in after submission).", "todo: rerun", "awaiting a node", "awaiting results", "waiting for job 12"),
    *("running on v5p-8", "running (job 12)", "running seeds 1-3", "ongoing: step 400 of 1000", "queued behind job 12"),
    *("to be updated after the run", "not run because the cluster was down", "not yet available: job 12 is queued"),
    *("submitted", "submitted as job 12", "scheduled for Monday", "in flight since noon"),
]
"""It begins by saying so, and goes on."""

SETTLED = [
    *("failed", "diverged at step 40.", "abandoned", "none", "None.", "nothing", "n/a", "N/A", "na", "unknown", ""),
    *(
        "pending requests fell to 3.2 s",
        "pending -> loss 2.2",
        "in progress, loss 2.3 at step 400",
        "running stats: 3%",
    ),
    *("running the sweep showed no gain", "Running more steps helps.", "empty string returned", "emptied the queue"),
    *("no response from the node", "submitted the paper", "not significant", "not better than the baseline"),
    *("not yet clear whether it helps", "no improvement yet", "no effect", "to be honest it failed", "To be fair, no"),
    *(
        "will be faster with more heads",
        "pending-days is 3",
        "todos are gone",
        "n",
        "— failed",
        "-5",
        "✅",
        "later seeds",
    ),
    *("nothing pending", "blocked", "deferred", "partial", "see below", "launched"),
]
"""It says something: nothing found, nothing done and a failure are values, and so is a number."""


@pytest.mark.parametrize("text", [*STILL_TO_COME, *STILL_TO_COME_AND_MORE])
def test_a_value_is_pending_by_how_it_begins(text: str) -> None:
    """What follows tells what is waited for."""
    assert is_pending(text)


@pytest.mark.parametrize("text", SETTLED)
def test_a_value_that_says_something_is_not_pending(text: str) -> None:
    """A measurement, or words that only begin like "pending", are a value that has come."""
    assert not is_pending(text)


@pytest.mark.parametrize("text", [*STILL_TO_COME, ""])
def test_a_placeholder_says_nothing_else(text: str) -> None:
    """All of it says that something is still to come, or nothing stands there."""
    assert is_placeholder(text)


@pytest.mark.parametrize("text", [*STILL_TO_COME_AND_MORE, *filter(None, SETTLED)])
def test_a_placeholder_that_goes_on_is_not_one(text: str) -> None:
    """What is waited for would be lost with it."""
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    ("text", "nothing", "begins"),
    [
        *(("none", True, True), ("None.", True, True), ("_none_", True, True), ("nothing", True, True)),
        *(("none yet", True, True), ("nothing so far", True, True), ("no hypotheses", True, True)),
        *(("no further next steps", True, True), ("no issue", True, True), ("no decision yet", True, True)),
        *(("none needed", False, True), ("none: the thread is closed", False, True), ("None.\n\nMore.", False, True)),
        *(("no next steps, it is done", False, True), ("nothing left to try", False, True)),
        *(("n/a", True, False), ("N/A.", True, False), ("not applicable", True, False), ("na", True, False)),
        *(("", True, False), ("-", True, False), ("—", True, False), ("...", True, False), ("`", True, False)),
        *(("no effect", False, False), ("none of the seeds diverged", False, False), ("nonetheless", False, False)),
        *(("nothing fits", False, False), ("0", False, False), ("unknown", False, False), ("✅", False, False)),
    ],
)
def test_saying_that_there_is_nothing(text: str, nothing: bool, begins: bool) -> None:
    """A text is none when it says nothing else; one that only begins so gives a reason."""
    assert (is_none(text), says_none(text)) == (nothing, begins)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        *(("n/a", True), ("N/A: no model was trained", True), ("not applicable because it is a survey", True)),
        *(
            ("n.a.", True),
            ("*N/A*", True),
            ("none", False),
            ("nap", False),
            ("n/a-3", True),
            ("not applicable yet", True),
        ),
    ],
)
def test_saying_that_it_does_not_apply(text: str, is_so: bool) -> None:
    """A reason may follow."""
    assert says_not_applicable(text) is is_so


HOSTILE = [
    *("pending " + "(" * 400_000, "to be " + "a" * 400_000, " " * 400_000, "- " * 200_000, "-" * 400_000 + "x"),
    *("is " * 130_000, "no " + "a " * 200_000, "a" * 400_000, "." * 400_000, "running " + "ab " * 130_000),
    *("_" * 400_000, "✅" * 100_000, "…" * 400_000 + "x", "fill " * 80_000, "none " * 80_000, "not yet " * 50_000),
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
@pytest.mark.parametrize(
    "judge", [is_pending, is_placeholder, is_none, says_none, says_not_applicable], ids=lambda judge: judge.__name__
)
def test_long_text_is_judged_in_linear_time(judge: Callable[[str], bool], text: str) -> None:
    """Half a megabyte is judged, whatever it holds."""
    assert judge(text) in {True, False}


def entry(body: str) -> Entry:
    """Return an entry with this body."""
    (found,) = parsed(f"## 2026-05-25 - KT-001 run\n\n{body}\n").entries
    return found


@pytest.mark.parametrize(
    ("body", "result", "pending"),
    [
        ("- Result: loss 2.2", True, False),
        ("- Result: diverged at step 40", True, False),
        ("- Result: abandoned", True, False),
        ("- Result: pending", False, True),
        ("- Result: submitted as job 12", False, True),
        ("- Result: results to come", False, True),
        ("- Result: none yet", False, True),
        ("- Result:", False, False),
        ("- Result: <!-- fill in -->", False, False),
        ("- Result: pending\n- Metrics: running", False, True),
        ("- Result: pending\n- Error: out of memory", True, False),
        ("- Command: `make`", False, False),
        ("| seed | loss |\n|---|---|\n| 0 | 2.21 |", True, False),
        ("- Result: pending\n\n| seed | loss |\n|---|---|\n| 0 | 2.21 |", True, True),
    ],
)
def test_an_entry_has_a_result_or_one_still_to_come(body: str, result: bool, pending: bool) -> None:
    """A table of measurements is a result, and so is a failure."""
    assert (has_result(entry(body)), pending_result(entry(body)) is not None) == (result, pending)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        *(
            (text, False)
            for text in ("n/a", "N/A.", "none", "None.", "nothing", "-", "—", "?", "see above", "See above.")
        ),
        *(
            (text, False)
            for text in ("as above", "_ditto_", "same", "see the previous entry", "unknown", "no result", "")
        ),
        *((text, False) for text in ("pending", "not run", "not run yet because the node is down", "TBD: two seeds")),
        *(
            (text, True)
            for text in ("abandoned", "Cancelled.", "failed", "not run because the node was down", "no effect")
        ),
        *(
            (text, True)
            for text in ("not started: the budget is spent", "none of the seeds converged", "n/a: no model fits")
        ),
        *(
            (text, True)
            for text in ("same loss as the baseline", "above the baseline", "see the W&B report", "loss 2.2")
        ),
    ],
)
def test_a_result_tells_an_outcome_or_nothing(text: str, tells: bool) -> None:
    """That there is none, or that it stands elsewhere, is no outcome; that nothing was run, and why, is one."""
    assert tells_outcome(text) is tells


def log(*entries: str) -> Logbook:
    """Return a logbook with these entries, each as "DAY ID: result"."""
    parts = [text.partition(": ") for text in entries]
    return parsed("".join(f"## 2026-05-{head}\n\n- Result: {result}\n\n" for head, _, result in parts))


@pytest.mark.parametrize(
    ("entries", "open_entries"),
    [
        (["20 KT-001: pending"], ["KT-001"]),
        (["20 KT-001: pending", "21 KT-001: it diverged"], []),
        (["20 KT-001: pending", "21 KT-001: running"], ["KT-001", "KT-001"]),
        (["20 KT-001: pending", "21 KT-002: it diverged"], ["KT-001"]),
        (["20 KT-001: pending", "21 KT-001b: it diverged"], []),
        (["20 KT-001: it diverged", "21 KT-001: pending"], ["KT-001"]),
        (["20 KT-001: it diverged", "20 KT-001: pending"], []),
        (["22 KT-001: it diverged", "21 KT-001: pending"], []),
        (["20 KT-001: pending", "21 KT-001: n/a"], ["KT-001"]),
        (["20 KT-001: pending", "21 KT-001: see above"], ["KT-001"]),
        (["20 KT-001: pending", "21 KT-001: abandoned"], []),
        (["20 KT-001: not run because the cluster was down"], []),
        (["20 KT-001: not yet run because the cluster is down"], ["KT-001"]),
    ],
)
def test_a_later_entry_answers_a_pending_one(entries: list[str], open_entries: list[str]) -> None:
    """What came of an experiment may stand in any entry with its ID that is not dated before it."""
    assert [found.ids[0] for found, _ in unanswered(log(*entries))] == open_entries


@pytest.mark.parametrize(
    ("days", "newest_first"),
    [
        ("25 26 27", False),
        ("27 26 25", True),
        ("27 26 28 25", True),
        ("25 27 26 28", False),
        ("25 24 30 27", True),
        ("28 20 21 22", False),
        ("20 28 27 26", True),
        ("25 25", None),
        ("25", None),
        ("", None),
        ("25T10:00 25T09:00", True),
        ("25T09:00 25T10:00", False),
        ("25T10:00 25", None),
        ("26 25 26", None),
        ("28 20 21", True),
    ],
)
def test_most_steps_tell_at_which_end_a_log_grows(days: str, newest_first: bool | None) -> None:
    """They tell by the day, and within a day by the hour; one date that is out of order does not."""
    text = "".join(f"## 2026-05-{day} a\n\n" for day in days.split())
    assert is_newest_first(parsed(text)) is newest_first


@pytest.mark.parametrize(
    ("ids", "newest_first"),
    [
        ("KT-002 KT-001", True),
        ("KT-009 KT-010", False),
        ("KT-001 KT-001b", False),
        ("KT-20260526-01 KT-20260525-02", True),
        ("KT-003 KT-001 KT-002", True),
        ("KT-002 LR-001", None),
        ("KT-001 KT-001", None),
        ("KT-001", None),
    ],
)
def test_ids_tell_the_order_of_a_log_where_no_date_does(ids: str, newest_first: bool | None) -> None:
    """On one day without hours, or without any dates: the numbers of one series do, as numbers."""
    for day in ("2026-05-25 - ", ""):
        text = "".join(f"### {day}{name} run\n\n- Result: loss 2.3.\n\n" for name in ids.split())
        book = parsed(f"## Entry Log\n\n{text}")
        if "KT-2026" not in ids or day:
            assert is_newest_first(book) is newest_first
    dated = "## 2026-05-20 - KT-009 a\n\n## 2026-05-21 - KT-008 b\n\n"
    assert is_newest_first(parsed(dated)) is False


@pytest.mark.parametrize("days", [("20", "21", "22"), ("22", "21", "20")])
def test_a_log_ends_where_it_grows(days: tuple[str, str, str]) -> None:
    """The last entry and the last result are the same whichever end of the log grows."""
    results = {"20": "loss 2.3", "21": "loss 2.2", "22": "pending"}
    book = log(*(f"{day} KT-0{day}: {results[day]}" for day in days))
    assert [found.ids[0] for found in oldest_first(book)] == ["KT-020", "KT-021", "KT-022"]
    assert [found.ids[0] for found in (last_entry(book), last_result(book)) if found] == ["KT-022", "KT-021"]


def test_an_empty_log_has_no_end() -> None:
    """Nothing is last in it."""
    assert (last_entry(parsed("# T\n")), last_result(parsed("# T\n"))) == (None, None)


# What entries refer to


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
    assert link_target(BOOK, Link(Span(BOOK, 1, 1), url, "")) == path


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
    assert set(files_wanted(logbook, "tree")) == {
        ("tree", ".agents/logbooks/y.md"),
        ("tree", "a/b.sh"),
        ("tree", "c/d.py"),
    }


@pytest.mark.parametrize(
    ("commit", "own"),
    [
        ("`1691d0a9afbf`", ["1691d0a9afbf"]),
        ("at `1691D0A` on main", ["1691d0a"]),
        ("1691d0a9afbfe849538e180186bec7759574cf2c (clean)", ["1691d0a9afbfe849538e180186bec7759574cf2c"]),
        ("lab/trainer@1691d0a", []),
        ("https://github.com/lab/trainer/commit/1691d0a", []),
        ("levanter `1691d0a`", []),
        ("`1691d0a` of the submodule", []),
        ("`1691d0a`, since rebased", []),
        ("20260525", []),
        (f"{7:064x}", []),
        ("pending", []),
    ],
)
def test_a_commit_of_another_repository_is_not_the_entrys_own(commit: str, own: list[str]) -> None:
    """A hash beside any other name may be of what that names, and a number is a date."""
    (entry,) = parsed(f"## 2026-05-25 a\n\n- Commit Hash: {commit}\n").everything
    assert [found for _, found in own_commits(entry)] == own
