"""Make a dataset version of its parent's rows in which no error was found.

in   data/dataset/org     {"id": "botchat-000123", "channel": "botchat", "split": "train",
                           "input": "Customer: ...", "target": "<ul><li>wants a refund</li></ul>"}
     data/annotated/org   {"id": "botchat-000123", "source": "gpt", "findings": []}
out  data/dataset/clean   the row of data/dataset/org

The errors are those that the annotator and the deterministic checks find. Experts' annotations do
not count here: one more of them would have a student trained again, and its outputs judged. The
ledger counts rows with an error as left over.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from distill import paths, records, stage
from distill.ledger import Ledger
from distill.params import load
from distill.records import Row
from distill.tasks.summarize.findings import by_machines


def without_errors(
    rows: Iterable[Row], annotated: Mapping[str, Row], checks: Collection[str], ledger: Ledger
) -> Iterator[Row]:
    """Yield the rows without a finding of the annotator or the `checks`, in order.

    A row without a usable reply of the annotator is quarantined.
    """
    for row in ledger.entered(rows):
        reply = annotated.get(row["id"])
        if reply is not None and reply["findings"] is None:
            ledger.quarantine(row["id"], "not_annotated")
        elif by_machines(row, reply, checks):
            ledger.left_over()
        else:
            ledger.ok()
            yield {**row, "edits": []}


def main() -> None:
    """Write one version of params.yaml's `filtered`, named on the command line."""
    args = stage.parser(__doc__, "version").parse_args()
    params = load(args.params)
    version = stage.known("version", args.version, params.filtered)
    parent = params.filtered[version].parent
    annotated = {row["id"]: row for row in records.read(paths.annotated(parent))}
    limit, dataset = params.analyze.max_quarantined, paths.dataset(parent)
    with Ledger("filter", version, limit, records.count(dataset)) as ledger:
        rows = without_errors(records.read(dataset), annotated, params.analyze.checks, ledger)
        records.write_shards(paths.dataset(version), ledger.checked(rows), params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
