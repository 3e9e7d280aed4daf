"""The report as SARIF 2.1.0, which code scanning reads."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import quote

from research_logbook.findings import Finding, Report, Severity
from research_logbook.markdown.escape import json_text

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://github.com/run-research/logbook"

# Code scanning refuses the whole file for one result without a place (github/codeql-action#2459): a finding
# about a branch or a pull request points at the file that decides what is judged.
_NOWHERE = ".github/logbook.yml"


class RuleLike(Protocol):
    """What SARIF says of a rule."""

    @property
    def name(self) -> str:
        """The name that findings carry."""

    @property
    def severity(self) -> Severity:
        """How much its findings weigh unless configured otherwise."""

    @property
    def help(self) -> str:
        """What to do about a finding, in general."""

    @property
    def page(self) -> str:
        """Its documentation, Markdown; the first paragraph says what it flags."""


def sarif(report: Report, rules: Iterable[RuleLike]) -> str:
    """Return the report as SARIF; of `rules` those that found something are described."""
    occurring = {finding.rule for finding in report.findings}
    driver = {
        "name": "logbook",
        "informationUri": _HOME,
        "rules": [_rule(rule) for rule in rules if rule.name in occurring],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": _results(report.findings),
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: RuleLike) -> dict[str, object]:
    first = " ".join(rule.page.partition("\n\n")[0].split())
    return {
        "id": rule.name,
        "shortDescription": {"text": first or rule.name},
        "help": {"text": rule.help or first or rule.name, "markdown": rule.page or rule.help or rule.name},
        "helpUri": f"{_HOME}/blob/v1/docs/rules.md#{quote(rule.name)}",
        "defaultConfiguration": {"level": str(rule.severity)},
    }


def _results(findings: Iterable[Finding]) -> list[dict[str, object]]:
    seen: Counter[tuple[str, str, str]] = Counter()
    results = []
    for finding in findings:
        same = (finding.rule, finding.span.path, finding.subject)
        seen[same] += 1
        results.append(_result(finding, seen[same]))
    return results


def _result(finding: Finding, occurrence: int) -> dict[str, object]:
    return {
        "ruleId": finding.rule,
        "level": str(finding.severity),
        "message": {"text": _plain("\n".join(part for part in (finding.message, finding.help) if part))},
        "locations": [{"physicalLocation": _location(finding)}],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(finding, occurrence)},
    }


def _plain(text: str) -> str:
    """Return `text` without the embedded links of a SARIF message (SARIF 2.1.0, 3.11.6)."""
    return text.replace("](", "] (")


def _location(finding: Finding) -> dict[str, object]:
    span = finding.span
    # A byte of a path that is no UTF-8 stands in it as a lone surrogate, and in a URI as itself.
    uri = quote(span.path, errors="surrogateescape") if span.path else _NOWHERE
    line = max(1, span.line) if span.path else 1
    return {
        "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": line,
            "startColumn": max(1, span.column) if span.path else 1,
            "endLine": max(line, span.end_line) if span.path else 1,
        },
    }


def _fingerprint(finding: Finding, occurrence: int) -> str:
    """Return what stays the same when lines move: the rule, the path, the subject, and which of them it is.

    The name it goes by is the only one that code scanning compares, and the form is the one it expects.
    """
    identity = "\0".join((finding.rule, finding.span.path, finding.subject))
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{digest[:16]}:{occurrence}"
