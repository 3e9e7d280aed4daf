"""Claims about the job summary as a browser shows it: it is read in a column of 900 pixels, and on a phone."""

import re
from pathlib import Path

import comrak
import pytest

from e2e.browser import visit
from research_logbook.findings import Finding, Report, Severity, Skipped
from research_logbook.logbook.model import Span
from research_logbook.render.markdown import summary

LONG = ".agents/logbooks/" + "a-very-long-name-" * 8 + "of-a-thread.md"
PAGES = f"https://github.com/lab/models/blob/{'0123456789abcdef' * 2}01234567"

# As GitHub's own pages have them: words break where they must, code keeps its spaces.
_STYLE = """body { margin: 0; padding: 16px; font: 14px/1.5 sans-serif; overflow-wrap: break-word }
ul { padding-left: 2em } code { padding: .2em .4em; font: 85% monospace; white-space: break-spaces }"""
_FRAME = """<body style="margin: 0"><iframe src="summary.html" style="border: 0; width: {width}px"></iframe><script>
onload = () => {{
  const page = document.querySelector("iframe").contentDocument.documentElement;
  document.body.dataset.width = page.scrollWidth;
}};
</script>"""


def finding(severity: Severity, rule: str, message: str, path: str = LONG, line: int = 7) -> Finding:
    """Return a finding."""
    return Finding(rule, severity, message, Span(path, line, line), message, "correct it as `~~old~~ new`")


REPORT = Report(
    logbooks=(),
    findings=(
        finding(Severity.WARNING, "local-path", f"entry X points to `/home/ana/{'data' * 40}`, a path on one machine"),
        finding(Severity.WARNING, "incomplete-entry", "entry X records no interpretation | and no next action"),
        finding(
            Severity.ERROR, "broken-relative-link", f"the link points to `{'plots/figure/' * 12}a.png`", line=123_456
        ),
        finding(Severity.ERROR, "removed-entry", "entry SPA-AT-001 is gone", LONG.replace("/logbooks/", "/old/")),
    ),
    skipped=(Skipped("issue-without-logbook-link", "no token; `gh auth token` prints one", matters=True),),
    notes=(f"compared with 0123456789, where the branch left `{'main' * 30}`",),
    pages=PAGES,
)


@pytest.mark.parametrize("width", [900, 380])
def test_the_summary_is_no_wider_than_its_column(width: int, tmp_path: Path) -> None:
    """Long names, paths and code break, so that nobody has to scroll sideways; errors are above warnings."""
    extensions = comrak.ExtensionOptions(strikethrough=True, table=True, autolink=True)
    page = comrak.markdown_to_html(summary(REPORT), extensions, render_options=comrak.RenderOptions(unsafe_=True))
    (tmp_path / "summary.html").write_text(f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style>{page}')
    frame = tmp_path / "frame.html"
    frame.write_text(_FRAME.format(width=width))
    shown = visit(frame, tmp_path, "--dump-dom")
    assert re.search(r'data-width="(\d+)"', shown)[1] == str(width)  # type: ignore[index]
    assert page.rindex("<strong>error</strong>") < page.index("<strong>warning</strong>")
    assert page.count(f"{PAGES}/.agents/") == len(REPORT.findings)
    assert "<code>gh auth token</code>" in page
