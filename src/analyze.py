"""Find the errors in a dataset version's summaries (paper, section 5.2).

in   data/dataset/org    {"id": "botchat-000123", "channel": "botchat", "split": "audit",
                          "input": "Customer: ...", "target":
                          "<ul><li>wants a refund</li><li>is frustrated</li></ul>", ...}
out  data/findings/org   {"id": "botchat-000123", "channel": "botchat", "split": "audit",
                          "code": "sentiment_inferred_frustrated", "evidence": "is frustrated",
                          "source": "gpt"}
"""

from collections.abc import Iterable, Iterator, Mapping

from distill import paths, records, stage
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider, Reply, Request
from distill.params import load
from distill.params.arf import Analyze
from distill.people import annotations
from distill.providers import connect
from distill.records import Row
from distill.tasks.summarize import checks, questions, taxonomy


def analyze(
    rows: Iterable[Row],
    human: Mapping[str, Row],
    annotator: Provider,
    settings: Analyze,
    ledger: Ledger,
) -> Iterator[Row]:
    """Yield the findings of each row, in the order of rows and of the taxonomy.

    `human` maps ids to annotations of this version: where there is one it is all that counts.
    Otherwise the annotator looks at the rows of the settings' `splits` and the deterministic
    checks look at every row; of two that report the same code the first is kept. A row whose
    annotation cannot be used is quarantined, and none of its findings are written.
    """

    def request(row: Row) -> Request | None:
        if row["id"] in human or row["split"] not in settings.splits:
            return None
        return questions.annotate(row)

    for row, reply in ask(annotator, rows, request, ledger):
        if reply is not None and reply.error:
            ledger.quarantine(row["id"], reply.error, reply.detail)
            continue
        found = _findings(row, human.get(row["id"]), reply, settings.llm)
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


def _findings(
    row: Row, annotation: Row | None, reply: Reply | None, name: str
) -> dict[str, tuple[str, str]]:
    """Return code -> (evidence, source)."""
    if annotation is not None:
        source = annotation.get("source") or "human"
        return {code: (annotation.get("note", ""), source) for code in annotation["codes"]}
    found: dict[str, tuple[str, str]] = {}
    if reply is not None:
        for finding in reply.value:
            found.setdefault(finding.code, (finding.evidence, name))
    for flaw in checks.find(row["target"], row["input"], row["channel"]):
        found.setdefault(flaw.code, (flaw.evidence, "rules"))
    return found


def main() -> None:
    """Write the findings of one dataset version, named on the command line."""
    args = stage.parser(__doc__, "version").parse_args()
    params = load(args.params)
    version = stage.known("version", args.version, params.versions)
    annotator = connect(params, "analyze", params.analyze.llm)
    total = records.count(paths.dataset(version))
    with Ledger("analyze", version, params.analyze.max_quarantined, total) as ledger:
        rows = analyze(
            records.read(paths.dataset(version)),
            annotations.load(version, records.read(paths.dataset(version))),
            annotator,
            params.analyze,
            ledger,
        )
        records.write_shards(paths.findings(version), rows, params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
