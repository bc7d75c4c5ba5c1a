"""Ask a student about the newest rows of its dataset version: which does it get wrong?

in   data/dataset/errors-1   {"id": "errors-1-00-03", "channel": "intents", "split": "train",
                              "task": "classify", "input": "Where is my refund?",
                              "target": "refund_missing", "made": {"round": "errors-1", ...}, ...}
out  data/probe/errors-2     the same row with {"answer": "refund_missing",
                              "prediction": "refund_amount", "right": false, "loss": 0.31}

The newest rows are those of the parent's round. Each is answered by a student that is trained on
the parent's version without the row's fold, since a student that has learnt a row tells little
about it. `loss` is the student's on its own answer, of which it needs no label. A round at random
asks no student: prediction, right and loss are null.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from random import Random

from distill import paths, providers, records, stage, tasks
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider, Reply
from distill.params import evokd
from distill.params.evokd import EvoKD
from distill.records import Row

NO_ANSWER = ("unparsable", "truncated")  # what a student says, but no answer: it is wrong


def probe(rows: Iterable[Row], student: Provider, ledger: Ledger) -> Iterator[Row]:
    """Yield each row with the student's answer; rows without one are quarantined."""
    for row, reply in ask(student, rows, tasks.request, ledger):
        if reply.error and reply.error not in NO_ANSWER:
            ledger.quarantine(row["id"], reply.error, reply.detail)
            continue
        answer = value(row, tasks.parser(row)(row["target"]))
        prediction = None if reply.error else value(row, reply.value)
        ledger.ok()
        yield {
            **row,
            "answer": answer,
            "prediction": prediction,
            "right": prediction == answer,
            "loss": own_loss(reply),
        }


def value(row: Row, answer: str) -> str | list[Row]:
    """Return an answer as a label or as spans."""
    return json.loads(answer) if row["task"] == "entities" else answer


def own_loss(reply: Reply) -> float | None:
    """Return the mean negative log probability of the parts of an answer, None if not known."""
    said = [alternatives[part] for part, alternatives in reply.logprobs]
    return round(-sum(said) / len(said), 6) if said else None


def unasked(rows: Iterable[Row], ledger: Ledger) -> Iterator[Row]:
    """Yield each row with its own answer alone."""
    for row in rows:
        ledger.ok()
        answer = value(row, tasks.parser(row)(row["target"]))
        yield {**row, "answer": answer, "prediction": None, "right": None, "loss": None}


def folds(rows: Sequence[Row], count: int, seed: str) -> list[list[Row]]:
    """Return the rows in `count` random parts of nearly equal size."""
    drawn = Random(seed).sample(list(rows), len(rows))
    return [part for part in (drawn[start::count] for start in range(count)) if part]


def answered(
    params: EvoKD, name: str, rows: list[Row], newest: list[Row], ledger: Ledger
) -> Iterator[Row]:
    """Yield the newest rows with the answers of students that have not learnt them."""
    parent = params.rounds[name].parent
    if params.probe.folds == 1:
        yield from probe(newest, providers.student(params, parent), ledger)
        return
    trainer = import_module("finetune")  # torch: a round at random must not load it
    seed = f"{params.seed_of(name)}/{name}/probe"
    for number, fold in enumerate(folds(newest, params.probe.folds, seed)):
        held = {row["id"] for row in fold}
        scratch = f"probe-{name}-{number}"
        run = params.runs[parent]
        trainings = params.model_copy(update={"runs": {**params.runs, scratch: run}})
        learnt = [row for row in rows if row["id"] not in held]
        forget(scratch)
        training = trainer.Training(run, params.student(parent), params.seed_of(parent))
        ledger_of_fold = Ledger("finetune", scratch, training.student.max_quarantined)
        trainer.fit(scratch, learnt, training, ledger_of_fold)
        yield from probe(fold, providers.student(trainings, scratch), ledger)
        forget(scratch)


def forget(run: str) -> None:
    """Delete what a training of one fold wrote."""
    for folder in (paths.model(run), paths.curves(run)):
        shutil.rmtree(folder, ignore_errors=True)
    for file in (paths.ledger("finetune", run), paths.quarantine("finetune", run)):
        file.unlink(missing_ok=True)


def main() -> None:
    """Write data/probe/<round>."""
    args = stage.parser(__doc__, "round").parse_args()
    params = evokd.load(args.params)
    name = stage.known("round", args.round, params.rounds)
    parent, arm = params.rounds[name].parent, params.arms[params.rounds[name].arm]
    rows = list(records.read(paths.dataset(parent)))
    with Ledger("probe", name, params.student(parent).max_quarantined) as ledger:
        newest = [row for row in rows if row["split"] == "train" and row["made"]["round"] == parent]
        list(ledger.entered(newest))
        if arm.select == "random":
            found = unasked(newest, ledger)
        else:
            found = answered(params, name, rows, newest, ledger)
        made = sorted(found, key=lambda row: str(row["id"]))
        records.write_shards(paths.probed(name), made, params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
