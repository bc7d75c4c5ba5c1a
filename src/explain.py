"""Ask a teacher to explain each mistake, and to answer the question itself (FAIR, step 2).

in   data/attempted/r1           {"id": "refund-000012", "task": "reason", "input": "An order ...",
                                  "gold": {"kind": "number", "answer": "35.50"},
                                  "attempt": "40 + 4.50 = 44.50\\nAnswer: 44.50", ...}
out  data/explained/r1/careful   {"id": "refund-000012", "teacher": "careful", "kind": "feedback",
                                  "sample": 0, "text": "The fee is deducted, not added ..."}
                                 {"id": "refund-000012", "teacher": "careful", "kind": "rationale",
                                  "sample": 0, "text": "40 - 4.50 = 35.50\\nAnswer: 35.50"}

Feedback is written with the gold answer as a hint, a rationale without it. The ledger counts
requests, two for a mistake; of equal samples one is kept, and its notes count the others.
"""

from collections.abc import Iterable, Iterator

from distill import paths, records, stage
from distill.committee import questions
from distill.committee.settings import FEEDBACK, KINDS
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider, Request
from distill.params import fair
from distill.providers import connect
from distill.records import Row


def explain(
    mistakes: Iterable[Row], name: str, teacher: Provider, samples: int, ledger: Ledger
) -> Iterator[Row]:
    """Yield the teacher's texts about each mistake, in order.

    Requests without a reply, or with a truncated or empty one, are quarantined.
    """

    def request(asked: Row) -> Request:
        if asked["kind"] == FEEDBACK:
            return questions.feedback(asked["row"], name)
        return questions.rationale(asked["row"], name, samples)

    pairs = ({"row": row, "kind": kind} for row in mistakes for kind in KINDS)
    for asked, reply in ask(teacher, ledger.entered(pairs), request, ledger):
        row_id, kind = asked["row"]["id"], asked["kind"]
        if reply.error:
            ledger.quarantine(f"{row_id}/{kind}", reply.error, reply.detail, reply.text)
            continue
        ledger.ok()
        texts = dict.fromkeys(reply.values)
        ledger.note(["repeated"] * (len(reply.values) - len(texts)))
        for sample, text in enumerate(texts):
            yield {"id": row_id, "teacher": name, "kind": kind, "sample": sample, "text": text}


def main() -> None:
    """Write the texts of one teacher in one round, both named on the command line."""
    args = stage.parser(__doc__, "round", "teacher").parse_args()
    params = fair.load(args.params)
    name = stage.known("round", args.round, params.rounds)
    teacher = stage.known("teacher", args.teacher, params.teachers)
    mistakes, settings = paths.attempted(name), params.explain
    count = len(KINDS) * records.count(mistakes)
    with Ledger("explain", f"{name}-{teacher}", settings.max_quarantined, count) as ledger:
        provider = connect(params, "explain", teacher)
        texts = explain(records.read(mistakes), teacher, provider, settings.rationales, ledger)
        folder = paths.explained(name, teacher)
        records.write_shards(folder, ledger.checked(texts), params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
