"""Claims about the hypothesis queue and the decision log."""

import pytest

from book import book, parsed
from research_logbook.logbook.model import Hypothesis, Status


def queue(text: str) -> tuple[Hypothesis, ...]:
    """Return the hypotheses of a queue's text."""
    return parsed(f"# T\n\n## Hypothesis Queue\n\n{text}\n").hypotheses


def only(text: str) -> Hypothesis:
    """Return the one hypothesis of a queue's text."""
    (found,) = queue(text)
    return found


@pytest.mark.parametrize(
    "item",
    [
        *("- `KT-H1`: more heads", "- **KT-H1**: more heads", "- **KT-H1:** more heads", "- KT-H1: more heads"),
        *("1. KT-H1. more heads", "- KT-H1 — more heads", "- KT-H1 - more heads", "- [KT-H1] more heads"),
        *("- [ ] KT-H1: more heads", "- (KT-H1) more heads", "* *KT-H1* more heads", "KT-H1: more heads"),
        *("### KT-H1: more heads", "### KT-H1\n\nmore heads", "| ID | Claim |\n|---|---|\n| KT-H1 | more heads |"),
    ],
)
def test_an_id_is_separated_from_the_text(item: str) -> None:
    """However an item is set, its ID and its text are told apart."""
    found = only(item)
    assert (found.id, found.text, found.status, found.status_written) == ("KT-H1", "more heads", Status.PROPOSED, "")
    assert found.span.line == 5 + 2 * item.startswith("|")


@pytest.mark.parametrize("name", ["H1", "H12b", "MOE-HC-003", "CC16-H5", "H-ASYNC", "ROU-2.1"])
def test_forms_of_ids(name: str) -> None:
    """An ID has a number, or is all capitals with a hyphen."""
    assert only(f"- `{name}`: x").id == name


@pytest.mark.parametrize("item", ["- More heads.", "- SwiGLU helps", "- moe-h1: x", "- a: b", "- 1: x", "- XSA: x"])
def test_words_that_are_not_ids_of_hypotheses(item: str) -> None:
    """Words, names and lower case are not IDs."""
    assert only(item).id == ""


@pytest.mark.parametrize(
    "item",
    [
        *("- `H-wgrad`: x", "- **H-wgrad**: x", "- **H-wgrad:** x", "- **H-wgrad.** x", "1. `H-wgrad` - x"),
        *("- `H-wgrad` (active): x", "- [active] `H-wgrad`: x", "- [ ] `H-wgrad`: x", "**H-wgrad**: x"),
        *("### `H-wgrad`: x", "### **H-wgrad** – x", "| ID | Claim |\n|---|---|\n| `H-wgrad` | x |"),
        *("| Hypothesis | Next |\n|---|---|\n| `H-wgrad`: x | y |", "- ~~`H-wgrad`: x~~"),
    ],
)
def test_an_id_needs_no_number_where_it_is_set_apart(item: str) -> None:
    """Code or bold before the colon is an ID."""
    assert only(item).id == "H-wgrad"


@pytest.mark.parametrize("name", ["wgrad", "h-te", "kt_wide", "KT.wide", "WGRAD"])
def test_any_word_set_as_code_before_the_colon_is_an_id(name: str) -> None:
    """It may be in lower case, and have other marks than hyphens."""
    assert only(f"- `{name}`: x").id == only(f"- **{name}**: x").id == name


@pytest.mark.parametrize(
    "item",
    [
        *("- the `wgrad` kernel helps: x", "- `wgrad` helps", "- `more heads`: x", "- **More heads**: x", "- wgrad: x"),
        *("- **Active**: x", "- **Evidence**: x", "- **Next test**: x", "- **Result:** x", "- **Why:** x"),
    ],
)
def test_code_and_bold_that_are_no_ids(item: str) -> None:
    """Code in a sentence, several words, states and names of parts are none."""
    assert only(item).id == ""


@pytest.mark.parametrize(
    "item",
    [
        *("- H1 (active): x", "- H1 [active] x", "- [active] H1: x", "- (active) H1: x", "- H1: active: x"),
        *("- H1 — active — x", "- H1 - Active - x", "- **Active**: H1 – x", "- H1: Status: active"),
        *("- H1: x\n  - Status: active", "### Active\n\n- H1: x", "### 🟢 Active (2)\n\n- H1: x"),
        *("### Active\n\n#### H1: x", "### Active\n\n#### Round one\n\n- H1: x", "**H1: x** Status: active"),
        *(
            "| # | Hypothesis | State |\n|---|---|---|\n| H1 | x | active |",
            "| Hypothesis | Status |\n|-|-|\n| H1: x | active |",
        ),
    ],
)
def test_a_state_may_stand_anywhere(item: str) -> None:
    """The state stands before or behind the ID, in a part of its own, in a column or in the heading above."""
    found = only(item)
    assert (found.id, found.status) == ("H1", Status.ACTIVE)


@pytest.mark.parametrize(
    "item", ["- H1 (batch 32): x", "- H1: New data: x", "- H1: closed-loop: x", "- H1 (see below): x"]
)
def test_text_that_only_looks_like_a_state(item: str) -> None:
    """An aside and the beginning of a sentence are not states."""
    found = only(item)
    assert (found.status, found.status_written) == (Status.PROPOSED, "")


@pytest.mark.parametrize("item", ["- H1 [purple]: x", "- H1: Status: purple", "### Purple\n\n- H1: x"])
def test_an_unknown_state_is_kept_as_written(item: str) -> None:
    """A state that is none of the six is kept as it is written."""
    found = only(item)
    assert (found.status, found.status_written.casefold()) == (None, "purple")


def test_a_struck_out_hypothesis_keeps_its_id() -> None:
    """A hypothesis that is struck out is still that hypothesis."""
    first, second = queue("- ~~`H1`: more heads~~ (falsified): see KT-003\n- ~~H2: all of it~~")
    assert (first.id, first.status, first.text) == ("H1", Status.FALSIFIED, "see KT-003")
    assert (second.id, second.text) == ("H2", "")


def test_none_is_not_a_hypothesis() -> None:
    """A "none", an empty row and plain prose are not hypotheses."""
    text = "We shall see.\n\n### Active\n\n- None.\n- *none yet*\n\n| ID | Hypothesis |\n|---|---|\n| | None |\n"
    assert queue(text) == queue("") == ()


@pytest.mark.parametrize(
    "item",
    [
        *("None at this time.", "None. The queue is empty.", "None currently.", "No active hypotheses.", "(none)"),
        *("None — all are settled.", "None yet; see the entries.", "n/a", "None blocked right now.", "Nil."),
    ],
)
def test_an_item_that_begins_with_none_is_no_hypothesis(item: str) -> None:
    """What is said about there being none is no claim either."""
    assert queue(f"### Blocked\n\n- {item}\n") == ()


@pytest.mark.parametrize(
    "item", ["None of the kernels helps.", "Nothing is lost by packing.", "No hypothesis of ours holds at scale."]
)
def test_a_claim_that_begins_with_a_negation_is_a_hypothesis(item: str) -> None:
    """It says something."""
    assert only(f"- {item}").text == item


def test_the_parts_of_a_hypothesis() -> None:
    """Evidence, next test and links are found in items, nested items and columns."""
    inline = only("- H1: x. Evidence: [KT-001](#a) and [KT-002](#b). Next test: a seed.")
    nested = only("- H1: x\n  - Evidence: KT-001\n  - Resume when: the node is back")
    column = only(
        "| ID | Hypothesis | Evidence / links | Next step |\n|---|---|---|---|\n| H1 | x | KT-001 | a seed. |"
    )
    assert (inline.evidence, inline.next_step, inline.has_link) == ("KT-001 and KT-002.", "a seed.", True)
    assert (nested.evidence, nested.next_step, nested.has_link) == ("KT-001", "the node is back", False)
    assert (column.evidence, column.next_step, column.has_link) == ("KT-001", "a seed.", False)


def test_a_hypothesis_spans_all_that_is_said_of_it() -> None:
    """A heading's hypothesis holds what stands below, a paragraph's what follows."""
    assert [
        (item.id, item.span.line, item.span.end_line)
        for item in queue("### H1\n\n- Evidence: x\n\n#### More\n\ny\n\n### H2\n")
    ] == [
        *(("H1", 5, 11), ("H2", 13, 13)),
    ]
    text = "**H1.** x\n\n- Evidence: y\n\n**H2.** z\n\n- H3: in a list\n\n| ID | Claim |\n|--|--|\n| H4 | a |\n"
    assert [(item.id, item.span.line, item.span.end_line) for item in queue(text)] == [
        *(("H1", 5, 7), ("H2", 9, 9), ("H3", 11, 11), ("H4", 15, 15)),
    ]


def test_the_queue_goes_by_other_names() -> None:
    """Hypotheses are found under each of its titles, and nowhere else."""
    for title in ("Hypotheses", "Initial hypotheses", "Living hypothesis queue", "4. Hypothesis"):
        assert [item.id for item in parsed(f"# T\n\n## {title}\n\n- H1: x\n\n## Other\n\n- H2: x\n").hypotheses] == [
            "H1"
        ]
    for title in (
        "Working hypotheses",
        "🧪 Open hypotheses (2)",
        "Hypothesis queue as of May",
        "Hypothesis queue / plan",
    ):
        assert [item.id for item in parsed(f"# T\n\n## {title}\n\n### H1: x\n\n- y\n").hypotheses] == ["H1"]
    assert parsed("# T\n\n## Ideas\n\n- H1: x\n").hypotheses == ()


def test_names_in_messages() -> None:
    """A hypothesis is known by its ID, else by how it begins."""
    first, second = queue("- H1: x\n- more heads\n")
    assert (first.name, first.subject) == ("H1", "hypothesis H1")
    assert (second.name, second.subject) == ("“more heads”", "hypothesis more heads")


def test_the_fixture_language_can_write_hypotheses() -> None:
    """Tests of rules say what they need in a few words."""
    found = book("H1 active 'Next test: x'; H2 falsified").hypotheses
    assert [(item.id, item.status, item.next_step) for item in found] == [
        ("MOE-HC-H1", Status.ACTIVE, "x"),
        ("MOE-HC-H2", Status.FALSIFIED, ""),
    ]


# The decision log


def decisions(text: str) -> list[tuple[int, int, str]]:
    """Return lines and text of each decision in a decision log."""
    found = parsed(f"# T\n\n## Decision Log\n\n{text}\n\n## Other\n\n- no decision\n").decisions
    return [(item.span.line, item.span.end_line, item.text) for item in found]


def test_items_rows_and_dated_text_are_decisions() -> None:
    """Lists, tables, dated paragraphs and dated headings hold decisions; an introduction is not one."""
    text = "Newest last.\n\n- one\n  more\n  - and\n\n| Date | What |\n|--|--|\n| x | two |\n\n**2026-05-25**: three\n"
    assert decisions(text) == [
        *((7, 9, "one more and"), (13, 13, "x | two"), (15, 15, "2026-05-25: three")),
    ]
    assert decisions("### 2026-05-25 four\n\nBecause.\n\n#### Why\n\n- x\n\n### Kept\n\n- five\n") == [
        *((5, 11, "2026-05-25 four Because. Why x"), (15, 15, "five")),
    ]


def test_decisions_within_an_entry_belong_to_the_entry() -> None:
    """A sub-heading of an entry is not a decision log."""
    assert parsed("## 2026-05-25 a\n\n### Decision\n\n- keep it\n").decisions == ()


def test_a_decision_is_known_by_how_it_begins() -> None:
    """Its subject is the same wherever it is."""
    (decision,) = book("D@2026-05-25 'one seed is enough'").decisions
    assert decision.subject == "decision 2026-05-25: one seed is enough"
    assert len({decision}) == 1


@pytest.mark.parametrize(
    "title", ["Hypothesis Queue Update", "Hypothesis queue changes", "Hypothesis generation", "Decision log format"]
)
def test_a_section_is_what_its_whole_title_says(title: str) -> None:
    """What begins with the name of an index is no index by that."""
    book = parsed(f"# T\n\n## {title}\n\n- Add: H1.\n- Revise: none.\n")
    assert (book.hypotheses, book.decisions) == ((), ())


@pytest.mark.parametrize("title", ["Hypotheses: Research Logbook", "Baseline: Research Logbook", "Scope"])
def test_the_title_of_the_file_is_no_index(title: str) -> None:
    """The entries below it are entries."""
    book = parsed(f"# {title}\n\n## Experiment Log\n\n### 2026-05-25 - first\n\n- Result: 2.31\n")
    assert len(book.entries) == 1
    assert book.hypotheses == ()
