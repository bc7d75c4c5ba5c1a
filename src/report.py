"""Write the paper's tables, metrics and plots below metrics/.

in   data/ratings/tiny-r1  {"id": "botchat-000123", "channel": "botchat", "system": "tiny-r1",
                            "rating": 3, "codes": ["unn_content_redundant"], "reason": "..."}
out  metrics/effects.json  [{"channel": "botchat", "measure": "judge", "system": "tiny-r1",
                             "against": "org", "delta": 0.82, "low": 0.6, "high": 1.04,
                             "p": 0.0005, "n": 150}, ...]
"""

import json
from pathlib import Path

from distill import paths, stage
from distill.params import load
from distill.report import accounting, costs, curves, page, privacy, ratings, results, summaries
from distill.report.arf import cascade, table1, table3
from distill.stats import tables


def report(found: results.Results, folder: Path) -> cascade.Cascade:
    """Write every file of the report into `folder`; return the cascade that it suggests."""
    tallies = table3.tally(found)
    suggested = cascade.cascade(found, tallies)
    for measure in (results.JUDGE, results.TRUTH):  # of real interactions no truth is known: {}
        rated = measure in found.scores
        _json(folder / f"{measure}.json", ratings.means(found, measure) if rated else {})
    _json(folder / "effects.json", ratings.effects(found))
    _table1(found, folder)
    _ratings(found, folder)
    _table3(found, tallies, folder)
    _errors(found, folder)
    known = privacy.load(found.params)
    _privacy(found, known, folder)
    _costs(found, folder)
    _text(folder / "summaries.md", summaries.page(found))
    _text(folder / "cascade.md", cascade.page(found.params, suggested))
    tables.write_csv(folder / "plots/curves.csv", curves.FIELDS, curves.rows(found.params))
    rows = accounting.rows(found.params)
    _json(folder / "rows.json", rows)
    tables.write_markdown(folder / "rows.md", accounting.TITLE, [accounting.table(rows)])
    _text(folder / "report.html", page.page(found, tallies, suggested, known))
    return suggested


def _table1(found: results.Results, folder: Path) -> None:
    title, note = "Table 1: major error types of the teacher", table1.table1_note(found)
    tables.write_markdown(folder / "table1.md", title, table1.table1(found), note)
    tables.write_csv(folder / "table1.csv", table1.TABLE1_FIELDS, table1.table1_rows(found))


def _ratings(found: results.Results, folder: Path) -> None:
    for name, title, systems in (
        ("table2", "Table 2: ratings by training data", ratings.table2_systems(found.params)),
        ("table4", "Table 4: ratings by training order", ratings.table4_systems(found.params)),
    ):
        pages = ratings.tables(found, systems)
        tables.write_markdown(folder / f"{name}.md", title, pages, ratings.NOTE)
        tables.write_csv(folder / f"{name}.csv", ratings.FIELDS, ratings.rows(found, systems))
    rows = ratings.rows(found, found.params.systems)
    tables.write_csv(folder / "plots/ratings.csv", ratings.PLOT_FIELDS, rows)


def _table3(found: results.Results, tallies: dict[table3.Key, table3.Tally], folder: Path) -> None:
    title = "Table 3: success of the revisions"
    pages = table3.tables(found, tallies)
    tables.write_markdown(folder / "table3.md", title, pages, table3.NOTE)
    tables.write_csv(folder / "table3.csv", table3.FIELDS, table3.rows(found, tallies))


def _errors(found: results.Results, folder: Path) -> None:
    tables.write_markdown(folder / "errors.md", "Errors", table1.tables(found), table1.NOTE)
    tables.write_csv(folder / "errors.csv", table1.FIELDS, table1.rows(found))
    tables.write_csv(folder / "plots/errors.csv", table1.PLOT_FIELDS, table1.plot_rows(found))


def _privacy(found: results.Results, known: dict[str, privacy.Channel], folder: Path) -> None:
    _json(folder / "privacy.json", privacy.metrics(known))
    note = privacy.NOTE if found.params.on_sample else ""
    tables.write_markdown(folder / "privacy.md", privacy.TITLE, privacy.tables(known), note)


def _costs(found: results.Results, folder: Path) -> None:
    _json(folder / "cost.json", costs.metrics(found.params))
    tables.write_markdown(folder / "cost.md", "Costs", costs.tables(found.params), costs.NOTE)


def _json(path: Path, value: object) -> None:
    _text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Report on everything that params.yaml names, and print which errors to edit next."""
    args = stage.parser(__doc__).parse_args()
    print(cascade.in_a_line(report(results.load(load(args.params)), paths.METRICS)))


if __name__ == "__main__":
    stage.main(main)
