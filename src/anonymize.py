"""Replace personal data in one channel's raw interactions: `python src/anonymize.py botchat`.

in   {"id": "000123", "turns": [{"role": "customer", "text": "I am Ana Ruiz, ana@mail.es"}, ...]}
out  {"id": "botchat-000123", "channel": "botchat", "input": "Customer: I am Eva Cole, eva@...",
      "cleared": "9f86d081884c7d65..."}

The first pass surveys the channel; the second replaces what was found, searches the result again,
by other means as well, and replaces what was missed. A row in which anything personal is left after
that is quarantined. No table of originals and surrogates is written. An id that is personal becomes
a keyed digest. `cleared` is the seal without which no text is sent to an external host
(distill/llm/endpoint/gate.py). Both passes go by shards, where `engine` in params.yaml says; the
channel is read once for each, so that no raw text is written anywhere.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from distill import channels, engine, params, paths, provenance, records, stage
from distill.channels.settings import Channel, Turns
from distill.channels.speakers import CUSTOMER
from distill.engine.parts import Parts
from distill.errors import InputError, RowError
from distill.ledger import Ledger
from distill.params.arf import Params
from distill.privacy import clearing
from distill.privacy.clearing import Clear
from distill.privacy.ids import without_person
from distill.privacy.secret import Secret
from distill.privacy.survey import Look, LookAt, looks, surveyed
from distill.records import Row
from distill.row_file import RowFile

FAILED = b'"detection_'  # how the reason of a DetectionError begins in a part


def cleared(name: str, settings: Params, ledger: Ledger) -> Iterator[Row]:
    """Yield a channel's anonymized rows with their seals by id; the ledger gets the others.

    Raises InputError where the sample, whose key is public, holds rows that are not its own, and
    the errors of the ledger, which leave finished parts for the next run.
    """
    channel = settings.channels[name]
    if settings.on_sample:
        provenance.check(paths.SAMPLE / name)
    missing = set() if isinstance(channel, Turns) else set(channel.fields)
    with engine.kept("anonymize", name, settings.engine) as parts:
        made = _parts(name, settings, ledger, parts, tuple(sorted(missing)))
        unsorted = parts.folder / "rows.jsonl"
        records.write(unsorted, clearing.cleared(made, ledger, missing))
        with RowFile(unsorted) as rows, _forgetting_failures(parts.folder):
            yield from ledger.checked(rows)
    _warn_of(missing, name)


@contextmanager
def _forgetting_failures(folder: Path) -> Iterator[None]:
    """Delete the parts in which a detection failed, where too many rows are quarantined.

    Their names do not tell how busy the machine was, or that a recognizer has been corrected since.
    """
    try:
        yield
    except RowError:
        for file in folder.glob("*.part"):
            if FAILED in file.read_bytes():
                file.unlink()
        raise


def _parts(
    name: str, settings: Params, ledger: Ledger, parts: Parts, fields: tuple[str, ...]
) -> list[Path]:
    """Return the parts of cleared rows: look at every row, survey the channel, clear every row."""
    channel, policy = settings.channels[name], settings.anonymize
    secret = Secret(policy, settings.on_sample)

    def shards(counted: Ledger) -> Iterator[list[Row]]:
        named = partial(without_person, secret=secret.derived("ids"))
        rows = channels.read(Path(settings.source), name, channel, counted, named)
        return engine.shards(rows, settings.engine.rows)

    look = LookAt(policy, secret)
    found = parts.make(look, shards(ledger))
    clear = Clear(policy, surveyed(found, policy, _other_speakers(channel), secret), secret, fields)
    again = shards(Ledger("anonymize", name))
    return parts.make(clear, (_with_looks(shard, parts.file(look, shard)) for shard in again))


def _with_looks(rows: list[Row], file: Path) -> list[tuple[Row, Look]]:
    """Return the rows of a shard, each with what was found in it."""
    if not file.exists():
        raise InputError(
            f"the raw interactions {rows[0]['id']} to {rows[-1]['id']} are others than when the"
            " stage began; run it again, and change no file meanwhile"
        )
    return list(zip(rows, looks(file), strict=True))


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
        records.write(paths.anonymized(name), cleared(name, settings, ledger))


if __name__ == "__main__":
    stage.main(main)
