"""Numbers as people read them: as many digits as tell, the same for all values of a metric."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass

DIGITS = 6
_FEW = 4
_MINUS = "−"
_PERCENT = re.compile(r"(?:^|[^a-z])(?:acc|accuracy|mfu|hfu|precision|recall|f1)(?:[^a-z]|\Z)")
_PERCENTS = re.compile(r"percent|(?:^|[^a-z])pct(?:[^a-z]|\Z)|%")
_LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class Style:
    """How the values of one metric are written: `value * factor`, with `places` decimals and a unit."""

    factor: float = 1.0
    places: int | None = None
    """None for as many as six significant digits need."""
    unit: str = ""

    def value(self, number: float) -> str:
        """Return a value; a word where it is not finite."""
        if not math.isfinite(number):
            return "NaN" if math.isnan(number) else "∞" if number > 0 else f"{_MINUS}∞"
        return f"{self._plain(number)}{self.unit}"

    def difference(self, number: float, base: float) -> str:
        """Return how far `number` is from `base`, with its sign; empty where one is not finite."""
        gap = number - base
        if not math.isfinite(gap):
            return ""
        shown = self._plain(abs(gap))
        sign = "+" if gap > 0 else _MINUS if gap < 0 else "±"
        return f"{sign}{shown if gap else '0'}{self.unit.strip(' %')}"

    def _plain(self, number: float) -> str:
        scaled = number * self.factor
        text = f"{scaled:.{DIGITS}g}" if self.places is None else f"{scaled:.{self.places}f}"
        return text.replace("-", _MINUS) if text.startswith("-") else text


def style_of(metric: str, values: Collection[float]) -> Style:
    """Return how a metric's values are written: 2.21443, 189.6k or 17.16 %.

    A share between 0 and 1 is a percentage where the metric's name says that it is a share, such as an accuracy.
    """
    real = [abs(value) for value in values if math.isfinite(value)]
    most, name = max(real, default=0.0), metric.casefold()
    if _PERCENTS.search(name):
        return Style(1.0, 2, " %")
    if _PERCENT.search(name) and most <= 1:
        return Style(100.0, 2, " %")
    size, letter = next(((size, letter) for size, letter in _LARGE if most >= 10 * size), (1.0, ""))
    if letter:
        return Style(1 / size, max(0, _FEW - 1 - math.floor(math.log10(most / size))) if most < 1e16 else None, letter)
    if most and all(value == round(value) for value in real):
        return Style(1.0, 0)
    places = DIGITS - 1 - math.floor(math.log10(most)) if most else 0
    return Style(1.0, places if 0 <= places <= 8 else None)


def duration(seconds: float | None) -> str:
    """Return a time as `2 d 3 h`, `1 h 23 min`, `4 min 5 s` or `12 s`; a dash where it is not known."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next((index for index, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(
        f"{number} {unit}" for number, unit in parts[first : first + 2] if number or first == len(parts) - 1
    )
