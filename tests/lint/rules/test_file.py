"""Edge cases of the rules about the file as a whole, its header and what is recorded before the first experiment."""

from importlib.resources import files

import pytest

from lint.examples import PATH
from lint.judging import hits, said, shown
from research_logbook.config.schema import Config
from research_logbook.lint.rules.file import (
    EXAMPLE_TEXTS,
    committed_secret,
    held_back_text,
    hidden_characters,
    incomplete_prologue,
    invalid_front_matter,
    mismatched_topic,
    missing_entry_log,
    missing_scope,
    missing_title,
    swallowed,
    swallowed_front_matter,
    unfilled_template,
    unlinked_issue,
    unslugged_file_name,
    visible,
)


@pytest.mark.parametrize(
    "text",
    [
        "It ran to step &#x202e;400&#x202c;.",
        "- Result: &#8238;400",
        "| a |\n|---|\n| &#X202E;400 |",
        "### 2026-05-25 - kick&ZeroWidthSpace;off",
        "<details>\nstep &#x202e;400\n</details>",
        "\\`step &#x202e;400 \\`",
    ],
)
def test_a_hidden_character_is_found_as_an_entity(text: str) -> None:
    """However it is written, what a reader gets is the same."""
    (hit,) = hits(hidden_characters, f"# Run\n\n{text}\n")
    assert hit.message.endswith(", written as an entity")
    assert hit.help == "delete the entity, or format it as `code`"
    assert ("&#" in text) == ("U+202E" in hit.message)
    (line,) = shown(hidden_characters, f"# Run\n\n{text}\n")
    assert "&" in line
    assert hit.where.subject == f"line {line}"
    assert (hit.where.span.path, hit.where.span.end_line) == (PATH, hit.where.span.line)


@pytest.mark.parametrize(
    "text",
    ["Write `&#x202e;`.", "```\n&#x202e;\n```", "a &lt; b &mdash; c", "\u05d0&rlm;\u05d1", "&amp;#x202e; stays"],
)
def test_an_entity_that_hides_nothing(text: str) -> None:
    """Code shows the entity itself, and others stand for what is seen."""
    assert said(hidden_characters, f"# Run\n\n{text}\n") == []


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a\u202eb", 2),
        ("a\u2066b", 2),
        ("a\u061cb", 2),
        ("a\u200bb", 2),
        ("a\ufeffb", 2),
        ("soft\u00adhyphen", 5),
        ("a\u200eb", 2),
        ("\u05d0\u200f\u05d1", None),
        ("a\u200db", 2),
        ("👩\u200d🔬", None),
        ("a\U000e0041", 2),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", None),
        ("naïve café", None),
    ],
)
def test_hidden_characters(text: str, column: int | None) -> None:
    """Marks in right-to-left text, joiners in emoji and the tags of a flag are seen, and stay."""
    found = hits(hidden_characters, f"# Run\n\n{text}\n")
    assert [(hit.where.span.line, hit.where.span.column) for hit in found] == ([(3, column)] if column else [])
    assert (visible(text) == text) == (column is None)


def test_text_without_hidden_characters_keeps_its_lines() -> None:
    """A joiner at the end of a line joins nothing, also where the next line begins with a letter."""
    assert visible("é\u200b\na\u200d\nb\n") == "é\na\u200d\nb\n"


def test_a_line_with_both_is_found_once() -> None:
    """The character itself comes first: `logbook lint --fix` can delete that one."""
    (message,) = said(hidden_characters, "# Run\n\na\u200bb &#x202e;c\n\nd\n")
    assert message == "hidden character U+200B"


def test_every_line_is_found() -> None:
    """One finding a line, of characters and of entities."""
    assert len(hits(hidden_characters, "# Run\n\na\u200bb\u200bc\n\nd\u200be\n\nf &#x202e;g &#x202d;h\n")) == 3


def test_a_hidden_character_is_never_allowed() -> None:
    """What no reader sees, no reader has agreed to."""
    assert not hidden_characters.can_be_allowed


WRITTEN = "ghp_<36 letters and digits>"


def test_a_secret_is_found_on_its_line_and_not_repeated() -> None:
    """The subject tells lines apart by a digest, which the indent does not change."""
    text = f"# Run\n\nText.\n\n- Token: {WRITTEN}\n"
    (hit,) = hits(committed_secret, text)
    assert hit.where.span.line == hit.where.span.end_line == 5
    assert "ghp_" not in hit.message + hit.where.subject
    (indented,) = hits(committed_secret, text.replace("- Token", "- A\n  - Token"))
    assert indented.where.subject == hit.where.subject
    (other,) = hits(committed_secret, text.replace("Token", "Key"))
    assert other.where.subject != hit.where.subject
    assert len(hit.where.subject) == len("GitHub token in line ") + 12


BLOCKED = Config(held_back=("nightjar", "(?i)starling"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Nightjar", []),
        ("a nightjar", [(1, 3)]),
        ("a STARLING", [(2, 3)]),
        ("starling and nightjar", [(1, 14), (2, 1)]),
        ("nightjar nightjar", [(1, 1)]),
    ],
)
def test_held_back_text(text: str, found: list[tuple[int, int]]) -> None:
    """Each pattern that matches a line is told by its number, with the column of the first match."""
    seen = hits(held_back_text, f"# Run\n\nText.\n\n{text}\n", configuration=BLOCKED)
    assert [hit.message for hit in seen] == [
        f"this line matches pattern {number} under `held-back`" for number, _ in found
    ]
    places = [(hit.where.span.line, hit.where.span.end_line, hit.where.span.column) for hit in seen]
    assert places == [(5, 5, column) for _, column in found]
    assert [hit.where.subject[:13] for hit in seen] == [f"held back {number} i" for number, _ in found]


def test_nothing_is_held_back_by_default() -> None:
    """Without patterns no text is blocked."""
    assert said(held_back_text, "# Run\n\nnightjar\n") == []


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("8734-sparse-attention", None),
        ("a", None),
        ("a_b.c", None),
        ("a" * 80, None),
        ("a" * 81, "a" * 80),
        ("-a", "a"),
        ("Sparse", "sparse"),
        ("sparse attention", "sparse-attention"),
        ("é", "topic"),
    ],
)
def test_unslugged_file_name(name: str, better: str | None) -> None:
    """A slug is up to 80 lower-case letters, digits, hyphens, dots and underscores, a letter or digit first."""
    found = hits(unslugged_file_name, "# Run\n", file=f".agents/logbooks/{name}.md", is_new=True)
    assert [(hit.message, hit.help) for hit in found] == (
        [(f"the file name “{name[:80]}” is not a slug", f"rename it, for example to `{better}.md`")] if better else []
    )


def test_only_a_new_logbook_is_asked_to_be_renamed() -> None:
    """Links to an old one would break."""
    assert said(unslugged_file_name, "# Run\n", file=".agents/logbooks/Sparse.md") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntopic: moe\nissue: [\n---\n\n# MoE\n", 3),
        ("---\ntopic: moe\n\n# MoE\n", 1),
        ("---\ntopic: moe\n---\n\n# MoE\n", None),
        ("# MoE\n\n---\n\ntopic: [\n", None),
    ],
)
def test_invalid_front_matter(text: str, line: int | None) -> None:
    """A fault is on the line where YAML found it; a rule further down is not front matter."""
    found = hits(invalid_front_matter, text)
    assert [hit.where.span.line for hit in found] == [line] * (line is not None)
    assert all((hit.where.span.end_line, hit.where.subject) == (line, "front matter") for hit in found)


@pytest.mark.parametrize(
    ("text", "count"), [("# MoE\n", 0), ("Text.\n\n# MoE\n", 0), ("#\n\nText.\n", 1), ("Text.\n\nText.\n", 1)]
)
def test_missing_title(text: str, count: int) -> None:
    """An empty heading is not a title."""
    assert len(hits(missing_title, text)) == count


@pytest.mark.parametrize(
    ("line", "lost"),
    [
        ("issue: Lab issue #7", "#7"),
        ("issue: Lab issue #7  ", "#7"),
        ("issue: Lab #7 and #8", "#7 and #8"),
        ("issue:  Lab\t#7", "#7"),
        ("my-key_2: Lab #7", "#7"),
        ("issue: Lab issue # a comment", None),
        ("issue: Lab issue#7", None),
        ("issue: #7", None),
        ('issue: "Lab" #7', None),
        ("issue: 'Lab' #7", None),
        ("issue: [7] #7", None),
        ("issue: |  #7", None),
        ("- issue: Lab #7", None),
        ("  issue: Lab #7", None),
    ],
)
def test_swallowed(line: str, lost: str | None) -> None:
    """What follows a ` #` without a space is lost, unless quotes, brackets or a block hold the value."""
    key = line.partition(":")[0]
    assert list(swallowed(f"---\ntopic: moe\n{line}\n---\n")) == ([(3, key, lost)] if lost else [])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("---\nissue: Lab #7\n---\n", 1),
        ("--- \nissue: Lab #7\n---\n", 1),
        ("---\nissue: Lab #7\n", 1),
        ("---\n--- \nissue: Lab #7\n", 0),
        ("\n---\nissue: Lab #7\n---\n", 0),
        ("issue: Lab #7\n", 0),
    ],
)
def test_values_are_lost_in_front_matter_alone(text: str, count: int) -> None:
    """It begins on the first line and ends with the next rule."""
    assert len(list(swallowed(text))) == count


def test_a_swallowed_value_is_quoted_in_part() -> None:
    """Forty characters of the key and sixty of the rest, on the line of the value."""
    text = f"---\n{'k' * 41}: Lab #{'x' * 60}\n---\n\n# MoE\n"
    (hit,) = hits(swallowed_front_matter, text)
    assert hit.message == f"the value of `{'k' * 40}` ends before “#{'x' * 59}”"
    assert (hit.where.span.line, hit.where.span.end_line, hit.where.subject) == (2, 2, f"front matter {'k' * 41}")


@pytest.mark.parametrize(
    ("topic", "file", "count"),
    [
        ("router temperature", "router-temperature", 0),
        ("Router: Temperature!", "router-temperature", 0),
        ("42-router-temperature", "router-temperature", 0),
        ("router-temperature", "42-router-temperature", 0),
        ("42-router-temperature", "8734-router-temperature", 0),
        ("router", "router-temperature", 0),
        ("router-temperature", "router", 0),
        ("dense", "router-temperature", 1),
        ("…", "router-temperature", 0),
        ("router", "…", 0),
    ],
)
def test_mismatched_topic(topic: str, file: str, count: int) -> None:
    """Case, punctuation, a leading number and extra words make no difference."""
    text = f"---\ntopic: '{topic}'\n---\n\n# MoE\n"
    assert len(hits(mismatched_topic, text, file=f".agents/logbooks/{file}.md")) == count


def test_a_mismatched_topic_is_quoted_in_part() -> None:
    """Sixty characters of the topic and of the file's name, on the line of the topic."""
    topic, file = "x" * 61, "y" * 61
    text = f"---\nissue: 7\ntopic: {topic}\n---\n\n# MoE\n"
    (hit,) = hits(mismatched_topic, text, file=f".agents/logbooks/{file}.md")
    assert hit.message == f"the topic is “{topic[:60]}” but the file is named “{file[:60]}”"
    assert hit.where.span.line == 3


@pytest.mark.parametrize("text", ["# MoE\n\nTopic: dense\n", "---\nissue: 7\n---\n\n# MoE\n"])
def test_a_topic_is_one_of_the_front_matter(text: str) -> None:
    """A logbook without front matter, or without a topic in it, is not mismatched."""
    assert said(mismatched_topic, text) == []


@pytest.mark.parametrize(("text", "count"), [("issue=#8734", 0), ("issue=LAB-7", 0), ("E- 'Text.'", 1)])
def test_unlinked_issue(text: str, count: int) -> None:
    """An issue of any tracker will do."""
    assert len(hits(unlinked_issue, text)) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("# MoE\n\n## Scope\n\nText.\n", 0),
        ("# MoE\n\n## Motivation\n\nText.\n", 0),
        ("# MoE\n\nParent logbook: other.md\n", 0),
        ("# MoE\n\n## Plan\n\n- Goal: balance the experts.\n", 0),
        ("# MoE\n\n## Plan\n\n**Objective** of all this: balance the experts.\n", 0),
        ("# MoE\n\n## Plan\n\nQuestion that we ask of them: is it balanced?\n", 0),
        ("# MoE\n\n## Plan\n\nQuestion that we ask of these: is it balanced?\n", 1),
        ("# MoE\n\n## Plan\n\nNo goal: none.\n", 1),
        ("# MoE\n\n## Entry Log\n\n### 2026-05-25 - first\n\n- Goal: balance the experts.\n", 1),
        ("# MoE\n\n## Plan\n\nGoals\n", 1),
        ("# MoE\n\n## Project goal\n\nBalance the experts.\n", 0),
        ("# MoE\n\n## Project overview\n\nA router that balances experts without a loss.\n", 0),
        (
            "# MoE\n\n## Project at a glance\n\n| | |\n|---|---|\n| Topic | how sparsity and balance meet |\n",
            0,
        ),
        ("# MoE\n\n## Overview\n\nSee below.\n", 1),
        ("# MoE\n\n## Layout\n\nA router that balances experts without a loss.\n", 1),
        ("# MoE\n\n**Primary question:** can one phase beat two?\n", 0),
        ("# MoE\n\n## 2026-05-25 - Project set up\n\n**Research question:** is it balanced?\n", 0),
        ("# MoE\n\n## 2026-05-25 - seed\n\n**Research question:** is it?\n\n- Result: loss 2.31\n", 1),
        ("# MoE\n", 1),
    ],
)
def test_missing_scope(text: str, count: int) -> None:
    """A goal counts where it begins a line before the first entry, with a colon soon after it."""
    assert len(hits(missing_scope, text)) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("# MoE\n\n## Entry Log\n", 0),
        ("# MoE\n\n## Something\n\n### 2026-05-25 - first\n\n- Result: fine.\n", 0),
        ("# MoE\n\nParent logbook: other.md\n", 0),
        ("# MoE\n\n## Scope\n", 1),
    ],
)
def test_missing_entry_log(text: str, count: int) -> None:
    """A log is one by its title or by what is in it, and a parent may have it."""
    assert len(hits(missing_entry_log, text)) == count


WHOLE = {
    "the primary metric": "## Scope\n\n- Metric: loss.\n",
    "the baseline's numbers": "## Baseline\n\n- Dense: 2.41.\n",
    "stop criteria": "## Stop criteria\n\n- Three slow variants.\n",
    "a hypothesis queue": "## Hypothesis Queue\n\n- `H1`: it is balanced.\n",
    "an experiment ID prefix": "- Experiment ID prefix: MOE-HC\n",
    "2 to 4 shared tags": "- Tags: MOE-HC, issue-42\n",
}
"""A whole prologue, by what the rule calls its parts."""


def prologue(**parts: str) -> str:
    """Return a logbook with a whole prologue, some of its parts replaced."""
    texts = WHOLE | {name.replace("_", " "): text for name, text in parts.items()}
    header = [texts.pop("an experiment ID prefix"), texts.pop("2 to 4 shared tags")]
    return "\n".join(["# MoE\n", *header, *texts.values(), "## Entry Log\n"])


@pytest.mark.parametrize("part", WHOLE)
def test_each_part_of_the_prologue_is_asked_for(part: str) -> None:
    """A new logbook lacks exactly what is left out."""
    text = prologue(**{part: ""})
    assert said(incomplete_prologue, text, is_new=True) == [f"the start of the logbook does not record {part}"]


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("the primary metric", "## Metrics\n\nLoss.\n"),
        ("the primary metric", "## Scope\n\nThe metric is loss.\n"),
        ("the baseline's numbers", "## Baseline\n\nNone.\n"),
        ("stop criteria", "## Termination criteria\n\n- Three slow variants.\n"),
        ("stop criteria", "## Scope\n\n- Metric: loss. We stop when it is over.\n"),
        ("stop criteria", "## Scope\n\n- Metric: loss. Exit criterion: none.\n"),
        ("stop criteria", "## Scope\n\n- Gate: loss under 2.\n"),
        ("a hypothesis queue", "## Hypothesis Queue\n\nNone yet.\n"),
        ("2 to 4 shared tags", "- Tags: a1, b2, c3, d4\n"),
    ],
)
def test_a_part_of_the_prologue_in_other_words(part: str, text: str) -> None:
    """What counts is that it is said before the first entry."""
    assert said(incomplete_prologue, prologue(**{part: text}), is_new=True) == []


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("the baseline's numbers", "## Baseline\n\nNonetheless.\n"),
        ("stop criteria", "## Plan\n\nWe investigate.\n"),
        ("stop criteria", "## Plan\n\nH2 was falsified, and the run stopped.\n"),
        ("a hypothesis queue", "## Plan\n\nThe GPU is an H100: fast. We have no hypothesis yet.\n"),
        ("an experiment ID prefix", "## Plan\n\nIt follows ABC-001.\n"),
        ("2 to 4 shared tags", "## Links\n\nNo tags were set. They come later.\n"),
        ("2 to 4 shared tags", "- Tags: a1\n"),
        ("2 to 4 shared tags", "- Tags: a1, b2, c3, d4, e5\n"),
    ],
)
def test_a_part_of_the_prologue_that_is_not_one(part: str, text: str) -> None:
    """Words that only contain one of these, and too few or too many tags, do not count."""
    assert said(incomplete_prologue, prologue(**{part: text}), is_new=True) == [
        f"the start of the logbook does not record {part}"
    ]


def test_what_an_entry_says_is_not_the_prologue() -> None:
    """A metric that comes with the first result comes too late."""
    text = prologue(**{"the primary metric": ""}) + "\n### 2026-05-25 - first\n\n- Result: metric 2.2\n"
    assert len(hits(incomplete_prologue, text, is_new=True)) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("This logbook continues the record in `.agents/logbooks/8108-kittens.md`.", 0),
        ("We continue with the dense model of last week.", 1),
    ],
)
def test_a_logbook_that_continues_another_has_its_prologue(text: str, count: int) -> None:
    """The one it names has the metric, the baseline and the rest."""
    assert len(hits(incomplete_prologue, f"# MoE, part 2\n\n{text}\n\n## Entry Log\n", is_new=True)) == count


def test_only_new_logbooks_need_a_whole_prologue() -> None:
    """An old one is asked with `--all`, and one with a parent never."""
    text = "# MoE\n\n## Entry Log\n"
    assert said(incomplete_prologue, text) == []
    assert len(hits(incomplete_prologue, text, everything=True)) == 1
    assert said(incomplete_prologue, "# MoE\n\nParent logbook: other.md\n", is_new=True) == []


@pytest.mark.parametrize(
    ("line", "placeholder"),
    [
        ("- Date: YYYY-MM-DD", "YYYY-MM-DD"),
        ("- Goal: {{ goal }}", "{{ goal }}"),
        ("- Goal: \\<goal>", "<goal>"),
        ("- Goal: <goal>", "<goal>"),
        ("- Goal: \\<fill this in>", "<fill this in>"),
        ("- Goal: \\<what we want>", "<what we want>"),
        ("- ID: PREFIX-001", "PREFIX-001"),
        ("## What PREFIX-1 was", "PREFIX-1"),
        ("<p>YYYY-MM-DD</p>", "YYYY-MM-DD"),
        ("- Date: `YYYY-MM-DD`", None),
        ("<!-- Write YYYY-MM-DD -->", None),
        ("- Goal: \\<b>", None),
        ("- ID: XPREFIX-001", None),
    ],
)
def test_unfilled_template(line: str, placeholder: str | None) -> None:
    """A placeholder in a text or a title is found where it is; in code and comments it may be meant."""
    text = f"# MoE\n\nText.\n\n{line}\n"
    found = hits(unfilled_template, text)
    assert [hit.message for hit in found] == (
        [f"the placeholder “{placeholder}” was not filled in"] if placeholder else []
    )
    assert shown(unfilled_template, text) == [line] * bool(placeholder)
    assert all(hit.where.subject == f"placeholder {placeholder}" for hit in found)
    assert all(hit.where.span.path.endswith("router-temperature.md") for hit in found)


@pytest.mark.parametrize(
    ("title", "count"), [("Future entries: template", 0), ("Template of a router", 1), ("Notes", 1)]
)
def test_an_empty_entry_may_be_kept_for_the_next_one(title: str, count: int) -> None:
    """It stands at the end, below a heading that says so."""
    text = (
        f"# MoE\n\n## Log\n\n### 2026-05-25 - first\n\nText.\n\n## {title}\n\n## [YYYY-MM-DD] What happened\n\nText.\n"
    )
    assert len(hits(unfilled_template, text)) == count


def test_the_example_of_the_template_is_no_entry() -> None:
    """Each of its fields is found as it stands in the template, and none that was filled in."""
    template = files("research_logbook").joinpath("templates", "logbook.md").read_text()
    lines = template[template.index("### YYYY") : template.rindex("-->")].split("\n")
    fields = "\n".join(line for line in lines if line.startswith("- ") and "Hypothesis" not in line)
    text = f"# MoE\n\n## Entry Log\n\n### 2026-05-25 09:00 - MOE-HC-001 first seed\n\n{fields}\n"
    assert len(hits(unfilled_template, text)) == len(EXAMPLE_TEXTS) == fields.count("\n") + 1
    filled = "- Command: `make`\n- Result: the numbers are in the table.\n- Next action: the step that follows.\n"
    assert said(unfilled_template, text.replace(fields, filled)) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("# MoE\n\nResearch spike. Goal: the layer runs\n1.4x as fast.\n\n## Entries\n", 0),
        ("# MoE\n\nIssue: #12\n\n> Scope: isolate the divergence of one recipe.\n\n## Entry Log\n", 0),
        ("# MoE\n\nOne place for the scores of full training runs and what they taught us.\n", 0),
        ("# MoE\n\nThe purpose is a router that needs no loss.\n", 0),
        ("# MoE\n\n*We ask whether sparsity keeps the loss.*\n\n## Log\n", 0),
        ("---\ndescription: Balance experts without an auxiliary loss.\n---\n\n# MoE\n\n## Log\n", 0),
        ("# MoE\n\n## Summary\n\nSparsity keeps the loss.\n", 0),
        ("# MoE\n\n**Objective:** balance the experts\n", 0),
        ("# MoE\n\nNewest entry on top. Never edit past entries.\n\n## Log\n", 1),
        ("# MoE\n\n*Chronological record of every experiment, result, and decision.*\n\n## Log\n", 1),
        ("# MoE\n\n> Moved here from another file, whose dates are kept below.\n\n## Log\n", 1),
        ("# MoE\n\nIssue: #12\nBranch: research/the-branch-of-this-thread\n\n## Log\n", 1),
        ("# MoE\n\nGoal: none\n\n## Log\n", 0),
    ],
)
def test_a_sentence_under_the_title_may_say_what_the_thread_is_for(text: str, count: int) -> None:
    """How the log is kept, and facts of the header, do not say it."""
    assert len(hits(missing_scope, text)) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("# MoE\n\n- Coordinating work item: Weaver issue #170.\n", 0),
        ("# MoE\n\n- GitHub issues:\n  - https://github.com/lab/x/issues/12\n", 0),
        ("# MoE\n\nNo coordinating issue was created; the pull request is the reference.\n", 0),
        ("# MoE\n\n- Coordinating PR: #8753\n", 0),
        ("# MoE\n\nNo issues so far.\n", 1),
        ("# MoE\n\n- Known issues: #12\n", 1),
        ("# MoE\n\n- Coordinating issue/PR: none yet (one is filed when the hardware runs).\n", 0),
        ("# MoE\n\n## Baseline\n\n- Issue: https://github.com/lab/x/issues/12\n", 0),
        ("# MoE\n\n## Baseline\n\n- Issue: the loss rises.\n", 1),
    ],
)
def test_an_issue_by_other_names(text: str, count: int) -> None:
    """It may be on another tracker, or be said to be none."""
    assert len(hits(unlinked_issue, text)) == count


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("the primary metric", "## Fixed target\n\n- target: 250 TFLOP/s a rank.\n"),
        ("the primary metric", "## Scope\n\n- Goal: a speed-up of ≥ 1.4x.\n"),
        ("the baseline's numbers", "## Summary\n\nThe dense baseline ends at 2.41.\n"),
        (
            "the baseline's numbers",
            "## State\n\nBaselines at the branch point:\n\n| run | loss |\n|---|---|\n| a | 2.41 |\n",
        ),
        ("stop criteria", "## Kill criteria\n\n- Three slow variants.\n"),
        ("a hypothesis queue", "## Working hypotheses\n\nNone yet.\n"),
        ("2 to 4 shared tags", "- Shared W&B tags: a1, b2\n"),
    ],
)
def test_a_part_of_the_prologue_by_other_names(part: str, text: str) -> None:
    """A target is a metric, and a baseline may stand in any section."""
    assert said(incomplete_prologue, prologue(**{part: text}), is_new=True) == []


def test_stop_criteria_may_stand_in_the_entry_that_plans_the_run() -> None:
    """They are set down before the first result; with it is too late."""
    entry = "\n### 2026-05-25 - plan\n\n- Stop criteria: three slow variants.\n"
    text = prologue(**{"stop criteria": ""})
    assert said(incomplete_prologue, text + entry, is_new=True) == []
    assert len(hits(incomplete_prologue, text + entry + "- Result: loss 2.31\n", is_new=True)) == 1


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("the primary metric", "## Summary\n\nAcceptance: a gap of 0.01 at matched steps.\n"),
        ("stop criteria", "## Contract\n\nStop and escalation criteria: the matrix stops when it hangs.\n"),
        ("stop criteria", "## Contract\n\n- Hard cost ceiling: 10 dollars.\n"),
        ("2 to 4 shared tags", "## Links\n\n- W&B: project `x`, tags `a1` / `b2`\n"),
        ("the baseline's numbers", "## State\n\n**Frontier comparator:** mean 0.979 of the old branch.\n"),
        ("the primary metric", "## Summary\n\nThe bar to clear is a mean of 0.27.\n"),
        ("the primary metric", "## Setup\n\n- Objectives: win often, search little.\n"),
        ("stop criteria", "## Decision log\n\n- Falsification threshold: under 21 percent.\n"),
        ("stop criteria", "## Summary\n\nAcceptance: a gap of 0.01 at matched steps.\n"),
        ("stop criteria", "## Decision rules\n\n- Three of ten fail: back to the template.\n"),
        ("stop criteria", "## Plan\n\nThe budget is 40 hours of one node.\n"),
        ("a hypothesis queue", "## Scope\n\n- Metric: loss.\n- Working hypothesis: sparsity keeps it.\n"),
        ("a hypothesis queue", "## Predictions\n\n- P1: it keeps the loss.\n"),
        ("an experiment ID prefix", "## Plan\n\n| run | what |\n|---|---|\n| EE-001 | a |\n| EE-002 | b |\n"),
        ("2 to 4 shared tags", "## Links\n\nThe runs are tagged `a1` and `b2`.\n"),
    ],
)
def test_a_part_of_the_prologue_in_a_sentence(part: str, text: str) -> None:
    """What is accepted, when to stop and the tags may be told in passing."""
    assert said(incomplete_prologue, prologue(**{part: text}), is_new=True) == []


def test_ids_of_the_entries_are_a_series_without_a_word_about_it() -> None:
    """Most headings have one, wherever it stands in them."""
    text = prologue(**{"an experiment ID prefix": ""}) + "\n### 2026-05-25 - first seed (EE-001)\n\nIt runs.\n"
    assert said(incomplete_prologue, text, is_new=True) == []
