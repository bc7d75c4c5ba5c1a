"""Edit a system's outputs at inference, as a revision edits a dataset version.

in   data/split/test                {"id": "botchat-000123", "channel": "botchat",
                                     "input": "Customer: my order never came and I am upset"}
     data/predictions/teacher       {"id": "botchat-000123", "channel": "botchat", "output":
                                     "<ul><li>order never came</li><li>is upset</li></ul>"}
out  data/predictions/teacher-r1    {"id": "botchat-000123", "channel": "botchat",
                                     "output": "<ul><li>order never came</li></ul>"}

Nobody annotates test rows, so every row is edited, and a guard has no evidence of a finding.
"""

from collections.abc import Iterable, Iterator

from distill import paths, records, stage
from distill.ledger import Ledger
from distill.llm.messages import Provider
from distill.params import load
from distill.providers import connect
from distill.records import Row
from distill.tasks.summarize import cascade
from distill.tasks.summarize.settings import Cascade


def edit(
    rows: Iterable[Row], outputs: Iterable[Row], edits: Cascade, editor: Provider, ledger: Ledger
) -> Iterator[Row]:
    """Yield each output after all edits, in order; `rows` are the interactions.

    A row whose edit has no usable reply is quarantined. With `guard`, an unusable edit is undone
    instead, and only a row without any reply is quarantined.
    """
    inputs = {row["id"]: row for row in rows}
    targets = ({**inputs[made["id"]], "target": made["output"]} for made in outputs)
    for row in cascade.edit(targets, edits, {}, editor, ledger):
        yield {"id": row["id"], "channel": row["channel"], "output": row["target"]}


def main() -> None:
    """Write the outputs of one system of params.yaml's `edited`, named on the command line."""
    args = stage.parser(__doc__, "system").parse_args()
    params = load(args.params)
    system = stage.known("system", args.system, params.edited)
    revision = params.revisions[params.edited[system].revision]
    outputs = paths.predictions(params.edited[system].parent)
    editor = connect(params, "edit", revision.llm)
    with Ledger("edit", system, revision.max_quarantined, records.count(outputs)) as ledger:
        tests = records.read(paths.split("test"))
        made = edit(tests, records.read(outputs), revision, editor, ledger)
        records.write_shards(paths.predictions(system), ledger.checked(made), params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
