"""Claims about `logbook lint` on real repositories, from the command line's side of the door."""

import datetime as dt
import json
from pathlib import Path

import pytest

from repository import ENTRY, PATH, Repository, context
from repository import GOOD_ANYWHERE as GOOD
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.findings import Finding, Report
from research_logbook.lint.run import LintRequest, apply, lint, plan_fixes

ISSUE = "Part of #8734"
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A clone with one good logbook on its default branch."""
    origin = Repository(tmp_path / "origin")
    origin.commit({PATH: GOOD})
    clone = Repository(tmp_path / "clone", origin=tmp_path / "origin")
    clone.git("switch", "--quiet", "--create", "research/sparse-attention")
    return clone


def run(work: Repository, *paths: str, environment: dict[str, str] | None = None, **asked: object) -> Report:
    """Run lint in a repository."""
    names = tuple(str(work.root / path) for path in paths)
    return lint(LintRequest(names, **asked), context(work.root, environment, NOW))[0]  # type: ignore[arg-type]


def test_what_was_pushed_is_on_record(work: Repository) -> None:
    """On a laptop an entry that was pushed may not be reworded, also where the default branch has no such logbook."""
    other = PATH.replace("sparse-attention", "other")
    work.commit({other: GOOD + ENTRY})
    work.git("push", "--quiet", "origin", "HEAD:research/sparse-attention")
    work.write(other, GOOD + ENTRY.replace("2.229", "2.129"))
    report = run(work)
    assert [finding.rule for finding in report.findings if finding.severity == "error"] == ["rewritten-entry"]
    assert any("pushed as `origin" in line for line in report.details)
    work.write(other, GOOD)
    assert [finding.rule for finding in run(work).findings if finding.severity == "error"] == ["removed-entry"]


def test_a_colleagues_push_is_nothing_that_went_missing(work: Repository) -> None:
    """What origin has and this clone has not fetched into its branch yet is not held against it."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("push", "--quiet", "origin", "HEAD:research/sparse-attention")
    work.git("reset", "--quiet", "--hard", "HEAD~1")
    work.write(PATH, GOOD.replace("\n## Entry Log", "\nA remark.\n\n## Entry Log"))
    assert not [finding for finding in run(work).findings if finding.severity == "error"]


def test_a_push_that_leaves_the_logbook_alone_holds_it_to_its_snapshot(work: Repository) -> None:
    """A rewrite that one push brought is not forgotten by the next one."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("tag", "--annotate", "--message", "one", "snapshot/sparse-attention/SPA-AT-002")
    before = work.commit({PATH: GOOD + ENTRY.replace("2.229", "2.129")})
    work.commit({"train.py": "pass\n"})
    payload = {"ref": "refs/heads/research/sparse-attention", "before": before}
    report = run(work, environment=event(work, "push", payload))
    assert [finding.rule for finding in report.findings if finding.severity == "error"] == ["rewritten-entry"]


def test_all_means_every_logbook(work: Repository) -> None:
    """What nobody changed is judged too when everything is asked for, and else it is not."""
    other = PATH.replace("sparse-attention", "other")
    assert run(work).logbooks == ()
    assert [book.path for book in run(work, everything=True).logbooks] == [PATH]
    work.commit({other: GOOD})
    assert [book.path for book in run(work).logbooks] == [other]
    assert [book.path for book in run(work, everything=True).logbooks] == [other, PATH]


def event(work: Repository, name: str, payload: dict[str, object]) -> dict[str, str]:
    """Return the environment of an event inside Actions."""
    path = work.root.parent / "event.json"
    path.write_text(json.dumps({"repository": {"default_branch": "main"}, **payload}))
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)}


def pull_request(
    work: Repository, head: str, branch: str = "research/sparse-attention", body: str = "Part of #8734"
) -> dict[str, str]:
    """Return the environment of a pull request into main."""
    repo = {"repo": {"full_name": "lab/models"}}
    pull = {"number": 7, "body": body, "head": {"ref": branch, "sha": head, **repo}, "base": {"ref": "main", **repo}}
    return event(work, "pull_request", {"number": 7, "pull_request": pull})


def rules(report: Report) -> list[tuple[str, int]]:
    """Return rule and line of each finding."""
    return [(finding.rule, finding.span.line) for finding in report.findings]


def only(report: Report) -> Finding:
    """Return the one finding of a report."""
    (finding,) = report.findings
    return finding


def test_a_good_logbook_is_good(work: Repository) -> None:
    """Nothing is wrong with a good logbook, even when everything is asked for."""
    assert run(work, PATH, everything=True).findings == ()


def test_appending_a_good_entry_is_good(work: Repository) -> None:
    """A pull request that appends a well-made entry has no finding."""
    head = work.commit({PATH: GOOD + ENTRY})
    assert run(work, environment=pull_request(work, head)).findings == ()


def test_untracked_logbooks_are_judged(work: Repository) -> None:
    """A new logbook that is not committed yet is judged on a laptop."""
    work.write(".agents/logbooks/other.md", "no title\n")
    assert ("missing-title", 1) in rules(run(work))


def test_inherited_findings_are_silent(work: Repository) -> None:
    """A fault that the base has is counted and not shown; a new one of the same kind is shown."""
    old = GOOD.replace("2026-05-25 10:00", "2026-02-30 10:00")
    work.commit({PATH: old})
    work.git("push", "--quiet", "origin", "HEAD:main")
    head = work.commit({PATH: old + ENTRY.replace("2026-05-26", "2026-02-31")})
    report = run(work, environment=pull_request(work, head))
    assert [finding.rule for finding in report.findings] == ["impossible-date"]
    assert (report.findings[0].span.line, report.inherited) == (old.count("\n") + 2, 1)


def test_a_removed_entry_is_found(work: Repository) -> None:
    """A pull request that drops an entry fails on the line before the gap."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("push", "--quiet", "origin", "HEAD:main")
    head = work.commit({PATH: GOOD})
    finding = only(run(work, environment=pull_request(work, head)))
    assert (finding.rule, finding.span.line) == ("removed-entry", GOOD.count("\n"))
    assert "git show" in finding.help


def test_a_replaced_entry_is_a_removed_one(work: Repository) -> None:
    """An entry of another day and ID in the place of an old one does not pass for a new version of it."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("push", "--quiet", "origin", "HEAD:main")
    third = ENTRY.replace("2026-05-26", "2026-05-28").replace("SPA-AT-002", "SPA-AT-003").replace("2.229", "2.240")
    head = work.commit({PATH: GOOD + third})
    assert only(run(work, environment=pull_request(work, head))).rule == "removed-entry"


def test_a_secret_may_be_taken_out(work: Repository) -> None:
    """Redacting a key in an old entry is no rewriting; what else happens to its line is never quoted with the key."""
    key = "0123456789abcdef" * 2 + "01234567"
    command = f"WANDB_API_KEY={key} python"
    work.commit({PATH: GOOD + ENTRY.replace("`python", f"`{command}")})
    work.git("push", "--quiet", "origin", "HEAD:main")
    head = work.commit({PATH: GOOD + ENTRY.replace("`python", "`WANDB_API_KEY=<redacted> python")})
    assert run(work, environment=pull_request(work, head)).findings == ()
    head = work.commit({PATH: GOOD})
    assert key not in str(run(work, environment=pull_request(work, head)))


def test_without_a_base_the_report_says_so(tmp_path: Path) -> None:
    """A repository with nothing to compare with is judged, and told that its history was not."""
    alone = Repository(tmp_path)
    alone.commit({PATH: GOOD})
    report = run(alone)
    assert "there is no earlier commit than the last one, so all of it is judged" in report.notes
    assert any("--base" in skipped.why for skipped in report.skipped)


def test_a_branch_is_compared_with_a_local_main(tmp_path: Path) -> None:
    """Without a remote, a branch is compared with where it left the local main."""
    alone = Repository(tmp_path)
    alone.commit({PATH: GOOD + ENTRY})
    alone.git("switch", "--quiet", "--create", "research/sparse-attention")
    alone.commit({PATH: GOOD})
    assert only(run(alone)).rule == "removed-entry"


def test_the_merge_commit_of_a_pull_request(work: Repository) -> None:
    """In a pull request's merge commit only the pull request's own change is judged, not what main did since."""
    head = work.commit({PATH: GOOD + ENTRY})
    work.git("switch", "--quiet", "--detach", "origin/main")
    work.commit({".agents/logbooks/other.md": "main's own fault\n"})
    work.git("push", "--quiet", "origin", "HEAD:main")
    work.git("merge", "--quiet", "--no-ff", "--no-edit", head)
    report = run(work, environment=pull_request(work, head))
    assert report.findings == ()
    assert [book.path for book in report.logbooks] == [PATH]


def test_a_push_is_compared_with_what_it_replaced(work: Repository) -> None:
    """A push is compared with `before`, so a second push is not blamed for the first."""
    before = work.commit({PATH: GOOD + ENTRY.replace("2026-05-26", "2026-02-31")})
    work.commit({PATH: GOOD + ENTRY.replace("2026-05-26", "2026-02-31") + "\nA note.\n"})
    push = event(work, "push", {"ref": "refs/heads/research/sparse-attention", "before": before})
    assert run(work, environment=push).findings == ()


def test_a_merge_of_main_brings_no_findings(work: Repository) -> None:
    """Merging main shows nobody main's own faults; a branch set back to main's version is still missed."""
    before = work.commit({PATH: GOOD + ENTRY})
    work.git("switch", "--quiet", "--detach", "origin/main")
    work.commit({".agents/logbooks/other.md": "main's own fault\n"})
    work.git("push", "--quiet", "origin", "HEAD:main")
    work.git("switch", "--quiet", "research/sparse-attention")
    work.git("merge", "--quiet", "--no-edit", "origin/main")
    push = event(work, "push", {"ref": "refs/heads/research/sparse-attention", "before": before})
    assert run(work, environment=push).findings == ()
    work.commit({PATH: GOOD})
    assert only(run(work, environment=push)).rule == "removed-entry"


def test_a_submodule_in_its_place_is_a_deletion(work: Repository) -> None:
    """A logbook that became a submodule is gone."""
    commit = work.git("rev-parse", "HEAD")
    work.git("rm", "--quiet", "--cached", PATH)
    work.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{PATH}")
    work.git("commit", "--quiet", "--message", "Hide it")
    head = work.git("rev-parse", "HEAD")
    found = {finding.rule for finding in run(work, environment=pull_request(work, head)).findings}
    assert "deleted-logbook" in found


def test_a_renamed_logbook_is_not_a_lost_one(work: Repository) -> None:
    """A rename on a research branch with a snapshot is followed, and the snapshot still counts."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("tag", "--annotate", "--message", "x", "snapshot/sparse-attention/SPA-AT-002")
    work.git("mv", PATH, ".agents/logbooks/8734-sparse-attention.md")
    head = work.commit()
    assert run(work, environment=pull_request(work, head)).findings == ()


def test_a_tag_that_is_no_snapshot_is_passed_over(work: Repository) -> None:
    """A tag on something else than a commit, or on a commit without the logbook, hides no older snapshot."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("tag", "--annotate", "--message", "x", "snapshot/sparse-attention/SPA-AT-002")
    blob = work.git("hash-object", "-w", str(work.root / PATH))
    work.git("tag", "snapshot/sparse-attention/SPA-AT-003", blob)
    work.git("reset", "--quiet", "--hard", "origin/main")
    head = work.commit({PATH: GOOD + "\nA note.\n"})
    assert only(run(work, environment=pull_request(work, head))).rule == "removed-entry"


def test_a_deleted_file_is_deleted_before_it_is_committed(work: Repository) -> None:
    """A logbook that is gone from the work tree is missed on a laptop too."""
    (work.root / PATH).unlink()
    assert "deleted-logbook" in {finding.rule for finding in run(work).findings}


def test_fixes_follow_no_planted_link(work: Repository, tmp_path: Path) -> None:
    """A fix replaces the logbook and writes through no link that lies beside it."""
    target = tmp_path / "precious"
    target.write_text("mine")
    work.write(PATH, GOOD.replace("# Sparse", "# Spa\u200brse"))
    (work.root / ".agents/logbooks/.sparse-attention.md.new").symlink_to(target)
    apply(*plan_fixes(LintRequest(), context(work.root)))
    assert (target.read_text(), (work.root / PATH).read_text()) == ("mine", GOOD)


def test_a_dispatched_run_is_judged_by_the_default_branch(work: Repository) -> None:
    """No event of Actions lets the judged tree's own configuration count."""
    bad = GOOD + ENTRY.replace("2026-05-26", "2026-02-31")
    work.commit({PATH: bad, ".github/logbook.yml": "rules:\n  impossible-date: 'off'\n"})
    assert only(run(work, environment=event(work, "workflow_dispatch", {}))).rule == "impossible-date"


def test_a_force_push_is_caught_by_the_snapshot(work: Repository) -> None:
    """A rewritten branch that drops a tagged entry fails, although nothing before the push is left."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("tag", "--annotate", "--message", "x", "snapshot/sparse-attention/SPA-AT-002")
    work.git("reset", "--quiet", "--hard", "origin/main")
    work.commit({"train.py": "pass\n", PATH: GOOD + "\nA note.\n"})
    push = event(work, "push", {"ref": "refs/heads/research/sparse-attention", "before": "1" * 40, "forced": True})
    finding = only(run(work, environment=push))
    assert finding.rule == "removed-entry"
    assert "snapshot/sparse-attention/SPA-AT-002" in finding.help


def test_a_force_push_is_caught_on_a_branch_that_only_its_logbook_names(work: Repository) -> None:
    """A branch is one of research by its logbook's header as well, and held to its snapshots."""
    good = GOOD.replace("`research/sparse-attention`", "`ana/blocks`")
    work.git("switch", "--quiet", "--create", "ana/blocks")
    work.commit({PATH: good + ENTRY})
    work.git("tag", "--annotate", "--message", "x", "snapshot/sparse-attention/SPA-AT-002")
    work.git("reset", "--quiet", "--hard", "origin/main")
    work.commit({PATH: good})
    push = event(work, "push", {"ref": "refs/heads/ana/blocks", "before": "1" * 40, "forced": True})
    assert "removed-entry" in {finding.rule for finding in run(work, environment=push).findings}


def test_a_restart_without_the_logbook_is_caught(work: Repository) -> None:
    """A research branch that was started again without its logbook is told which snapshot still holds it."""
    work.git("rm", "--quiet", PATH)
    work.commit()
    work.git("push", "--quiet", "origin", "HEAD:main")
    work.commit({PATH: GOOD})
    work.git("tag", "--annotate", "--message", "x", "snapshot/sparse-attention/SPA-AT-001")
    work.git("reset", "--quiet", "--hard", "origin/main")
    work.commit({"train.py": "pass\n"})
    push = event(work, "push", {"ref": "refs/heads/research/sparse-attention", "before": "1" * 40})
    found = {finding.rule: finding for finding in run(work, environment=push).findings}
    assert "snapshot/sparse-attention/SPA-AT-001" in found["deleted-logbook"].help
    assert set(found) == {"deleted-logbook", "branch-without-logbook"}


def test_another_branch_is_not_held_to_unmerged_snapshots(work: Repository) -> None:
    """A change to the logbook on main is not blamed for entries that only the research branch has."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("tag", "--annotate", "--message", "x", "snapshot/sparse-attention/SPA-AT-002")
    work.git("switch", "--quiet", "--create", "typo", "origin/main")
    head = work.commit({PATH: GOOD.replace("halve", "**halve**")})
    assert run(work, environment=pull_request(work, head, "typo")).findings == ()


def test_a_rename_is_followed(work: Repository) -> None:
    """A renamed logbook keeps its history; an entry lost on the way is found."""
    work.git("mv", PATH, ".agents/logbooks/8734-sparse-attention.md")
    head = work.commit()
    assert run(work, environment=pull_request(work, head)).findings == ()
    head = work.commit({".agents/logbooks/8734-sparse-attention.md": GOOD[: GOOD.index("### 2026")]})
    assert "removed-entry" in {finding.rule for finding in run(work, environment=pull_request(work, head)).findings}


def test_a_deleted_logbook_is_found(work: Repository) -> None:
    """Deleting a logbook fails; so does moving it where no logbook is looked for, and the message says where."""
    work.git("mv", PATH, "notes.md")
    head = work.commit()
    finding = next(
        item for item in run(work, environment=pull_request(work, head)).findings if item.rule == "deleted-logbook"
    )
    assert "notes.md" in finding.message


def test_the_configuration_of_the_judged_tree_does_not_count(work: Repository) -> None:
    """A pull request cannot switch off the rule that it breaks; the report says whose configuration counted."""
    bad = GOOD + ENTRY.replace("2026-05-26", "2026-02-31")
    head = work.commit({PATH: bad, ".github/logbook.yml": "rules:\n  impossible-date: 'off'\n"})
    report = run(work, environment=pull_request(work, head))
    assert [finding.rule for finding in report.findings] == ["impossible-date"]
    assert any(".github/logbook.yml" in note for note in report.notes)


def test_a_shallow_clone_says_so(work: Repository, tmp_path: Path) -> None:
    """A clone without the history ends in a sentence that names `fetch-depth: 0`."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("push", "--quiet", "origin", "HEAD")
    shallow = Repository(tmp_path / "shallow")
    shallow.git("fetch", "--quiet", "--depth=1", f"file://{tmp_path / 'origin'}", "research/sparse-attention")
    shallow.git("switch", "--quiet", "--detach", "FETCH_HEAD")
    with pytest.raises(UnfinishedError) as caught:
        run(shallow, environment=pull_request(shallow, "1" * 40))
    assert "fetch-depth: 0" in caught.value.help


def test_a_symlink_is_not_followed(work: Repository) -> None:
    """A logbook that is a symbolic link is refused, in the work tree and in a commit."""
    (work.root / ".agents/logbooks/leak.md").symlink_to("/etc/passwd")
    assert rules(run(work)) == [("unreadable-logbook", 1)]
    head = work.commit()
    assert rules(run(work, environment=pull_request(work, head))) == [("unreadable-logbook", 1)]


def test_a_link_is_judged_by_the_tree(work: Repository) -> None:
    """A relative link to a committed file or folder is good; one to nothing is not; deleting its target is a fault."""
    links = "\nSee [a](../../results/a.json), [all](../../results/) and [b](../../results/b.json#L1).\n"
    head = work.commit({PATH: GOOD + links, "results/a.json": "{}"})
    finding = only(run(work, environment=pull_request(work, head)))
    assert (finding.rule, "results/b.json" in finding.message) == ("broken-relative-link", True)
    before = work.commit({"results/b.json": "{}"})
    work.git("rm", "--quiet", "results/b.json")
    work.commit()
    push = event(work, "push", {"ref": "refs/heads/research/sparse-attention", "before": before})
    assert run(work, environment=push).findings == ()  # the logbook itself was not touched


def test_a_script_is_looked_for_at_its_commit(work: Repository) -> None:
    """A script that the recorded commit lacks is found; one that it has, or a commit that nobody knows, is not."""
    first = work.commit({"src/train.py": "pass\n"})
    entry = ENTRY.replace("python -m train", "python src/train.py").replace("lab/trainer@1691d0a9afbf", first[:12])
    head = work.commit({PATH: GOOD + entry})
    assert run(work, environment=pull_request(work, head)).findings == ()
    work.git("reset", "--quiet", "--hard", first)
    head = work.commit({PATH: GOOD + entry.replace("src/train.py", "src/gone.py")})
    assert only(run(work, environment=pull_request(work, head))).rule == "command-not-in-tree"
    work.git("reset", "--quiet", "--hard", first)
    head = work.commit({PATH: GOOD + entry.replace("src/train.py", "src/gone.py").replace(first[:12], "1691d0a9afbf")})
    assert only(run(work, environment=pull_request(work, head))).rule == "unknown-commit"


def test_a_shared_prefix_is_found(work: Repository) -> None:
    """A new logbook with the prefix of another is told which one."""
    other = GOOD.replace("topic: sparse-attention", "topic: dense").replace(
        "research/sparse-attention", "research/dense"
    )
    head = work.commit({".agents/logbooks/dense.md": other})
    finding = only(run(work, environment=pull_request(work, head)))
    assert (finding.rule, PATH in finding.message) == ("shared-prefix", True)


def test_a_production_pull_request_without_the_logbook(work: Repository) -> None:
    """A production pull request that carries the logbook is told so; one that does not is left alone."""
    work.git("switch", "--quiet", "--create", "fast-attention", "origin/main")
    head = work.commit({"src/attention.py": "pass\n"})
    assert run(work, environment=pull_request(work, head, "fast-attention")).findings == ()
    head = work.commit({PATH: GOOD.replace("Branch: `research/sparse-attention`", "Agent: none") + ENTRY})
    assert only(run(work, environment=pull_request(work, head, "fast-attention"))).rule == "logbook-in-production-pr"


def test_an_unlinked_pull_request(work: Repository) -> None:
    """A research pull request whose description names neither issue nor logbook is told so."""
    head = work.commit({PATH: GOOD + ENTRY})
    assert only(run(work, environment=pull_request(work, head, body="Add results"))).rule == "unlinked-pull-request"


def test_the_example_for_people_is_good(tmp_path: Path) -> None:
    """The example logbook of the documentation has nothing wrong in it, everything asked for."""
    file = tmp_path / PATH.rpartition("/")[2]
    file.write_text(GOOD)
    assert lint(LintRequest((str(file),), everything=True), context(tmp_path, {}, NOW))[0].findings == ()


def test_a_misnamed_configuration_is_pointed_out(work: Repository) -> None:
    """A configuration that nobody reads is named, and so are patterns that fit no file."""
    work.write(".github/logbook.yaml", "fail-on: never\n")
    assert any("logbook.yaml is not read" in note for note in run(work).notes)
    work.write(".github/logbook.yml", "logbooks: [notes/*.md]\nrules: {removed-entry: 'off'}\n")
    assert [note for note in run(work).notes if "no file is a logbook" in note or "removed-entry" in note] == [
        "no file is a logbook by the patterns notes/*.md",
        "switched off by the configuration: removed-entry",
    ]


def test_an_unknown_base_is_bad_usage(work: Repository) -> None:
    """A base that git does not know is refused, also one that looks like an option."""
    for base in ("no-such-branch", "--output=/tmp/x", "-p", ""):
        with pytest.raises(UserError) as caught:
            run(work, base=base)
        assert caught.value.exit_code == 2


def test_a_deleted_branch_has_nothing_to_judge(work: Repository) -> None:
    """The push event of a deletion judges nothing."""
    push = event(work, "push", {"ref": "refs/heads/research/x", "before": "1" * 40, "deleted": True})
    assert run(work, environment=push).logbooks == ()


def test_pull_request_target_is_refused(work: Repository) -> None:
    """The event that hands a writing token to outsiders is refused as bad usage."""
    with pytest.raises(UserError) as caught:
        run(work, environment=event(work, "pull_request_target", {}))
    assert caught.value.exit_code == 2


def test_without_a_repository_the_git_rules_are_listed_as_skipped(tmp_path: Path) -> None:
    """Files outside of a repository are judged, and what needs git is listed as skipped with the reason."""
    file = tmp_path / "sparse-attention.md"
    file.write_text(GOOD)
    report = lint(LintRequest((str(file),)), context(tmp_path, {}, NOW))[0]
    assert report.findings == ()
    assert {"broken-relative-link", "removed-entry", "closing-keyword"} <= {item.rule for item in report.skipped}


def test_more_logbooks_ask_git_no_more_often(work: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve logbooks of one series take as many calls of git as two."""

    def calls(name: str) -> int:
        monkeypatch.setenv("GIT_TRACE", str(tmp_path / name))
        run(work, everything=True)
        return (tmp_path / name).read_text().count("built-in: git")

    def logbook(number: int) -> None:
        work.commit({f".agents/logbooks/topic-{number}.md": GOOD})

    for number in range(2):
        logbook(number)
    once = calls("once.log")
    for number in range(2, 12):
        logbook(number)
    assert calls("more.log") == once


def test_each_logbook_is_held_against_the_snapshots_of_its_own_topic(work: Repository) -> None:
    """A topic whose name begins like another's has its own snapshots, and the newest counts."""
    for topic in ("moe", "moe-2"):
        work.commit({f".agents/logbooks/{topic}.md": GOOD + ENTRY})
    work.git("tag", "--annotate", "--message", "a", "snapshot/moe/SPA-AT-002")
    work.commit({f".agents/logbooks/{topic}.md": GOOD for topic in ("moe", "moe-2")})
    gone = [item.span.path for item in run(work, base="HEAD").findings if item.rule == "removed-entry"]
    assert gone == []
    report = run(work, ".agents/logbooks/moe.md", ".agents/logbooks/moe-2.md", base="HEAD", everything=True)
    assert [item.span.path for item in report.findings if item.rule == "removed-entry"] == [".agents/logbooks/moe.md"]


def test_a_page_is_said_to_be_no_logbook(work: Repository, tmp_path: Path) -> None:
    """Naming a README is an error in one line, in a repository and outside; in a folder it is passed over."""
    work.write("README.md", "# Models\n\n[docs](docs/gone.md)\n")
    outside = tmp_path / "page.md"
    outside.write_text("# A page\n")
    for page in (work.root / "README.md", outside):
        with pytest.raises(UserError, match="is not a logbook: no log, no date") as raised:
            lint(LintRequest((str(page),)), context(page.parent))
        assert "\n" not in raised.value.sentence
        with pytest.raises(UserError, match="is not a logbook"):
            plan_fixes(LintRequest((str(page),)), context(page.parent))
    (work.root / "empty").mkdir()
    with pytest.raises(UserError, match=r"no file in .* is a logbook"):
        lint(LintRequest((str(work.root / "empty"),)), context(work.root))
    report, _ = lint(LintRequest((str(work.root),), everything=True), context(work.root))
    assert [book.path for book in report.logbooks] == [PATH]


def test_whatever_is_configured_or_looks_like_one_is_a_logbook(work: Repository) -> None:
    """A page without any structure is judged where the configuration makes it a logbook, or a date makes it look so."""
    prose = "State of the art: loss 0.0001 after tuning.\n"
    for path, text in ((PATH.replace("sparse", "other"), prose), ("notes/x.md", f"2026-05-26: {prose}")):
        work.write(path, text)
        report, _ = lint(LintRequest((str(work.root / path),)), context(work.root))
        assert ([book.path for book in report.logbooks], report.fails("error")) == ([path], True)
