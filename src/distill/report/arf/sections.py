"""The sections of ARF's report, in the order of their questions; each writes its own data files."""

import csv
import shutil
from pathlib import Path

from distill import paths, records
from distill.errors import InputError
from distill.llm.settings import Rules
from distill.params.arf import Params
from distill.params.stages import stages
from distill.report import accounting, costs, curves, plots, privacy, ratings
from distill.report.arf import (
    cascade,
    comparisons,
    declared,
    errors,
    rated,
    reductions,
    table1,
    table3,
)
from distill.report.costs import Costs
from distill.report.page import Section
from distill.report.scores import Scores
from distill.stats import tables

CALIBRATION_NOTE = (
    "A circle's area and its number are the summaries that got the two ratings, those of untrained"
    " students excluded; on the dashed line both agree. Coefficients of agreement with their"
    " intervals are in calibration_details.json."
)


def ratings_table(found: rated.Rated, lead: str, folder: Path) -> Section:
    """Return Table 2 and write the mean ratings, effects.json and table2.csv."""
    params, scored = found.params, found.scores
    shutil.rmtree(folder / "ratings", ignore_errors=True)  # systems that are gone
    for measure in scored.by:
        for system, means in ratings.means(scored, measure).items():
            records.write_json(folder / f"ratings/{measure}/{system}.json", means)
    records.write_json(folder / "effects.json", rated.effect_rows(found))
    every = [name for name in params.systems if comparisons.first_run(params, name) == name]
    plotted = rated.rows(found, rated.view(params, every))
    tables.write_csv(folder / "plots/ratings.csv", ratings.PLOT_FIELDS, plotted)
    systems = [*comparisons.table2_systems(params), *comparisons.baselines(params)]
    view = rated.view(params, systems)
    tables.write_csv(folder / "table2.csv", view.fields(), rated.rows(found, view))
    return Section(
        "table2",
        "How good are the students and their teacher?",
        "Table 2",
        lead,
        f"{rated.NOTE} {rated.MARGIN.format(margin=params.report.margin)}",
        [rated.slim(found)],
        plots.figures("ratings", plotted),
        more=rated.table2(found),
    )


def orders(found: rated.Rated, lead: str, folder: Path) -> Section:
    """Return Table 4 and write table4.csv."""
    view = rated.view(found.params, comparisons.table4_systems(found.params))
    tables.write_csv(folder / "table4.csv", view.fields(), rated.rows(found, view))
    return Section(
        "table4",
        "Does the order of training matter?",
        "Table 4",
        lead,
        rated.NOTE,
        more=rated.table4(found) if view.systems else [],
        folded=True,
        empty="No run is trained in phases (runs in params.yaml).",
    )


def teacher_errors(
    counted: dict[str, errors.Counts], note: str, found: errors.Errors, folder: Path
) -> Section:
    """Return Table 1 and write table1.csv."""
    tables.write_csv(folder / "table1.csv", table1.FIELDS, table1.rows(counted))
    first, *others = [measure for measure, of in found if of == errors.VERSIONS]
    return Section(
        "table1",
        table1.TITLE,
        "Table 1",
        note=note,
        tables=[table1.slim(counted[errors.FINDINGS])],
        figures=plots.figures("errors", errors.figure_rows(found, first)),
        more=table1.tables(counted),
        more_figures=[
            figure
            for measure in others
            for figure in plots.figures("errors", errors.figure_rows(found, measure))
        ],
        empty="No error was found in the teacher's summaries.",
    )


def edits(params: Params, tallies: table3.Tallies, folder: Path) -> Section:
    """Return Table 3 and write table3.csv."""
    known = (params.revisions, list(params.channels), tallies)
    tables.write_csv(folder / "table3.csv", table3.FIELDS, table3.rows(*known))
    return Section(
        "table3",
        table3.TITLE,
        "Table 3",
        note=table3.NOTE,
        tables=[table3.slim(*known)],
        more=table3.tables(*known) if params.revisions else [],
        empty="params.yaml names no revisions.",
    )


def next_revision(params: Params, suggested: cascade.Cascade) -> Section:
    """Return the suggested next revision."""
    return Section(
        "cascade",
        cascade.TITLE,
        note=cascade.note(suggested),
        tables=[cascade.slim(suggested)] if suggested.next else [],
        more=cascade.tables(suggested),
        listing=cascade.lines(params, suggested),
        empty=f"No error was found in {suggested.version}: nothing is left to repair.",
    )


def training(params: Params, folder: Path) -> Section:
    """Return the learning curves and write curves.csv; raises InputError for a damaged one."""
    rows = curves.rows(params.runs)
    tables.write_csv(folder / "plots/curves.csv", curves.FIELDS, rows)
    figures = plots.figures("curves", rows)
    empty = "No student was trained."
    return Section("curves", "How did training go?", figures=figures, folded=True, empty=empty)


def calibration(lead: str) -> Section:
    """Return the judge's ratings against others; raises InputError for a damaged file."""
    try:
        with paths.CALIBRATION.open(encoding="utf-8", newline="") as lines:
            rows = [{**row, "n": int(row["n"])} for row in csv.DictReader(lines)]
    except (OSError, ValueError, KeyError) as error:
        problem = f"cannot be read ({error!r}); `dvc repro calibrate` makes it"
        raise InputError(f"{paths.CALIBRATION}: {problem}") from error
    return Section(
        "calibration",
        "Can the judge be trusted?",
        lead=lead,
        note=CALIBRATION_NOTE,
        figures=plots.figures("calibration", rows),
        empty="There is no rating to compare the judge's with.",
    )


def cost(spent: Costs, folder: Path) -> Section:
    """Return the costs and write cost.json."""
    records.write_json(folder / "cost.json", costs.metrics(spent))
    first, *others = costs.tables(spent, paths.TEACHER)
    title = "What do a thousand summaries cost?"
    return Section("cost", title, note=costs.NOTE, tables=[first], more=others)


def every_error(
    params: Params, found: errors.Errors, scored: Scores, lead: str, folder: Path
) -> Section:
    """Return the errors of all versions and systems and write errors.csv."""
    reduced = reductions.find(scored, paths.TEACHER)
    rows = [*errors.rows(found), *reductions.rows(reduced)]
    tables.write_csv(folder / "errors.csv", [*errors.FIELDS, *reductions.FIELDS], rows)
    tables.write_csv(folder / "plots/errors.csv", errors.PLOT_FIELDS, errors.plot_rows(found))
    shown = [*errors.tables(found, params.channels), *reductions.tables(reduced)]
    if params.on_sample and isinstance(params.llms[params.label.llm], Rules):
        shown.append(declared.of_teacher(records.read(paths.dataset(paths.ORG))))
    note = f"{errors.NOTE} {reductions.NOTE}"
    return Section("errors", errors.TITLE, lead=lead, note=note, more=shown, folded=True)


def personal_data(params: Params, folder: Path) -> Section:
    """Return what anonymization did and write privacy.json."""
    resamples, seed = params.report.bootstrap, params.seed
    known = (
        privacy.measured(params.channels, resamples, seed)
        if params.on_sample
        else privacy.load(params.channels)
    )
    records.write_json(folder / "privacy.json", privacy.metrics(known))
    first, *others = privacy.tables(known)
    note = privacy.NOTE if params.on_sample else ""
    return Section("privacy", "Is personal data gone?", note=note, tables=[first], more=others)


def row_accounting(params: Params, folder: Path) -> Section:
    """Return the row accounting and write rows.json."""
    ledgers = accounting.rows(stages(params))
    records.write_json(folder / "rows.json", ledgers)
    parents = {name: params.parents.get(name, "") for name in params.versions}
    note = (
        f"{accounting.NOTE} Seed {params.seed}, interactions from {params.source},"
        f" {params.report.bootstrap} resamples for every bootstrap interval."
    )
    shown = [accounting.stage_table(ledgers), accounting.version_table(parents)]
    return Section("rows", "What became of every row?", note=note, more=shown, folded=True)
