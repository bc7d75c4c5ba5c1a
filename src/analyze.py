"""Join the findings of experts, annotator and checks in a dataset version (paper, section 5.2).

in   data/dataset/org     {"id": "botchat-000123", "channel": "botchat", "split": "audit",
                           "input": "Customer: ...", "target":
                           "<ul><li>wants a refund</li><li>is frustrated</li></ul>", ...}
     data/annotated/org   {"id": "botchat-000123", "source": "gpt", "findings": [...]}
     data/annotations     experts' annotations, see distill/people/annotations.py
out  data/findings/org    {"id": "botchat-000123", "channel": "botchat", "split": "audit",
                           "code": "sentiment_inferred_frustrated", "evidence": "is frustrated",
                           "source": "gpt"}

This stage calls no model. The checks are computed where `engine` in params.yaml says; rows and
replies are read one at a time.
"""

from collections.abc import Iterable, Iterator, Mapping

from distill import engine, paths, records, stage
from distill.ledger import Ledger
from distill.params import load
from distill.people import annotations
from distill.records import Row
from distill.tasks.summarize import taxonomy
from distill.tasks.summarize.findings import Findings, Found, in_version


def analyze(found: Iterable[Found], human: Mapping[str, Row], ledger: Ledger) -> Iterator[Row]:
    """Yield the findings of each row, in the order of rows and of the taxonomy.

    Experts' merged annotation of a row (`human`, by id) replaces what annotator and checks `found`.
    A row without a usable reply of the annotator is quarantined.
    """
    for row, reply, by_machines in found:
        ledger.enter()
        annotation = human.get(row["id"])
        if annotation is None and reply is not None and reply["findings"] is None:
            ledger.quarantine(row["id"], "not_annotated")
            continue
        findings = by_machines if annotation is None else by_expert(annotation)
        ledger.ok()
        for code in taxonomy.load():
            if code in findings:
                evidence, source = findings[code]
                yield {
                    "id": row["id"],
                    "channel": row["channel"],
                    "split": row["split"],
                    "code": code,
                    "evidence": evidence,
                    "source": source,
                }


def by_expert(annotation: Row) -> Findings:
    """Return the codes of experts' merged annotation, each with their notes.

    The source is "adjudicated", "experts (2 of 3)" or, where the row was drawn from readers'
    complaints, "feedback".
    """
    experts = len(annotation["annotators"])
    return {
        code: (annotation["note"], _source(annotation, f"{votes} of {experts}"))
        for code, votes in annotation["votes"].items()
    }


def _source(annotation: Row, votes: str) -> str:
    if "source" in annotation:
        return str(annotation["source"])
    return annotations.ADJUDICATED if annotation["adjudicated"] else f"experts ({votes})"


def main() -> None:
    """Write the findings of one dataset version, named on the command line."""
    args = stage.parser(__doc__, "version").parse_args()
    params = load(args.params)
    version = stage.known("version", args.version, params.versions)
    dataset, limit = paths.dataset(version), params.analyze.max_quarantined
    human = annotations.load(version, records.read(dataset))
    with (
        engine.kept("analyze", version, params.engine) as parts,
        Ledger("analyze", version, limit, records.count(dataset)) as ledger,
    ):
        found = in_version(version, params.analyze.checks, parts, params.engine.rows)
        rows = analyze(found, human, ledger)
        records.write_shards(paths.findings(version), ledger.checked(rows), params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
