"""Make a dataset version of its parent's rows in which no error was found.

in   data/dataset/org     {"id": "botchat-000123", "channel": "botchat", "split": "train",
                           "input": "Customer: ...", "target": "<ul><li>wants a refund</li></ul>"}
     data/annotated/org   {"id": "botchat-000123", "source": "gpt", "findings": []}
out  data/dataset/clean   the row of data/dataset/org

The errors are those that the annotator and the deterministic checks find. Experts' annotations do
not count here: one more of them would have a student trained again, and its outputs judged. The
ledger counts rows with an error as left over.
"""

from collections.abc import Iterable, Iterator

from distill import engine, paths, records, stage
from distill.ledger import Ledger
from distill.params import load
from distill.records import Row
from distill.tasks.summarize.findings import Found, in_version


def without_errors(found: Iterable[Found], ledger: Ledger) -> Iterator[Row]:
    """Yield the rows without a finding of the annotator or the checks, in order.

    A row without a usable reply of the annotator is quarantined.
    """
    for row, reply, findings in found:
        ledger.enter()
        if reply is not None and reply["findings"] is None:
            ledger.quarantine(row["id"], "not_annotated")
        elif findings:
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
    limit, total = params.analyze.max_quarantined, records.count(paths.dataset(parent))
    with (
        engine.kept("filter", version, params.engine) as parts,
        Ledger("filter", version, limit, total) as ledger,
    ):
        found = in_version(parent, params.analyze.checks, parts, params.engine.rows)
        rows = ledger.checked(without_errors(found, ledger))
        records.write_shards(paths.dataset(version), rows, params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
