"""Claims about the comment on a thread's runs, on a GitHub that counts: one, current, and only where it may be."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.bench import Connect, Hub, Repository
from repository import GOOD
from repository import Repository as Work
from research_logbook.config.schema import Config, Wandb
from research_logbook.effects import CommandResult
from research_logbook.effects.apply import apply
from research_logbook.effects.sticky_comments import Origin
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.github.client import GitHub
from research_logbook.repo.git import Repository as Git
from research_logbook.repo.research_branches import books_of
from research_logbook.wandb import SummaryRequest, summaries
from research_logbook.wandb.client import LoginError
from research_logbook.wandb.plan import WandbThread
from research_logbook.wandb.runs import History, Run
from runs import run

LOGBOOK = ".agents/logbooks/sparse-attention.md"
CONFIG = Config(wandb=Wandb(projects=("lab/tiles",)))
BRANCH = "research/sparse-attention"


class Kept:
    """Runs that are at hand, as `wandb.client.RunSource` has them."""

    def __init__(self, *runs: Run) -> None:
        self.kept = list(runs)
        self.notes: list[str] = []
        self.unread: list[str] = []
        self.asked: list[str] = []
        self.trouble: UnfinishedError | None = None

    def runs(self, thread: WandbThread, projects: Sequence[str]) -> list[Run]:
        """Return the runs, or fail as told."""
        self.asked.append(thread.book.topic)
        if self.trouble:
            raise self.trouble
        return self.kept if projects else []

    def histories(self, runs: Sequence[Run], metric: str) -> list[History]:
        """Return a short course of each run."""
        assert all(metric in run.summary for run in runs)
        return [History(run, ((0.0, 3.0), (1.0, run.summary[metric]))) for run in runs]


@pytest.fixture
def runs() -> Kept:
    """Return the runs of the thread."""
    return Kept(run("SPA-AT-001 seed 0", tags="SPA-AT issue-8734", loss={"min": 2.231}))


@pytest.fixture
def number(repository: Repository) -> int:
    """Open the issue of the thread."""
    return repository.as_person("ann").issue("Sparse attention")


@pytest.fixture
def work(tmp_path: Path, number: int) -> Work:
    """Make a clone whose logbook names the issue, on a research branch of its origin."""
    origin = Work(tmp_path / "origin")
    origin.commit({"README.md": "tiles\n"})
    origin.git("checkout", "--quiet", "-b", BRANCH)
    origin.commit({LOGBOOK: book(number)})
    return Work(tmp_path / "work", origin=origin.root)


def book(number: int, text: str = GOOD) -> str:
    """Return a good logbook that names an issue."""
    return text.replace("https://github.com/lab/models/issues/8734", str(number))


def outcomes(
    github: GitHub, runs: Kept, work: Work, asked: SummaryRequest | None = None, config: Config = CONFIG
) -> list[CommandResult]:
    """Return what would be done, and do it."""
    repository = Git(work.root)
    found = []
    for outcome in summaries(asked or SummaryRequest(), github, runs, config, books_of(repository, config, "main")):
        apply(github, outcome.plan, Origin())
        found.append(outcome)
    return found


def test_one_comment_is_kept_current(
    connect: Connect, hub: Hub, repository: Repository, runs: Kept, work: Work, number: int
) -> None:
    """The first run comments, the next writes nothing, and a changed metric changes the same comment."""
    github = connect()
    outcomes(github, runs, work)
    ((_, first),) = repository.comments(number)
    assert "SPA-AT-001 seed 0" in first
    hub.forget()
    outcomes(github, runs, work)
    assert hub.writes == []
    runs.kept = [run("SPA-AT-001 seed 0", tags="SPA-AT issue-8734", loss={"min": 2.1})]
    outcomes(github, runs, work)
    assert [call.split("/")[0] for call in hub.writes] == ["PATCH "]
    ((_, second),) = repository.comments(number)
    assert "2.10000" in second
    assert "says 2.231 for `loss`" in second


def test_a_thread_is_named_by_topic_or_issue(connect: Connect, runs: Kept, work: Work, number: int) -> None:
    """A topic and an issue's number lead to the same thread, and a name that leads nowhere is bad usage."""
    github = connect()
    plans = [
        outcomes(github, runs, work, asked)[0].plan
        for asked in (SummaryRequest("sparse-attention"), SummaryRequest(issue=number))
    ]
    assert plans[0] == plans[1] != ()
    for asked, message in (
        (SummaryRequest("none"), "no logbook for the topic `none`"),
        (SummaryRequest(issue=999), "no issue #999"),
    ):
        with pytest.raises(UserError, match=message):
            outcomes(github, runs, work, asked)


def test_nothing_is_written_where_nobody_enrolled(
    connect: Connect, hub: Hub, repository: Repository, runs: Kept, work: Work
) -> None:
    """An outsider's issue that links the logbook gets no comment, and no runs are read for it."""
    stranger = repository.as_person("ann")
    number = stranger.issue("Experiment: mine", body=f"See [the logbook](../blob/{BRANCH}/{LOGBOOK}).")
    with pytest.raises(UserError, match="is not an experiment issue, so nothing is written on it"):
        outcomes(connect(), runs, work, SummaryRequest(issue=number))
    assert (hub.writes, runs.asked) == ([], [])
    outcomes(connect(), runs, work)
    assert repository.comments(number) == []


def test_a_label_enrols_an_issue_that_links_its_logbook(
    connect: Connect, repository: Repository, runs: Kept, work: Work
) -> None:
    """An issue with the label that links a logbook is summarised, though the header names another."""
    other = repository.issue("Tiles", body=f"[Logbook](../blob/{BRANCH}/{LOGBOOK})", labels=["experiment"])
    outcomes(connect(), runs, work, SummaryRequest(issue=other))
    assert len(repository.comments(other)) == 1


def test_no_runs_make_no_comment(
    connect: Connect, hub: Hub, repository: Repository, runs: Kept, work: Work, number: int
) -> None:
    """A thread without runs is left alone with a sentence; who asked for it gets exit code 3."""
    runs.kept = []
    (outcome,) = outcomes(connect(), runs, work)
    assert (outcome.plan, outcome.exit_code, hub.writes) == ((), 0, [])
    assert outcome.notes == (
        (
            "no run of sparse-attention was found by the prefix SPA-AT, the tags SPA-AT and issue-8734 or a link in "
            "the configured projects"
        ),
    )
    assert outcomes(connect(), runs, work, SummaryRequest(issue=number))[0].exit_code == 3
    assert repository.comments(number) == []


def test_runs_that_are_gone_are_said(
    connect: Connect, repository: Repository, runs: Kept, work: Work, number: int
) -> None:
    """Where a comment stands already it is brought up to date: old figures do not stay."""
    outcomes(connect(), runs, work)
    runs.kept = []
    outcomes(connect(), runs, work)
    ((_, text),) = repository.comments(number)
    assert "No runs of this thread were found" in text
    assert "SPA-AT-001 seed 0" not in text


def test_one_that_fails_stops_no_other(
    connect: Connect, repository: Repository, runs: Kept, work: Work, number: int
) -> None:
    """On a schedule a thread that cannot be read is told, with exit code 3; a rejected key ends it at once."""
    runs.trouble = UnfinishedError("W&B has no project lab/tiles", "look")
    (outcome,) = outcomes(connect(), runs, work)
    assert (outcome.notes, outcome.exit_code) == ((f"#{number}: W&B has no project lab/tiles; look",), 3)
    runs.trouble = LoginError("W&B rejected the API key", "renew it")
    with pytest.raises(LoginError):
        outcomes(connect(), runs, work)
    assert repository.comments(number) == []


def test_the_newest_version_of_a_logbook_counts(connect: Connect, runs: Kept, work: Work, number: int) -> None:
    """A copy that another thread's branch carries along from the default branch is not taken for the newest."""
    origin = Work(work.root.parent / "origin")
    origin.git("checkout", "--quiet", "main")
    origin.commit({LOGBOOK: book(number, GOOD.replace("2.231", "9.999"))})
    origin.git("checkout", "--quiet", "-b", "research/other")
    origin.commit({"other.md": "newer\n"})
    work.git("fetch", "--quiet")
    (outcome,) = outcomes(connect(), runs, work)
    assert "9.999" not in str(outcome.plan)


def test_closed_threads_rest_on_a_schedule(
    connect: Connect, repository: Repository, runs: Kept, work: Work, number: int
) -> None:
    """A schedule looks at open issues; a person may ask for a closed one."""
    repository.change(number, state="closed")
    assert outcomes(connect(), runs, work) == []
    assert len(outcomes(connect(), runs, work, SummaryRequest(issue=number))) == 1


def test_calls_are_few(connect: Connect, hub: Hub, runs: Kept, work: Work) -> None:
    """A thread costs the list of issues, the list of its comments before and after, and one write."""
    github = connect()
    hub.forget()
    outcomes(github, runs, work)
    assert [re.sub(r"/repos/[^/]+/[^/]+|\d+", "", call) for call in hub.calls] == [
        "GET /issues",
        "GET /issues//comments",
        "POST /issues//comments",
        "GET /issues//comments",
    ]
