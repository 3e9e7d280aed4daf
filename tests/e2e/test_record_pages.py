"""Claims about the pages in a browser: nothing is fetched, nothing of a logbook runs, everybody can use them."""

import html
import json
import re
import shutil
from pathlib import Path

import pytest

from e2e.browser import npm_file, visit
from repository import ENTRY, GOOD, PATH, Repository, context
from research_logbook.record.site import make

HOSTILE = (
    "<script src='https://evil.test/x.js'></script><img src='https://evil.test/p.png' onerror='document.title=1'>"
    "![pixel](https://evil.test/q.png) <style>@import 'https://evil.test/s.css'</style> <iframe src='https://evil.test'>"
)
RUN = """
window.addEventListener("load", async () => {
  const say = (what) => { document.documentElement.dataset.told = JSON.stringify(what); };
  const query = document.getElementById("query");
  query.value = "spa-at-002";
  query.dispatchEvent(new Event("input"));
  const found = [...document.querySelectorAll("#found a")].map((link) => link.getAttribute("href"));
  query.value = "";
  query.dispatchEvent(new Event("input"));
  const heads = [...document.querySelectorAll("table.threads thead button")];
  heads[0]?.click();
  const rows = [...document.querySelectorAll("table.threads tbody th")];
  const result = await axe.run(document, { resultTypes: ["violations"] });
  say({
    found,
    sorted: rows.map((it) => it.dataset.sort),
    wide: document.documentElement.scrollWidth > window.innerWidth,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    violations: result.violations.map((it) => `${it.id}: ${it.nodes[0].html} ${it.nodes[0].failureSummary}`),
  });
});
"""
PAGES = ("index.html", "threads/sparse-attention.html", "experiments/SPA-AT-002.html", "logbooks/sparse-attention.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a repository with two threads, one of them hostile; beside it what looks at a page from within."""
    folder = tmp_path_factory.mktemp("record")
    work = Repository(folder / "work")
    work.git("remote", "add", "origin", "https://github.com/lab/models.git")
    hostile = (GOOD + ENTRY).replace("block sparsity keeps the loss", f"block sparsity keeps the loss {HOSTILE}")
    other = GOOD.replace("SPA-AT", "MOE-HC").replace("Sparse attention", "Mixture of experts")
    work.commit({PATH: f"{hostile}\n- Note: {HOSTILE}\n", ".agents/logbooks/moe.md": other})
    out = folder / "out"
    make(out, context(work.root), None)
    shutil.copy(npm_file("axe-core/axe.min.js"), out / "axe.js")
    (out / "run.js").write_text(RUN)
    for page in out.rglob("*.html"):
        root = "../" * (len(page.relative_to(out).parts) - 1)
        scripts = f'<script src="{root}axe.js"></script><script src="{root}run.js"></script></head>'
        page.with_suffix(".looked.html").write_text(page.read_text().replace("</head>", scripts))
    return out


def look(page: Path, folder: Path, *flags: str) -> dict[str, object]:
    """Return what a page tells of itself."""
    dumped = visit(page.with_suffix(".looked.html"), folder, *flags, "--dump-dom")
    told = re.search(r'data-told="([^"]*)"', dumped)
    assert told, dumped[-2_000:]
    found: dict[str, object] = json.loads(html.unescape(told[1]))
    return found


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("flags", [("--window-size=360,800",), ("--window-size=1600,900", "--force-dark-mode")])
def test_everybody_can_use_a_page(site: Path, tmp_path: Path, name: str, flags: tuple[str, ...]) -> None:
    """Axe finds nothing, on a telephone and on a wide screen, light and dark; nothing sticks out at the side."""
    told = look(site / name, tmp_path, *flags)
    assert told["violations"] == []
    assert told["wide"] is False


def test_search_and_sorting_work_from_a_file(site: Path, tmp_path: Path) -> None:
    """Without a server."""
    told = look(site / "index.html", tmp_path)
    assert told["found"] == ["experiments/SPA-AT-002.html"]
    assert told["sorted"] == ["Mixture of experts", "Sparse attention"]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_fetched_and_nothing_of_a_logbook_runs(site: Path, tmp_path: Path, name: str) -> None:
    """The browser's own log of the network knows files of the record and nothing else."""
    log = tmp_path / "net.json"
    dumped = visit(site / name, tmp_path, f"--log-net-log={log}", "--net-log-capture-mode=Everything", "--dump-dom")
    assert "evil.test" not in log.read_text()
    assert "<title>1</title>" not in dumped
