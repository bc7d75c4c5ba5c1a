"""The report's plots: the Vega-Lite templates of `dvc plots`, filled with rows and drawn as SVG.

The templates of .dvc/plots name each series by its revision as well, for `dvc plots diff`, unless
that is DVC's "workspace", as here.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import vl_convert
from dvc_render.vega import VegaRenderer  # type: ignore[import-untyped]

TEMPLATES = Path(".dvc/plots")

Row = Mapping[str, Any]


class Plot(NamedTuple):
    """The axes of one plot, as in the `plots` section of dvc.yaml, which has its title as well.

    `figures` draws a figure for each combination of values of the fields in `apart`.
    """

    x: str
    y: str
    apart: tuple[str, ...]
    caption: str


PLOTS = {
    "curves": Plot("step", "loss", ("curve",), "Loss on {}"),
    "ratings": Plot("mean", "system", ("channel",), "{}: mean rating, 95% interval"),
    "errors": Plot(
        "rate",
        "code",
        ("channel", "measure"),
        "{}: share of the summaries that have the error, by the {}",
    ),
    "calibration": Plot(
        "judge",
        "rating",
        ("channel", "against"),
        "{}: the judge's ratings against the {}'s; numbers are summaries",
    ),
}


class Figure(NamedTuple):
    """A caption and a Vega-Lite specification."""

    caption: str
    spec: dict[str, Any]


def spec(name: str, rows: Iterable[Row]) -> dict[str, Any]:
    """Return the Vega-Lite specification of a plot of PLOTS without a title, {} without rows.

    The rows have the fields of the CSV file of the same name in metrics/plots. Numbers that are not
    finite, as the loss of a training that diverged, are left out.
    """
    plot = PLOTS[name]
    finite = [row for row in rows if all(map(_is_finite, row.values()))]
    renderer = VegaRenderer(
        [{**row, "rev": "workspace"} for row in finite],
        name,
        template=name,
        template_dir=str(TEMPLATES),
        title="",
        x=plot.x,
        y=plot.y,
    )
    filled: dict[str, Any] = renderer.get_filled_template()
    return filled


def _is_finite(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def svg(spec: Mapping[str, Any]) -> str:
    """Return a Vega-Lite specification as SVG; the same specification gives the same bytes."""
    drawn: str = vl_convert.vegalite_to_svg(dict(spec))
    return drawn


def figures(name: str, rows: Iterable[Row]) -> list[Figure]:
    """Return a plot as several narrow figures, such as one for each channel, to fit a phone."""
    plot = PLOTS[name]
    parts: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        parts[tuple(str(row[field]) for field in plot.apart)].append(row)
    return [
        Figure(plot.caption.format(*values), spec(name, part)) for values, part in parts.items()
    ]
