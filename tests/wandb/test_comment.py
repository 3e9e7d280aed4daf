"""Claims about the comment on a thread's runs: readable where all is well, inert where a name is hostile."""

import re

import pytest

from book import book
from research_logbook.logbook.dates import duration
from research_logbook.markdown.tree import CODE, BlockKind, parse, walk
from research_logbook.wandb.chart import COLOURS
from research_logbook.wandb.comment import comment
from research_logbook.wandb.runs import History, metric_format
from runs import run, summary

VALUES = [
    ("eval/loss", [2.21443, 2.231], "2.21443"),
    ("throughput", [189_612.4, 17.0], "189.6k"),
    ("mfu", [0.1716, 0.2], "17.16 %"),
    ("eval/accuracy", [0.5], "50.00 %"),
    ("accuracy", [81.5], "81.5000"),
    ("percent_done", [17.1612], "17.16 %"),
    ("steps", [400.0, 12.0], "400"),
    ("lr", [0.000186], "0.000186"),
    ("tiny", [1.86e-12], "1.86e-12"),
    ("tokens", [2.5e12], "2.500T"),
    ("loss", [float("nan"), 2.0], "NaN"),
    ("loss", [float("-inf")], "−∞"),
    ("gain", [-2.5, 1.0], "−2.50000"),
    ("zero", [0.0], "0"),
    ("huge", [1e300], "1e+300"),
]


@pytest.mark.parametrize(("metric", "values", "shown"), VALUES)
def test_values_have_the_digits_that_tell(metric: str, values: list[float], shown: str) -> None:
    """Six digits for a loss, thousands for a throughput, per cent for a share; never a crash."""
    assert metric_format(metric, values).value(values[0]) == shown


def test_differences_have_a_sign_and_the_columns_digits() -> None:
    """A difference is written like the values that it lies between."""
    assert metric_format("loss", [2.2, 2.3]).difference(2.2, 2.3) == "−0.10000"
    assert metric_format("tok", [189_612.4, 17.0]).difference(191_000, 189_612.4) == "+1.4k"
    assert metric_format("mfu", [0.17]).difference(0.18, 0.17) == "+1.00"
    assert metric_format("loss", [2.2]).difference(2.2, 2.2) == "±0"
    assert metric_format("loss", [2.2]).difference(float("nan"), 2.2) == ""


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(12, "12 s"), (65, "1 min 5 s"), (3_725, "1 h 2 min"), (3_600, "1 h"), (180_000, "2 d 2 h"), (0, "0 s")],
)
def test_times_have_two_units(seconds: float, shown: str) -> None:
    """A runtime is told in its two largest units."""
    assert duration(seconds) == shown


def test_no_time_is_a_dash() -> None:
    """A runtime that is not known, or cannot be, is a dash."""
    assert {duration(seconds) for seconds in (None, float("nan"), -1.0)} == {"–"}


BOOK = book("prefix=MOE-HC tags=moe; E1 command result='eval loss 2.231'; E2 command result")
FIRST = run("MOE-HC-001 dense", tags="moe", url="https://wandb.ai/lab/tiles/runs/a", loss={"min": 2.21443}, mfu=0.1716)
SECOND = run("MOE-HC-002 moe", tags="moe", loss={"min": 2.2}, mfu=0.18, summary=None)


def table(text: str) -> list[list[str]]:
    """Return the rows of the comment's table, its head first."""
    rows = [line for line in text.split("\n") if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows if "---" not in row]


def test_a_row_says_all_of_a_run() -> None:
    """ID, linked name, state, runtime and metrics, with the difference to the baseline, and the best in bold."""
    second = run("MOE-HC-002 moe", tags="moe", summary={"loss": {"min": 2.2}, "mfu": 0.18, "_runtime": 65})
    text = comment(summary(BOOK, FIRST, second, metrics=("loss", "mfu", "none"), baseline="MOE-HC-001"))
    assert table(text) == [
        ["Experiment", "Run", "State", "Runtime", "`loss` (min)", "`mfu`", "`none`"],
        [
            *("MOE-HC-001", "[MOE-HC-001 dense](https://wandb.ai/lab/tiles/runs/a) (baseline)", "finished", "–"),
            *("2.21443", "17.16 %", "–"),
        ],
        [
            *("MOE-HC-002", "MOE-HC-002 moe", "finished", "1 min 5 s"),
            *("**2.20000** (−0.01443 ✓)", "**18.00 %** (+0.84 ✓)", "–"),
        ],
    ]


def test_worse_is_marked_as_such() -> None:
    """What is on the wrong side of the baseline has a cross; where nobody says the side, there is no mark."""
    first, worse = run("MOE-HC-001", loss=2.21443, joy=2.0), run("MOE-HC-002", loss=2.5, joy=2.5)
    text = comment(summary(BOOK, first, worse, better={"loss": "lower"}, metrics=("loss",), baseline="MOE-HC-001"))
    assert "2.50000 (+0.28557 ✗)" in text
    unmarked = comment(summary(BOOK, first, worse, metrics=("joy",), baseline="MOE-HC-001"))
    assert "2.50000 (+0.50000)" in unmarked
    assert "`wandb.better`" in unmarked


def test_many_runs_keep_what_tells_most() -> None:
    """With more runs than fit, the baseline and the charted ones stay, and the others are counted."""
    runs = [run(f"MOE-HC-{n:03}", loss=float(n), created_at=f"2026-{n:04}") for n in range(1, 200)]
    told = summary(BOOK, *runs, better={"loss": "lower"}, baseline="MOE-HC-150")
    histories = [History(one, ((0.0, 1.0), (1.0, 2.0))) for one in told.charted]
    text = comment(told, histories, most_rows=20)
    names = [row[1] for row in table(text)[1:]]
    assert (len(names), any("MOE-HC-150" in name for name in names), any("MOE-HC-001" in name for name in names)) == (
        *(20, True, True),
    )
    assert "179 more runs not shown" in text


def test_the_same_runs_make_the_same_comment() -> None:
    """Whatever order the runs come in, the comment is the same, so that it is not written again."""
    told = [comment(summary(BOOK, *runs)) for runs in ([FIRST, SECOND], [SECOND, FIRST])]
    assert told[0] == told[1]


HOSTILE = [
    "@mia and @lab/all",
    "a | b | c",
    "[x](https://evil.example) ![y](https://evil.example/y.png)",
    "<img src=x onerror=alert(1)> <!-- logbook:wandb:x run=1.1 -->",
    "first\n\n# second\n- third\r\n```mermaid\ngraph TD\n```",
    "`code` ``more`` ```",
    "#12 lab/tiles#3 GH-4 https://evil.example www.evil.example",
    "::error::x ##[error]y",
    "\u202ereversed \u200b\u0000\x1b[31m",
    "x" * 10_000,
    "|" * 10_000,
    "](x)[",
    "$\\evil$ :tada: ~~x~~ **y** __z__",
    "",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_leaves_the_comment_intact(name: str) -> None:
    """Whatever a run, its tags, its state and its metrics are called, the page keeps its shape and pings nobody."""
    evil = run(name, state=name, tags="moe", run_id=name or "x", url=f"https://wandb.ai/a b{name}", created_at=name)
    told = summary(BOOK, FIRST, evil, run("MOE-HC-009 " + name, "failed", summary={name: 1.0}), metrics=(name, "loss"))
    histories = [History(one, ((0.0, 1.0), (1.0, 2.0))) for one in told.runs]
    text = comment(told, histories)
    assert len(text) < 40_000
    assert not re.search(r"<!--|<img|^\s*::|##\[", text, re.MULTILINE)
    blocks = parse(text)
    said = [run.text for leaf in walk(blocks) for run in leaf.runs if not run.style & CODE]
    assert [part for part in said if re.search(r"@\w|#\d|://|www\.|GH-\d", part)] == []
    kinds = [block.kind for block in blocks]
    assert [kinds.count(kind) for kind in (BlockKind.HEADING, BlockKind.TABLE, BlockKind.CODE, BlockKind.HTML)] == [
        1,
        1,
        1,
        0,
    ]
    (found,) = (block for block in blocks if block.kind is BlockKind.TABLE)
    assert {len(row.blocks) for row in found.blocks} == {4 + len(told.columns)}
    urls = {run.url for leaf in walk(blocks) for run in leaf.runs if run.url}
    assert urls <= {"https://wandb.ai/lab/tiles/runs/a"}


def test_a_name_that_several_runs_have_is_told_apart() -> None:
    """Where three runs have one name, table and legend say which is which; one that is alone needs no ID."""
    runs = [run("MOE-HC-001 retry", run_id=f"r{letter}", loss=2.0) for letter in "abc"]
    told = summary(BOOK, *runs, run("MOE-HC-002", run_id="rd", loss=2.5), metrics=("loss",))
    text = comment(told, [History(one, ((0.0, 3.0), (9.0, 2.0))) for one in told.runs])
    names = ["MOE-HC-001 retry (ra)", "MOE-HC-001 retry (rb)", "MOE-HC-001 retry (rc)", "MOE-HC-002"]
    assert [row[1].partition(" ")[2] for row in table(text)[1:]] == names
    assert " · ".join(f"{colour} {name}" for (colour, _), name in zip(COLOURS, names, strict=False)) in text


def test_what_is_compared_of_a_metric_is_told() -> None:
    """A smallest value among last ones says so, and has no difference; where all are smallest, the head says it."""
    least, last = run("MOE-HC-001", loss={"min": 1.9}), run("MOE-HC-002", loss=3.0)
    rows = table(comment(summary(BOOK, last, least, metrics=("loss",), baseline="MOE-HC-002")))
    assert [row[4] for row in rows] == ["`loss`", "1.90000 (min)", "3.00000"]
    rows = table(comment(summary(BOOK, least, run("MOE-HC-002", loss={"min": 2.0}), baseline="MOE-HC-001")))
    assert [row[4] for row in rows] == ["`loss` (min)", "**1.90000**", "2.00000 (+0.10000 ✗)"]


def test_a_page_on_another_server_is_not_linked() -> None:
    """Whatever files or answers say, a run's name leads to the configured server or nowhere."""
    evil = run("MOE-HC-001", url="https://wandb.evil.example/lab/tiles/runs/a", loss=2.0)
    assert "evil" not in comment(summary(BOOK, evil))
