"""The first pass over a channel: what is personal in each row, and in the channel as a whole.

Spans are written to a file, one row a line, so that memory does not grow with the rows' texts; the
second pass reads them back.
"""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import IO, NamedTuple

from distill.engine import in_parallel
from distill.privacy.find.detect import Span, find_all
from distill.privacy.find.vocabulary import DocumentFrequency, Ordinary
from distill.privacy.kinds import KEEP, DetectionError
from distill.privacy.seen import Seen
from distill.privacy.settings import Added, Anonymize
from distill.records import Row

Look = list[Span] | str  # spans, those of type KEEP included, or the reason to quarantine the row


class Survey(NamedTuple):
    """What is known of a channel before its first row is changed."""

    seen: Seen  # every personal value
    ordinary: Ordinary | None  # in mode strict, the words that stay


def look(row: Row, added: Added) -> tuple[Row, Look]:
    """The row, with what is personal in it and what must stay."""
    try:
        return row, find_all(row["input"], added)
    except DetectionError as error:
        return row, error.reason


def survey(rows: Iterable[Row], policy: Anonymize, others: Iterable[str], file: IO[str]) -> Survey:
    """Look at every row and write its spans to the file, which is rewound.

    `others` are the labels of turns in which the customer does not speak.
    """
    seen, frequency = Seen(), DocumentFrequency()
    for row, found in in_parallel(partial(look, added=policy.added), rows):
        spans = [] if isinstance(found, str) else found
        for span in spans:
            if span.type != KEEP:
                seen.add(span.type, row["input"][span.start : span.end])
        if policy.mode == "strict":
            frequency.add(row["input"], spans)
        file.write(json.dumps(found) + "\n")
    file.seek(0)
    if policy.mode == "rules":
        return Survey(seen, None)
    return Survey(
        seen, Ordinary(frequency.frequent(policy.min_share, policy.min_documents), others)
    )


def looks(file: Iterable[str]) -> Iterator[Look]:
    """Yield what `survey` wrote, in order."""
    for line in file:
        found = json.loads(line)
        yield found if isinstance(found, str) else [Span(*span) for span in found]
