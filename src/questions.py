"""Write questions with gold answers, made up or of a public data set, and their hidden truth.

in   questions: {train: 180, dev: 16, test: 120}    and    seed: 7    (params.yaml)
     questions: {format: gsm8k, source: ../data/gsm8k, train: 500, dev: 50, test: 200}
out  data/split/{train,dev,test}   {"id": "days-left-train-000000", "channel": "days-left", "split":
      "train", "task": "reason", "input": "The microphone came on April 23; ...",
      "gold": {"kind": "number", "answer": "16"}}
     data/questions/truth.jsonl    {"id": "days-left-train-000000", "given": {"window": 21}, ...}

The test questions that are made up are in phrasings that no other split has. Public data sets have
no hidden truth: their truth.jsonl is empty.
"""

from collections.abc import Iterator
from pathlib import Path

from distill import paths, records, stage
from distill.ledger import Ledger
from distill.offline.questions import datasets, questions
from distill.offline.questions.settings import Questions
from distill.params import fair
from distill.records import Row

TRUTH = Path("data/questions/truth.jsonl")
SPLITS = ("train", "dev", "test")


def made(settings: Questions, seed: int, ledger: Ledger) -> Iterator[tuple[Row, Row]]:
    """Yield the rows of all splits, each with its truth row."""
    for split, count in zip(SPLITS, (settings.train, settings.dev, settings.test), strict=True):
        for question in questions(split, seed, count):
            ledger.enter()
            ledger.ok()
            yield question.row, question.truth


def main() -> None:
    """Write data/split and data/questions."""
    args = stage.parser(__doc__).parse_args()
    params = fair.load(args.params)
    settings = params.questions
    with Ledger("questions", "all", settings.max_quarantined) as ledger:
        if settings.format == "made":
            pairs = list(made(settings, params.seed, ledger))
        else:
            pairs = [(row, {}) for row in datasets.rows(settings, params.seed, ledger)]
        for split in SPLITS:
            rows = [row for row, _ in pairs if row["split"] == split]
            records.write_shards(paths.split(split), rows, params.rows_per_shard)
        records.write(TRUTH, (truth for _, truth in pairs if truth))


if __name__ == "__main__":
    stage.main(main)
