"""Train one run's student on one dataset version (arXiv 2511.03005, section 5.4: LoRA).

in   data/dataset/r1   {"id": "botchat-000123", "channel": "botchat", "split": "train",
                        "task": "summarize", "input": "Customer: my order never came\\nBot: ...",
                        "target": "<ul><li>my order never came</li></ul>", "edits": []}
out  models/<run>      adapter_model.safetensors, adapter_config.json; what the adapter needs
                       elsewhere: tokenizer, chat template, generation settings, prompts
     data/curves/<run> the losses step by step, as tables

Supervised fine-tuning of a causal student by TRL's SFTTrainer, with the loss on the target alone;
an encoder classifies texts or tokens (students/encoder.py). An interrupted training resumes from
its last checkpoint. Every GPU of the machine, or CPU core, trains a causal student on its share of
a step's rows, and the student's `launch` can name fewer, or a configuration of accelerate.
`accelerate launch src/finetune.py <run>` also trains on several machines.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from distill import paths, prompts, records, stage
from distill.errors import ParamsError, RowError
from distill.ledger import Ledger
from distill.params import shared
from distill.records import Row
from distill.students import (
    bundle,
    causal,
    device,
    encoder,
    encoder_examples,
    encoder_training,
    launch,
    two_part,
)
from distill.students.models import Example, fitting, load_tokenizer, warn_of_no_end
from distill.students.settings import Run, Student

Examples = dict[tuple[str, str], list[Example]]  # by channel and split


class Training(NamedTuple):
    """What a training is by, beside its rows."""

    run: Run
    student: Student
    seed: int


def phases(
    rows: Iterable[Row], run: Run, student: Student, tokenizer: Any, ledger: Ledger
) -> list[causal.Phase]:
    """Return the examples of each phase; one joint phase of all channels unless the run names them.

    Rows that do not fit are quarantined. Raises ParamsError for a channel without rows, and
    RowError for a phase without a usable row of train or dev.
    """
    by_key: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_key[row["channel"], row["split"]].append(row)
    known = sorted({channel for channel, _ in by_key})
    orders = run.phases or [known]
    channels = sorted({channel for order in orders for channel in order})
    if unknown := [channel for channel in channels if channel not in known]:
        raise ParamsError(
            f"params.yaml: a phase trains on {unknown[0]}, of which there are no rows in"
            f" {paths.dataset(run.version)}"
        )
    limits = {"max_length": student.max_length, "ledger": ledger}
    usable = {
        key: _examples(by_key[key], run, partial(fitting, tokenizer=tokenizer, **limits))
        for key in product(channels, ("train", "dev"))
    }
    splits = ("train", "dev")
    return [
        causal.Phase(
            order, *(_joined(usable, order, split, student) for split in splits), run.alpha
        )
        for order in orders
    ]


def _examples(rows: list[Row], run: Run, fit: Callable[..., Iterator[Example]]) -> list[Example]:
    if run.alpha is None:
        return list(fit(rows))
    return list(two_part.pairs(rows, lambda row: list(fit([row]))))


def _joined(usable: Examples, channels: list[str], split: str, student: Student) -> list[Example]:
    found = [example for channel in channels for example in usable[channel, split]]
    if not found:
        raise RowError(
            f"finetune: no {split} row of {' and '.join(channels)} can be used: there is none, or"
            f" all have more than the {student.max_length} tokens of max_length; see `sizes` and"
            " `max_length` in params.yaml"
        )
    return found


def fit(name: str, rows: Iterable[Row], training: Training, ledger: Ledger) -> None:
    """Train a student on the rows and write it to models/<name>, its curves to data/curves/<name>.

    The main process writes the ledger before the training begins.
    """
    run, student, seed = training
    unit = 1 if run.alpha is None else two_part.UNIT
    if device.is_launched():
        launch.end_with_parent()
    elif student.launch.config:
        launch.by_accelerate(student, unit)
        return
    if student.kind == "encoder":
        tokenizer, start = encoder.load_tokenizer(student), run.start and paths.model(run.start)
        with ledger:
            usable = encoder_examples.examples(rows, tokenizer, student, ledger, start)
        encoder_training.train(name, usable, student, seed, start)
        return
    tokenizer = load_tokenizer(student)
    bundle.check(tokenizer, student)
    with ledger if device.is_main_process() else nullcontext(), prompts.recorded() as used:
        found = phases(rows, run, student, tokenizer, ledger)
    if device.is_main_process():
        warn_of_no_end(found[0].train[0], student, tokenizer)
    how, processes = launch.place(student, unit)
    material = causal.Material(found, used)
    launch.run(causal.train, processes, how, name, material, student, seed, how)


def main() -> None:
    """Train the run that the command line names."""
    args = stage.parser(__doc__, "run").parse_args()
    params = shared(args.params)
    name = stage.known("run", args.run, params.runs)
    run = params.runs[name]
    student = params.students[stage.known("student", run.student, params.students)]
    rows = records.read(paths.dataset(run.version))
    training = Training(run, student, run.seed_or(params.seed))
    fit(name, rows, training, Ledger("finetune", name, student.max_quarantined))


if __name__ == "__main__":
    stage.main(main)
