"""metrics/report.html: everything that the report tells on one page that needs no network."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from distill import paths, records
from distill.people import annotations
from distill.records import Row
from distill.report import accounting, costs, curves, plots, privacy, ratings, summaries
from distill.report.arf import cascade, table1, table3
from distill.report.arf.table3 import Key, Tally
from distill.report.results import JUDGE, TRUTH, Results
from distill.stats.tables import Table
from distill.tasks.summarize import format

_FOLDER = Path(__file__).parent


class Section(NamedTuple):
    """A heading and what is below it."""

    id: str
    title: str
    note: str
    tables: list[Table]
    figures: list[plots.Figure]


def page(
    results: Results,
    tallies: dict[Key, Tally],
    suggested: cascade.Cascade,
    personal: dict[str, privacy.Channel],
) -> str:
    """Return the HTML; whatever comes from data is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"cell": cell, "drawing": Markup}
    return environment.get_template("page.html").render(
        sections=list(_sections(results, tallies, suggested, personal)),
        samples=list(samples(results)),
        on_sample=results.params.on_sample,
        versions=[version(name, results) for name in results.params.versions],
        params=results.params,
    )


def _sections(
    results: Results,
    tallies: dict[Key, Tally],
    suggested: cascade.Cascade,
    personal: dict[str, privacy.Channel],
) -> Iterator[Section]:
    params = results.params
    plotted = ratings.rows(results, params.systems)
    table2 = ratings.tables(results, ratings.table2_systems(params))
    yield Section(
        "table2",
        "Table 2: ratings by training data",
        ratings.NOTE,
        table2,
        plots.ratings(plotted, ratings.MEASURES),
    )
    table4 = ratings.tables(results, ratings.table4_systems(params))
    yield Section("table4", "Table 4: ratings by training order", ratings.NOTE, table4, [])
    yield Section(
        "table1",
        "Table 1: major error types of the teacher",
        table1.table1_note(results),
        table1.table1(results),
        plots.errors(table1.plot_rows(results)),
    )
    yield Section(
        "table3",
        "Table 3: success of the revisions",
        table3.NOTE,
        table3.tables(results, tallies),
        [],
    )
    note = cascade.NOTE.format(version=suggested.version)
    yield Section("cascade", cascade.TITLE, note, cascade.tables(suggested), [])
    yield Section("curves", "Learning curves", "", [], plots.curves(curves.rows(params)))
    yield Section(
        "calibration",
        "The judge's calibration",
        "A circle's area and its number are the summaries that got the two ratings, those of"
        " students out of the box apart; on the dashed line both agree. Agreement with its"
        " intervals is in calibration.json.",
        [],
        list(_calibration(results)),
    )
    yield Section("costs", "Costs", costs.NOTE, costs.tables(params), [])
    yield Section(
        "errors", "Errors of every version and system", table1.NOTE, table1.tables(results), []
    )
    note = privacy.NOTE if params.on_sample else ""
    yield Section("privacy", privacy.TITLE, note, privacy.tables(personal), [])
    yield Section("rows", accounting.TITLE, "", [accounting.table(accounting.rows(params))], [])


def _calibration(results: Results) -> Iterator[plots.Figure]:
    summaries = {
        (system, row["id"]): row["output"]
        for system in results.params.systems
        for row in results.predictions[system]
    }
    people = [
        (row["of"], row["id"], row["rating"])
        for row in annotations.read()
        if row.get("rating") is not None
        and row.get("source") != annotations.FEEDBACK
        and (told := summaries.get((row["of"], row["id"]))) is not None
        and annotations.is_of(row, told)
    ]
    judged = results.scores[JUDGE]
    for channel in results.channels:
        pairs = [
            (judged[system][channel][row_id].rating, float(rating))
            for system, row_id, rating in people
            if row_id in judged[system][channel]
        ]
        if pairs:
            yield plots.calibration(channel, pairs, "people")
        if results.truths:
            true = results.scores[TRUTH]
            yield plots.calibration(
                channel,
                (
                    (score.rating, true[system][channel][row_id].rating)
                    for system in (paths.TEACHER, *results.params.runs)
                    for row_id, score in judged[system][channel].items()
                ),
                "the hidden truth",
            )


def samples(results: Results) -> Iterator[Row]:
    """Yield the sample interactions with every system's summary; of real ones ids alone."""
    shown = results.params.on_sample
    for row_id in summaries.ids(results):
        yield {
            "id": row_id,
            "text": results.tests[row_id]["input"] if shown else "",
            "systems": [
                {
                    "name": system,
                    "verdicts": summaries.verdicts(results, system, row_id) or "no summary",
                    "points": _points(results, system, row_id) if shown else [],
                }
                for system in ratings.table2_systems(results.params)
            ],
        }


def _points(results: Results, system: str, row_id: str) -> list[str]:
    text = next((row["output"] for row in results.predictions[system] if row["id"] == row_id), "")
    try:
        return format.bullets(text)
    except ValueError:
        return [text] if text else []


def version(name: str, results: Results) -> dict[str, Any]:
    """Return a version's parent, rows, and the SHA-256 of its shards, one after the other."""
    revision = results.params.revisions.get(name)
    parent = revision.parent if revision else ""
    rows = len(results.versions[name])
    digest = records.digest(paths.dataset(name))
    return {"name": name, "parent": parent, "rows": rows, "sha256": digest}


def cell(text: str) -> Markup:
    """Return a table's cell as HTML: its Markdown's bold and escaped stars, all else escaped."""
    bold = re.fullmatch(r"\*\*(.+)\*\*", text)
    plain = escape((bold.group(1) if bold else text).replace("\\*", "*"))
    return Markup(f"<b>{plain}</b>" if bold else plain)
