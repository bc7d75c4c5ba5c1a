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

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from distill import paths, records, stage
from distill.errors import InputError
from distill.params import load
from distill.params.arf import Params
from distill.params.stages import answering, stages
from distill.records import Row
from distill.report import costs, page
from distill.report.arf import (
    cascade,
    comparisons,
    conclusions,
    errors,
    rated,
    scoring,
    sections,
    summaries,
    table1,
    table3,
    verdict,
    words,
)
from distill.report.page import Conclusion, Section
from distill.tasks.summarize import taxonomy

TITLE = "Analyze, revise, finetune: report"
FIGURES = ("calibration", "curves")  # sections without a page in Markdown


def report(params: Params, folder: Path) -> tuple[list[Conclusion], cascade.Cascade]:
    """Write every file of the report into `folder`; return the verdict and the next cascade."""
    tests = {row["id"]: row for row in records.read(paths.split("test"))}
    outputs = _stored(paths.predictions, params.systems)
    judged = _stored(paths.ratings, params.systems)
    versions = _stored(paths.dataset, params.versions)
    findings = _stored(paths.findings, params.versions)

    truth = scoring.load_truth(params)
    scored = scoring.score(params, tests, outputs, judged, truth)
    systems = [*comparisons.table2_systems(params), *comparisons.baselines(params)]
    samples = summaries.samples(tests, outputs, scored, systems, shown=params.on_sample)
    compared = rated.rate(params, scored)
    found = errors.count(versions, findings, scored, truth)
    tallies = table3.tally(params.revisions, versions, findings, truth)
    suggested = cascade.suggest(params, found[errors.FINDINGS, errors.VERSIONS], tallies)
    spent = costs.load(params, stages(params), answering(params))
    drawn = conclusions.draw(compared, _calibration(), tallies, spent, suggested)
    lead = next(one.answer for one in drawn if one.name == page.JUDGE)

    org = table1.count(scored.channels, versions[paths.ORG], findings[paths.ORG], truth)
    shown = [
        sections.ratings_table(compared, lead, folder),
        sections.teacher_errors(org, table1.note(findings[paths.ORG]), found, folder),
        sections.edits(params, tallies, folder),
        sections.calibration(lead),
        sections.next_revision(params, suggested),
        sections.cost(spent, folder),
        sections.personal_data(params, folder),
        sections.every_error(params, found, scored, lead, folder),
        sections.orders(compared, lead, folder),
        sections.training(params, folder),
        sections.row_accounting(params, folder),
    ]
    _pages(params, drawn, shown, samples, folder)
    return drawn, suggested


def _stored(place: Callable[[str], Path], names: Iterable[str]) -> dict[str, records.Stored]:
    """The rows of each name, of which no more than one is in memory."""
    return {name: records.Stored(place(name)) for name in names}


def _calibration() -> Mapping[str, Row]:
    path = paths.METRICS / "calibration_details.json"
    try:
        details: dict[str, Row] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        problem = f"cannot be read ({error!r}); `dvc repro calibrate` makes it"
        raise InputError(f"{path}: {problem}") from error
    return details


def _pages(
    params: Params,
    drawn: list[Conclusion],
    shown: list[Section],
    samples: list[page.Sample],
    folder: Path,
) -> None:
    page.write_verdict(folder, drawn)
    for section in shown:
        if section.name not in FIGURES:
            records.write_text(folder / f"{section.name}.md", section.markdown())
    records.write_text(folder / "summaries.md", summaries.page(samples, not params.on_sample))
    note = summaries.NOTE if params.on_sample else f"{summaries.NOTE} {summaries.HIDDEN}"
    names = {code: words.of(code) for code in taxonomy.load()}
    whole = page.Page(TITLE, _about(params), drawn, shown, samples, note, names)
    records.write_text(folder / "report.html", whole.html())


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
