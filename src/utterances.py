"""Generate the made-up customer messages of EvoKD's default and their hidden truth.

in   utterances: {train: 1280, dev: 160, test: 480}    and    seed: 7    (params.yaml)
out  data/utterances/intents/train   {"id": "intents-train-000123", "channel": "intents",
                                      "split": "train", "task": "classify",
                                      "labels": ["not_received", "refund_missing"],
                                      "input": "Where is my refund?", "gold": "refund_missing",
                                      "target": "refund_missing"}
     data/utterances/intents/dev, data/utterances/intents/test   the same
     data/utterances/mentions/...    {"id": "mentions-train-000123", ..., "task": "entities",
                                      "labels": ["order", "product"], "input": "Is #1234567 lost?",
                                      "gold": [{"start": 3, "end": 11, "type": "order"}],
                                      "target": "[{\"text\": \"#1234567\", \"type\": \"order\"}]"}
     data/utterances/truth.jsonl     {"id": "intents-train-000123", "intent": "refund_missing",
                                      "family": "refund_missing/0", "spans": []}

The rows of test are in phrasings and with names that no other row has.
"""

from pathlib import Path

from distill import records, stage
from distill.offline.utterances import CHANNELS, Made, rows
from distill.offline.utterances.settings import Utterances
from distill.params import reading
from distill.records import Row
from distill.validation import Count, Section

FOLDER = Path("data/utterances")
TRUTH = FOLDER / "truth.jsonl"


class Settings(Section):
    """What the stage reads of params.yaml."""

    seed: int
    rows_per_shard: Count | None = None
    utterances: Utterances


def utterances(seed: int, settings: Utterances) -> dict[tuple[str, str], list[Made]]:
    """Return the rows of each (channel, split) with their truth, by id."""
    return {
        (channel, split): list(rows(channel, split, count, seed))
        for channel in CHANNELS
        for split, count in settings.model_dump().items()
    }


def main() -> None:
    """Write data/utterances."""
    args = stage.parser(__doc__).parse_args()
    settings = reading.some(args.params, Settings)
    truth: list[Row] = []
    for (channel, split), made in utterances(settings.seed, settings.utterances).items():
        found = (one.row for one in made)
        records.write_shards(FOLDER / channel / split, found, settings.rows_per_shard)
        truth += [one.truth for one in made]
    records.write(TRUTH, truth)


if __name__ == "__main__":
    stage.main(main)
