"""Compare the arms, round by round: F1, texts, tokens, refusals, label noise.

in   data/predictions/errors-3   {"id": "intents-test-000123", "output": "refund_missing", ...}
     data/dataset, data/spent, data/ledger, and the test rows
out  metrics/effects.json        [{"task": "intents", "system": "errors", "against": "random",
                                   "round": 3, "delta": 4.2, "low": 1.1, "high": 7.3, "p": 0.01,
                                   "n": 480, "seeds": 5}]     points of macro F1
     metrics/scores/errors-3.json  {"intents": 81.2}   points of macro F1 after round 3
     metrics/cost.json, metrics/tables.md
     metrics/verdict.json        [{"name": "choice", "question": "Is it better than choosing at
                                   random?", "answer": "errors is not shown to ...", ...}, ...]
     metrics/report.html         the verdict and all tables
     metrics/curves.csv          F1 of each training by round, texts and tokens
     metrics/classes.csv         F1 and texts of each class in each round
"""

from pathlib import Path

from distill import paths, records, stage
from distill.params import evokd
from distill.params.evokd import EvoKD, stages
from distill.records import Row
from distill.report import costs, page
from distill.report.evokd import effects, systems, texts, verdict
from distill.report.evokd.systems import Trained
from distill.report.page import Conclusion
from distill.stats import macro, tables

NOTE = (
    "Macro F1 over all test rows, in points; entities count where start, end and type are right."
    " Intervals are 95%, over test rows and, where there are several, over seeds. Differences are"
    " paired by row and seed, and p is not corrected for their number. Texts and LLM tokens are"
    " those of all rounds so far; tokens of rules are their characters / 4."
)
CURVES = ["task", "system", "round", "seed", "version", "texts", "tokens", "f1"]
CLASSES = ["version", "label", "f1_before", "texts", "f1"]


def curves(trained: list[Trained]) -> list[Row]:
    """Return a line for each training."""
    return [
        {
            "task": one.channel,
            "system": one.system,
            "round": one.round,
            "seed": one.seed,
            "version": one.version,
            "texts": one.texts,
            "tokens": one.tokens,
            "f1": float(macro.by_label(one.counts).mean()) * effects.POINTS,
        }
        for one in trained
    ]


def by_round(scores: list[Row]) -> dict[str, Row]:
    """Return the content of the files below metrics/scores/, one for each system and round."""
    found: dict[str, Row] = {}
    for row in scores:
        found.setdefault(f"{row['system']}-{row['round']}", {})[row["task"]] = row["f1"]
    return found


def report(params: EvoKD, folder: Path) -> list[Conclusion]:
    """Write all files of metrics/; return the verdict."""
    trained = systems.load(params)
    groups = systems.grouped(trained)
    scores, found = effects.scores(params, groups), effects.rows(params, groups)
    lines = texts.by_class(params, trained)
    spent = costs.load(params, list(stages(params)), {})
    records.write_json(folder / "effects.json", found)
    for name, by_task in by_round(scores).items():
        records.write_json(folder / "scores" / f"{name}.json", by_task)
    records.write_json(folder / "cost.json", costs.metrics(spent))
    tables.write_csv(folder / "curves.csv", CURVES, curves(trained))
    tables.write_csv(folder / "classes.csv", CLASSES, lines)
    parts = [
        effects.score_table(scores),
        effects.effect_table(found),
        texts.table(params),
        texts.adaptivity(params, lines),
        costs.tables(spent, "")[1],
    ]
    tables.write_markdown(folder / "tables.md", "EvoKD", parts, NOTE)
    drawn = verdict.conclusions(params, found, scores, spent)
    about = f"Rows of {params.source}; tasks: {', '.join(params.channels)}."
    page.write(folder, "EvoKD: report", about, drawn, {"tables": ("All tables", parts, NOTE)})
    return drawn


def main() -> None:
    """Write metrics/; print the verdict."""
    args = stage.parser(__doc__).parse_args()
    drawn = report(evokd.load(args.params), paths.METRICS)
    print("\n".join(page.in_lines(drawn)))


if __name__ == "__main__":
    stage.main(main)
