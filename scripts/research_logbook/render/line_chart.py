"""Lines as inline SVG, drawn by pygal, without a script or a style: the page gives them its colours, light or dark.

The same lines give the same bytes. Pure.
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pygal

# It leaves a hook for imports behind that Python has had no use for since 3.4, and warns of.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

MOST_LINES = 8
"""More than there are colours that a reader can tell apart."""
_FAR_APART = 1e3
"""How many times the lowest value the highest has to be for a logarithmic axis."""
_MOST_NAMES = 6
"""Names below a chart that have room on a telephone."""
_DROPPED = {"defs", "style", "script", "title", "desc", ElementTree.Comment}


@dataclass(frozen=True, slots=True)
class ChartLine:
    """A line by its name; what is not finite is left out."""

    name: str
    points: Sequence[tuple[float, float]]
    is_reference: bool = False
    """Whether it is only what others are compared with."""


def line_chart(lines: Sequence[ChartLine], *, about: str, names: Sequence[str] = (), x_title: str = "") -> str:
    """Return a chart of up to `MOST_LINES` lines; `about` is what a screen reader says in its place.

    With `names` the points lie at 0, 1, 2 … and are called by these. It is empty where nothing goes from one point to
    another.
    """
    drawn = [(line, points) for line in lines[:MOST_LINES] if (points := _finite(line.points))]
    if len({x for _, points in drawn for x, _ in points}) < 2:
        return ""
    values = [y for _, points in drawn for _, y in points]
    graph = pygal.XY(
        width=720,
        height=300,
        margin=6,
        css=[],
        js=[],
        dots_size=4,
        show_legend=len(drawn) > 1,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        logarithmic=min(values) > 0 and max(values) / min(values) > _FAR_APART,
        x_title=x_title or None,
        no_prefix=True,
    )
    if names:
        shown = range(len(names)) if len(names) <= _MOST_NAMES else (0, len(names) - 1)
        graph.x_labels = [{"label": names[place], "value": place} for place in shown]
    for line, points in drawn:
        graph.add(line.name, points, show_dots=not line.is_reference and bool(names))
    reference = [index for index, (line, _) in enumerate(drawn) if line.is_reference]
    return _inline(graph.render_tree(), about, reference)


def sparkline(values: Sequence[float], *, about: str) -> str:
    """Return the course of a few values, as small as a word; empty for fewer than two."""
    points = _finite(list(enumerate(values)))
    if len(points) < 2:
        return ""
    graph = pygal.Line(**_SMALL)
    graph.add("", [value for _, value in points])
    return _inline(graph.render_tree(), about, ())


_SMALL: dict[str, Any] = {
    "width": 120,
    "height": 32,
    "css": [],
    "js": [],
    "margin": 3,
    "spacing": 0,
    "show_dots": False,
    "show_legend": False,
    "show_x_labels": False,
    "show_y_labels": False,
    "show_x_guides": False,
    "show_y_guides": False,
}


def _finite(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [point for point in points if all(map(math.isfinite, point))]


def _inline(root: ElementTree.Element, about: str, references: Sequence[int]) -> str:
    """Return what is drawn, as one picture with a name: no script, no style, nothing that differs from run to run."""
    root.attrib.pop("id", None)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in _DROPPED or "tooltip-overlay" in child.get("class", ""):
                parent.remove(child)
    for element in root.iter():
        element.attrib.pop("style", None)
        element.attrib.pop("id", None)
        kind = element.get("class", "")
        if any(f"serie-{index} " in kind for index in references):
            element.set("class", f"{kind} reference")
    root.set("role", "img")
    root.set("aria-label", about)
    return ElementTree.tostring(root, encoding="unicode")
