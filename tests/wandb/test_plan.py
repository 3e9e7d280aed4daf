"""Claims about the runs of a thread: which they are, what they are compared by, and what does not fit together."""

import pytest

from book import book, parsed
from research_logbook.wandb.links import parse_run_link
from research_logbook.wandb.plan import MOST_LINES
from research_logbook.wandb.runs import Better, RunKey
from runs import HOST, remarks, run, summary, thread
from wandb_server import ServedRun, fits

LINKS = {
    "https://wandb.ai/lab/tiles/runs/abc123": RunKey("lab/tiles", "abc123"),
    "https://www.wandb.ai/lab/tiles/runs/abc123/overview?nw=1": RunKey("lab/tiles", "abc123"),
    "https://forge.coreweave.com/wandb/lab/tiles/runs/abc123": RunKey("lab/tiles", "abc123"),
    "https://wandb.ai/lab/my%20tiles/runs/a": RunKey("lab/my tiles", "a"),
    "https://wandb.ai/lab/tiles": RunKey("lab/tiles"),
    "https://wandb.ai/lab/tiles/reports/x--y": RunKey("lab/tiles"),
    "https://wandb.ai/lab/tiles/groups/TIL-001/workspace": RunKey("lab/tiles", group="TIL-001"),
    "https://wandb.ai/lab/tiles/groups/my%20seeds": RunKey("lab/tiles", group="my seeds"),
    "https://wandb.ai/lab/tiles/sweeps/ab12cd?nw=1": RunKey("lab/tiles", sweep="ab12cd"),
    "https://evil.example\\@wandb.ai/lab/tiles/runs/abc123": None,
    "https://evil.example@wandb.ai/lab/tiles/runs/abc123": None,
    "https://wandb.ai@evil.example/lab/tiles/runs/abc123": None,
    "https://wandb.ai:443/lab/tiles/runs/abc123": RunKey("lab/tiles", "abc123"),
    "http://wandb.ai/lab/tiles/runs/abc123": RunKey("lab/tiles", "abc123"),
    "https://wandb.ai:8443/lab/tiles/runs/abc123": None,
    "https://evil-wandb.ai/lab/tiles/runs/abc123": None,
    "https://acme.wandb.io/lab/tiles/runs/abc123": None,
    "javascript://wandb.ai/lab/tiles/runs/abc123": None,
    "https://wandb.lab.example/lab/tiles/runs/abc123": None,
    "https://wandb.ai.evil.example/lab/tiles/runs/abc123": None,
    "https://wandb.ai/links/lab/xyz": None,
    "https://wandb.ai": None,
    "https://[wandb": None,
    "lab/tiles/runs/abc123": None,
}


@pytest.mark.parametrize("url", LINKS)
def test_links_lead_to_runs_of_the_one_server(url: str) -> None:
    """A link to the server that is read leads to a run or a project; any other leads nowhere."""
    assert parse_run_link(url, HOST) == LINKS[url]


def test_a_server_of_ones_own_has_links_of_its_own() -> None:
    """With a server of its own a laboratory's links lead there, port and all, and the public ones nowhere."""
    own = "http://localhost:8080"
    assert parse_run_link("http://localhost:8080/lab/tiles/runs/a", own) == RunKey("lab/tiles", "a")
    assert parse_run_link("http://localhost:8081/lab/tiles/runs/a", own) is None
    assert parse_run_link("https://wandb.ai/lab/tiles/runs/a", own) is None


BOOK = book(
    "prefix=MOE-HC tags=moe,hill; E1 command run='`first-run`' result; "
    "E2 command run='[seed](https://wandb.ai/lab/tiles/runs/linked1)' result"
)

BY_GROUP = book(
    "prefix=MOE-HC; E1 command run='[seeds](https://wandb.ai/lab/tiles/groups/seeds)' result; "
    "E2 command run='`tune-1`, [sweep](https://wandb.ai/lab/tiles/sweeps/sw1)' result"
)

AMONG = [
    ("eager-sweep-1", {"group": "MOE-HC-001"}, ("MOE-HC-001",)),
    ("eager-sweep-1", {"group": "moe-hc-001-seeds"}, ("MOE-HC-001",)),
    ("eager-sweep-1", {"group": "seeds"}, ("MOE-HC-001",)),
    ("eager-sweep-1", {"group": "tune-1"}, ("MOE-HC-002",)),
    ("eager-sweep-1", {"sweep": "sw1"}, ("MOE-HC-002",)),
    ("eager-sweep-1", {"sweep": "tune-1"}, ("MOE-HC-002",)),
    ("eager-sweep-1", {"tags": "MOE-HC-002"}, ("MOE-HC-002",)),
    ("MOE-HC-003 seed 1", {"group": "MOE-HC-001"}, ("MOE-HC-003",)),
    ("eager-sweep-1", {"group": "others", "sweep": "sw2"}, None),
    ("eager-sweep-1", {"group": "seeds", "project": "lab/other"}, None),
    ("eager-sweep-1", {}, None),
]


@pytest.mark.parametrize(("name", "told", "ids"), AMONG, ids=range(len(AMONG)))
def test_seeds_and_sweeps_are_found(name: str, told: dict[str, str], ids: tuple[str, ...] | None) -> None:
    """Runs with made-up names are the thread's by their group, their sweep or a tag, and have the ID from there."""
    one = run(name, run_id="x1", **told)
    found = thread(BY_GROUP)
    assert (found.owns(one), found.ids(one) if found.owns(one) else None) == (ids is not None, ids)
    at_wandb = ServedRun("x1", name, tags=one.tags, group=one.group, sweep=one.sweep)
    if one.project == "lab/tiles":
        assert fits(at_wandb, found.api_filters("lab/tiles") or {}) is (ids is not None)


def test_a_group_with_an_id_breaks_no_rule() -> None:
    """Seeds whose group is the experiment ID need none in their names."""
    found = summary(BY_GROUP, run("eager-sweep-1", group="MOE-HC-001"), run("calm-sweep-2", sweep="sw1"))
    assert remarks(found, "NAMING") == [
        "“calm-sweep-2” has no experiment ID in its name or as its group, such as `MOE-HC-001`"
    ]


def test_minima_and_last_values_are_not_compared() -> None:
    """What most runs keep of a metric is compared; a run that keeps something else says what, and is not the best."""
    text = book("prefix=MOE-HC; E1 command; E2 command; E3 command")
    least, last, both = (
        run("MOE-HC-001", loss={"min": 1.9}),
        run("MOE-HC-002", loss=3.0),
        run("MOE-HC-003", loss={"min": 2.0, "last": 3.5}),
    )
    (column,) = summary(text, least, last, both).columns
    assert (column.kind, column.best, [column.value(run) for run in (least, last, both)]) == (
        "last",
        3.0,
        [None, 3.0, 3.5],
    )
    (column,) = summary(text, least, both).columns
    assert (column.kind, column.best, [column.value(run) for run in (least, both)]) == ("min", 1.9, [1.9, 2.0])
    (column,) = summary(text, last).columns
    assert (column.kind, column.best) == ("last", None)


MINE = [
    run("anything", run_id="linked1"),
    run("anything", run_id="linked1", project="Lab/Tiles"),
    run("anything", run_id="first-run"),
    run("first-run", run_id="x"),
    run("x moe-hc-007 y"),
    run("MOE-HC-003"),
    run("x", tags="hill extra moe"),
]
OTHERS = [
    run("x", tags="moe"),
    run("MOE-HC"),
    run("XMOE-HC-003"),
    run("anything", run_id="linked1", project="lab/other"),
    run("anything"),
]


@pytest.mark.parametrize("mine", MINE, ids=lambda run: f"{run.name} {run.id} {run.project}")
def test_runs_of_the_thread(mine: object) -> None:
    """Linked and named runs, those with an experiment ID in their name and those with all shared tags are its own."""
    assert thread(BOOK).owns(mine)  # type: ignore[arg-type]


@pytest.mark.parametrize("other", OTHERS, ids=lambda run: f"{run.name} {run.id} {run.project}")
def test_runs_of_others(other: object) -> None:
    """Part of the tags, the bare prefix, and the same ID in another project make no run the thread's."""
    assert not thread(BOOK).owns(other)  # type: ignore[arg-type]


def test_the_issue_links_runs_too() -> None:
    """A run that only the experiment issue links is the thread's."""
    linked = "[run](https://wandb.ai/lab/tiles/runs/abc)"
    assert thread(book("E1 command result"), linked).owns(run("x", run_id="abc"))
    assert not thread(book("E1 command result")).owns(run("x", run_id="abc"))


def test_a_project_that_is_not_listed_is_named_and_not_asked() -> None:
    """A link into another project is told, and no filter names its run."""
    told = thread(parsed("# Tiles\n"), "https://wandb.ai/secret/plans/runs/abc")
    assert (told.unlisted, told.linked, told.api_filters("lab/tiles")) == (("secret/plans",), frozenset(), None)
    found = summary(book("E1 command"), issue="https://wandb.ai/secret/plans/runs/abc")
    assert remarks(found, "UNLISTED") == ["`secret/plans` is linked, but not listed under `wandb.projects`"]


def test_one_filter_asks_for_all_ways() -> None:
    """One query asks for links, names, tags and the prefix at once."""
    assert thread(BOOK).api_filters("lab/tiles") == {
        "$or": [
            {"name": {"$in": ["first-run", "linked1"]}},
            {"displayName": {"$in": ["first-run", "linked1"]}},
            {"group": {"$in": ["first-run"]}},
            {"sweep": {"$in": ["first-run"]}},
            {"$and": [{"tags": {"$in": ["moe"]}}, {"tags": {"$in": ["hill"]}}]},
            {"displayName": {"$regex": "(?i)MOE\\-HC-[0-9]"}},
            {"group": {"$regex": "(?i)MOE\\-HC-[0-9]"}},
            {"tags": {"$in": ["MOE-HC-001", "MOE-HC-002"]}},
        ]
    }


def metrics(*runs: object, scope: str = "", configured: tuple[str, ...] = ()) -> list[str]:
    """Return the metrics that runs of `MOE-HC` are compared by."""
    text = book("prefix=MOE-HC; E1 command result", scope=scope) if scope else book("prefix=MOE-HC; E1 command result")
    return [column.metric for column in summary(text, *runs, metrics=configured).columns]  # type: ignore[arg-type]


FIRST = run("MOE-HC-001", summary={"eval/loss": 2.0, "train/loss": 2.0, "mfu": 0.2, "rare": 1.0, "x": {"min": 1.0}})
SECOND = run("MOE-HC-002", summary={"eval/loss": 2.0, "train/loss": 2.0, "mfu": 0.2})


def test_configured_metrics_go_first() -> None:
    """The configuration's metrics are taken in its order, even those that no run has."""
    assert metrics(FIRST, configured=("mfu", "none", "mfu")) == ["mfu", "none"]


def test_the_logbooks_primary_metric_goes_next() -> None:
    """Else what the scope calls the primary metric, where the runs have it."""
    assert metrics(FIRST, scope="- Primary metric: `eval/loss`, and mfu.") == ["eval/loss", "mfu"]
    assert metrics(FIRST, SECOND, scope="- Primary metrics: joy")[0] == "eval/loss"


def test_else_those_of_most_runs() -> None:
    """Else the numbers that more than half of the runs have, the likeliest first, and no more than fit."""
    assert metrics(FIRST, SECOND) == ["eval/loss", "train/loss", "mfu"]
    assert metrics(run("MOE-HC-001", summary=dict.fromkeys("fedcba", 1.0))) == ["a", "b", "c", "d"]


def test_who_says_which_is_better() -> None:
    """The configuration says it, else the definitions where they agree, else a name that leaves no doubt."""
    low, high = run("MOE-HC-001", loss={"min": 2.0}), run("MOE-HC-002", loss={"max": 2.5})
    text = book("prefix=MOE-HC; E1 command")
    assert summary(text, low).columns[0].better is Better.LOWER
    assert summary(text, low, high).columns[0].better is None
    assert summary(text, low, better={"loss": "higher"}).columns[0].better is Better.HIGHER
    assert summary(text, run("MOE-HC-001", loss=2.0)).columns[0].better is Better.LOWER
    assert summary(text, run("MOE-HC-001", loss={"max": 2.0})).columns[0].better is Better.HIGHER
    assert summary(text, run("MOE-HC-001", joy=2.5)).columns[0].better is None


def test_the_best_is_a_finished_runs() -> None:
    """A run that crashed, goes on or diverged is never the best."""
    runs = [
        run("MOE-HC-001", loss=2.0),
        run("MOE-HC-002", "crashed", loss=1.0),
        run("MOE-HC-003", "running", loss=1.5),
        run("MOE-HC-004", loss="NaN"),
    ]
    assert summary(book("prefix=MOE-HC; E1 command"), *runs, better={"loss": "lower"}).columns[0].best == 2.0


def test_one_run_alone_is_not_the_best() -> None:
    """Where nothing else has the metric there is nothing to be better than, least of all for a run that diverged."""
    text = book("prefix=MOE-HC; E1 command; E2 command")
    assert summary(text, run("MOE-HC-001", loss=1e13), run("MOE-HC-002", joy=2.5)).columns[0].best is None


def test_runs_that_finished_are_charted_first() -> None:
    """A run that failed may have stopped where others were no worse; it is drawn where there is room."""
    runs = [run(f"MOE-HC-{n:03}", "failed" if n < 4 else "finished", loss=float(n)) for n in range(1, 11)]
    told = summary(book("prefix=MOE-HC; E1 command"), *runs)
    assert [run.summary["loss"] for run in told.charted] == [1.0, *map(float, range(4, 11))]


def baseline(told: str, *runs: object, section: str = "") -> str:
    """Return the name of the run that others are compared with."""
    text = book("prefix=MOE-HC; E1 command", **({"baseline": section} if section else {}))
    found = summary(text, *runs, baseline=told).baseline  # type: ignore[arg-type]
    return found.name if found else ""


def test_the_baseline_is_named_somewhere() -> None:
    """The configuration names it, else the baseline section by link or ID, else a tag; else there is none."""
    runs = [run("MOE-HC-001", run_id="a1"), run("MOE-HC-002", run_id="b2"), run("MOE-HC-003", tags="baseline")]
    assert [baseline(told, *runs) for told in ("MOE-HC-002", "b2", "nothing")] == ["MOE-HC-002", "MOE-HC-002", ""]
    assert baseline("", *runs, section="- Run: [dense](https://wandb.ai/lab/tiles/runs/b2)") == "MOE-HC-002"
    assert baseline("", *runs, section="- Numbers: 2.2 of MOE-HC-001") == "MOE-HC-001"
    assert (baseline("", *runs), baseline("", *runs[:2])) == ("MOE-HC-003", "")


def test_runs_stand_in_the_logbooks_order() -> None:
    """By the place of their ID in the logbook, then by when they began; those without one last."""
    runs = [
        run("x", tags="moe"),
        run("MOE-HC-009"),
        run("MOE-HC-002 b", created_at="2026-01-02"),
        run("MOE-HC-002 a", created_at="2026-01-03"),
        run("MOE-HC-001"),
    ]
    names = [run.name for run in summary(book("prefix=MOE-HC tags=moe; E2 command; E1 command"), *runs).runs]
    assert names == ["MOE-HC-002 b", "MOE-HC-002 a", "MOE-HC-001", "MOE-HC-009", "x"]


def test_broken_rules_are_told() -> None:
    """A run without an experiment ID, and one without the shared tags, are named; a good one is not."""
    text = book("prefix=MOE-HC tags=moe,hill; E1 command")
    runs = [run("seed 1", tags="moe hill"), run("MOE-HC-001", tags="moe"), run("MOE-HC-002", tags="moe hill")]
    assert remarks(summary(text, *runs), "NAMING") == [
        "“MOE-HC-001” (moe-hc-001) lacks the shared tag `hill`",
        "“seed 1” (seed-1) has no experiment ID in its name or as its group, such as `MOE-HC-001`",
    ]


def test_failed_runs_are_named() -> None:
    """Runs that did not come to their end are named, those that go on are not."""
    runs = [run(f"MOE-HC-00{n}", state) for n, state in enumerate(("failed", "crashed", "killed", "running"))]
    told = remarks(summary(book("prefix=MOE-HC; E1 command"), *runs), "FAILED")
    assert {text.rpartition(": ")[2] for text in told} == {"failed", "crashed", "killed"}


def test_what_has_no_counterpart_is_told() -> None:
    """Experiments without a run, and runs without an entry; a note needs no run."""
    text = book("prefix=MOE-HC; E1 command result; E2 command result; E3 interpretation; E4..5 command result")
    runs = [run("MOE-HC-001"), run("MOE-HC-005"), run("MOE-HC-777", run_id="z")]
    assert remarks(summary(text, *runs), "UNMATCHED") == [
        "no run found for MOE-HC-002 and MOE-HC-004",
        "no logbook entry is about “MOE-HC-777” (z)",
    ]


def test_a_run_that_an_entry_links_has_its_id() -> None:
    """A run without an ID in its name has those of the entries that link it, so it is nobody's stray."""
    found = summary(BOOK, run("anything", run_id="linked1", tags="moe hill"))
    assert found.thread.ids(found.runs[0]) == ("MOE-HC-002",)
    assert remarks(found, "UNMATCHED") == ["no run found for MOE-HC-001"]


def test_the_best_and_the_baseline_are_charted() -> None:
    """A chart has at most eight lines: the baseline's and the best ones', none of runs without the metric."""
    runs = [run(f"MOE-HC-{n:03}", loss=float(n)) for n in range(1, 20)] + [run("MOE-HC-100", other=1.0)]
    told = summary(book("prefix=MOE-HC; E1 command"), *runs, better={"loss": "lower"}, baseline="MOE-HC-019")
    assert [run.summary["loss"] for run in told.charted] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 19.0]
    assert len(told.charted) == MOST_LINES


def test_the_newest_are_charted_where_nobody_says_which_is_better() -> None:
    """Without a better side the newest runs are drawn."""
    runs = [run(f"MOE-HC-{n:03}", joy=1.5, created_at=f"2026-01-{n:02}") for n in range(1, 20)]
    told = summary(book("prefix=MOE-HC; E1 command"), *runs)
    assert [run.name[-3:] for run in told.charted] == [f"{n:03}" for n in range(12, 20)]


def test_ten_thousand_runs_are_compared_in_one_pass() -> None:
    """The work grows with the runs and with the entries, not with their product."""
    entries = "; ".join(f"E{n} command run=run-{n} result" for n in range(1, 300))
    runs = [run(f"MOE-HC-{n % 400:03} {n}", loss=float(n)) for n in range(10_000)]
    assert len(summary(book(f"prefix=MOE-HC; {entries}"), *runs).runs) == 10_000
