"""The report as annotations of GitHub."""

from collections.abc import Callable

from research_logbook.actions.runner import annotations
from research_logbook.findings import Report

MISSING = "error missing-title a.md:1 no title => add one"
SCOPE = "warning missing-scope a.md:1 no scope => add one"
REMOVED = "error removed-entry z.md:9 it is gone => bring it back"
LEAKED = "error committed-secret z.md:10 a token => revoke it"


def rules(shown: str) -> list[str]:
    """Return the rules that annotations are about, in order."""
    titles = (line.split("::")[1].rpartition("title=")[2] for line in shown.splitlines())
    return [title for title in titles if title != "logbook"]


def test_the_annotations_are_as_agreed(sample: Report, golden: Callable[[str, str], None]) -> None:
    """Workflow commands, errors first."""
    golden("annotations.txt", annotations(sample))


def test_a_report_without_findings_has_no_annotations(reported: Callable[..., Report]) -> None:
    """A report without findings annotates nothing."""
    assert annotations(reported()) == ""


def test_urgent_rules_come_first(reported: Callable[..., Report]) -> None:
    """Secrets come before lost entries, these before all else, and errors before warnings."""
    shown = annotations(reported("\n".join([SCOPE, MISSING, REMOVED, LEAKED])))

    assert rules(shown) == ["committed-secret", "removed-entry", "missing-title", "missing-scope"]


def test_ten_of_a_severity_are_shown_and_the_rest_is_counted(reported: Callable[..., Report]) -> None:
    """More than GitHub shows is not printed in vain: a notice says where the rest stands."""
    shown = annotations(reported("\n".join([SCOPE] * 3 + [MISSING] * 12 + [LEAKED])))

    assert rules(shown) == ["committed-secret"] + ["missing-title"] * 9 + ["missing-scope"] * 3
    assert shown.endswith("\n::notice title=logbook::3 more findings in the job summary\n")


def test_a_single_leftover_is_in_the_singular(reported: Callable[..., Report]) -> None:
    """The notice counts in words."""
    shown = annotations(reported(f"{MISSING}\n{MISSING}"), most=1)

    assert shown.endswith("::1 more finding in the job summary\n")


def test_columns_are_given_for_a_single_line_only(reported: Callable[..., Report]) -> None:
    """A runner drops the column of a finding over several lines, with a complaint in the log."""
    one, several = annotations(reported(f"{MISSING}\nerror missing-title a.md:3-5 no => add")).splitlines()

    assert one == "::error file=a.md,line=1,endLine=1,col=1,title=missing-title::no title%0Aadd one"
    assert several == "::error file=a.md,line=3,endLine=5,title=missing-title::no%0Aadd"


def test_a_finding_without_a_file_has_no_place(reported: Callable[..., Report]) -> None:
    """A finding about a pull request is annotated without a file."""
    shown = annotations(reported("warning unlinked-pull-request :1 it links none => name it"))

    assert shown == "::warning title=unlinked-pull-request::it links none%0Aname it\n"


def test_help_survives_a_long_message(reported: Callable[..., Report]) -> None:
    """A runner cuts at 4,096 characters: a long message is cut before that, and what to do still follows."""
    shown = annotations(reported(f"error missing-title a.md:1 {'x' * 9_000} => add one"))

    assert len(shown) < 4_096
    assert shown.endswith("x%0Aadd one\n")
