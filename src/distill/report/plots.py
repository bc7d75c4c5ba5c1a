"""The report's plots, drawn from rows such as those of metrics/*.csv and metrics/plots/*.csv.

Numbers may be text, as a CSV file holds them; an empty one is not known.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from distill.records import Row
from distill.report import svg

SHOWN = 12  # codes of one plot
BY = {"findings": "by the findings", "truth": "by the hidden truth"}


class Figure(NamedTuple):
    """A drawing and the line below it."""

    caption: str
    svg: str


def ratings(rows: Iterable[Row], measure_names: dict[str, str]) -> list[Figure]:
    """Return a figure per channel: every system's mean rating with its 95% interval."""
    found: dict[str, dict[str, dict[str, svg.Interval]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        mean = _number(row["mean"])
        if mean is not None:
            interval = svg.Interval(mean, _number(row["low"]), _number(row["high"]))
            measure = measure_names[row["measure"]].lower()
            found[row["channel"]][row["system"]][measure] = interval
    return [
        Figure(
            caption := f"{channel}: mean rating, 95% interval",
            svg.intervals(caption, systems, 1, 5),
        )
        for channel, systems in found.items()
    ]


def errors(rows: Iterable[Row]) -> list[Figure]:
    """Return a figure per measure and channel: the most frequent codes' count in each version."""
    found: dict[tuple[str, str], dict[str, dict[str, float]]]
    found = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        found[row["measure"], row["channel"]][row["code"]][row["version"]] = float(row["count"])
    figures = []
    for (measure, channel), codes in found.items():
        ranked = sorted((-max(counts.values()), code) for code, counts in codes.items())
        more = f", the {SHOWN} most frequent errors" if len(codes) > SHOWN else ""
        shown = {code: codes[code] for _, code in ranked[:SHOWN]}
        caption = f"{channel}: summaries with the error in each version{more}, {BY[measure]}"
        figures.append(Figure(caption, svg.bars(caption, shown)))
    return figures


def curves(rows: Iterable[Row]) -> list[Figure]:
    """Return a figure per kind of loss: a line a run."""
    found: dict[str, dict[str, list[svg.Point]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row["curve"]][row["run"]].append((float(row["step"]), float(row["loss"])))
    return [
        Figure(caption := f"Loss on {curve}", svg.lines(caption, runs, "step", "loss"))
        for curve, runs in found.items()
    ]


def calibration(channel: str, pairs: Iterable[tuple[float, float]], other: str) -> Figure:
    """Return a figure: the judge's ratings against another's; numbers are summaries."""
    counts = Counter(pairs)
    caption = f"{channel}: the judge against {other}, n={counts.total()}"
    return Figure(caption, svg.scatter(caption, counts, 1, 5, "judge", other))


def _number(value: object) -> float | None:
    return None if value in {None, ""} else float(str(value))
