"""Replace personal data in one channel's raw interactions: `python src/anonymize.py botchat`.

in   {"id": "000123", "turns": [{"role": "customer", "text": "I am Ana Ruiz, ana@mail.es"}, ...]}
out  {"id": "botchat-000123", "channel": "botchat", "input": "Customer: I am Eva Cole, eva@...",
      "cleared": "9f86d081884c7d65..."}

The first pass surveys the channel; the second replaces what was found, searches the result again,
by other means as well, and replaces what was missed. A row in which anything personal is left after
that is quarantined. No table of originals and surrogates
is written. An id that is personal becomes a keyed digest. `cleared` is the seal without which no
text is sent to an external host (distill/llm/endpoint/gate.py).
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from distill import channels, params, paths, provenance, records, stage
from distill.channels.settings import Channel, Turns
from distill.channels.speakers import CUSTOMER
from distill.engine import in_parallel
from distill.ledger import Ledger
from distill.params.arf import Params
from distill.privacy.ids import without_person
from distill.privacy.kinds import KEEP, DetectionError
from distill.privacy.replace import replace, second_look
from distill.privacy.seal import derived, key, seal
from distill.privacy.settings import Anonymize
from distill.privacy.surrogates import Surrogates
from distill.privacy.survey import Look, Survey, looks, survey
from distill.records import Row


class Outcome(NamedTuple):
    """An anonymized row or the reason to quarantine it, and its number of values of each type."""

    row: Row
    reason: str | None
    found: Counter[str]


def anonymize(
    looked_at: tuple[Row, Look], policy: Anonymize, known: Survey, secret: bytes
) -> Outcome:
    """The row with artificial values, unless something personal is left or cannot be excluded."""
    row, spans = looked_at
    if isinstance(spans, str):
        return Outcome(row, spans, Counter())
    if known.ordinary:
        spans = sorted([*spans, *known.ordinary.unusual(row["input"], spans)])
    personal = [span for span in spans if span.type != KEEP]
    stays = [row["input"][span.start : span.end] for span in spans if span.type == KEEP]
    own = Surrogates(secret, row["id"], known.seen)
    text, inserted = replace(row["input"], personal, own, policy.policy)
    try:
        missed = second_look(text, [*inserted, *stays], policy.added)
        text, more = replace(text, missed, own, policy.policy)
        left = second_look(text, [*inserted, *more, *stays], policy.added) if missed else []
    except DetectionError as error:
        return Outcome(row, error.reason, Counter())
    types = "+".join(sorted({span.type for span in left}))
    reason = f"personal_data_left:{types}" if left else None
    return Outcome(row | {"input": text}, reason, Counter(s.type for s in (*personal, *missed)))


def cleared(name: str, settings: Params, ledger: Ledger) -> Iterator[Row]:
    """Yield a channel's anonymized rows with their seals; the ledger gets the others.

    Raises InputError where the sample, whose key is public, holds rows that are not its own.
    """
    channel, policy = settings.channels[name], settings.anonymize
    if settings.on_sample:
        provenance.check(paths.SAMPLE / name)
    secret = key(policy, settings.on_sample)
    values = derived(secret, "values")

    def rows(counted: Ledger) -> Iterator[Row]:
        named = partial(without_person, secret=derived(secret, "ids"))
        return channels.read(Path(settings.source), name, channel, counted, named)

    missing = set() if isinstance(channel, Turns) else set(channel.fields)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        known = survey(rows(ledger), policy, _other_speakers(channel), file)
        again = zip(rows(Ledger("anonymize", name)), looks(file), strict=True)
        work = partial(anonymize, policy=policy, known=known, secret=values)
        for row, reason, found in in_parallel(work, again):
            missing -= {line.partition(": ")[0] for line in row["input"].splitlines()}
            if reason:
                ledger.quarantine(row["id"], reason)
                continue
            ledger.ok()
            ledger.found.update(found)
            yield row | {"cleared": seal(row, policy, secret)}
    _warn_of(missing, name)


def _other_speakers(channel: Channel) -> list[str]:
    """The labels of turns in which the customer does not speak."""
    roles = channel.roles.values() if isinstance(channel, Turns) else ()
    return [label for label in roles if label and label != CUSTOMER]


def _warn_of(missing: Iterable[str], name: str) -> None:
    for label in sorted(missing):
        print(
            f"anonymize {name}: no interaction has the field {label}; correct"
            f" channels.{name}.fields.{label} in params.yaml if it should be there",
            file=sys.stderr,
        )


def main() -> None:
    """Write the cleared rows in the order of their ids, and the ledger."""
    args = stage.parser(__doc__, "channel").parse_args()
    settings = params.load(args.params)
    name = stage.known("channel", args.channel, settings.channels)
    with Ledger("anonymize", name, settings.anonymize.max_quarantined) as ledger:
        rows = sorted(cleared(name, settings, ledger), key=itemgetter("id"))
        records.write(paths.anonymized(name), rows)


if __name__ == "__main__":
    stage.main(main)
