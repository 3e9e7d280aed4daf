"""Claims about files of the work tree: a laptop judges the bytes that git would store, as a runner reads them."""

from pathlib import Path

import pytest

from repository import ENTRY, PATH, context
from repository import GOOD_ANYWHERE as GOOD
from repository import Repository as Work
from research_logbook.findings import Finding
from research_logbook.lint.run import LintRequest, lint
from research_logbook.repo import files

BRANCH = "research/sparse-attention"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{7:064}\nsize 12345\n"


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A clone on a research branch."""
    origin = Work(tmp_path / "origin")
    origin.commit({PATH: GOOD, "docs/notes.md": "Notes\n"})
    made = Work(tmp_path / "work", origin=origin.root)
    made.git("switch", "--quiet", "--create", BRANCH)
    return made


def found(work: Work, *, everything: bool = False) -> list[Finding]:
    """Return what lint finds."""
    return list(lint(LintRequest(everything=everything), context(work.root))[0].findings)


def there(work: Work, *names: str) -> dict[str, bytes | Path]:
    """Return what is judged of files."""
    return files.sources(context(work.root).clone(), names)


def test_a_file_that_nothing_asks_to_convert_is_judged_where_it_lies(work: Work) -> None:
    """Large trees are read by the processes that judge them; line ends make no difference to what is read."""
    work.write(".gitattributes", "*.md text eol=crlf\n")
    work.write(PATH, GOOD.replace("\n", "\r\n"))
    assert there(work, PATH, "gone.md") == {PATH: work.root / PATH, "gone.md": work.root / "gone.md"}
    assert found(work, everything=True) == []


def test_an_encoding_of_the_work_tree_is_undone(work: Work) -> None:
    """What git holds as UTF-8 is judged as UTF-8; a rewrite is found in it as in any other."""
    work.write(".gitattributes", "*.md text working-tree-encoding=UTF-16LE-BOM\n")
    (work.root / PATH).unlink()
    work.git("checkout", "--quiet", "--", PATH)
    assert (work.root / PATH).read_bytes().startswith(b"\xff\xfe")
    assert (there(work, PATH), found(work, everything=True)) == ({PATH: GOOD.encode()}, [])
    rewritten = GOOD.replace("2.231", "2.131")
    work.write(PATH, b"\xff\xfe" + rewritten.encode("utf-16-le"))
    assert [it.rule for it in found(work)] == ["rewritten-entry"]
    work.write(PATH, "not in that encoding\n")
    assert there(work, PATH) == {PATH: work.root / PATH}  # git would refuse it, so it is judged as it lies there


def test_a_filter_of_the_user_is_applied(work: Work) -> None:
    """What a filter or `ident` changes on the way into git is judged as git gets it; nothing is added to git."""
    work.git("config", "filter.redact.clean", "sed s/2.231/2.131/")
    work.commit({".gitattributes": "*.md filter=redact ident\n"})
    work.write(PATH, GOOD + "\n$Id: 1234 $\n")
    before = sorted(str(path) for path in (work.root / ".git/objects").rglob("*"))
    (data,) = there(work, PATH).values()
    assert data == (GOOD.replace("2.231", "2.131") + "\n$Id$\n").encode()
    assert sorted(str(path) for path in (work.root / ".git/objects").rglob("*")) == before


def test_no_link_is_followed_to_what_is_converted(work: Work, tmp_path: Path) -> None:
    """A symbolic link stays one, and a file that is too large is not handed to a filter."""
    work.git("config", "filter.mark.clean", f"touch {tmp_path / 'ran'}; cat")
    work.commit({".gitattributes": "*.md filter=mark\n"})
    (work.root / "link.md").symlink_to(tmp_path / "outside.md")
    (tmp_path / "outside.md").write_text("private\n")
    work.write("large.md", b"x" * 5_000_001)
    (tmp_path / "ran").unlink(missing_ok=True)
    assert there(work, "link.md", "large.md") == {name: work.root / name for name in ("link.md", "large.md")}
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("has_filter", [True, False])
def test_a_pointer_of_git_lfs_is_one_finding(work: Work, *, has_filter: bool) -> None:
    """A logbook that was put into Git LFS is named as that, with what to do, and no more is said."""
    if has_filter:
        pointer = work.write("../pointer", POINTER)
        work.git("config", "filter.lfs.clean", f"cat {pointer}")
        work.commit({".gitattributes": "*.md filter=lfs diff=lfs merge=lfs -text\n"})
    work.write(PATH, (GOOD + ENTRY) if has_filter else POINTER)
    (finding,) = found(work)
    assert (finding.rule, "Git LFS" in finding.message) == ("unreadable-logbook", True)
    assert f"`/{PATH} !filter !diff !merge text`" in finding.help
    work.write(PATH, GOOD + "\nversion https://git-lfs.github.com/spec/v1\n")
    work.write(".gitattributes", "")
    assert found(work) == []


def test_what_a_sparse_checkout_left_out_is_read_from_the_index(work: Work) -> None:
    """Logbooks, the configuration and linked files: the verdict is that of a full checkout."""
    bad = (
        GOOD.replace("2026-05-25 10:00", "2026-02-30 10:00")
        + "\nSee [notes](../../docs/notes.md) and [docs](../../docs).\n"
    )
    work.commit({PATH: bad, "app/a": "a\n", ".github/logbook.yml": "rules: {impossible-date: warning}\n"})
    full = found(work)
    assert [(it.rule, it.severity) for it in full if it.rule == "impossible-date"] == [("impossible-date", "warning")]
    work.git("sparse-checkout", "set", "app")
    assert not (work.root / PATH).exists()
    assert found(work) == full
    assert there(work, PATH) == {PATH: bad.encode()}
    for path in (PATH, ".agents", ".agents/logbooks/"):
        report = lint(LintRequest((str(work.root / path),)), context(work.root))[0]
        assert list(report.findings) == full
    work.git("sparse-checkout", "set", ".agents")
    assert found(work) == full
    (work.root / PATH).unlink()
    assert "deleted-logbook" in {it.rule for it in found(work)}  # that one was not left out


def test_what_the_branch_had_is_held_against_what_git_would_store(work: Work) -> None:
    """The walk over a branch's own versions ends at the same bytes that are judged."""
    work.write(".gitattributes", "*.md text working-tree-encoding=UTF-16LE-BOM\n")
    work.git("add", ".gitattributes")
    work.write(PATH, b"\xff\xfe" + (GOOD + ENTRY).encode("utf-16-le"))
    work.git("commit", "--quiet", "--all", "--message", "Two")
    work.git("push", "--quiet", "origin", "HEAD")
    assert found(work) == []
    work.write(PATH, b"\xff\xfe" + GOOD.encode("utf-16-le"))
    assert [it.rule for it in found(work)] == ["removed-entry"]
    work.git("commit", "--quiet", "--all", "--message", "One again")
    assert [it.rule for it in found(work)] == ["removed-entry"]


def test_a_commit_that_nobody_has_is_unknown(work: Work, tmp_path: Path) -> None:
    """Short or whole, what the repository holds is known; a clone that lacks a part of history cannot tell."""
    head = work.commit({"a.py": "pass\n"})
    asked = {head, head[:9], "0b5e0d1c7a94", "0b5e0d1c7a94" + "1" * 28}
    unknown = {"0b5e0d1c7a94", "0b5e0d1c7a94" + "1" * 28}
    assert files.unknown_commits(context(work.root).clone(), asked) == unknown
    assert files.unknown_commits(context(work.root).clone(), ()) == frozenset()
    alone = ["clone", "--quiet", "--single-branch", "--branch", BRANCH]
    for name, options in (("one-branch", []), ("shallow", ["--depth=1"])):
        work.git(*alone, *options, work.root.as_uri(), str(tmp_path / name))
        assert files.unknown_commits(context(tmp_path / name).clone(), asked) == frozenset()


def test_a_repository_that_was_never_fetched_into_cannot_tell(tmp_path: Path) -> None:
    """Its commits may have come from anywhere: without a remote, and with one that was only named."""
    alone = Work(tmp_path / "alone")
    alone.commit({"a.py": "pass\n"})
    assert files.unknown_commits(context(alone.root).clone(), {"0b5e0d1c7a94"}) == frozenset()
    alone.git("remote", "add", "origin", str(tmp_path / "nowhere"))
    assert files.unknown_commits(context(alone.root).clone(), {"0b5e0d1c7a94"}) == frozenset()


def test_a_shallow_or_partial_clone_does_not_have_all_history(work: Work, tmp_path: Path) -> None:
    """Lint asks neither about commits; git would fetch for a partial one."""
    work.git("config", "uploadpack.allowFilter", "true")
    kinds = {"whole": (), "shallow": ("--depth=1",), "partial": ("--filter=blob:none",)}
    for name, options in kinds.items():
        clone = tmp_path / name
        work.git("clone", "--quiet", "--no-single-branch", *options, work.root.as_uri(), str(clone))
        cloned = Work(clone)
        cloned.write(PATH, GOOD + ENTRY.replace("lab/trainer@1691d0a9afbf", "0b5e0d1c7a94"))
        assert context(clone).clone().has_all_history == (name == "whole")
        assert [it.rule for it in found(cloned)] == (["unknown-commit"] if name == "whole" else [])


@pytest.mark.parametrize(("settings", "rules"), [("", ["unknown-commit"]), ("rules: {unknown-commit: off}\n", [])])
def test_a_commit_that_the_change_names_and_nobody_has_is_warned_of(
    work: Work, settings: str, rules: list[str]
) -> None:
    """The configuration switches it off; what was on `main` before, and a hash of another repository, stay silent."""
    work.commit({".github/logbook.yml": settings})
    work.git("push", "--quiet", "origin", "HEAD:main")
    own = ENTRY.replace("lab/trainer@1691d0a9afbf", "0b5e0d1c7a94")
    real = ENTRY.replace("lab/trainer@1691d0a9afbf", work.git("rev-parse", "HEAD"))
    for entry, expected in ((own, rules), (real, []), (ENTRY, [])):
        work.write(PATH, GOOD + entry)
        assert [finding.rule for finding in found(work)] == expected
