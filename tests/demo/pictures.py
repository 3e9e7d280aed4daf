"""`scripts/pictures`: comments of the demo as GitHub shows them, for the README."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from comrak import ExtensionOptions, RenderOptions, markdown_to_html

from demo.play import Play
from demo.story import Story
from e2e.browser import mermaid, visit
from hub.bench import running_hub

PICTURES = ("seal-refused", "wandb-summary")
WIDTH = 900
_TALLEST = 2_000

_PAGE = """<!doctype html><meta charset="utf-8"><style>
* {{ box-sizing: border-box }}
body {{ margin: 0; padding: 12px; background: #fff; color: #1f2328; width: {width}px;
  font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", Helvetica, Arial, sans-serif }}
article {{ padding: 16px; overflow-wrap: break-word; border: 1px solid #d1d9e0; border-radius: 6px }}
article > :first-child {{ margin-top: 0 }}
article > :last-child {{ margin-bottom: 0 }}
p, ul, table, details, figure {{ margin: 0 0 16px }}
h3 {{ margin: 24px 0 16px; font-size: 1.25em; line-height: 1.25 }}
a {{ color: #0969da }}
code {{ padding: .2em .4em; background: #818b981f; border-radius: 6px;
  font: 85% ui-monospace, "Liberation Mono", monospace }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ padding: 6px 13px; border: 1px solid #d1d9e0; text-align: left; vertical-align: top }}
th {{ font-weight: 600 }}
td:first-child {{ white-space: nowrap }}
tr:nth-child(even) td {{ background: #f6f8fa }}
figure {{ text-align: center }}
figure svg {{ max-width: 640px }}
</style><article>{body}</article>
<script src="{script}"></script><script>
mermaid.initialize({{ startOnLoad: false, securityLevel: "strict" }});
(async () => {{
  for (const [index, code] of [...document.querySelectorAll("code.language-mermaid")].entries()) {{
    const place = document.createElement("figure");
    place.innerHTML = (await mermaid.render("chart" + index, code.textContent)).svg;
    code.parentElement.replaceWith(place);
  }}
  document.body.dataset.height = Math.ceil(document.querySelector("article").getBoundingClientRect().bottom) + 12;
}})();
</script>"""


def rendered(comment: str) -> str:
    """Return a comment as HTML, in GitHub's dialect; it is ours, so its HTML stands as it is."""
    extensions = ExtensionOptions(table=True, strikethrough=True, autolink=True, tasklist=True)
    return str(markdown_to_html(comment, extensions, render_options=RenderOptions(unsafe_=True)))


def photograph(comment: str, to: Path, folder: Path) -> None:
    """Write a comment as a picture of its own height."""
    page = folder / "page.html"
    page.write_text(_PAGE.format(width=WIDTH, body=rendered(comment), script=mermaid().as_uri()))
    size = f"--window-size={WIDTH},{_TALLEST}"
    height = re.findall(r'data-height="(\d+)"', visit(page, folder, size, "--dump-dom"))
    if not height:
        raise SystemExit("the page could not be drawn")
    visit(page, folder, f"--window-size={WIDTH},{height[0]}", f"--screenshot={to}")


def main() -> None:
    """Play the story in silence, and take the pictures."""
    images = Path(__file__).parents[2] / "docs/images"
    images.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="logbook-pictures-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with running_hub(folder) as hub:
            play = Play.on(hub, folder, lambda _: None)
            Story(play).tell()
        for picture in PICTURES:
            photograph(play.shown[picture], images / f"{picture}.png", folder)


if __name__ == "__main__":
    main()
