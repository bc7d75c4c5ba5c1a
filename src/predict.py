"""Answer the rows of a folder with one student: a run, or a student without an adapter.

A student without an adapter is asked by the prompts that its `prompts` names.

in   data/split/test            {"id": "botchat-000123", "channel": "botchat", "split": "test",
                                 "task": "summarize", "input": "Customer: my order never came\\n"}
out  data/predictions/tiny-r1   {"id": "botchat-000123", "channel": "botchat",
                                 "output": "<ul><li>my order never came</li></ul>"}

An output is the text as generated, parsable or not, but for reasoning in front of the answer: a
judge sees what a user would.
`python src/predict.py tiny-r1 --rows data/dataset/r1 --out tiny-r1-on-r1` answers other rows.
"""

import time
from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from distill import paths, providers, records, stage, tasks
from distill.errors import ParamsError
from distill.ledger import Ledger, Usage
from distill.llm.ask import ask
from distill.llm.messages import Provider, Request
from distill.params import shared
from distill.records import Row

TEST = paths.split("test")


def request(row: Row, prompts: str | None = None) -> Request:
    """Return the request of the row's task, which any text answers.

    `prompts` is another folder than the task's own, in whose words every run was trained.
    """
    return replace(tasks.request(row, prompts), parse=None)


def predict(
    rows: Iterable[Row], student: Provider, ledger: Ledger, prompts: str | None = None
) -> Iterator[Row]:
    """Yield a prediction for each row; rows that do not fit are quarantined."""
    asked = partial(request, prompts=prompts)
    for row, reply in ask(student, ledger.entered(rows), asked, ledger):
        if reply.error:
            ledger.quarantine(row["id"], reply.error, reply.detail, reply.text)
            continue
        ledger.ok()
        yield {"id": row["id"], "channel": row["channel"], "output": reply.value}


def output_name(system: str, rows: Path, out: str | None) -> str:
    """Return the folder of data/predictions to write: the system's for the test rows, else `out`.

    Raises ParamsError where other rows would overwrite the predictions of the test rows.
    """
    if out is None and rows != TEST:
        raise ParamsError(
            f"--rows {rows}: name the predictions with --out, as {system} names those of {TEST}"
        )
    if out is not None and not paths.NAME.fullmatch(out):
        raise ParamsError(f"--out {out}: must be made of a-z, 0-9, - and _")
    return out or system


def arguments() -> Namespace:
    """Parse the command line."""
    parser = stage.parser(__doc__, "system")
    parser.add_argument(
        "--rows",
        type=Path,
        default=TEST,
        metavar="FOLDER",
        help="the rows to answer (default: %(default)s)",
    )
    parser.add_argument(
        "--out", metavar="NAME", help="the folder of data/predictions (default: the system's name)"
    )
    return parser.parse_args()


def main() -> None:
    """Write data/predictions/<system>, and print the speed."""
    args = arguments()
    params = shared(args.params)
    system = stage.known("system", args.system, [*params.runs, *params.students])
    name = output_name(system, args.rows, args.out)
    student, settings = providers.student(params, system), params.student(system)
    prompts = None if system in params.runs else settings.prompts
    began = time.monotonic()
    limit, count = settings.max_quarantined, records.count(args.rows)
    with Ledger("predict", name, limit, count) as ledger:
        found = predict(records.read(args.rows), student, ledger, prompts)
        records.write_shards(paths.predictions(name), ledger.checked(found), params.rows_per_shard)
    if params.served(system) is None:  # an endpoint's replies may come from the cache
        _report_speed(name, ledger, time.monotonic() - began)


def _report_speed(name: str, ledger: Ledger, seconds: float) -> None:
    """Print the speed, and write it outside the stage's outputs: it is another one each time.

    .distill/speed/<name>.json: {"rows": 200, "prompt_tokens": 61234, "completion_tokens": 9876,
    "seconds": 31.4}
    """
    usage = next(iter(ledger.models.values()), Usage())
    speed = {
        "rows": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "seconds": round(seconds, 1),
    }
    records.write_json(paths.speed(name), speed)
    tokens = usage.completion_tokens
    print(f"{tokens} tokens in {seconds:.1f} s, {tokens / seconds:.0f} tokens/s")


if __name__ == "__main__":
    stage.main(main)
