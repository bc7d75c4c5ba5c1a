"""Rate a system's summaries of the test rows from 1 to 5 (paper, sections 4 and 6).

in   data/predictions/tiny-r1  {"id": "botchat-000123", "channel": "botchat", "summary": "<ul>..."}
     data/split/test           {"id": "botchat-000123", "channel": "botchat", "text": "...",
                                "cleared": "9f86d081884c7d65...", ...}
out  data/ratings/tiny-r1      {"id": "botchat-000123", "channel": "botchat", "system": "tiny-r1",
                                "rating": 3, "codes": ["unn_content_redundant"], "reason": "..."}
"""

import sys
from collections.abc import Iterable, Iterator
from functools import partial

from arf import paths, prompts, records, taxonomy
from arf.errors import reported
from arf.ledger import Ledger
from arf.llm import Provider, Request, ask, connect
from arf.llm.replies import verdict, verdict_schema
from arf.params import load
from arf.records import Row


def judge_request(row: Row) -> Request:
    """Return the question to the judge; which system wrote the summary is not told."""
    variables = {"channel": row["channel"], "text": row["text"], "summary": row["summary"]}
    prompt = prompts.render(
        f"judge/{row['channel']}",
        codes=taxonomy.listed(row["channel"]),
        text=row["text"],
        summary=row["summary"],
    )
    return Request(
        id=row["id"],
        task="judge",
        variables=variables,
        messages=[{"role": "user", "content": prompt}],
        parse=partial(verdict, channel=row["channel"]),
        schema=verdict_schema(row["channel"]),
    )


def judge(rows: Iterable[Row], system: str, model: Provider, ledger: Ledger) -> Iterator[Row]:
    """Yield one rating for each row {id, channel, text, summary}, in order.

    A row without a usable verdict is quarantined with the reason.
    """
    for row, reply in ask(model, rows, judge_request, ledger):
        if reply.error:
            ledger.quarantine(row["id"], reply.error, reply.detail)
            continue
        found = verdict(reply.text, row["channel"])
        ledger.ok()
        yield {
            "id": row["id"],
            "channel": row["channel"],
            "system": system,
            "rating": found.rating,
            "codes": found.codes,
            "reason": found.reason,
        }


def rated(tests: Iterable[Row], predictions: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows to judge: the test row of each prediction, with its summary."""
    by_id = {row["id"]: row for row in tests}
    for row in predictions:
        yield {**by_id[row["id"]], "summary": row["summary"]}


def main() -> None:
    """Write the ratings of one system, named on the command line."""
    system = sys.argv[1]
    params = load()
    rows = rated(records.read(paths.split("test")), records.read(paths.predictions(system)))
    model = connect(params, "judge", params.judge.llm)
    total = records.count(paths.predictions(system))
    with Ledger("judge", system, params.judge.max_quarantined, total) as ledger:
        ratings = judge(rows, system, model, ledger)
        records.write_shards(paths.ratings(system), ratings, params.rows_per_shard)


if __name__ == "__main__":
    reported(main)
