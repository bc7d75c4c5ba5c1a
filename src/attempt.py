"""Let the student answer the training questions, and keep its mistakes (FAIR, step 1).

in   data/split/train     {"id": "refund-000012", "channel": "refund", "split": "train", "task":
                           "reason", "input": "An order of $40 ...", "gold": {"kind": "number",
                           "answer": "35.50"}}
out  data/attempted/r1    the same row with {"attempt": "40 + 4.50 = 44.50\\nAnswer: 44.50"}

The answer is compared by rules, not by a model. The attempt is the whole text as generated. The
ledger counts rows with the right answer as left over: nobody has to explain them.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import replace

from distill import paths, providers, records, stage, tasks
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider, Request
from distill.params import fair
from distill.records import Row

LEARNED = ("train", "dev")


def mistakes(
    rows: Iterable[Row], student: Provider, ledger: Ledger, prompts: str | None = None
) -> Iterator[Row]:
    """Yield each row that the student answers wrongly or not at all, with its attempt, in order.

    Rows that do not fit are quarantined.
    """

    def request(row: Row) -> Request:
        return replace(tasks.request(row, prompts), parse=None)

    for row, reply in ask(student, ledger.entered(rows), request, ledger):
        if reply.error:
            ledger.quarantine(row["id"], reply.error, reply.detail, reply.text)
        elif tasks.load(row["task"]).score(row, reply.value) == 1:
            ledger.left_over()
        else:
            ledger.ok()
            yield {**row, "attempt": reply.value}


def main() -> None:
    """Write the mistakes of one round, named on the command line."""
    args = stage.parser(__doc__, "round").parse_args()
    params = fair.load(args.params)
    name = stage.known("round", args.round, params.rounds)
    system = params.answering(name)
    prompts = None if system in params.runs else params.student(system).prompts
    folders = [paths.split(split) for split in LEARNED]
    rows = heapq.merge(*map(records.read, folders), key=lambda row: str(row["id"]))
    limit, count = params.attempt.max_quarantined, records.count(*folders)
    with Ledger("attempt", name, limit, count) as ledger:
        found = mistakes(rows, providers.student(params, system), ledger, prompts)
        records.write_shards(paths.attempted(name), ledger.checked(found), params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
