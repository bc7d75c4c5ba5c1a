"""Write FAIR's tables and metrics below metrics/.

in   data/ratings/smollm2-fair   {"id": "refund-000412", "channel": "refund", "system":
                                  "smollm2-fair", "rating": 1.0}
     data/gated/r1, data/reviewed/r1   the committee's texts and their scores
     data/questions/truth.jsonl        what makes a rationale sound; empty for real questions
out  metrics/gates.json    {"both": {"precision": 0.97, "low": 0.95, "high": 0.99, "n": 310,
                            "calls": 2210}, ...}
     metrics/effects.json  [{"measure": "accuracy", "system": "smollm2-fair", "against": "smollm2",
                             "delta": 0.12, "low": 0.05, "high": 0.19, "p": 0.001, "n": 120,
                             "seeds": 1}, ...]
     metrics/accuracy/smollm2-fair.json   {"accuracy": 0.31}
     metrics/verdict.json  [{"name": "students", "question": "Does the student learn ...?",
                             "answer": "smollm2-fair beats smollm2 (+20.8 points ...).", ...}, ...]
     metrics/report.html   the verdict and all tables
"""

from collections.abc import Mapping
from pathlib import Path

from distill import paths, records, stage
from distill.committee import reliability, texts
from distill.committee.acceptance import Rule
from distill.committee.settings import RATIONALE
from distill.offline import questions
from distill.params import fair
from distill.params.fair import Fair, stages
from distill.params.shared import Stage
from distill.records import Row
from distill.report import accounting, costs, page
from distill.report.fair import accuracy, gates, reviewers, verdict
from distill.report.page import Conclusion
from distill.stats import tables

TITLE = "FAIR: report"


def report(params: Fair, folder: Path) -> list[Conclusion]:
    """Write every file of the report into `folder`; return the verdict."""
    version = params.all_versions[params.report.version]
    teachers, resamples = params.committee(params.report.version), params.report.bootstrap
    found = with_truth(texts.of_round(version.round, teachers))
    weights: Mapping[str, float] = {}
    if version.weights == "reliability":
        weights = reliability.weights(reliability.measure(found, version.threshold))
    rule = Rule(version.gate, version.threshold, weights)
    mistakes = records.count(paths.attempted(version.round))
    spent = costs.load(params, stages(params), answering(params))
    each = review_dollars(spent)
    setting = gates.Setting(len(teachers), mistakes, rule, resamples, params.seed, each)
    scored = accuracy.load(params)
    compared = [
        *(accuracy.effect("precision", *one) for one in gates.differences(found, setting)),
        *(
            accuracy.effect(accuracy.MEASURE, *one)
            for one in accuracy.differences(scored, params.report.against)
        ),
    ]
    by_gate = gates.metrics(found, setting)
    records.write_json(folder / "gates.json", by_gate)
    records.write_json(folder / "effects.json", compared)
    for name, mean in accuracy.means(scored).items():
        records.write_json(folder / "accuracy" / f"{name}.json", {accuracy.MEASURE: mean})
    reviewed = reviewers.report(found, version.threshold, resamples, params.seed)
    pages = {
        "accuracy": (
            accuracy.TITLE,
            accuracy.report(scored, params.report.against),
            accuracy.NOTE,
        ),
        "gates": (gates.TITLE, gates.report(found, setting), gates.NOTE),
        "reviewers": (reviewers.TITLE, reviewed, reviewers.NOTE),
        "cost": (costs.TITLE, costs.tables(spent, params.systems[0]), costs.NOTE),
        "rows": (accounting.TITLE, _rows(params), accounting.NOTE),
    }
    for name, shown in pages.items():
        tables.write_markdown(folder / f"{name}.md", *shown)
    work = verdict.Work(mistakes, gates.asked(found, setting))
    drawn = verdict.conclusions(params, compared, by_gate, work, spent)
    page.write(folder, TITLE, _about(params), drawn, pages)
    return drawn


def with_truth(found: list[Row]) -> list[Row]:
    """Return the texts with `sound` of each rationale, null where no truth is known."""
    truth = {row["id"]: row for row in records.read(paths.QUESTIONS_TRUTH)}
    return [
        {
            **text,
            "sound": questions.is_sound(truth[text["id"]], text["text"])
            if text["kind"] == RATIONALE and text["id"] in truth
            else None,
        }
        for text in found
    ]


def answering(params: Fair) -> dict[str, Stage]:
    """Return the stage that writes each system's test answers."""
    return {one.key: one for one in stages(params) if one.name == "predict"}


def review_dollars(spent: costs.Costs) -> float | None:
    """Return the mean cost of a review, None without calls of a known price."""
    reviews = [part for part in spent.spent if part.stage.startswith("review-")]
    calls = sum(part.usage.calls for part in reviews)
    dollars = [part.dollars for part in reviews if part.dollars is not None]
    return sum(dollars) / calls if calls and len(dollars) == len(reviews) else None


def _rows(params: Fair) -> list[tables.Table]:
    parents = dict.fromkeys(params.versions, "")
    parents |= {name: version.parent for name, version in params.extended.items()}
    ledgers = accounting.rows(stages(params))
    return [accounting.stage_table(ledgers), accounting.version_table(parents)]


def _about(params: Fair) -> str:
    source = params.questions.source or "a generator"
    return f"Questions of {source}; teachers: {', '.join(params.teachers)}."


def main() -> None:
    """Report on everything that params.yaml names; print the verdict."""
    args = stage.parser(__doc__).parse_args()
    drawn = report(fair.load(args.params), paths.METRICS)
    print("\n".join(page.in_lines(drawn)))


if __name__ == "__main__":
    stage.main(main)
