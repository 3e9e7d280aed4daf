"""Claims about `logbook new`: how a research thread begins, and that it begins once."""

import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.bench import Hub, Repository
from hub.proxy import ENTERPRISE
from repository import Repository as Work
from repository import context
from research_logbook import cli
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.issues import read
from research_logbook.lint.run import LintRequest, lint
from research_logbook.repo.files import one_at_a_time
from research_logbook.setup.new import is_prefix, prefix_of
from research_logbook.setup.topic_names import topic_name, topic_title

NOW = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
PATH = ".agents/logbooks/sparse-attention.md"
BRANCH = "research/sparse-attention"
TITLE = "Experiment: Sparse attention"

Run = Callable[..., None]


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A clone of a repository that has a README."""
    origin = Work(tmp_path / "origin")
    origin.commit({"README.md": "# Models\n"})
    return Work(tmp_path / "clone", origin=tmp_path / "origin")


@pytest.fixture
def run(work: Work, hub: Hub, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs the command line in the clone, as the owner."""
    monkeypatch.chdir(work.root)
    for name in ("GITHUB_ACTIONS", "GH_TOKEN", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_API_URL", hub.url)
    monkeypatch.setenv("GITHUB_REPOSITORY", repository.name)
    monkeypatch.setenv("GITHUB_TOKEN", hub.token("lab"))

    def ran(*arguments: str) -> None:
        cli.cli.main(["new", *arguments], standalone_mode=False)

    return ran


def book(work: Work) -> str:
    """Return the logbook."""
    return (work.root / PATH).read_text()


def found(work: Work) -> set[str]:
    """Return the rules that lint finds broken, everything asked for."""
    report, _ = lint(LintRequest((str(work.root / PATH),), everything=True), context(work.root, {}, NOW))
    return {finding.rule for finding in report.findings}


@pytest.mark.parametrize("line", [".agents/", "*.md", "/.agents/logbooks", ".agents/**"])
def test_no_thread_begins_where_git_ignores_it(work: Work, run: Run, hub: Hub, line: str) -> None:
    """Many ignore the dot folders of agents; what is begun there would be committed by nobody, nor be judged."""
    work.commit({".gitignore": f"{line}\n"})
    with pytest.raises(UserError, match=f"git ignores {PATH}") as caught:
        run("Sparse attention", "--yes")
    assert f"`git check-ignore --verbose {PATH}`" in caught.value.help
    assert (hub.writes, work.git("branch", "--show-current")) == ([], "main")
    assert not (work.root / PATH).exists()


def test_a_logbook_that_is_committed_all_the_same_is_gone_on_with(work: Work, run: Run) -> None:
    """What git tracks it does not ignore, whatever a .gitignore says; and other lines of it are nobody's business."""
    work.commit({".gitignore": "*.pt\nruns/\n"})
    run("Sparse attention", "--no-issue")
    work.git("add", "--force", PATH)
    work.commit({".gitignore": ".agents/\n"})
    run("Sparse attention", "--no-issue")
    assert work.git("branch", "--show-current") == BRANCH


def test_lint_says_of_a_logbook_that_git_ignores_it(work: Work, tmp_path: Path) -> None:
    """It is not judged, and one in a folder that is not ignored is."""
    work.commit({".gitignore": ".agents/\n"})
    (work.root / PATH).parent.mkdir(parents=True)
    (work.root / PATH).write_text("# Notes\n")
    report, _ = lint(LintRequest(), context(work.root, {}, NOW))
    assert [note for note in report.notes if f"git ignores {PATH}" in note]
    other = Work(tmp_path / "other")
    other.commit({".gitignore": "*.pt\n", PATH: "# Notes\n"})
    report, _ = lint(LintRequest(), context(other.root, {}, NOW))
    assert not [note for note in report.notes if "ignores" in note]


def test_a_thread_begins(run: Run, work: Work, repository: Repository) -> None:
    """Branch, logbook and labelled issue are there, and logbook and issue link each other."""
    run("Sparse attention", "--yes")
    assert work.git("branch", "--show-current") == BRANCH
    assert "\nissue: 1\n" in book(work)
    issue = repository.get_issue(1)
    assert (issue["title"], repository.labels(1)) == (TITLE, {"experiment"})
    assert f"https://github.com/{repository.name}/blob/{BRANCH}/{PATH}" in issue["body"]


def test_the_logbook_is_clean_but_for_what_only_a_person_knows(run: Run, work: Work) -> None:
    """Lint asks for the placeholders, and finds nothing else."""
    run("Sparse attention", "--yes")
    assert found(work) == {"unfilled-template"}
    report, _ = lint(LintRequest((str(work.root / PATH),), everything=True), context(work.root, {}, NOW))
    placeholders = {one.span.line for one in report.findings if one.rule == "unfilled-template"}
    # They are told once, at the first.
    assert placeholders == {min(number for number, line in enumerate(book(work).splitlines(), 1) if "{{" in line)}


def test_a_filled_in_logbook_is_clean(run: Run, work: Work) -> None:
    """Once each placeholder says something, nothing is found."""
    run("Sparse attention", "--yes")
    text = book(work).replace("{{YYYY-MM-DD}}", "2026-11-27").replace("{{its value", "2.214 {{its value")
    work.write(PATH, text.replace("{{", "").replace("}}", ""))
    assert found(work) == set()


def test_twice_is_once(run: Run, work: Work, hub: Hub) -> None:
    """Run again, it writes nothing: not on GitHub, not in the work tree."""
    run("Sparse attention", "--yes")
    work.write(PATH, book(work) + "\nfilled in\n")
    before = book(work)
    hub.forget()
    run("Sparse attention", "--yes")
    assert (hub.writes, book(work)) == ([], before)


def test_an_issue_whose_answer_was_lost_is_gone_on_with(
    run: Run, work: Work, hub: Hub, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """When GitHub opened the issue and its answer was lost, it is looked for, and told; no second one is opened."""
    hub.fail(502, verb="POST", path="/issues$", after=True)
    run("Sparse attention", "--yes")
    assert hub.writes.count(f"POST /repos/{repository.name}/issues") == 1
    assert "\nissue: 1\n" in book(work)
    assert f"opened #1: {repository.get_issue(1)['html_url']}" in capsys.readouterr().out


@pytest.mark.slow
def test_an_interrupted_start_opens_no_second_issue(run: Run, work: Work, hub: Hub, repository: Repository) -> None:
    """Where it is not found either, nothing begins, and the next run finds it and goes on."""
    hub.fail(502, verb="POST", path="/issues$", after=True)
    hub.fail(200, verb="GET", path="/issues$", data=[], times=4)
    with pytest.raises(UnfinishedError):
        run("Sparse attention", "--yes")
    assert not (work.root / PATH).exists()
    hub.forget()
    run("Sparse attention", "--yes")
    assert [call for call in hub.writes if call.endswith("/issues")] == []
    assert "\nissue: 1\n" in book(work)
    assert repository.get_issue(1)["title"] == TITLE


def test_an_issue_that_is_not_shown_yet_has_its_number(
    run: Run, work: Work, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    """What GitHub answered is what the logbook names, though no read shows the issue."""
    hub.let_lag(reads=20)
    run("Sparse attention", "--yes")
    assert "\nissue: 1\n" in book(work)
    assert "NUMBER" not in book(work)
    assert re.search(
        rf"^opened the issue “{TITLE}” with “experiment”: http.*/issues/1$", capsys.readouterr().out, re.MULTILINE
    )


def test_an_answer_about_another_issue_is_none(run: Run, work: Work, hub: Hub, repository: Repository) -> None:
    """The logbook never names an issue that nobody asked for, and the next run goes on as if nothing had been."""
    number, other = repository.issue(TITLE), repository.get_issue(repository.issue("Something else"))
    hub.fail(200, path=f"/issues/{number}$", data=other)
    with pytest.raises(UnfinishedError, match="it is about something else"):
        run("Sparse attention", "--issue", "1")
    assert (hub.writes, (work.root / PATH).exists()) == ([], False)
    run("Sparse attention", "--issue", "1")
    assert "\nissue: 1\n" in book(work)


def twin(hub: Hub, repository: Repository, work: Work, person: str = "lab") -> None:
    """Let somebody else, or another agent, open the same issue just before we do."""
    body = f"Logbook: {PATH}"
    hub.meanwhile(lambda: repository.as_person(person).issue(TITLE, body), verb="POST", path="/issues$")
    assert not (work.root / PATH).exists()


@pytest.mark.parametrize("person", ["lab", "mia"])
def test_of_two_issues_that_were_opened_at_once_the_oldest_counts(
    run: Run, work: Work, hub: Hub, repository: Repository, capsys: pytest.CaptureFixture[str], person: str
) -> None:
    """The logbook names the first, and a note says to close our own, this time and the next."""
    twin(hub, repository, work, person)
    for _ in range(2):
        run("Sparse attention", "--yes")
        assert "\nissue: 1\n" in book(work)
        assert "this thread has 2 issues: keep #1, and close #2 (`gh issue close 2" in capsys.readouterr().err
    assert repository.numbers == [1, 2]
    repository.close(2, "not_planned")
    run("Sparse attention", "--yes")
    assert "2 issues" not in capsys.readouterr().err


def test_a_second_issue_that_shows_later_is_told_of_by_the_next_run(
    run: Run, work: Work, hub: Hub, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list that did not show the other's issue yet: the logbook names ours, and the next run says which to keep."""
    twin(hub, repository, work)
    hub.let_lag(reads=1)
    run("Sparse attention", "--yes")
    assert "\nissue: 2\n" in book(work)
    hub.forget()
    run("Sparse attention", "--yes")
    said = capsys.readouterr().err
    assert "keep #1, and close #2" in said
    assert "the logbook names #2: write #1 in its place first" in said
    assert hub.writes == []


def test_an_issue_of_that_title_by_an_outsider_is_none_of_the_threads(
    run: Run, work: Work, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anybody may open one: it neither becomes the thread's nor is told of."""
    repository.as_person("ann").issue(TITLE, f"Logbook: {PATH}")
    run("Sparse attention", "--yes")
    assert "\nissue: 2\n" in book(work)
    assert "2 issues" not in capsys.readouterr().err


def test_an_issue_that_was_named_on_purpose_stays(
    run: Run, work: Work, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside one that was left from before it is the one to keep, in this run and the next."""
    repository.issue(TITLE, f"Logbook: {PATH}")
    repository.issue("Sparse attention", "Our question.")
    run("Sparse attention", "--issue", "2")
    run("Sparse attention")
    assert "\nissue: 2\n" in book(work)
    assert capsys.readouterr().err.count("keep #2, and close #1") == 2


def test_a_dry_run_does_nothing_and_prints_all(
    run: Run, work: Work, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints branch, logbook, issue and label, and touches neither GitHub nor the work tree."""
    head = work.git("rev-parse", "HEAD")[:12]
    run("Sparse attention", "--dry-run")
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line and not line.startswith((" ", "+", "-", "@"))] == [
        "would create the label “experiment”:",
        f"would open the issue “{TITLE}” with “experiment”:",
        f"would create the branch {BRANCH} from main ({head})",
        f"would write {PATH}:",
    ]
    assert ("\n    ## Close-out\n" in said, f"\n+++ b/{PATH}\n" in said) == (True, True)
    assert (hub.writes, work.git("status", "--short"), work.git("branch", "--show-current")) == ([], "", "main")


def test_it_is_told_in_the_order_of_doing(
    run: Run, work: Work, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """The issue with its address, the branch and what it begins at, the logbook, and last what comes next."""
    head = work.git("rev-parse", "HEAD")[:12]
    run("Sparse attention", "--yes")
    opened, url = f"opened the issue “{TITLE}” with “experiment”", repository.get_issue(1)["html_url"]
    push = f"git push --set-upstream origin {BRANCH}"
    assert capsys.readouterr().out.splitlines() == [
        "created the label “experiment”",
        f"{opened}: {url}",
        f"created the branch {BRANCH} from main ({head})",
        f"wrote {PATH}",
        f"next: fill in {PATH}, then commit it and `{push}`",
    ]


def test_what_is_done_about_an_issue_that_is_there_is_told_before_what_comes_next(
    run: Run, work: Work, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its address first; the label and the comment on it before the last line."""
    number = repository.as_person("wim").issue("Sparse attention", "My question.")
    url = repository.get_issue(number)["html_url"]
    work.git("checkout", "--quiet", "--detach")
    head = work.git("rev-parse", "HEAD")[:12]
    run("Sparse attention", "--issue", str(number))
    said = capsys.readouterr().out.splitlines()
    assert said[:4] == [
        f"the issue is #{number}: {url}",
        f"created the branch {BRANCH} from {head}",
        f"wrote {PATH}",
        "created the label “experiment”",
    ]
    assert said[4] == f"added “experiment” to #{number}"
    assert said[5].startswith(f"commented on #{number} about its logbook: {url}#issuecomment-")
    assert (said[6].startswith("next: fill in "), len(said)) == (True, 7)


@pytest.mark.parametrize(
    ("topic", "name", "title"),
    [
        ("Größe der Köpfe", "grosse-der-kopfe", "Größe der Köpfe"),
        ("Échelle: naïve façon", "echelle-naive-facon", "Échelle naïve façon"),
        ("Łódź øst", "lodz-ost", "Łódź øst"),
        ("Разреженное внимание", "razrezhennoe-vnimanie", "Разреженное внимание"),
        ("β-VAE at 0.5", "beta-vae-at-0-5", "β-VAE at 0.5"),
        ("Προσοχή", "prosochi", "Προσοχή"),
        ("cafe\u0301 loss", "cafe-loss", "Caf\u00e9 loss"),
        ("Ｗｉｄｅ　heads", "wide-heads", "Ｗｉｄｅ heads"),
        ("MoE hill climb", "moe-hill-climb", "MoE hill climb"),
        ("sparse_attention", "sparse-attention", "Sparse attention"),
        ("Adam's β2", "adam-s-beta2", "Adam's β2"),
    ],
)
def test_the_letters_of_a_topic_stay_readable(topic: str, name: str, title: str) -> None:
    """The branch and the file have them as plain Latin letters, and the title as they are."""
    assert (topic_name(topic), topic_title(topic)) == (name, title)


@pytest.mark.parametrize(("topic", "letter"), [("注意力", "注"), ("注意力 heads", "注"), ("주의", "주"), ("صورة", "ص")])
def test_letters_that_would_be_lost_are_refused(topic: str, letter: str) -> None:
    """A name of half the words names another thread: it is said what to do."""
    with pytest.raises(UserError, match=f"cannot be named with `{letter}`") as caught:
        topic_name(topic)
    assert "Latin letters" in caught.value.help


def test_a_topic_in_its_own_letters_is_gone_on_with_in_plain_ones(run: Run, hub: Hub, repository: Repository) -> None:
    """An interrupted start finds its issue again, whichever way the topic is written."""
    hub.fail(502, verb="POST", path="/issues$", after=True)
    hub.fail(200, verb="GET", path="/issues$", data=[], times=4)
    with pytest.raises(UnfinishedError):
        run("Größe der Köpfe", "--yes")
    hub.forget()
    run("grosse-der-kopfe", "--yes")
    assert repository.numbers == [1]
    assert repository.get_issue(1)["title"] == "Experiment: Größe der Köpfe"


def test_nothing_is_published_unasked(run: Run, work: Work, hub: Hub) -> None:
    """Where nobody can be asked and --yes was not said, no issue is opened and nothing begins."""
    with pytest.raises(UserError, match="not a terminal"):
        run("Sparse attention")
    assert (hub.writes, work.git("branch", "--show-current")) == ([], "main")


def test_our_own_issue_gets_the_link_in_its_text(run: Run, repository: Repository) -> None:
    """An issue that we opened names the logbook at the end of its text; what it said stays."""
    number = repository.issue("Sparse attention", "Our question.")
    run("Sparse attention", "--issue", str(number))
    body = repository.get_issue(number)["body"]
    assert body.startswith("Our question.\n\nLogbook: [`")
    assert (repository.comments(number), repository.labels(number)) == ([], {"experiment"})


def test_somebody_elses_issue_gets_a_comment(run: Run, repository: Repository) -> None:
    """What others wrote is not edited: the link comes in a comment, once."""
    number = repository.as_person("wim").issue("Sparse attention", "My question.")
    for _ in range(2):
        run("Sparse attention", "--issue", str(number))
    assert repository.get_issue(number)["body"] == "My question."
    ((author, text),) = repository.comments(number)
    assert (author, PATH in text) == ("lab", True)


def test_an_issue_that_names_the_logbook_is_left_alone(run: Run, hub: Hub, repository: Repository) -> None:
    """Where the link is there already, in whatever form, nothing is written about it."""
    number = repository.as_person("wim").issue("Sparse attention", f"See {PATH}", ["experiment"])
    hub.forget()
    run("Sparse attention", "--issue", str(number))
    assert hub.writes == []


def test_another_issue_than_the_logbooks_is_refused(run: Run, repository: Repository) -> None:
    """A logbook keeps its issue."""
    run("Sparse attention", "--yes")
    other = repository.issue("Another")
    with pytest.raises(UserError, match="already names #1"):
        run("Sparse attention", "--issue", str(other))


@pytest.mark.parametrize("elsewhere", ["lab/others#{}", "https://git.example.org/lab/tiles/issues/{}"])
def test_an_issue_elsewhere_is_not_taken_for_one_of_here(
    run: Run, work: Work, hub: Hub, repository: Repository, elsewhere: str
) -> None:
    """A logbook that names an issue of another repository has nothing written on the one with that number here."""
    number = repository.issue("A bug")
    run("Sparse attention", "--no-issue")
    none = "Coordinating issue: none was created; {{what stands in for it}}"
    text = book(work).replace(none, f"Coordinating issue: {elsewhere.format(number)}")
    (work.root / PATH).write_text(text)
    hub.forget()
    with pytest.raises(UserError, match="the logbook names an issue outside"):
        run("Sparse attention", "--yes")
    assert hub.writes == []


def test_an_edit_meanwhile_is_not_lost(run: Run, hub: Hub, repository: Repository) -> None:
    """The text of an issue that changed since it was read is not replaced by an older one: exit 3, and run it again."""
    number = repository.issue("Sparse attention", "Our question.", ["experiment"])
    hub.meanwhile(lambda: repository.change(number, body="A better question."), path="/user$")
    with pytest.raises(UnfinishedError, match="has changed meanwhile"):
        run("Sparse attention", "--issue", str(number))
    assert repository.get_issue(number)["body"] == "A better question."
    run("Sparse attention", "--issue", str(number))
    assert repository.get_issue(number)["body"].startswith("A better question.\n\nLogbook: [`")


def test_a_number_without_an_issue_is_refused(run: Run, work: Work) -> None:
    """Nothing begins for an issue that is not there."""
    with pytest.raises(UserError, match="no issue #999"):
        run("Sparse attention", "--issue", "999")
    assert work.git("branch", "--show-current") == "main"


def test_an_agents_thread_says_so(run: Run, repository: Repository) -> None:
    """With --agent the issue begins with the mark, and carries both labels."""
    run("Sparse attention", "--yes", "--agent")
    assert repository.get_issue(1)["body"].startswith("🤖")
    assert repository.labels(1) == {"experiment", "agent-generated"}


def test_it_works_on_github_enterprise(
    run: Run, hub: Hub, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the base path of a server of one's own, issue and link are there."""
    monkeypatch.setenv("GITHUB_API_URL", hub.url + ENTERPRISE)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://ghe.lab.example")
    run("Sparse attention", "--yes")
    assert f"https://ghe.lab.example/{repository.name}/blob/{BRANCH}/{PATH}" in repository.get_issue(1)["body"]


def test_a_blocked_topic_is_not_published(run: Run, work: Work, hub: Hub) -> None:
    """A topic that `held-back` matches reaches neither GitHub nor the work tree."""
    work.write(".github/logbook.yml", "held-back: ['(?i)falcon']\n")
    with pytest.raises(UserError, match="blocks this topic"):
        run("Falcon attention", "--yes")
    assert hub.writes == []


def test_the_checklist_is_the_seals(run: Run, repository: Repository) -> None:
    """The body has the sections of an experiment issue, and open boxes under a heading that the seal reads."""
    run("Sparse attention", "--yes")
    content = read(repository.get_issue(1)["body"])
    for name in ("description", "hypothesis", "links", "results", "close-out"):
        assert content.named(name), name
    assert content.tasks
    assert all("close-out" in task.under and not task.is_ticked for task in content.tasks)


def test_without_github_it_begins_too(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --no-issue neither a token nor a server is needed."""
    monkeypatch.chdir(work.root)
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    cli.cli.main(["new", "Sparse attention", "--no-issue"], standalone_mode=False)
    assert work.git("branch", "--show-current") == BRANCH
    assert found(work) == {"unfilled-template"}


def test_a_branch_that_is_there_is_switched_to(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """A branch that somebody pushed is gone on with, and its logbook stays what it is."""
    work.git("switch", "--quiet", "--create", BRANCH)
    work.commit({PATH: "# Sparse attention: Research Logbook\n\n## Log\n"})
    work.git("push", "--quiet", "origin", BRANCH)
    work.git("switch", "--quiet", "main")
    work.git("branch", "--quiet", "-D", BRANCH)
    monkeypatch.chdir(work.root)
    cli.cli.main(["new", "Sparse attention", "--no-issue"], standalone_mode=False)
    assert (work.git("branch", "--show-current"), work.git("status", "--short")) == (BRANCH, "")
    assert book(work).endswith("## Log\n")


@pytest.mark.parametrize(
    ("topic", "safe"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("--upload-pack=touch x", "upload-pack-touch-x"),
        ("-c core.pager=x", "c-core-pager-x"),
        ("a\nb\x00c", "a-b-c"),
        ("$(touch x) `id` ${{ github.token }}", "touch-x-id-github-token"),
        ("x" * 500, "x" * 60),
        ("HEAD@{1}.lock", "head-1-lock"),
    ],
)
def test_no_topic_becomes_a_path_or_an_option(
    topic: str, safe: str, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a topic holds, the branch and the file are letters, digits and hyphens below their folders."""
    monkeypatch.chdir(work.root)
    cli.cli.main(["new", "--no-issue", "--", topic], standalone_mode=False)
    assert work.git("branch", "--show-current") == f"research/{safe}"
    assert work.git("status", "--short", "--untracked-files=all") == f"?? .agents/logbooks/{safe}.md"


@pytest.mark.parametrize("topic", ["", "…", "../", "ъ"])
def test_a_topic_of_which_nothing_is_left_is_refused(topic: str, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """A topic without a letter or digit names no thread."""
    monkeypatch.chdir(work.root)
    with pytest.raises(UserError, match="must contain a letter or digit"):
        cli.cli.main(["new", "--no-issue", "--", topic], standalone_mode=False)


def test_a_planted_link_is_not_followed(work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of logbooks that leads out of the repository is not written to."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (work.root / ".agents").mkdir()
    (work.root / ".agents/logbooks").symlink_to(elsewhere)
    monkeypatch.chdir(work.root)
    with pytest.raises(UserError, match="leads out of the repository"):
        cli.cli.main(["new", "x", "--no-issue"], standalone_mode=False)
    assert list(elsewhere.iterdir()) == []


def test_a_prefix_that_is_taken_is_told(
    work: Work, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two threads with one prefix could not be told apart."""
    work.commit({".agents/logbooks/sparse-attic.md": "# Attic: Research Logbook\n\nExperiment ID prefix: SPAR-ATT-1\n"})
    monkeypatch.chdir(work.root)
    cli.cli.main(["new", "Sparse attention", "--no-issue"], standalone_mode=False)
    assert "uses the prefix SPAR-ATT too" in capsys.readouterr().err
    with pytest.raises(UserError, match="prefix cannot be used"):
        cli.cli.main(["new", "other", "--no-issue", "--prefix", "a b"], standalone_mode=False)


@pytest.mark.parametrize(
    ("topic", "prefix"),
    [
        ("moe-hill-climb", "MOE-HC"),
        ("sparse-attention", "SPAR-ATT"),
        ("muon", "MUON"),
        ("8734-long-context", "LONG-CON"),
        ("42", "EXP"),
    ],
)
def test_a_prefix_is_made_from_the_topic(topic: str, prefix: str) -> None:
    """Without a choice the prefix is short, and can be one."""
    assert prefix_of(topic) == prefix
    assert is_prefix(prefix)


def at_once(folders: list[Path], *arguments: str) -> list[tuple[int, str]]:
    """Begin a thread in each folder at the same time, in processes of their own; return how each ended."""
    path = str(Path(__file__).parents[2] / "scripts")
    started = [
        subprocess.Popen(
            [sys.executable, "-P", "-m", "research_logbook", "new", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(folders[0].parent / "cache")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for folder in folders
    ]
    said = [process.communicate()[0].decode() for process in started]
    return [(process.returncode, told) for process, told in zip(started, said, strict=True)]


@pytest.mark.parametrize("clones", [1, 2])
def test_two_that_begin_at_once_begin_one_thread(
    work: Work, run: Run, repository: Repository, tmp_path: Path, clones: int
) -> None:
    """Whoever is second finds what the first has made, in the same clone or in another one of this machine."""
    assert run
    other = work if clones == 1 else Work(tmp_path / "other", origin=tmp_path / "origin")
    ended = at_once([work.root, other.root], "Sparse attention", "--yes")
    assert [code for code, _ in ended] == [0, 0], ended
    (number,) = repository.numbers
    assert {re.findall(r"(?m)^issue: (\d+)$", book(one))[0] for one in (work, other)} == {str(number)}


def test_two_threads_that_begin_at_once_are_two(work: Work) -> None:
    """Each has its own branch and its own logbook, though there is one work tree."""
    ended = []
    for topic in ("tiles", "waves"):
        ended += at_once([work.root, work.root], topic, "--no-issue")
    assert [code for code, _ in ended] == [0] * 4, ended
    assert {"research/tiles", "research/waves"} <= set(work.git("branch", "--format=%(refname:short)").split())


def test_nobody_waits_for_ever_nor_for_what_cannot_be_locked(tmp_path: Path) -> None:
    """A process that stays away ends in a sentence; where no lock can be made, there is none."""
    waits = list[float]()
    with one_at_a_time(tmp_path / "lock"):
        with pytest.raises(UserError, match="doing the same"), one_at_a_time(tmp_path / "lock", 2, waits.append):
            pass
        with one_at_a_time(tmp_path / "other"):
            pass
    assert sum(waits) == pytest.approx(2)
    with one_at_a_time(tmp_path / "lock", 2, waits.append), one_at_a_time(Path("/proc/none/lock")):
        pass


def test_a_secret_is_no_topic(work: Work, run: Run) -> None:
    """What was pasted by mistake becomes no branch and no issue."""
    with pytest.raises(UserError, match="looks like a secret"):
        run("ghp_0123456789abcdefghijABCDEFGHIJ012345", "--no-issue")
    assert work.git("branch", "--format=%(refname:short)") == "main"
