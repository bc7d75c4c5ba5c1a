"""The teachers' texts of a round, as the gate writes them, joined with the peers' scores.

{"id": "refund-000012", "teacher": "careful", "kind": "rationale", "sample": 0,
 "text": "40 - 4.50 = 35.50\\nAnswer: 35.50", "answer": "35.50", "matches": true, "reviewed": true,
 "scores": {"literal": 5, "hasty": null}}

A score is null where the reviewer gave no usable reply. Feedback has null for `answer` and
`matches`.
"""

from collections.abc import Iterable, Iterator, Sequence

from distill import paths, records
from distill.records import Row

Key = tuple[str, str, str, int]


def key(text: Row) -> Key:
    """Return what tells a text from all others of its round."""
    return text["id"], text["kind"], text["teacher"], text["sample"]


def joined(texts: Iterable[Row], reviews: Iterable[Row], teachers: Sequence[str]) -> Iterator[Row]:
    """Yield the texts of `teachers` with the scores that the others of them gave."""
    found = {(key(review), review["reviewer"]): review["score"] for review in reviews}
    for text in texts:
        if text["teacher"] not in teachers:
            continue
        peers = [name for name in teachers if name != text["teacher"]] if text["reviewed"] else []
        yield {**text, "scores": {name: found.get((key(text), name)) for name in peers}}


def of_round(name: str, teachers: Sequence[str]) -> list[Row]:
    """Return the texts of a round, with the scores among `teachers`."""
    reviews = (
        review for teacher in teachers for review in records.read(paths.reviewed(name, teacher))
    )
    return list(joined(records.read(paths.gated(name)), reviews, teachers))
