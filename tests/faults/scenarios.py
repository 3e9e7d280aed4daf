"""What the fault sweep lets commands do: each scenario with its repository, issue, event and exit codes."""

import datetime as dt
import json
import os
import re
import shutil
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.bench import BOT, Hub
from hub.bench import Repository as Project
from hub.closeout import BRANCH, FINAL_COMMENT, PATH, Thread, logbook
from hub.git_server import GitServer
from repository import Repository as Work
from research_logbook.repo import git
from research_logbook.wandb.client import Limits, OnlineRuns, RunSource
from research_logbook.wandb.plan import WandbThread
from research_logbook.wandb.runs import History, Run
from runs import run as wandb_run
from wandb_server import KEY, ServedRun, WandbServer, steps

ISSUE = 1
"""The number of the thread's issue: each case has a repository of its own, whose first it is."""
_PULL = 2
_FORK = 4711
_START_GIT = git._git
_QUICK = Limits(seconds=60, call=3, retries=2, pause=0.05, longest_pause=1)
_CONFIG = "wandb:\n  projects: [lab/tiles]\n"


@dataclass(slots=True)
class Stage:
    """A repository on which one command is run, and run again."""

    project: Project
    work: Path
    """The clone that it runs in."""
    arguments: Sequence[str]
    event: str = "workflow_dispatch"
    payload: Mapping[str, Any] = field(default_factory=dict)
    permissions: Mapping[str, str] = field(default_factory=lambda: {"issues": "write"})
    in_actions: bool = True
    git: Callable[..., Any] = _START_GIT
    """What starts git; it may remember what git said."""
    wandb: WandbServer | None = None
    """Where runs are; None for those at hand."""

    def runs(self) -> RunSource:
        """Return what a run of the command reads W&B with."""
        return RunsAtHand() if self.wandb is None else OnlineRuns(self.wandb.url, KEY, dict(os.environ), _QUICK)

    def environment(self, run: int) -> dict[str, str]:
        """Return the variables of the run of that number."""
        project, hub = self.project, self.project.hub
        named = {
            "GITHUB_API_URL": hub.url,
            "GITHUB_SERVER_URL": hub.url,
            "GITHUB_REPOSITORY": project.name,
            "GITHUB_TOKEN": hub.workflow_token(**self.permissions) if self.in_actions else hub.token("lab"),
        }
        if not self.in_actions:
            return named | {"XDG_CACHE_HOME": str(self.work.parent / "cache")}
        payload = self.work.parent / f"event-{project.name.rpartition('/')[2]}.json"
        place = {"full_name": project.name, "default_branch": "main", "fork": False}
        payload.write_text(json.dumps({"repository": place, **self.payload}))
        branch = BRANCH if self.event == "push" else "main"
        return named | {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "wim",
            "GITHUB_EVENT_NAME": self.event,
            "GITHUB_EVENT_PATH": str(payload),
            "GITHUB_REF": f"refs/heads/{branch}",
            "GITHUB_REF_NAME": branch,
            "GITHUB_RUN_ID": str(run),
        }

    @property
    def end(self) -> dict[str, Any]:
        """How everything stands: issues, comments, labels, tags, and what `new` left in the clone."""
        project = self.project
        found: dict[str, Any] = {
            "labels": sorted((name, told) for name, (_, told) in project.all_labels().items()),
            "tags": sorted(project.tags().items()),
            "issues": [self._issue(number) for number in project.numbers],
        }
        if not self.in_actions:
            book, work = self.work / PATH, Work(self.work)
            found["branch"] = work.git("branch", "--show-current")
            found["logbook"] = book.read_text() if book.exists() else None
        # What names runs, repositories and comments, and the digests of texts with such names, is another in each case.
        text = json.dumps(found).replace(project.name, "lab/NAME")
        text = text.replace(self.wandb.url, "https://wandb.test") if self.wandb else text
        told: dict[str, Any] = json.loads(_VARYING.sub("N", text))
        return told

    def _issue(self, number: int) -> dict[str, Any]:
        issue = self.project.get_issue(number)
        return {
            "title": issue["title"],
            "state": self.project.state(number),
            "body": issue["body"],
            "labels": sorted(self.project.labels(number)),
            "comments": sorted(self.project.comments(number)),
        }


_VARYING = re.compile(r"run=[0-9]+\.[0-9]+|(?<=as `)[0-9a-f]{16}(?=`)|(?<=#issuecomment-)[0-9]+")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that a command is asked to do."""

    command: str
    prepare: Callable[["Trees", Project], Stage]
    code: int = 0
    """The exit code of an undisturbed run."""
    again: int = 0
    """The exit code of one after it."""


class Trees:
    """The git repositories of a process: each is made once, and copied only for those who write in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._copies = 0
        self._told: dict[Hashable, Any] = {}

    def git(self, folder: Path, arguments: Sequence[str], stdin: bytes = b"", **more: Any) -> Any:
        """Start git in a clone that nobody writes in, which takes half of the time; what it said once is remembered."""
        key = (folder, tuple(arguments), stdin)
        if key not in self._told:
            self._told[key] = _START_GIT(folder, arguments, stdin, **more)
        return self._told[key]

    def thread(self, project: Project, *, has_tags: bool = True, branch: str = "main") -> Thread:
        """Return a thread on a project: its issue with a title only, and two entries with a snapshot of each."""
        number = project.issue("Experiment: sparse attention", labels=["experiment"])
        assert number == ISSUE
        folder = self.folder / f"{'tagged' if has_tags else 'untagged'}-{branch.replace('/', '-')}"
        if not folder.exists():
            _worked_on(folder, has_tags=has_tags, branch=branch)
        project.is_pushed_to(GitServer(Work(folder / "origin")))
        return Thread(project, Work(folder / "work"), number)

    def empty(self) -> Path:
        """Return a clone with a README alone."""
        folder = self.folder / "empty"
        if not folder.exists():
            origin = Work(folder / "origin")
            origin.commit({"README.md": "# Models\n"})
            Work(folder / "work", origin=origin.root)
        return folder / "work"

    def copy(self, work: Path) -> Path:
        """Return a copy of a clone, for one run to write in."""
        self._copies += 1
        to = self.folder / f"copy-{self._copies}" / "work"
        shutil.copytree(work, to, symlinks=True)
        return to


_PUSHED = dt.datetime(2026, 5, 26, 11, tzinfo=dt.UTC)


def _worked_on(folder: Path, *, has_tags: bool, branch: str) -> None:
    """Make an origin and a clone of a thread whose commits ask for snapshots; a fork's head is there too."""
    origin = Work(folder / "origin")
    server = GitServer.noting_pushes(origin)
    server.set_clock(_PUSHED)
    origin.commit({"README.md": "Models.\n", ".github/logbook.yml": _CONFIG})
    work = Work(folder / "work", origin=origin.root)
    work.git("checkout", "--quiet", "-b", BRANCH)
    for index in (1, 2):
        name = f"SPA-AT-{index:03d}"
        work.commit({PATH: logbook(ISSUE, index)}, f"{name}\n\nSnapshot: {name}")
        if has_tags:
            work.git("tag", "--annotate", "--message", "Snapshot", f"snapshot/sparse-attention/{name}")
    work.git("push", "--quiet", "--tags", "origin", BRANCH)
    work.git("checkout", "--quiet", "--detach")
    work.commit({PATH: logbook(ISSUE, 2).replace("loss 2.225", "loss 2.125")}, "In a fork")
    work.git("push", "--quiet", "origin", f"HEAD:refs/pull/{_PULL}/head")
    work.git("checkout", "--quiet", *(["main"] if branch == "main" else ["-B", branch, f"origin/{branch}"]))
    server.set_clock(None)


def _dispatched(thread: Thread, command: str, **inputs: str) -> Stage:
    return Stage(thread.project, thread.work.root, [command], payload={"inputs": inputs})


# The commands


def _labels(trees: Trees, project: Project) -> Stage:
    number = project.as_person(BOT).issue("Experiment: sparse attention", "Opened by an agent.")
    return Stage(project, trees.empty(), ["labels"], "issues", project.event(number))


def _labels_in_dispute(trees: Trees, project: Project) -> Stage:
    number = project.issue("Experiment: sparse attention")
    for _ in range(4):
        project.as_person(BOT).label(number, "experiment")
        project.unlabel(number, "experiment")
    event = project.event(number, "unlabeled") | {"label": {"name": "experiment"}}
    return Stage(project, trees.empty(), ["labels"], "issues", event)


def _snapshot(trees: Trees, project: Project) -> Stage:
    thread = trees.thread(project, has_tags=False, branch=BRANCH)
    payload = {"ref": f"refs/heads/{BRANCH}", "before": "0" * 40, "forced": False, "deleted": False}
    permissions = {"contents": "write", "issues": "write"}
    return Stage(project, thread.work.root, ["snapshot"], "push", payload, permissions)


def _wandb_summary(trees: Trees, project: Project) -> Stage:
    return Stage(project, trees.thread(project).work.root, ["wandb-summary", "--topic", "sparse-attention"])


def _wandb_server(trees: Trees, project: Project) -> Stage:
    stage = _wandb_summary(trees, project)
    stage.wandb = WandbServer()
    stage.wandb.projects["lab/tiles"] = [
        ServedRun(
            f"run{index}", f"SPA-AT-00{index} seed {index}", summary={"loss": loss}, history=steps(course, "loss")
        )
        for index, (loss, course) in enumerate({2.21: [3.0, 2.5, 2.21], 2.22: [3.1, 2.4, 2.22]}.items(), 1)
    ]
    return stage


def _seal_given(trees: Trees, project: Project) -> Stage:
    thread = trees.thread(project)
    thread.complete()
    return _dispatched(thread, "seal", issue=str(thread.number))


def _seal_refused(trees: Trees, project: Project) -> Stage:
    thread = trees.thread(project)
    return _dispatched(thread, "seal", issue=str(thread.number))


def _seal_again(trees: Trees, project: Project) -> Stage:
    thread, bot = trees.thread(project), project.as_person(BOT)
    thread.complete()
    bot.close(thread.number)
    bot.comment(thread.number, f"<!-- logbook:seal:{thread.number} run=0.1 -->\n### Closed out")
    bot.label(thread.number, "sealed")
    project.as_person("mia").reopen(thread.number)
    return _dispatched(thread, "seal", issue=str(thread.number))


def _closed(thread: Thread) -> Stage:
    thread.project.as_person("wim").close(thread.number)
    event = thread.project.event(thread.number, "closed")
    return Stage(thread.project, thread.work.root, ["seal"], "issues", event)


def _guard_reopens(trees: Trees, project: Project) -> Stage:
    return _closed(trees.thread(project))


def _guard_completes(trees: Trees, project: Project) -> Stage:
    thread = trees.thread(project)
    thread.complete()
    return _closed(thread)


def _guard_overridden(trees: Trees, project: Project) -> Stage:
    thread = trees.thread(project)
    project.as_person("mia").label(thread.number, "seal-override")
    return _closed(thread)


def _lint_comment(trees: Trees, project: Project) -> Stage:
    thread = trees.thread(project)
    number, head = (
        project.issue("Tile order"),
        Work(thread.work.root.parent / "origin").git("rev-parse", f"refs/pull/{_PULL}/head"),
    )
    assert number == _PULL
    place = {"id": _FORK, "full_name": "ann/tiles"}
    pull = {"number": number, "body": f"Part of #{ISSUE}", "base": {"ref": "main"}}
    pull["head"] = {"ref": BRANCH, "sha": head, "repo": place}
    # A fork's pull request, which emulate has not.
    project.hub.fail(200, path=f"{re.escape(project.name)}/pulls$", data=[pull], times=10**9)
    run: dict[str, Any] = {"event": "pull_request", "head_branch": BRANCH, "head_sha": head, "pull_requests": []}
    run["head_repository"] = place | {"owner": {"login": "ann"}}
    payload = {"action": "completed", "workflow_run": run}
    permissions = {"pull_requests": "write"}
    return Stage(project, thread.work.root, ["lint-comment"], "workflow_run", payload, permissions)


def _new(trees: Trees, project: Project) -> Stage:
    return Stage(project, trees.copy(trees.empty()), ["new", "Sparse attention", "--yes"], in_actions=False)


def _new_for_an_issue(trees: Trees, project: Project) -> Stage:
    number = project.issue("Sparse attention", "Our question.")
    arguments = ["new", "Sparse attention", "--issue", str(number)]
    return Stage(project, trees.copy(trees.empty()), arguments, in_actions=False)


def _new_for_anothers_issue(trees: Trees, project: Project) -> Stage:
    number = project.as_person("wim").issue("Sparse attention", "My question.")
    arguments = ["new", "Sparse attention", "--issue", str(number)]
    return Stage(project, trees.copy(trees.empty()), arguments, in_actions=False)


def _promote(trees: Trees, project: Project) -> Stage:
    thread = trees.thread(project, branch=BRANCH)
    return Stage(project, trees.copy(thread.work.root), ["promote", "SPA-AT-002", "--agent"], in_actions=False)


def _sweep(trees: Trees, project: Project) -> Stage:
    """One complete thread was closed whose snapshots and label nobody made, and one issue was closed too early."""
    thread = trees.thread(project, has_tags=False)
    body = thread.body.replace("## TL;DR", "🤖 Written by an agent.\n\n## TL;DR")
    thread.write(body)
    project.comment(thread.number, FINAL_COMMENT)
    early = project.issue("Experiment: dense attention", labels=["experiment"])
    open_one = project.issue("Experiment: no attention")
    assert (early, open_one) == (2, 3)
    for number in (thread.number, early):
        project.as_person("wim").close(number)
    permissions = {"contents": "write", "issues": "write", "pull_requests": "write"}
    return Stage(project, thread.work.root, ["sweep", "--apply"], "schedule", {"schedule": "23 4 * * *"}, permissions)


SCENARIOS: Mapping[str, Scenario] = {
    "labels": Scenario("labels", _labels),
    "labels-in-dispute": Scenario("labels", _labels_in_dispute),
    "snapshot": Scenario("snapshot", _snapshot),
    "wandb-summary": Scenario("wandb-summary", _wandb_summary),
    "wandb-server": Scenario("wandb-summary", _wandb_server),
    "seal-given": Scenario("seal", _seal_given),
    "seal-refused": Scenario("seal", _seal_refused, code=1, again=1),
    "seal-again": Scenario("seal", _seal_again),
    "guard-reopens": Scenario("guard", _guard_reopens),
    "guard-completes": Scenario("guard", _guard_completes),
    "guard-overridden": Scenario("guard", _guard_overridden),
    "lint-comment": Scenario("lint-comment", _lint_comment),
    "new": Scenario("new", _new),
    "new-for-an-issue": Scenario("new", _new_for_an_issue),
    "new-for-anothers-issue": Scenario("new", _new_for_anothers_issue),
    "promote": Scenario("promote", _promote),
    "sweep": Scenario("sweep", _sweep),
}


class RunsAtHand:
    """The W&B runs of the thread, as `wandb.client.RunSource` has them."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.unread: list[str] = []

    def __enter__(self) -> "RunsAtHand":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def runs(self, _thread: WandbThread, _projects: Sequence[str]) -> list[Run]:
        """Return two runs."""
        return [wandb_run(f"SPA-AT-00{index} seed {index}", loss={"min": 2.2 + index / 100}) for index in (1, 2)]

    def histories(self, runs: Sequence[Run], metric: str) -> list[History]:
        """Return a short course of each run."""
        return [History(run, ((0.0, 3.0), (1.0, run.summary[metric]))) for run in runs]


@contextmanager
def set_up(name: str, hub: Hub, trees: Trees, late: int = 0) -> Iterator[Stage]:
    """Yield a fresh stage for a scenario; so many reads are `late` and miss what is done on it, from its beginning."""
    hub.forget()
    if late:
        hub.let_lag(late)
    stage = SCENARIOS[name].prepare(trees, hub.repository())
    if stage.in_actions:
        stage.git = trees.git
    with stage.wandb or nullcontext():
        yield stage
    if not stage.in_actions:
        shutil.rmtree(stage.work.parent)
