"""Read one channel's raw interactions, replace what is personal: `src/anonymize.py botchat`.

in   {"id": "000123", "turns": [{"role": "customer", "text": "I am Ana Ruiz, ana@mail.es"}, ...]}
out  {"id": "botchat-000123", "channel": "botchat", "input": "Customer: I am Eva Cole, eva@...",
      "cleared": "9f86d081884c7d65..."}

The output is searched again with every detector; an interaction in which anything personal is
left that is not one of its own artificial values is quarantined. No mapping is written anywhere.
A row's id in which anything personal is found becomes a keyed digest of it.
`cleared` is the seal without which no other host is sent the text (distill/llm/endpoint/gate.py).
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

from distill import channels, params, paths, records, stage
from distill.channels.settings import Channel, Turns
from distill.channels.turns import CUSTOMER
from distill.ledger import Ledger
from distill.privacy.find.detect import Span, find_all
from distill.privacy.find.table import KEEP
from distill.privacy.find.vocabulary import Counted, Ordinary
from distill.privacy.ids import without_person
from distill.privacy.replace import left, replace
from distill.privacy.seal import key, seal
from distill.privacy.seen import Seen
from distill.privacy.settings import Anonymize
from distill.privacy.surrogates import Surrogates
from distill.records import Row

MANY = 5_000  # rows from which all cores are worth their start
Given, Made = TypeVar("Given"), TypeVar("Made")


class Known(NamedTuple):
    """What is known of the whole channel before its first row is changed."""

    secret: bytes
    seen: Seen | None = None  # every personal value
    ordinary: Ordinary | None = None  # in mode strict, the words that stay


def look(row: Row, model: str | None) -> list[Span] | None:
    """What is personal in a row, and what must stay; None where that takes too long to tell."""
    try:
        return find_all(row["input"], model)
    except TimeoutError:
        return None


def anonymize(
    pair: tuple[Row, list[Span] | None], policy: Anonymize, known: Known
) -> tuple[Row, str | None, Counter[str]]:
    """The row with artificial values, the reason to quarantine it if there is one, and counts."""
    row, spans = pair
    if spans is None:
        return row, "detection_timed_out", Counter()
    if known.ordinary:
        spans = sorted([*spans, *known.ordinary.strange(row["input"], spans)])
    personal = [span for span in spans if span.type != KEEP]
    own = Surrogates(known.secret, row["id"], known.seen)
    text, inserted = replace(row["input"], personal, own, policy.policy)
    types = sorted({span.type for span in left(text, inserted, policy.ner)})
    reason = f"personal_data_left:{'+'.join(types)}" if types else None
    return row | {"input": text}, reason, Counter(span.type for span in personal)


def in_parallel(work: Callable[[Given], Made], rows: Iterable[Given]) -> Iterator[Made]:
    """Yield the results in order, of many rows from all cores."""
    rows = iter(rows)
    yield from map(work, islice(rows, MANY))
    batch = list(islice(rows, MANY))
    if not batch:
        return
    # the work knows the whole channel's values: it goes to each process once, not with the rows
    with ProcessPoolExecutor(initializer=_begin, initargs=(work,)) as pool:
        while batch:
            yield from pool.map(_work, batch, chunksize=100)
            batch = list(islice(rows, MANY))


_works: list[Callable[[Any], Any]] = []  # of a process of the pool: the one it was started for


def _begin(work: Callable[[Any], Any]) -> None:
    _works.append(work)


def _work(row: Any) -> Any:
    return _works[-1](row)


def survey(
    rows: Iterable[Row], policy: Anonymize, others: Iterable[str], spans: IO[str]
) -> tuple[Seen, Ordinary | None]:
    """Look at every row once: all personal values, the ordinary words, and the spans' offsets."""
    seen, counted = Seen(), Counted()
    pairs = _with(partial(look, model=policy.ner), rows)
    for row, found in pairs:
        for span in found or ():
            if span.type != KEEP:
                seen.add(span.type, row["input"][span.start : span.end])
        if policy.mode == "strict":
            counted.add(row["input"], found or ())
        spans.write(json.dumps(found) + "\n")
    spans.seek(0)
    strict = policy.mode == "strict"
    return seen, Ordinary(counted.in_at_least(policy.min_documents), others) if strict else None


def _with(work: Callable[[Row], Made], rows: Iterable[Row]) -> Iterator[tuple[Row, Made]]:
    return in_parallel(partial(_pair, work), rows)


def _pair(work: Callable[[Row], Made], row: Row) -> tuple[Row, Made]:
    return row, work(row)


def cleared(name: str, settings: params.Params, ledger: Ledger) -> Iterator[Row]:
    """Yield a channel's cleared rows, sealed; the others go to the ledger."""
    source, channel = Path(settings.source), settings.channels[name]
    policy = settings.anonymize
    secret = key(policy, settings.on_sample)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spans:
        named = partial(without_person, secret=secret)
        raw = channels.read(source, name, channel, ledger, named)
        seen, ordinary = survey(raw, policy, _others(channel), spans)
        again = channels.read(source, name, channel, Ledger("anonymize", name), named)
        found = (_spans(line) for line in spans)
        work = partial(anonymize, policy=policy, known=Known(secret, seen, ordinary))
        missing = set() if isinstance(channel, Turns) else set(channel.fields)
        for row, reason, counts in in_parallel(work, zip(again, found, strict=True)):
            missing -= {line.partition(": ")[0] for line in row["input"].splitlines()}
            if reason:
                ledger.quarantine(row["id"], reason)
                continue
            ledger.ok()
            ledger.found.update(counts)
            yield row | {"cleared": seal(row, policy, secret)}
    for label in sorted(missing):
        print(
            f"anonymize {name}: no interaction has the field {label}; correct"
            f" channels.{name}.fields.{label} in params.yaml if it should be there",
            file=sys.stderr,
        )


def _spans(line: str) -> list[Span] | None:
    found = json.loads(line)
    return None if found is None else [Span(*span) for span in found]


def _others(channel: Channel) -> list[str]:
    """The labels of turns that are not the customer's own words."""
    roles = channel.roles.values() if isinstance(channel, Turns) else ()
    return [label for label in roles if label and label != CUSTOMER]


def main() -> None:
    """Read raw interactions, write the cleared ones in id order, and the ledger."""
    args = stage.parser(__doc__, "channel").parse_args()
    settings = params.load(args.params)
    name = stage.known("channel", args.channel, settings.channels)
    with Ledger("anonymize", name, settings.anonymize.max_quarantined) as ledger:
        rows = records.sorted_by_id(cleared(name, settings, ledger))
        records.write(paths.anonymized(name), rows)


if __name__ == "__main__":
    stage.main(main)
