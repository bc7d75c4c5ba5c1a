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
from collections.abc import Iterable, Iterator
from functools import partial
from operator import itemgetter
from pathlib import Path

from distill import channels, params, paths, provenance, records, stage
from distill.channels.settings import Channel, Turns
from distill.channels.speakers import CUSTOMER
from distill.engine import in_parallel
from distill.ledger import Ledger
from distill.params.arf import Params
from distill.privacy.ids import without_person
from distill.privacy.rows import anonymize
from distill.privacy.seal import derived, key, seal
from distill.privacy.survey import looks, survey
from distill.records import Row


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
        for row, reason, found, _ in in_parallel(work, again):
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
