"""A browser without a window, and Mermaid in it as on a page of GitHub's."""

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_LONGEST_SECONDS = 60
# As root there is no sandbox, and a browser at rest asks hosts of its maker's.
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--allow-file-access-from-files", "--virtual-time-budget=20000", "--window-size=1000,700"),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as it stands on the page."""

    error: str
    """What Mermaid says is wrong; empty when it could be drawn."""
    svg: str

    @property
    def lines(self) -> list[str]:
        """The courses of its lines, as SVG's paths."""
        plots = re.findall(r'<g class="line-plot-\d+">.*?</g>', self.svg, re.DOTALL)
        return [path for plot in plots for path in re.findall(r'<path d="([^"]*)"', plot)]

    @property
    def colours(self) -> list[str]:
        """The colours of its lines."""
        plots = re.findall(r'<g class="line-plot-\d+">.*?</g>', self.svg, re.DOTALL)
        return [colour for plot in plots for colour in re.findall(r'stroke="([^"]*)"', plot)]

    @property
    def texts(self) -> list[str]:
        """What is written in it."""
        return [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", self.svg)]


def mermaid() -> Path:
    """Return Mermaid's script; skips the test where it is not installed."""
    return npm_file("@mermaid-js/tiny/dist/mermaid.tiny.js")


def npm_file(name: str) -> Path:
    """Return a file of a package from npm; skips the test where that is not installed."""
    promised = os.environ.get("NODE_PATH")
    folders = promised.split(os.pathsep) if promised else [str(Path(__file__).parent / "node_modules")]
    found = next(filter(Path.is_file, (Path(folder) / name for folder in folders)), None)
    assert found or not promised, f"NODE_PATH promises the bench, but {name} is not installed in {folders}"
    return found or pytest.skip(f"{name} is not installed: `scripts/check` sets it up, or `npm ci` in tests/e2e")


def _browser() -> str:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    assert found or os.environ.get("CI") != "true", (
        "no Chromium is installed: `scripts/check` installs it where CI=true"
    )
    return found or pytest.skip("no Chromium is installed, so no chart is drawn: `apt-get install chromium`")


_PAGE = """<!doctype html><meta charset="utf-8"><body><script src="{script}"></script><script>
mermaid.initialize({{ startOnLoad: false, securityLevel: "strict" }});
(async () => {{
  for (const [index, source] of {sources}.entries()) {{
    const place = document.body.appendChild(document.createElement("figure"));
    try {{
      place.innerHTML = (await mermaid.render("chart" + index, source)).svg;
    }} catch (error) {{
      place.dataset.error = String(error.message);
    }}
  }}
}})();
</script>"""


def draw(sources: Sequence[str], folder: Path, *more: str) -> list[Drawn]:
    """Let Mermaid draw charts, each without its fence, in a page in `folder`; `more` are further flags."""
    page = folder / "page.html"
    page.write_text(_PAGE.format(script=mermaid().as_uri(), sources=json.dumps(list(sources)).replace("<", "\\u003c")))
    dumped = visit(page, folder, *more, "--dump-dom")
    figures = re.findall(r"<figure([^>]*)>(.*?)</figure>", dumped, re.DOTALL)
    assert len(figures) == len(sources), dumped[-2_000:]
    return [Drawn(html.unescape(_error(attributes)), svg) for attributes, svg in figures]


def visit(page: Path, folder: Path, *flags: str) -> str:
    """Let the browser go to a page, with further flags, and return what it printed; `folder` is for its files."""
    command = [_browser(), *_FLAGS, f"--user-data-dir={folder / 'profile'}", *flags, page.as_uri()]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "HOME": str(folder)},
        capture_output=True,
        timeout=_LONGEST_SECONDS,
        check=True,
    )
    return done.stdout.decode()


def _error(attributes: str) -> str:
    match = re.search(r'data-error="([^"]*)"', attributes)
    return match[1] if match else ""
