"""predict: summaries of the test rows by one run, or by a student out of the box.

in   {"id": "botchat-000123", "channel": "botchat", "split": "test",
      "text": "Customer: my order 07-11223-45678 never came\\nBot: ..."}
out  {"id": "botchat-000123", "channel": "botchat",
      "summary": "<ul><li>my order 07-11223-45678 never came</li></ul>"}

The summary is the text as generated, be it a list or not: the judge sees what a user would.
"""

import argparse
import time
from collections.abc import Iterable, Iterator

from arf import paths, records
from arf.errors import ParamsError, reported
from arf.ledger import Ledger
from arf.llm import Provider, Request, ask
from arf.llm.transformers import Transformers
from arf.params import load
from arf.records import Row
from arf.student import messages


def request(row: Row) -> Request:
    """The question to the student, in the words of its training."""
    return Request(id=row["id"], task="summarize", variables={}, messages=messages(row))


def predict(rows: Iterable[Row], student: Provider, ledger: Ledger) -> Iterator[Row]:
    """Yield a prediction for each row; rows that do not fit are quarantined."""
    for row, reply in ask(student, rows, request):
        if reply is None or reply.error:
            ledger.quarantine(row["id"], reply.error if reply else "no_reply")
            continue
        ledger.ok()
        yield {"id": row["id"], "channel": row["channel"], "summary": reply.text}


def main() -> None:
    """Write data/predictions/<system> of the system that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", help="a run of params.yaml")
    parser.add_argument("--student", help="a student out of the box, without an adapter")
    named = parser.parse_args()
    params = load()
    system, known = (named.student, params.students) if named.student else (named.run, params.runs)
    if system not in known:
        raise ParamsError(f"{system!r} is not in params.yaml; known: {', '.join(known)}")
    student = params.students[system if named.student else params.runs[system].student]
    model = Transformers(student, None if named.student else paths.model(system))
    began = time.monotonic()
    with Ledger("predict", system, student.max_quarantined) as ledger:
        rows = records.read(paths.split("test"))
        records.write_shards(
            paths.predictions(system), predict(rows, model, ledger), params.rows_per_shard
        )
    spent = time.monotonic() - began
    print(f"{model.generated} tokens in {spent:.1f} s, {model.generated / spent:.0f} tokens/s")


if __name__ == "__main__":
    reported(main)
