"""Match the rationales' answers with the gold ones, before any review is paid (FAIR, step 3).

in   data/explained/r1/careful   {"id": "refund-000012", "teacher": "careful", "kind": "rationale",
                                  "sample": 0, "text": "40 - 4.50 = 35.50\\nAnswer: 35.50"}
     data/attempted/r1           {"id": "refund-000012", "gold": {"kind": "number", ...}, ...}
out  data/gated/r1               the text with {"answer": "35.50", "matches": true,
                                 "reviewed": true}

A rationale with another answer is not reviewed, but for the share `audit` of them, which measures
the reviewers. Feedback states no answer of its own: its `answer` and `matches` are null.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from distill import paths, records, stage
from distill.committee import texts
from distill.committee.settings import FEEDBACK, Gate
from distill.ledger import Ledger
from distill.params import fair
from distill.records import Row
from distill.tasks.reason import answers


def gate(
    explained: Iterable[Row], mistakes: Mapping[str, Row], settings: Gate, ledger: Ledger
) -> Iterator[Row]:
    """Yield every text with its answer, whether it matches and whether peers review it."""
    for text in ledger.entered(explained):
        ledger.ok()
        if text["kind"] == FEEDBACK:
            yield {**text, "answer": None, "matches": None, "reviewed": settings.feedback}
            continue
        gold = mistakes[text["id"]]["gold"]
        answer = answers.extract(text["text"], gold["kind"], gold.get("options"))
        matches = answers.matches(answer, gold)
        reviewed = matches or _drawn(texts.key(text)) < settings.audit
        yield {**text, "answer": answer, "matches": matches, "reviewed": reviewed}


def _drawn(key: texts.Key) -> float:
    """Return a number from 0 to 1 that is the same for the same text in every run."""
    return int(hashlib.sha256(repr(key).encode()).hexdigest()[:8], 16) / 2**32


def main() -> None:
    """Write the texts of one round, named on the command line."""
    args = stage.parser(__doc__, "round").parse_args()
    params = fair.load(args.params)
    name = stage.known("round", args.round, params.rounds)
    folders = [paths.explained(name, teacher) for teacher in params.teachers]
    mistakes = {row["id"]: row for row in records.read(paths.attempted(name))}
    explained = (text for folder in folders for text in records.read(folder))
    with Ledger("gate", name, total=records.count(*folders)) as ledger:
        found = gate(explained, mistakes, params.gate, ledger)
        records.write_shards(paths.gated(name), ledger.checked(found), params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
