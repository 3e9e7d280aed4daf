"""Claims about cheats: what was on record and is dropped, changed or hidden is found, whatever git is made to do.

Each is played to the end on real repositories (see `lint.team`): the run of the step in which it is done is red, so is
that of every later push and of the pull request, and all is green again once the record is put back. A step without
`ci` is one whose run never took place: `[skip ci]`, or cancelled by a newer push.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lint.team import BRANCH, HISTORY, PATH, Member, Step, Team, Verdict, entry
from repository import GOOD_ANYWHERE as GOOD
from repository import Repository

BAD = "diverged, loss 9.99 at step 120."
BAD_ENTRY = entry(3, BAD)
KEPT = GOOD + entry(2)
FULL = KEPT + BAD_ENTRY
OTHER = PATH.replace("sparse-attention", "sparse-attention-512")
SAYS_SO = HISTORY | {"unreadable-logbook", "hidden-text", "hidden-characters"}
"""The rules by which a report says that the record was harmed."""


def on_record(folder: Path) -> None:
    """Ana has pushed a branch with two entries, of which the last is bad."""
    ana = Team(folder).ana
    ana.start(2)
    ana.commit({PATH: FULL})
    ana.push()


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A team with a bad result on record."""
    return Team(tmp_path / "lab", build=on_record)


def is_red(said: Step | Verdict) -> bool:
    """Return whether every run in Actions says that the record was harmed."""
    verdicts = said.in_actions if isinstance(said, Step) else (said,)
    return bool(verdicts) and all(it.fails and it.errors & SAYS_SO for it in verdicts)


def is_green(said: Step | Verdict) -> bool:
    """Return whether no run found an error, the laptop's included."""
    verdicts = (said.laptop, *said.in_actions) if isinstance(said, Step) else (said,)
    return not any(it.fails or it.errors for it in verdicts)


def stays_red_until(team: Team, restore: Callable[[], object], member: Member | None = None) -> None:
    """Play on: an unrelated push, a pull request, and what puts the record back."""
    ana = member or team.ana
    ana.commit({"train.py": "print(5)\n"}, "Speed up")
    assert is_red(ana.push()), team.story
    branch = ana.git("branch", "--show-current")
    if not any(pull.branch == branch for pull in team.open):
        _, verdict = team.pull(branch)
        assert is_red(verdict), team.story
    restore()
    ana.commit(message="Put it back")
    assert is_green(ana.push()), team.story


def full(team: Team, more: str = "") -> Callable[[], object]:
    """Return what puts the whole text back."""
    return lambda: team.ana.write(PATH, FULL + more)


def cases(table: Mapping[str, object], *quick: str) -> pytest.MarkDecorator:
    """Return the cases of a table for `case`: the `quick` ones, and those that the quick loop leaves out."""
    marks = {name: () if name in quick else pytest.mark.slow for name in table}
    return pytest.mark.parametrize("case", [pytest.param(it, id=name, marks=marks[name]) for name, it in table.items()])


# In the text: one commit, one push


def dropped(text: str) -> str:
    """Drop the bad entry."""
    return text.replace(BAD_ENTRY, "")


def hidden(before: str, after: str) -> Callable[[str], str]:
    """Put the bad entry between two texts."""
    return lambda text: text.replace(BAD_ENTRY, f"\n{before}{BAD_ENTRY}{after}\n")


def changed(old: str, new: str) -> Callable[[str], str]:
    """Replace a piece of the bad entry."""

    def change(text: str) -> str:
        start = text.index("### 2026-06-03")
        assert old in text[start:]
        return text[:start] + text[start:].replace(old, new, 1)

    return change


def lines(change: Callable[[str], str]) -> Callable[[str], str]:
    """Change each line of the bad entry."""
    return lambda text: text.replace(BAD_ENTRY, "".join(map(change, BAD_ENTRY.splitlines(keepends=True))))


def below(heading: str) -> Callable[[str], str]:
    """Move the bad entry below another heading."""
    return lambda text: dropped(text) + f"\n## {heading}\n{BAD_ENTRY}"


def aside(text: str) -> str:
    """Move the bad entry into the baseline."""
    return dropped(text).replace("\n## Stop criteria", f"{BAD_ENTRY}\n## Stop criteria")


HARM: dict[str, Callable[[str], str]] = {
    "dropped": dropped,
    "another number": changed("9.99", "2.19"),
    "another sign": changed("loss 9.99", "loss -9.99"),
    "a word less": changed("diverged, loss", "loss"),
    "a word slipped in": changed("diverged", "never diverged"),
    "another unit": changed("at step 120.", "at step 120 of 120."),
    "pending again": changed(BAD, "pending."),
    "another ID": changed("SPA-AT-003", "SPA-AT-013"),
    "another day": changed("2026-06-03", "2026-05-03"),
    "another commit": changed("1691d0a9afbf", "1691d0a9afbe"),
    "another command": changed("--seed 3", "--seed 2"),
    "no heading": changed("### 2026-06-03 09:00 - SPA-AT-003 seed 3", "And so on:"),
    "out of order": lambda _: GOOD + BAD_ENTRY + entry(2),
    "in a comment": hidden("<!--\n", "\n-->"),
    "in a comment of two": lambda text: text.replace(BAD_ENTRY, f"\n<!-- ```\n{BAD_ENTRY}\n``` -->\n"),
    "in a fence": hidden("```text\n", "```"),
    "in tildes": hidden("~~~\n", "~~~"),
    "in a quote": lines(lambda line: f"> {line}"),
    "in a code block": lines(lambda line: f"    {line}"),
    "in a hidden block": hidden("<div hidden>\n", "\n</div>"),
    "in a closed block": hidden("<details><summary>Old</summary>\n", "\n</details>"),
    "in the head of a page": hidden("<title>\n", "</title>"),
    "in a table cell": lambda text: dropped(text) + "\n| " + " ".join(BAD_ENTRY.split()) + " |\n|---|\n",
    "in an image": changed(BAD, f"![{BAD}](https://lab.example/a.png)"),
    "in a link's address": changed(BAD, "[fine](https://lab.example/diverged,loss9.99atstep120.)"),
    "in a superscript": changed("9.99", "9<sup>.99</sup>"),
    "in a ruby": changed(BAD, f"<ruby>fine<rp>{BAD}</rp></ruby>"),
    "reversed": changed("9.99", "<bdo dir=rtl>9.99</bdo>"),
    "turned round by a sign": changed("9.99", "\u202e9.99\u202c"),
    "with a look-alike": changed("diverged", "diverg\u0435d"),
    "in an HTML heading": changed(
        "### 2026-06-03 09:00 - SPA-AT-003 seed 3", "<h3>2026-06-03 09:00 - SPA-AT-003 seed 3</h3>"
    ),
    "below a reference": changed(BAD, "see [it].\n\n[it]: https://lab.example (" + BAD + ")"),
    "into the baseline": aside,
    "into the queue": below("Hypothesis Queue"),
    "empty": lambda _: "",
    "the beginning alone": lambda text: text[:400],
    "another prefix": lambda text: dropped(text.replace("prefix: SPA-AT", "prefix: XYZ")),
    "another prefix and ID": lambda text: text.replace("SPA-AT", "XYZ"),
    "no log": lambda text: dropped(text.replace("## Entry Log", "## Notes")),
    "another topic": lambda text: dropped(text.replace("topic: sparse-attention", "topic: dense-attention")),
    "back to main's": lambda _: GOOD,
}


@cases(HARM, "dropped", "another number", "in a comment", "in a quote", "back to main's")
def test_a_result_is_dropped_changed_or_hidden_in_the_text(team: Team, case: Callable[[str], str]) -> None:
    """One commit does it: on the laptop, by the push, by the next push of anything, and in the pull request."""
    ana = team.ana
    after = case(FULL)
    assert after != FULL
    ana.commit({PATH: after})
    step = ana.push()
    assert step.laptop.errors & SAYS_SO, team.story
    assert is_red(step), team.story
    stays_red_until(team, full(team))


BOXES = {
    "ticked": ("- [ ] replicated", "- [x] replicated"),
    "unticked": ("- [x] compared", "- [ ] compared"),
}


@cases(BOXES, "ticked")
def test_a_task_box_of_an_entry_is_flipped(team: Team, case: tuple[str, str]) -> None:
    """What was done is as much of the record as a number."""
    text = FULL + "- [ ] replicated\n- [x] compared\n"
    team.ana.commit({PATH: text})
    team.ana.push()
    team.ana.commit({PATH: text.replace(*case)})
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, lambda: team.ana.write(PATH, text))


GOALS = {
    "goal": ("halve the attention cost", "keep the attention cost"),
    "metric": ("step time in ms, at equal loss", "peak memory, at equal loss"),
    "stop criterion": ("Stop when three variants", "Stop when thirty variants"),
}


@cases(GOALS, "metric")
def test_goalposts_are_moved_after_the_result(team: Team, case: tuple[str, str]) -> None:
    """What counts as success was said before the result."""
    team.ana.commit({PATH: FULL.replace(*case)})
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team))


def test_the_wording_of_a_hypothesis_is_changed_after_its_result(team: Team) -> None:
    """A result names the hypothesis; what it said is what was tested."""
    text = FULL + entry(4).replace("- Hypothesis: block", "- Hypothesis: SPA-H1, block")
    team.ana.commit({PATH: text})
    team.ana.push()
    team.ana.commit({PATH: text.replace("`SPA-H1`: block sparsity keeps", "`SPA-H1`: block sparsity never keeps")})
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, lambda: team.ana.write(PATH, text))


@cases({"dropped": "", "rewritten": "- 2026-06-04: stop; SPA-AT-003 is fine.\n"}, "rewritten")
def test_a_decision_is_dropped_or_rewritten(team: Team, case: str) -> None:
    """So does the decision log only grow."""
    text = FULL.replace("## Entry Log", "## Decision Log\n\n- 2026-06-04: stop; SPA-AT-003 diverged.\n\n## Entry Log")
    team.ana.commit({PATH: text})
    team.ana.push()
    team.ana.commit({PATH: text.replace("- 2026-06-04: stop; SPA-AT-003 diverged.\n", case)})
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, lambda: team.ana.write(PATH, text))


# By what runs, and when


def test_the_run_is_skipped(team: Team) -> None:
    """`[skip ci]` in the commit that drops it: the next push is red all the same."""
    team.ana.commit({PATH: KEPT}, "Tidy up [skip ci]")
    team.ana.push(ci=False)
    stays_red_until(team, full(team))


@pytest.mark.slow
def test_the_run_is_skipped_again_and_again(team: Team) -> None:
    """Ten pushes later, with entries of their own."""
    team.ana.commit({PATH: KEPT}, "Tidy up [skip ci]")
    team.ana.record(*range(4, 9))
    team.ana.push(ci=False)
    stays_red_until(team, full(team, "".join(map(entry, range(4, 9)))))


@pytest.mark.slow
def test_it_is_dropped_on_a_branch_that_no_workflow_knows(team: Team) -> None:
    """The commit is pushed to `tidy` first, and the research branch is moved forward to it."""
    team.ana.git("switch", "--quiet", "--create", "tidy")
    team.ana.commit({PATH: KEPT})
    team.ana.push()
    team.ana.git("switch", "--quiet", BRANCH)
    team.ana.git("merge", "--quiet", "--ff-only", "tidy")
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team))


def test_the_file_is_deleted_and_made_anew(team: Team) -> None:
    """One commit deletes it, unseen, and the next brings it without the entry."""
    team.ana.git("rm", "--quiet", PATH)
    team.ana.commit()
    team.ana.push(ci=False)
    team.ana.commit({PATH: KEPT})
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team))


def test_the_file_is_renamed_first(team: Team) -> None:
    """The new name is innocent, and the entry goes under it, unseen."""
    team.ana.git("mv", PATH, OTHER)
    team.ana.edit("topic: sparse-attention", "topic: sparse-attention-512", OTHER)
    team.ana.commit()
    assert is_green(team.ana.push()), team.story
    text = team.ana.text(OTHER)
    team.ana.commit({OTHER: text.replace(BAD_ENTRY, "")})
    team.ana.push(ci=False)
    stays_red_until(team, lambda: team.ana.write(OTHER, text))


@pytest.mark.slow
def test_a_logbook_that_main_never_had_is_deleted(team: Team) -> None:
    """Its branch alone knows of it."""
    team.ana.start(branch="research/sparse-attention-512")
    text = GOOD.replace("topic: sparse-attention", "topic: sparse-attention-512") + entry(2)
    team.ana.commit({OTHER: text})
    team.ana.push()
    team.ana.git("rm", "--quiet", OTHER)
    team.ana.commit()
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, lambda: team.ana.write(OTHER, text))


@pytest.mark.slow
def test_a_snapshot_is_deleted_with_it(team: Team) -> None:
    """A tag that is not protected can go; the versions of the branch stay."""
    name = team.snapshot(3)
    team.ana.commit({PATH: KEPT})
    team.ana.push(ci=False)
    team.ana.git("push", "--quiet", "origin", "--delete", name)
    stays_red_until(team, full(team))


@pytest.mark.slow
def test_a_second_branch_leaves_it_out(team: Team) -> None:
    """What was started from the record answers for it, under every name."""
    team.ana.git("switch", "--quiet", "--create", "research/sparse-attention-good")
    team.ana.commit({PATH: KEPT})
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team))


def test_tags_and_branches_are_named_like_what_is_compared(team: Team) -> None:
    """A tag `main`, a branch `origin/main`, a tag that is named like the branch: a name means what it says in full."""
    ana = team.ana
    ana.commit({PATH: KEPT})
    names = (
        "tags/main",
        "tags/origin/main",
        "tags/HEAD",
        f"tags/{BRANCH}",
        "heads/origin/main",
        "heads/refs/heads/main",
    )
    ana.git("push", "--quiet", "origin", *(f"HEAD:refs/{name}" for name in names))
    ana.git("fetch", "--quiet", "--tags", "origin")
    step = ana.push()
    assert step.laptop.errors & SAYS_SO, team.story
    assert is_red(step), team.story
    stays_red_until(team, full(team))


@pytest.mark.slow
def test_the_record_commit_is_reverted(team: Team) -> None:
    """`git revert` is an ordinary commit."""
    team.ana.git("revert", "--no-edit", "HEAD")
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team))


@pytest.mark.slow
def test_dates_of_commits_are_made_up(team: Team) -> None:
    """The entry is committed as of next year, and dropped a day later as of last year."""
    team.wait(24 * 365)
    team.ana.record(4)
    team.now = team.now.replace(year=2026)
    team.ana.push()
    team.wait(24)
    now = team.now
    team.now = now.replace(year=2025)
    team.ana.write(PATH, FULL)
    team.ana.commit()
    team.now = now
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team, entry(4)))


# By merges


def merge_by_hand(member: Member, text: str, *parents: str) -> None:
    """Commit a merge with a text of one's own for the logbook."""
    member.write(PATH, text)
    member.git("add", "--all")
    tree = member.git("write-tree")
    options = [part for parent in ("HEAD", *parents) for part in ("-p", parent)]
    member.team.wait()
    member.git("reset", "--quiet", "--hard", member.git("commit-tree", tree, *options, "-m", "Merge"))


def test_a_merge_of_main_drops_it(team: Team) -> None:
    """An evil merge: neither side dropped it, the merge commit did."""
    team.bo.commit({"README.md": "# All models\n"})
    team.bo.push()
    team.ana.git("fetch", "--quiet")
    merge_by_hand(team.ana, KEPT, "origin/main")
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team))


@pytest.mark.slow
def test_an_octopus_drops_it(team: Team) -> None:
    """A merge of three."""
    team.bo.start(branch="research/a")
    team.bo.commit({"a": "1\n"})
    team.bo.push()
    team.bo.start(branch="research/b")
    team.bo.commit({"b": "1\n"})
    team.bo.push()
    team.ana.git("fetch", "--quiet")
    merge_by_hand(team.ana, KEPT, "origin/research/a", "origin/research/b")
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team))


def test_a_colleagues_push_is_merged_away(team: Team) -> None:
    """Bo pushes an entry to the branch; Ana merges it with `-s ours`, which keeps nothing of it."""
    team.bo.join()
    team.bo.record(4)
    team.bo.push()
    team.ana.record(5)
    team.ana.git("fetch", "--quiet")
    team.ana.git("merge", "--quiet", "--no-edit", "--strategy=ours", f"origin/{BRANCH}")
    step = team.ana.push()
    assert step.laptop.errors & SAYS_SO, team.story
    assert is_red(step), team.story
    stays_red_until(team, full(team, entry(4) + entry(5)))


def test_a_merge_is_pushed_with_its_parents_exchanged(team: Team) -> None:
    """A foxtrot: the first parent is a branch from main that never had it, and the branch's own tip the second."""
    old = team.ana.git("rev-parse", "HEAD")
    team.ana.git("switch", "--quiet", "--create", "tidy", "origin/main")
    team.ana.commit({PATH: KEPT})
    merge_by_hand(team.ana, KEPT, old)
    team.ana.git("switch", "--quiet", "-C", BRANCH)
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team))


@pytest.mark.slow
def test_a_pull_request_undoes_another(team: Team) -> None:
    """GitHub's button Revert: what was merged into main is taken out again by a pull request."""
    pull, _ = team.pull()
    commit = team.merge(pull)
    team.bo.git("fetch", "--quiet")
    team.bo.git("switch", "--quiet", "--create", "revert-9", "origin/main")
    team.bo.git("revert", "--no-edit", "-m", "1", commit)
    team.bo.push()
    pull, verdict = team.pull("revert-9")
    assert is_red(verdict), team.story
    assert is_red(team.queue(pull)), team.story
    team.bo.commit({PATH: FULL})
    assert is_green(team.bo.push()), team.story


# By rewriting


def dropped_by_force(team: Team) -> Step:
    """Reset the branch behind the entry, go on, and push with force."""
    team.ana.git("reset", "--quiet", "--hard", "HEAD~1")
    team.ana.record(4)
    return team.ana.push("--force")


def test_a_force_push_drops_it(team: Team) -> None:
    """The push says what the branch had and has no more; put back, it is silent."""
    assert is_red(dropped_by_force(team)), team.story
    team.ana.commit({PATH: FULL + entry(4)})
    assert is_green(team.ana.push()), team.story


@pytest.mark.slow
def test_a_force_push_drops_it_from_a_pull_request(team: Team) -> None:
    """The run for the push is red, whatever the one for the pull request can know."""
    team.pull()
    step = dropped_by_force(team)
    assert step.push, team.story
    assert is_red(step.push), team.story


REWRITES: dict[str, Callable[[Member], object]] = {
    "reset": lambda ana: ana.git("reset", "--quiet", "--hard", "HEAD~1"),
    "amended": lambda ana: (
        ana.write(PATH, KEPT),
        ana.git("commit", "--quiet", "--all", "--amend", "--allow-empty", "-m", "x"),
    ),
    "one commit of all": lambda ana: (
        ana.git("reset", "--quiet", "--soft", "origin/main"),
        ana.commit({PATH: KEPT}),
    ),
    "rebased without it": lambda ana: ana.git("rebase", "--quiet", "--onto", "HEAD~1", "HEAD"),
    "all but one picked": lambda ana: (
        wanted := ana.git("rev-parse", "HEAD~1"),
        ana.git("switch", "--quiet", "-C", BRANCH, "origin/main"),
        ana.git("cherry-pick", wanted),
    ),
    "started again": lambda ana: (ana.git("reset", "--quiet", "--hard", "origin/main"), ana.commit({PATH: KEPT})),
}


@cases(REWRITES, "reset", "one commit of all")
def test_history_is_rewritten_without_it(team: Team, case: Callable[[Member], object]) -> None:
    """The push that replaces the old history is red, however the new one is made; with a snapshot, all are."""
    team.snapshot(3)
    case(team.ana)
    assert team.ana.text() == KEPT
    assert is_red(team.ana.push("--force")), team.story
    stays_red_until(team, full(team))


@pytest.mark.slow
def test_history_is_made_anew_from_nothing(team: Team) -> None:
    """A branch that shares no commit with main, and of which GitHub makes no pull request."""
    team.ana.git("checkout", "--quiet", "--orphan", "new")
    team.ana.commit({PATH: KEPT})
    team.ana.git("branch", "--quiet", "--move", "--force", "new", BRANCH)
    assert is_red(team.ana.push("--force")), team.story
    team.ana.commit({PATH: FULL})
    assert is_green(team.ana.push()), team.story


@pytest.mark.slow
def test_a_number_is_changed_by_a_rebase(team: Team) -> None:
    """An old commit is edited, and what comes after it is kept; who strikes the new number out is done."""
    team.ana.record(4)
    team.ana.push()
    team.ana.git("reset", "--quiet", "--hard", "HEAD~2")
    team.ana.commit({PATH: FULL.replace("9.99", "2.19")})
    team.ana.record(4)
    assert is_red(team.ana.push("--force")), team.story
    team.ana.commit({PATH: FULL.replace("9.99", "~~2.19~~ 9.99") + entry(4)})
    assert is_green(team.ana.push()), team.story


@pytest.mark.slow
def test_two_force_pushes_hide_what_the_first_dropped(team: Team) -> None:
    """The second one's run knows only the first one's result; a snapshot knows more."""
    team.snapshot(3)
    team.ana.git("reset", "--quiet", "--hard", "HEAD~1")
    team.ana.push("--force", ci=False)
    team.ana.git("reset", "--quiet", "--hard", "HEAD~1")
    team.ana.commit({PATH: KEPT}, "Start again")
    assert is_red(team.ana.push("--force")), team.story
    stays_red_until(team, full(team))


def test_a_branch_is_deleted_and_made_anew(team: Team) -> None:
    """A new branch has no push before it, but the topic has a snapshot that no branch leads to any more."""
    team.snapshot(3)
    team.ana.git("push", "--quiet", "origin", "--delete", BRANCH)
    team.pushed_away(BRANCH)
    team.ana.git("switch", "--quiet", "-C", BRANCH, "origin/main")
    team.ana.commit({PATH: KEPT})
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team))


def test_a_doctored_copy_is_tagged_itself(team: Team) -> None:
    """The newest snapshot is of the doctored text; the older one counts as well."""
    team.snapshot(3)
    team.ana.git("reset", "--quiet", "--hard", "HEAD~1")
    team.ana.record(4)
    team.ana.push("--force", ci=False)
    team.snapshot(4)
    stays_red_until(team, full(team, entry(4)))


@pytest.mark.slow
@pytest.mark.parametrize("options", [("--annotate", "--message", "again"), ()], ids=["annotated", "lightweight"])
def test_a_snapshots_tag_is_moved_to_the_doctored_commit(team: Team, options: tuple[str, ...]) -> None:
    """The tag of the entry's own snapshot is made anew on the commit that lacks it."""
    name = team.snapshot(3)
    team.ana.git("fetch", "--quiet", "--tags")
    team.ana.commit({PATH: KEPT})
    team.ana.push(ci=False)
    team.ana.git("tag", "--force", *options, name, "HEAD")
    team.ana.git("push", "--quiet", "--force", "origin", name)
    stays_red_until(team, full(team))


@pytest.mark.slow
@pytest.mark.parametrize("way", ["replace", "graft"])
def test_refs_make_git_see_another_history(team: Team, way: str) -> None:
    """Replace refs and grafts, pushed or not, change nothing of what is compared."""
    ana = team.ana
    had = ana.git("rev-parse", "HEAD")
    ana.commit({PATH: KEPT})
    if way == "replace":
        ana.git("replace", had, "HEAD~2")
        ana.git("push", "--quiet", "origin", "refs/replace/*:refs/replace/*")
    else:
        ana.write(".git/info/grafts", f"{ana.git('rev-parse', 'HEAD')} {ana.git('rev-parse', 'HEAD~2')}\n")
    assert ana.look().errors & SAYS_SO, team.story
    (ana.root / ".git/info/grafts").unlink(missing_ok=True)
    assert is_red(ana.push()), team.story
    stays_red_until(team, full(team))


# By pull requests and their bases


def test_a_pull_request_is_retargeted(team: Team) -> None:
    """`develop` rewrites a number; a pull request into it is retargeted to main, its merge ref still the old one."""
    team.bo.git("switch", "--quiet", "--create", "develop")
    team.bo.commit({PATH: GOOD.replace("2.231", "2.131")})
    team.bo.push()
    team.ana.git("fetch", "--quiet")
    team.ana.git("switch", "--quiet", "--no-track", "--create", "topic", "origin/develop")
    team.ana.record(4)
    team.ana.push()
    pull, _ = team.pull("topic", "develop")
    pull.base = "main"
    assert is_red(team.synchronize(pull, "edited", stale=True)), team.story
    assert is_red(team.synchronize(pull, "edited")), team.story
    team.ana.edit("2.131", "2.231")
    team.ana.commit()
    assert is_green(team.ana.push()), team.story


@pytest.mark.slow
def test_a_base_is_doctored(team: Team) -> None:
    """What main has is dropped on `develop`, from which a research branch starts and into which it is merged."""
    pull, _ = team.pull()
    team.merge(pull)
    team.bo.git("fetch", "--quiet")
    team.bo.git("switch", "--quiet", "--no-track", "--create", "develop", "origin/main")
    team.bo.commit({PATH: KEPT})
    team.bo.push()
    team.ana.git("fetch", "--quiet")
    team.ana.git("switch", "--quiet", "--no-track", "--create", "research/sparse-attention-2", "origin/develop")
    team.ana.record(4)
    assert is_red(team.ana.push()), team.story
    low, _ = team.pull("research/sparse-attention-2", "develop")
    team.merge(low)
    _, verdict = team.pull("develop")
    assert is_red(verdict), team.story
    team.bo.git("pull", "--quiet")
    team.bo.commit({PATH: FULL + entry(4)})
    assert is_green(team.bo.push()), team.story


def test_a_fork_drops_what_its_pull_request_brought(team: Team) -> None:
    """No push to a fork is looked at; its pull request is, and main has none of it."""
    kim = team.server.fork("Kim")
    kim.git("switch", "--quiet", BRANCH)
    _, verdict = team.pull(owner=kim.address)
    assert is_green(verdict), team.story
    kim.commit({PATH: KEPT})
    assert is_red(kim.push()), team.story
    stays_red_until(team, lambda: kim.write(PATH, FULL), kim)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2])
def test_too_little_is_fetched(team: Team, depth: int) -> None:
    """A pull request drops what main has, and its checkout is shallow."""
    pull, _ = team.pull()
    team.merge(pull)
    team.depth = depth
    team.ana.git("fetch", "--quiet")
    team.ana.git("switch", "--quiet", "--no-track", "--create", "tidy", "origin/main")
    team.ana.commit({PATH: KEPT})
    team.ana.commit({"train.py": "print(7)\n"})
    team.ana.push()
    _, verdict = team.pull("tidy")
    assert is_red(verdict), team.story
    team.ana.commit({PATH: FULL})
    assert is_green(team.ana.push()), team.story


@pytest.mark.slow
def test_a_fork_has_a_branch_of_the_same_name(team: Team) -> None:
    """A pull request from a fork drops what main has; its branch is named like the one here."""
    pull, _ = team.pull()
    team.merge(pull)
    kim = team.server.fork("Kim")
    kim.git("switch", "--quiet", BRANCH)
    kim.commit({PATH: KEPT})
    kim.push()
    _, verdict = team.pull(owner=kim.address)
    assert is_red(verdict), team.story
    kim.commit({"train.py": "print(6)\n"})
    assert is_red(kim.push()), team.story
    kim.commit({PATH: FULL})
    assert is_green(kim.push()), team.story


CONFIGURATIONS = {
    "other files": 'logbooks: ["docs/*.md"]\n',
    "all but this": f'logbooks: [".agents/logbooks/*.md", "!{PATH}"]\n',
    "no rule": "rules:\n  removed-entry: off\n",
    "no failure": "fail-on: never\n",
}


@cases(CONFIGURATIONS, "all but this")
def test_the_configuration_is_changed_in_the_same_change(team: Team, case: str) -> None:
    """A change is judged by main's configuration."""
    team.ana.commit({PATH: KEPT, ".github/logbook.yml": case})
    assert is_red(team.ana.push()), team.story

    def restore() -> None:
        (team.ana.root / ".github/logbook.yml").unlink()
        team.ana.write(PATH, FULL)

    stays_red_until(team, restore)


# By where and what the file is


def renamed(text: str, new: str = OTHER) -> Callable[[Member], object]:
    """Return what moves the logbook and gives it a text."""

    def rename(ana: Member) -> None:
        (ana.root / new).parent.mkdir(parents=True, exist_ok=True)
        ana.git("mv", PATH, new)
        ana.write(new, text)

    return rename


def linked(ana: Member) -> None:
    """Make the logbook a link to a doctored file."""
    ana.write("notes.md", KEPT)
    (ana.root / PATH).unlink()
    (ana.root / PATH).symlink_to("../../notes.md")


def in_a_submodule(ana: Member) -> None:
    """Make the folder of logbooks a submodule that holds a doctored one."""
    there = Repository(ana.team.folder / "logs")
    there.commit({"sparse-attention.md": KEPT})
    ana.git("rm", "--quiet", "-r", ".agents")
    ana.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(there.root), ".agents/logbooks")


def attributes(rest: str) -> Callable[[Member], object]:
    """Return what drops the entry under attributes for the file."""
    return lambda ana: (ana.write(".gitattributes", f"*.md {rest}\n"), ana.write(PATH, KEPT))


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 1200\n"
PLACES: dict[str, Callable[[Member], object]] = {
    "renamed and dropped": renamed(KEPT),
    "renamed and one number changed": renamed(FULL.replace("9.99", "2.19")),
    "to a text file": renamed(KEPT, PATH.replace(".md", ".txt")),
    "to another folder": renamed(FULL, "docs/sparse-attention.md"),
    "one folder deeper": renamed(FULL, ".agents/logbooks/old/sparse-attention.md"),
    "to other letters": renamed(FULL, PATH.replace(".md", ".MD")),
    "a link": linked,
    "a submodule": in_a_submodule,
    "UTF-16": lambda ana: ana.write(PATH, KEPT.encode("utf-16")),
    "UTF-16 as attributes say": lambda ana: (
        ana.write(".gitattributes", f"{PATH} working-tree-encoding=UTF-16\n"),
        ana.write(PATH, KEPT.encode("utf-16")),
    ),
    "Latin-1": lambda ana: ana.write(PATH, (KEPT + "é").encode("latin-1")),
    "a pointer": lambda ana: ana.write(PATH, POINTER),
    "binary": attributes("binary"),
    "no diff": attributes("-diff"),
    "of a generator": attributes("linguist-generated export-ignore merge=ours"),
    "a folder": lambda ana: ((ana.root / PATH).unlink(), ana.write(f"{PATH}/README.md", KEPT)),
    "twice, the old one emptied": lambda ana: (ana.write(OTHER, KEPT), ana.write(PATH, "# Moved\n")),
    "into another logbook": lambda ana: (ana.write(OTHER, GOOD + BAD_ENTRY), ana.write(PATH, KEPT)),
}


def put_back(team: Team, before: str) -> Callable[[], object]:
    """Return what makes the tree that of a commit again."""

    def restore() -> None:
        for left in team.ana.root.iterdir():
            if left.is_dir() and left.name != ".git":
                shutil.rmtree(left)
            elif left.name != ".git":
                left.unlink()
        team.ana.git("read-tree", "--reset", before)
        team.ana.git("checkout-index", "--all", "--force")

    return restore


@cases(PLACES, "renamed and dropped", "to another folder", "a link", "UTF-16")
def test_the_file_is_moved_or_made_something_else(team: Team, case: Callable[[Member], object]) -> None:
    """Under another name, in another folder, of another kind or encoding, the record is held to what it was."""
    before = team.ana.git("rev-parse", "HEAD")
    case(team.ana)
    team.ana.commit()
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, put_back(team, before))


@pytest.mark.slow
def test_a_renamed_file_is_almost_all_rewritten(team: Team) -> None:
    """Git sees no rename: one logbook is gone, and another one is there."""
    team.wait(14 * 24)
    more = "".join(map(entry, range(4, 20)))
    renamed(GOOD[:300] + more)(team.ana)
    team.ana.commit()
    assert is_red(team.ana.push()), team.story

    def restore() -> None:
        team.ana.git("mv", OTHER, PATH)
        team.ana.write(PATH, FULL + more)

    stays_red_until(team, restore)


@pytest.mark.slow
def test_a_doctored_copy_takes_the_place_of_the_logbook(team: Team) -> None:
    """First a copy without the entry, unnoticed; then the old file is deleted."""
    team.ana.commit({OTHER: KEPT})
    team.ana.push()
    team.ana.git("rm", "--quiet", PATH)
    team.ana.commit()
    assert is_red(team.ana.push()), team.story
    stays_red_until(team, full(team))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["sparse", "--skip-worktree", "--assume-unchanged"])
def test_the_file_is_kept_out_of_the_work_tree(team: Team, how: str) -> None:
    """What a clone does not check out, or is told not to look at, is judged all the same."""
    ana = team.ana
    ana.commit({PATH: KEPT})
    if how == "sparse":
        ana.git("sparse-checkout", "set", "src")
    else:
        ana.git("update-index", how, PATH)
        if how == "--skip-worktree":
            (ana.root / PATH).unlink()
    assert ana.look().errors & SAYS_SO, team.story
    assert is_red(ana.push()), team.story


def test_what_is_not_committed_yet_is_judged_on_the_laptop(team: Team) -> None:
    """In the work tree, in the index, and in a commit that was not pushed."""
    team.ana.write(PATH, KEPT)
    assert team.ana.look().errors & HISTORY, team.story
    team.ana.git("add", PATH)
    assert team.ana.look().errors & HISTORY, team.story
    team.ana.commit()
    assert team.ana.look().errors & HISTORY, team.story
    team.ana.write(PATH, FULL)
    assert is_green(team.ana.look()), team.story
