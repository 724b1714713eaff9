"""Draws the total taken so far beside the often-used band: an SVG for pages, block characters for a terminal.

The SVG stands in pages with a strict Content-Security-Policy: presentation attributes only, no style, script or link.
Put it inline; then `currentColor` follows the page's light or dark text. Neither picture judges the total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

from isobot.dose.arithmetic import Period, mg_per_kg, shown
from isobot.dose.label import label

_LEAST_TOP = 160  # mg/kg; both pictures reach at least to here
_WIDTH, _HEIGHT = 320, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 306, 44, 148  # of the plot; the legend stands above it
_MOST_STEPS = 5
_EIGHTHS = " ▏▎▍▌▋▊▉"
_FULL = "█"


@dataclass(frozen=True)
class Chart:
    """The total over time, and what is drawn beside it.

    Attributes:
        points: day, counted from 0, and the total by then in mg per kg of body weight; straight lines between. Starts
            at (0, 0); nothing else in it where no dose is known.
        low, high: the often-used total for a course, in mg per kg.
        target: the prescriber's, in mg per kg.
    """

    points: tuple[tuple[int, Fraction], ...]
    low: Decimal
    high: Decimal
    target: Decimal | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return {
            "points": [[day, str(total)] for day, total in self.points],
            "low": str(self.low),
            "high": str(self.high),
            "target": None if self.target is None else str(self.target),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Chart:
        """Return what `as_dict` gave."""
        points = tuple((int(day), Fraction(total)) for day, total in data["points"])
        target = None if data["target"] is None else Decimal(data["target"])
        return cls(points, Decimal(data["low"]), Decimal(data["high"]), target)


def chart(periods: Sequence[Period], weight_kg: Decimal, target: Decimal | None) -> Chart:
    """Return what to draw.

    Args:
        periods: in the order they were taken; neighbours on the same daily dose become one line.
        weight_kg: the body weight, in kg.
        target: the prescriber's total for the course, in mg per kg.

    Raises:
        ZeroDivisionError: when the weight is 0.
    """
    low, high = label().cumulative
    day, total = 0, Fraction(0)
    points = [(day, total)]
    for mg_per_day, same in groupby((p for p in periods if p.days > 0), key=lambda p: p.mg_per_day):
        days = sum(p.days for p in same)
        day += days
        total += mg_per_kg(mg_per_day * days, weight_kg)
        points.append((day, total))
    return Chart(tuple(points), low, high, target)


def svg(chart: Chart) -> str:
    """Return the picture for a page as one <svg> element; "" where there is nothing to draw."""
    if len(chart.points) == 1:
        return ""
    key = f"dose-{sha256(repr(chart).encode()).hexdigest()[:10]}"
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_WIDTH} {_HEIGHT}",
            "role": "img",
            "aria-labelledby": f"{key}-title {key}-desc",
            "font-family": "sans-serif",
            "font-size": "10",
            "fill": "currentColor",
        },
    )
    ET.SubElement(root, "title", {"id": f"{key}-title"}).text = "Isotretinoin so far, in mg per kg of body weight"
    ET.SubElement(root, "desc", {"id": f"{key}-desc"}).text = _description(chart)
    _draw_axes(root, chart)
    _draw_band(root, chart)
    if chart.target is not None:
        _draw_target(root, chart, chart.target)
    _draw_total(root, chart)
    return ET.tostring(root, encoding="unicode")


def blocks(chart: Chart, width: int = 40) -> str:
    """Return the picture for a terminal, three lines; "" where there is nothing to draw.

    Args:
        chart: what to draw.
        width: the columns of the bar. The marks below it may end up to 14 columns further right, with their unit.
    """
    if len(chart.points) == 1:
        return ""
    width = max(width, 1)
    total = chart.points[-1][1]
    scale = width / max(_least_top(chart), total)  # columns for 1 mg/kg
    full, eighths = divmod(int(total * scale * 8), 8)
    if total and not full:
        eighths = max(eighths, 1)
    bar = _FULL * full + _EIGHTHS[eighths].strip()
    return f"{bar}\n{_marks(chart, scale)}\n{_so_far(chart)}"


def _marks(chart: Chart, scale: Fraction) -> str:
    """Return the line with 0 and both ends of the band, each below its place; the ends as one where they are close."""
    line = "0"
    low, high = _plain(chart.low), _plain(chart.high)
    starts = [
        int(end * scale) - len(text) // 2 for end, text in ((Fraction(chart.low), low), (Fraction(chart.high), high))
    ]
    if starts[0] > len(line) and starts[1] > starts[0] + len(low):
        return f"{line:<{starts[0]}}{low}".ljust(starts[1]) + f"{high} mg/kg"
    both = f"{low}-{high}"
    middle = int(Fraction(chart.low + chart.high) / 2 * scale)
    return line.ljust(max(len(line) + 1, middle - len(both) // 2)) + f"{both} mg/kg"


def _so_far(chart: Chart) -> str:
    words = f"So far {_tenths(chart.points[-1][1])} mg/kg."
    return words if chart.target is None else f"{words} Prescriber's target: {_plain(chart.target)} mg/kg."


def _description(chart: Chart) -> str:
    """Return the picture in words, for those who cannot see it."""
    days, total = chart.points[-1]
    words = (
        f"A line from 0 to {_tenths(total)} mg/kg in {days} {'day' if days == 1 else 'days'}. "
        f"The shaded band is the often-used total for a course, {_plain(chart.low)} to {_plain(chart.high)} mg/kg."
    )
    if chart.target is None:
        return words
    return f"{words} The dashed line is the prescriber's target, {_plain(chart.target)} mg/kg."


def _draw_axes(root: ET.Element, chart: Chart) -> None:
    for value in _ticks(_top(chart)):
        y = _y(chart, Fraction(value))
        _line(root, (str(_LEFT - 3), y), (str(_LEFT), y))
        _text(root, (_LEFT - 5, _number(Fraction(y) + 3)), str(value), "end")
    for day in _ticks(Fraction(chart.points[-1][0])):
        x = _x(chart, day)
        _line(root, (x, str(_BOTTOM)), (x, str(_BOTTOM + 3)))
        _text(root, (x, _BOTTOM + 13), str(day), "middle")
    _line(root, (str(_LEFT), str(_TOP)), (str(_LEFT), str(_BOTTOM)))
    _line(root, (str(_LEFT), str(_BOTTOM)), (str(_RIGHT), str(_BOTTOM)))
    _text(root, (4, 14), "mg/kg", "start")
    _text(root, ((_LEFT + _RIGHT) // 2, _BOTTOM + 27), "days", "middle")


def _draw_band(root: ET.Element, chart: Chart) -> None:
    upper, lower = (_y(chart, Fraction(end)) for end in (chart.high, chart.low))
    height = Fraction(lower) - Fraction(upper)
    shade = {"fill-opacity": "0.18"}
    ET.SubElement(
        root,
        "rect",
        {"x": str(_LEFT), "y": upper, "width": str(_RIGHT - _LEFT), "height": _number(height), **shade},
    )
    ET.SubElement(root, "rect", {"x": "60", "y": "6", "width": "16", "height": "9", **shade})
    _text(root, (81, 14), f"often used: {_plain(chart.low)}-{_plain(chart.high)}", "start")


def _draw_target(root: ET.Element, chart: Chart, target: Decimal) -> None:
    y = _y(chart, Fraction(target))
    _line(root, (str(_LEFT), y), (str(_RIGHT), y), dashes="4 3")
    _line(root, ("60", "23.5"), ("76", "23.5"), dashes="4 3")
    _text(root, (81, 27), f"prescriber's target: {_plain(target)}", "start")


def _draw_total(root: ET.Element, chart: Chart) -> None:
    places = [(_x(chart, day), _y(chart, total)) for day, total in chart.points]
    ET.SubElement(
        root,
        "polyline",
        {
            "points": " ".join(f"{x},{y}" for x, y in places),
            "fill": "none",
            "stroke": "currentColor",
            "stroke-width": "2",
            "stroke-linejoin": "round",
        },
    )
    x, y = places[-1]
    ET.SubElement(root, "circle", {"cx": x, "cy": y, "r": "3"})
    above = _number(Fraction(y) - 6)  # the line comes from the lower left, so this place is free of it
    _text(root, (x, above), _tenths(chart.points[-1][1]), "end", "bold")


def _line(root: ET.Element, start: tuple[str, str], end: tuple[str, str], dashes: str | None = None) -> None:
    attributes = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1], "stroke": "currentColor"}
    ET.SubElement(root, "line", attributes | ({"stroke-dasharray": dashes} if dashes else {}))


def _text(
    root: ET.Element, place: tuple[str | int, str | int], words: str, anchor: str, weight: str = "normal"
) -> None:
    x, y = place
    attributes = {"x": str(x), "y": str(y), "text-anchor": anchor, "font-weight": weight}
    ET.SubElement(root, "text", attributes).text = words


def _x(chart: Chart, day: int) -> str:
    return _number(_LEFT + Fraction(day, chart.points[-1][0]) * (_RIGHT - _LEFT))


def _y(chart: Chart, rate: Fraction) -> str:
    return _number(_BOTTOM - rate / _top(chart) * (_BOTTOM - _TOP))


def _least_top(chart: Chart) -> Fraction:
    return max(Fraction(_LEAST_TOP), Fraction(chart.high))


def _top(chart: Chart) -> Fraction:
    """Return the upper end of the SVG's axis, in mg per kg: nothing drawn lies above it."""
    return max(_least_top(chart), chart.points[-1][1], Fraction(chart.target or 0))


def _ticks(end: Fraction) -> range:
    """Return round whole numbers from 0 to `end`, at most six."""
    step = next(step for step in _steps() if end / step <= _MOST_STEPS)
    return range(0, int(end) + 1, step)


def _steps() -> Iterator[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def _number(value: Fraction) -> str:
    """Return a place in the SVG's own units."""
    return f"{shown(value, 2):f}"


def _tenths(rate: Fraction | Decimal) -> str:
    """Return mg per kg for reading: "77.1", "120.0"."""
    return f"{shown(rate, 1):f}"


def _plain(rate: Decimal) -> str:
    """Return mg per kg for reading: whole where it is whole, "120", else one decimal."""
    return _tenths(rate).removesuffix(".0")
