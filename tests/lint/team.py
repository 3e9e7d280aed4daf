"""A team at work: a repository on a server, the clones of those who work on it, and what Actions says of every push.

`Member.push` plays a whole step: lint on the laptop before it, the push, then lint in Actions for the push and for each
open pull request of the branch. Each run in Actions has a checkout of its own, as actions/checkout makes it. The clock
moves six hours with each commit, so that nothing passes for a second thought of the same hour unless a test says so.
"""

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from repository import GOOD_ANYWHERE as GOOD
from repository import PATH, Repository, context, copied
from research_logbook.errors import UserError
from research_logbook.findings import Report, Severity
from research_logbook.lint.rules import CATALOGUE
from research_logbook.lint.run import LintRequest, lint

BRANCH = "research/sparse-attention"
HISTORY = {rule.name for rule in CATALOGUE if rule.group == "history"}
NOTHING = "0" * 40
ADDRESS = "lab/models"


def entry(number: int, result: str = "", seed: int | None = None) -> str:
    """Return a well-made entry with the ID of that number, of that day of June."""
    seed = number if seed is None else seed
    return f"""
### 2026-06-{number:02} 09:00 - SPA-AT-{number:03} seed {seed}

- Hypothesis: block sparsity keeps the loss.
- Commit Hash: `lab/trainer@1691d0a9afbf`
- Command: `python -m train --blocks 512 --seed {seed}`
- Config: width 512, 400 steps.
- Result: {result or f"loss 2.2{30 + number} after 400 steps."}
- Interpretation: replicates SPA-AT-001.
- Next action: measure the step time.
"""


@dataclass(frozen=True)
class Verdict:
    """What one run of lint said."""

    where: str
    report: Report | None
    refusal: str = ""
    """What it said instead of a report."""
    fails: bool = True

    def of(self, severity: Severity) -> set[str]:
        """Return the rules that found something of a severity."""
        return {it.rule for it in self.report.findings if it.severity is severity} if self.report else set()

    @property
    def errors(self) -> set[str]:
        """The rules that found an error."""
        return self.of(Severity.ERROR)

    @property
    def warnings(self) -> set[str]:
        """The rules that found something to warn of."""
        return self.of(Severity.WARNING)

    def __str__(self) -> str:
        found = self.report.findings if self.report else ()
        notes = self.report.notes if self.report else ()
        said = [f"{it.severity} {it.rule} {it.span.line}: {it.message}" for it in found]
        return "\n    ".join([f"{self.where}: {self.refusal or ('red' if self.fails else 'green')}", *said, *notes])


@dataclass(frozen=True)
class Step:
    """What was said of one push."""

    laptop: Verdict
    push: Verdict | None
    pulls: tuple[Verdict, ...] = ()

    @property
    def in_actions(self) -> tuple[Verdict, ...]:
        """The verdicts of Actions."""
        return (*filter(None, [self.push]), *self.pulls)

    @property
    def is_red(self) -> bool:
        """Whether every run in Actions found that the record was harmed."""
        return bool(self.in_actions) and all(it.fails and it.errors for it in self.in_actions)

    @property
    def is_green(self) -> bool:
        """Whether no run found an error, the laptop's included."""
        return not any(it.fails or it.errors for it in (self.laptop, *self.in_actions))

    def __str__(self) -> str:
        return "\n".join(map(str, (self.laptop, *self.in_actions)))


@dataclass
class Pull:
    """A pull request."""

    number: int
    branch: str
    base: str
    owner: str
    body: str


class Member(Repository):
    """Somebody's clone."""

    def __init__(self, team: "Team", name: str, *, address: str = ADDRESS) -> None:
        super().__init__(team.folder / name.lower())
        self.team = team
        self.name = name
        self.address = address
        self.variables = {f"GIT_{role}_NAME": name for role in ("AUTHOR", "COMMITTER")}

    def git(self, *arguments: str) -> str:
        """Run git, at the team's time."""
        self.variables |= self.team.dates
        return super().git(*arguments)

    def attempt(self, *arguments: str) -> None:
        """Run git where it is to fail, as in a conflict."""
        try:
            self.git(*arguments)
        except CalledProcessError:
            return
        raise AssertionError(f"git {arguments} was to fail")

    def text(self, path: str = PATH) -> str:
        """Return a file of the work tree."""
        return (self.root / path).read_text()

    def edit(self, old: str, new: str, path: str = PATH) -> None:
        """Replace a piece of a file, once."""
        text = self.text(path)
        assert old in text, text
        self.write(path, text.replace(old, new, 1))

    def append(self, text: str, path: str = PATH) -> None:
        """Append to a file."""
        self.write(path, self.text(path) + text)

    def commit(self, files: dict[str, str | bytes] | None = None, message: str = "Work") -> str:
        """Write `files`, commit everything and return the commit's hash."""
        self.team.wait()
        return super().commit(files, message)

    def record(self, *numbers: int, result: str = "") -> str:
        """Append entries and commit each; return the last commit's hash."""
        commit = ""
        for number in numbers:
            self.append(entry(number, result))
            commit = self.commit(message=f"Record SPA-AT-{number:03}")
        return commit

    def start(self, *numbers: int, branch: str = BRANCH) -> None:
        """Start a branch from the server's main, record entries and push it."""
        self.git("fetch", "--quiet", "origin")
        self.git("switch", "--quiet", "--no-track", "--create", branch, "origin/main")
        self.record(*numbers)
        self.push()

    def join(self, branch: str = BRANCH) -> None:
        """Check out a branch of the server."""
        self.git("fetch", "--quiet", "origin")
        self.git("switch", "--quiet", branch)

    def keep_both(self, path: str = PATH) -> None:
        """Resolve a conflict of two who appended: the one's text, then the other's."""
        base, ours, theirs = (self.show(f":{stage}:{path}") for stage in (1, 2, 3))
        common = next(at for at in range(len(base), -1, -1) if ours[:at] == base[:at] == theirs[:at])
        self.write(path, ours + theirs[common:])
        self.git("add", path)

    def show(self, name: str) -> str:
        """Return the contents of an object."""
        return self.git("cat-file", "blob", name) + "\n"

    def look(self) -> Verdict:
        """Lint on the laptop."""
        return self.team.judge(f"{self.name}'s laptop", self.root, {})

    def push(self, *options: str, branch: str = "", ci: bool = True) -> Step:
        """Look on the laptop, push the branch, and let Actions look at the push and the pull requests of the branch.

        Without `ci` no workflow runs, as after `[skip ci]`.
        """
        here = self.git("branch", "--show-current")
        local = branch or here
        before = self.team.tip(local, self.address)
        laptop = self.look()
        self.git("push", "--quiet", "--set-upstream", *options, "origin", f"refs/heads/{here}:refs/heads/{local}")
        self.team.step(f"{self.name} pushes {local} {' '.join(options)}".strip())
        after = self.team.tip(local, self.address)
        if not ci:
            return Step(laptop, None)
        is_ours = self.address == ADDRESS
        push = self.team.pushed(local, before, after) if is_ours and local.startswith("research/") else None
        pulls = [it for it in self.team.open if (it.branch, it.owner) == (local, self.address)]
        return Step(laptop, push, tuple(self.team.synchronize(pull, before=before) for pull in pulls))


@dataclass
class Team:
    """The server, its clones, the pull requests that are open, and all that was said so far."""

    folder: Path
    depth: int = 0
    """What the workflow gives actions/checkout as `fetch-depth`."""
    now: dt.datetime = dt.datetime(2026, 6, 8, 9, tzinfo=dt.UTC)
    open: list[Pull] = field(default_factory=list)
    said: list[Verdict | str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)
    """The rules that may warn."""
    build: Callable[[Path], None] | None = None
    """What fills the folder; two clones of a server with a good logbook on main, unless told otherwise."""
    runs: int = 0

    def __post_init__(self) -> None:
        copied(self.build or two_clones, self.folder)
        self.server = Server(self)
        self.ana, self.bo = Member(self, "Ana"), Member(self, "Bo")

    @property
    def dates(self) -> dict[str, str]:
        """The time for git."""
        return dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), self.now.isoformat())

    def wait(self, hours: float = 6) -> None:
        """Let time pass."""
        self.now += dt.timedelta(hours=hours)

    def step(self, what: str) -> None:
        """Write down what was done, for whoever reads why a test failed."""
        self.said.append(what)

    # The server

    def tip(self, branch: str, address: str = ADDRESS) -> str:
        """Return a branch's commit on the server; zeros where there is none."""
        where = self.server if address == ADDRESS else self.server.of(address)
        found = where.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        return found or NOTHING

    def snapshot(self, number: int, branch: str = BRANCH, commit: str = "") -> str:
        """Tag the tip of a branch as the snapshot action does."""
        name = f"snapshot/sparse-attention/SPA-AT-{number:03}"
        self.server.git("tag", "--annotate", "--message", name, name, commit or self.tip(branch))
        return name

    def pull(
        self, branch: str = BRANCH, base: str = "main", owner: str = ADDRESS, body: str = "Part of #8734"
    ) -> tuple[Pull, Verdict]:
        """Open a pull request."""
        pull = Pull(len(self.said) + 7, branch, base, owner, body)
        self.open.append(pull)
        self.step(f"a pull request from {owner}:{branch} into {base}")
        return pull, self.synchronize(pull, "opened")

    def close(self, pull: Pull) -> None:
        """Close a pull request."""
        self.open.remove(pull)

    def merge(self, pull: Pull, how: str = "merge") -> str:
        """Merge a pull request in one of GitHub's three ways, and return main's new tip."""
        head, base = self.tip(pull.branch, pull.owner), self.tip(pull.base)
        self.wait()
        tree = self.server.merged(base, head)
        assert tree, "it has conflicts"
        parents = [base, head] if how == "merge" else [base]
        commit = self.server.commit_tree(tree, parents, f"Merge #{pull.number}")
        self.server.git("update-ref", f"refs/heads/{pull.base}", commit)
        self.open.remove(pull)
        self.step(f"{how} of {pull.branch} into {pull.base}")
        return commit

    # Actions

    def pushed(self, branch: str, before: str, after: str) -> Verdict:
        """Lint as for a push to a research branch."""
        payload = {"ref": f"refs/heads/{branch}", "before": before, "after": after, "created": before == NOTHING}
        is_forced = before != NOTHING and self.server.git("rev-list", "--max-count=1", before, f"^{after}") != ""
        payload |= {"deleted": False, "forced": is_forced}
        return self.run("push", payload, f"refs/heads/{branch}", after)

    def pushed_away(self, branch: str) -> Verdict:
        """Lint as for the deletion of a branch, which checks out the default branch."""
        return self.run("push", {"ref": f"refs/heads/{branch}", "deleted": True}, "refs/heads/main", self.tip("main"))

    def synchronize(self, pull: Pull, action: str = "synchronize", *, stale: bool = False, before: str = "") -> Verdict:
        """Lint as for a pull request; a `stale` merge ref is left as the last run found it."""
        head, base = self.tip(pull.branch, pull.owner), self.tip(pull.base)
        if pull.owner != ADDRESS:
            self.server.git("fetch", "--quiet", str(self.server.of(pull.owner).root), head)
        self.server.git("update-ref", f"refs/pull/{pull.number}/head", head)
        merge = f"refs/pull/{pull.number}/merge"
        if not stale:
            tree = self.server.merged(base, head)
            assert tree, "it has conflicts: no workflow runs"
            commit = self.server.commit_tree(tree, [base, head], f"Merge {head} into {base}")
            self.server.git("update-ref", merge, commit)
        sides = {
            "head": {"ref": pull.branch, "sha": head, "repo": {"full_name": pull.owner}},
            "base": {"ref": pull.base, "sha": base, "repo": {"full_name": ADDRESS}},
        }
        payload = {"number": pull.number, "pull_request": {"number": pull.number, "body": pull.body, **sides}}
        payload |= {"action": action} | ({"before": before, "after": head} if before else {})
        return self.run("pull_request", payload, merge, self.server.git("rev-parse", merge))

    def queue(self, pull: Pull) -> Verdict:
        """Lint as the merge queue does, without merging."""
        head, base = self.tip(pull.branch, pull.owner), self.tip(pull.base)
        tree = self.server.merged(base, head)
        assert tree, "it has conflicts"
        commit = self.server.commit_tree(tree, [base, head], f"Merge pull request #{pull.number}")
        ref = f"refs/heads/gh-readonly-queue/{pull.base}/pr-{pull.number}-{base}"
        self.server.git("update-ref", ref, commit)
        group = {"head_sha": commit, "head_ref": ref, "base_sha": base, "base_ref": f"refs/heads/{pull.base}"}
        verdict = self.run("merge_group", {"action": "checks_requested", "merge_group": group}, ref, commit)
        self.server.git("update-ref", "-d", ref)
        return verdict

    def run(self, event: str, payload: dict[str, Any], ref: str, commit: str) -> Verdict:
        """Check out as actions/checkout does and lint there."""
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        self.checkout(folder, ref, commit)
        path = self.folder / f"event-{self.runs}.json"
        path.write_text(json.dumps({**payload, "repository": {"full_name": ADDRESS, "default_branch": "main"}}))
        environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REF": ref,
            "GITHUB_REF_NAME": re.sub(r"^refs/(heads|pull)/", "", ref),
            "GITHUB_SHA": commit,
        }
        verdict = self.judge(event, folder, environment)
        shutil.rmtree(folder)
        return verdict

    def checkout(self, folder: Path, ref: str, commit: str) -> None:
        """Make what actions/checkout makes of a ref, in an empty folder."""
        shutil.copytree(self.folder / "runner", folder)
        runner = Repository(folder)
        kind, _, name = ref.removeprefix("refs/").partition("/")
        remote = f"refs/remotes/{'origin' if kind == 'heads' else 'pull'}/{name}"
        every = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
        wanted = f"+{commit}:{remote}"
        if self.depth:
            runner.git("fetch", "--quiet", "--no-tags", f"--depth={self.depth}", "origin", wanted)
        else:
            runner.git("fetch", "--quiet", "--no-tags", "origin", *every, *([wanted] if kind == "pull" else []))
        if kind == "heads":
            runner.git("checkout", "--quiet", "--force", "-B", name, remote)
        else:
            runner.git("checkout", "--quiet", "--force", remote)

    def judge(self, where: str, folder: Path, environment: Mapping[str, str]) -> Verdict:
        """Lint in a folder, and keep what was said."""
        try:
            report, config = lint(LintRequest(), context(folder, environment, self.now, repo=ADDRESS))
            verdict = Verdict(where, report, fails=report.fails(config.fail_on))
        except UserError as error:
            verdict = Verdict(where, None, refusal=f"{error}")
        self.said.append(verdict)
        return verdict

    # What was said

    @property
    def verdicts(self) -> list[Verdict]:
        """All verdicts so far."""
        return [it for it in self.said if isinstance(it, Verdict)]

    @property
    def faults(self) -> set[str]:
        """The rules that found an error at any step, and what was said where there was no report."""
        found = (({it.refusal} if it.refusal else set()) | it.errors for it in self.verdicts)
        return set().union(*found)

    @property
    def warnings(self) -> set[str]:
        """The rules that warned of something at any step."""
        return set().union(*(it.warnings for it in self.verdicts))

    @property
    def notes(self) -> str:
        """The notes of the last verdict."""
        report = self.verdicts[-1].report
        return "\n".join(report.notes) if report else ""

    @property
    def story(self) -> str:
        """All that happened, for whoever reads why a test failed."""
        return "\n".join(map(str, self.said))


class Server(Repository):
    """The bare repository on the server."""

    def __init__(self, team: Team, root: Path | None = None) -> None:
        self.root = root or team.folder / "server.git"
        self.team = team
        self.variables: dict[str, str] = {}

    def git(self, *arguments: str) -> str:
        """Run git, at the team's time."""
        self.variables = self.team.dates
        return super().git(*arguments)

    def of(self, address: str) -> "Server":
        """Return a fork's."""
        return Server(self.team, self.team.folder / f"{address.replace('/', '-')}.git")

    def fork(self, owner: str) -> Member:
        """Fork the repository, and return the owner's clone of the fork; its remote `upstream` is this server."""
        address = f"{owner.lower()}/models"
        where = self.of(address)
        shutil.copytree(self.root, where.root)
        clone = Repository(self.team.folder / owner.lower(), origin=where.root)
        clone.git("remote", "add", "upstream", str(self.root))
        return Member(self.team, owner, address=address)

    def merged(self, base: str, head: str) -> str:
        """Return the tree of a merge; empty where there is a conflict."""
        try:
            return self.git("merge-tree", "--write-tree", base, head)
        except CalledProcessError:
            return ""

    def commit_tree(self, tree: str, parents: Sequence[str], message: str) -> str:
        """Commit a tree and return the commit's hash."""
        options = [part for parent in parents for part in ("-p", parent)]
        return self.git("commit-tree", tree, *options, "-m", message)


def two_clones(folder: Path) -> None:
    """Make the server with a good logbook on main, two clones of it, and the folder that a runner starts with."""
    start = Repository(folder / "start")
    start.commit({PATH: GOOD, "train.py": "print(2.214)\n", "README.md": "# Models\n"}, "First")
    start.git("clone", "--quiet", "--bare", ".", str(folder / "server.git"))
    shutil.rmtree(folder / "start")
    server = Repository(folder / "runner")
    server.git("remote", "add", "origin", str(folder / "server.git"))
    for setting in ("uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter"):  # as GitHub's servers do
        server.git("config", "--file", str(folder / "server.git" / "config"), setting, "true")
    for name in ("ana", "bo"):
        Repository(folder / name, origin=folder / "server.git")
