"""Make a dataset version from its parent by a cascade of targeted edits (paper, section 5.3).

in   data/dataset/org   {"id": "botchat-000123", "channel": "botchat", "split": "train",
                         "input": "Customer: ...", "target":
                         "<ul><li>wants a refund</li><li>is frustrated</li></ul>", "edits": []}
out  data/dataset/r1    the same row with {"target": "<ul><li>wants a refund</li></ul>", "edits":
                         [{"code": "sentiment_inferred_frustrated", "before": "<ul>...", "after":
                           "<ul>...", "accepted": true, "reason": ""}]}
"""

import sys

from distill import engine, paths, records, stage
from distill.ledger import Ledger
from distill.llm.settings import Rules
from distill.params import load
from distill.providers import connect
from distill.tasks.summarize import cascade
from distill.tasks.summarize.findings import in_version


def main() -> None:
    """Write one version of params.yaml's `revisions`, named on the command line."""
    args = stage.parser(__doc__, "version").parse_args()
    params = load(args.params)
    version = stage.known("version", args.version, params.revisions)
    revision = params.revisions[version]
    parent, checks = paths.dataset(revision.parent), params.analyze.checks
    with engine.kept("revise", version, params.engine) as parts:
        found = in_version(revision.parent, checks, parts, params.engine.rows)
        known = cascade.known(found, revision)
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
        rows = cascade.edit(records.read(parent), revision, known.found, editor, ledger)
        harm = cascade.Harm(known.found, known.replied, checks)
        rows = ledger.checked(harm.counted(rows))
        records.write_shards(paths.dataset(version), rows, params.rows_per_shard)
    for line in harm.lines():
        print(f"revise {version}: {line}", file=sys.stderr)


if __name__ == "__main__":
    stage.main(main)
