"""Write the paper's tables, metrics and plots below metrics/.

in   data/ratings/tiny-r1  {"id": "botchat-000123", "channel": "botchat", "system": "tiny-r1",
                            "rating": 3, "errors": [{"code": "unn_content_redundant",
                                                     "quote": "the parcel is late"}]}
out  metrics/effects.json  [{"channel": "botchat", "measure": "judge", "system": "tiny-r1",
                             "against": "org", "delta": 0.82, "low": 0.6, "high": 1.04,
                             "p": 0.0001, "p_holm": 0.0023, "n": 150, "seeds": 1,
                             "against_seeds": 1, "p_noninferior": 0.0, "p_equivalent": 1.0}, ...]
     metrics/ratings/judge/tiny-r1.json   {"botchat": 4.47, "webform": 4.15}
"""

import csv
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from distill import paths, records, stage
from distill.errors import InputError
from distill.llm.settings import Rules
from distill.params import load
from distill.params.arf import Params
from distill.params.stages import answering, stages
from distill.records import Row
from distill.report import accounting, costs, curves, page, plots, privacy, ratings, scores
from distill.report.arf import (
    cascade,
    comparisons,
    declared,
    errors,
    rated,
    reductions,
    scoring,
    summaries,
    table1,
    table3,
)
from distill.report.page import Section
from distill.stats import tables

TITLE = "Analyze, revise, finetune: report"
CALIBRATION_NOTE = (
    "A circle's area and its number are the summaries that got the two ratings, those of untrained"
    " students excluded; on the dashed line both agree. Coefficients of agreement with their"
    " intervals are in calibration_details.json."
)


def report(params: Params, folder: Path) -> cascade.Cascade:
    """Write every file of the report into `folder`; return the cascade that it suggests."""
    tests = {row["id"]: row for row in records.read(paths.split("test"))}
    outputs = _read(paths.predictions, params.systems)
    judged = _read(paths.ratings, params.systems)
    versions = _read(paths.dataset, params.versions)
    findings = _read(paths.findings, params.versions)

    truth = scoring.load_truth(params)
    scored = scoring.score(params, tests, outputs, judged, truth)
    found = errors.count(versions, findings, scored, truth)
    tallies = table3.tally(params.revisions, versions, findings, truth)
    suggested = cascade.suggest(params, found[errors.FINDINGS, errors.VERSIONS], tallies)

    org = table1.count(scored.channels, versions[paths.ORG], findings[paths.ORG], truth)
    sections = [
        *_ratings(params, scored, folder),
        _table1(org, table1.note(findings[paths.ORG]), found, folder),
        _table3(params, tallies, folder),
        _cascade(params, suggested),
        _curves(params, folder),
        _calibration(),
        _costs(params, folder),
        _errors(params, found, scored, folder),
        _privacy(params, folder),
        _rows(params, folder),
    ]
    systems = [*comparisons.table2_systems(params), *comparisons.baselines(params)]
    samples = summaries.samples(tests, outputs, scored, systems, shown=params.on_sample)
    _pages(sections, samples, params, folder)
    return suggested


def _read(place: Callable[[str], Path], names: Iterable[str]) -> dict[str, list[Row]]:
    """The rows of each name; raises InputError for a folder that is missing."""
    return {name: list(records.read(place(name))) for name in names}


def _ratings(params: Params, scored: scores.Scores, folder: Path) -> list[Section]:
    shutil.rmtree(folder / "ratings", ignore_errors=True)  # systems that are gone
    for measure in scored.by:
        for system, means in ratings.means(scored, measure).items():
            records.write_json(folder / f"ratings/{measure}/{system}.json", means)
    found = rated.rate(params, scored)
    records.write_json(folder / "effects.json", rated.effect_rows(found))
    every = [name for name in params.systems if comparisons.first_run(params, name) == name]
    plotted = rated.rows(found, rated.view(params, every))
    tables.write_csv(folder / "plots/ratings.csv", ratings.PLOT_FIELDS, plotted)
    second = [*comparisons.table2_systems(params), *comparisons.baselines(params)]
    for name, systems in (("table2", second), ("table4", comparisons.table4_systems(params))):
        view = rated.view(params, systems)
        tables.write_csv(folder / f"{name}.csv", view.fields(), rated.rows(found, view))
    note = f"{rated.NOTE} {rated.MARGIN.format(margin=params.report.margin)}"
    figures = plots.figures("ratings", plotted)
    return [
        Section("table2", "Table 2: ratings by training data", note, rated.table2(found), figures),
        Section("table4", "Table 4: ratings by training order", rated.NOTE, rated.table4(found)),
    ]


def _table1(
    counted: dict[str, errors.Counts], note: str, found: errors.Errors, folder: Path
) -> Section:
    tables.write_csv(folder / "table1.csv", table1.FIELDS, table1.rows(counted))
    figures = plots.figures("errors", errors.plot_rows(found))
    return Section("table1", table1.TITLE, note, table1.tables(counted), figures)


def _table3(params: Params, tallies: table3.Tallies, folder: Path) -> Section:
    known = (params.revisions, list(params.channels), tallies)
    tables.write_csv(folder / "table3.csv", table3.FIELDS, table3.rows(*known))
    return Section("table3", table3.TITLE, table3.NOTE, table3.tables(*known))


def _cascade(params: Params, suggested: cascade.Cascade) -> Section:
    return Section(
        "cascade",
        cascade.TITLE,
        cascade.note(suggested),
        cascade.tables(suggested),
        listing=cascade.lines(params, suggested),
    )


def _curves(params: Params, folder: Path) -> Section:
    rows = curves.rows(params.runs)
    tables.write_csv(folder / "plots/curves.csv", curves.FIELDS, rows)
    return Section("curves", "Learning curves", figures=plots.figures("curves", rows))


def _calibration() -> Section:
    try:
        with paths.CALIBRATION.open(encoding="utf-8", newline="") as lines:
            rows = [{**row, "n": int(row["n"])} for row in csv.DictReader(lines)]
    except (OSError, ValueError, KeyError) as error:
        problem = f"cannot be read ({error!r}); `dvc repro calibrate` makes it"
        raise InputError(f"{paths.CALIBRATION}: {problem}") from error
    figures = plots.figures("calibration", rows)
    return Section("calibration", "Calibration of the judge", CALIBRATION_NOTE, figures=figures)


def _costs(params: Params, folder: Path) -> Section:
    found = costs.load(params, stages(params), answering(params))
    records.write_json(folder / "cost.json", costs.metrics(found))
    return Section("cost", costs.TITLE, costs.NOTE, costs.tables(found, paths.TEACHER))


def _errors(params: Params, found: errors.Errors, scored: scores.Scores, folder: Path) -> Section:
    reduced = reductions.find(scored, paths.TEACHER)
    rows = [*errors.rows(found), *reductions.rows(reduced)]
    tables.write_csv(folder / "errors.csv", [*errors.FIELDS, *reductions.FIELDS], rows)
    tables.write_csv(folder / "plots/errors.csv", errors.PLOT_FIELDS, errors.plot_rows(found))
    shown = [*errors.tables(found, params.channels), *reductions.tables(reduced)]
    if params.on_sample and isinstance(params.llms[params.label.llm], Rules):
        shown.append(declared.of_teacher(records.read(paths.dataset(paths.ORG))))
    return Section("errors", errors.TITLE, f"{errors.NOTE} {reductions.NOTE}", shown)


def _privacy(params: Params, folder: Path) -> Section:
    resamples, seed = params.report.bootstrap, params.seed
    known = (
        privacy.measured(params.channels, resamples, seed)
        if params.on_sample
        else privacy.load(params.channels)
    )
    records.write_json(folder / "privacy.json", privacy.metrics(known))
    note = privacy.NOTE if params.on_sample else ""
    return Section("privacy", privacy.TITLE, note, privacy.tables(known))


def _rows(params: Params, folder: Path) -> Section:
    ledgers = accounting.rows(stages(params))
    records.write_json(folder / "rows.json", ledgers)
    parents = {name: params.parents.get(name, "") for name in params.versions}
    note = (
        f"{accounting.NOTE} Seed {params.seed}, interactions from {params.source},"
        f" {params.report.bootstrap} resamples for every bootstrap interval."
    )
    shown = [accounting.stage_table(ledgers), accounting.version_table(parents)]
    return Section("rows", accounting.TITLE, note, shown)


def _pages(
    sections: list[Section], samples: list[page.Sample], params: Params, folder: Path
) -> None:
    for section in sections:
        if section.tables:  # the others have figures alone
            records.write_text(folder / f"{section.name}.md", section.markdown())
    records.write_text(folder / "summaries.md", summaries.page(samples, not params.on_sample))
    note = summaries.NOTE if params.on_sample else f"{summaries.NOTE} {summaries.HIDDEN}"
    records.write_text(folder / "report.html", page.html(TITLE, sections, samples, note))


def main() -> None:
    """Report on everything that params.yaml names, and print which errors to edit next."""
    args = stage.parser(__doc__).parse_args()
    print(cascade.in_a_line(report(load(args.params), paths.METRICS)))


if __name__ == "__main__":
    stage.main(main)
