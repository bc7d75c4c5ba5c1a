"""Write the verdict, the paper's tables, metrics and plots below metrics/.

in   data/ratings/tiny-r1  {"id": "botchat-000123", "channel": "botchat", "system": "tiny-r1",
                            "rating": 3, "errors": [{"code": "unn_content_redundant",
                                                     "quote": "the parcel is late"}]}
out  metrics/effects.json  [{"channel": "botchat", "measure": "judge", "system": "tiny-r1",
                             "against": "org", "delta": 0.82, "low": 0.6, "high": 1.04,
                             "p": 0.0001, "p_holm": 0.0023, "n": 150, "seeds": 1,
                             "against_seeds": 1, "p_noninferior": 0.0, "p_equivalent": 1.0}, ...]
     metrics/ratings/judge/tiny-r1.json   {"botchat": 4.47, "webform": 4.15}
     metrics/verdict.json  [{"name": "students", "question": "Does a student beat its teacher?",
                             "answer": "No student is shown to beat its teacher.",
                             "details": ["botchat: tiny-r1 is ..."], "tone": "open"}, ...]
"""

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from distill import paths, records, stage
from distill.errors import InputError
from distill.llm.settings import Rules
from distill.params import load
from distill.params.arf import Params
from distill.params.stages import answering, stages
from distill.records import Row
from distill.report import accounting, costs, curves, page, plots, privacy, ratings
from distill.report.arf import (
    cascade,
    comparisons,
    conclusions,
    declared,
    errors,
    rated,
    reductions,
    scoring,
    summaries,
    table1,
    table3,
    verdict,
    words,
)
from distill.report.costs import Costs
from distill.report.page import Conclusion, Section
from distill.report.scores import Scores
from distill.stats import tables
from distill.tasks.summarize import taxonomy

TITLE = "Analyze, revise, finetune: report"
CALIBRATION_NOTE = (
    "A circle's area and its number are the summaries that got the two ratings, those of untrained"
    " students excluded; on the dashed line both agree. Coefficients of agreement with their"
    " intervals are in calibration_details.json."
)


def report(params: Params, folder: Path) -> tuple[list[Conclusion], cascade.Cascade]:
    """Write every file of the report into `folder`; return the verdict and the next cascade."""
    tests = {row["id"]: row for row in records.read(paths.split("test"))}
    outputs = _read(paths.predictions, params.systems)
    judged = _read(paths.ratings, params.systems)
    versions = _read(paths.dataset, params.versions)
    findings = _read(paths.findings, params.versions)

    truth = scoring.load_truth(params)
    scored = scoring.score(params, tests, outputs, judged, truth)
    compared = rated.rate(params, scored)
    found = errors.count(versions, findings, scored, truth)
    tallies = table3.tally(params.revisions, versions, findings, truth)
    suggested = cascade.suggest(params, found[errors.FINDINGS, errors.VERSIONS], tallies)
    spent = costs.load(params, stages(params), answering(params))
    drawn = conclusions.draw(compared, _calibration(), tallies, spent, suggested)
    lead = next(one.answer for one in drawn if one.name == page.JUDGE)

    org = table1.count(scored.channels, versions[paths.ORG], findings[paths.ORG], truth)
    sections = [
        _table2(compared, lead, folder),
        _table1(org, table1.note(findings[paths.ORG]), found, folder),
        _table3(params, tallies, folder),
        _calibrated(lead),
        _cascade(params, suggested),
        _costs(spent, folder),
        _privacy(params, folder),
        _errors(params, found, scored, lead, folder),
        _table4(compared, lead, folder),
        _curves(params, folder),
        _rows(params, folder),
    ]
    systems = [*comparisons.table2_systems(params), *comparisons.baselines(params)]
    samples = summaries.samples(tests, outputs, scored, systems, shown=params.on_sample)
    _pages(params, drawn, sections, samples, folder)
    return drawn, suggested


def _read(place: Callable[[str], Path], names: Iterable[str]) -> dict[str, list[Row]]:
    """The rows of each name; raises InputError for a folder that is missing."""
    return {name: list(records.read(place(name))) for name in names}


def _calibration() -> Mapping[str, Row]:
    path = paths.METRICS / "calibration_details.json"
    try:
        details: dict[str, Row] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        problem = f"cannot be read ({error!r}); `dvc repro calibrate` makes it"
        raise InputError(f"{path}: {problem}") from error
    return details


def _table2(found: rated.Rated, lead: str, folder: Path) -> Section:
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


def _table4(found: rated.Rated, lead: str, folder: Path) -> Section:
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


def _table1(
    counted: dict[str, errors.Counts], note: str, found: errors.Errors, folder: Path
) -> Section:
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


def _table3(params: Params, tallies: table3.Tallies, folder: Path) -> Section:
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


def _cascade(params: Params, suggested: cascade.Cascade) -> Section:
    return Section(
        "cascade",
        cascade.TITLE,
        note=cascade.note(suggested),
        tables=[cascade.slim(suggested)] if suggested.next else [],
        more=cascade.tables(suggested),
        listing=cascade.lines(params, suggested),
        empty=f"No error was found in {suggested.version}: nothing is left to repair.",
    )


def _curves(params: Params, folder: Path) -> Section:
    rows = curves.rows(params.runs)
    tables.write_csv(folder / "plots/curves.csv", curves.FIELDS, rows)
    figures = plots.figures("curves", rows)
    empty = "No student was trained."
    return Section("curves", "How did training go?", figures=figures, folded=True, empty=empty)


def _calibrated(lead: str) -> Section:
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


def _costs(spent: Costs, folder: Path) -> Section:
    records.write_json(folder / "cost.json", costs.metrics(spent))
    first, *others = costs.tables(spent, paths.TEACHER)
    title = "What do a thousand summaries cost?"
    return Section("cost", title, note=costs.NOTE, tables=[first], more=others)


def _errors(
    params: Params, found: errors.Errors, scored: Scores, lead: str, folder: Path
) -> Section:
    reduced = reductions.find(scored, paths.TEACHER)
    rows = [*errors.rows(found), *reductions.rows(reduced)]
    tables.write_csv(folder / "errors.csv", [*errors.FIELDS, *reductions.FIELDS], rows)
    tables.write_csv(folder / "plots/errors.csv", errors.PLOT_FIELDS, errors.plot_rows(found))
    shown = [*errors.tables(found, params.channels), *reductions.tables(reduced)]
    if params.on_sample and isinstance(params.llms[params.label.llm], Rules):
        shown.append(declared.of_teacher(records.read(paths.dataset(paths.ORG))))
    note = f"{errors.NOTE} {reductions.NOTE}"
    return Section("errors", errors.TITLE, lead=lead, note=note, more=shown, folded=True)


def _privacy(params: Params, folder: Path) -> Section:
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


def _rows(params: Params, folder: Path) -> Section:
    ledgers = accounting.rows(stages(params))
    records.write_json(folder / "rows.json", ledgers)
    parents = {name: params.parents.get(name, "") for name in params.versions}
    note = (
        f"{accounting.NOTE} Seed {params.seed}, interactions from {params.source},"
        f" {params.report.bootstrap} resamples for every bootstrap interval."
    )
    shown = [accounting.stage_table(ledgers), accounting.version_table(parents)]
    return Section("rows", "What became of every row?", note=note, more=shown, folded=True)


def _pages(
    params: Params,
    drawn: list[Conclusion],
    sections: list[Section],
    samples: list[page.Sample],
    folder: Path,
) -> None:
    records.write_json(folder / "verdict.json", verdict.rows(drawn))
    records.write_text(folder / "verdict.md", page.verdict_markdown("Verdict", drawn))
    for section in sections:
        if section.tables or section.more or section.name == "table4":  # others are figures alone
            records.write_text(folder / f"{section.name}.md", section.markdown())
    records.write_text(folder / "summaries.md", summaries.page(samples, not params.on_sample))
    note = summaries.NOTE if params.on_sample else f"{summaries.NOTE} {summaries.HIDDEN}"
    names = {code: words.of(code) for code in taxonomy.load()}
    shown = page.Page(TITLE, _about(params), drawn, sections, samples, note, names)
    records.write_text(folder / "report.html", shown.html())


def _about(params: Params) -> str:
    sizes = ", ".join(f"{channel} {size.test}" for channel, size in params.split.sizes.items())
    return f"Interactions of {params.source}; test rows: {sizes}; judge: {params.judge.llm}."


def main() -> None:
    """Report on all that params.yaml names; print the verdict and which errors to edit next."""
    args = stage.parser(__doc__).parse_args()
    drawn, suggested = report(load(args.params), paths.METRICS)
    print("\n".join([*verdict.in_lines(drawn), cascade.in_a_line(suggested)]))


if __name__ == "__main__":
    stage.main(main)
