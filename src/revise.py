"""Make a dataset version from its parent by a cascade of targeted edits (paper, section 5.3).

in   data/dataset/org   {"id": "botchat-000123", "channel": "botchat", "split": "train",
                         "input": "Customer: ...", "target":
                         "<ul><li>wants a refund</li><li>is frustrated</li></ul>", "edits": []}
out  data/dataset/r1    the same row with {"target": "<ul><li>wants a refund</li></ul>", "edits":
                         [{"code": "sentiment_inferred_frustrated", "before": "<ul>...", "after":
                           "<ul>...", "accepted": true, "reason": ""}]}
"""

import sys

from distill import paths, records, stage
from distill.ledger import Ledger
from distill.llm.settings import Rules
from distill.params import load
from distill.providers import connect
from distill.tasks.summarize import cascade


def main() -> None:
    """Write one version of params.yaml's `revisions`, named on the command line."""
    args = stage.parser(__doc__, "version").parse_args()
    params = load(args.params)
    version = stage.known("version", args.version, params.revisions)
    revision = params.revisions[version]
    parent = paths.dataset(revision.parent)
    annotated = list(records.read(paths.annotated(revision.parent)))
    replied = {row["id"] for row in annotated if row["findings"] is not None}
    rows = records.read(parent)
    found = cascade.found_by_machines(rows, annotated, params.analyze.checks)
    is_by_rules = isinstance(params.llms[revision.llm], Rules)
    if is_by_rules and (unrepaired := cascade.beyond_rules(revision)):
        print(
            f"revise {version}: the rules cannot repair {', '.join(unrepaired)} and do not change"
            f" these summaries; name an endpoint in revisions.{version}.llm",
            file=sys.stderr,
        )
    editor = connect(params, "revise", revision.llm)
    total = records.count(parent)
    with Ledger("revise", version, revision.max_quarantined, total) as ledger:
        rows = cascade.edit(records.read(parent), revision, found, editor, ledger)
        harm = cascade.Harm(found, replied, params.analyze.checks)
        rows = ledger.checked(harm.counted(rows))
        records.write_shards(paths.dataset(version), rows, params.rows_per_shard)
    for line in harm.lines():
        print(f"revise {version}: {line}", file=sys.stderr)


if __name__ == "__main__":
    stage.main(main)
