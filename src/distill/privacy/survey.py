"""The first pass over a channel: what is personal in each row, and in the channel as a whole.

Each shard's rows are looked at wherever the engine likes. A part begins with a line on the shard
and goes on with one for each row, in which no text stands:

{"documents": 2, "values": [9437184021], "words": {"837261": 2}}
[[10, 18, "PERSON"], [20, 31, "EMAIL"]]
"detection_timed_out"

`values` are the digests of personal values, `words` those of words that may stay if enough rows
have them, with the number of rows; they are counted in mode strict alone.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from distill.privacy.digests import Array, Digests, digest, fingerprint, key_of, united
from distill.privacy.find.detect import Span, find_all
from distill.privacy.find.vocabulary import DocumentFrequency, Ordinary
from distill.privacy.kinds import KEEP, DetectionError
from distill.privacy.secret import Secret
from distill.privacy.seen import forms
from distill.privacy.settings import Added, Anonymize
from distill.records import Row

Look = list[Span] | str  # spans, those of type KEEP included, or the reason to quarantine the row


class Survey(NamedTuple):
    """What is known of a channel before its first row is changed."""

    seen: Callable[[str], bool]  # whether a text in lower case is a personal value
    ordinary: Ordinary | None  # in mode strict, the words that stay
    digest: str = ""  # of all that is known


def look(row: Row, added: Added) -> tuple[Row, Look]:
    """The row, with what is personal in it and what must stay."""
    try:
        return row, find_all(row["input"], added)
    except DetectionError as error:
        return row, error.reason


@dataclass(frozen=True)
class LookAt:
    """Looks at a shard of rows; returns its part."""

    policy: Anonymize
    secret: Secret

    def __call__(self, rows: list[Row]) -> bytes:
        """Return the part."""
        key, values, frequency, lines = key_of(self.secret), set(), DocumentFrequency(), []
        for row, found in (look(row, self.policy.added) for row in rows):
            spans = [] if isinstance(found, str) else found
            for span in spans:
                if span.type != KEEP:
                    values.update(forms(span.type, row["input"][span.start : span.end]))
            if self.policy.mode == "strict":
                frequency.add(row["input"], spans)
            lines.append(found)
        head = {
            "documents": frequency.documents,
            "values": sorted(digest(value, key) for value in values),
            "words": {digest(word, key): count for word, count in frequency.eligible()},
        }
        return "".join(json.dumps(line) + "\n" for line in (head, *lines)).encode("ascii")

    def made_from(self) -> Any:
        """Return what a part depends on beside the rows."""
        return [*self.policy.added, self.policy.mode, self.secret.check]


def surveyed(files: list[Path], policy: Anonymize, others: Iterable[str], secret: Secret) -> Survey:
    """Return what the parts of all shards say together.

    `others` are the labels of turns in which the customer does not speak.
    """
    seen = Digests(united(head["values"] for head in _heads(files)), secret)
    if policy.mode == "rules":
        return Survey(seen, None, fingerprint([seen]))
    words = Digests(_frequent(_heads(files), policy), secret)
    return Survey(seen, Ordinary(words, others), fingerprint([seen, words]))


def looks(file: Path) -> Iterator[Look]:
    """Yield what `LookAt` found in the rows of a shard, in order."""
    with file.open(encoding="ascii") as lines:
        next(lines)
        for line in lines:
            found = json.loads(line)
            yield found if isinstance(found, str) else [Span(*span) for span in found]


def _heads(files: list[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        with file.open(encoding="ascii") as lines:
            yield json.loads(next(lines))


def _frequent(heads: Iterable[dict[str, Any]], policy: Anonymize) -> Array:
    """Return the digests of the words in enough rows, sorted."""
    counts: Counter[str] = Counter()
    documents = 0
    for head in heads:
        counts.update(head["words"])
        documents += head["documents"]
    least = DocumentFrequency.least(policy.min_share, policy.min_documents, documents)
    return np.array(sorted(int(word) for word, n in counts.items() if n >= least), np.uint64)
