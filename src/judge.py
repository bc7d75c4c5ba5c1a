"""Rate a system's summaries of the test rows from 1 to 5, by a judge (paper, sections 4 and 6).

in   data/predictions/tiny-r1  {"id": "botchat-000123", "channel": "botchat", "output": "<ul>..."}
     data/split/test           {"id": "botchat-000123", "channel": "botchat", "input": "...",
                                "cleared": "9f86d081884c7d65...", ...}
out  data/ratings/tiny-r1      {"id": "botchat-000123", "channel": "botchat", "system": "tiny-r1",
                                "rating": 3, "errors": [{"code": "unn_content_redundant",
                                                         "quote": "the parcel is late"}]}

The rating follows from the errors by the taxonomy's rubric; with `direct`, the judge gives it, and
its "reason" is in the row. Of several verdicts, the errors of the one nearest to the mean rating
are written. An entry of a reply with an unknown code, or with a quote that stands nowhere, is
dropped; the ledger counts it under `notes`.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from distill import paths, records, stage
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider
from distill.params import load
from distill.params.arf import Judge
from distill.providers import connect
from distill.records import Row
from distill.tasks.summarize import questions
from distill.tasks.summarize.answers import Verdict, expected_rating


def judge(
    rows: Iterable[Row], system: str, model: Provider, settings: Judge, ledger: Ledger
) -> Iterator[Row]:
    """Yield one rating per row {id, channel, input, output}, in order.

    A row without a usable verdict is quarantined.
    """
    request = partial(
        questions.judge,
        samples=settings.samples,
        weighted=settings.weighted,
        direct=settings.direct,
    )
    for row, reply in ask(model, ledger.entered(rows), request, ledger):
        if reply.error:
            ledger.quarantine(row["id"], reply.error, reply.detail, reply.text)
            continue
        rating = expected_rating(reply) if settings.weighted else _mean(reply.values)
        if rating is None:
            ledger.quarantine(
                row["id"], "no_logprobs", "the rating's token has no log probabilities"
            )
            continue
        nearest = min(reply.values, key=lambda verdict: abs(verdict.rating - rating))
        ledger.ok()
        ledger.note(reason for verdict in reply.values for reason in verdict.dropped)
        made = {
            "id": row["id"],
            "channel": row["channel"],
            "system": system,
            "rating": round(rating, 6) if rating % 1 else int(rating),
            "errors": [error.model_dump() for error in nearest.errors],
        }
        yield {**made, "reason": nearest.reason} if settings.direct else made


def _mean(verdicts: Sequence[Verdict]) -> float:
    return sum(verdict.rating for verdict in verdicts) / len(verdicts)


def rated(tests: Iterable[Row], predictions: Iterable[Row]) -> Iterator[Row]:
    """Yield the test row of each prediction, with its output."""
    by_id = {row["id"]: row for row in tests}
    for row in predictions:
        yield {**by_id[row["id"]], "output": row["output"]}


def main() -> None:
    """Write the ratings of one system, named on the command line."""
    args = stage.parser(__doc__, "system").parse_args()
    params = load(args.params)
    system = stage.known("system", args.system, params.systems)
    rows = rated(records.read(paths.split("test")), records.read(paths.predictions(system)))
    model = connect(params, "judge", params.judge.llm)
    total = records.count(paths.predictions(system))
    with Ledger("judge", system, params.judge.max_quarantined, total) as ledger:
        ratings = judge(rows, system, model, params.judge, ledger)
        records.write_shards(paths.ratings(system), ledger.checked(ratings), params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
