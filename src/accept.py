"""Make a dataset version of the texts that the committee accepts (FAIR, step 5).

in   data/gated/r1              {"id": "refund-000012", "teacher": "careful", "kind": "rationale",
                                 "sample": 0, "text": "40 - 4.50 = 35.50\\nAnswer: 35.50",
                                 "answer": "35.50", "matches": true, "reviewed": true}
     data/reviewed/r1/literal   {"id": "refund-000012", "teacher": "careful", "score": 5, ...}
     data/attempted/r1          the questions with the student's attempts
out  data/dataset/fair          {"id": "refund-000012-rationale-0", "of": "refund-000012", "task":
                                 "reason", "input": "An ...", "target": "40 - 4.50 = ...", ...}
     data/decisions/fair        the text with {"scores": {"literal": 5}, "mean": 5.0, "decision":
                                 "accepted", "why": ""}
     data/preferences/fair      {"prompt": [...], "chosen": [...], "rejected": [...], ...}, which
                                 TRL's DPOTrainer reads

Every text of the round is accepted, rejected by a gate ("match" or "peers", counted as left over)
or quarantined for want of a review. A version with a parent holds the parent's rows, too.
"""

from collections.abc import Iterable, Iterator

from distill import paths, records, stage
from distill.committee import acceptance, reliability, texts, versions
from distill.committee.acceptance import ACCEPTED, QUARANTINED, Rule
from distill.committee.settings import Extended, Version
from distill.ledger import Ledger
from distill.params import fair
from distill.records import Row


def accept(found: list[Row], version: Version, ledger: Ledger) -> Iterator[Row]:
    """Yield the decision on each text of a round, in order."""
    measured = reliability.measure(found, version.threshold)
    weights = reliability.weights(measured) if version.weights == "reliability" else {}
    rule = Rule(version.gate, version.threshold, weights)
    for text in acceptance.decided(ledger.entered(found), rule):
        if text["decision"] == QUARANTINED:
            where = f"{text['id']}/{text['kind']}/{text['teacher']}/{text['sample']}"
            ledger.quarantine(where, text["why"])
        elif text["decision"] == ACCEPTED:
            ledger.ok()
        else:
            ledger.left_over()
            ledger.found[f"rejected_by_{text['why']}"] += 1
        yield text


def _with_parent(version: Version, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the parent's rows and these, which name their round in their ids."""
    if not isinstance(version, Extended):
        yield from rows
        return
    yield from records.read(paths.dataset(version.parent))
    for row in rows:
        yield {**row, "id": f"{row['id']}-{version.round}", "of": f"{row['of']}-{version.round}"}


def main() -> None:
    """Write one dataset version, named on the command line."""
    args = stage.parser(__doc__, "version").parse_args()
    params = fair.load(args.params)
    name = stage.known("version", args.version, params.all_versions)
    version = params.all_versions[name]
    found = texts.of_round(version.round, version.teachers or params.teachers)
    mistakes = {row["id"]: row for row in records.read(paths.attempted(version.round))}
    with Ledger("accept", name, version.max_quarantined, len(found)) as ledger:
        decisions = list(ledger.checked(accept(found, version, ledger)))
        records.write_shards(paths.decisions(name), decisions, params.rows_per_shard)
        rows = versions.rows(mistakes.values(), decisions, version, params.seed)
        kept = _with_parent(version, rows)
        records.write_shards(paths.dataset(name), kept, params.rows_per_shard)
        pairs = versions.preferences(mistakes, decisions)
        records.write_shards(paths.preferences(name), pairs, params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
