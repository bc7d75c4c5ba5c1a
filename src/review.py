"""Let a teacher score the other teachers' texts from 1 to 5, blind (FAIR, step 4).

in   data/gated/r1              {"id": "refund-000012", "teacher": "careful", "kind": "rationale",
                                 "sample": 0, "text": "40 - 4.50 = 35.50\\nAnswer: 35.50",
                                 "reviewed": true, ...}
out  data/reviewed/r1/literal   {"id": "refund-000012", "kind": "rationale", "teacher": "careful",
                                 "sample": 0, "reviewer": "literal", "score": 5,
                                 "reason": "Every step is right."}

The reviewer sees the question, the gold answer and the text, but not its author. A review without a
usable reply is quarantined: it does not count in the text's mean.
"""

from collections.abc import Iterable, Iterator, Mapping

from distill import paths, records, stage
from distill.committee import questions
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider, Request
from distill.params import fair
from distill.providers import connect
from distill.records import Row


def review(
    texts: Iterable[Row], mistakes: Mapping[str, Row], name: str, reviewer: Provider, ledger: Ledger
) -> Iterator[Row]:
    """Yield the verdict on each text, in order."""

    def request(text: Row) -> Request:
        return questions.review(mistakes[text["id"]], text, name)

    for text, reply in ask(reviewer, ledger.entered(texts), request, ledger):
        named = {key: text[key] for key in ("id", "kind", "teacher", "sample")}
        if reply.error:
            where = f"{text['id']}/{text['kind']}/{text['teacher']}/{text['sample']}"
            ledger.quarantine(where, reply.error, reply.detail, reply.text)
            continue
        ledger.ok()
        verdict = reply.value
        yield {**named, "reviewer": name, "score": verdict.score, "reason": verdict.reason}


def main() -> None:
    """Write the reviews by one teacher in one round, both named on the command line."""
    args = stage.parser(__doc__, "round", "teacher").parse_args()
    params = fair.load(args.params)
    name = stage.known("round", args.round, params.rounds)
    teacher = stage.known("teacher", args.teacher, params.teachers)
    mistakes = {row["id"]: row for row in records.read(paths.attempted(name))}
    gated, limit = records.read(paths.gated(name)), params.review.max_quarantined
    texts = [text for text in gated if text["reviewed"] and text["teacher"] != teacher]
    with Ledger("review", f"{name}-{teacher}", limit, len(texts)) as ledger:
        provider = connect(params, "review", teacher)
        found = review(texts, mistakes, teacher, provider, ledger)
        folder = paths.reviewed(name, teacher)
        records.write_shards(folder, ledger.checked(found), params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
