"""Read one channel's raw interactions, replace what is personal: `src/anonymize.py botchat`.

in   {"id": "000123", "turns": [{"role": "customer", "text": "I am Ana Ruiz, ana@mail.es"}, ...]}
out  {"id": "botchat-000123", "channel": "botchat", "text": "Customer: I am Eva Cole, eva@..."}

The output is searched again with every detector; an interaction in which anything personal is
left that is not one of its own artificial values is quarantined. No mapping is written anywhere.
"""

import argparse
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

from arf import channels, params, paths, records
from arf.errors import ParamsError, reported
from arf.ledger import Ledger
from arf.privacy.replace import left, replace
from arf.privacy.surrogates import SAMPLE_KEY
from arf.records import Row

MANY = 5_000  # rows from which all cores are worth their start


def anonymize(row: Row, secret: bytes) -> tuple[Row, str | None]:
    """The row with artificial values, and the reason to quarantine it, if there is one."""
    text, inserted = replace(row["text"], secret, row["id"])
    types = sorted({span.type for span in left(text, inserted)})
    return row | {"text": text}, f"personal_data_left:{'+'.join(types)}" if types else None


def key(settings: params.Params) -> bytes:
    """The secret of the surrogates; raises ParamsError where real data would go without one."""
    if settings.on_sample:
        return SAMPLE_KEY
    name = settings.anonymize.secret_env
    secret = os.environ.get(name, "")
    if not secret:
        raise ParamsError(
            f"anonymize.secret_env: the environment variable {name} is not set; set it to a long"
            " random text, and keep it: the same secret gives the same artificial values"
        )
    return secret.encode("utf-8")


def _results(rows: Iterable[Row], secret: bytes) -> Iterator[tuple[Row, str | None]]:
    rows = iter(rows)
    first = list(islice(rows, MANY))
    yield from (anonymize(row, secret) for row in first)
    with ProcessPoolExecutor() as pool:
        while batch := list(islice(rows, MANY)):
            yield from pool.map(partial(anonymize, secret=secret), batch, chunksize=100)


def main() -> None:
    """Read raw interactions, write the cleared ones in id order, and the ledger."""
    parser = argparse.ArgumentParser(description="Replace personal data in one channel.")
    parser.add_argument("channel")
    name = parser.parse_args().channel
    settings = params.load()
    if name not in settings.channels:
        raise ParamsError(f"unknown channel {name!r}; known: {', '.join(settings.channels)}")
    secret, cleared = key(settings), []
    with Ledger("anonymize", name, settings.anonymize.max_quarantined) as ledger:
        raw = channels.read(Path(settings.source), name, settings.channels[name], ledger)
        for row, reason in _results(raw, secret):
            if reason:
                ledger.quarantine(row["id"], reason)
            else:
                ledger.ok()
                cleared.append(row)
    records.write(paths.anonymized(name), sorted(cleared, key=lambda row: row["id"]))


if __name__ == "__main__":
    reported(main)
