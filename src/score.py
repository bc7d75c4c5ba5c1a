"""Score a system's predictions against the gold answers of their rows, by the rows' own task.

in   data/split/test           {"id": "banking-000123", "channel": "banking", "task": "classify",
                                "input": "my card never came", "gold": "card_arrival"}
     data/predictions/small    {"id": "banking-000123", "channel": "banking",
                                "output": "card_arrival"}
out  data/ratings/small        {"id": "banking-000123", "channel": "banking", "system": "small",
                                "rating": 1.0}

A rating is from 0 to 1; an output that the task cannot parse gets 0. Tasks without a gold answer
are rated by a judge: `src/judge.py`.
"""

from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path

from distill import paths, records, stage, tasks
from distill.errors import InputError
from distill.ledger import Ledger
from distill.params import shared
from distill.records import Row

UNPARSABLE = "unparsable"  # the ledger's name for outputs that are no answer


def score(
    rows: Iterable[Row], predictions: Iterable[Row], system: str, ledger: Ledger
) -> Iterator[Row]:
    """Yield the rating of each prediction, in their order.

    The ledger counts the outputs that cannot be parsed. Raises InputError for a prediction of no
    row, and for a task that has no score.
    """
    by_id = {row["id"]: row for row in rows}
    for prediction in ledger.entered(predictions):
        row = by_id.get(prediction["id"])
        if row is None:
            raise InputError(
                f"{paths.predictions(system)}: {prediction['id']} is none of the rows; name the"
                " rows that were predicted with --rows"
            )
        rating = _rating(row, prediction["output"])
        ledger.found[UNPARSABLE] += rating is None
        ledger.ok()
        yield {
            "id": row["id"],
            "channel": row["channel"],
            "system": system,
            "rating": 0.0 if rating is None else rating,
        }


def _rating(row: Row, output: str) -> float | None:
    """Return the task's score of an output, None for one that cannot be parsed."""
    task = tasks.load(row["task"])
    try:
        answer = tasks.parser(row)(output)
    except ValueError:
        return None
    rating = task.score(row, answer)
    if rating is None:
        raise InputError(f"the task {row['task']} has no score, a judge rates it: src/judge.py")
    return rating


def arguments() -> Namespace:
    """Parse the command line."""
    parser = stage.parser(__doc__, "system")
    parser.add_argument(
        "--rows",
        type=Path,
        default=paths.split("test"),
        metavar="FOLDER",
        help="the rows that were predicted (default: %(default)s)",
    )
    return parser.parse_args()


def main() -> None:
    """Write data/ratings/<system>, and print the mean."""
    args = arguments()
    shard_size = shared(args.params).rows_per_shard
    predicted = sorted(folder.name for folder in paths.PREDICTIONS.glob("*/"))
    system = stage.known("system", args.system, predicted)
    predictions = paths.predictions(system)
    with Ledger("score", system, total=records.count(predictions)) as ledger:
        rows = score(records.read(args.rows), records.read(predictions), system, ledger)
        count = records.write_shards(paths.ratings(system), rows, shard_size)
    ratings = [row["rating"] for row in records.read(paths.ratings(system))]
    mean = sum(ratings) / max(1, count)
    unparsable = ledger.found[UNPARSABLE]
    print(f"{system}: mean {mean:.4f} of {count} rows; {unparsable} unparsable, rated 0")


if __name__ == "__main__":
    stage.main(main)
