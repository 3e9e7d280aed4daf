"""The page of the seal checks, Markdown, made from their docstrings."""

from collections.abc import Sequence

from research_logbook.lint.pages import RulePage, cell, first_sentence, parse_page, shown
from research_logbook.seal.checks.check import SealCheck


def checks_page(catalogue: Sequence[SealCheck]) -> str:
    """Return the page of all checks; raises `ValueError` for docstrings that are no pages."""
    pages = {check: _page(check) for check in catalogue}
    rows = [
        f"| [`{check.name}`](#{check.name}) | {check.demand} | {cell(first_sentence(page.summary))} |"
        for check, page in pages.items()
    ]
    contents = "\n".join(["| check | | holds when |", "|---|---|---|", *rows])
    return "\n\n".join([_HEAD, contents, *(_section(check, page) for check, page in pages.items())]) + "\n"


def _page(check: SealCheck) -> RulePage:
    try:
        return parse_page(check.page)
    except ValueError as error:
        raise ValueError(f"{check.name}: {error}") from error


def _section(check: SealCheck, page: RulePage) -> str:
    return "\n\n".join(
        [
            f"## {check.name}",
            page.summary,
            f"*{check.demand}*",
            f"**Why:** {page.why}",
            *shown("Fails", page.fails),
            *shown("Passes", page.passes),
            f"**How to fix:** {page.how_to_fix}",
        ]
    )


_HEAD = """\
<!-- Written by scripts/pages.py. -->
# Seal checks

An experiment issue is sealed when all of these hold. A ticked box is no evidence: each check looks at the thing
itself. `.github/logbook.yml` makes a check `advisory`, `required` or `off` under `seal.checks`. An example is a part
of the issue's body unless it says that it is of the logbook or of a comment."""
