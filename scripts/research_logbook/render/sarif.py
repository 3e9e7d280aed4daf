"""The report as SARIF 2.1.0, which code scanning reads."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import quote

from research_logbook.findings import Finding, Report, Severity
from research_logbook.logbook.model import Span
from research_logbook.markdown.escape import json_text
from research_logbook.render import rule_page

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://github.com/run-research/logbook"

# Code scanning rejects the whole file for one result without a location (github/codeql-action#2459), so a finding
# about a branch or a pull request points to the configuration.
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
    """Return the report as SARIF, with a description of those `rules` that found something."""
    occurring = {finding.rule for finding in report.findings}
    driver = {
        "name": "logbook",
        "informationUri": _HOME,
        "rules": [_rule(rule) for rule in rules if rule.name in occurring],
    }
    seen: Counter[tuple[str, str, str]] = Counter()
    results = []
    for finding in report.findings:
        same = (finding.rule, finding.span.path, finding.subject)
        seen[same] += 1
        results.append(_result(finding, seen[same]))
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: RuleLike) -> dict[str, object]:
    first = " ".join(rule.page.partition("\n\n")[0].split())
    return {
        "id": rule.name,
        "shortDescription": {"text": first or rule.name},
        "help": {"text": rule.help or first or rule.name, "markdown": rule.page or rule.help or rule.name},
        "helpUri": rule_page(rule.name),
        "defaultConfiguration": {"level": str(rule.severity)},
    }


def _result(finding: Finding, occurrence: int) -> dict[str, object]:
    """Return a finding, which is the `occurrence`-th of its rule, path and subject."""
    # A message has no embedded links (SARIF 2.1.0, 3.11.6).
    message = "\n".join(part for part in (finding.message, finding.help) if part).replace("](", "] (")
    span = finding.span if finding.span.path else Span(_NOWHERE, 1, 1)
    line = max(1, span.line)
    # The fingerprint stays the same when lines move. Its name is the only one that code scanning compares, and its
    # form is the one that it expects.
    identity = "\0".join((finding.rule, finding.span.path, finding.subject))
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    return {
        "ruleId": finding.rule,
        "level": str(finding.severity),
        "message": {"text": message},
        "locations": [
            {
                "physicalLocation": {
                    # A byte of a path that is not UTF-8 is a lone surrogate in it, and itself in a URI.
                    "artifactLocation": {"uri": quote(span.path, errors="surrogateescape"), "uriBaseId": "%SRCROOT%"},
                    "region": {
                        "startLine": line,
                        "startColumn": max(1, span.column),
                        "endLine": max(line, span.end_line),
                    },
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": f"{digest[:16]}:{occurrence}"},
    }
