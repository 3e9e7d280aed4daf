"""Edge cases of the rules about what a logbook refers to: links, its branch, issue and pull requests."""

import pytest

from book import parsed, written
from lint.examples import GivenIssue, GivenPullRequest
from lint.judging import hits, said, shown
from research_logbook.config.schema import Branches, Config
from research_logbook.lint.rules.references import (
    branch_without_logbook,
    broken_relative_link,
    closing_keyword,
    issue_without_logbook_link,
    local_path,
    logbook_in_production_pr,
    misnamed_branch,
    unlinked_pull_request,
    unpinned_link,
)

NOTE = "### 2026-05-25 - MOE-HC-001 first seed\n\n"
BOOK = ".agents/logbooks/moe.md"


@pytest.mark.parametrize(
    ("url", "files", "path"),
    [
        ("../../a.json", (), "a.json"),
        ("../../a.json", ("a.json",), None),
        ("other.md", (), ".agents/logbooks/other.md"),
        ("/a.json", (), "a.json"),
        ("https://example.org/a.json", (), None),
        ("#heading", (), None),
    ],
)
def test_broken_relative_link(url: str, files: tuple[str, ...], path: str | None) -> None:
    """A path is read from the logbook's folder, or from the root of the repository."""
    expected = [f"the link points to `{path}`, which is not in the repository"] if path else []
    assert said(broken_relative_link, f"{NOTE}See [it]({url}).\n", files=files) == expected


def test_a_link_is_looked_for_in_its_own_tree() -> None:
    """What another tree lacks is not missing, and outside a repository nothing is."""
    text, elsewhere = f"{NOTE}[it](/a.json)\n", {"missing": frozenset({("aaaaaaa", "a.json")})}
    assert said(broken_relative_link, text, facts=elsewhere) == []
    assert len(hits(broken_relative_link, text, tree="aaaaaaa", facts=elsewhere)) == 1
    assert said(broken_relative_link, text, facts={"missing": None}) == []


def test_the_path_of_a_broken_link_is_cut() -> None:
    """A message holds 120 characters of it."""
    (message,) = said(broken_relative_link, f"{NOTE}[it](/{'x' * 121})\n", files=())
    assert message == f"the link points to `{'x' * 120}`, which is not in the repository"


@pytest.mark.parametrize(
    ("url", "branch"),
    [
        ("blob/main/a.py", "main"),
        ("tree/research/moe/a.py", "research"),
        ("raw/main/a.py", "main"),
        ("blob/1691d0a9/a.py", None),
        ("blob/1691d0/a.py", "1691d0"),
        ("tree/snapshot/moe/MOE-HC-001", None),
        ("tree/snapshots/moe", "snapshots"),
        ("blob/v1.2/a.py", None),
        ("blob/1.2.3/a.py", None),
        ("blob/v1/a.py", "v1"),
        ("pull/7", None),
        ("blob/" + "x" * 61 + "/a.py", "x" * 60),
    ],
)
def test_unpinned_link(url: str, branch: str | None) -> None:
    """A commit, a snapshot tag and a version are pinned; anything else is a branch."""
    text = f"{NOTE}See\n[it](https://github.com/lab/models/{url}).\n"
    assert said(unpinned_link, text) == (
        [f"entry MOE-HC-001 links to a file on the branch `{branch}`"] if branch else []
    )


def test_only_a_link_of_an_entry_is_pinned() -> None:
    """An index is kept up to date, and may link the newest version."""
    assert said(unpinned_link, "## Links\n\n[it](https://github.com/lab/models/blob/main/a.py)\n") == []


def pointed_at(body: str) -> list[tuple[str, int]]:
    """Return what `local-path` finds in an entry: the path, and the line counted from the entry's heading."""
    found = hits(local_path, f"# Run\n\n## Entry Log\n\n### 2026-05-25 - first seed\n{body}\n")
    return [(hit.message.split("`")[1], hit.where.span.line - 5) for hit in found]


@pytest.mark.parametrize(
    "command",
    [
        "- Command: `cat /home/ana/a.log`",
        "- Command:\n  ```sh\n  cat /home/ana/a.log\n  ```",
        "```\n/home/ana/a.log\n```",
    ],
)
def test_the_line_is_the_one_outside_commands(command: str) -> None:
    """A path that a command has too is pointed at where the author may change it."""
    assert pointed_at(command) == []
    place = command.count("\n") + 2
    assert pointed_at(f"{command}\n- Logs: `/home/ana/a.log`") == [("/home/ana/a.log", place)]


@pytest.mark.parametrize("command", ["home", "a", "/"])
def test_a_short_command_hides_no_local_path(command: str) -> None:
    """What a command says is not cut out of the words of others."""
    assert pointed_at(f"- Command: `{command}`\n- Logs: `/home/ana/a.log`") == [("/home/ana/a.log", 2)]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/mnt/a.log", "/mnt/a.log"),
        ("/scratch/ana/x/", "/scratch/ana/x/"),
        ("~/runs", "~/runs"),
        (r"C:\Users\ana", r"C:\Users\ana"),
        ("file:///a", "file:///a"),
        ("s3://lab/home/ana/a.log", None),
        ("/homes/ana", None),
        ("a/home/ana", None),
        ("/home/" + "x" * 75, "/home/" + "x" * 73 + "…"),
    ],
)
def test_local_path(path: str, found: str | None) -> None:
    """A home or scratch folder is on one machine; eighty characters of the path are quoted."""
    assert pointed_at(f"- Logs: `{path}`") == ([(found, 1)] if found else [])


def test_the_first_local_path_of_an_entry_is_shown() -> None:
    """One finding an entry is enough."""
    assert pointed_at("- A: `/mnt/a`\n- B: `/mnt/b`") == [("/mnt/a", 1)]
    assert pointed_at("- A: `/mnt/a`\n- Command: `make`") == [("/mnt/a", 1)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("- Recovered probe: `/home/ana/probe.py`, uncommitted.", "/home/ana/probe.py"),
        ("The data is in /scratch/ana/data.", "/scratch/ana/data"),
        ("- Profile: http://127.0.0.1:7878/s/1/artifacts/profile", "http://127.0.0.1:7878/s/1/artifacts/profile"),
        ("See <http://localhost:6006/#scalars>.", "http://localhost:6006/#scalars"),
        ("- Command: `python /home/ana/probe.py`", None),
        ("- Config: cache in `/tmp/cache`", None),
        ("Made by `python probe.py --out /tmp/x`.", None),
        ("```\n/home/ana/probe.py\n```", None),
        ("- Endpoint: `http://localhost:8000/v1`", None),
        ("- Server: `http://localhost:8000`", None),
        ("- Data: `s3://lab/home/ana/data`", None),
    ],
)
def test_a_local_path_outside_of_entries(line: str, found: str | None) -> None:
    """A section has one finding, wherever it stands; what was run, and how, may name what was on that machine."""
    for text in (f"## Baseline\n\n{line}\n", f"# Run\n\n{line}\n\n## Entry Log\n"):
        assert [message.split("`")[1] for message in said(local_path, text)] == ([found] if found else [])


def test_a_local_path_is_found_once() -> None:
    """One in an entry is not one of the section around it."""
    text = "# Run\n\n## Entry Log\n\nIn `/mnt/a`.\n\n- 2026-05-25: `/mnt/b`\n- 2026-05-26: `/mnt/c`, `/mnt/d`\n"
    assert [message.split("`")[1] for message in said(local_path, text)] == ["/mnt/b", "/mnt/c", "/mnt/a"]
    headed = "# Run\n\n## Entry Log\n\n### 2026-05-25 - a\n\n#### Files\n\nIn `/mnt/a`.\n"
    assert [message.split("`")[1] for message in said(local_path, headed)] == ["/mnt/a"]


RESEARCH = "research/moe"


@pytest.mark.parametrize(
    ("branch", "changed", "facts", "count"),
    [
        (RESEARCH, ("a.py",), {}, 1),
        (RESEARCH, (), {}, 0),
        (RESEARCH, ("a.py",), {"changed": None}, 0),
        (RESEARCH, ("a.py",), {"has_logbook": True}, 0),
        ("main", ("a.py",), {}, 0),
        (None, ("a.py",), {"is_research_branch": True}, 0),
    ],
)
def test_branch_without_logbook(
    branch: str | None, changed: tuple[str, ...], facts: dict[str, object], count: int
) -> None:
    """Only a research branch with changes and without a logbook is one."""
    found = hits(branch_without_logbook, "", branch=branch, changed=changed, facts=facts)
    assert len(found) == count
    assert {hit.where.span.path for hit in found} <= {".agents/logbooks"}


def test_the_name_of_a_branch_is_cut() -> None:
    """A message holds eighty characters of it."""
    name = "research/" + "x" * 72
    assert said(branch_without_logbook, "", branch=name, changed=("a",)) == [
        f"the research branch `{name[:80]}` has no logbook"
    ]


@pytest.mark.parametrize(
    ("text", "body", "count"),
    [
        ("issue=#8734", "", 1),
        ("issue=#8734", "see moe.md", 0),
        ("issue=#8734", "see moe", 1),
        ("issue=#12", "", 0),
        ("issue=lab/models#8734", "", 1),
        ("issue=other/models#8734", "", 0),
        ("issue=https://gitlab.example.org/lab/models/issues/8734", "", 0),
        ("issue=LAB-7", "", 0),
        ("E- 'Text.'", "", 0),
    ],
)
def test_issue_without_logbook_link(text: str, body: str, count: int) -> None:
    """Only an issue of this repository that GitHub shows can be asked for the logbook's file name."""
    found = said(issue_without_logbook_link, text, file=BOOK, issues={8734: GivenIssue(body=body)})
    assert found == ["issue #8734 does not name this logbook"] * count
    assert said(issue_without_logbook_link, text, file=BOOK) == []


def test_an_issue_on_a_github_of_ones_own() -> None:
    """Its pages are on another host, which the facts name."""
    url, issues = "https://ghe.lab.test/lab/models/issues/8734", {8734: GivenIssue(labels=("experiment",))}
    pull = GivenPullRequest(RESEARCH, description=f"Closes {url}")
    for rule in (issue_without_logbook_link, closing_keyword):
        for host, count in (("ghe.lab.test", 1), ("github.com", 0)):
            how = {"issues": issues, "pull_request": pull, "facts": {"host": host}}
            assert len(hits(rule, f"issue={url}", file=BOOK, **how)) == count


def test_a_logbook_without_an_issue_names_no_first_one() -> None:
    """The first issue of a repository is not meant by no number."""
    issues = {1: GivenIssue()}
    assert said(issue_without_logbook_link, "E- 'Text.'", file=BOOK, issues=issues) == []


@pytest.mark.parametrize(
    ("pull", "changed", "facts", "count"),
    [
        (GivenPullRequest("fast"), ("a.py", BOOK), {}, 1),
        (GivenPullRequest("fast"), (BOOK,), {}, 0),
        (GivenPullRequest("fast"), (BOOK, ".agents/notes.md"), {}, 0),
        (GivenPullRequest("fast"), ("a.py",), {}, 0),
        (GivenPullRequest("fast", fork=True), ("a.py", BOOK), {}, 0),
        (GivenPullRequest("fast", base="release"), ("a.py", BOOK), {}, 0),
        (GivenPullRequest(RESEARCH), ("a.py", BOOK), {}, 0),
        (GivenPullRequest("ana/moe"), ("a.py", BOOK), {}, 0),
        (None, ("a.py", BOOK), {}, 0),
        (GivenPullRequest("fast"), ("a.py", BOOK), {"changed": None}, 0),
    ],
)
def test_logbook_in_production_pr(
    pull: GivenPullRequest | None, changed: tuple[str, ...], facts: dict[str, object], count: int
) -> None:
    """A pull request of this repository into the default branch, from no research branch, with other changes."""
    found = hits(logbook_in_production_pr, "branch=ana/moe", file=BOOK, pull_request=pull, changed=changed, facts=facts)
    assert [hit.where.span.path for hit in found] == [BOOK] * count


@pytest.mark.parametrize(
    ("text", "head", "description", "count"),
    [
        ("issue=#8734", RESEARCH, "Add results", 1),
        ("issue=#8734", RESEARCH, "Part of #8734", 0),
        ("issue=#8734", RESEARCH, "Part of #87340", 1),
        ("issue=#8734", RESEARCH, "https://github.com/lab/models/issues/8734", 0),
        ("issue=#8734", RESEARCH, "8734", 1),
        ("issue=#8734", RESEARCH, "See moe.md", 0),
        ("issue=LAB-7", RESEARCH, "For LAB-7", 0),
        ("issue=LAB-7", RESEARCH, "For LAB-8", 1),
        ("E- 'Text.'", RESEARCH, "Add results", 0),
        ("issue=#8734", "fast", "Add results", 0),
        ("issue=#8734 branch=ana/moe", "ana/moe", "Add results", 1),
    ],
)
def test_unlinked_pull_request(text: str, head: str, description: str, count: int) -> None:
    """A research pull request names the issue of each logbook, as a number, a link or in words, or its file."""
    pull = GivenPullRequest(head, description=description)
    found = said(unlinked_pull_request, text, file=BOOK, pull_request=pull)
    assert found == ["the pull request's description names neither the experiment issue nor moe.md"] * count


def test_every_logbook_of_a_pull_request_is_asked_for() -> None:
    """One that is named, or has no issue, does not answer for the next one."""
    pull = GivenPullRequest(RESEARCH, description="Part of #8734")
    besides = {"a.md": "E- 'Text.'", "b.md": "issue=#1", "c.md": "issue=#2"}
    found = hits(unlinked_pull_request, "issue=#8734", file=BOOK, pull_request=pull, besides=besides)
    assert [hit.where.span.path for hit in found] == ["b.md", "c.md"]


def test_without_a_pull_request_none_is_unlinked() -> None:
    """A push has no description."""
    assert said(unlinked_pull_request, "issue=#8734", file=BOOK, branch=RESEARCH) == []


@pytest.mark.parametrize(
    ("labels", "state", "count"),
    [
        (("experiment",), "open", 1),
        (("experiment", "sealed"), "open", 0),
        (("experiment",), "closed", 0),
        (("bug",), "open", 0),
    ],
)
def test_closing_keyword(labels: tuple[str, ...], state: str, count: int) -> None:
    """An open experiment issue that is not sealed is not to be closed by a merge."""
    pull = GivenPullRequest(RESEARCH, description="Fixes lab/models#8734 and closes #1")
    issues = {8734: GivenIssue(labels=labels, state=state)}
    found = said(closing_keyword, "", pull_request=pull, issues=issues)
    assert found == ["merging this pull request would close experiment issue #8734, which is not sealed"] * count
    assert said(closing_keyword, "", pull_request=pull) == []
    assert said(closing_keyword, "", issues=issues) == []


@pytest.mark.parametrize(
    ("branch", "patterns", "count"),
    [(RESEARCH, ("research/**",), 0), ("moe", ("research/**",), 1), ("moe", ("m*",), 0), ("", ("research/**",), 0)],
)
def test_misnamed_branch(branch: str, patterns: tuple[str, ...], count: int) -> None:
    """The configuration says which names are those of research branches."""
    text = written(f"branch={branch}" if branch else "issue=#1")
    config = Config(branches=Branches(research=patterns))
    assert len(hits(misnamed_branch, text, configuration=config)) == count
    assert shown(misnamed_branch, text, configuration=config) == [f"- Branch: {branch}"] * count


def test_a_long_branch_is_quoted_in_part() -> None:
    """A message holds eighty characters of it."""
    assert said(misnamed_branch, f"branch={'x' * 81}") == [
        f"the branch `{'x' * 80}` is not named like a research branch"
    ]


def test_a_finding_about_the_change_is_on_its_first_logbook() -> None:
    """Where there is one; else it is on the folder of logbooks."""
    pull = GivenPullRequest(RESEARCH, description="Fixes #8734")
    issues = {8734: GivenIssue(labels=("experiment",))}
    for text, path in (("issue=#8734", BOOK), ("", ".agents/logbooks")):
        (hit,) = hits(closing_keyword, text, file=BOOK, pull_request=pull, issues=issues)
        assert (hit.where.span.path, hit.where.span.line, hit.where.span.end_line) == (path, 1, 1)
        assert hit.where.subject == "closes 8734"


def test_a_finding_about_an_issue_is_on_the_logbook_that_names_it() -> None:
    """The logbook of a finding about an issue is the one that names it."""
    (hit,) = hits(issue_without_logbook_link, "issue=#8734", file=BOOK, issues={8734: GivenIssue()})
    assert hit.where == parsed(written("issue=#8734"), BOOK).brief
