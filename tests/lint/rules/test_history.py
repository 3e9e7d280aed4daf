"""Claims about the rules of the record's history, and their pages."""

import datetime as dt
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from lint.examples import PATH, Case, pages, wrapped
from research_logbook.config.schema import Config
from research_logbook.lint.rules import rule as rules
from research_logbook.lint.rules.history import (
    RULES,
    backdated_entry,
    changed_baseline,
    deleted_logbook,
    dropped_hypothesis,
    moved_goalposts,
    removed_entry,
    replaced_next_action,
    reworded_hypothesis,
    rewritten_decision,
    rewritten_entry,
)
from research_logbook.lint.rules.rule import Facts, Revision
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook

NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


def book(text: str) -> Logbook:
    """Return the logbook of `text`."""
    parsed = parse(PATH, text.encode())
    assert isinstance(parsed, Logbook)
    return parsed


def faults(rule: rules.Rule, after: str, *before: str, name: str = "3f78685", path: str = PATH) -> list[rules.RuleHit]:
    """Return what a rule says of `after`, held against earlier texts."""
    revisions = tuple(Revision(name, path, book(text)) for text in before)
    return list(rule.check(rules.LintCase(book(after), Facts(NOW), Config(), revisions)))


def gone(path: str, revision: str, moved: str | None = None) -> list[rules.RuleHit]:
    """Return what is said of a logbook that `revision` still holds."""
    facts = Facts(NOW, deleted={path: revision}, moved={path: moved} if moved else {})
    return list(deleted_logbook.check(rules.ChangeSet((), facts, Config())))


EXAMPLES = [
    pytest.param(rule, case, id=f"{rule.name}-{'fails' if case.should_fail else 'passes'}")
    for rule in RULES
    for case in pages(rule)
]


@pytest.mark.parametrize(("rule", "case"), EXAMPLES)
def test_an_example_fails_no_other_rule(rule: rules.Rule, case: Case) -> None:
    """A page shows the fault of its own rule and of no other."""
    others = [other for other in RULES if other not in {rule, deleted_logbook}]
    if case.after and case.before:
        assert [hit for other in others for hit in faults(other, case.after, case.before)] == []


def test_no_rule_can_be_allowed() -> None:
    """The record is not up for negotiation."""
    assert not any(rule.can_be_allowed for rule in RULES)
    assert {rules.Needs.BASE} == {rule.needs for rule in RULES}


def test_the_order_and_severity_of_the_history_rules() -> None:
    """Eight errors, then three warnings."""
    assert [(rule.name, rule.severity) for rule in RULES] == [
        ("removed-entry", "error"),
        ("rewritten-entry", "error"),
        ("rewritten-decision", "error"),
        ("moved-goalposts", "error"),
        ("deleted-logbook", "error"),
        ("unchecked-history", "error"),
        ("dropped-hypothesis", "error"),
        ("reworded-hypothesis", "error"),
        ("backdated-entry", "warning"),
        ("replaced-next-action", "warning"),
        ("changed-baseline", "warning"),
    ]


ONE = "### 2026-05-21 - MOE-HC-001 first seed\n\n- Result: loss 2.31 at step 400.\n"
TWO = "### 2026-05-22 - MOE-HC-002 second seed\n\n- Result: loss 2.33 at step 400.\n"


def log(*entries: str) -> str:
    """Return a logbook with these entries."""
    return wrapped("\n".join(entries))


def test_a_removed_entry_is_named_with_how_to_restore_it() -> None:
    """The message names the entry, the help the command that shows it, the place is the line before the gap."""
    text = log(ONE, TWO)
    (fault,) = faults(removed_entry, log(ONE), text)
    assert fault.message == "entry MOE-HC-002 was removed from the log"
    assert f"git show 3f78685:{PATH}" in fault.help
    assert log(ONE).split("\n")[fault.where.span.line - 1] == "- Result: loss 2.31 at step 400."
    assert "2026-05-22" in fault.where.subject


def test_a_first_entry_removed_points_at_the_log() -> None:
    """Where no entry stands before the gap the finding stands on the log's heading."""
    text = log(TWO)
    (fault,) = faults(removed_entry, text, log(ONE, TWO))
    assert text.split("\n")[fault.where.span.line - 1] == "## Entry Log"


def test_no_help_says_to_move_an_entry() -> None:
    """For a moved entry the help restores the file; nothing says to move entries."""
    (fault,) = faults(removed_entry, log(TWO, ONE), log(ONE, TWO))
    assert fault.message == "entry MOE-HC-001 was moved among the other entries"
    assert fault.where.subject == "entry 2026-05-21 - MOE-HC-001 first seed"
    assert log(TWO, ONE).split("\n")[fault.where.span.line - 1] == "### 2026-05-21 - MOE-HC-001 first seed"
    assert "restore the earlier version of the file" in fault.help
    helps = [rule.help for rule in RULES] + [fault.help]
    assert not any("move" in text and "entr" in text for text in helps)


def test_a_rewrite_quotes_the_lost_words() -> None:
    """The message holds the lost words, on the line that differs."""
    after = log(ONE.replace("2.31", "2.13"))
    (fault,) = faults(rewritten_entry, after, log(ONE))
    assert fault.message == "entry MOE-HC-001 lost “2.31”"
    assert "2.13" in after.split("\n")[fault.where.span.line - 1]
    assert "~~old~~ new" in fault.help


def test_an_insertion_quotes_the_sentence() -> None:
    """Where no word went the message shows what stood there."""
    before = log(ONE + "- Interpretation: it did improve over the baseline.\n")
    (fault,) = faults(rewritten_entry, before.replace("did improve", "did not improve"), before)
    assert fault.message.startswith("entry MOE-HC-001 no longer reads “")
    assert fault.message.endswith("”: words were inserted into the sentence")
    assert "did improve" in fault.message


def test_an_entry_that_is_only_quoted_is_not_in_the_log() -> None:
    """An entry in an index is no entry of the log any more."""
    after = log(ONE).replace("## Scope", f"## Links\n\n{TWO}\n## Scope")
    (fault,) = faults(removed_entry, after, log(ONE, TWO))
    assert fault.message == "entry MOE-HC-002 was moved out of the log into an index or a quote"


@pytest.mark.parametrize(
    ("after", "message"),
    [
        ("", "decision “{}” was removed"),
        ("- 2026-05-25: go on with five seeds, see MOE-HC-001, since it is cheap.", "decision “{}” lost “two”"),
        (
            "- 2026-05-25: do not go on with two seeds, see MOE-HC-001, since it is cheap.",
            "decision “{}” no longer reads “05-25: go on with two”: words were inserted into the sentence",
        ),
    ],
)
def test_a_decision_is_quoted_in_part(after: str, message: str) -> None:
    """Sixty characters tell which decision is meant."""
    decision = "2026-05-25: go on with two seeds, see MOE-HC-001, since it is cheap."
    before = wrapped(f"## Decision Log\n\n- {decision}\n")
    (fault,) = faults(rewritten_decision, before.replace(f"- {decision}", after), before)
    assert fault.message == message.format(decision[:60])


def test_a_word_in_a_next_action_is_an_insertion() -> None:
    """When the result comes in, a plan is not turned into its opposite."""
    before = log("### 2026-05-21 - run\n\n- Result: pending\n- Next action: start the second seed today.\n")
    after = before.replace("pending", "loss 2.3").replace("start", "do not start")
    (fault,) = faults(replaced_next_action, after, before)
    assert "words were inserted into the sentence when its result was added" in fault.message


def test_the_same_fault_against_two_revisions_is_reported_once() -> None:
    """A base and a snapshot that both hold an entry say so once."""
    text = log(ONE, TWO)
    assert len(faults(removed_entry, log(ONE), text, text)) == 1


def test_a_fault_of_the_second_revision_alone_is_reported() -> None:
    """A snapshot remembers what the base has lost: that catches a force push."""
    (fault,) = faults(removed_entry, log(ONE), log(ONE), log(ONE, TWO))
    assert "MOE-HC-002" in fault.message


def test_two_identical_removed_entries_are_two_findings() -> None:
    """Equal entries are counted, against one revision and against two."""
    text = log(ONE, TWO, TWO)
    assert len(faults(removed_entry, log(ONE), text, text)) == 2


HOSTILE = "x\u202e\x1b[31m::error::`$(touch pwned)`; " + "very long " * 40


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule is not deleted_logbook], ids=lambda rule: rule.name)
def test_hostile_text_is_quoted_on_one_short_line(rule: rules.Rule) -> None:
    """No control character and no long text comes through a message."""
    sections = {
        "Decision Log": f"- {HOSTILE}\n",
        "Hypothesis Queue": f"- {HOSTILE}\n",
        "Baseline": f"- {HOSTILE}\n",
        "Stop Criteria": f"- {HOSTILE}\n",
    }
    head = "\n".join(f"## {title}\n\n{text}" for title, text in sections.items())
    entry = f"### 2026-05-21 - {HOSTILE}\n\n- Result: pending\n- Next action: {HOSTILE}\n"
    before = wrapped(head + "\n## Entry Log\n\n" + ONE + "\n" + entry)
    after = wrapped("## Entry Log\n\n" + ONE.replace("2.31", "2.13"))
    for fault in faults(rule, after, before):
        assert fault.message.isprintable()
        assert len(fault.message) < 320


def test_hostile_names_become_no_command(tmp_path: Path) -> None:
    """What the help prints for git is one word for a shell, whatever the path holds."""
    path = ".agents/logbooks/a'b $(touch pwned) `touch pwned`\n-x.md"
    (fault,) = faults(removed_entry, log(ONE), log(ONE, TWO), path=path)
    assert "\n" not in fault.help
    command = fault.help.partition("(see `git show ")[2].rpartition("`)")[0]
    echoed = subprocess.run(["bash", "-c", f"printf %s {command}"], cwd=tmp_path, capture_output=True, check=True)
    assert f"3f78685:{path}" == echoed.stdout.decode()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a b.md", "'a b.md'"),
        ("é.md", "é.md"),
        ("a\x1b\x7fé'b.md", r"$'a\033\177é\'b.md'"),
        ("a\u2066\t\\.md", r"$'a\342\201\246\t\\.md'"),
        ("a\udcff\r\n.md", r"$'a\377\r\n.md'"),
    ],
)
def test_a_path_is_one_word_for_a_shell(name: str, shown: str) -> None:
    """On one line, with every byte of a name that cannot be printed."""
    (fault,) = gone(name, "3f78685")
    assert fault.help.endswith(f" -- {shlex.quote(name) if name == 'é.md' else shown}`")


def test_an_ordinary_path_is_left_as_it_is() -> None:
    """Nothing is quoted that needs no quotes."""
    (fault,) = faults(removed_entry, log(ONE), log(ONE, TWO))
    assert f"`git show 3f78685:{PATH}`" in fault.help


def test_a_deleted_logbook_is_reported_at_its_old_path() -> None:
    """The finding stands on the deleted path and says how to get the file back."""
    (fault,) = gone(PATH, "3f78685")
    assert (fault.where.span.path, fault.where.span.line) == (PATH, 1)
    assert f"git restore --source=3f78685 -- {PATH}" in fault.help


def test_a_moved_logbook_says_where_to() -> None:
    """A logbook that was moved out of sight is a deleted one with a known place."""
    (fault,) = gone(PATH, "3f78685", "notes/old router.md")
    assert "notes/old router.md" in fault.message
    assert shlex.quote("notes/old router.md") in fault.help
    assert (fault.where.span.path, fault.where.span.line) == (PATH, 1)


def test_a_well_formed_logbook_has_no_findings() -> None:
    """The logbook around the examples has no history fault against itself or an empty one."""
    text = wrapped("### 2026-05-21 - note\n\nText.\n")
    assert found_in(text, text) == []


def found_in(after: str, before: str) -> Sequence[rules.RuleHit]:
    """Return what all rules say."""
    return [fault for rule in RULES if rule is not deleted_logbook for fault in faults(rule, after, before)]


def test_a_decision_says_why_a_baseline_changed() -> None:
    """An added decision or entry that speaks of the baseline, of stopping or a gate answers for the change."""
    before = wrapped(ONE)
    after = before.replace("loss 2.41 at step 400", "loss 2.36 at step 400")
    assert len(faults(changed_baseline, after, before)) == 1
    said = "\n### 2026-05-23 - new baseline\n\n- Decision: the old one had half the batch.\n"
    assert faults(changed_baseline, after + said, before) == []
    assert len(faults(changed_baseline, after + said.replace("baseline", "numbers"), before)) == 1


def test_a_decision_says_why_the_goalposts_moved() -> None:
    """Each kind is one finding, on its line; a decision answers for the kind that it names, and only with a reason."""
    before = wrapped(ONE)
    after = before.replace("balance the experts.\n- Prim", "use four experts.\n- Prim").replace(
        "three variants", "five"
    )
    goal, criterion = faults(moved_goalposts, after, before)
    assert goal.message == "the goal changed after the first result: it lost “balance the”"
    assert criterion.message == "the stop criterion changed after the first result: it lost “three variants”"
    assert "use four" in after.split("\n")[goal.where.span.line - 1]
    assert (goal.where.subject, criterion.where.subject) == ("goal", "stop criterion")
    assert f"git show 3f78685:{PATH}" in goal.help
    for said, left in (
        ("we stop after five from now on, because three kept us from the sixth seed.", ["goal"]),
        ("the goal is to use four experts now; more do not fit on two GPUs.", ["stop criterion"]),
        ("the goal is to use four experts now.", ["goal", "stop criterion"]),
        ("we investigate more, because three is too few.", ["goal", "stop criterion"]),
    ):
        decided = after.replace("## Entry Log", f"## Decision Log\n\n- 2026-05-23: {said}\n\n## Entry Log")
        assert left == [fault.where.subject for fault in faults(moved_goalposts, decided, before)]


def test_what_makes_a_goalpost_easier_to_reach_is_named() -> None:
    """An addition is shown as what was gained."""
    before = wrapped(ONE)
    (fault,) = faults(moved_goalposts, before.replace("2.41.\n\n", "2.41, or 2.6.\n\n"), before)
    assert fault.message == "the stop criterion changed after the first result: it gained “, or 2.6.”"


def test_a_reworded_hypothesis_is_named_with_what_it_lost() -> None:
    """On the line of its claim, with the ways out."""
    before = wrapped(ONE + "- Interpretation: H1 holds.\n")
    after = before.replace("balances the experts", "keeps the loss", 1)
    (fault,) = faults(reworded_hypothesis, after, before)
    assert fault.message == "hypothesis H1 lost “balances the experts” after a result named it"
    assert "keeps the loss" in after.split("\n")[fault.where.span.line - 1]
    assert fault.where.subject == "hypothesis H1"
    assert "~~old~~ new" in fault.help
    (fault,) = faults(reworded_hypothesis, before.replace("balances", "hardly balances", 1), before)
    assert "H1 lost “balances the experts”" in fault.message or "words were inserted" in fault.message


def test_what_moved_is_found_against_each_earlier_version_once() -> None:
    """Against five hundred snapshots that all hold the old goal and the old claim there is one finding each."""
    old = wrapped(ONE + "- Interpretation: H1 holds.\n")
    new = old.replace("balance the experts.\n- Prim", "use four experts.\n- Prim").replace("balances", "loads", 1)
    for rule in (moved_goalposts, reworded_hypothesis):
        assert len(faults(rule, new, *[old + f"\n<!-- {number} -->\n" for number in range(500)])) == 1
        assert faults(rule, new, new, new + "\n### 2026-05-30 - more\n\nText.\n") == []
        assert faults(rule, new, wrapped("### 2026-05-21 - plan\n\n- Result: pending\n")) == []


def test_subjects_do_not_depend_on_lines() -> None:
    """A fault has the same subject wherever the text around it stands."""
    before, more = log(ONE, TWO), "### 2026-05-20 - zero\n\nText.\n"
    first = faults(rewritten_entry, before.replace("2.33", "2.13"), before)
    second = faults(rewritten_entry, log(more, ONE, TWO).replace("2.33", "2.13"), log(more, ONE, TWO))
    assert [fault.where.subject for fault in first] == [fault.where.subject for fault in second]


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (rewritten_decision, ("go on", "stop")),
        (dropped_hypothesis, ("- H1 (proposed): a cooler router balances the experts.", "- H2: other.")),
        (backdated_entry, (ONE, "### 2026-05-20 - earlier\n\nText.\n\n" + ONE)),
        (replaced_next_action, ("pending\n- Next action: wait.", "2.3\n- Next action: rerun.")),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_each_change_is_found_by_its_own_rule_alone(rule: rules.Rule, change: tuple[str, str]) -> None:
    """One change, one finding, of the rule that is named for it."""
    sections = "## Decision Log\n\n- D1: go on.\n\n## Entry Log\n\n"
    before = wrapped(
        sections + ONE + "\n" + TWO + "\n### 2026-05-23 - run\n\n- Result: pending\n- Next action: wait.\n"
    )
    (fault,) = found_in(before.replace(*change), before)
    assert [fault] == faults(rule, before.replace(*change), before)


@pytest.mark.parametrize(("days", "count"), [((28, 20, 22), 1), ((20, 28, 26), 0)])
def test_a_backdated_entry_is_found_whatever_one_odd_date_says(days: tuple[int, ...], count: int) -> None:
    """A log grows the way most of its entries do: 28, 20, 22, 23 at its end, 20, 28, 26, 25 at its top."""
    last = days[-1] + 1 if count else days[-1] - 1
    entries = [f"### 2026-05-{day} - run\n\n- Result: loss 2.{day}.\n" for day in (*days, last)]
    added = f"### 2026-05-{days[-1]} - more\n\nText.\n"
    assert len(faults(backdated_entry, log(*entries[:3], added, entries[3]), log(*entries))) == count
