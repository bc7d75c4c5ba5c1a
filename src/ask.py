"""Ask a model for answers to the test rows, by prompts of its own: a baseline without training.

in   data/split/test                    {"id": "botchat-000123", "channel": "botchat",
                                         "task": "summarize", "input": "Customer: my order ..."}
out  data/predictions/teacher-informed  {"id": "botchat-000123", "channel": "botchat",
                                         "output": "<ul><li>my order never came</li></ul>"}
"""

from collections.abc import Iterable, Iterator
from functools import partial

from distill import paths, records, stage, tasks
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider
from distill.params import load
from distill.providers import connect
from distill.records import Row


def predict(rows: Iterable[Row], prompts: str, model: Provider, ledger: Ledger) -> Iterator[Row]:
    """Yield the model's answer to each row, in order, by the prompts of the folder `prompts`.

    Rows without a reply, or with a truncated or invalid one, are quarantined, as the teacher's are.
    """
    request = partial(tasks.request, prompts=prompts)
    for row, reply in ask(model, ledger.entered(rows), request, ledger):
        if reply.error:
            ledger.quarantine(row["id"], reply.error, reply.detail, reply.text)
            continue
        ledger.ok()
        yield {"id": row["id"], "channel": row["channel"], "output": reply.value}


def main() -> None:
    """Write the outputs of one system of params.yaml's `asked`, named on the command line."""
    args = stage.parser(__doc__, "system").parse_args()
    params = load(args.params)
    system = stage.known("system", args.system, params.asked)
    settings, tests = params.asked[system], paths.split("test")
    model = connect(params, "ask", settings.llm)
    with Ledger("ask", system, settings.max_quarantined, records.count(tests)) as ledger:
        made = predict(records.read(tests), settings.prompts, model, ledger)
        records.write_shards(paths.predictions(system), ledger.checked(made), params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
