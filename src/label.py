"""Label every row with the teacher's answer (paper, section 5.1).

in   data/split/train     {"id": "botchat-000123", "channel": "botchat", "split": "train",
                           "input": "Customer: my order 07-11223-45678 never came\nBot: ...",
                           "cleared": "9f86d081884c7d65..."}
out  data/dataset/org     the same row with {"target": "<ul><li>...</li></ul>", "edits": []}
     data/predictions/teacher   {"id", "channel", "output"} of the test rows
"""

import heapq
from collections.abc import Iterable, Iterator

from distill import paths, records, stage, tasks
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider
from distill.params import load
from distill.providers import connect
from distill.records import Row

LEARNED = ("train", "dev", "audit")  # the splits of a dataset version


def label(rows: Iterable[Row], teacher: Provider, ledger: Ledger) -> Iterator[tuple[Row, str]]:
    """Yield each row with the teacher's answer, in order.

    Rows without a reply, or with a truncated or invalid one, are quarantined.
    """
    for row, reply in ask(teacher, ledger.entered(rows), tasks.request, ledger):
        if reply.error:
            ledger.quarantine(row["id"], reply.error, reply.detail, reply.text)
            continue
        ledger.ok()
        yield row, reply.value


def main() -> None:
    """Write the dataset version org and the teacher's predictions."""
    args = stage.parser(__doc__).parse_args()
    params = load(args.params)
    teacher = connect(params, "label", params.label.llm)
    folders = [paths.split(name) for name in LEARNED]
    learned = heapq.merge(*map(records.read, folders), key=lambda row: str(row["id"]))
    limit, total = params.label.max_quarantined, records.count(*folders)
    with Ledger("label", paths.ORG, limit, total) as ledger:
        records.write_shards(
            paths.dataset(paths.ORG),
            ledger.checked(
                {**row, "target": text, "edits": []}
                for row, text in label(learned, teacher, ledger)
            ),
            params.rows_per_shard,
        )
    with Ledger("label", paths.TEACHER, limit, records.count(paths.split("test"))) as ledger:
        records.write_shards(
            paths.predictions(paths.TEACHER),
            ledger.checked(
                {"id": row["id"], "channel": row["channel"], "output": text}
                for row, text in label(records.read(paths.split("test")), teacher, ledger)
            ),
            params.rows_per_shard,
        )


if __name__ == "__main__":
    stage.main(main)
