"""Join what experts, the annotator and the checks find in a dataset version (paper, section 5.2).

in   data/dataset/org     {"id": "botchat-000123", "channel": "botchat", "split": "audit",
                           "input": "Customer: ...", "target":
                           "<ul><li>wants a refund</li><li>is frustrated</li></ul>", ...}
     data/annotated/org   {"id": "botchat-000123", "source": "gpt", "findings": [...]}
     data/annotations     what experts say, see distill/people/annotations.py
out  data/findings/org    {"id": "botchat-000123", "channel": "botchat", "split": "audit",
                           "code": "sentiment_inferred_frustrated", "evidence": "is frustrated",
                           "source": "gpt"}

No model is asked here.
"""

from collections.abc import Iterable, Iterator, Mapping

from distill import paths, records, stage
from distill.ledger import Ledger
from distill.params import load
from distill.people import annotations
from distill.records import Row
from distill.tasks.summarize import taxonomy
from distill.tasks.summarize.findings import Findings, by_machines


def analyze(
    rows: Iterable[Row], annotated: Mapping[str, Row], human: Mapping[str, Row], ledger: Ledger
) -> Iterator[Row]:
    """Yield the findings of each row, in the order of rows and of the taxonomy.

    Where an expert annotated a row (`human`, by id) nothing else counts. Otherwise the annotator's
    findings and those of the deterministic checks are joined; of two that report the same code the
    annotator's is kept. A row that the annotator could not annotate is quarantined, and none of its
    findings are written.
    """
    for row in ledger.entered(rows):
        annotation, reply = human.get(row["id"]), annotated.get(row["id"])
        if annotation is None and reply is not None and reply["findings"] is None:
            ledger.quarantine(row["id"], "not_annotated")
            continue
        found = by_machines(row, reply) if annotation is None else by_expert(annotation)
        ledger.ok()
        for code in taxonomy.load():
            if code in found:
                evidence, source = found[code]
                yield {
                    "id": row["id"],
                    "channel": row["channel"],
                    "split": row["split"],
                    "code": code,
                    "evidence": evidence,
                    "source": source,
                }


def by_expert(annotation: Row) -> Findings:
    """Return an expert's codes, each with the expert's note."""
    source = annotation.get("source") or "human"
    return {code: (annotation.get("note", ""), source) for code in annotation["codes"]}


def main() -> None:
    """Write the findings of one dataset version, named on the command line."""
    args = stage.parser(__doc__, "version").parse_args()
    params = load(args.params)
    version = stage.known("version", args.version, params.versions)
    dataset = paths.dataset(version)
    annotated = {row["id"]: row for row in records.read(paths.annotated(version))}
    human = annotations.load(version, records.read(dataset))
    limit = params.annotate.max_quarantined
    with Ledger("analyze", version, limit, records.count(dataset)) as ledger:
        rows = analyze(records.read(dataset), annotated, human, ledger)
        records.write_shards(paths.findings(version), rows, params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
