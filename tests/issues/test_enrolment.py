"""Claims about which issues are enrolled, and which an agent made."""

from collections.abc import Collection

import pytest

from github_issue import github_comment, github_issue
from research_logbook.github.models import Account, Permission, PermittedAccount
from research_logbook.issues import ExperimentIssue, parse_issue
from research_logbook.issues.classification import is_agent_made, is_enrolled, says_experiment

TEMPLATE = "### Description\n\nx\n\n### Hypothesis or Goal\n\n_No response_\n\n### Links\n\n### Results\n"
COMMENT = github_comment("🤖 Experiment: mazes\n" + TEMPLATE, author="robot[bot]")


def issue(
    title: str = "", body: str = "", *, labels: Collection[str] = (), author: str = "ada", is_bot: bool = False
) -> ExperimentIssue:
    """Return an issue by a person with no label, and with an agent's comment."""
    account = Account(author, "Bot" if is_bot else "User")
    return parse_issue(github_issue(body, title, labels=labels, user=account), [COMMENT])


def outline(*titles: str) -> str:
    """Return a body with these headings, each as GitHub's issue forms write it."""
    return "".join(f"### {title}\r\n\r\n_No response_\r\n\r\n" for title in titles)


def enrolled(subject: ExperimentIssue, role: str | None = None, *, named: bool = False, agents: str = "") -> bool:
    """Return whether the issue is enrolled."""
    role_of = None if role is None else lambda _: role
    return is_enrolled(subject, is_named=named, agents=agents.split(), role_of=role_of)


EXPERIMENT = issue("Experiment: mazes")


@pytest.mark.parametrize("label", ["experiment", "Experiment"])
def test_the_label_enrols(label: str) -> None:
    """The label is enough, whoever opened the issue and whatever it says."""
    assert enrolled(issue(labels=["bug", label]))


def test_a_logbook_s_header_enrols() -> None:
    """An issue that a logbook's header names is enrolled."""
    assert enrolled(issue("A bug"), named=True)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("triage", True),
        ("write", True),
        ("maintain", True),
        ("admin", True),
        ("read", False),
        ("none", False),
        (None, False),
        ("", False),
        ("Admin of nothing", False),
    ],
)
def test_words_enrol_by_role(role: str | None, *, expected: bool) -> None:
    """What an issue says of itself enrols it for those who may triage, and for nobody else."""
    assert enrolled(EXPERIMENT, role) is expected
    assert enrolled(issue("", TEMPLATE), role) is expected
    assert not enrolled(issue("Mazes are wide"), role)


def test_words_enrol_a_bot_s_issue() -> None:
    """An app's issue that says so is enrolled, and so is one by a login that the configuration lists."""
    assert enrolled(issue("Experiment: mazes", author="lab[bot]"))
    assert enrolled(issue("Experiment: mazes", is_bot=True))
    assert enrolled(EXPERIMENT, agents="ada")
    assert not enrolled(issue("Mazes", is_bot=True))


def test_an_agent_s_signature_enrols_nothing() -> None:
    """Whoever writes 🤖 into an issue is no bot for that."""
    assert not enrolled(issue("Experiment: mazes", "🤖 mine"))


def test_mentions_and_other_labels_enrol_nothing() -> None:
    """A body that speaks of experiments, a comment and a label like it enrol nothing."""
    assert not enrolled(issue("Mazes", "Part of the experiment #12.", labels=["experiments", "tldr"]), "admin")


@pytest.mark.parametrize(
    "title",
    [
        "Experiment: mazes",
        "experiment: mazes",
        "EXPERIMENT : mazes",
        "  Experiment:mazes",
        "[Experiment] mazes",
        "[experiment]: mazes",
        "🧪 Experiment: mazes",
        "🤖🧪 [Experiment] mazes",
        "**Experiment:** mazes",
        "Experiment:",
        "Agent MoE Experiment: mazes",
        "🧪 Muon Experiment: mazes",
        "Long-context 8B Experiment : mazes",
    ],
)
def test_titles_of_experiments(title: str) -> None:
    """`Experiment:` or `[Experiment]` leads the title, in any case, an emoji before it aside."""
    assert says_experiment(issue(title))


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Experimental: mazes",
        "Experiments: mazes",
        "Experiment with mazes",
        "Mazes: an experiment: wide",
        "Re: Experiment: mazes",
        "[Experimental] mazes",
        "[bug] Experiment: page is blank",
        "Fix experiment: crash",
        "Fix Experiment: crash",
        "Bug In Experiment: crash",
        "Failing MoE Experiment: crash",
        "How To Name An Experiment: a question",
        "The words before it Experiment: mazes",
        "Agent MoE Experiment mazes",
        "Agent MoE Experiments: mazes",
        "# Experiment",
    ],
)
def test_titles_that_only_mention_it(title: str) -> None:
    """The word elsewhere, or a longer word, says nothing."""
    assert not says_experiment(issue(title))


@pytest.mark.parametrize(
    "titles",
    [
        ("Description", "Hypothesis or Goal", "Links", "Results"),
        ("Goal", "Links", "Results"),
        ("Hypothesis", "Results"),
        ("TL;DR", "Hypothesis or Goal", "Decision Log", "Conclusion"),
        ("Hypothesis", "Negative results index"),
        ("TL;DR", "Decision log", "Negative results index", "Conclusion"),
    ],
)
def test_outlines_of_experiments(titles: tuple[str, ...]) -> None:
    """A hypothesis and what answers it, or a goal, results and the record of them, make an experiment."""
    assert says_experiment(issue("Mazes", outline(*titles)))


@pytest.mark.parametrize(
    "titles",
    [
        (),
        ("Describe the bug", "Expected behavior", "Steps to reproduce", "Links"),
        ("Bug description", "Hypothesis", "Results", "Links"),
        ("Summary", "Steps to reproduce", "Actual results", "Hypothesis", "Results"),
        ("Is your feature request related to a problem?", "Goal", "Results", "Links"),
        ("Goal", "Links", "Description"),
        ("Goals", "Key results", "Links"),
        ("Goal", "Results"),
        ("Context", "Decision", "Consequences", "References"),
        ("Description", "Links", "Results", "Conclusion"),
        ("Hypothesis", "Links"),
        ("TL;DR", "Decision log", "Conclusion"),
    ],
)
def test_outlines_of_other_issues(titles: tuple[str, ...]) -> None:
    """Forms for bugs and features, plans and decision records are no experiments."""
    assert not says_experiment(issue("Mazes", outline(*titles)))


@pytest.mark.parametrize(
    ("subject", "agents", "expected"),
    [
        (issue(is_bot=True), "", True),
        (issue(author="lab[bot]"), "", True),
        (issue(author="Lab-Agent-3"), "lab-agent-*", True),
        (issue(author="lab[bot]x"), "lab[bot]*", True),
        (issue(author="labo"), "lab[bot]", False),
        (issue(author="ada"), "*agent", False),
        (issue(author=""), "agent", False),
        (issue(body="🤖 mine"), "", True),
        (issue(body="See #12.\r\n\r\nCo-authored-by: Claude <noreply@anthropic.com>\r\n"), "", True),
        (issue("🤖 Experiment: mazes", "By hand."), "", False),
    ],
)
def test_what_an_agent_made(subject: ExperimentIssue, agents: str, *, expected: bool) -> None:
    """The author or the body says so; the title and the comments do not count."""
    assert is_agent_made(subject, agents.split()) is expected


@pytest.mark.parametrize(
    ("role", "flags", "permission", "expected"),
    [
        ("maintain", "pull triage push maintain", "write", "maintain"),
        ("triage", "", "read", "triage"),
        ("read", "pull triage push", "write", "read"),
        ("Curator", "pull triage", "read", "triage"),
        ("Curator", "pull triage push", "write", "write"),
        ("Curator", "pull", "read", "read"),
        ("Curator", "", "write", "write"),
        ("Curator", "", "read", "read"),
        ("Curator", "", "", "none"),
        (None, "", "", "none"),
        (None, "", "admin", "admin"),
        ("admins", "", "none", "none"),
    ],
)
def test_custom_roles(role: str | None, flags: str, permission: str, expected: str) -> None:
    """A custom role counts for what it may do, never for its name."""
    assert (
        Permission(permission, role, PermittedAccount(permissions=dict.fromkeys(flags.split(), True))).role == expected
    )
