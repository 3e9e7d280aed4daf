"""What is meant where nobody says it: the repository on GitHub, the branch, the issue, the configuration."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from repository import GOOD, PATH, Repository, context
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.github import RepositorySite
from research_logbook.repo.comparison import Comparison

LAB, FORK = "https://github.com/lab/tiles.git", "git@github.com:ana/tiles.git"


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A repository with a logbook of issue 5 on a research branch."""
    made = Repository(tmp_path / "work")
    made.commit({"README.md": "Tiles\n"})
    made.git("switch", "--quiet", "--create", "research/sparse-attention")
    made.commit({PATH: GOOD.replace("lab/models/issues/8734", "lab/tiles/issues/5")})
    return made


def event(folder: Path, name: str, **payload: Any) -> dict[str, str]:
    """Return the environment of a workflow run."""
    path = folder / "event.json"
    path.write_text(json.dumps(payload))
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)}


@pytest.mark.parametrize(
    ("remotes", "settings", "told", "meant"),
    [
        ({}, {}, {}, None),
        ({"origin": LAB}, {}, {}, "lab/tiles"),
        ({"origin": LAB}, {}, {"GITHUB_REPOSITORY": "lab/other"}, "lab/other"),
        ({"origin": LAB, "fork": FORK}, {}, {}, "lab/tiles"),
        ({"origin": LAB, "fork": FORK}, {"remote.pushDefault": "fork"}, {}, "ana/tiles"),
        ({"origin": LAB, "fork": FORK}, {"branch.research/sparse-attention.remote": "fork"}, {}, "ana/tiles"),
        (
            {"origin": LAB, "fork": FORK},
            {"branch.research/sparse-attention.remote": "origin", "remote.pushDefault": "fork"},
            {},
            "lab/tiles",
        ),
        ({"upstream": LAB}, {}, {}, "lab/tiles"),
        ({"upstream": LAB, "fork": FORK}, {}, {}, None),
        ({"upstream": LAB, "fork": FORK}, {"remote.pushDefault": "gone"}, {}, None),
        ({"origin": "gh:lab/tiles"}, {"url.https://x:secret@github.com/.insteadOf": "gh:"}, {}, "lab/tiles"),
        ({"origin": "/somewhere/else"}, {}, {}, None),
    ],
)
def test_the_repository_on_github(
    work: Repository, remotes: dict[str, str], settings: dict[str, str], told: dict[str, str], meant: str | None
) -> None:
    """The environment's, else that of the branch's own remote, of `remote.pushDefault`, of origin, of the only one."""
    for name, address in remotes.items():
        work.git("remote", "add", name, address)
    for key, value in settings.items():
        work.git("config", key, value)
    assert context(work.root, told).github_name == meant
    assert context(work.root, told, repo="lab/named").github_name == "lab/named"


@pytest.mark.parametrize(
    ("asked", "name", "payload", "meant"),
    [
        (7, "", {}, 7),
        (None, "", {}, 5),
        (None, "issues", {"issue": {"number": 3}, "action": "opened"}, 3),
        (7, "issues", {"issue": {"number": 3}, "action": "opened"}, 7),
        (None, "workflow_dispatch", {"inputs": {"issue": " #12 "}}, 12),
        (None, "workflow_dispatch", {"inputs": {"issue": ""}}, None),
        (None, "push", {"ref": "refs/heads/research/sparse-attention"}, None),
    ],
)
def test_the_issue(
    work: Repository, tmp_path: Path, asked: int | None, name: str, payload: dict[str, Any], meant: int | None
) -> None:
    """The one that was named, else the event's, else the dispatch's; on a laptop the branch's logbook names it."""
    told = event(tmp_path, name, **payload) if name else {}
    assert context(work.root, told).issue(asked, github()) == meant


PUBLIC, RESIDENT, OWN = "https://github.com", "https://octocorp.ghe.com", "https://ghe.lab.example:8443"
BENCH = {"GITHUB_API_URL": "http://localhost:9"}

SERVERS: list[tuple[str, dict[str, str], str, str | None]] = [
    (LAB, {}, PUBLIC, "lab/tiles"),
    (LAB, {"GITHUB_API_URL": "https://api.github.com"}, PUBLIC, "lab/tiles"),
    (LAB, BENCH, PUBLIC, "lab/tiles"),
    ("git@octocorp.ghe.com:lab/tiles.git", {}, RESIDENT, "lab/tiles"),
    (
        "octocorp@octocorp.ghe.com:lab/tiles.git",
        {"GITHUB_API_URL": "https://api.octocorp.ghe.com/"},
        RESIDENT,
        "lab/tiles",
    ),
    ("https://octocorp.ghe.com/lab/tiles", BENCH, RESIDENT, "lab/tiles"),
    (LAB, {"GITHUB_API_URL": "https://api.octocorp.ghe.com"}, RESIDENT, None),
    ("git@ghe.lab.example:lab/tiles", {"GITHUB_API_URL": f"{OWN}/api/v3/"}, OWN, "lab/tiles"),
    ("ssh://git@ghe.lab.example:2222/lab/tiles", {"GITHUB_SERVER_URL": f"{OWN}/"}, OWN, "lab/tiles"),
    (f"{OWN}/lab/tiles.git", {"GITHUB_API_URL": f"{OWN}/api/v3"}, OWN, "lab/tiles"),
    (LAB, {"GITHUB_API_URL": f"{OWN}/api/v3"}, OWN, None),
    ("git@ghe.lab.example:lab/tiles", {}, PUBLIC, None),
    ("git@gitlab.com:lab/tiles", {}, PUBLIC, None),
    ("github-of-mine:lab/tiles", {"GITHUB_API_URL": f"{OWN}/api/v3"}, OWN, "lab/tiles"),
]


@pytest.mark.parametrize(("address", "told", "server", "meant"), SERVERS, ids=range(len(SERVERS)))
def test_the_server_is_that_of_the_repository(
    work: Repository, address: str, told: dict[str, str], server: str, meant: str | None
) -> None:
    """The environment names the server, else the remote where it is GitHub's; of another server no name is taken."""
    work.git("remote", "add", "origin", address)
    found = context(work.root, {"GITHUB_TOKEN": "ghp_x", **told})
    assert (found.site.server, found.github_name) == (server, meant)
    if meant:
        assert found.access().site == RepositorySite(meant, server)
    else:
        with pytest.raises(UserError, match="the git remote is on") as caught:
            found.access()
        assert "GITHUB_API_URL" in caught.value.help


@pytest.mark.parametrize(
    ("address", "told", "is_given"),
    [
        (LAB, {}, True),
        ("https://x-access-token:old@github.com/lab/tiles", {}, True),
        ("https://octocorp.ghe.com/lab/tiles", {}, True),
        (f"{OWN}/lab/tiles", {"GITHUB_SERVER_URL": OWN}, True),
        ("https://git.elsewhere.example/lab/tiles", {}, False),
        ("https://intranet/lab/tiles", {}, False),
        ("https://github.com.evil.example/lab/tiles", {}, False),
        ("https://github.com@evil.example/lab/tiles", {}, False),
        (LAB, {"GITHUB_SERVER_URL": OWN}, False),
        ("/srv/tiles", {}, False),
    ],
)
def test_a_token_is_for_its_own_server(work: Repository, address: str, told: dict[str, str], is_given: bool) -> None:
    """Git gets the token only where it fetches from the GitHub that the token is for."""
    work.git("remote", "add", "origin", address)
    assert context(work.root, {"GITHUB_TOKEN": "ghp_x", **told}).fetch_token == "ghp_x" * is_given


def github() -> Any:
    """Return all that is asked of a connection here."""
    return SimpleNamespace(site=RepositorySite("lab/tiles"))


NAMED = {
    "12": 12,
    "#12": 12,
    "lab/tiles#12": 12,
    "LAB/Tiles#12": 12,
    "https://github.com/lab/tiles/issues/12": 12,
    "https://github.com/lab/tiles/issues/12#issuecomment-99": 12,
    "https://github.com/lab/tiles/issues/12/": 12,
    "https://www.github.com/lab/tiles/issues/12?plain=1": 12,
    "HTTPS://GitHub.com/lab/tiles/pull/12/files": 12,
    "github.com/lab/tiles/issues/12": 12,
    "lab/other#12": "is not an issue of lab/tiles",
    "https://github.com/lab/other/issues/12": "is not an issue of lab/tiles",
    "https://ghe.lab.example/lab/tiles/issues/12": "is not an issue of lab/tiles",
    "https://github.com.evil.example/lab/tiles/issues/12": "is not an issue of lab/tiles",
    "https://github.com/lab/tiles/discussions/12": "is not an issue number",
    "https://github.com/lab/tiles/issues": "is not an issue number",
    "see https://github.com/lab/tiles/issues/12": "is not an issue number",
    "#0": "is not an issue number",
}


@pytest.mark.parametrize("written", NAMED)
def test_an_issue_may_be_named_by_its_address(work: Repository, tmp_path: Path, written: str) -> None:
    """One of this repository is meant by its number or its address; another repository's is refused by name."""
    work.git("remote", "add", "origin", LAB)
    there = context(work.root, event(tmp_path, "workflow_dispatch", inputs={"issue": written}))
    wanted = NAMED[written]
    if isinstance(wanted, int):
        assert there.issue(None, github()) == wanted
        return
    with pytest.raises(UserError, match=wanted):
        there.issue(None, github())


def test_an_issue_on_a_server_with_a_port_is_its_own(work: Repository, tmp_path: Path) -> None:
    """The port of the address, and that of the server, tell nothing apart."""
    told = event(tmp_path, "workflow_dispatch", inputs={"issue": "https://ghe.lab.example:8443/lab/tiles/issues/12"})
    server = {"GITHUB_SERVER_URL": "https://ghe.lab.example:8443", "GITHUB_REPOSITORY": "lab/tiles"}
    assert context(work.root, told | server).issue(None, github()) == 12


@pytest.mark.parametrize("written", ["no 5", "-3", "1234567890", "５"])
def test_a_dispatch_names_an_issue_by_its_number(work: Repository, tmp_path: Path, written: str) -> None:
    """What somebody filled in and is not a number is refused."""
    told = event(tmp_path, "workflow_dispatch", inputs={"issue": written})
    with pytest.raises(UserError, match="is not an issue number"):
        context(work.root, told).issue(None, github())


def test_no_or_several_logbooks_of_a_branch_name_no_issue(work: Repository) -> None:
    """A branch without a logbook leaves the issue open; of one with two that name different issues both are named."""
    work.git("switch", "--quiet", "main")
    assert context(work.root).issue(None, github()) is None
    branch = GOOD.replace("lab/models/issues/8734", "lab/tiles/issues/5")
    work.git("switch", "--quiet", "research/sparse-attention")
    work.write(PATH.replace("sparse", "dense"), branch.replace("issues/5", "issues/6"))
    with pytest.raises(UserError, match="name 2 issues") as several:
        context(work.root).issue(None, github())
    assert several.value.help == "pass `--issue N` for one of them: #5, #6"
    assert context(work.root).issue(5, github()) == 5


def test_the_only_logbook_is_meant_on_any_branch(work: Repository) -> None:
    """Where there is one thread, nobody has to name it."""
    work.git("switch", "--quiet", "--create", "elsewhere")
    assert context(work.root).issue(None, github()) == 5


def test_the_branch(work: Repository, tmp_path: Path) -> None:
    """The event's, else the one that is checked out; no branch for a detached head."""
    pushed = event(tmp_path, "push", ref="refs/heads/research/other")
    assert context(work.root, pushed).branch == "research/other"
    assert context(work.root).branch == "research/sparse-attention"
    work.git("switch", "--quiet", "--detach")
    assert context(work.root).branch is None
    assert context(tmp_path).branch is None


def test_the_configuration(work: Repository, tmp_path: Path) -> None:
    """A file that was named counts before all; the default branch's in Actions; else the work tree's."""
    work.git("update-ref", "refs/remotes/origin/main", "main")
    work.write(".github/logbook.yml", "pending-days: 3\n")
    named = tmp_path / "other.yml"
    named.write_text("pending-days: 5\n")
    pushed = event(tmp_path, "push", ref="refs/heads/main", repository={"default_branch": "main"})
    assert context(work.root).config.pending_days == 3
    assert context(work.root, pushed).config.pending_days == 14
    assert context(work.root, pushed, config_file=str(named)).config.pending_days == 5
    assert context(tmp_path).config.pending_days == 14
    assert context(work.root, pushed).work_tree_config.pending_days == 3


def test_the_event_is_read_once(work: Repository, tmp_path: Path) -> None:
    """What was read of the payload stays, and a run elsewhere than in Actions reads none."""
    told = event(tmp_path, "issues", issue={"number": 3})
    run = context(work.root, told)
    assert run.event.number == 3
    (tmp_path / "event.json").unlink()
    assert run.with_config(run.config).event.number == 3
    assert context(work.root, {**told, "GITHUB_ACTIONS": ""}).event.number is None


def test_a_named_configuration_counts_where_the_rules_do(work: Repository, tmp_path: Path) -> None:
    """In Actions a file of the repository is read on the default branch; one outside is the workflow's own."""
    work.commit({".github/lint.yml": "pending-days: 3\n"})
    work.git("update-ref", "refs/remotes/origin/main", "HEAD")
    work.commit({".github/lint.yml": "pending-days: 5\n", ".github/new.yml": "pending-days: 6\n"})
    (work.root / "link.yml").symlink_to(tmp_path / "outside.yml")
    (tmp_path / "outside.yml").write_text("pending-days: 7\n")
    pushed = event(tmp_path, "push", ref="refs/heads/x", repository={"default_branch": "main"})

    def days(told: dict[str, str], file: Path) -> int:
        return context(work.root, told, config_file=str(file)).config.pending_days

    inside, new, link = work.root / ".github/lint.yml", work.root / ".github/new.yml", work.root / "link.yml"
    assert [days({}, it) for it in (inside, new)] == [5, 6]
    assert [days(pushed, it) for it in (inside, new, link)] == [3, 14, 14]
    assert days(pushed, tmp_path / "outside.yml") == 7


def test_no_checkout_brings_a_configuration_of_its_own(work: Repository, tmp_path: Path) -> None:
    """Where a clone lacks the default branch, what is checked out, which may be anybody's, does not take its place."""
    work.commit({".github/logbook.yml": "pending-days: 3\n"})
    alone = Repository(tmp_path / "alone")
    alone.git("remote", "add", "origin", str(work.root))
    alone.git("fetch", "--quiet", "--depth=1", work.root.as_uri(), "HEAD")
    alone.git("checkout", "--quiet", "FETCH_HEAD")
    labelled = event(tmp_path, "issues", issue={"number": 3}, repository={"default_branch": "main"})
    with pytest.raises(UnfinishedError, match="the default branch 'main', whose configuration counts"):
        assert context(alone.root, labelled).config
    assert context(alone.root).config.pending_days == 3


def test_a_link_leads_to_no_other_configuration(work: Repository, tmp_path: Path) -> None:
    """The judged tree may have a link where the default branch has the folder of the configuration."""
    work.commit({"ci/lint.yml": "pending-days: 3\n", "other/lint.yml": "pending-days: 4\n"})
    work.git("update-ref", "refs/remotes/origin/main", "HEAD")
    work.git("rm", "-r", "--quiet", "ci")
    (work.root / "ci").symlink_to("other")
    work.commit({"other/lint.yml": "pending-days: 5\n"})
    pushed = event(tmp_path, "push", ref="refs/heads/x", repository={"default_branch": "main"})
    assert context(work.root, pushed, config_file=str(work.root / "ci/lint.yml")).config.pending_days == 3


def test_a_change_of_the_configuration_is_noted_where_it_was_made(work: Repository) -> None:
    """Whoever edits it is told that it does not count yet; who left before somebody's edit is told nothing."""
    old = work.git("rev-parse", "HEAD")
    edited = work.commit({".github/logbook.yml": "pending-days: 3\n"})

    def note(head: str, base: str, rules_from: str) -> str:
        return context(work.root).config_for(Comparison(head, base, rules_from=rules_from))[1]

    assert "this change edits .github/logbook.yml" in note(edited, old, old)
    assert note(old, old, edited) == ""
    assert note(edited, old, edited) == ""
