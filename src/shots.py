"""Draw the labelled rows that a chain of rounds starts from.

in   data/utterances/intents/train  {"id": "intents-train-000123", "channel": "intents",
                                     "task": "classify", "labels": ["refund_missing", ...],
                                     "input": "Where is my refund?", "gold": "refund_missing"}
out  data/dataset/shots             the same row with {"split": "train", "target": "refund_missing",
                                     "made": {"round": "shots", "kind": "shot"}}

`number` rows are drawn for each label; of entities, rows until each type occurs in as many. Rows
near to one of dev or test are left out. A few rows of dev go with them, for the loss.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from distill import paths, records, stage
from distill.errors import InputError
from distill.ledger import Ledger
from distill.near_duplicates import Known
from distill.params import evokd
from distill.params.evokd import Channel
from distill.records import Row
from distill.tasks import entities


def shots(rows: Iterable[Row], number: int | None, labels: list[str], seed: str) -> list[Row]:
    """Return the drawn rows in id order; all with `number` None.

    Raises InputError for a label that too few rows have.
    """
    pool = sorted(rows, key=lambda row: str(row["id"]))
    if number is None:
        return pool
    drawn: list[Row] = []
    have: Counter[str] = Counter()
    for row in Random(seed).sample(pool, len(pool)):
        own = kinds(row)
        if any(have[label] < number for label in own):
            drawn.append(row)
            have.update(own)
    if short := [label for label in labels if have[label] < number]:
        raise InputError(
            f"shots: {have[short[0]]} of {number} rows for {short[0]!r}; lower `number` in"
            " params.yaml, add labelled rows, or remove the label"
        )
    return sorted(drawn, key=lambda row: str(row["id"]))


def kinds(row: Row) -> set[str]:
    """Return the row's label, or the types of its entities."""
    gold = row["gold"]
    return {gold} if isinstance(gold, str) else {span["type"] for span in gold}


def target(row: Row) -> str:
    """Return the row's gold answer as a student writes it."""
    gold = row["gold"]
    return gold if isinstance(gold, str) else entities.reply(row["input"], gold)


def checked(rows: Iterable[Row], folder: Path, name: str, channel: Channel) -> Iterator[Row]:
    """Yield a channel's own rows; raises InputError for one that is not of its form."""
    told = {"task": channel.task, "labels": channel.labels}
    for row in rows:
        if missing := [key for key in ("id", "channel", "input", "gold") if key not in row]:
            raise InputError(f"{folder}: {row.get('id', 'a row')} has no {missing[0]!r}; add it")
        if wrong := [key for key, value in told.items() if row.get(key) != value]:
            raise InputError(
                f"{folder}: {row['id']}: its {wrong[0]!r} is not that of channels.{name} in"
                " params.yaml; write the same into every row"
            )
        yield row


def usable(rows: Iterable[Row], channel: Channel, held_out: Known, ledger: Ledger) -> Iterator[Row]:
    """Yield the rows that may be learnt; the others are quarantined."""
    for row in ledger.entered(rows):
        if unknown := kinds(row) - set(channel.labels):
            ledger.quarantine(row["id"], "unknown_label", json.dumps(sorted(unknown)))
        elif held_out.has(row["input"]):
            ledger.quarantine(row["id"], "near_duplicate")
        else:
            yield row


def made(row: Row, split: str, name: str, channel: Channel) -> Row:
    """Return a row of the version."""
    return {
        **row,
        "split": split,
        "task": channel.task,
        "labels": channel.labels,
        "target": target(row),
        "made": {"round": name, "kind": "shot"},
    }


def main() -> None:
    """Write the version that the command line names."""
    args = stage.parser(__doc__, "version").parse_args()
    settings = evokd.load(args.params)
    name = stage.known("version", args.version, settings.shots)
    asked = settings.shots[name]
    channel, seed = settings.channels[asked.channel], f"{settings.seed_of(name)}/shots"
    own = {
        split: list(checked(records.read(folder), folder, asked.channel, channel))
        for split in ("train", "dev", "test")
        if (folder := settings.rows(asked.channel, split))
    }
    least = settings.tag.near_duplicate
    near = Known((row["input"] for split in ("dev", "test") for row in own[split]), least)
    with Ledger("shots", name, 1.0, len(own["train"])) as ledger:
        found = list(usable(own["train"], channel, near, ledger))
        drawn = shots(found, asked.number, channel.labels, seed)
        ledger.ok(len(drawn))
        ledger.left_over(len(found) - len(drawn))
    tested = Known((row["input"] for row in own["test"]), least)
    free = [row for row in own["dev"] if not tested.has(row["input"])]
    dev = shots(free, asked.dev, channel.labels, seed)
    rows = [
        *(made(row, "dev", name, channel) for row in dev),
        *(made(row, "train", name, channel) for row in drawn),
    ]
    records.write_shards(paths.dataset(name), rows, settings.rows_per_shard)
    records.write_json(paths.spent(name), {"texts": 0, "tokens": 0})


if __name__ == "__main__":
    stage.main(main)
