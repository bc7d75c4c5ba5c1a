"""Plots as SVG, narrow enough for a phone: intervals, bars, lines and a scatter.

Series differ by shape, dash or order as well as by colour. All text is escaped.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 400
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a5c00", "#56b4e9", "#000000", "#e69f00")
DASHES = ("", "6 3", "2 2", "8 2 2 2")
_GREY, _LIGHT = "#595959", "#dddddd"
_LEGEND = 16  # height of one line of a legend

Point = tuple[float, float]


@dataclass(frozen=True)
class Interval:
    """A value with its interval, if it has one."""

    value: float
    low: float | None = None
    high: float | None = None


def intervals(
    title: str, rows: Mapping[str, Mapping[str, Interval]], low: float, high: float
) -> str:
    """Return a line a row, with a marker and its error bar for each series."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    left, step = 165, 12 * max(len(names), 1) + 8
    bottom = len(rows) * step + 8
    across = _scale(low, high, left, WIDTH - 12)
    parts = [_grid(across, _ticks(low, high), 4, bottom)]
    for number, (label, found) in enumerate(rows.items()):
        middle = 8 + number * step + step / 2 - 4
        parts.append(_text(left - 8, middle + 4, label, "end"))
        for place, name in enumerate(names):
            if name in found:
                y = middle + 12 * (place - (len(names) - 1) / 2)
                parts.append(_whisker(found[name], across, y, place))
    parts.append(_legend(names, bottom + 24, _marker_sample))
    return _svg(title, "".join(parts), bottom + 20 + _LEGEND * len(names))


def _whisker(found: Interval, across: Callable[[float], float], y: float, place: int) -> str:
    colour, x = COLOURS[place % len(COLOURS)], across(found.value)
    bar = ""
    if found.low is not None and found.high is not None:
        bar = _line([(across(found.low), y), (across(found.high), y)], colour, width=2)
    ends = "" if found.low is None else f" [{found.low:.2f}, {found.high:.2f}]"
    return f"<g><title>{found.value:.2f}{ends}</title>{bar}{_marker(x, y, place)}</g>"


def bars(title: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """Return a group of bars under each label, one bar a series with its number at the end."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    most = max((value for group in groups.values() for value in group.values()), default=0) or 1
    across = _scale(0, most, 8, WIDTH - 44)
    parts, y = [], 14.0
    for label, group in groups.items():
        parts.append(_text(8, y, label, weight="bold"))
        y += 5
        for name, value in group.items():
            colour = COLOURS[names.index(name) % len(COLOURS)]
            wide = max(across(value) - 8, 0.5)
            parts.append(
                f'<g><title>{escape(name)}</title><rect x="8" y="{y:.1f}" width="{wide:.1f}"'
                f' height="10" fill="{colour}"/></g>'
            )
            parts.append(_text(8 + wide + 4, y + 9, f"{value:g}", size=10))
            y += 12
        y += 15
    parts.append(_legend(names, y + 4, _block_sample))
    return _svg(title, "".join(parts), y + _LEGEND * len(names))


def lines(title: str, series: Mapping[str, Sequence[Point]], across: str, up: str) -> str:
    """Return a line for each series over a common pair of axes that are named.

    Points that are not finite, as of a loss that overflowed, are left out.
    """
    series = {name: [p for p in found if math.isfinite(p[1])] for name, found in series.items()}
    points = [point for found in series.values() for point in found]
    left, right, top, bottom = 44, WIDTH - 12, 10, 210
    high = max((y for _, y in points), default=1) or 1
    most = max((x for x, _ in points), default=1) or 1
    x_of, y_of = _scale(0, most, left, right), _scale(0, high, bottom, top)
    parts = [_grid(x_of, _ticks(0, most), top, bottom)]
    for tick in _ticks(0, high):
        parts.append(_line([(left, y_of(tick)), (right, y_of(tick))], _LIGHT))
        parts.append(_text(left - 5, y_of(tick) + 4, f"{tick:g}", "end", 10))
    for place, found in enumerate(series.values()):
        path = [(x_of(x), y_of(y)) for x, y in found]
        colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
        parts.append(_line(path, colour, width=2, dash=dash))
    parts.append(_text(right, bottom + 30, across, "end", 11))
    parts.append(_text(left + 4, top + 10, up, size=11))
    parts.append(_legend(list(series), bottom + 44, _dash_sample))
    return _svg(title, "".join(parts), bottom + 40 + _LEGEND * len(series))


def scatter(  # noqa: PLR0913, PLR0917
    title: str, counts: Mapping[Point, int], low: float, high: float, across: str, up: str
) -> str:
    """Return circles whose area is the number of pairs there, and the diagonal."""
    left, right, top, bottom = 44, 364, 12, 332
    x_of, y_of = _scale(low, high, left + 20, right - 20), _scale(low, high, bottom - 20, top + 20)
    most = max(counts.values(), default=1)
    ends = [(x_of(low), y_of(low)), (x_of(high), y_of(high))]
    parts = [_grid(x_of, _ticks(low, high), top, bottom), _line(ends, _GREY, dash="5 4")]
    for tick in _ticks(low, high):
        parts.append(_line([(left, y_of(tick)), (right, y_of(tick))], _LIGHT))
        parts.append(_text(left - 5, y_of(tick) + 4, f"{tick:g}", "end", 10))
    for (x, y), count in counts.items():
        radius = 3 + 22 * (count / most) ** 0.5
        parts.append(
            f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="{radius:.1f}" fill="{COLOURS[0]}"'
            f' fill-opacity="0.35" stroke="{COLOURS[0]}"/>'
        )
        parts.append(_text(x_of(x), y_of(y) + 4, str(count), "middle", 10))
    parts.append(_text(right, bottom + 30, across, "end", 11))
    parts.append(_text(left + 4, top + 10, up, size=11))
    return _svg(title, "".join(parts), bottom + 36)


def _svg(title: str, body: str, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img"'
        f' aria-label="{escape(title)}" font-family="system-ui, sans-serif">'
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>{body}</svg>'
    )


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (value - low) / ((high - low) or 1) * (end - start)


def _ticks(low: float, high: float) -> list[float]:
    """Some five to ten round values within the limits."""
    span = (high - low) or 1
    power = 10.0 ** math.floor(math.log10(span / 4))
    size = max(step * power for step in (1, 2, 5) if span / (step * power) >= 4)
    first, last = math.ceil(low / size), math.floor(high / size + 1e-9)
    return [round(number * size, 10) for number in range(first, last + 1)]


def _grid(x_of: Callable[[float], float], ticks: Sequence[float], top: float, bottom: float) -> str:
    return "".join(
        _line([(x_of(tick), top), (x_of(tick), bottom)], _LIGHT)
        + _text(x_of(tick), bottom + 14, f"{tick:g}", "middle", 10)
        for tick in ticks
    )


def _line(points: Sequence[Point], colour: str, width: float = 1, dash: str = "") -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'
    )


def _text(  # noqa: PLR0913, PLR0917
    x: float, y: float, text: str, anchor: str = "start", size: int = 12, weight: str = "normal"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}"'
        f' text-anchor="{anchor}" fill="#222222">{escape(text)}</text>'
    )


def _marker(x: float, y: float, place: int) -> str:
    colour = COLOURS[place % len(COLOURS)]
    if place % 2 == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    corners = f"{x:.1f},{y - 5:.1f} {x + 5:.1f},{y:.1f} {x:.1f},{y + 5:.1f} {x - 5:.1f},{y:.1f}"
    return f'<polygon points="{corners}" fill="#ffffff" stroke="{colour}" stroke-width="2"/>'


def _legend(names: Sequence[str], top: float, sample: Callable[[float, int], str]) -> str:
    return "".join(
        sample(top + _LEGEND * place, place) + _text(40, top + _LEGEND * place + 4, name, size=11)
        for place, name in enumerate(names)
    )


def _marker_sample(y: float, place: int) -> str:
    return _marker(22, y, place)


def _block_sample(y: float, place: int) -> str:
    colour = COLOURS[place % len(COLOURS)]
    return f'<rect x="12" y="{y - 5:.1f}" width="20" height="10" fill="{colour}"/>'


def _dash_sample(y: float, place: int) -> str:
    colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
    return _line([(10, y), (34, y)], colour, width=2, dash=dash)
