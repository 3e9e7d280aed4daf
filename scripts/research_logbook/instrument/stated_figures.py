"""The figures that a result states, each under the name that stands before it, and how two of them compare. Pure.

A name and its value stand side by side (`loss 2.25`, `eval/loss: 2.25`, "accuracy of 71.2 %"), or in a table of two
columns, or of one row. What is no measurement by its name, such as a seed or a number of steps, is no figure; nor is an
argument of a command.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from research_logbook.logbook import queries
from research_logbook.logbook.model import Entry, Table
from research_logbook.wandb.metric_choice import better_by_name, is_result_by_name
from research_logbook.wandb.metric_crosscheck import fits

_LONGEST_LINE = 2_000
_LONGEST_COMMAND = 20_000
_MOST = 100


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A number that a text states."""

    name: str
    written: str
    """As it is written, with its unit."""
    value: float
    unit: str = ""
    spread: float = 0.0
    """What is written behind a `±`."""
    against: "StatedFigure | None" = None
    """What the text itself compares it with."""

    @property
    def key(self) -> str:
        """Its name, in whichever way that is written."""
        return key_of(self.name)

    def __str__(self) -> str:
        return f"{self.name} {self.written}"


def key_of(name: str) -> str:
    """Return what is equal for a name however it is written: `eval/loss`, “Eval loss”."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


_DIGITS = r"[-+−]?(?:\d{1,3}(?:,\d{3})+(?![,\d])|\d+)(?:\.\d+)?(?:[eE][-+−]?\d{1,4})?"
_NUMBER = rf"(?:{_DIGITS}|[-+−]?(?:nan|inf(?:inity)?|∞)(?![\w.]))"
_UNIT = r"(?:\s?(?:%|(?:[kKMGBT]|ms|[µu]s|ns|s|min|h|[kMGT]i?B|x)(?:/[A-Za-z]+)?(?![\w/])))?"
_FIGURE = re.compile(
    rf"(?<![\w.,/@−+-])(?<!\d:)(?P<value>{_NUMBER})(?P<unit>{_UNIT})(?![\w/]|[:.,-]\d|−\d)"
    rf"(?:\s*(?:±|\+/?-)\s*(?P<spread>\d+(?:\.\d+)?(?:[eE][-+]?\d{{1,4}})?)(?P<late>\s?%)?)?",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"(?:[\s:=≈~→]|\b(?:is|was|are|of|at|to|only|about|around|now|still|reached|reaches|reaching|ended|ends|stayed|"
    r"improved|improves|fell|falls|dropped|drops|rose|rises|increased|decreased|reduced|went|goes|up|down|hit|hits|"
    r"final|value)\b){1,8}\Z",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[^\W\d][\w./@%-]*\s+){0,3}[^\W\d][\w./@%-]*\Z")
_BEFORE_NAME = re.compile(
    r"(?:.*\s|\A)(?:the|a|an|and|or|with|for|from|than|vs|versus|against|over|under|after|before|in|on|by|per|but|so|"
    r"our|its|their|this|that|which|has|have|had|gives|gave|got|shows|showed|until|then|where|best|last|final|mean|"
    r"average|baseline|s|(?-i:[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d+[a-z]?))(?:\s+|\Z)",
    re.IGNORECASE,
)
_NO_METRIC = frozenset({"exit-status", "exit-code", "status", "exit", "code", "version", "python", "pid", "job"})
_AGAINST = re.compile(
    rf"\s*[,(]?\s*(?:(?:down|up|lower|higher|better|worse|improved)\s+)?"
    rf"(?:vs\.?|versus|against|compared\s+(?:to|with)|from|than|baseline)\s*(?:the\s+|its\s+|a\s+)?"
    rf"(?:baseline(?:['’]s)?)?\s*(?:of|at|was|is|:|=)?\s*(?P<value>{_NUMBER})(?P<unit>{_UNIT})(?![\w/]|[:.,-]\d)",
    re.IGNORECASE,
)
_TO = re.compile(
    rf"\s+(?:to|→|down\s+to|up\s+to)\s+(?P<value>{_NUMBER})(?P<unit>{_UNIT})(?![\w/]|[:.,-]\d)", re.IGNORECASE
)
_FROM = re.compile(
    r"\s+(?:(?:is|was|has)\s+)?(?:improved|improves|fell|falls|dropped|drops|rose|rises|increased|decreased|reduced|"
    r"went|goes|goes\s+down|went\s+down|went\s+up)?\s*from\s*\Z",
    re.IGNORECASE,
)


def figures_in(text: str) -> Iterator[StatedFigure]:
    """Yield the figures that a text states, as it appears on the page, its tables aside."""
    for line in text.split("\n"):
        if " | " in line or len(line) > _LONGEST_LINE:
            continue
        end = 0
        for found in _FIGURE.finditer(line):
            if found.start() < end:
                continue
            before = line[end : found.start()]
            end = found.end()
            if (start := _FROM.search(before)) and (to := _TO.match(line, end)):
                end = to.end()
                name, against = _name_before(before[: start.start()]), _figure("", found)
                if name:
                    yield _figure(name, to, against)
            elif name := _name_before(before):
                base = _AGAINST.match(line, end)
                end = base.end() if base else end
                yield _figure(name, found, _figure(name, base) if base else None)


def _figure(name: str, found: "re.Match[str]", against: StatedFigure | None = None) -> StatedFigure:
    rest = found.groupdict("")
    spread, late = rest.get("spread", ""), rest.get("late", "")
    told = f"{found['value']}{found['unit']}" + (f" ± {spread}{late}" if spread else "")
    unit = (found["unit"] or late).strip()
    return StatedFigure(name, told, _number(found["value"]), unit, float(spread or 0), against)


def _number(written: str) -> float:
    return float(written.replace(",", "").replace("−", "-").replace("∞", "inf"))


def _name_before(text: str) -> str:
    """Return the name that the words in front of a figure end with; empty for none."""
    part = re.split(r"[;,\n|]|[.!?]\s", re.sub(r"\s*\([^()]*\)(?=[\s:=]*\Z)", "", text))[-1].rpartition("(")[2]
    part = part.translate(dict.fromkeys(map(ord, "*`“”\"'"), " ")).rstrip()
    joint = _JOINT.search(part)
    found = _NAME.search(part[: joint.start()] if joint else part)
    if not found or part[: found.start()].endswith("-"):  # an option, as in `--blocks 2`
        return ""
    name = _BEFORE_NAME.sub("", found[0]).strip(" .-/")
    return name if _is_metric(name) else ""


def _is_metric(name: str) -> bool:
    key = key_of(name)
    return bool(key) and key not in _NO_METRIC and is_result_by_name(name)


def figures_of(entry: Entry) -> tuple[StatedFigure, ...]:
    """Return the figures that an entry's result states, in prose and in tables; else those of its sentences.

    What its command was told is none, though a run reports it again.
    """
    fields = [field for field in entry.all("result") if not field.is_pending]
    texts = [field.text for field in fields] or [claim.text for claim in entry.claims]
    told = [figure for text in texts for figure in figures_in(text)]
    told += [figure for table in entry.tables for figure in _in_table(table, entry.ids)]
    given = {found for place in queries.commands_of(entry) for found in _arguments(place.text)}
    return tuple([figure for figure in told if (figure.key, figure.value) not in given][:_MOST])


_ARGUMENT = re.compile(
    rf"(?<!\S)(?:--?(?P<option>[A-Za-z][\w./-]*)(?:=|\s+)|(?P<key>[A-Za-z+][\w./-]*)=)['\"]?(?P<value>{_DIGITS})(?![\w.])"
)


def _arguments(command: str) -> Iterator[tuple[str, float]]:
    """Yield the numbers that a command is told, by name: `--blocks 2`, `model.blocks=2`."""
    for found in _ARGUMENT.finditer(command[:_LONGEST_COMMAND]):
        name, value = found["option"] or found["key"], _number(found["value"])
        yield key_of(name), value
        yield key_of(name.rpartition(".")[2]), value


def figures_in_tables(rows: Sequence[str]) -> Iterator[StatedFigure]:
    """Yield the figures in lines of tables as they appear on the page, their cells apart by bars."""
    cells = [tuple(cell.strip() for cell in row.split(" | ")) for row in rows if " | " in row]
    if len(cells) > 1 and len({len(row) for row in cells}) == 1:
        yield from _of_cells(cells[0], cells[1:], ())


def _in_table(table: Table, names: Sequence[str]) -> Iterator[StatedFigure]:
    yield from _of_cells(table.header, table.rows, names)


def _of_cells(header: Sequence[str], rows: Sequence[Sequence[str]], names: Sequence[str]) -> Iterator[StatedFigure]:
    """Yield the figures of a table: in the row that is named, of names and their values, or in its only row."""
    own = [row for row in rows if not set(names).isdisjoint(row)]
    is_list = len(header) == 2 and better_by_name(header[1]) is None
    pairs: list[tuple[str, str]] = []
    if len(own) == 1:
        pairs = list(zip(header, own[0], strict=False))
    elif is_list and not any(_cell(row[0]) for row in rows):
        pairs = [(row[0], row[1]) for row in rows if len(row) > 1]
    elif len(rows) == 1:
        pairs = list(zip(header, rows[0], strict=False))
    for name, value in pairs:
        found = _cell(value)
        if found and _is_metric(name):
            yield _figure(name.strip(), found)


def _cell(text: str) -> "re.Match[str] | None":
    found = _FIGURE.match(text.strip("*` "))
    return found if found and not text.strip("*` ")[found.end() :].strip(" ✓✗") else None


# Held against what a run reports


@dataclass(frozen=True, slots=True)
class FigureComparison:
    """What a run's numbers are to the figures that were expected."""

    agree: tuple[tuple[StatedFigure, float], ...] = ()
    differ: tuple[tuple[StatedFigure, float], ...] = ()
    missing: tuple[StatedFigure, ...] = ()
    """Those that the run does not report."""


def compared(
    expected: Sequence[StatedFigure], numbers: Mapping[str, float], tolerance: float | None = None
) -> FigureComparison:
    """Hold a run's numbers against the figures that are stated of an earlier one.

    Of several figures of one name, as at several steps, one has to agree. A number that was not stated says nothing.
    """
    by_name: dict[str, list[StatedFigure]] = {}
    for figure in expected:
        by_name.setdefault(figure.key, []).append(figure)
    agree: list[tuple[StatedFigure, float]] = []
    differ: list[tuple[StatedFigure, float]] = []
    missing: list[StatedFigure] = []
    for key, figures in by_name.items():
        name = same_metric(key, list(by_name), list(numbers))
        if name is None:
            missing.append(figures[-1])
            continue
        fitting = [figure for figure in figures if agrees(figure, numbers[name], tolerance)]
        (agree if fitting else differ).append(((fitting or figures)[-1], numbers[name]))
    return FigureComparison(tuple(agree), tuple(differ), tuple(missing))


def same_metric(key: str, keys: Sequence[str], others: Sequence[str]) -> str | None:
    """Return the name among others that means the same metric as one of some keys: equal, or alone with its last word.

    "loss" means `eval/loss` where nothing else there is a loss.
    """
    exact = next((name for name in others if key_of(name) == key), None)
    if exact is not None:
        return exact
    last = key.rpartition("-")[2]
    alike = [name for name in others if key_of(name).rpartition("-")[2] == last]
    is_short = key == last or (len(alike) == 1 and key_of(alike[0]) == last)
    is_only = [it.rpartition("-")[2] for it in keys].count(last) == 1
    return alike[0] if len(alike) == 1 and is_short and is_only else None


def agrees(figure: StatedFigure, value: float, tolerance: float | None = None) -> bool:
    """Return whether a value is the one that is stated: in the digits written, or by no more off than a share of it.

    A spread that is written with it counts too. What is not a number agrees with its like alone.
    """
    said = figure.value
    if not (math.isfinite(said) and math.isfinite(value)):
        return said == value or (math.isnan(said) and math.isnan(value))
    if fits(figure.written, value):
        return True
    allowed = max(figure.spread, (tolerance or 0.0) * abs(said))
    scales = (1.0, _SCALES.get(figure.unit, 1.0))
    return any(abs(value / scale - said) <= allowed * (1 + 1e-9) for scale in scales if allowed)


_SCALES = {"%": 1e-2, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12, "ms": 1e-3, "us": 1e-6, "µs": 1e-6,
           "ns": 1e-9, "min": 60.0, "h": 3_600.0}  # fmt: skip


# Held against each other


def difference(figure: StatedFigure, base: StatedFigure) -> str:
    """Return how far a figure is from another of the same unit, in their own digits; empty where that is no number.

    `−0.035 (−1.5 %)`; of percentages, in points.
    """
    if figure.unit != base.unit or not (math.isfinite(figure.value) and math.isfinite(base.value)):
        return ""
    exact = _decimal(figure) - _decimal(base)
    shown = f"{abs(exact):f}" if abs(exact.adjusted()) < 12 else f"{abs(exact):.3g}"
    sign = "+" if exact > 0 else "−" if exact < 0 else "±"
    unit = " points" if figure.unit == "%" else f" {figure.unit}".rstrip()
    text = f"{sign}{shown}{unit}" if exact else "±0"
    share = abs(figure.value - base.value) / abs(base.value) * 100 if base.value else math.inf
    if figure.unit != "%" and exact and share < 10_000:
        text += f" ({sign}{share:.{0 if share >= 10 else 1 if share >= 0.1 else 3}f} %)"
    return text


def _decimal(figure: StatedFigure) -> Decimal:
    number = re.match(_DIGITS, figure.written)
    return Decimal(number[0].replace(",", "").replace("−", "-") if number else "nan")
